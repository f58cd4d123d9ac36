package settlement

import (
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestDayLimits(t *testing.T) {
	if MinDay.String() != "1996-01-01" || MaxDay.String() != "2099-12-31" {
		t.Errorf("days run from %v to %v", MinDay, MaxDay)
	}
	for d, want := range map[Day]bool{0: false, MinDay - 1: false, MinDay: true, MaxDay: true, MaxDay + 1: false} {
		if d.Valid() != want {
			t.Errorf("%v.Valid() = %v", d, !want)
		}
	}
	if got := Day(0).String(); got != "no day" {
		t.Errorf("Day(0) = %q", got)
	}
}

func TestDayLen(t *testing.T) {
	for s, want := range map[string]int{
		"2024-03-31": 46, "2025-03-30": 46, "2026-03-29": 46, "2027-03-28": 46,
		"2024-10-27": 50, "2025-10-26": 50, "2026-10-25": 50, "2027-10-31": 50,
		"2026-03-28": 48, "2026-03-30": 48, "2026-10-24": 48, "2026-10-26": 48, "2024-02-29": 48,
	} {
		d := mustDay(t, s)
		if d.Len() != want || d.Span().Len() != want {
			t.Errorf("%s has %d periods, want %d", s, d.Len(), want)
		}
		for _, n := range []int{0, -1, want + 1, 1 << 30} {
			if _, err := d.Period(n); !errors.Is(err, ErrPeriod) {
				t.Errorf("%s.Period(%d): %v, want ErrPeriod", s, n, err)
			}
		}
	}
	if _, err := Day(0).Period(1); !errors.Is(err, ErrDay) {
		t.Errorf("no day has a period: %v", err)
	}
}

// A year's length is not a constant, and a calendar year and a contract year
// differ.
func TestTwelveMonthWindows(t *testing.T) {
	seen := map[int]int{}
	for d := MinDay; d < mustDay(t, "2040-01-01"); d++ {
		y, m, dd := d.Date()
		if m == time.February && dd == 29 {
			continue
		}
		seen[Days(d, dayOf(y+1, int(m), dd)).Len()]++
	}
	for _, n := range []int{17518, 17520, 17522, 17566, 17568, 17570} {
		if seen[n] == 0 {
			t.Errorf("no window of twelve months has %d periods", n)
		}
	}
	if len(seen) != 6 {
		t.Errorf("windows of twelve months: %v", seen)
	}
	for s, want := range map[string]int{"2024": 17568, "2025": 17520, "2026": 17520, "2027": 17520, "2028": 17568} {
		from := mustDay(t, s+"-01-01")
		if got := Days(from, mustDay(t, s+"-12-31")+1).Len(); got != want {
			t.Errorf("%s has %d periods, want %d", s, got, want)
		}
	}
	if got := Days(mustDay(t, "2026-03-29"), mustDay(t, "2027-03-29")).Len(); got != 17518 {
		t.Errorf("a year with two short days has %d periods", got)
	}
}

func TestNewDay(t *testing.T) {
	d, err := NewDay(2024, time.February, 29)
	if err != nil || d.String() != "2024-02-29" || d.Weekday() != time.Thursday {
		t.Errorf("NewDay = %v, %v", d, err)
	}
	for _, c := range [][3]int{
		{2024, 2, 30}, {2023, 2, 29}, {2024, 0, 1}, {2024, 13, 1}, {2024, 4, 31}, {2024, 1, 0},
		{1995, 12, 31}, {2100, 1, 1}, {-1, 1, 1}, {1 << 30, 1, 1},
	} {
		if d, err := NewDay(c[0], time.Month(c[1]), c[2]); !errors.Is(err, ErrDay) || d != 0 {
			t.Errorf("NewDay(%v) = %v, %v, want ErrDay", c, d, err)
		}
	}
}

func TestParseDay(t *testing.T) {
	for _, s := range []string{"1996-01-01", "2024-02-29", "2024-04-01", "2099-12-31"} {
		if d, err := ParseDay(s); err != nil || d.String() != s {
			t.Errorf("ParseDay(%q) = %v, %v", s, d, err)
		}
	}
	for _, s := range []string{
		"", "no day", "2024-4-1", "2024-04-1", "20240401", "2024/04/01", "01-04-2024", "2024-04-31", "2023-02-29",
		" 2024-04-01", "2024-04-01 ", "+024-04-01", "2024-+4-01", "\ufeff2024-04-01", "2024-04-0１", "1995-12-31",
		"2100-01-01", "1970-01-01", "2024-04-01T00:00:00Z", strings.Repeat("9", 1000),
	} {
		if d, err := ParseDay(s); !errors.Is(err, ErrDay) || d != 0 {
			t.Errorf("ParseDay(%q) = %v, %v, want ErrDay", s, d, err)
		}
	}
}

func TestChargingYear(t *testing.T) {
	for s, want := range map[string]string{
		"2024-03-31": "2023-04-01 2024-04-01",
		"2024-04-01": "2024-04-01 2025-04-01",
		"2024-12-31": "2024-04-01 2025-04-01",
		"2025-01-01": "2024-04-01 2025-04-01",
	} {
		from, to := mustDay(t, s).ChargingYear()
		if got := from.String() + " " + to.String(); got != want {
			t.Errorf("charging year of %s: %s, want %s", s, got, want)
		}
	}
}

func TestDayProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := Day(rapid.Int32Range(int32(MinDay), int32(MaxDay)).Draw(t, "d"))
		if back, err := ParseDay(d.String()); err != nil || back != d {
			t.Fatalf("ParseDay(String) = %v, %v", back, err)
		}
		if back, err := NewDay(d.Date()); err != nil || back != d {
			t.Fatalf("NewDay(Date) = %v, %v", back, err)
		}
		if s := d.Span(); !s.WholeDays() || s.From() != d || s.To() != d+1 || s != Days(d, d+1) {
			t.Fatalf("span of %v is %v", d, s)
		}
		if from, to := d.ChargingYear(); d < from || d >= to || to-from < 365 || to-from > 366 {
			t.Fatalf("charging year of %v: %v to %v", d, from, to)
		}
		if m := d.Month(); d < m.First() || d >= m.Next().First() {
			t.Fatalf("%v is not in its month %v", d, m)
		}
	})
}

func FuzzParseDay(f *testing.F) {
	for _, s := range []string{"2024-04-01", "2024-02-30", "2024-4-1", "", "\ufeff2024-04-01", "2024-04-0１"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := ParseDay(s)
		if err != nil {
			if !errors.Is(err, ErrDay) || d != 0 || len(err.Error()) > 1000 {
				t.Fatalf("ParseDay(%q) = %v, %v", s, d, err)
			}
			return
		}
		if !d.Valid() || d.String() != s {
			t.Fatalf("ParseDay(%q) = %v", s, d)
		}
		if want, err := time.Parse(time.DateOnly, s); err != nil || want.Unix() != int64(d)*86400 {
			t.Fatalf("ParseDay(%q) = %v, but time has %v, %v", s, d, want, err)
		}
	})
}
