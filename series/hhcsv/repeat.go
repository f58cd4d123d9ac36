package hhcsv

import (
	"math/bits"
	"strconv"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// maxOpen is how many series may stand in a long day at once. Each costs about
// 100 bytes.
const maxOpen = 1 << 20

// A key names one series of readings.
type key struct {
	mpan settlement.MPAN
	line series.Line
	run  settlement.Run
}

// longDay is what has been seen of a series on the day the clocks go back. It
// lives from the series' first row of the day to its first row of another.
type longDay struct {
	day      settlement.Day
	latest   int    // latest clock time seen, in half-hours
	taken    uint64 // numbers of the repeated hour that have come, as bits
	rows     [4]int // lines they stood on, by number modulo 4
	suffixed bool   // the second ones carry a suffix
}

// pick says which of the two half-hours that start when the clock shows half a
// row means. first is the first of them.
func (e *longDay) pick(first settlement.Period, half int, second bool) (p settlement.Period, want string) {
	n := int(first - e.day.First())
	hasFirst, hasSecond := e.taken>>n&1 != 0, e.taken>>(n+2)&1 != 0
	const order = "rows in order of the clock, or the suffix a on the second, because order tells the repeated hour of the long day apart"
	switch {
	case second && hasSecond:
		return 0, "each half-hour once: the second with this label has come"
	case second:
		return first + 2, ""
	case hasFirst && hasSecond, hasFirst && e.suffixed:
		return 0, "this label at most twice on the long day, the second with or without the suffix a"
	case !e.suffixed && (e.latest > half && !hasFirst || e.latest > lastRepeated(e.day, half)):
		return 0, order
	case hasFirst:
		return first + 2, ""
	}
	return first, ""
}

// lastRepeated is the last clock time of the repeated hour that half is in.
func lastRepeated(d settlement.Day, half int) int {
	for {
		if _, n := starts(d, half+1); n != 2 {
			return half
		}
		half++
	}
}

// take notes that p has come.
func (e *longDay) take(p settlement.Period, row int, second bool) {
	n := int(p - e.day.First())
	e.taken |= 1 << n
	e.rows[n%4] = row
	e.suffixed = e.suffixed || second
}

// alone gives the first half-hour of the repeated hour that has come without
// its other and without a suffix to tell which it is.
func (e *longDay) alone() (row int, half int, found bool) {
	if e.suffixed {
		return 0, 0, false
	}
	for rest := e.taken; rest != 0; rest &= rest - 1 {
		n := bits.TrailingZeros64(rest)
		p := e.day.First() + settlement.Period(n)
		half := p.Clock() / 30
		first, _ := starts(e.day, half)
		at := int(first - e.day.First())
		if e.taken>>at&1 != e.taken>>(at+2)&1 {
			return e.rows[n%4], half, true
		}
	}
	return 0, 0, false
}

func aloneWant(d settlement.Day, k key) string {
	return "this label twice on " + d.String() + ", when the clocks go back, for " + k.mpan.String() + " " +
		series.Meter().Def(k.line).Name + " " + k.run.String() +
		": standing once it can be either of two half-hours; mark the second with the suffix a, give an offset, or use " +
		strconv.Itoa(d.Len()) + " period numbers"
}
