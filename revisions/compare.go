package revisions

import (
	"math/bits"

	"github.com/halfhour/halfhour/internal/kernel"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

const (
	panicPair = "revisions: two views are compared over one schema and span"
	panicPart = "revisions: the half-hours compared are of the views' span"
)

// Pair is two views of the same lines over the same half-hours: of two runs, of
// two days, of anything that is told in a frame.
type Pair struct{ Old, New *series.Frame }

// Side is what some half-hours hold of a line: how many hold a value, and the
// sum at the line's scale.
type Side struct {
	Sum       series.Total
	HalfHours int
}

// Change is how a line differs between two views over some half-hours. A
// missing value is not a zero: what one view holds and the other does not is in
// Appeared or Vanished, never in Delta. Always and exactly
//
//	New.Sum − Old.Sum = Delta + Appeared.Sum − Vanished.Sum
type Change struct {
	Old, New Side         // what each view holds
	Delta    series.Total // new − old over the half-hours that both hold
	Changed  int          // of those, how many hold another value
	Appeared Side         // held by the new view only
	Vanished Side         // held by the old view only
}

// Net is what the whole comes to: New.Sum − Old.Sum.
func (c *Change) Net() series.Total { return c.New.Sum.Sub(c.Old.Sum) }

// None reports whether the views say the same: nothing changed, appeared or
// vanished.
func (c *Change) None() bool { return c.Changed+c.Appeared.HalfHours+c.Vanished.HalfHours == 0 }

func (p Pair) check() {
	if p.Old.Schema() != p.New.Schema() || p.Old.Span() != p.New.Span() {
		panic(panicPair)
	}
}

// Change is how line l differs over a part of the span: a month, a day, a
// half-hour, all of it. It does not allocate.
func (p Pair) Change(l series.Line, part settlement.Span) Change {
	p.check()
	if !p.Old.Span().Covers(part) {
		panic(panicPart)
	}
	if part.Empty() {
		return Change{}
	}
	lo, hi := p.Old.Span().Index(part.Lo), p.Old.Span().Index(part.Hi)
	before, after := p.Old.Line(l), p.New.Line(l)
	c := Change{
		Old: Side{before.Sum(lo, hi), before.CountValid(lo, hi)},
		New: Side{after.Sum(lo, hi), after.CountValid(lo, hi)},
	}
	for i := lo; i < hi; i++ { // an invalid cell holds 0
		if before.Values[i] != after.Values[i] {
			c.Changed++
		}
	}
	for w := lo >> 6; w<<6 < hi; w++ {
		one := (before.Valid[w] ^ after.Valid[w]) & kernel.Mask(w, lo, hi)
		for ; one != 0; one &= one - 1 {
			i := w<<6 + bits.TrailingZeros64(one)
			v := before.Values[i] | after.Values[i]
			if v != 0 { // counted above, but not held on both sides
				c.Changed--
			}
			if held(after, i) {
				c.Appeared.add(v)
			} else {
				c.Vanished.add(v)
			}
		}
	}
	c.Delta = c.Net().Sub(c.Appeared.Sum).Add(c.Vanished.Sum)
	return c
}

func (s *Side) add(v int64) {
	s.Sum = s.Sum.Add(series.TotalOf(v))
	s.HalfHours++
}

// Differences fills dst, a frame of the views' schema and span, with new − old
// for each line and half-hour that both hold; the others hold nothing. A mark
// has the run of the new view and the flags of both. It does not allocate.
//
// It fails with series.ErrValue, naming line and half-hour, where a difference
// passes what a cell holds; Change totals it all the same. dst is then not to
// be used.
func (p Pair) Differences(dst *series.Frame) error {
	p.check()
	if dst.Schema() != p.Old.Schema() || dst.Span() != p.Old.Span() {
		panic(panicShape)
	}
	dst.Writable()
	for k := range dst.Schema().Sources() {
		to, before, after := dst.Source(k), p.Old.Source(k), p.New.Source(k)
		for w := range to.Valid {
			to.Valid[w] = before.Valid[w] & after.Valid[w]
		}
		for i := range to.Marks {
			to.Marks[i] = 0
			if held(to, i) {
				to.Marks[i] = after.Marks[i] | before.Marks[i]&series.Flags
			}
		}
	}
	for l := range series.Line(dst.Schema().Len()) {
		to := dst.Line(l)
		if i := subtract(to.Values, p.New.Line(l).Values, p.Old.Line(l).Values, to.Valid); i < dst.Len() {
			return &series.Error{Value: dst.Schema().Def(l).Name + " " + (dst.Span().Lo + settlement.Period(i)).String(),
				Want: "two values whose difference fits a cell; check both readings", Err: series.ErrValue}
		}
	}
	return nil
}

// subtract is dst = a − b where valid, and 0 elsewhere. It returns the first
// index that does not fit, or len(dst).
func subtract(dst, a, b []int64, valid []uint64) int {
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		d := a[i] - b[i]
		switch {
		case valid[i>>6]>>(uint(i)&63)&1 == 0:
			d = 0
		case (a[i]^b[i])&(a[i]^d) < 0:
			return i
		}
		dst[i] = d
	}
	return len(dst)
}
