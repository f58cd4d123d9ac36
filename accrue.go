package halfhour

import (
	"context"
	"fmt"
	"slices"

	"github.com/halfhour/halfhour/revisions"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/series/stats"
	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
)

// Accrue bills a job and says what each bill is expected to change by until a
// later run, from how the same meter's bills of other days changed. learn is
// those days, each span one observation: months make the spread of a month, and a
// bill of a day has a wider one. They must not overlap any span of the job
// (ErrSpan), for a bill would be foretold from itself, nor one another.
//
// It fails as Run does; half-hours that are missing from the days learnt from are
// no error: see Drifts.
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
	past, err := job.learning(learn)
	if err != nil {
		return nil, err
	}
	p, err := job.divide()
	if err != nil {
		return nil, err
	}
	q, err := past.divide()
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
	of := d.part(learn, nil)
	of.job.gaps = past.gaps
	q.hold(of)
	l, err := q.learn(ctx, until)
	if err != nil {
		return nil, err
	}
	out := make([]*tariffs.Accrual, len(res.Bills))
	for i, b := range res.Bills {
		out[i] = b.Accrue(until, l.Drifts)
		out[i].Learnt, out[i].Silent, out[i].Past = l.From, l.Silent, l.Conditions
	}
	return out, nil
}

// Learnt is what was learnt from earlier days, and from which.
type Learnt struct {
	Drifts map[tariffs.Footing]tariffs.Drift
	From   []settlement.Span // that taught something, in the job's order
	Silent []settlement.Span // that taught nothing: two runs, one after the other, do not hold the whole of it, or charge nothing that a run restates

	Conditions tariffs.Condition // of the bills of all these spans, in each run that was looked at
}

// Drifts measures, in the data of a job, by how much the charges that had come to
// each stage changed until a later run: what Bill.Accrue expects of bills to come
// from them. Each span of the job is one observation: give the months, or the
// days, that came before. The spans are charged together as Run does; the data is
// read once, and charged once for every run that speaks, each seen up to that run;
// of the job's view only the day of an as-of view, and the instant asked about,
// count: what was not due by then teaches nothing. Accrue does both, and minds that
// a bill is not foretold from its own days.
//
// A view that lacks active energy in a span teaches nothing of that span, and of
// the others what it would without it. A footing that was never followed to the run
// is not in the result. Spans that overlap are refused (ErrSpan): what is seen twice
// is one observation.
func Drifts(ctx context.Context, job Job, until settlement.Run) (*Learnt, error) {
	past, err := job.learning(job.Spans)
	if err != nil {
		return nil, err
	}
	p, err := past.parts(ctx)
	if err != nil {
		return nil, err
	}
	return p.learn(ctx, until)
}

// learning is the job of days to learn from: half-hours of them may be missing, and
// money outside any run is restated by none.
func (j Job) learning(spans []settlement.Span) (Job, error) {
	if err := series.CheckDeterminations(j.Determinations); err != nil {
		return j, err
	}
	for i, span := range spans {
		for _, other := range spans[:i] {
			if !span.Intersect(other).Empty() {
				return j, &tariffs.Error{Value: span.String(), Want: fmt.Sprintf("learn from a day once: this overlaps %s, and what is seen twice is one observation", other), Err: tariffs.ErrSpan}
			}
		}
	}
	j.Spans, j.Determinations, j.gaps = spans, nil, true
	return j, nil
}

// lessons are what the views of a job's spans taught so far.
type lessons struct {
	until   settlement.Run
	history stats.History
	taught  []bool // each span, anything
	had     tariffs.Condition
}

// learn takes in how the data's spans changed from run to run until a run.
func (p *parts) learn(ctx context.Context, until settlement.Run) (*Learnt, error) {
	l := lessons{until: until, taught: make([]bool, len(p.whole.job.Spans))}
	for i := range p.groups {
		if err := p.groups[i].learn(ctx, &l); err != nil {
			return nil, err
		}
	}
	out := &Learnt{Drifts: map[tariffs.Footing]tariffs.Drift{}, Conditions: l.had}
	for i, span := range p.whole.job.Spans {
		if l.taught[i] {
			out.From = append(out.From, span)
		} else {
			out.Silent = append(out.Silent, span)
		}
	}
	for r := settlement.Untagged; r < until; r++ {
		for _, estimated := range []bool{false, true} {
			if d, ok := l.history.Between(r, until, estimated); ok {
				out.Drifts[tariffs.Footing{Run: r, Estimated: estimated}] = tariffs.Drift(d)
			}
		}
	}
	return out, nil
}

// learn goes through the views of a group's spans, run by run, from the data that
// states none.
func (g *group) learn(ctx context.Context, l *lessons) error {
	d := g.data
	all := d.job.View
	if _, capped := all.Limit(); capped {
		all = revisions.Latest()
		if at, ok := d.job.View.Instant(); ok {
			all = all.At(at)
		}
	}
	var before *billing
	for _, r := range d.landed(all) {
		if !r.Ranked() || r > l.until {
			continue
		}
		by := all.Cap(r)
		now, err := d.view(by)
		if err != nil {
			return err
		}
		if !now.speaks(r) { // the same as before
			continue
		}
		for k, i := range g.spans {
			if err := ctx.Err(); err != nil {
				return err
			}
			had, err := now.conditions(by, k, d.job.Spans[k])
			if err != nil {
				return err
			}
			l.had |= had
			if before == nil {
				continue
			}
			some, err := observe(&l.history, d.job.Spans[k], before, now)
			if err != nil {
				return err
			}
			l.taught[i] = l.taught[i] || some
		}
		before = now
	}
	return nil
}

// observe adds to the history what one view of a span has of another, and reports
// whether that is anything.
func observe(history *stats.History, span settlement.Span, before, now *billing) (some bool, err error) {
	if !before.holds(span) || !now.holds(span) {
		return false, nil
	}
	was, err := before.charged(span)
	if err != nil {
		return false, err
	}
	is, err := now.charged(span)
	if err != nil {
		return false, err
	}
	for _, m := range tariffs.Moves(span, was.of(before.in), is.of(now.in)) {
		some = some || m.Gross.IsPositive()
		history.Add(m.Run, m.To, m.Estimated, stats.Total{Old: m.Old, New: m.New, Guess: m.Guess, Gross: m.Gross})
	}
	return some, nil
}

// holds reports whether the view has active energy in all of a span.
func (b *billing) holds(span settlement.Span) bool {
	f := b.in.Meter
	lo, hi := f.Span().Index(span.Lo), f.Span().Index(span.Hi)
	return f.Line(b.job.active()).CountValid(lo, hi) == hi-lo
}

func (c *charged) of(in tariffs.Inputs) tariffs.Charged {
	return tariffs.Charged{Schedule: c.schedule, Charges: c.charges, Inputs: in}
}
