package series

import (
	"github.com/halfhour/halfhour/internal/kernel"
	"github.com/halfhour/halfhour/settlement"
)

// Totals are exact sums by line and month. Sums over an invalid cell count it
// as nothing, and Held says how many cells there were, so that a part is never
// taken for a whole.
type Totals struct {
	schema *Schema
	span   settlement.Span
	months []settlement.Month
	bounds []int   // month i is bounds[i] <= index < bounds[i+1]
	sums   []Total // line-major: line × month
	held   []int   // source-major: source × month
}

// Reset empties the totals for the lines of a schema over a span.
func (t *Totals) Reset(s *Schema, span settlement.Span) {
	if t.schema != s || t.span != span {
		t.schema, t.span = s, span
		t.months, t.bounds = t.months[:0], append(t.bounds[:0], 0)
		for m, part := range span.Months() {
			t.months = append(t.months, m)
			t.bounds = append(t.bounds, int(part.Hi-span.Lo))
		}
		t.sums = make([]Total, s.Len()*len(t.months))
		t.held = make([]int, s.Sources()*len(t.months))
		return
	}
	clear(t.sums)
	clear(t.held)
}

// Months are the buckets, in order.
func (t *Totals) Months() []settlement.Month { return t.months }

// Sum is the total of a line in the i-th month, at the line's scale.
func (t *Totals) Sum(l Line, i int) Total { return t.sums[int(l)*len(t.months)+i] }

// Held is how many half-hours of the line's source the i-th month holds.
func (t *Totals) Held(l Line, i int) int { return t.held[t.schema.SourceOf(l)*len(t.months)+i] }

// Add adds to a line in the i-th month what some of its cells come to.
func (t *Totals) Add(l Line, i int, sum Total) {
	at := &t.sums[int(l)*len(t.months)+i]
	*at = at.Add(sum)
}

// AddHeld adds to how many half-hours of a source the i-th month holds.
func (t *Totals) AddHeld(source, i, n int) { t.held[source*len(t.months)+i] += n }

// AddRange adds the cells lo <= i < hi of a source of f, which has the
// totals' schema and span. It does not allocate.
func (t *Totals) AddRange(f *Frame, source, lo, hi int) {
	if f.schema != t.schema || f.span != t.span {
		panic(panicTotals)
	}
	for i := range t.months {
		if a, b := max(lo, t.bounds[i]), min(hi, t.bounds[i+1]); a < b {
			t.held[source*len(t.months)+i] += kernel.CountSet(f.Source(source).Valid, a, b)
		}
	}
	for l, of := range t.schema.of {
		if of != source {
			continue
		}
		v, sums := f.cols[l].Values, t.sums[l*len(t.months):]
		for i := range t.months {
			if a, b := max(lo, t.bounds[i]), min(hi, t.bounds[i+1]); a < b {
				h, w := kernel.Sum(v[a:b])
				sums[i] = sums[i].Add(Total{h, w})
			}
		}
	}
}

const panicTotals = "series: the totals are of another schema or span"

// AddEach adds the half-hours of a source that Frame.TakeEach would copy.
func (t *Totals) AddEach(c *Cube, source, lo int, which []uint8) {
	if c.schema != t.schema || c.span != t.span {
		panic(panicTotals)
	}
	if len(which) > MaxEach {
		panic(panicEach)
	}
	var cells [kernel.Ways][]int64
	var valid [kernel.Ways][]uint64
	var bits [MaxEach/64 + 1]uint64
	for i := range t.months {
		a, b := max(lo, t.bounds[i]), min(lo+len(which), t.bounds[i+1])
		if a >= b {
			continue
		}
		part, from := which[a-lo:b-lo], a&^63
		for r, run := range c.runs {
			valid[run] = c.frames[r].Source(source).Valid[from>>6:]
		}
		kernel.GatherBits(bits[:], &valid, part, a-from, b-from)
		t.held[source*len(t.months)+i] += kernel.CountSet(bits[:], a-from, b-from)
		for l, of := range t.schema.of {
			if of == source {
				c.each(&cells, Line(l), a, b)
				sum := &t.sums[l*len(t.months)+i]
				h, w := kernel.GatherSum(&cells, part)
				*sum = sum.Add(Total{h, w})
			}
		}
	}
}

// TotalByMonth sums the frame.
func (f *Frame) TotalByMonth(t *Totals) {
	t.Reset(f.schema, f.span)
	for k := range f.schema.Sources() {
		t.AddRange(f, k, 0, f.Len())
	}
}
