package series

import (
	"math/bits"
	"testing"

	"pgregory.net/rapid"

	"github.com/halfhour/halfhour/settlement"
)

// Half-hours taken each from its own run are those taken one at a time; a run
// the cube does not hold leaves them empty; the totals of both agree.
func TestEach(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.SampledFrom(schemas).Draw(t, "schema")
		span := spanOfLen(rapid.SampledFrom(lengths).Draw(t, "n"))
		runs := []settlement.Run{settlement.Untagged, settlement.SF, settlement.DF}
		c := NewCube(nil, s, runs, span)
		for i, r := range runs {
			fill(c.Frame(r), int64(i))
		}
		n := span.Len()
		lo := rapid.IntRange(0, n).Draw(t, "lo")
		hi := min(rapid.IntRange(lo, n).Draw(t, "hi"), lo+MaxEach)
		absent := uint8(settlement.NumRanked)
		which := rapid.SliceOfN(rapid.SampledFrom([]uint8{0, uint8(settlement.SF), uint8(settlement.R1), uint8(settlement.DF), absent}), hi-lo, hi-lo).Draw(t, "which")

		got, want := NewFrame(nil, s, span), NewFrame(nil, s, span)
		fill(got, 9)
		fill(want, 9)
		empty := NewFrame(nil, s, span)
		var totals, cell Totals
		totals.Reset(s, span)
		cell.Reset(s, span)
		for k := range s.Sources() {
			got.TakeEach(c, k, lo, which)
			totals.AddEach(c, k, lo, which)
			for i, r := range which {
				from := c.Frame(settlement.Run(r))
				if from == nil {
					from = empty
				}
				want.Take(from, k, lo+i, lo+i+1)
				cell.AddRange(from, k, lo+i, lo+i+1)
			}
		}
		if diff := same(got, want); diff != "" {
			t.Fatal(diff)
		}
		for i := range cell.Months() {
			for l := range s.Len() {
				if totals.Sum(Line(l), i) != cell.Sum(Line(l), i) || totals.Held(Line(l), i) != cell.Held(Line(l), i) {
					t.Fatalf("line %d, month %d: %v of %d, want %v of %d", l, i, totals.Sum(Line(l), i), totals.Held(Line(l), i), cell.Sum(Line(l), i), cell.Held(Line(l), i))
				}
			}
		}
	})
	c := NewCube(nil, single, []settlement.Run{settlement.SF}, spanOfLen(9))
	other, long := NewFrame(nil, single, spanOfLen(8)), make([]uint8, MaxEach+1)
	var tot Totals
	tot.Reset(single, spanOfLen(8))
	mustPanic(t, panicTake, func() { other.TakeEach(c, 0, 0, nil) })
	mustPanic(t, panicTotals, func() { tot.AddEach(c, 0, 0, nil) })
	tot.Reset(single, c.Span())
	mustPanic(t, panicEach, func() { NewFrame(nil, single, c.Span()).TakeEach(c, 0, 0, long) })
	mustPanic(t, panicEach, func() { tot.AddEach(c, 0, 0, long) })
}

// Count looks at every byte, in words of eight and past the last of them.
func TestCountMarks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		marks := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Mark { return Mark(rapid.Byte().Draw(t, "mark")) }), 0, 40).Draw(t, "marks")
		flag, want := Mark(rapid.Byte().Draw(t, "flag")), 0
		for _, m := range marks {
			want += min(1, bits.OnesCount8(uint8(m&flag)))
		}
		if got := Count(marks, flag); got != want {
			t.Fatalf("Count(%v, %#x) = %d, want %d", marks, flag, got, want)
		}
	})
}
