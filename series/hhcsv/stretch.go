package hhcsv

import (
	"fmt"
	"strings"

	"github.com/halfhour/halfhour/settlement"
)

// days are the days a row of a table is of, both ends included.
type days struct{ from, to settlement.Day }

// parseDays reads 2025-12-04, or a stretch 2025-12-01..2025-12-31. want is what
// was expected, if the text is not that.
func parseDays(s string) (d days, want string) {
	const wantDays = "a date from 1996 to 2099 as 2025-12-04, or a stretch with both its ends as 2025-12-01..2025-12-31"
	first, last, stretched := strings.Cut(s, "..")
	if !stretched {
		last = first
	}
	var err1, err2 error
	d.from, err1 = settlement.ParseDay(first)
	d.to, err2 = settlement.ParseDay(last)
	switch {
	case err1 != nil || err2 != nil:
		return d, wantDays
	case d.from > d.to:
		return d, "the earlier date first: " + last + ".." + first
	case d.to-d.from >= maxRowDays:
		return d, fmt.Sprintf("at most %d days in a row, not %d: write a row for each year", maxRowDays, int(d.to-d.from)+1)
	}
	return d, ""
}

// A stretch is periods of a day, both ends included. 0 to 0 is all of them, as
// many as the day has.
type stretch struct{ from, to int }

// parseStretch reads a period number, a stretch 1-48, or * for the whole day.
func parseStretch(s string) (h stretch, want string) {
	if s == "*" {
		return h, ""
	}
	first, last, stretched := strings.Cut(s, "-")
	if !stretched {
		last = first
	}
	var ok1, ok2 bool
	h.from, ok1 = number(first)
	h.to, ok2 = number(last)
	switch {
	case !ok1 || !ok2:
		return h, "a settlement period as 17, a stretch with both its ends as 1-48, or * for the whole day"
	case h.from > h.to:
		return h, "the earlier period first: " + last + "-" + first
	}
	return h, ""
}

// of is the half-hours of the stretch on a day that has them.
func (h stretch) of(d settlement.Day) settlement.Span {
	if h == (stretch{}) {
		return d.Span()
	}
	first := d.First()
	return settlement.Span{Lo: first + settlement.Period(h.from-1), Hi: first + settlement.Period(h.to)}
}

// misfit says which day does not have the periods of a stretch, or nothing.
func (d days) misfit(h stretch) (want string) {
	for day := d.from; day <= d.to; day++ {
		n := day.Len()
		if h.to <= n {
			continue
		}
		want = "a period from 1 to " + lengthOf(day, n)
		if n < perDay {
			want += ", when the clocks go forward"
		}
		if d.from < d.to || h.from < h.to {
			want += "; * is all of a day, however many it has"
		}
		return want
	}
	return ""
}

// count is how many half-hours the stretch has on all the days.
func (d days) count(h stretch) int {
	if h == (stretch{}) {
		return int((d.to + 1).First() - d.from.First())
	}
	return (h.to - h.from + 1) * int(d.to-d.from+1)
}
