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
// earlier run had it that spoke for any of its half-hours, the latest first. A run that holds the
// day, but not all days of the bill, is worked out over the day alone, and its
// Note says so.
// Nothing is kept between runs: each is worked out from the data again.
//
// It fails as Run does, and with ErrSpan or ErrUncharged (tariffs) where there is
// nothing to explain.
func Explain(ctx context.Context, job Job, item tariffs.Item, at settlement.Span) ([]*tariffs.Explanation, error) {
	if len(job.Spans) != 1 {
		return nil, &tariffs.Error{Want: "explain a charge of one bill: give one span", Err: tariffs.ErrSpan}
	}
	x, top, err := explain(ctx, job, item, at)
	if err != nil {
		return nil, err
	}
	all := []*tariffs.Explanation{x}
	for r := top - 1; top > settlement.II && r >= settlement.II; r-- {
		job.View = revisions.UpTo(r)
		x, spoke, err := explain(ctx, job, item, at)
		if errors.Is(err, tariffs.ErrMissing) {
			x, spoke, err = alone(ctx, job, item, at)
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

// alone explains over the day asked about as if it were the bill, for a run that
// does not hold the rest of the bill's days.
func alone(ctx context.Context, job Job, item tariffs.Item, at settlement.Span) (*tariffs.Explanation, settlement.Run, error) {
	job.Spans = []settlement.Span{at.From().Span()}
	x, spoke, err := explain(ctx, job, item, at)
	if err == nil {
		x.Note = "worked out over this day alone, because the run does not hold the rest of the bill's days: what rests on a month's highest demand, on energy held in the Triads, on the kWh of the whole bill or on its printed lines is as of a bill of this day"
	}
	return x, spoke, err
}

// explain is one view's, and the latest run that speaks in the span.
func explain(ctx context.Context, job Job, item tariffs.Item, at settlement.Span) (*tariffs.Explanation, settlement.Run, error) {
	b, err := job.prepare(ctx)
	if err != nil {
		return nil, 0, err
	}
	c, bill, err := b.bill(job.View, 0, job.Spans[0])
	if err != nil {
		return nil, 0, err
	}
	x, err := c.schedule.Explain(item, at, bill, b.supply, b.volumes, c.charges, b.in)
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
