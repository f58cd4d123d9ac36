package settlement

import (
	"slices"
	"testing"
)

func outlookDay(t *testing.T, s string) Day {
	t.Helper()
	d, err := ParseDay(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestOutlook: days under three timetables, each with its own runs to come.
func TestOutlook(t *testing.T) {
	var o Outlook
	gb := GB()
	legacy, seven, mhhs := outlookDay(t, "2025-12-04"), outlookDay(t, "2027-05-04"), outlookDay(t, "2027-08-04")
	o.Add(gb, legacy, R2)
	o.Add(gb, seven, R2)
	o.Add(gb, mhhs, R1)
	o.Add(gb, legacy+1, Untagged)
	o.Add(gb, legacy, RF)
	o.Add(gb, legacy, DF)
	due := func(d Day, r Run) Day {
		on, ok := gb.Due(d, r)
		if !ok {
			t.Fatal(d, r)
		}
		return on
	}
	if o.Days != 6 || o.Final != 2 || o.Next != due(legacy+1, II) || o.Last != max(due(seven, RF), due(mhhs, RF), due(legacy+1, RF)) {
		t.Errorf("%+v", o)
	}
	want := []Awaited{
		{II, 1, 1, due(legacy+1, II), due(legacy+1, II)}, {SF, 1, 0, due(legacy+1, SF), due(legacy+1, SF)},
		{R1, 1, 0, due(legacy+1, R1), due(legacy+1, R1)}, {R2, 1, 0, due(legacy+1, R2), due(legacy+1, R2)},
		{R3, 2, 1, due(legacy, R3), due(legacy+1, R3)}, {RF, 4, 2, due(legacy, RF), max(due(seven, RF), due(mhhs, RF))},
	}
	if !slices.Equal(o.Awaited, want) {
		t.Errorf("%+v, want %+v", o.Awaited, want)
	}
}

// TestOutlookAsked: what was due by the day asked, that day included, is not to
// come; a day of which all has passed awaits nothing, and is not final for it.
func TestOutlookAsked(t *testing.T) {
	gb, d := GB(), outlookDay(t, "2025-12-04")
	r1, _ := gb.Due(d, R1)
	r2, _ := gb.Due(d, R2)
	rf, _ := gb.Due(d, RF)
	for _, c := range []struct {
		on             Day
		next           Day
		awaits, passed int
	}{{0, r1, 4, 0}, {r1 - 1, r1, 4, 0}, {r1, r2, 3, 1}, {r2 - 1, r2, 3, 1}, {r2, 0, 2, 2}, {rf - 1, rf, 1, 3}, {rf, 0, 0, 4}, {rf + 900, 0, 0, 4}} {
		o := Outlook{On: c.on}
		o.Add(gb, d, SF)
		o.Add(gb, d, RF) // final whenever it is asked
		if len(o.Awaited) != c.awaits || len(o.Passed) != c.passed || o.Final != 1 || c.next != 0 && o.Next != c.next || (o.Next == 0) != (c.awaits == 0) {
			t.Errorf("asked on %s: %+v", c.on, o)
		}
		for i, a := range o.Awaited {
			if a.First <= c.on || a.Days != 1 || (i == 0) != (a.Next == 1) {
				t.Errorf("asked on %s: %+v", c.on, a)
			}
		}
		for _, a := range o.Passed {
			if a.Last > c.on || a.Days != 1 || a.Next != 0 || a.Run <= SF {
				t.Errorf("asked on %s: passed %+v", c.on, a)
			}
		}
	}
}

// A published date is the one that is awaited.
func TestOutlookPublished(t *testing.T) {
	d := outlookDay(t, "2025-12-04")
	var o Outlook
	o.Add(GB().Publish(d, RF, d+500), d, R3)
	if o.Next != d+500 || o.Last != d+500 || len(o.Awaited) != 1 {
		t.Errorf("%+v", o)
	}
}
