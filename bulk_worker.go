package halfhour

import (
	"fmt"

	"github.com/halfhour/halfhour/revisions"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
)

// worker is what one goroutine prices in, one meter after another.
type worker struct {
	of      *bulk
	meter   *series.Frame
	volumes *series.Frame
	own     *series.Frame // the meter's contract, or nil
	report  revisions.Report
	second  revisions.Report // of the contract
	usual   []bool           // months that are billed as usual,
	small   []bool           // and by the schedule of small bills
	layouts map[*series.Schema]*layout
	amounts Amounts
	priced  Priced
}

// layout is room for the charges of one schema.
type layout struct {
	items   []tariffs.Item // of each line
	work    tariffs.Work
	totals  series.Totals
	charges *series.Frame // made when it is first needed
}

func (e *bulk) worker() *worker {
	w := &worker{of: e, layouts: map[*series.Schema]*layout{},
		meter: series.NewFrame(nil, series.Meter(), e.Span), volumes: series.NewFrame(nil, tariffs.Volumes(), e.Span),
		usual: make([]bool, len(e.months)), small: make([]bool, len(e.months))}
	if e.Contracts {
		w.own = series.NewFrame(nil, series.Contract(), e.Span)
	}
	return w
}

// price makes w.priced of a meter.
func (w *worker) price(s *slot) error {
	e, sup := w.of, s.Supply
	if len(sup.Related) > 0 {
		return &tariffs.Error{Pos: sup.Pos, Value: sup.Related[0].String(), Want: "a supply with related MPANs is billed alone (hh bill): its meters are added up", Err: tariffs.ErrSupply}
	}
	kept, usual, err := e.schedules.Of(s.Tariff, sup)
	if err != nil {
		return err
	}
	e.View.Into(w.meter, &w.report, s.cube)
	class, notes := sup.Class(e.Class.Distributor, e.Class.LLFC, e.Span), e.known|e.others
	if class {
		notes |= e.losses
	}
	in := tariffs.Inputs{Meter: w.meter, Contract: e.contract, Market: kept.Market(e.market, !class)}
	if s.contract != nil {
		e.View.Into(w.own, &w.second, s.contract)
		in.Contract, notes = w.own, notes|e.runs(&w.second, false)
	}
	if err := w.covered(s); err != nil {
		return err
	}
	if err := usual.Adjust(w.volumes, in); err != nil {
		return err
	}
	notes |= e.runs(&w.report, true)
	w.amounts.Reset(e.buckets)
	some, all := false, true
	for m, month := range e.months {
		w.small[m] = usual.IsSmall(w.volumes, month)
		w.usual[m] = !w.small[m]
		some, all = some || w.small[m], all && w.small[m]
	}
	if !all {
		notes |= usual.Notes(sup, w.volumes, in)
		if err := w.charge(usual, in, sup, w.usual); err != nil {
			return err
		}
	}
	if some {
		small, err := kept.Small()
		if err != nil {
			return err
		}
		notes |= tariffs.SmallSupply | small.Notes(sup, w.volumes, in)
		if err := w.charge(small, in, sup, w.small); err != nil {
			return err
		}
	}
	if err := w.whole(s); err != nil {
		return err
	}
	w.priced = Priced{Index: s.index, Loaded: s.Loaded, Amounts: &w.amounts, Report: &w.report, Conditions: notes}
	return nil
}

// charge adds to the amounts what a schedule comes to in some months.
func (w *worker) charge(s *tariffs.Schedule, in tariffs.Inputs, sup *tariffs.Supply, months []bool) error {
	l := w.layout(s.Schema())
	if w.of.Route == Fused {
		if err := s.TotalByMonth(&l.totals, &l.work, w.volumes, in, sup); err != nil {
			return err
		}
		w.amounts.take(l.items, &l.totals, months)
		return nil
	}
	if l.charges == nil {
		l.charges = series.NewFrame(nil, s.Schema(), w.of.Span)
	}
	if err := s.Charge(l.charges, w.volumes, in, sup); err != nil {
		return err
	}
	for m, month := range w.of.months {
		if months[m] {
			w.amounts.takeCells(l.items, l.charges, w.of.Span.Index(month.Lo), w.of.Span.Index(month.Hi))
		}
	}
	return nil
}

// layout finds room for a schema.
func (w *worker) layout(s *series.Schema) *layout {
	if l := w.layouts[s]; l != nil {
		return l
	}
	if len(w.layouts) == tariffs.MaxLayouts {
		clear(w.layouts)
	}
	l := &layout{}
	for line := range series.Line(s.Len()) {
		item, err := tariffs.ParseItem(s.Def(line).Name)
		if err != nil {
			panic(err) // the lines of charges are items
		}
		l.items = append(l.items, item)
	}
	w.layouts[s] = l
	return l
}

// covered refuses a meter without active energy for every half-hour.
func (w *worker) covered(s *slot) error {
	line, what := series.AI, "active import"
	if s.Supply.Export {
		line, what = series.AE, "active export"
	}
	span, active := w.of.Span, w.meter.Line(line)
	n := active.CountValid(0, span.Len())
	if n == span.Len() || w.of.Gaps && n > 0 {
		return nil
	}
	first := span.Lo + settlement.Period(active.NextInvalid(0, span.Len()))
	return &tariffs.Error{Value: first.String(), Want: fmt.Sprintf("%d of %d half-hours of MPAN %s have no %s in the view %q, this one first: price fewer days, choose another view or ask the data collector for what is missing",
		span.Len()-n, span.Len(), s.Supply.MPAN, what, w.of.View.View()), Err: tariffs.ErrMissing}
}

// whole refuses amounts with half-hours that have no charge.
func (w *worker) whole(s *slot) error {
	item, i, found := w.amounts.Lacking()
	if !found || w.of.Gaps {
		return nil
	}
	a := w.amounts.of[item][i]
	return &tariffs.Error{Item: item.String(), Value: w.of.buckets.Name(i), Want: fmt.Sprintf("%d of %d half-hours of MPAN %s have no charge: the loss factors, a line that a price follows or nominated energy are missing; by half-hour and with gaps allowed (Batch.Bucket and Gaps, of hh batch --by item,half-hour --gaps) the totals show which",
		a.Of-a.Held, a.Of, s.Supply.MPAN), Err: tariffs.ErrMissing}
}

// runs is what a report says that a reader must know. Of the market, marks of
// estimates are not a meter's, and a line that states no run is usual.
func (e *bulk) runs(rep *revisions.Report, meter bool) (c tariffs.Condition) {
	limit, capped := e.View.Limit()
	for i := range rep.Sources {
		src, n := &rep.Sources[i], 0
		for run, held := range src.ByRun {
			if held == 0 {
				continue
			}
			if settlement.Run(run) == settlement.Untagged {
				if meter {
					c |= tariffs.RunNotStated
				}
				continue
			}
			if n++; capped && settlement.Run(run) < limit {
				c |= tariffs.MissingRun
			}
		}
		if n > 1 {
			c |= tariffs.MixedRuns
		}
		if src.Merged > 0 {
			c |= tariffs.MergedDay
		}
		if src.Estimated > 0 {
			c |= tariffs.EstimatedReads
		}
	}
	if rep.PassedOver(e.Span) {
		c |= tariffs.IncompleteRun
	}
	return c
}
