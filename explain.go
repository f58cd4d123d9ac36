package halfhour

import (
	"context"
	"errors"

	"github.com/halfhour/halfhour/revisions"
	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
)

// Explain takes the charge of an item apart, over one half-hour or one local
// day of the job's only span: first as the job's view has it, then as each
// earlier run had it that spoke for any of its half-hours, the latest first.
// The data is read once; each run is worked out from it again. A run that holds
// the day, but not all days of the bill, is worked out over the day alone, and
// its Note says so.
//
// It fails as Run does, and with ErrSpan or ErrUncharged (tariffs) where there is
// nothing to explain.
func Explain(ctx context.Context, job Job, item tariffs.Item, at settlement.Span) ([]*tariffs.Explanation, error) {
	d, err := job.prepareOne(ctx)
	if err != nil {
		return nil, err
	}
	x, top, err := d.explain(job.View, item, at)
	if err != nil {
		return nil, err
	}
	all := []*tariffs.Explanation{x}
	var alone *gathered // the day asked about, as if it were the bill
	for r := top - 1; top > settlement.II && r >= settlement.II; r-- {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		x, spoke, err := d.explain(revisions.UpTo(r), item, at)
		if errors.Is(err, tariffs.ErrMissing) {
			if alone == nil {
				day := []settlement.Span{at.From().Span()}
				schedule, err := job.Tariff.Compile(day[0], d.job.Supply)
				if err != nil {
					return nil, err
				}
				alone = d.part(day, schedule)
			}
			if x, spoke, err = alone.explain(revisions.UpTo(r), item, at); err == nil {
				x.Note = aloneNote
			}
		}
		switch {
		case errors.Is(err, tariffs.ErrMissing): // the run does not hold the day
			continue
		case err != nil:
			return nil, err
		case spoke == r:
			all = append(all, x)
		}
	}
	return all, nil
}

const aloneNote = "worked out over this day alone, because the run does not hold the rest of the bill's days: what rests on a month's highest demand, on energy held in the Triads, on the kWh of the whole bill or on its printed lines is as of a bill of this day"

// explain is one view's, and the latest run that speaks in the span.
func (d *gathered) explain(by revisions.Reconciler, item tariffs.Item, at settlement.Span) (*tariffs.Explanation, settlement.Run, error) {
	b, err := d.view(by)
	if err != nil {
		return nil, 0, err
	}
	c, bill, err := b.bill(by, 0, d.job.Spans[0])
	if err != nil {
		return nil, 0, err
	}
	x, err := c.schedule.Explain(item, at, bill, b.job.Supply, b.volumes, c.charges, b.in)
	if err != nil {
		return nil, 0, err
	}
	return x, latest(b.in, at), nil
}

// latest is the latest run that any input has for a half-hour of a span.
func latest(in tariffs.Inputs, at settlement.Span) settlement.Run {
	top := settlement.Untagged
	for _, f := range in.Frames() {
		lo, hi := f.Span().Index(at.Lo), f.Span().Index(at.Hi)
		for k := range f.Schema().Sources() {
			for _, m := range f.Source(k).Marks[lo:hi] {
				top = max(top, m.Run())
			}
		}
	}
	return top
}
