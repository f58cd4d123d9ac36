package settlement

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// The lists as published for England and Wales (gov.uk/bank-holidays and the
// notices in The London Gazette), month-day.
var published = map[int]string{
	1999: "01-01 04-02 04-05 05-03 05-31 08-30 12-27 12-28 12-31",
	2000: "01-03 04-21 04-24 05-01 05-29 08-28 12-25 12-26",
	2002: "01-01 03-29 04-01 05-06 06-03 06-04 08-26 12-25 12-26",
	2011: "01-03 04-22 04-25 04-29 05-02 05-30 08-29 12-26 12-27",
	2012: "01-02 04-06 04-09 05-07 06-04 06-05 08-27 12-25 12-26",
	2015: "01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-28",
	2020: "01-01 04-10 04-13 05-08 05-25 08-31 12-25 12-28",
	2021: "01-01 04-02 04-05 05-03 05-31 08-30 12-27 12-28",
	2022: "01-03 04-15 04-18 05-02 06-02 06-03 08-29 09-19 12-26 12-27",
	2023: "01-02 04-07 04-10 05-01 05-08 05-29 08-28 12-25 12-26",
	2024: "01-01 03-29 04-01 05-06 05-27 08-26 12-25 12-26",
	2025: "01-01 04-18 04-21 05-05 05-26 08-25 12-25 12-26",
	2026: "01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-28",
	2027: "01-01 03-26 03-29 05-03 05-31 08-30 12-27 12-28",
}

func TestBankHolidaysAsPublished(t *testing.T) {
	for year, want := range published {
		var got []string
		for d := dayOf(year, 1, 1); d < dayOf(year+1, 1, 1); d++ {
			if IsBankHoliday(d) {
				_, m, dd := d.Date()
				got = append(got, fmt.Sprintf("%02d-%02d", m, dd))
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%d\n got %s\nwant %s", year, strings.Join(got, " "), want)
		}
	}
}

// Every year has its eight, with the proclaimed ones on top, all of them
// different and on weekdays.
func TestBankHolidaysEveryYear(t *testing.T) {
	more := map[int]int{1999: 1, 2002: 1, 2011: 1, 2012: 1, 2022: 2, 2023: 1}
	for year := minYear; year <= maxYear; year++ {
		list, n := bankHolidays(year)
		days := list[:n]
		slices.Sort(days)
		if want := 8 + more[year]; n != want || len(slices.Compact(slices.Clone(days))) != want {
			t.Errorf("%d has bank holidays %v", year, days)
		}
		for _, d := range days {
			y, _, _ := d.Date()
			if w := weekday(d); y != year || w == 0 || w == 6 || IsWorkingDay(d) {
				t.Errorf("%d has bank holiday %v, a %v", year, d, d.Weekday())
			}
		}
	}
	// A proclamation that takes a day away must name a day of the rule, or the
	// count above would not see it.
	for _, p := range proclaimed {
		if d := dayOf(p.year, p.month, p.day); IsBankHoliday(d) != p.added {
			t.Errorf("%v: IsBankHoliday = %v", d, !p.added)
		}
	}
}

func TestAddWorkingDays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := Day(rapid.Int32Range(int32(MinDay), int32(MaxDay)-1000).Draw(t, "d"))
		n := rapid.IntRange(0, 600).Draw(t, "n")
		want := d
		for left := n; left > 0; {
			want++
			if IsWorkingDay(want) {
				left--
			}
		}
		if got := AddWorkingDays(d, n); got != want {
			t.Fatalf("AddWorkingDays(%v, %d) = %v, want %v", d, n, got, want)
		}
	})
	for _, n := range []int{-1, maxWorkingDays + 1} {
		func() {
			defer func() {
				if got := recover(); got != panicWorkingDays {
					t.Errorf("n = %d: recovered %v", n, got)
				}
			}()
			AddWorkingDays(MinDay, n)
		}()
	}
}
