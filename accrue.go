package halfhour

import (
	"context"
	"errors"

	"github.com/halfhour/halfhour/revisions"
	"github.com/halfhour/halfhour/series/stats"
	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
)

// Drifts measures, in the data of a job, by how much the charges that rested on
// each run changed until a later one: what Bill.Accrue expects of bills to come
// from them. Each span of the job is one observation: give the months, or the
// days, that came before. The job's view is not looked at: the data is read once,
// and charged once for every run, each seen up to that run.
//
// A run for which a half-hour has no data in any run yet is passed over. A
// footing that was never followed to the run is not in the result.
func Drifts(ctx context.Context, job Job, until settlement.Run) (map[tariffs.Footing]tariffs.Drift, error) {
	d, err := job.prepare(ctx)
	if err != nil {
		return nil, err
	}
	var history stats.History
	var before *billing
	for r := settlement.II; r <= until && r.Ranked(); r++ {
		now, err := d.view(revisions.UpTo(r))
		switch {
		case errors.Is(err, tariffs.ErrMissing):
			continue
		case err != nil:
			return nil, err
		}
		if before != nil {
			if err := observe(ctx, &history, job.Spans, before, now); err != nil {
				return nil, err
			}
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
	return out, nil
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
		for _, m := range was.schedule.Moves(span, was.charges, is.schedule, is.charges) {
			history.Add(m.Run, m.To, m.Estimated, m.Old, m.New)
		}
	}
	return nil
}
