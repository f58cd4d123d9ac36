package settlement

import (
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// The vectors of the two clock changes of 2026: number and local clock against
// the UTC start.
func TestClockChangeVectors(t *testing.T) {
	for _, c := range []struct {
		day    string
		number int
		utc    string
		clock  int
	}{
		{"2026-03-29", 1, "2026-03-29T00:00:00Z", 0},
		{"2026-03-29", 2, "2026-03-29T00:30:00Z", 30},
		{"2026-03-29", 3, "2026-03-29T01:00:00Z", 120},
		{"2026-03-29", 4, "2026-03-29T01:30:00Z", 150},
		{"2026-03-29", 5, "2026-03-29T02:00:00Z", 180},
		{"2026-03-29", 46, "2026-03-29T22:30:00Z", 1410},
		{"2026-03-30", 1, "2026-03-29T23:00:00Z", 0},
		{"2026-05-06", 1, "2026-05-05T23:00:00Z", 0},
		{"2026-10-25", 1, "2026-10-24T23:00:00Z", 0},
		{"2026-10-25", 3, "2026-10-25T00:00:00Z", 60},
		{"2026-10-25", 4, "2026-10-25T00:30:00Z", 90},
		{"2026-10-25", 5, "2026-10-25T01:00:00Z", 60},
		{"2026-10-25", 6, "2026-10-25T01:30:00Z", 90},
		{"2026-10-25", 7, "2026-10-25T02:00:00Z", 120},
		{"2026-10-25", 50, "2026-10-25T23:30:00Z", 1410},
		{"2026-10-26", 1, "2026-10-26T00:00:00Z", 0},
	} {
		p, err := mustDay(t, c.day).Period(c.number)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Time().Format(time.RFC3339); got != c.utc || p.Clock() != c.clock {
			t.Errorf("%s number %d starts %s at minute %d, want %s at %d", c.day, c.number, got, p.Clock(), c.utc, c.clock)
		}
		if p.Day().String() != c.day || p.Number() != c.number {
			t.Errorf("%s is %v/%d, want %s/%d", c.utc, p.Day(), p.Number(), c.day, c.number)
		}
	}
}

func TestPeriodAt(t *testing.T) {
	loc := london(t)
	p, err := PeriodAt(time.Date(2026, 5, 6, 0, 0, 0, 0, loc))
	if err != nil || p.String() != "2026-05-06/01" {
		t.Errorf("local midnight: %v, %v", p, err)
	}
	first, last := MinDay.First(), (MaxDay+1).First()-1
	for _, p := range []Period{first, last} {
		if got, err := PeriodAt(p.Time()); err != nil || got != p {
			t.Errorf("PeriodAt(%v) = %v, %v", p.Time(), got, err)
		}
	}
	for _, bad := range []time.Time{
		{}, // year 1
		time.Date(2026, 5, 6, 0, 15, 0, 0, time.UTC),
		time.Date(2026, 5, 6, 0, 30, 0, 1, time.UTC),
		time.Date(2026, 5, 6, 0, 30, 1, 0, time.UTC),
		time.Unix(1_770_000_000_000, 0).Add(20 * time.Minute), // milliseconds taken for seconds
		(first - 1).Time(),
		(last + 1).Time(),
	} {
		_, err := PeriodAt(bad)
		var e *Error
		if !errors.Is(err, ErrPeriod) || !errors.As(err, &e) || e.Want == "" {
			t.Errorf("PeriodAt(%v) = %v, want a located ErrPeriod", bad, err)
		}
	}
}

func TestPeriodString(t *testing.T) {
	for _, c := range []struct {
		day    string
		number int
		want   string
	}{{"2024-10-27", 5, "2024-10-27/05"}, {"2024-10-27", 50, "2024-10-27/50"}} {
		p, err := mustDay(t, c.day).Period(c.number)
		if err != nil || p.String() != c.want {
			t.Errorf("String = %q, %v, want %q", p, err, c.want)
		}
	}
	if got := Period(0).String(); got != "1970-01-01/01" {
		t.Errorf("Period(0) = %q", got)
	}
}

// drawPeriod draws any period the package accepts.
func drawPeriod(t *rapid.T, label string) Period {
	return Period(rapid.Int32Range(int32(MinDay.First()), int32((MaxDay+1).First())-1).Draw(t, label))
}

func TestPeriodProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawPeriod(t, "p")
		if back, err := PeriodAt(p.Time()); err != nil || back != p {
			t.Fatalf("PeriodAt(Time) = %v, %v", back, err)
		}
		d, n := p.Split()
		if d != p.Day() || n != p.Number() {
			t.Fatalf("Split = %v, %d, but Day, Number = %v, %d", d, n, p.Day(), p.Number())
		}
		if !d.Span().Contains(p) || d.Span().Index(p) != n-1 {
			t.Fatalf("%v is not at %d in its day", p, n-1)
		}
		if back, err := d.Period(n); err != nil || back != p {
			t.Fatalf("%v.Period(%d) = %v, %v", d, n, back, err)
		}
	})
}

func BenchmarkSplit(b *testing.B) {
	span := Days(MinDay, MinDay+365)
	sum := 0
	for i := 0; b.Loop(); {
		d, n := (span.Lo + Period(i)).Split()
		sum += int(d) ^ n
		if i++; i == span.Len() {
			i = 0
		}
	}
	_ = sum
}

func BenchmarkFirst(b *testing.B) {
	sum := 0
	for d := MinDay; b.Loop(); {
		sum += int(d.First())
		if d++; d == MaxDay {
			d = MinDay
		}
	}
	_ = sum
}
