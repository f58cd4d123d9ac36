package hhcsv

import (
	"strconv"
	"time"

	"github.com/halfhour/halfhour/settlement"
)

// perDay is the half-hours of a UTC day and the labels of a clock's face.
const perDay = 48

// number reads a small whole number without sign or leading zero.
func number(s string) (int, bool) {
	if s == "" || len(s) > 4 || s[0] == '0' {
		return 0, false
	}
	return digits(s)
}

func digits(s string) (n int, ok bool) {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n, true
}

// halfOf reads hh:mm as half-hours after midnight, 0 to 48.
func halfOf(s string) (half int, ok bool) {
	if len(s) != 5 || s[2] != ':' {
		return 0, false
	}
	h, ok1 := digits(s[:2])
	m, ok2 := digits(s[3:])
	half = 2*h + m/30
	return half, ok1 && ok2 && (m == 0 || m == 30) && half <= perDay
}

// clockOf is the inverse of halfOf.
func clockOf(half int) string {
	b := []byte("00:00")
	b[0], b[1] = '0'+byte(half/20), '0'+byte(half/2%10)
	if half%2 == 1 {
		b[3] = '3'
	}
	return string(b)
}

// A clock is a time of day as it is written.
type clock struct {
	half   int  // half-hours after midnight, 0 to 48
	second bool // suffix a: the second of two with this label
	offset int  // hours ahead of UTC, if known
	known  bool // the offset is written
}

// parseClock reads hh:mm[:00][a|Z|+00:00|+01:00]. want is what was expected, if
// the text is not that.
func parseClock(s string) (c clock, want string) {
	const form = "a time on a half-hour, as 00:30, 00:30:00, 00:30Z or 00:30+01:00"
	if len(s) < 5 {
		return c, form
	}
	half, ok := halfOf(s[:5])
	if !ok {
		return c, form
	}
	c.half = half
	s = s[5:]
	if len(s) >= 3 && s[0] == ':' {
		if s[:3] != ":00" {
			return c, form
		}
		s = s[3:]
	}
	switch s {
	case "":
	case "a":
		c.second = true
	case "Z", "+00:00":
		c.known = true
	case "+01:00":
		c.known, c.offset = true, 1
	default:
		return c, form + "; offsets in Great Britain are Z, +00:00 and +01:00"
	}
	return c, ""
}

// parseDate reads a date in the layout's order.
func parseDate(s string, order DateOrder) (d settlement.Day, want string) {
	if order == YMD {
		d, err := settlement.ParseDay(s)
		if err != nil {
			return 0, "a date from 1996 to 2099 as 2024-04-01; if this is another order, declare it (dmy)"
		}
		return d, ""
	}
	if len(s) == 10 && s[2] == '/' && s[5] == '/' {
		day, ok1 := digits(s[:2])
		month, ok2 := digits(s[3:5])
		year, ok3 := digits(s[6:])
		if ok1 && ok2 && ok3 {
			if d, err := settlement.NewDay(year, time.Month(month), day); err == nil {
				return d, ""
			}
		}
	}
	return 0, "a date from 1996 to 2099 as 01/04/2024, day first and four digits of the year; if this is another order, declare it (ymd)"
}

// starts gives the periods of a day that start when the clock on the wall shows
// half: none in the hour the short day leaves out, two in the hour the long day
// lives twice, one otherwise. The first of two is first, the second is 2 later.
func starts(d settlement.Day, half int) (first settlement.Period, n int) {
	p := d.First() + settlement.Period(half)
	for q := p - 2; q <= p+2; q += 2 {
		if q.Clock() == 30*half && q.Day() == d {
			if n == 0 {
				first = q
			}
			n++
		}
	}
	return first, n
}

// utcPeriod is the period half half-hours after UTC midnight, if it is one the
// calendar knows.
func utcPeriod(d settlement.Day, half int) (settlement.Period, bool) {
	p := settlement.Period(d)*perDay + settlement.Period(half)
	return p, p >= settlement.MinDay.First() && p < (settlement.MaxDay+1).First()
}

// lengthOf says how long a day is, for messages.
func lengthOf(d settlement.Day, n int) string {
	return strconv.Itoa(n) + " half-hours of " + d.String()
}
