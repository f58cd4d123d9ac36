// Package halfhour is the half-hourly energy analytics and billing engine for
// electricity suppliers. Run is its one entry: readings in, bills out.
//
//	files ──► series.Cube ──► revisions ──► series.Frame ──► tariffs ──► Bill
//	          run×line×period               line×period                  line
//
// Each stage removes one dimension, and each folder is one stage. The packages
// below are open to a program that wants a stage of its own; Run puts them in
// order for one meter.
package halfhour

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/halfhour/halfhour/revisions"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
)

// Source is where readings come from: a reader of series/dtc or series/hhcsv,
// several joined by series.Join, or a program's own.
type Source = series.Readings

// Job is one meter to bill.
type Job struct {
	Supply *tariffs.Supply
	Tariff *tariffs.Tariff
	Spans  []settlement.Span    // one bill each: whole local days; the tariff must hold from the first to the last
	View   revisions.Reconciler // which runs speak; the zero value is the latest
	Meter  Source               // lines of series.Meter; other meters' readings are passed over
	Market Source               // lines of series.Market; nil when the tariff states the loss factors
	Log    *slog.Logger         // nil for none
}

// Result is what a Job comes to.
type Result struct {
	Bills  []*tariffs.Bill   // one for each span, in order
	Meter  *revisions.Report // which run supplied what, from the first span's start to the last one's end
	Market *revisions.Report
	Tally  series.Tally // of the meter's readings
}

// Run bills a meter: it collects the readings, lets the view decide which run
// speaks, adjusts for losses, charges every half-hour and makes the bills. It
// is a function of the job alone, keeps nothing and changes nothing of it; jobs
// may share a supply and a tariff. Each run compiles the tariff: a program that
// bills many meters of one class shares a tariffs.Schedule and its own frames.
//
// A job without supply, tariff or meter source is a mistake in the program and
// panics. Errors are located (series.Error, tariffs.Error, settlement.Error; use
// errors.As) and all or nothing: where a half-hour of a span is missing there
// is no bill of any span. It stops with ctx's error when ctx is done.
func Run(ctx context.Context, job Job) (*Result, error) {
	log := job.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	whole, err := job.whole()
	if err != nil {
		return nil, err
	}
	schedule, err := job.Tariff.Compile(whole, job.Supply)
	if err != nil {
		return nil, err
	}
	res := &Result{}
	meter, err := job.meter(ctx, whole, res)
	if err != nil {
		return nil, err
	}
	log.Info("readings collected", "mpan", job.Supply.MPAN.String(), "kept", res.Tally.Kept, "outside", res.Tally.Outside, "others", res.Tally.Others)
	market, err := job.market(ctx, whole, res)
	if err != nil {
		return nil, err
	}
	lacking := job.lacking(market)
	schedule.Losses(market)

	volumes := series.NewFrame(nil, tariffs.Volumes(), whole)
	if err := tariffs.Adjust(volumes, meter, market); err != nil {
		return nil, err
	}
	charges := series.NewFrame(nil, schedule.Schema(), whole)
	if err := schedule.Charge(charges, volumes, job.Supply); err != nil {
		return nil, err
	}
	view := tariffs.View{Name: job.View.View()}
	view.Run, view.OfRun = job.View.Limit()
	for i, span := range job.Spans {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		view.Notes = lacking[i]
		if res.Meter.PassedOver(span) || res.Market.PassedOver(span) {
			view.Notes |= tariffs.IncompleteRun
		}
		bill, err := schedule.Bill(job.Supply, span, view, volumes, charges, meter, market)
		if err != nil {
			return nil, err
		}
		log.Info("bill made", "from", bill.From.String(), "to", bill.To.String(), "gross", bill.Gross.StringFixed(2), "conditions", bill.Conditions.String())
		res.Bills = append(res.Bills, bill)
	}
	return res, nil
}

// whole checks the job and gives the span from its first bill to its last.
func (j *Job) whole() (settlement.Span, error) {
	if j.Supply == nil || j.Tariff == nil || j.Meter == nil {
		panic("halfhour: a job needs a supply, a tariff and a meter source")
	}
	supply := *j.Supply // Validate writes to it, and the caller may share it
	j.Supply = &supply
	if err := supply.Validate(); err != nil {
		return settlement.Span{}, err
	}
	if len(j.Spans) == 0 {
		return settlement.Span{}, &tariffs.Error{Want: "give at least one span to bill", Err: tariffs.ErrSpan}
	}
	whole := j.Spans[0]
	for _, s := range j.Spans {
		if s.Empty() || !s.WholeDays() {
			return settlement.Span{}, &tariffs.Error{Value: s.String(), Want: "bill whole local days, at least one", Err: tariffs.ErrSpan}
		}
		whole.Lo, whole.Hi = min(whole.Lo, s.Lo), max(whole.Hi, s.Hi)
	}
	if whole.Len() > series.MaxPeriods {
		return settlement.Span{}, &tariffs.Error{Value: whole.String(), Want: "bill at most twenty years at once", Err: tariffs.ErrSpan}
	}
	return whole, nil
}

// ranked are the runs a cube may hold.
func ranked() []settlement.Run {
	var runs []settlement.Run
	for r := range settlement.Run(settlement.NumRanked) {
		runs = append(runs, r)
	}
	return runs
}

// meter collects and reconciles the meter's readings, and refuses spans the
// active import does not cover.
func (j *Job) meter(ctx context.Context, whole settlement.Span, res *Result) (*series.Frame, error) {
	cube := series.NewCube(nil, series.Meter(), ranked(), whole)
	var seen settlement.Span // what the source holds of the meter
	tally, err := series.Collect(cube, j.Supply.MPAN, watch(ctx, j.Meter, func(r *series.Reading) {
		if r.MPAN != j.Supply.MPAN || r.Line != series.AI {
			return
		}
		if seen.Empty() {
			seen = settlement.Span{Lo: r.Period, Hi: r.Period + 1}
		}
		seen.Lo, seen.Hi = min(seen.Lo, r.Period), max(seen.Hi, r.Period+1)
	}))
	if err != nil {
		return nil, err
	}
	frame, report := j.View.Reconcile(cube)
	res.Meter, res.Tally = report, tally
	return frame, j.covered(frame, whole, seen, tally)
}

// covered refuses a span in which a half-hour has no active import.
func (j *Job) covered(frame *series.Frame, whole, seen settlement.Span, tally series.Tally) error {
	for _, span := range j.Spans {
		lo, hi := whole.Index(span.Lo), whole.Index(span.Hi)
		ai := frame.Line(series.AI)
		missing := span.Len() - ai.CountValid(lo, hi)
		if missing == 0 {
			continue
		}
		first := whole.Lo + settlement.Period(ai.NextInvalid(lo, hi))
		fix := fmt.Sprintf("%d of %d half-hours of MPAN %s have no active import in the view %q, this one first; ", missing, span.Len(), j.Supply.MPAN, j.View.View())
		switch {
		case seen.Empty():
			fix += fmt.Sprintf("the source holds no active import of MPAN %s (%d readings are of other meters, %d of other lines of this one): is it the right file?", j.Supply.MPAN, tally.Others, tally.Kept+tally.Outside)
		case !seen.Covers(span):
			fix += fmt.Sprintf("the source holds %s to %s: bill days inside that, or add the missing files", seen.Lo, seen.Hi-1)
		default:
			fix += "the source has gaps, or holds these days only in runs the view does not admit: choose another view, or ask the data collector for the missing days"
		}
		return &tariffs.Error{Value: first.String(), Want: fix, Err: tariffs.ErrMissing}
	}
	return nil
}

// lacking says for each span whether market data was given and does not hold
// every loss factor.
func (j *Job) lacking(market *series.Frame) []tariffs.Condition {
	out := make([]tariffs.Condition, len(j.Spans))
	if j.Market == nil {
		return out
	}
	for i, span := range j.Spans {
		lo, hi := market.Span().Index(span.Lo), market.Span().Index(span.Hi)
		for _, l := range []series.Line{series.LLF, series.TLM} {
			if market.Line(l).CountValid(lo, hi) < hi-lo {
				out[i] = tariffs.TariffLosses
			}
		}
	}
	return out
}

// market collects and reconciles the market's lines; without a source the
// frame is empty.
func (j *Job) market(ctx context.Context, whole settlement.Span, res *Result) (*series.Frame, error) {
	cube := series.NewCube(nil, series.Market(), ranked(), whole)
	if j.Market != nil {
		if _, err := series.Collect(cube, settlement.MPAN{}, watch(ctx, j.Market, func(*series.Reading) {})); err != nil {
			return nil, err
		}
	}
	frame, report := j.View.Reconcile(cube)
	res.Market = report
	return frame, nil
}

// watch shows every reading to see and stops when ctx is done.
func watch(ctx context.Context, from Source, see func(*series.Reading)) Source {
	return func(yield func(series.Reading, error) bool) {
		for r, err := range from {
			if ctx.Err() != nil {
				yield(series.Reading{}, ctx.Err())
				return
			}
			if err == nil {
				see(&r)
			}
			if !yield(r, err) {
				return
			}
		}
	}
}
