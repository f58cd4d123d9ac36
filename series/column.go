package series

import "github.com/halfhour/halfhour/internal/kernel"

// Column is a view of one line over a span: index i is period span.Lo+i.
//
// Values are integers at the line's scale. Valid is Arrow's bitmap, least
// significant bit first; bits past the end are 0, and an invalid cell holds 0.
// Marks and Valid belong to the line's source and are shared by its lines.
// A Column never owns memory: it is good for as long as its Frame.
type Column struct {
	Values []int64
	Valid  []uint64
	Marks  []Mark
}

// Len is the number of half-hours.
func (c Column) Len() int { return len(c.Values) }

// At is the value at index i and whether there is one.
func (c Column) At(i int) (int64, bool) {
	return c.Values[i], c.Valid[i>>6]>>(uint(i)&63)&1 != 0
}

// CountValid is how many of the cells lo <= i < hi hold a value.
func (c Column) CountValid(lo, hi int) int { return kernel.CountSet(c.Valid, lo, hi) }

// NextInvalid is the first i in lo <= i < hi without a value, or hi.
func (c Column) NextInvalid(lo, hi int) int { return kernel.NextClear(c.Valid, lo, hi) }

// Sum is the exact total of the cells lo <= i < hi, at the line's scale. An
// invalid cell holds 0 and adds nothing: CountValid says how many there are.
func (c Column) Sum(lo, hi int) Total {
	h, l := kernel.Sum(c.Values[lo:hi])
	return Total{h, l}
}
