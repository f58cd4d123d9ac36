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
//   - of these and of Latest, what states no run is left out of the parts of days
//     of which a run that may speak says anything;
//   - of Newest, a day of which its latest run does not say, in every part, what
//     is known (KnownAt) is held by the versions that are known alone, under the
//     runs they state or Untagged.
//
// Of lines of which no run is derived (Journal), what states none is known at the
// instant or not, whichever runs have closed.
//
// What an UpTo view of a meter gives of days of which its run and those before it have
// closed, and what an AsOf view gives, is never changed by what came later and
// states no run.
func (j *Journal) View(dst *series.Cube, by Reconciler, mpan settlement.MPAN, at time.Time, cut Cutoff) Tally {
	at = by.Known(at)
	t := j.Cube(dst, mpan, at, cut)
	if by.newest {
		j.renew(dst, mpan, instant(at), cut)
		return t
	}
	if by.capped {
		j.close(dst, by.limit, instant(at), cut)
	}
	by.giveWay(dst)
	return t
}

// giveWay clears what states no run where a run that may speak says anything: it
// may hold the other part of the day, and so a whole day that the run does not.
func (r Reconciler) giveWay(dst *series.Cube) {
	f := dst.Frame(settlement.Untagged)
	if f == nil {
		return
	}
	for day, part := range Parts(dst.Span()) {
		for _, run := range dst.Runs() {
			if run == settlement.Untagged || !r.admits(day, run) {
				continue
			}
			for l := range series.Line(dst.Schema().Len()) {
				if held(dst.Frame(run).Line(l), dst.Span().Index(part.Lo)) {
					void(f, l, part)
				}
			}
		}
	}
}

// Known is the instant up to which a view knows what is known at an instant: that
// of At or the end of the day of AsOf, where it is earlier.
func (r Reconciler) Known(at time.Time) time.Time {
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
	if f == nil || cut == nil || !j.derive {
		return
	}
	for day, part := range dst.Span().EachDay() {
		cuts, last := j.cutoffs(cut, day), r
		for last > settlement.Untagged && cuts[last] == never { // the day does not have it
			last--
		}
		if cuts[last] <= known {
			for l := range series.Line(j.schema.Len()) {
				void(f, l, part)
			}
		}
	}
}

// renew leaves a day that its latest run does not say as it is known to what is
// known.
func (j *Journal) renew(dst *series.Cube, mpan settlement.MPAN, known int64, cut Cutoff) {
	for day, whole := range dst.Span().EachDay() {
		cuts, spans := j.cutoffs(cut, day), partsOf(day)
		for l := range series.Line(j.schema.Len()) {
			var heards [len(spans)]heard
			for i, held := range j.days[Key{mpan, l, day}] {
				heards[i] = hear(held, known, &cuts)
			}
			if saysNewest(&heards, dst.Runs()) {
				continue
			}
			for i := range heards {
				v, in := heards[i].newest(), spans[i].Intersect(whole)
				if v == nil || in.Empty() || dst.Frame(v.run) == nil {
					continue
				}
				for _, r := range dst.Runs() {
					void(dst.Frame(r), l, in)
				}
				v.fill(dst.Frame(v.run), l, spans[i], v.run)
			}
		}
	}
}

// saysNewest reports whether the latest of some runs that says anything of a day
// says of every part of it what is known.
func saysNewest(day *[2]heard, runs []settlement.Run) bool {
	for _, r := range slices.Backward(runs) {
		a, b := day[0].says(r), day[1].says(r)
		if a != nil || b != nil {
			return a == day[0].newest() && b == day[1].newest()
		}
	}
	return true
}

// void leaves nothing of a line in a part of a frame.
func void(f *series.Frame, l series.Line, part settlement.Span) {
	col := f.Line(l)
	lo, hi := f.Span().Index(part.Lo), f.Span().Index(part.Hi)
	clear(col.Values[lo:hi])
	clear(col.Marks[lo:hi])
	kernel.ClearRange(col.Valid, lo, hi)
}

// Spoken is the version that speaks for a run, of a part of a day. Counts are
// half-hours of the part.
type Spoken struct {
	Version
	Contested int  // at odds with another version of its creation and run
	Estimates int  // that it estimates, of which a version it replaced had an actual reading
	Newer     bool // what is known (KnownAt) says something else
}

// Spoken tells which version Cube puts in the frame of a run for a half-hour, at
// the instant up to which a view knows: so it is the one that speaks, of whatever
// View leaves in that frame. It is not ok where the run says nothing. It looks at
// the half-hour's part of its day alone (Parts), and not at who may speak.
func (j *Journal) Spoken(mpan settlement.MPAN, l series.Line, p settlement.Period, run settlement.Run, by Reconciler, at time.Time, cut Cutoff) (Spoken, bool) {
	day := p.Day()
	cuts := j.cutoffs(cut, day)
	for i, part := range partsOf(day) {
		if !part.Contains(p) {
			continue
		}
		h := hear(j.days[Key{mpan, l, day}][i], instant(by.Known(at)), &cuts)
		v := h.says(run)
		if v == nil {
			break
		}
		last := h.newest()
		return Spoken{
			Version:   v.version(part),
			Contested: h.contested(v),
			Estimates: h.estimates(v, run),
			Newer:     last != v && last.compareContent(v) != 0,
		}, true
	}
	return Spoken{}, false
}

// contested counts the half-hours of which v, or what was received before it of
// its creation and run, does not say the same.
func (h *heard) contested(v *version) int {
	at := slices.Index(h.held, v)
	first := at
	for first > 0 && h.held[first-1].compareIdentity(v) == 0 {
		first--
	}
	return differ(h.held[first : at+1])
}

// estimates counts the half-hours that v, speaking for a run, estimates and a
// version that it replaced had actual. What states no run and came after the run
// closed does not count.
func (h *heard) estimates(v *version, run settlement.Run) (n int) {
	if v.estimated() == 0 {
		return 0
	}
	by := h.known
	if v.run != run {
		by = h.cuts[run]
	}
	var counted [longest]bool
	for _, w := range h.held {
		if w.received > h.known || w.run == settlement.Untagged && w.received > by || !v.replaces(w, h.cuts) {
			continue
		}
		for i := range v.values {
			if !counted[i] && v.mark(i).Has(series.Estimated) && !w.mark(i).Has(series.Estimated) {
				counted[i] = true
				n++
			}
		}
	}
	return n
}
