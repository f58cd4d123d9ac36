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
	"errors"
	"log/slog"
	"time"

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
	Meter    Source               // lines of series.Meter; other meters' readings are passed over; or give Deliveries
	Market   Source               // lines of series.Market; nil when the tariff states the loss factors
	Contract Source               // lines of series.Contract; nil when nothing is agreed by half-hour
	Calendar settlement.Timetable // when the runs still to come are due; one without regimes has those of settlement.GB
	Log      *slog.Logger         // nil for none

	// Deliveries are the meter data with the instants they were received, in any
	// order, instead of Meter: what each run saw of data that names no run follows
	// from when it came (revisions.Journal). KnownAt is the instant of which it is
	// asked: what was received later is not known and not read, and a run has
	// closed whose data cut-off has come by then. The zero KnownAt knows everything
	// and takes every run as closed. Cutoff is nil for revisions.TimetableCutoff of
	// the calendar.
	//
	// MarketDeliveries and ContractDeliveries are the same of the market and the
	// contract, instead of Market and Contract: whole days, each for the run it
	// states. Where a job of deliveries gives Market or Contract, a bill asked of
	// an instant cannot tell what of them came later, and says so, unless the
	// instant is not before AtHand: when they were at hand, if that is known.
	Deliveries         []Delivery
	MarketDeliveries   []Delivery
	ContractDeliveries []Delivery
	AtHand             time.Time
	KnownAt            time.Time
	Cutoff             revisions.Cutoff

	// Determinations are money moved outside any run, in any order. Each stands on
	// the bill that holds all its days, and in views that know of it: of AsOf by
	// the end of the day, of At by its instant, and not later than a KnownAt, which
	// of a job that gives Meter bounds nothing else.
	//
	// The bills of Run, Rebill, Accrue, Compare and Steps have them; what Compare and
	// Steps take apart is net, without them. Reconcile says how each stands. Explain,
	// Check and Drifts check them and have no use for them: they are of no half-hour,
	// of no run and of no item.
	Determinations []series.Determination

	gaps bool // half-hours may be missing: what there is is compared, not billed
}

// Delivery is data that was received together, and when: a file.
type Delivery struct {
	revisions.Delivery
	Readings Source
}

// Result is what a Job comes to.
type Result struct {
	Bills  []*tariffs.Bill   // one for each span, in order
	Meter  *revisions.Report // which run supplied what, from the first span's start to the last one's end
	Market *revisions.Report
	Tally  series.Tally // of the meter's readings, as they were read: of deliveries, what is said again counts again

	// Of a job of deliveries: what is at odds in what the view knows of the days from
	// the first span's start to the last one's end, whichever run speaks: what was
	// received later than the view is asked of is in none. What of it touches a bill is
	// a condition of the bill. Those of market and contract have no MPAN.
	Conflicts []revisions.Conflict
	Anomalies []revisions.Anomaly
	Later     []revisions.Delivery // received after KnownAt, and not read: in the order they were received

	// Determinations that stand on none of the bills: those whose days are in no
	// span, and those made known later than the view is asked of.
	Outside []series.Determination
	Unknown []series.Determination

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
// frames. Spans that touch are compiled and charged together where one schedule
// can hold for them; else (a rate of VAT that changes between two bills) each is
// a bill of its own. The sources are read once in either case.
//
// A job without supply, tariff or meter source is a mistake in the program and
// panics. Errors are located (series.Error, tariffs.Error, settlement.Error; use
// errors.As) and all or nothing: where a half-hour of a span is missing there
// is no bill of any span. Determinations that cannot stand together, and one whose
// days no one bill holds whole, are errors (series.ErrDetermination). It stops
// with ctx's error when ctx is done.
func Run(ctx context.Context, job Job) (*Result, error) {
	p, err := job.parts(ctx)
	if err != nil {
		return nil, err
	}
	return p.bills(ctx, job.View)
}

// bills makes the bill of every span as one view has it.
func (d *gathered) bills(ctx context.Context, by revisions.Reconciler, cash placed) (*Result, error) {
	b, err := d.view(by)
	if err != nil {
		return nil, err
	}
	for i, span := range d.job.Spans {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		_, bill, err := b.bill(by, i, span)
		if err != nil {
			return nil, err
		}
		known, later := d.job.known(by, cash.on[i])
		if err := bill.AddCash(known, b.frames...); err != nil {
			return nil, err
		}
		b.res.Bills, b.res.Unknown = append(b.res.Bills, bill), append(b.res.Unknown, later...)
	}
	b.res.Outside = cash.outside
	return b.res, nil
}

// bill makes the bill of span number i, and gives the charges it is made from.
func (b *billing) bill(by revisions.Reconciler, i int, span settlement.Span) (*charged, *tariffs.Bill, error) {
	c, err := b.charged(span)
	if err != nil {
		return nil, nil, err
	}
	view := tariffs.View{Name: by.View(), Notes: b.res.notes[i], KnownAt: b.job.knownAt(by)}
	view.Run, view.OfRun = by.Limit()
	bill, err := c.schedule.Bill(b.job.Supply, span, view, b.volumes, c.charges, b.in)
	if err != nil {
		return nil, nil, err
	}
	bill.Outlook = b.res.Meter.Outlook(series.Meter().Def(b.job.active()).Source, span, b.job.calendar(), b.job.asked(by))
	b.job.Log.Info("bill made", "from", bill.From.String(), "to", bill.To.String(), "gross", bill.Gross.StringFixed(2), "conditions", bill.Conditions.String())
	return c, bill, nil
}

// conditions are those of the bill of span number i; where the view holds too
// little to make one, those of the choice of runs alone.
func (b *billing) conditions(by revisions.Reconciler, i int, span settlement.Span) (tariffs.Condition, error) {
	_, bill, err := b.bill(by, i, span)
	switch {
	case errors.Is(err, tariffs.ErrMissing), errors.Is(err, tariffs.ErrSpan): // a half-hour has no charge, or the supply began inside the span
		return b.res.notes[i], nil
	case err != nil:
		return 0, err
	}
	return bill.Conditions, nil
}

// billing is a job's data as one view has it.
type billing struct {
	job     *Job
	in      tariffs.Inputs
	frames  []*series.Frame // what in is made from, each meter by itself
	volumes *series.Frame
	usual   charged             // the schedule of the tariff, and its charges once they are made
	small   charged             // the same for a bill at or below the de-minimis quantity
	reports []*revisions.Report // of each meter, the market and the contract
	res     *Result
}

// charged is a schedule and the charges it makes.
type charged struct {
	schedule *tariffs.Schedule
	charges  *series.Frame
}

// view brings gathered data up to the volumes that one view has.
func (d *gathered) view(by revisions.Reconciler) (*billing, error) {
	b := &billing{job: d.job, res: &Result{Tally: d.meters[0].tally}}
	b.usual.schedule = d.schedule
	if err := d.reconcile(b, by); err != nil {
		return nil, err
	}
	d.schedule.Losses(b.in.Market)
	b.volumes = series.NewFrame(nil, tariffs.Volumes(), d.whole)
	return b, d.schedule.Adjust(b.volumes, b.in)
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
	if err := c.schedule.Charge(charges, b.volumes, b.in, b.job.Supply); err != nil {
		return nil, err
	}
	c.charges = charges
	return c, nil
}
