package settlement

// perDay is the number of half-hours in a UTC day, and in a local day on which
// the clocks do not change.
const perDay = 48

// hour is British Summer Time's lead over UTC, in periods.
const hour = 2

// A clockRule says when summer time starts and ends: at 01:00 UTC on the last
// Sunday of two months, from a year on.
type clockRule struct {
	from       int // first year
	start, end int // months in which the clocks go forward and back
}

// clockRules is the whole of what the library knows about clock changes, in
// order of year. A change of the law is a new row.
var clockRules = [...]clockRule{
	// Last Sundays of March and October, both at 01:00 UTC: the Summer Time
	// Orders for 1996 to 2001 and then The Summer Time Order 2002 (SI 2002/262).
	// Before 1996 the autumn change followed another rule, which is why MinDay
	// is where it is.
	{from: minYear, start: 3, end: 10},
}

// summerTime is the two Sundays that bound one year's summer time.
type summerTime struct{ start, end Day }

// summers is clockRules worked out for every year from minYear, so that the two
// questions asked of it cost a look-up. Nobody writes to it.
var summers = func() (table [maxYear - minYear + 1]summerTime) {
	for i := range table {
		year := minYear + i
		for _, rule := range clockRules {
			if year >= rule.from {
				table[i] = summerTime{
					start: lastSunday(dayOf(year, rule.start, monthLen(year, rule.start))),
					end:   lastSunday(dayOf(year, rule.end, monthLen(year, rule.end))),
				}
			}
		}
	}
	return table
}()

// Summer time lies inside a year counted from 1 March, and four such years are
// 1,461 days as long as every fourth is a leap year, until 2100-02-28.
const (
	firstMarch = MinDay + 31 + 29 // 1996-03-01
	marchDays  = MaxDay + 31 + 28 - firstMarch + 1
	fourYears  = 4*365 + 1
)

// summer gives the summer time that d, or one end of it, can lie in. Outside
// the table it gives one that holds no day, so that the clock there is UTC.
//
// Only Day.First and Period.offset may call it: everything else about the clock
// derives from those two.
func summer(d Day) summerTime {
	n := uint32(d - firstMarch) // days before it wrap to more than marchDays
	if n >= uint32(marchDays) {
		return summerTime{}
	}
	return summers[(4*n+3)/fourYears]
}

// lastSunday is the last Sunday on or before d.
func lastSunday(d Day) Day { return d - Day(weekday(d)) }

// weekday counts from Sunday, 0. Day 0, 1970-01-01, was a Thursday.
func weekday(d Day) int32 {
	w := (int32(d) + 4) % 7
	if w < 0 {
		w += 7
	}
	return w
}

// The civil calendar in integers, after Howard Hinnant, "chrono-Compatible
// Low-Level Date Algorithms". An era is the 400 years, 146,097 days, after
// which the Gregorian calendar repeats; years start on 1 March.
const (
	eraYears = 400
	eraDays  = 400*365 + 100 - 4 + 1
	eraShift = 719468 // days from 0000-03-01 to 1970-01-01
)

// marchYear splits a day into its year, counted from 1 March, and the days
// since that 1 March, 0 to 365.
func marchYear(d Day) (year, day int64) {
	z := int64(d) + eraShift
	era := z / eraDays
	if z < 0 {
		era = (z - (eraDays - 1)) / eraDays
	}
	doe := uint32(z - era*eraDays)
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
	return int64(yoe) + era*eraYears, int64(doe - (365*yoe + yoe/4 - yoe/100))
}

// civil gives the calendar date of a day, months from 1.
func civil(d Day) (year, month, day int) {
	y, doy := marchYear(d)
	mp := (5*doy + 2) / 153 // months since March
	day = int(doy-(153*mp+2)/5) + 1
	month = int(mp) + 3
	if month > 12 {
		return int(y) + 1, month - 12, day
	}
	return int(y), month, day
}

// dayOf is the inverse of civil. A day past the end of the month runs on into
// the next, so callers that take dates from people check first.
func dayOf(year, month, day int) Day {
	y := int64(year)
	mp := int64(month) - 3
	if month <= 2 {
		y--
		mp += 12
	}
	era := y / eraYears
	if y < 0 {
		era = (y - (eraYears - 1)) / eraYears
	}
	yoe := y - era*eraYears
	doy := (153*mp+2)/5 + int64(day) - 1
	return Day(era*eraDays + yoe*365 + yoe/4 - yoe/100 + doy - eraShift)
}

// monthLen is the number of days of a calendar month.
func monthLen(year, month int) int {
	if month == 12 {
		return 31
	}
	return int(dayOf(year, month+1, 1) - dayOf(year, month, 1))
}
