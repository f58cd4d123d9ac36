package settlement

import "time"

// IsBankHoliday says whether d is a bank holiday in England and Wales, as the
// published lists (gov.uk/bank-holidays) count them: where a holiday falls on a
// weekend the substitute day is the bank holiday and the weekend day is not.
// Christmas Day and Good Friday, holidays by common law, are included.
//
// The rule is the Banking and Financial Dealings Act 1971, Schedule 1, with the
// royal proclamations since 1996 in a dated table. Dates past the last
// proclaimed year are the rule's, and can change by proclamation.
func IsBankHoliday(d Day) bool {
	year, _, _ := civil(d)
	list, n := bankHolidays(year)
	for _, h := range list[:n] {
		if h == d {
			return true
		}
	}
	return false
}

// IsWorkingDay says whether d is a day of Monday to Friday that is not a bank
// holiday in England and Wales.
func IsWorkingDay(d Day) bool {
	w := weekday(d)
	return w != int32(time.Saturday) && w != int32(time.Sunday) && !IsBankHoliday(d)
}

const panicWorkingDays = "settlement: AddWorkingDays: n is not within 0 to 36,600"

// maxWorkingDays is a century of every day worked, more than any timetable.
const maxWorkingDays = 100 * 366

// AddWorkingDays gives the n-th working day after d. For n = 0 it is d itself,
// working day or not. Near MaxDay the result may not be Valid. It panics if n is
// negative or over a century. Its cost grows with the years crossed, not the
// days.
func AddWorkingDays(d Day, n int) Day {
	if n < 0 || n > maxWorkingDays {
		panic(panicWorkingDays)
	}
	// Walk over weekdays first, then make up for the holidays walked over,
	// until a step walks over none.
	for n > 0 {
		next := addWeekdays(d, n)
		n = holidaysIn(d, next)
		d = next
	}
	return d
}

// addWeekdays gives the n-th day of Monday to Friday after d, n above 0.
func addWeekdays(d Day, n int) Day {
	w := int((weekday(d) + 6) % 7) // from Monday, 0
	if w > 4 {
		d -= Day(w - 4) // a weekend counts from its Friday
		w = 4
	}
	d += Day(n/5*7 + n%5)
	if w+n%5 > 4 {
		d += 2
	}
	return d
}

// holidaysIn counts the bank holidays after lo and up to hi. None of them is on
// a weekend.
func holidaysIn(lo, hi Day) (count int) {
	first, _, _ := civil(lo)
	last, _, _ := civil(hi)
	for year := first; year <= last; year++ {
		list, n := bankHolidays(year)
		for _, h := range list[:n] {
			if lo < h && h <= hi {
				count++
			}
		}
	}
	return count
}

// maxHolidays is the most bank holidays a year can have: eight by the rule, and
// room for proclamations.
const maxHolidays = 12

// bankHolidays gives a year's bank holidays, in no order, all on weekdays.
func bankHolidays(year int) (list [maxHolidays]Day, n int) {
	newYear := dayOf(year, 1, 1)
	easter := easterSunday(year)
	christmas, boxing := christmasDays(year)
	list = [maxHolidays]Day{
		substitute(newYear),
		easter - 2,                       // Good Friday
		easter + 1,                       // Easter Monday
		mondayFrom(dayOf(year, 5, 1)),    // Early May: first Monday
		mondayFrom(dayOf(year, 5, 31-6)), // Spring: last Monday of May
		mondayFrom(dayOf(year, 8, 31-6)), // Summer: last Monday of August
		christmas, boxing,
	}
	n = 8
	for _, p := range proclaimed {
		if p.year != year {
			continue
		}
		d := dayOf(year, p.month, p.day)
		if p.added {
			list[n] = d
			n++
			continue
		}
		for i, h := range list[:n] {
			if h == d {
				n--
				list[i] = list[n]
				break
			}
		}
	}
	return list, n
}

// substitute moves a day on a weekend to the Monday after.
func substitute(d Day) Day {
	if w := weekday(d); w == int32(time.Saturday) || w == int32(time.Sunday) {
		return mondayFrom(d)
	}
	return d
}

// mondayFrom is the first Monday on or after d.
func mondayFrom(d Day) Day { return d + Day((8-weekday(d))%7) }

// christmasDays gives the bank holidays for 25 and 26 December. A holiday that
// falls on a weekend moves to the next weekday that is not a holiday already:
//
//	25 Sat, 26 Sun   27 Mon, 28 Tue
//	25 Sun, 26 Mon   27 Tue, 26 Mon
//	25 Fri, 26 Sat   25 Fri, 28 Mon
func christmasDays(year int) (christmas, boxing Day) {
	d := dayOf(year, 12, 25)
	switch time.Weekday(weekday(d)) {
	case time.Friday:
		return d, d + 3
	case time.Saturday:
		return d + 2, d + 3
	case time.Sunday:
		return d + 2, d + 1
	}
	return d, d + 1
}

// easterSunday is the Gregorian computus of the "anonymous" form (Meeus, Jones
// and Butcher).
func easterSunday(year int) Day {
	a, b, c := year%19, year/100, year%100
	g := (8*b + 13) / 25
	h := (19*a + b - b/4 - g + 15) % 30
	l := (32 + 2*(b%4) + 2*(c/4) - h - c%4) % 7
	m := (a + 11*h + 19*l) / 433
	month := (h + l - 7*m + 90) / 25
	return dayOf(year, month, (h+l-7*m+33*month+19)%32)
}

// proclaimed is what was changed by royal proclamation. A holiday that moved is
// one row that takes the rule's day away and one that adds the new one.
var proclaimed = [...]struct {
	year, month, day int
	added            bool
}{
	{1999, 12, 31, true}, // millennium
	{2002, 5, 27, false}, // Spring moved to 4 June
	{2002, 6, 3, true},   // Golden Jubilee
	{2002, 6, 4, true},
	{2011, 4, 29, true},  // royal wedding
	{2012, 5, 28, false}, // Spring moved to 4 June
	{2012, 6, 4, true},
	{2012, 6, 5, true},  // Diamond Jubilee
	{2020, 5, 4, false}, // Early May moved to 8 May, VE Day
	{2020, 5, 8, true},
	{2022, 5, 30, false}, // Spring moved to 2 June
	{2022, 6, 2, true},
	{2022, 6, 3, true},  // Platinum Jubilee
	{2022, 9, 19, true}, // state funeral of Queen Elizabeth II
	{2023, 5, 8, true},  // coronation of King Charles III
}
