package tariffs

import (
	"github.com/halfhour/halfhour/internal/kernel"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// Combine adds the readings of a related meter to those of dst, frames of
// series.Meter over one span, half-hour by half-hour: demand and reactive
// energy are charged on the connection, not on each of its meters. A half-hour
// of a line that one of them lacks is lacking in both; flags add up, and the
// earlier run is noted. It fails with ErrOverflow where a sum cannot be held.
func Combine(dst, src *series.Frame) error {
	if dst.Schema() != series.Meter() || src.Schema() != series.Meter() || dst.Span() != src.Span() {
		panic("tariffs: Combine takes two frames of Meter over one span")
	}
	dst.Writable()
	for l := range series.Line(dst.Schema().Len()) {
		to, from := dst.Line(l), src.Line(l)
		for i, v := range from.Values {
			sum := to.Values[i] + v
			if (sum < v) != (to.Values[i] < 0) {
				return tooLarge(dst.Schema(), l, dst.Span(), i)
			}
			to.Values[i] = sum
			run := to.Marks[i].Run()
			if holds(from, i) {
				run = min(run, from.Marks[i].Run())
			}
			to.Marks[i] = ((to.Marks[i] | from.Marks[i]) & series.Flags).From(settlement.Run(run))
		}
		kernel.And(to.Valid, from.Valid)
		clearInvalid(to)
	}
	return nil
}
