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
	Supply   *tariffs.Supply
	Tariff   *tariffs.Tariff
	Spans    []settlement.Span    // one bill each: whole local days; the tariff must hold from the first to the last
	View     revisions.Reconciler // which runs speak; the zero value is the latest
	Meter    Source               // lines of series.Meter; other meters' readings are passed over
	Market   Source               // lines of series.Market; nil when the tariff states the loss factors
	Contract Source               // lines of series.Contract; nil when nothing is agreed by half-hour
	Calendar settlement.Timetable // when the runs still to come are due; the zero value is settlement.GB
	Log      *slog.Logger         // nil for none
}

// Result is what a Job comes to.
type Result struct {
	Bills  []*tariffs.Bill   // one for each span, in order
	Meter  *revisions.Report // which run supplied what, from the first span's start to the last one's end
	Market *revisions.Report
	Tally  series.Tally // of the meter's readings

	notes []tariffs.Condition // for each span, what choosing the runs brought up
}

// Run bills a meter: it collects the readings, lets the view decide which run
// speaks, adjusts for losses, charges every half-hour and makes the bills. The
// readings of related MPANs are collected from the same source and added. A
// bill at or below the de-minimis quantity is made from the schedule for it.
//
// Run is a function of the job alone, keeps nothing and changes nothing of it;
// jobs may share a supply and a tariff. Each run compiles the tariff: a program
// that bills many meters of one class shares a tariffs.Schedule and its own
// frames.
//
// A job without supply, tariff or meter source is a mistake in the program and
// panics. Errors are located (series.Error, tariffs.Error, settlement.Error; use
// errors.As) and all or nothing: where a half-hour of a span is missing there
// is no bill of any span. It stops with ctx's error when ctx is done.
func Run(ctx context.Context, job Job) (*Result, error) {
	b, err := job.prepare(ctx)
	if err != nil {
		return nil, err
	}
	for i, span := range job.Spans {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		_, bill, err := b.bill(job.View, i, span)
		if err != nil {
			return nil, err
		}
		bill.Outlook = b.res.Meter.Outlook(series.Meter().Def(job.active()).Source, span, job.calendar())
		b.res.Bills = append(b.res.Bills, bill)
	}
	return b.res, nil
}

// bill makes the bill of span number i, and gives the charges it is made from.
func (b *billing) bill(by revisions.Reconciler, i int, span settlement.Span) (*charged, *tariffs.Bill, error) {
	c, err := b.charged(span)
	if err != nil {
		return nil, nil, err
	}
	view := tariffs.View{Name: by.View(), Notes: b.res.notes[i]}
	view.Run, view.OfRun = by.Limit()
	bill, err := c.schedule.Bill(b.supply, span, view, b.volumes, c.charges, b.in)
	if err != nil {
		return nil, nil, err
	}
	b.log.Info("bill made", "from", bill.From.String(), "to", bill.To.String(), "gross", bill.Gross.StringFixed(2), "conditions", bill.Conditions.String())
	return c, bill, nil
}

// billing is a job whose data is in columns.
type billing struct {
	supply  *tariffs.Supply
	log     *slog.Logger
	in      tariffs.Inputs
	volumes *series.Frame
	usual   charged // the schedule of the tariff, and its charges once they are made
	small   charged // the same for a bill at or below the de-minimis quantity
	res     *Result
}

// charged is a schedule and the charges it makes.
type charged struct {
	schedule *tariffs.Schedule
	charges  *series.Frame
}

// prepare brings a job up to its volumes.
func (j *Job) prepare(ctx context.Context) (*billing, error) {
	b := &billing{log: j.Log, res: &Result{}}
	if b.log == nil {
		b.log = slog.New(slog.DiscardHandler)
	}
	whole, err := j.whole()
	if err != nil {
		return nil, err
	}
	b.supply = j.Supply
	if b.usual.schedule, err = j.Tariff.Compile(whole, j.Supply); err != nil {
		return nil, err
	}
	if b.in.Meter, err = j.meters(ctx, whole, b.res); err != nil {
		return nil, err
	}
	b.log.Info("readings collected", "mpan", j.Supply.MPAN.String(), "kept", b.res.Tally.Kept, "outside", b.res.Tally.Outside, "others", b.res.Tally.Others)
	if b.in.Market, b.res.Market, err = j.lines(ctx, j.Market, series.Market(), whole); err != nil {
		return nil, err
	}
	if j.Contract != nil {
		if b.in.Contract, _, err = j.lines(ctx, j.Contract, series.Contract(), whole); err != nil {
			return nil, err
		}
	}
	for i, span := range j.Spans {
		if b.res.Market.PassedOver(span) {
			b.res.notes[i] |= tariffs.IncompleteRun
		}
		b.res.notes[i] |= j.lacking(b.in.Market, span)
	}
	b.usual.schedule.Losses(b.in.Market)
	b.volumes = series.NewFrame(nil, tariffs.Volumes(), whole)
	return b, b.usual.schedule.Adjust(b.volumes, b.in)
}

// charged gives the charges that a bill of span is made from.
func (b *billing) charged(span settlement.Span) (*charged, error) {
	c := &b.usual
	if b.usual.schedule.IsSmall(b.volumes, span) {
		c = &b.small
	}
	if c.charges != nil {
		return c, nil
	}
	if c.schedule == nil {
		var err error
		if c.schedule, err = b.usual.schedule.Small(); err != nil {
			return nil, err
		}
	}
	charges := series.NewFrame(nil, c.schedule.Schema(), b.volumes.Span())
	if err := c.schedule.Charge(charges, b.volumes, b.in, b.supply); err != nil {
		return nil, err
	}
	c.charges = charges
	return c, nil
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

// meters collects and reconciles the readings of the meter, adds those of
// related ones, and refuses spans that the active energy does not cover.
func (j *Job) meters(ctx context.Context, whole settlement.Span, res *Result) (*series.Frame, error) {
	res.notes = make([]tariffs.Condition, len(j.Spans))
	var all *series.Frame
	for _, mpan := range append([]settlement.MPAN{j.Supply.MPAN}, j.Supply.Related...) {
		frame, report, tally, err := j.meter(ctx, whole, mpan)
		if err != nil {
			return nil, err
		}
		for i, span := range j.Spans {
			if report.PassedOver(span) {
				res.notes[i] |= tariffs.IncompleteRun
			}
		}
		if all == nil {
			all, res.Meter, res.Tally = frame, report, tally
			continue
		}
		if err := tariffs.Combine(all, frame); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// calendar is the timetable of the runs still to come.
func (j *Job) calendar() settlement.Timetable {
	if j.Calendar.Runs(j.Spans[0].From()) == nil {
		return settlement.GB()
	}
	return j.Calendar
}

// active is the line of the meter that the supply is charged on.
func (j *Job) active() series.Line {
	if j.Supply.Export {
		return series.AE
	}
	return series.AI
}

func (j *Job) meter(ctx context.Context, whole settlement.Span, mpan settlement.MPAN) (*series.Frame, *revisions.Report, series.Tally, error) {
	cube := series.NewCube(nil, series.Meter(), ranked(), whole)
	var seen settlement.Span // what the source holds of the meter
	tally, err := series.Collect(cube, mpan, watch(ctx, j.Meter, func(r *series.Reading) {
		if r.MPAN != mpan || r.Line != j.active() {
			return
		}
		if seen.Empty() {
			seen = settlement.Span{Lo: r.Period, Hi: r.Period + 1}
		}
		seen.Lo, seen.Hi = min(seen.Lo, r.Period), max(seen.Hi, r.Period+1)
	}))
	if err != nil {
		return nil, nil, tally, err
	}
	frame, report := j.View.Reconcile(cube)
	return frame, report, tally, j.covered(frame, whole, seen, mpan, tally)
}

// covered refuses a span in which a half-hour has no active energy.
func (j *Job) covered(frame *series.Frame, whole, seen settlement.Span, mpan settlement.MPAN, tally series.Tally) error {
	what := "active import"
	if j.Supply.Export {
		what = "active export"
	}
	for _, span := range j.Spans {
		lo, hi := whole.Index(span.Lo), whole.Index(span.Hi)
		active := frame.Line(j.active())
		missing := span.Len() - active.CountValid(lo, hi)
		if missing == 0 {
			continue
		}
		first := whole.Lo + settlement.Period(active.NextInvalid(lo, hi))
		fix := fmt.Sprintf("%d of %d half-hours of MPAN %s have no %s in the view %q, this one first; ", missing, span.Len(), mpan, what, j.View.View())
		switch {
		case seen.Empty():
			fix += fmt.Sprintf("the source holds no %s of MPAN %s (%d readings are of other meters, %d of other lines of this one): is it the right file?", what, mpan, tally.Others, tally.Kept+tally.Outside)
		case !seen.Covers(span):
			fix += fmt.Sprintf("the source holds %s to %s: bill days inside that, or add the missing files", seen.Lo, seen.Hi-1)
		default:
			fix += "the source has gaps, or holds these days only in runs the view does not admit: choose another view, or ask the data collector for the missing days"
		}
		return &tariffs.Error{Value: first.String(), Want: fix, Err: tariffs.ErrMissing}
	}
	return nil
}

// lacking says whether market data was given and does not hold every loss
// factor of a span.
func (j *Job) lacking(market *series.Frame, span settlement.Span) tariffs.Condition {
	if j.Market == nil {
		return 0
	}
	lo, hi := market.Span().Index(span.Lo), market.Span().Index(span.Hi)
	for _, l := range []series.Line{series.LLF, series.TLM} {
		if market.Line(l).CountValid(lo, hi) < hi-lo {
			return tariffs.TariffLosses
		}
	}
	return 0
}

// lines collects and reconciles lines that belong to no meter; without a
// source the frame is empty.
func (j *Job) lines(ctx context.Context, from Source, schema *series.Schema, whole settlement.Span) (*series.Frame, *revisions.Report, error) {
	cube := series.NewCube(nil, schema, ranked(), whole)
	if from != nil {
		if _, err := series.Collect(cube, settlement.MPAN{}, watch(ctx, from, func(*series.Reading) {})); err != nil {
			return nil, nil, err
		}
	}
	frame, report := j.View.Reconcile(cube)
	return frame, report, nil
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
