package halfhour

import (
	"context"

	"github.com/halfhour/halfhour/revisions"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// Reconciliation says which run speaks for what of a job's data under its view.
type Reconciliation struct {
	View  string
	Span  settlement.Span
	Known string       // of a job of deliveries: the instant of which the view is asked; empty for everything
	Data  []Reconciled // each meter, the supply's own first; the market; the contract

	Conflicts []revisions.Conflict // of a job of deliveries: see Result
	Anomalies []revisions.Anomaly
	Later     []revisions.Delivery
	Undated   bool // market or contract data may hold what came after the instant asked about

	Determinations []Determined // the job's, in its order

	Others []OtherMeter // meters that the source holds and the supply does not name

	by revisions.Reconciler
}

// FirstMeters is how many other meters a report names.
const FirstMeters = 5

// OtherReadings is how many readings of other meters there are.
func (r *Reconciliation) OtherReadings() (n int) {
	for _, x := range r.Others {
		n += x.Readings
	}
	return n
}

// Reconciled is one delivery's data under a view: a meter's, the market's or
// the contract's.
type Reconciled struct {
	Of     string          // "meter", "market" or "contract"
	MPAN   settlement.MPAN // of a meter
	Active string          // of a meter: the source of the energy it is charged on
	Tally  series.Tally    // of a meter's readings: see Result
	Frame  *series.Frame
	Report *revisions.Report

	Held     *revisions.Report // what Expect looked at: Report, but where the view hides the run wanted
	Expected *revisions.Expectation

	ask func(revisions.Reconciler) *revisions.Report
}

// Reconcile collects the job's data and lets its view decide which run speaks,
// from the first span's start to the last one's end. It prices nothing: the job
// needs no tariff, and what is missing is reported and not an error. What the
// job has no source for is left out.
func Reconcile(ctx context.Context, job Job) (*Reconciliation, error) {
	whole, err := job.whole()
	if err != nil {
		return nil, err
	}
	if err := series.CheckDeterminations(job.Determinations); err != nil {
		return nil, err
	}
	d, err := job.gather(ctx, whole)
	if err != nil {
		return nil, err
	}
	if err := d.asks(job.View); err != nil {
		return nil, err
	}
	out := &Reconciliation{View: job.View.View(), Span: whole, by: job.View}
	out.Known = job.knownAt(job.View)
	out.Conflicts, out.Anomalies = d.odds(job.View)
	out.Later = d.later
	out.Undated = d.late(job.View) != 0
	out.Others = d.others.list(job.View.Known(d.known))
	add := func(r Reconciled, h *holding) {
		r.Frame, r.Report = job.View.Reconcile(d.cube(h, job.View))
		r.ask = func(by revisions.Reconciler) *revisions.Report {
			_, rep := by.Reconcile(d.cube(h, by))
			return rep
		}
		out.Data = append(out.Data, r)
	}
	for i := range d.meters {
		m := &d.meters[i]
		add(Reconciled{Of: "meter", MPAN: m.mpan, Active: series.Meter().Def(job.active()).Source, Tally: m.tally}, &m.holding)
	}
	if job.Market != nil || len(job.MarketDeliveries) > 0 {
		add(Reconciled{Of: "market"}, &d.market)
	}
	if d.contract.holds() {
		add(Reconciled{Of: "contract"}, &d.contract)
	}
	out.Determinations = out.determined(&job)
	return out, nil
}

// Expect holds the data against the timetable, as asked on a day: see
// revisions.Expect. A view that hides the run wanted is not looked at, for what it
// hides has come all the same: what is held up to that run is, or of a view without
// a limit all that is held, as known at the view's instant if it has one.
func (r *Reconciliation) Expect(want settlement.Run, t settlement.Timetable, on settlement.Day) {
	by := revisions.Latest()
	if top, capped := r.by.Limit(); capped {
		by = revisions.UpTo(max(top, want))
	}
	if at, ok := r.by.Instant(); ok {
		by = by.At(at)
	}
	for i := range r.Data {
		x := &r.Data[i]
		if x.Held = x.Report; by.View() != r.View {
			x.Held = x.ask(by)
		}
		x.Expected = revisions.Expect(x.Held, want, t, on)
	}
}

// MonthTotal is the energy of a line in one month of the span.
type MonthTotal struct {
	Def       series.Def
	Month     settlement.Month
	Sum       series.Total // at the line's scale
	HalfHours int          // that hold a value
	Of        int          // of the month that are in the span
}

// Energy is the energy of each month, line by line; a line nobody holds is left
// out, and so are factors and prices, which do not add up.
func (r *Reconciled) Energy() []MonthTotal {
	var totals series.Totals
	r.Frame.TotalByMonth(&totals)
	var out []MonthTotal
	for l := range series.Line(r.Frame.Schema().Len()) {
		def := r.Frame.Schema().Def(l)
		if !summed(def.Unit) || r.Frame.Line(l).CountValid(0, r.Frame.Len()) == 0 {
			continue
		}
		i := 0
		for month, part := range r.Frame.Span().Months() {
			out = append(out, MonthTotal{def, month, totals.Sum(l, i), totals.Held(l, i), part.Len()})
			i++
		}
	}
	return out
}
