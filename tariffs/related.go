package tariffs

import (
	"github.com/halfhour/halfhour/internal/kernel"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// Combine adds the readings of a related meter to those of dst, frames of
// series.Meter over one span, half-hour by half-hour: demand and reactive
// energy are charged on the connection, not on each of its meters. A half-hour
// of active energy that one of them lacks is lacking in both. Reactive energy
// that one lacks and the other has is what is held, and an estimate: a meter
// without a reactive register is no reason to drop the other's. Flags add up,
// and the earlier run is noted. It fails with ErrOverflow where a sum cannot be
// held.
func Combine(dst, src *series.Frame) error {
	if dst.Schema() != series.Meter() || src.Schema() != series.Meter() || dst.Span() != src.Span() {
		panic("tariffs: Combine takes two frames of Meter over one span")
	}
	dst.Writable()
	for l := range series.Line(dst.Schema().Len()) {
		if i := combine(dst.Line(l), src.Line(l), l == series.RI || l == series.RE); i < dst.Len() {
			return tooLarge(dst.Schema(), l, dst.Span(), i)
		}
	}
	return nil
}

// combine adds a line. It returns the first half-hour whose sum cannot be held,
// or its length.
func combine(to, from series.Column, reactive bool) int {
	for i, v := range from.Values {
		sum := to.Values[i] + v
		if (sum < v) != (to.Values[i] < 0) {
			return i
		}
		have, more := holds(to, i), holds(from, i)
		mark := (to.Marks[i] | from.Marks[i]) & series.Flags
		run := to.Marks[i].Run()
		switch {
		case have && more:
			run = min(run, from.Marks[i].Run())
		case reactive && (have || more):
			mark |= series.Estimated
			run = max(run, from.Marks[i].Run()) // of the one that is held
			kernel.SetRange(to.Valid, i, i+1)
		default:
			sum, mark, run = 0, 0, settlement.Untagged
			kernel.ClearRange(to.Valid, i, i+1)
		}
		to.Values[i], to.Marks[i] = sum, mark.From(run)
	}
	return to.Len()
}
