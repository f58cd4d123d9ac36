package halfhour

import (
	"context"
	"errors"
	"slices"

	"github.com/halfhour/halfhour/revisions"
	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
)

// parts is a job's data, read once, in the groups of spans that are charged
// together.
type parts struct {
	whole  *gathered
	groups []group
	cash   placed
}

// group are spans that one schedule holds for.
type group struct {
	spans    []int // by number
	schedule *tariffs.Schedule
	data     *gathered
}

// parts reads a job's data and divides it where its spans cannot be charged
// together: where they do not touch, and where what may not change inside a
// bill changes between two.
func (j Job) parts(ctx context.Context) (*parts, error) {
	p, err := j.divide()
	if err != nil {
		return nil, err
	}
	d, err := j.gather(ctx, extent(j.Spans))
	if err != nil {
		return nil, err
	}
	p.hold(d)
	return p, nil
}

// divide checks a job and divides its spans, before any data is read.
func (j *Job) divide() (*parts, error) {
	if j.Tariff == nil {
		panic(panicJob)
	}
	_, err := j.whole()
	if err != nil {
		return nil, err
	}
	p := &parts{}
	if p.cash, err = j.place(); err != nil {
		return nil, err
	}
	for _, spans := range j.touching() {
		groups, err := j.compiled(spans)
		if err != nil {
			return nil, err
		}
		p.groups = append(p.groups, groups...)
	}
	return p, nil
}

// hold gives every group its data, of that of the whole.
func (p *parts) hold(whole *gathered) {
	p.whole = whole
	for i := range p.groups {
		g := &p.groups[i]
		if len(p.groups) == 1 {
			p.whole.schedule, g.data = g.schedule, p.whole
			break
		}
		g.data = p.whole.part(whole.job.numbered(g.spans), g.schedule)
	}
}

// touching are the job's spans, by number, in groups that touch or overlap: days
// that are not billed keep bills apart.
func (j *Job) touching() [][]int {
	order := make([]int, len(j.Spans))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return int(j.Spans[a].Lo) - int(j.Spans[b].Lo) })
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
	for _, group := range out {
		slices.Sort(group) // bills are in the order they were asked for
	}
	return out
}

// compiled gives spans their schedule: one for all, or one for each.
func (j *Job) compiled(spans []int) ([]group, error) {
	schedule, err := j.Tariff.Compile(extent(j.numbered(spans)), j.Supply)
	switch {
	case err == nil:
		return []group{{spans: spans, schedule: schedule}}, nil
	case len(spans) == 1 || !differs(err):
		return nil, err
	}
	var out []group
	for i := range spans {
		alone, err := j.compiled(spans[i : i+1])
		if err != nil {
			return nil, err
		}
		out = append(out, alone...)
	}
	return out, nil
}

// numbered are spans of the job.
func (j *Job) numbered(spans []int) []settlement.Span {
	out := make([]settlement.Span, len(spans))
	for k, i := range spans {
		out[k] = j.Spans[i]
	}
	return out
}

// differs reports whether an error may be one of spans that cannot share a
// schedule: what may not change inside a bill changes between two.
func differs(err error) bool {
	return errors.Is(err, tariffs.ErrTariff) || errors.Is(err, tariffs.ErrSupply) || errors.Is(err, tariffs.ErrPrice)
}

// bills makes the bill of every span as one view has it.
func (p *parts) bills(ctx context.Context, by revisions.Reconciler) (*Result, error) {
	res, err := p.made(ctx, by)
	if err != nil {
		return nil, err
	}
	res.Conflicts, res.Anomalies = p.whole.odds(by)
	res.Later = p.whole.later
	return res, nil
}

// made are the bills alone.
func (p *parts) made(ctx context.Context, by revisions.Reconciler) (*Result, error) {
	if len(p.groups) == 1 {
		return p.whole.bills(ctx, by, p.cash)
	}
	b := &billing{job: p.whole.job, res: &Result{Tally: p.whole.meters[0].tally, Bills: make([]*tariffs.Bill, len(p.whole.job.Spans)), Outside: p.cash.outside}}
	for _, g := range p.groups {
		var cash placed
		for _, i := range g.spans {
			cash.on = append(cash.on, p.cash.on[i])
		}
		res, err := g.data.bills(ctx, by, cash)
		if err != nil {
			return nil, err
		}
		for k, i := range g.spans {
			b.res.Bills[i] = res.Bills[k]
		}
		b.res.Unknown = append(b.res.Unknown, res.Unknown...)
	}
	return b.res, p.whole.reconcile(b, by) // the reports are on the whole
}
