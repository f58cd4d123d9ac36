package revisions

import (
	"github.com/halfhour/halfhour/settlement"
)

// Report says which run supplied what, and what is missing. Reuse one and it
// stops allocating.
type Report struct {
	View    string
	Span    settlement.Span
	Sources []Source

	days []int32 // index at which each day starts, and the end
}

// Source is the report on one source. Counts are half-hours.
type Source struct {
	Name       string
	Stretches  []Stretch // in order, covering the span
	ByRun      [settlement.NumRanked]int
	Missing    int
	Merged     int // half-hours of merged days that have a value
	Estimated  int
	Incomplete int // days on which an admitted run was passed over because it did not hold the whole day

	short []settlement.Day // those days
}

// Kind is how a stretch was decided.
type Kind uint8

const (
	Whole   Kind = iota // one run holds every half-hour of its days
	Merged              // no run does: put together from several, or in part
	Missing             // nothing is held
)

var kindNames = [...]string{Whole: "whole", Merged: "merged", Missing: "missing"}

// String is the kind as reports name it.
func (k Kind) String() string { return kindNames[k] }

// Stretch is half-hours lo <= i < hi decided alike; whole days but for the
// edges of the span.
type Stretch struct {
	Kind   Kind
	Run    settlement.Run // of a Whole stretch
	Lo, Hi int
}

// Days are those of a stretch, to exclusive.
func (r *Report) Days(st Stretch) (from, to settlement.Day) {
	part := settlement.Span{Lo: r.Span.Lo + settlement.Period(st.Lo), Hi: r.Span.Lo + settlement.Period(st.Hi)}
	return part.From(), part.To()
}

// Source finds the report on a source by name, or nil.
func (r *Report) Source(name string) *Source {
	for i := range r.Sources {
		if r.Sources[i].Name == name {
			return &r.Sources[i]
		}
	}
	return nil
}

// PassedOver reports whether on any day of a span an admitted run was passed
// over, for any source, because it did not hold the whole day.
func (r *Report) PassedOver(span settlement.Span) bool {
	for i := range r.Sources {
		for _, d := range r.Sources[i].short {
			if !span.Intersect(d.Span()).Empty() {
				return true
			}
		}
	}
	return false
}

func (r *Report) reset(view string, span settlement.Span, sources int) {
	r.View, r.Span = view, span
	for len(r.Sources) < sources {
		r.Sources = append(r.Sources, Source{})
	}
	r.Sources = r.Sources[:sources]
	r.days = append(r.days[:0], 0)
	if span.Empty() {
		return
	}
	for d := span.From() + 1; d.First() < span.Hi; d++ {
		r.days = append(r.days, int32(d.First()-span.Lo))
	}
	r.days = append(r.days, int32(span.Len()))
}

// add appends a stretch, joining it to the one before when they are alike.
func (s *Source) add(st Stretch) {
	if n := len(s.Stretches); n > 0 && st.Kind != Merged {
		if last := &s.Stretches[n-1]; last.Kind == st.Kind && last.Run == st.Run && last.Hi == st.Lo {
			last.Hi = st.Hi
			return
		}
	}
	s.Stretches = append(s.Stretches, st)
}
