package settlement

import (
	"fmt"
	"strconv"
	"time"
)

// Day is a settlement day: a calendar day of the clock in Britain, from local
// midnight to local midnight, counted in days since 1970-01-01. Days add and
// compare as integers.
//
// Day 0 means "no day". It is the zero value and lies below MinDay, so Valid
// tells it from a real one.
type Day int32

// The first and last day the package knows: before 1996 the clocks changed by
// another rule, and past 2099 nobody bills.
const (
	MinDay Day = 26*365 + 6       // 1996-01-01: 26 years, 6 of them leap
	MaxDay Day = 130*365 + 32 - 1 // 2099-12-31: 130 years, 32 of them leap, less a day
)

// NewDay gives the day of a calendar date. It fails with ErrDay if there is no
// such date, or if it is outside MinDay to MaxDay.
func NewDay(year int, month time.Month, day int) (Day, error) {
	if year < minYear || year > maxYear || month < time.January || month > time.December ||
		day < 1 || day > monthLen(year, int(month)) {
		return 0, dayError(fmt.Sprintf("%04d-%02d-%02d", year, int(month), day))
	}
	return dayOf(year, int(month), day), nil
}

const (
	minYear = 1996
	maxYear = 2099
)

// ParseDay reads a date written exactly "2024-04-01". It fails with ErrDay for
// any other form, and for dates NewDay refuses.
func ParseDay(s string) (Day, error) {
	if len(s) != len("2024-04-01") || s[4] != '-' || s[7] != '-' {
		return 0, dayError(s)
	}
	year, ok1 := digits(s[:4])
	month, ok2 := digits(s[5:7])
	day, ok3 := digits(s[8:])
	if !ok1 || !ok2 || !ok3 {
		return 0, dayError(s)
	}
	return NewDay(int(year), time.Month(month), int(day))
}

func dayError(value string) error {
	return &Error{
		What:  "day",
		Value: value,
		Want:  "a calendar date from 1996-01-01 to 2099-12-31, written YYYY-MM-DD in digits, such as 2024-04-01",
		Err:   ErrDay,
	}
}

// Valid says whether d lies in MinDay to MaxDay; Day 0, no day, does not.
func (d Day) Valid() bool { return d >= MinDay && d <= MaxDay }

// Date gives the calendar date.
func (d Day) Date() (year int, month time.Month, day int) {
	y, m, dd := civil(d)
	return y, time.Month(m), dd
}

// Weekday gives the day of the week.
func (d Day) Weekday() time.Weekday { return time.Weekday(weekday(d)) }

// First is the period that starts at local midnight. It does not allocate.
//
// The midnight before the spring change is still winter time, the one before
// the autumn change is still summer time: hence < and <=. It and Period.offset
// are the two places that know the clock change.
func (d Day) First() Period {
	if s := summer(d); s.start < d && d <= s.end {
		return Period(d)*perDay - hour
	}
	return Period(d) * perDay
}

// Len is the number of periods in the day: 48, or 46 when the clocks go
// forward, or 50 when they go back.
func (d Day) Len() int { return int((d + 1).First() - d.First()) }

// Period gives the n-th period of the day, n from 1 to Len. It fails with
// ErrPeriod for other n, and with ErrDay if the day is not Valid.
func (d Day) Period(n int) (Period, error) {
	if !d.Valid() {
		return 0, dayError(d.String())
	}
	first := d.First()
	if length := int((d + 1).First() - first); n < 1 || n > length {
		return 0, &Error{
			What:  "period number",
			Value: strconv.Itoa(n),
			Want: fmt.Sprintf("1 to %d, the periods of %s; if the source pads the day the clocks change, drop the padding",
				length, d),
			Err: ErrPeriod,
		}
	}
	return first + Period(n-1), nil
}

// Span is all the periods of the day.
func (d Day) Span() Span { return Span{d.First(), (d + 1).First()} }

// Month is the calendar month the day lies in.
func (d Day) Month() Month {
	y, m, _ := civil(d)
	return monthOf(y, m)
}

// ChargingYear gives the year that d lies in as network and policy charges
// count it, from 1 April to the next 1 April, which is not part of it.
func (d Day) ChargingYear() (from, to Day) {
	y, m, _ := civil(d)
	if m < int(time.April) {
		y--
	}
	return dayOf(y, int(time.April), 1), dayOf(y+1, int(time.April), 1)
}

// String gives "2024-04-01", and "no day" for Day 0.
func (d Day) String() string {
	if d == 0 {
		return "no day"
	}
	return string(d.appendDate(make([]byte, 0, 10)))
}

// appendDate writes the calendar date of any day, Day 0 included.
func (d Day) appendDate(b []byte) []byte {
	y, m, dd := civil(d)
	if y < 0 || y > 9999 {
		return fmt.Appendf(b, "%d-%02d-%02d", y, m, dd)
	}
	return append(b,
		byte('0'+y/1000), byte('0'+y/100%10), byte('0'+y/10%10), byte('0'+y%10), '-',
		byte('0'+m/10), byte('0'+m%10), '-',
		byte('0'+dd/10), byte('0'+dd%10))
}
