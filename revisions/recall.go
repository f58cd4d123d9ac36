package revisions

import (
	"time"

	"github.com/halfhour/halfhour/internal/kernel"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// Cutoff gives the data cut-off of a settlement run: what was received after it
// the run did not see. It is not ok for a run the day does not have. A run closes
// no later than the runs after it: where it says otherwise, the earlier is taken.
type Cutoff func(settlement.Day, settlement.Run) (time.Time, bool)

// TimetableCutoff takes the start, by the clock in Britain, of the day a run is
// due for its data cut-off. The true cut-off lies before it: aggregators close
// some days ahead of the run, and no public source this was written from says
// how many. So a file that came in those last days counts as seen by a run that
// did not see it. Where the cut-offs are known, write a Cutoff of your own.
//
// Dates published to the timetable are taken before counted ones. DF has a
// cut-off only where its date was published.
func TimetableCutoff(t settlement.Timetable) Cutoff {
	return func(d settlement.Day, r settlement.Run) (time.Time, bool) {
		due, ok := t.Due(d, r)
		if !ok {
			return time.Time{}, false
		}
		return due.First().Time(), true
	}
}

// Tally counts what a view of a journal was made from. A part of a day (Parts)
// counts once for each line, and in a cube once for each run.
type Tally struct {
	Parts   int // filled from a version
	Derived int // of those in a run's frame, filled from a version that states no run
	Absent  int // without a version
	Later   int // versions of these lines and days received after the instant, and not used
}

// KnownAt fills dst with what was known of a meter at an instant: for each line
// and part of a day what a run after all of them would see, had it its cut-off at
// the instant (Cube). That is the newest version without a run, unless one that
// states its run had seen it, and then the latest run stated. The mark names the
// run of the version. So an old run loaded late replaces no later run, and a flow
// loaded late does not replace a run that had seen it. A nil cut is no cut-off of
// any run.
//
// What was in dst is gone; what has no version is left invalid.
//
// It does not allocate, apart from what cut does.
func (j *Journal) KnownAt(dst *series.Frame, mpan settlement.MPAN, at time.Time, cut Cutoff) Tally {
	j.ready(dst)
	var t Tally
	known := instant(at)
	for day, whole := range dst.Span().EachDay() {
		cuts := j.cutoffs(cut, day)
		for l := range series.Line(j.schema.Len()) {
			held := j.days[Key{mpan, l, day}]
			for i, part := range partsOf(day) {
				if part.Intersect(whole).Empty() {
					continue
				}
				h := hear(held[i], known, &cuts)
				t.Later += h.later
				v := h.newest()
				if v == nil {
					t.Absent++
					continue
				}
				v.fill(dst, l, part, v.run)
				t.Parts++
			}
		}
	}
	return t
}

// Cube fills dst with what each of its runs said of a meter, as known at an
// instant: only what was received by then exists. For each line and part of a day
// a run says
//
//   - the newest version that states the run;
//   - failing that, of a meter's lines, once its cut-off is no later than the instant, the newest
//     version without a run received by the cut-off, which is what the run saw,
//     unless a version that states an earlier run had seen it already;
//   - failing that, nothing: the half-hours are left invalid, and an earlier run
//     speaks.
//
// The newest version is the one made last. What a version that states its run had
// seen is what was received when it was, and by the cut-off of that run: so R2
// does not go back to a reading of June behind an R1 of July, and does say a
// reading that came after R1 closed.
//
// The frame of Untagged, if dst has one, holds the newest version without a run.
// What was in dst is gone. A nil cut derives nothing.
//
// It does not allocate, apart from what cut does.
func (j *Journal) Cube(dst *series.Cube, mpan settlement.MPAN, at time.Time, cut Cutoff) Tally {
	for _, r := range dst.Runs() {
		j.ready(dst.Frame(r))
	}
	var t Tally
	known := instant(at)
	for day, whole := range dst.Span().EachDay() {
		cuts := j.cutoffs(cut, day)
		for l := range series.Line(j.schema.Len()) {
			held := j.days[Key{mpan, l, day}]
			for i, part := range partsOf(day) {
				if part.Intersect(whole).Empty() {
					continue
				}
				h := hear(held[i], known, &cuts)
				t.Later += h.later
				h.into(dst, l, part, &t)
			}
		}
	}
	return t
}

// into fills a part of every run of a cube.
func (h *heard) into(dst *series.Cube, l series.Line, part settlement.Span, t *Tally) {
	for _, r := range dst.Runs() {
		v := h.says(r)
		if v == nil {
			t.Absent++
			continue
		}
		v.fill(dst.Frame(r), l, part, r)
		t.Parts++
		if v.run != r {
			t.Derived++
		}
	}
}

// fill writes what of a part of a day lies in the frame's span.
func (v *version) fill(dst *series.Frame, l series.Line, part settlement.Span, run settlement.Run) {
	col, in := dst.Line(l), part.Intersect(dst.Span())
	lo, hi := dst.Span().Index(in.Lo), dst.Span().Index(in.Hi)
	skip := part.Index(in.Lo)
	copy(col.Values[lo:hi], v.values[skip:])
	kernel.SetRange(col.Valid, lo, hi)
	for i := lo; i < hi; i++ {
		col.Marks[i] = v.mark(skip + i - lo).From(run)
	}
}

// ready empties a frame that is to be filled.
func (j *Journal) ready(dst *series.Frame) {
	if dst.Schema() != j.schema {
		panic(panicOtherSchema)
	}
	dst.Writable()
	for l := range series.Line(j.schema.Len()) {
		col := dst.Line(l)
		clear(col.Values)
		clear(col.Valid)
		clear(col.Marks)
	}
}

const panicOtherSchema = "revisions: the frame or cube has another schema than the journal"
