package settlement

// Month is a calendar month of the local clock: year*12 + month - 1. Months
// add and compare as integers.
type Month int32

func monthOf(year, month int) Month { return Month(year*12 + month - 1) }

// ParseMonth reads a month written exactly "2024-04". It fails with ErrMonth
// for any other form, and outside 1996-01 to 2099-12.
func ParseMonth(s string) (Month, error) {
	if len(s) == len("2024-04") && s[4] == '-' {
		year, ok1 := digits(s[:4])
		month, ok2 := digits(s[5:])
		if ok1 && ok2 && year >= minYear && year <= maxYear && month >= 1 && month <= 12 {
			return monthOf(int(year), int(month)), nil
		}
	}
	return 0, &Error{
		What:  "month",
		Value: s,
		Want:  "a month from 1996-01 to 2099-12, written YYYY-MM in digits, such as 2024-04",
		Err:   ErrMonth,
	}
}

// split gives the year and the month from 1.
func (m Month) split() (year, month int) {
	y, r := int(m)/12, int(m)%12
	if r < 0 {
		y, r = y-1, r+12
	}
	return y, r + 1
}

// First is the first day of the month.
func (m Month) First() Day {
	y, mm := m.split()
	return dayOf(y, mm, 1)
}

// Next is the month after.
func (m Month) Next() Month { return m + 1 }

// Days is the number of days, 28 to 31.
func (m Month) Days() int { return int(m.Next().First() - m.First()) }

// Span is all the periods of the month.
func (m Month) Span() Span { return Span{m.First().First(), m.Next().First().First()} }

// String gives "2024-04".
func (m Month) String() string {
	date := m.First().appendDate(make([]byte, 0, 10))
	return string(date[:len(date)-len("-01")])
}
