package settlement

import (
	"strconv"
	"time"
)

// Period is a settlement period, a half-hour, counted in UTC half-hours since
// 1970-01-01T00:00Z. It is identity and index at once: p+1 is the next
// half-hour across any clock change, and p - span.Lo is its place in a column.
//
// Settlement numbers the periods of a local day from 1 and calls them by the
// day and that number ("Settlement Period Id", Elexon SVA Data Catalogue
// Volume 2). Period 1 is the half-hour that ends at 00:30 local time.
//
// The methods are total: outside MinDay to MaxDay they answer as if the clock
// showed UTC all year, which is arithmetic and not history. Take Periods from
// PeriodAt and Day.Period, which refuse what lies outside.
type Period int32

const periodSeconds = 30 * 60

// PeriodAt gives the period that starts at t. It fails with ErrPeriod unless t
// is on a half-hour, to the nanosecond, and within MinDay to MaxDay. The zone
// of t does not matter.
//
// A source that labels half-hours by their end is the caller's to put right,
// by subtracting one from the result.
func PeriodAt(t time.Time) (Period, error) {
	s := t.Unix()
	if s%periodSeconds != 0 || t.Nanosecond() != 0 {
		return 0, &Error{
			What:  "period start",
			Value: t.Format(time.RFC3339Nano),
			Want:  "a time on a half-hour, such as 13:30:00; round or re-cut the source to half-hours first",
			Err:   ErrPeriod,
		}
	}
	n := s / periodSeconds
	if n < int64(MinDay.First()) || n >= int64((MaxDay+1).First()) {
		return 0, &Error{
			What:  "period start",
			Value: t.Format(time.RFC3339Nano),
			Want:  "a time in the local days " + MinDay.String() + " to " + MaxDay.String() + "; check the year and the units of the timestamp",
			Err:   ErrPeriod,
		}
	}
	return Period(n), nil
}

// offset is the local clock's lead over UTC at p, in periods. It and Day.First
// are the two places that know the clock change.
func (p Period) offset() Period {
	s := summer(floorDay(p))
	if p >= Period(s.start)*perDay+hour && p < Period(s.end)*perDay+hour {
		return hour
	}
	return 0
}

// floorDay is the UTC day p lies in; given p shifted by its offset, the local
// day.
func floorDay(p Period) Day {
	if p < 0 {
		return Day((p+1)/perDay - 1)
	}
	return Day(uint32(p) / perDay)
}

// Time is the instant p starts, in UTC.
func (p Period) Time() time.Time { return time.Unix(int64(p)*periodSeconds, 0).UTC() }

// Day is the settlement day p lies in.
func (p Period) Day() Day { return floorDay(p + p.offset()) }

// Number is p's number in its settlement day, from 1 to 46, 48 or 50.
func (p Period) Number() int {
	_, n := p.Split()
	return n
}

// Split gives the settlement day and the number at once. It does not allocate.
// Day.Period is the way back.
func (p Period) Split() (Day, int) {
	d := p.Day()
	return d, int(p-d.First()) + 1
}

// Clock is what the clock on the wall shows when p starts, in minutes after
// midnight, 0 to 1410. It is not a function of Number: the long day shows 60
// and 90 twice, the short day never.
func (p Period) Clock() int {
	local := p + p.offset()
	return int(local-Period(floorDay(local))*perDay) * 30
}

// String gives the day and the two-digit number, "2024-10-27/05".
func (p Period) String() string {
	d, n := p.Split()
	b := append(d.appendDate(make([]byte, 0, 13)), '/')
	if n < 10 {
		b = append(b, '0')
	}
	return string(strconv.AppendInt(b, int64(n), 10))
}
