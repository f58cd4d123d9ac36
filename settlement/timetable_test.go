package settlement

import (
	"slices"
	"strings"
	"testing"
)

func TestRegimes(t *testing.T) {
	gb := GB()
	for _, c := range []struct {
		day, name string
		planned   bool
		runs      []Run
	}{
		{"1996-01-01", "legacy 14-month", false, []Run{II, SF, R1, R2, R3, RF}},
		{"2027-03-31", "legacy 14-month", false, []Run{II, SF, R1, R2, R3, RF}},
		{"2027-04-01", "7-month", true, []Run{II, SF, R1, R2, RF}},
		{"2027-07-01", "7-month", true, []Run{II, SF, R1, R2, RF}},
		{"2027-07-02", "MHHS", true, []Run{II, SF, R1, RF}},
		{"2099-12-31", "MHHS", true, []Run{II, SF, R1, RF}},
	} {
		d := mustDay(t, c.day)
		g := gb.Regime(d)
		if g.Name != c.name || g.Planned != c.planned || g.Source == "" || g.From > d {
			t.Errorf("%s is under %+v", c.day, g)
		}
		if got := gb.Runs(d); !slices.Equal(got, c.runs) {
			t.Errorf("%s is due %v, want %v", c.day, got, c.runs)
		}
		// Runs, Applies and Due tell one story, and later runs come later.
		last := d
		for r := Untagged; r < Run(20); r++ {
			listed := slices.Contains(c.runs, r)
			dispute := r == DF || r == D || r == DR
			if got := gb.Applies(d, r); got != (listed || dispute) {
				t.Errorf("%s: Applies(%v) = %v", c.day, r, got)
			}
			due, ok := gb.Due(d, r)
			if ok != listed || !ok && due != 0 {
				t.Errorf("%s: Due(%v) = %v, %v", c.day, r, due, ok)
			}
			if ok && (due <= last || !IsWorkingDay(due)) {
				t.Errorf("%s: %v is due %v, after a run due %v", c.day, r, due, last)
			}
			if ok {
				last = due
			}
		}
	}
	for i := range gbRegimes {
		g := &gbRegimes[i]
		for r, n := range g.offset {
			if (n != 0) != slices.Contains(g.due, Run(r)) {
				t.Errorf("%s: %v has offset %d and is listed as %v", g.Name, Run(r), n, g.due)
			}
		}
		if i > 0 && g.From <= gbRegimes[i-1].From {
			t.Errorf("%s is out of order", g.Name)
		}
	}
}

// Counted by hand on the published lists of bank holidays.
func TestDueFallback(t *testing.T) {
	for _, c := range []struct {
		day  string
		run  Run
		want string
	}{
		{"2024-06-03", II, "2024-06-10"}, // Monday: Tuesday to Monday
		{"2024-06-08", II, "2024-06-14"}, // Saturday: Monday is the first
		{"2024-12-20", II, "2024-12-31"}, // Friday: 23, 24, 27, 30, 31
		{"2024-06-03", SF, "2024-06-25"},
		{"2027-07-02", II, "2027-07-08"}, // Friday: 5, 6, 7, 8
		{"2027-07-02", SF, "2027-07-13"},
	} {
		got, ok := GB().Due(mustDay(t, c.day), c.run)
		if !ok || got.String() != c.want {
			t.Errorf("%v of %s is due %v, want %s", c.run, c.day, got, c.want)
		}
	}
	// The names of the regimes: about 14, 7 and 4 months to the last run.
	for s, months := range map[string]Month{"2025-01-15": 14, "2027-05-15": 7, "2028-01-15": 4} {
		d := mustDay(t, s)
		due, ok := GB().Due(d, RF)
		if got := due.Month() - d.Month(); !ok || got < months-1 || got > months+1 {
			t.Errorf("RF of %s is due %v, %d months on, want about %d", s, due, got, months)
		}
	}
}

func TestPublish(t *testing.T) {
	gb := GB()
	d := mustDay(t, "2026-03-10")
	fallback, _ := gb.Due(d, SF)
	one := gb.Publish(d, SF, fallback+1)
	two := one.Publish(d, SF, fallback+2).Publish(d+1, SF, fallback+3).Publish(d-40, DF, d+800).Publish(d+40, R1, d+99)
	for _, c := range []struct {
		t    Timetable
		d    Day
		r    Run
		want Day
	}{
		{gb, d, SF, fallback},
		{one, d, SF, fallback + 1},
		{two, d, SF, fallback + 2},
		{two, d + 1, SF, fallback + 3},
		{two, d - 40, DF, d + 800},
		{two, d + 40, R1, d + 99},
	} {
		if got, ok := c.t.Due(c.d, c.r); !ok || got != c.want {
			t.Errorf("%v of %v is due %v, %v, want %v", c.r, c.d, got, ok, c.want)
		}
	}
	if _, ok := one.Due(d-40, DF); ok {
		t.Error("Publish changed the timetable it was called on")
	}
	if got := two.Runs(d - 40); slices.Contains(got, DF) {
		t.Errorf("DF is due by itself: %v", got)
	}
}

// A published calendar outranks a planned regime: the run it names exists.
func TestPublishAddsRun(t *testing.T) {
	d := mustDay(t, "2027-08-02")
	gb := GB()
	with := gb.Publish(d, R3, d+210).Publish(d, R2, d+120)
	if got, want := with.Runs(d), []Run{II, SF, R1, R2, R3, RF}; !slices.Equal(got, want) {
		t.Errorf("runs %v, want %v", got, want)
	}
	if !with.Applies(d, R3) || with.Applies(d+1, R3) || gb.Applies(d, R3) {
		t.Error("the run applies to its own day in the copy only")
	}
	if got, want := gb.Runs(d), []Run{II, SF, R1, RF}; !slices.Equal(got, want) {
		t.Errorf("the shared list became %v", got)
	}
}

func TestTimetableOutside(t *testing.T) {
	for _, tt := range []Timetable{GB(), {}} {
		for _, d := range []Day{0, MinDay - 1, MaxDay + 1} {
			due, ok := tt.Due(d, SF)
			if tt.Runs(d) != nil || tt.Applies(d, SF) || tt.Applies(d, DF) || due != 0 || ok || tt.Regime(d) != (Regime{}) {
				t.Errorf("%v has runs", d)
			}
		}
	}
	if got := (Timetable{}).Runs(MinDay); got != nil {
		t.Errorf("the zero Timetable has runs %v", got)
	}
	for _, c := range []struct {
		d  Day
		r  Run
		on Day
	}{{0, SF, MinDay}, {MinDay, Untagged, MinDay}, {MinDay, SF, 0}, {MinDay, Run(10), MinDay}} {
		func() {
			defer func() {
				if got, _ := recover().(string); !strings.Contains(got, "Publish") {
					t.Errorf("Publish(%v, %v, %v): recovered %q", c.d, c.r, c.on, got)
				}
			}()
			GB().Publish(c.d, c.r, c.on)
		}()
	}
}

func BenchmarkDue(b *testing.B) {
	gb, d := GB(), MinDay+9000
	sum := 0
	for i := Day(0); b.Loop(); i = (i + 1) % 365 {
		due, _ := gb.Due(d+i, RF)
		sum += int(due)
	}
	_ = sum
}

// A year's calendar of six runs a day.
func BenchmarkPublishYear(b *testing.B) {
	for b.Loop() {
		gb := GB()
		for d := MinDay + 9000; d < MinDay+9365; d++ {
			for r := II; r <= RF; r++ {
				gb = gb.Publish(d, r, d+30)
			}
		}
	}
}

// A timetable without regimes keeps the dates published to it, under those of GB;
// one that has regimes is itself.
func TestOrGB(t *testing.T) {
	day, on := mustDay(t, "2025-06-10"), mustDay(t, "2026-12-01")
	var none Timetable
	for name, table := range map[string]Timetable{"none": none.OrGB(), "published": none.Publish(day, DF, on).OrGB(), "GB": GB().Publish(day, DF, on).OrGB()} {
		due, dated := table.Due(day, DF)
		if dated != (name != "none") || dated && due != on {
			t.Errorf("%s: DF is due %v, %v", name, due, dated)
		}
		got, _ := table.Due(day, SF)
		if want, _ := GB().Due(day, SF); got != want {
			t.Errorf("%s: SF is due %v, want %v", name, got, want)
		}
	}
	if none.Runs(day) != nil || none.Publish(day, DF, on).Runs(day) != nil {
		t.Error("the zero Timetable has runs")
	}
	odd := Timetable{regimes: gbRegimes[:1]}
	if got := odd.OrGB().Runs(mustDay(t, "2027-07-02")); !slices.Equal(got, gbRegimes[0].due) {
		t.Errorf("a timetable of other regimes: %v", got)
	}
}
