package tariffs

import (
	"math/bits"
	"strconv"
	"strings"
	"time"
)

// dates is a set of dates of any year: bit d of month m is its day d, so that a
// set is the same in leap years, where 29 February is there to be met, and in
// others.
type dates [13]uint32

// monthDays are the most days each month can have.
var monthDays = [13]int{1: 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}

// monthDates are all dates of a set of months, bit m for month m.
func monthDates(months uint32) (out dates) {
	for m, n := range monthDays {
		if months>>m&1 == 1 {
			out[m] = 1<<(n+1) - 2
		}
	}
	return out
}

func (d dates) has(m time.Month, day int) bool { return d[m]>>day&1 == 1 }

// and are the dates in both sets.
func (d dates) and(o dates) dates {
	for m := range d {
		d[m] &= o[m]
	}
	return d
}

// except are the dates that are not in the other set.
func (d dates) except(o dates) dates {
	for m := range d {
		d[m] &^= o[m]
	}
	return d
}

// first is the first date of the year in the set.
func (d dates) first() (m time.Month, day int, ok bool) {
	for m, set := range d {
		if set != 0 {
			return time.Month(m), bits.TrailingZeros32(set), true
		}
	}
	return 0, 0, false
}

// datesForm is what a stretch of dates looks like, for messages.
const datesForm = "write a stretch of dates, both ends in it, as 22dec-4jan, and one date as 25dec"

// parseDates reads "22dec-4jan", both ends included, or "25dec". Where it
// cannot, wrong says why.
func parseDates(word string) (out dates, wrong string) {
	a, b, isStretch := strings.Cut(word, "-")
	if !isStretch {
		b = a
	}
	m, day, wrong := parseDate(a)
	if wrong != "" {
		return out, wrong
	}
	lastM, last, wrong := parseDate(b)
	if wrong != "" {
		return out, wrong
	}
	for {
		out[m] |= 1 << day
		if m == lastM && day == last {
			return out, ""
		}
		if day++; day > monthDays[m] {
			m, day = m%12+1, 1
		}
	}
}

func parseDate(s string) (m, day int, wrong string) {
	name := strings.TrimLeft(s, "0123456789")
	number := s[:len(s)-len(name)]
	for i := 1; i <= 12; i++ {
		if monthNames[i] == name {
			m = i
		}
	}
	if m == 0 || number == "" || len(number) > 2 {
		return 0, 0, datesForm
	}
	day, _ = strconv.Atoi(number)
	if day < 1 || day > monthDays[m] {
		return 0, 0, "the days of " + name + " are 1 to " + strconv.Itoa(monthDays[m])
	}
	return m, day, ""
}
