package settlement

import (
	"testing"
	"time"
	_ "time/tzdata" // the authority to compare with, wherever the test runs
)

// london is the authority for clock changes: Go's copy of the zone database.
func london(t testing.TB) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

// mustDay is for dates written in tests.
func mustDay(t testing.TB, s string) Day {
	t.Helper()
	d, err := ParseDay(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// The zone database knows the rule to 2037 by table and beyond by rule; the
// exhaustive walk covers every half-hour of 45 years and every day of the rest.
func TestEveryHalfHourAgainstZoneDatabase(t *testing.T) {
	loc := london(t)
	end := mustDay(t, "2041-01-01").First()
	wantDay, wantNumber := MinDay-1, 0
	lengths := map[int]int{}
	for p := MinDay.First(); p < end; p++ {
		local := p.Time().In(loc)
		clock := local.Hour()*60 + local.Minute()
		if y, m, dd := local.Date(); clock == 0 {
			// A new day starts at every local midnight, and there is one a day.
			if wantDay >= MinDay {
				lengths[wantNumber]++
				if wantDay.Len() != wantNumber {
					t.Fatalf("%s.Len() = %d, want %d", wantDay, wantDay.Len(), wantNumber)
				}
			}
			wantDay, wantNumber = wantDay+1, 0
			if d := dayOf(y, int(m), dd); d != wantDay {
				t.Fatalf("midnight of %v starts day %v, want %v", local, d, wantDay)
			}
			if wantDay.First() != p {
				t.Fatalf("%s.First() = %v, want %v", wantDay, wantDay.First().Time(), p.Time())
			}
		}
		wantNumber++
		d, n := p.Split()
		if d != wantDay || n != wantNumber || p.Clock() != clock {
			t.Fatalf("%v: %v/%d at minute %d, want %v/%d at %d", p.Time(), d, n, p.Clock(), wantDay, wantNumber, clock)
		}
		if back, err := d.Period(n); err != nil || back != p {
			t.Fatalf("%v.Period(%d) = %v, %v, want %v", d, n, back.Time(), err, p.Time())
		}
	}
	if lengths[46] != 45 || lengths[50] != 45 || len(lengths) != 3 {
		t.Errorf("45 years have day lengths %v, want 45 short and 45 long days among those of 48", lengths)
	}
}

func TestEveryDayAgainstZoneDatabase(t *testing.T) {
	loc := london(t)
	for d := MinDay; d <= MaxDay+1; d++ {
		y, m, dd := d.Date()
		want := time.Date(y, m, dd, 0, 0, 0, 0, loc)
		if !d.First().Time().Equal(want) {
			t.Fatalf("%v starts %v, want %v", d, d.First().Time(), want.UTC())
		}
		if d.Weekday() != want.Weekday() {
			t.Fatalf("%v is a %v, want %v", d, d.Weekday(), want.Weekday())
		}
	}
}

func TestCivilAgainstTime(t *testing.T) {
	// Eight centuries either way: the arithmetic holds outside the years the
	// package accepts, so that its methods are total.
	for d := Day(-292_200); d < 292_200; d++ {
		y, m, dd := time.Unix(int64(d)*86400, 0).UTC().Date()
		gy, gm, gd := civil(d)
		if gy != y || gm != int(m) || gd != dd {
			t.Fatalf("civil(%d) = %d-%d-%d, want %d-%d-%d", d, gy, gm, gd, y, m, dd)
		}
		if back := dayOf(y, int(m), dd); back != d {
			t.Fatalf("dayOf(%d-%d-%d) = %d, want %d", y, m, dd, back, d)
		}
	}
}

func TestSplitIsTotal(t *testing.T) {
	for p := Period(-200_000); p < 200_000; p += 7 {
		d, n := p.Split()
		if n < 1 || n > 50 || d.First()+Period(n-1) != p {
			t.Fatalf("Period(%d).Split() = %d, %d", int32(p), int32(d), n)
		}
		if c := p.Clock(); c < 0 || c > 1410 || c%30 != 0 {
			t.Fatalf("Period(%d).Clock() = %d", int32(p), c)
		}
	}
}

func TestNoAllocations(t *testing.T) {
	d := mustDay(t, "2026-10-25")
	p := d.First() + 7
	gb := GB().Publish(d, SF, d+20)
	span := Days(d-40, d+40)
	var sink int
	for _, c := range []struct {
		name string
		call func()
	}{
		{"Period.Split", func() { _, n := p.Split(); sink += n }},
		{"Period.Day", func() { sink += int(p.Day()) }},
		{"Period.Clock", func() { sink += p.Clock() }},
		{"Day.First", func() { sink += int(d.First()) }},
		{"Day.Len", func() { sink += d.Len() }},
		{"Day.Period", func() { q, _ := d.Period(50); sink += int(q) }},
		{"Day.ChargingYear", func() { from, _ := d.ChargingYear(); sink += int(from) }},
		{"Span.Intersect", func() { sink += span.Intersect(d.Span()).Len() }},
		{"Timetable.Due", func() { on, _ := gb.Due(d, RF); sink += int(on) }},
		{"Timetable.Due published", func() { on, _ := gb.Due(d, SF); sink += int(on) }},
		{"Timetable.Runs", func() { sink += len(gb.Runs(d)) }},
		{"Timetable.Applies", func() { _ = gb.Applies(d, R2) }},
		{"IsWorkingDay", func() { _ = IsWorkingDay(d) }},
		{"ParseMPAN", func() { m, _ := ParseMPAN("2278676232781"); sink += int(m.n) }},
		{"ParseDay", func() { e, _ := ParseDay("2026-10-25"); sink += int(e) }},
		{"ParseRun", func() { r, _ := ParseRun("RF"); sink += int(r) }},
	} {
		if n := testing.AllocsPerRun(100, c.call); n != 0 {
			t.Errorf("%s allocates %v times", c.name, n)
		}
	}
	_ = sink
}
