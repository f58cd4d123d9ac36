package halfhour

import (
	"context"
	"errors"
	"slices"

	"github.com/halfhour/halfhour/revisions"
	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
)

// Waterfall is how one bill came from the first run to the last: the exact net
// of the start and the steps' changes make the exact net of the end; so do the
// printed ones.
type Waterfall struct {
	Start    *tariffs.Bill
	Steps    []*Comparison    // one for each later run that speaks, with the bill before it
	Unbilled []settlement.Run // runs that landed and could not be billed: they hold too little
}

// End is the bill of the last run.
func (w *Waterfall) End() *tariffs.Bill {
	if len(w.Steps) == 0 {
		return w.Start
	}
	return w.Steps[len(w.Steps)-1].New
}

// Steps bills the job's only span as each run had it, as far as the job's view
// goes, and takes every step apart as Compare does. A run that speaks for no
// half-hour takes no step. Of deliveries, what came after the last run closed is
// a last step of its own where the job's view lets it speak.
//
// It fails as Run does; a run that holds too little to be billed is listed, and
// it is an error only when no run can be billed.
func Steps(ctx context.Context, job Job) (*Waterfall, error) {
	d, err := job.prepareOne(ctx)
	if err != nil {
		return nil, err
	}
	w, last := &Waterfall{}, billed{}
	for _, r := range d.landed(job.View) {
		if top, capped := job.View.Limit(); capped && r > top {
			break
		}
		b, failed := d.billed(ctx, job.View.Cap(r))
		switch {
		case errors.Is(failed, tariffs.ErrMissing) && w.Start == nil:
			w.Unbilled, err = append(w.Unbilled, r), failed
		case failed != nil:
			return nil, failed
		case !b.speaks(r):
		case w.Start == nil:
			w.Start, last = b.bill, b
		default:
			c, err := d.compare(last, b)
			if err != nil {
				return nil, err
			}
			w.Steps, last = append(w.Steps, c), b
		}
	}
	if _, capped := job.View.Limit(); w.Start != nil && d.dated() && !capped {
		b, err := d.billed(ctx, job.View)
		if err != nil {
			return nil, err
		}
		c, err := d.compare(last, b)
		if err != nil {
			return nil, err
		}
		if c.restated() {
			w.Steps = append(w.Steps, c)
		}
	}
	switch {
	case w.Start != nil:
		return w, nil
	case err != nil:
		return nil, err
	}
	_, err = d.billed(ctx, job.View) // nothing landed: it says what is missing
	return nil, err
}

// landed are the runs of which any source holds anything, in order, as far as a
// view knows. Lines that come without a run, as loss factors do, make no run of
// their own: there is one only where a meter's data states none.
func (d *gathered) landed(by revisions.Reconciler) []settlement.Run {
	at := by.Known(d.known)
	held := func(h *holding) []settlement.Run {
		if h.journal == nil {
			return revisions.Landed(h.cube)
		}
		h.journal.Cube(d.room(h), h.mpan, at, d.cut)
		return revisions.Landed(h.cube)
	}
	runs := held(&d.market)
	if d.contract.holds() {
		runs = append(runs, held(&d.contract)...)
	}
	runs = slices.DeleteFunc(runs, func(r settlement.Run) bool { return r == settlement.Untagged })
	for i := range d.meters {
		runs = append(runs, held(&d.meters[i].holding)...)
	}
	slices.Sort(runs)
	return d.untagged(slices.Compact(runs))
}

// speaks reports whether a run speaks for any half-hour in the view.
func (b *billing) speaks(r settlement.Run) bool {
	return slices.ContainsFunc(b.reports, func(rep *revisions.Report) bool {
		return slices.ContainsFunc(rep.Sources, func(s revisions.Source) bool { return s.ByRun[r] > 0 })
	})
}
