package revisions

import (
	"slices"
	"time"

	"github.com/halfhour/halfhour/internal/kernel"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// View fills dst with what a view may look at of a meter, as known at an
// instant, so that by.Reconcile(dst) is that view. It is Cube, but that what
// came too late for a view stays out of it:
//
//   - of AsOf, nothing received after its day is known, and of At nothing
//     received after its instant;
//   - of UpTo, what states no run speaks only for days of which the run, or the
//     last before it that the day has, has not closed: a run that has closed
//     does not see what came later, even where it saw nothing;
//   - of Newest, a day whose newest version is not what its latest run says is
//     held by that version alone, under the run it states or Untagged.
//
// What an UpTo view gives of days of which its run and those before it have
// closed, and what an AsOf view gives, is never changed by what came later and
// states no run.
func (j *Journal) View(dst *series.Cube, by Reconciler, mpan settlement.MPAN, at time.Time, cut Cutoff) Tally {
	at = by.known(at)
	t := j.Cube(dst, mpan, at, cut)
	switch {
	case by.capped:
		j.close(dst, by.limit, instant(at), cut)
	case by.newest:
		j.renew(dst, mpan, instant(at), cut)
	}
	return t
}

// known is the instant up to which a view knows what is known at an instant.
func (r Reconciler) known(at time.Time) time.Time {
	if !r.at.IsZero() && r.at.Before(at) {
		at = r.at
	}
	if r.asOf == 0 {
		return at
	}
	if end := (r.asOf + 1).First().Time().Add(-1); end.Before(at) {
		return end
	}
	return at
}

// close clears what states no run from the days of which run r has closed.
func (j *Journal) close(dst *series.Cube, r settlement.Run, known int64, cut Cutoff) {
	f := dst.Frame(settlement.Untagged)
	if f == nil || cut == nil {
		return
	}
	for day, part := range dst.Span().EachDay() {
		for run := r; run > settlement.Untagged; run-- {
			closed, ok := cut(day, run)
			if !ok {
				continue
			}
			if instant(closed) <= known {
				for l := range series.Line(j.schema.Len()) {
					void(f, l, part)
				}
			}
			break
		}
	}
}

// renew leaves a day to its newest version where its latest run says another.
func (j *Journal) renew(dst *series.Cube, mpan settlement.MPAN, known int64, cut Cutoff) {
	for day, part := range dst.Span().EachDay() {
		for l := range series.Line(j.schema.Len()) {
			held := j.days[Key{mpan, l, day}]
			n := until(held, known)
			if n == 0 {
				continue
			}
			v := held[n-1]
			f := dst.Frame(v.run)
			if f == nil || latestOf(dst, held[:n], day, known, cut) == v {
				continue
			}
			for _, r := range dst.Runs() {
				void(dst.Frame(r), l, part)
			}
			v.fill(f, l, day, part, v.run)
		}
	}
}

// latestOf is what the latest run of a cube that says anything says.
func latestOf(dst *series.Cube, held []*version, day settlement.Day, known int64, cut Cutoff) *version {
	for _, r := range slices.Backward(dst.Runs()) {
		if i := slot(held, day, r, known, cut); i >= 0 {
			return held[i]
		}
	}
	return nil
}

// slot is the index of the version that Cube puts in the frame of a run, or -1.
// All of held is known.
func slot(held []*version, day settlement.Day, r settlement.Run, known int64, cut Cutoff) int {
	v := newest(held, r)
	if v == nil && r != settlement.Untagged {
		v = newest(held[:until(held, cutoff(cut, day, r, known))], settlement.Untagged)
	}
	return slices.Index(held, v)
}

// void leaves nothing of a line in a part of a frame.
func void(f *series.Frame, l series.Line, part settlement.Span) {
	col := f.Line(l)
	lo, hi := f.Span().Index(part.Lo), f.Span().Index(part.Hi)
	clear(col.Values[lo:hi])
	clear(col.Marks[lo:hi])
	kernel.ClearRange(col.Valid, lo, hi)
}

// Spoken is the version that speaks for a run. Counts are half-hours.
type Spoken struct {
	Version
	Contested int  // at odds with another version of its run and instant
	Estimates int  // that it estimates, of which a version it replaced, at once or in turn, had an actual reading
	Newer     bool // a version that is known, and says something else, was received after it
}

// Spoken tells which version View puts in the frame of a run for a half-hour:
// see there. It is not ok where it puts none. It looks at the half-hour's part of
// its day alone (Parts), and not at who may speak.
func (j *Journal) Spoken(mpan settlement.MPAN, l series.Line, p settlement.Period, run settlement.Run, by Reconciler, at time.Time, cut Cutoff) (Spoken, bool) {
	known := instant(by.known(at))
	k := Key{mpan, l, p.Day()}
	held := j.days[k]
	held = held[:until(held, known)]
	i := slot(held, k.Day, run, known, cut)
	if i < 0 {
		return Spoken{}, false
	}
	v, last := held[i], held[len(held)-1]
	s := Spoken{Version: v.version(), Newer: last.received > v.received && last.compareContent(v) != 0}
	first := i
	for first > 0 && held[first-1].compareIdentity(v) == 0 {
		first--
	}
	if first < i {
		s.Contested = conflict(k, "", held[first:i+1]).HalfHours
	}
	if s.Estimated > 0 {
		s.Estimates = estimates(held, i)
	}
	return s, true
}

// estimates counts the half-hours that held[at] estimates and a version before
// it in the chain of replacements had actual.
func estimates(held []*version, at int) (n int) {
	var counted [longest]bool
	for was := replaced(held, at); was >= 0; was = replaced(held, was) {
		for i := range held[at].values {
			if held[at].mark(i).Has(series.Estimated) && !held[was].mark(i).Has(series.Estimated) && !counted[i] {
				counted[i] = true
				n++
			}
		}
	}
	return n
}
