package hhcsv_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/series/hhcsv"
	"github.com/halfhour/halfhour/settlement"
)

func readCalendar(text string) (settlement.Timetable, error) {
	return hhcsv.ReadCalendar("c", series.OpenBytes([]byte(text)), settlement.GB())
}

func dated(t *testing.T, s string) settlement.Day {
	t.Helper()
	d, err := settlement.ParseDay(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestReadCalendar: what is published is taken before what is counted, in any
// order of rows and columns, and a run the day did not have is one of its own.
func TestReadCalendar(t *testing.T) {
	table, err := readCalendar("Due,day,run\n2027-08-20,2027-07-03,SF\n2027-08-01,2027-07-03,II\n2027-09-10,2027-07-03,R1\n2028-01-10,2027-07-03,R2\n2028-02-01,2027-07-03,RF\n2025-09-30,2024-04-01,DF\n")
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		day string
		run settlement.Run
		due string
	}{
		{"2027-07-03", settlement.II, "2027-08-01"}, {"2027-07-03", settlement.SF, "2027-08-20"},
		{"2027-07-03", settlement.R2, "2028-01-10"}, {"2024-04-01", settlement.DF, "2025-09-30"},
	} {
		if due, ok := table.Due(dated(t, x.day), x.run); !ok || due != dated(t, x.due) {
			t.Errorf("%s %s: %s", x.day, x.run, due)
		}
	}
	day := dated(t, "2024-04-01")
	was, _ := settlement.GB().Due(day, settlement.SF)
	if is, ok := table.Due(day, settlement.SF); !ok || is != was {
		t.Errorf("a run that is not in the calendar is due %s, and was %s", is, was)
	}
	if got := fmt.Sprint(table.Runs(dated(t, "2027-07-03"))); got != "[II SF R1 R2 RF]" {
		t.Error(got)
	}
}

// TestReadCalendarBad: each mistake is at its place and says how to put it right.
func TestReadCalendarBad(t *testing.T) {
	const head = "day,run,due\n"
	for _, x := range []struct {
		text  string
		is    error
		words string
	}{
		{"", series.ErrEmpty, "the file is empty"},
		{head, series.ErrEmpty, "at least one row"},
		{"2024-04-01,SF,2024-04-25\n", series.ErrFormat, "c:1:1"},
		{"day,run\n2024-04-01,SF\n", series.ErrFormat, "headed day, run and due"},
		{"day,run,due,note\n2024-04-01,SF,2024-04-25,x\n", series.ErrFormat, "remove the column"},
		{"day,run,due,day\n2024-04-01,SF,2024-04-25,x\n", series.ErrFormat, "each heading once"},
		{head + "2024-04-31,SF,2024-04-25\n", series.ErrValue, "c:2:1"},
		{head + "2024-04-01,sf,2024-04-25\n", settlement.ErrRun, "c:2:12"},
		{head + "2024-04-01,untagged,2024-04-25\n", settlement.ErrRun, "in capitals"},
		{head + "2024-04-01,DR,2024-04-25\n", settlement.ErrRun, "in capitals"},
		{head + "2024-04-01,SF,\n", series.ErrValue, "c:2:15"},
		{head + "2024-04-01,SF,2024-04-01\n", series.ErrValue, "a day after 2024-04-01"},
		{head + "2024-04-01,SF,2042-04-25\n", series.ErrValue, "is it the year?"},
		{head + "2024-04-01,SF,2024-04-25\n2024-04-01,SF,2024-04-25\n", series.ErrFormat, "line 2 says the same"},
		{head + "2024-04-01,SF,2024-04-25\n2024-04-01,SF,2024-04-26\n", series.ErrConflict, "line 2 says 2024-04-25"},
		{head + "2024-04-01,R1,2024-04-25\n2024-04-01,SF,2024-04-25\n", series.ErrValue, "c:2: bad value \"2024-04-25\": want R1 of 2024-04-01 after its SF, due 2024-04-25 by line 3"},
		{head + "2024-07-01,SF,2024-12-23\n", series.ErrValue, "c:2: bad value \"2024-12-23\": want SF of 2024-07-01 before its R1, which no row is of and which is due 2024-08-23 without one"},
		{head + "2024-07-01,SF,2024-12-23\n", series.ErrValue, "publish R1 of the day too"},
		{head + "2024-07-01,SF,2024-08-23\n", series.ErrValue, "before its R1"},
		{head + "2024-07-01,RF,2024-08-30\n", series.ErrValue, "RF of 2024-07-01 after its R2, which"},
		{head + "2024-07-01,DF,2025-08-01\n", series.ErrValue, "DF of 2024-07-01 after its RF, which"},
		{head + "2024-07-01,SF,2024-12-23\n2024-07-01,R1,2025-01-10\n", series.ErrValue, "c:2: bad value \"2024-12-23\": want SF of 2024-07-01 before its R2"},
		{head + "2024-04-01,SF\n", series.ErrFormat, "3 fields"},
		{head + "2024-04-01,SF,2024-04-25", series.ErrFormat, "cut short"},
		{head + strings.Repeat("2024-04-01,SF,2024-04-25\n", series.MaxErrors+2), series.ErrLimit, "there are more"},
	} {
		table, err := readCalendar(x.text)
		if !errors.Is(err, x.is) || !strings.Contains(err.Error(), x.words) {
			t.Errorf("%q: %v", x.text, err)
		}
		if due, _ := table.Due(dated(t, "2024-04-01"), settlement.SF); due == dated(t, "2024-04-25") {
			t.Errorf("%q: published all the same", x.text)
		}
	}
}

// TestReadCalendarProperty: a calendar written from any timetable, in any order,
// reads back as its dates, or is refused: if with what is counted of each day a run
// is due no later than one before it.
func TestReadCalendarProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var rows []string
		want := map[[2]int]settlement.Day{}
		first := settlement.MinDay + settlement.Day(rapid.IntRange(0, 20_000).Draw(t, "first"))
		for d := range rapid.IntRange(1, 5).Draw(t, "days") {
			day := first + settlement.Day(d)
			due, whole := day, rapid.Bool().Draw(t, "whole")
			for r := settlement.II; r <= settlement.DF; r++ {
				due += settlement.Day(rapid.IntRange(1, 200).Draw(t, "after"))
				if counted, ok := settlement.GB().Due(day, r); ok && !whole {
					due = counted + settlement.Day(rapid.IntRange(-20, 20).Draw(t, "moved"))
				}
				if due > day && (whole || rapid.Bool().Draw(t, "stated")) {
					want[[2]int{int(day), int(r)}] = due
					rows = append(rows, fmt.Sprintf("%s,%s,%s\n", day, r, due))
				}
			}
		}
		if len(rows) == 0 {
			return
		}
		table, err := readCalendar("day,run,due\n" + strings.Join(rapid.Permutation(rows).Draw(t, "order"), ""))
		if rise := risen(first, want); rise != (err == nil) {
			t.Fatalf("due in order: %v, and %v", rise, err)
		}
		if err != nil {
			return
		}
		for at, due := range want {
			if got, ok := table.Due(settlement.Day(at[0]), settlement.Run(at[1])); !ok || got != due {
				t.Fatalf("%s %s: %s, want %s", settlement.Day(at[0]), settlement.Run(at[1]), got, due)
			}
		}
	})
}

// risen reports whether the runs of five days after one are due one after the
// other, where not as given then as counted.
func risen(first settlement.Day, given map[[2]int]settlement.Day) bool {
	for day := first; day < first+5; day++ {
		var last settlement.Day
		stated := false
		for r := settlement.II; r <= settlement.DF; r++ {
			_, is := given[[2]int{int(day), int(r)}]
			stated = stated || is
		}
		for r := settlement.II; r <= settlement.DF && stated; r++ {
			due, ok := given[[2]int{int(day), int(r)}]
			if !ok {
				due, ok = settlement.GB().Due(day, r)
			}
			if ok && due <= last {
				return false
			}
			if ok {
				last = due
			}
		}
	}
	return true
}

// TestReadCalendarLimit: one row more than a calendar may have is refused, and none
// less.
func TestReadCalendarLimit(t *testing.T) {
	const most = 20 * 366 * 7
	var text strings.Builder
	text.WriteString("day,run,due\n")
	first := dated(t, "2000-01-01")
	for i := range most {
		day, r := first+settlement.Day(i/7), settlement.II+settlement.Run(i%7)
		fmt.Fprintf(&text, "%s,%s,%s\n", day, r, day+10*settlement.Day(r))
	}
	if _, err := readCalendar(text.String()); err != nil {
		t.Error(err)
	}
	text.WriteString("2098-01-01,II,2098-01-11\n")
	if _, err := readCalendar(text.String()); !errors.Is(err, series.ErrLimit) || !strings.Contains(err.Error(), "at most 51240 rows") {
		t.Error(err)
	}
}
