package settlement

import "iter"

// Span is a half-open interval of periods: Lo is in it, Hi is not. It is empty
// when Lo == Hi, and so is a span with Lo above Hi. The zero Span is empty.
//
// A span is also a shape: Len is the length of a column over it and Index the
// place of a period in that column.
type Span struct{ Lo, Hi Period }

const panicDays = "settlement: Days: from is after to"

// Days gives the whole days from one to another, to exclusive: a month is
// Days(m.First(), m.Next().First()). It panics if from is after to.
func Days(from, to Day) Span {
	if from > to {
		panic(panicDays)
	}
	return Span{from.First(), to.First()}
}

// Len is the number of periods.
func (s Span) Len() int { return max(0, int(s.Hi)-int(s.Lo)) }

// Empty says whether the span has no periods.
func (s Span) Empty() bool { return s.Lo >= s.Hi }

// Contains says whether p is in the span.
func (s Span) Contains(p Period) bool { return s.Lo <= p && p < s.Hi }

// Covers says whether every period of t is in s. Every span covers an empty
// one.
func (s Span) Covers(t Span) bool { return t.Empty() || s.Lo <= t.Lo && t.Hi <= s.Hi }

// Intersect gives the periods that are in both, and the zero Span if there are
// none, so that empty results compare equal.
func (s Span) Intersect(t Span) Span {
	x := Span{max(s.Lo, t.Lo), min(s.Hi, t.Hi)}
	if x.Empty() {
		return Span{}
	}
	return x
}

// Index is the place of p in a column over s: p - Lo. It does not check that p
// is in the span, because it stands in loops that already know.
func (s Span) Index(p Period) int { return int(p) - int(s.Lo) }

// From is the day of the first period.
func (s Span) From() Day { return s.Lo.Day() }

// To is the first day the span has not begun: the day after that of the last
// period. Of an empty span it is From, so From to To holds no day.
func (s Span) To() Day {
	if s.Empty() {
		return s.From()
	}
	return (s.Hi - 1).Day() + 1
}

// WholeDays says whether the span starts and ends on local midnights.
func (s Span) WholeDays() bool {
	return s.Lo == s.Lo.Day().First() && s.Hi == s.Hi.Day().First()
}

// EachDay yields the days of the span in order, each with the part of it that
// is inside the span. Only the first and the last part can be less than the
// day. An empty span yields nothing.
func (s Span) EachDay() iter.Seq2[Day, Span] {
	return func(yield func(Day, Span) bool) {
		if s.Empty() {
			return
		}
		d := s.From()
		for lo := s.Lo; lo < s.Hi; d++ {
			hi := min((d + 1).First(), s.Hi)
			if !yield(d, Span{lo, hi}) {
				return
			}
			lo = hi
		}
	}
}

// Months yields the months of the span in order, each with the part of it that
// is inside the span, as EachDay does for days.
func (s Span) Months() iter.Seq2[Month, Span] {
	return func(yield func(Month, Span) bool) {
		if s.Empty() {
			return
		}
		m := s.From().Month()
		for lo := s.Lo; lo < s.Hi; m++ {
			hi := min(m.Next().First().First(), s.Hi)
			if !yield(m, Span{lo, hi}) {
				return
			}
			lo = hi
		}
	}
}

// String gives the interval as it is, half-open: "[2024-04-01, 2024-05-01)" for
// whole days, "[2024-04-01/03, 2024-04-01/07)" otherwise, and "[)" for an empty
// span.
func (s Span) String() string {
	switch {
	case s.Empty():
		return "[)"
	case s.WholeDays():
		return "[" + s.From().String() + ", " + s.To().String() + ")"
	}
	return "[" + s.Lo.String() + ", " + s.Hi.String() + ")"
}
