package halfhour

import (
	"context"
	"errors"
	"slices"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
)

// groups are the job's spans, by number, that touch or overlap: days that are
// not billed keep bills apart.
func (j *Job) groups() [][]int {
	order := make([]int, len(j.Spans))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return int(j.Spans[a].Lo) - int(j.Spans[b].Lo) })
	var out [][]int
	var end settlement.Period
	for k, i := range order {
		if k == 0 || j.Spans[i].Lo > end {
			out = append(out, nil)
			end = j.Spans[i].Hi
		}
		end = max(end, j.Spans[i].Hi)
		out[len(out)-1] = append(out[len(out)-1], i)
	}
	return out
}

// singles are the job's spans, each by itself.
func (j *Job) singles() [][]int {
	out := make([][]int, len(j.Spans))
	for i := range out {
		out[i] = []int{i}
	}
	return out
}

// differs reports whether an error may be one of spans that cannot share a
// schedule: what may not change inside a bill changes between two.
func differs(err error) bool {
	return errors.Is(err, tariffs.ErrTariff) || errors.Is(err, tariffs.ErrSupply) || errors.Is(err, tariffs.ErrPrice)
}

// apart makes the bills of groups of spans, each group as a job of its own.
func (j *Job) apart(ctx context.Context, groups [][]int, cash placed) (*Result, error) {
	whole, err := j.whole()
	if err != nil {
		return nil, err
	}
	bills := make([]*tariffs.Bill, len(j.Spans))
	var later []series.Determination
	for _, group := range groups {
		of := *j
		of.Spans, of.Determinations = nil, nil
		for _, i := range group {
			of.Spans = append(of.Spans, j.Spans[i])
			of.Determinations = append(of.Determinations, cash.on[i]...)
		}
		res, err := Run(ctx, of)
		if err != nil {
			return nil, err
		}
		for k, i := range group {
			bills[i] = res.Bills[k]
		}
		later = append(later, res.Unknown...)
	}
	d, err := j.gather(ctx, whole) // the reports are on the whole
	if err != nil {
		return nil, err
	}
	b := &billing{res: &Result{Tally: d.meters[0].tally, Bills: bills, Outside: cash.outside, Unknown: later}}
	return b.res, d.reconcile(b, j.View)
}
