package hhparquet

import (
	"slices"

	"github.com/halfhour/halfhour/settlement"
)

// calendar is how a span falls into pages and days. A page is a month, or what
// of a month is in the span, so that a reader can pass over the months it does
// not want without decompressing them.
type calendar struct {
	span  settlement.Span
	days  []int32 // index of each day's first half-hour, and the span's length
	pages []page
}

// page is the half-hours lo <= i < hi of the span, which are the days from <= d < to.
type page struct{ lo, hi, from, to int }

// maxRows is the most half-hours of a page: a month of 31 days and an hour.
const maxRows = 31*48 + 2

// set is for another span.
func (c *calendar) set(span settlement.Span) {
	if span == c.span && len(c.days) > 0 {
		return
	}
	c.span, c.days, c.pages = span, c.days[:0], c.pages[:0]
	for _, part := range span.EachDay() {
		c.days = append(c.days, int32(part.Lo-span.Lo))
	}
	c.days = append(c.days, int32(span.Len()))
	day := 0
	for _, part := range span.Months() {
		p := page{lo: int(part.Lo - span.Lo), hi: int(part.Hi - span.Lo), from: day}
		for int(c.days[day]) < p.hi {
			day++
		}
		p.to = day
		c.pages = append(c.pages, p)
	}
}

func (c *calendar) numDays() int { return len(c.days) - 1 }

// within gives the days that lie in lo <= i < hi, at least in part.
func (c *calendar) within(lo, hi int) (from, to int) {
	from, found := slices.BinarySearch(c.days, int32(lo))
	if !found {
		from--
	}
	to, _ = slices.BinarySearch(c.days, int32(hi))
	return from, min(to, c.numDays())
}
