package halfhour

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/halfhour/halfhour/revisions"
	"github.com/halfhour/halfhour/series/stats"
	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
)

// Accrue bills a job and says what each bill is expected to change by until a
// later run, from how the same meter's bills of other days changed. learn is
// those days, each span one observation: months make the spread of a month. They
// must not overlap any span of the job (ErrSpan): a bill would be foretold from
// itself.
//
// It fails as Run does.
func Accrue(ctx context.Context, job Job, learn []settlement.Span, until settlement.Run) ([]*tariffs.Accrual, error) {
	if len(learn) == 0 {
		return nil, &tariffs.Error{Want: "give at least one span to learn from", Err: tariffs.ErrSpan}
	}
	for _, past := range learn {
		for _, span := range job.Spans {
			if !past.Intersect(span).Empty() {
				return nil, &tariffs.Error{Value: past.String(), Err: tariffs.ErrSpan,
					Want: fmt.Sprintf("learn from days that are not billed: these overlap %s, and a bill must not be foretold from itself", span)}
			}
		}
	}
	past := job
	past.Spans = learn
	p, err := job.divide()
	if err != nil {
		return nil, err
	}
	_, schedule, err := past.compile()
	if err != nil {
		return nil, err
	}
	both := job // the sources are read once, for the bills and for what is learnt
	both.Spans = slices.Concat(job.Spans, learn)
	whole, err := both.whole()
	if err != nil {
		return nil, err
	}
	d, err := both.gather(ctx, whole)
	if err != nil {
		return nil, err
	}
	p.hold(d.part(job.Spans, nil))
	res, err := p.bills(ctx, job.View)
	if err != nil {
		return nil, err
	}
	drifts, had, err := d.part(past.Spans, schedule).drifts(ctx, until)
	if err != nil {
		return nil, err
	}
	out := make([]*tariffs.Accrual, len(res.Bills))
	for i, b := range res.Bills {
		out[i] = b.Accrue(until, drifts)
		out[i].Learnt, out[i].Past = learn, had
	}
	return out, nil
}

// Drifts measures, in the data of a job, by how much the charges that had come to
// each stage changed until a later run: what Bill.Accrue expects of bills to come
// from them. Each span of the job is one observation: give the months, or the
// days, that came before. The data is read once, and charged once for every run
// that speaks, each seen up to that run; of the job's view only the day of an as-of
// view counts: what was not due by then teaches nothing. Accrue does both, and minds
// that a bill is not foretold from its own days.
//
// A run for which a half-hour has no data in any run yet is passed over. A
// footing that was never followed to the run is not in the result.
func Drifts(ctx context.Context, job Job, until settlement.Run) (map[tariffs.Footing]tariffs.Drift, error) {
	d, err := job.prepare(ctx)
	if err != nil {
		return nil, err
	}
	out, _, err := d.drifts(ctx, until)
	return out, err
}

// drifts is Drifts of gathered data, and the conditions of the bills of each run
// that was looked at.
func (d *gathered) drifts(ctx context.Context, until settlement.Run) (map[tariffs.Footing]tariffs.Drift, tariffs.Condition, error) {
	job, had := d.job, tariffs.Condition(0)
	var history stats.History
	var before *billing
	for r := settlement.II; r <= until && r.Ranked(); r++ {
		by := revisions.UpTo(r)
		if _, capped := job.View.Limit(); !capped {
			by = job.View.Cap(r)
		}
		now, err := d.view(by)
		switch {
		case errors.Is(err, tariffs.ErrMissing):
			continue
		case err != nil:
			return nil, 0, err
		case before != nil && !now.speaks(r): // the same as before
			continue
		}
		if before != nil {
			if err := observe(ctx, &history, job.Spans, before, now); err != nil {
				return nil, 0, err
			}
		}
		for i, span := range job.Spans {
			c, err := now.conditions(by, i, span)
			if err != nil {
				return nil, 0, err
			}
			had |= c
		}
		before = now
	}
	out := map[tariffs.Footing]tariffs.Drift{}
	for r := settlement.Untagged; r < until; r++ {
		for _, estimated := range []bool{false, true} {
			if d, ok := history.Between(r, until, estimated); ok {
				out[tariffs.Footing{Run: r, Estimated: estimated}] = tariffs.Drift(d)
			}
		}
	}
	return out, had, nil
}

// observe adds to the history what one view of each span has of another.
func observe(ctx context.Context, history *stats.History, spans []settlement.Span, before, now *billing) error {
	for _, span := range spans {
		if err := ctx.Err(); err != nil {
			return err
		}
		was, err := before.charged(span)
		if err != nil {
			return err
		}
		is, err := now.charged(span)
		if err != nil {
			return err
		}
		for _, m := range tariffs.Moves(span, was.of(before.in), is.of(now.in)) {
			history.Add(m.Run, m.To, m.Estimated, stats.Total{Old: m.Old, New: m.New, Guess: m.Guess})
		}
	}
	return nil
}

func (c *charged) of(in tariffs.Inputs) tariffs.Charged {
	return tariffs.Charged{Schedule: c.schedule, Charges: c.charges, Inputs: in}
}
