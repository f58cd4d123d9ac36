package revisions

import (
	"sort"
	"time"

	"github.com/halfhour/halfhour/internal/kernel"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// Cutoff gives the data cut-off of a settlement run: what was received after it
// the run did not see. It is not ok for a run the day does not have.
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

// Tally counts what a view of a journal was made from. A day counts once for
// each line, and in a cube once for each run.
type Tally struct {
	Days    int // filled from a version
	Derived int // of those in a run's frame, filled from a version that states no run
	Absent  int // without a version
	Later   int // versions of these lines and days received after the instant, and not used
}

// KnownAt fills dst with what was known of a meter at an instant: for each line
// and day the newest version received by then, whatever its run, which the mark
// names. What was in dst is gone; a day without a version is left invalid. The
// zero MPAN is that of readings without one, not of all.
//
// Newest is newest received. Where runs are stated, as in central data, an old
// run loaded late is the newest; a Cube keeps the runs apart.
//
// It does not allocate.
func (j *Journal) KnownAt(dst *series.Frame, mpan settlement.MPAN, at time.Time, cut Cutoff) Tally {
	j.ready(dst)
	var t Tally
	known := instant(at)
	for l := range series.Line(j.schema.Len()) {
		for day, part := range dst.Span().EachDay() {
			held := j.days[Key{mpan, l, day}]
			n := until(held, known)
			t.Later += len(held) - n
			if n == 0 {
				t.Absent++
				continue
			}
			held[n-1].fill(dst, l, day, part, held[n-1].run)
			t.Days++
		}
	}
	return t
}

// Cube fills dst with what each of its runs said of a meter, as known at an
// instant. For each line and day a run says
//
//   - the newest version received by the instant that states the run;
//   - failing that, once its cut-off is no later than the instant, the newest
//     version without a run received by the cut-off, which is what the run saw;
//   - failing that, nothing: the day is left invalid.
//
// The frame of Untagged, if dst has one, holds the newest version without a run
// received by the instant. What was in dst is gone. A nil cut derives nothing.
//
// It does not allocate, apart from what cut does.
func (j *Journal) Cube(dst *series.Cube, mpan settlement.MPAN, at time.Time, cut Cutoff) Tally {
	for _, r := range dst.Runs() {
		j.ready(dst.Frame(r))
	}
	var t Tally
	known := instant(at)
	for day, part := range dst.Span().EachDay() {
		var seen [settlement.NumRanked]int64 // by when what states no run counts
		for _, r := range dst.Runs() {
			seen[r] = cutoff(cut, day, r, known)
		}
		for l := range series.Line(j.schema.Len()) {
			held := j.days[Key{mpan, l, day}]
			n := until(held, known)
			t.Later += len(held) - n
			for _, r := range dst.Runs() {
				v := newest(held[:n], r)
				if v == nil && r != settlement.Untagged {
					if v = newest(held[:until(held[:n], seen[r])], settlement.Untagged); v != nil {
						t.Derived++
					}
				}
				if v == nil {
					t.Absent++
					continue
				}
				v.fill(dst.Frame(r), l, day, part, r)
				t.Days++
			}
		}
	}
	return t
}

// cutoff is the instant up to which what states no run counts for run r: before
// everything when r has not closed by the instant known.
func cutoff(cut Cutoff, day settlement.Day, r settlement.Run, known int64) int64 {
	never := instant(time.Time{})
	if cut == nil || r == settlement.Untagged {
		return never
	}
	closed, ok := cut(day, r)
	if c := instant(closed); ok && c <= known {
		return c
	}
	return never
}

// until is how many of the versions of a day were received by an instant.
func until(held []*version, by int64) int {
	return sort.Search(len(held), func(i int) bool { return held[i].received > by })
}

// newest is the last version that states the run, or nil.
func newest(held []*version, r settlement.Run) *version {
	for i := len(held) - 1; i >= 0; i-- {
		if held[i].run == r {
			return held[i]
		}
	}
	return nil
}

// fill writes the part of a day that lies in the frame's span.
func (v *version) fill(dst *series.Frame, l series.Line, day settlement.Day, part settlement.Span, run settlement.Run) {
	col := dst.Line(l)
	lo, hi := dst.Span().Index(part.Lo), dst.Span().Index(part.Hi)
	skip := day.Span().Index(part.Lo)
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
