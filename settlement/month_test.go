package settlement

import (
	"errors"
	"testing"
)

func TestMonth(t *testing.T) {
	for _, c := range []struct {
		s       string
		days    int
		periods int
	}{
		{"2024-02", 29, 29 * 48},
		{"2023-02", 28, 28 * 48},
		{"2026-03", 31, 31*48 - 2},
		{"2026-10", 31, 31*48 + 2},
		{"2026-12", 31, 31 * 48},
		{"1996-01", 31, 31 * 48},
		{"2099-12", 31, 31 * 48},
	} {
		m, err := ParseMonth(c.s)
		if err != nil || m.String() != c.s || m.Days() != c.days || m.Span().Len() != c.periods {
			t.Errorf("%s: %v, %v, %d days, %d periods", c.s, m, err, m.Days(), m.Span().Len())
		}
		if first := m.First(); first.String() != c.s+"-01" || first.Month() != m || (first-1).Month() != m-1 {
			t.Errorf("%s starts %v", c.s, first)
		}
		if m.Next() != m+1 || m.Next().First() != m.First()+Day(m.Days()) {
			t.Errorf("%s is followed by %v", c.s, m.Next())
		}
	}
	for _, s := range []string{"", "2024-4", "2024-13", "2024-00", "1995-12", "2100-01", "2024/04", "2024-04-01", " 2024-04", "2024-0４"} {
		if m, err := ParseMonth(s); !errors.Is(err, ErrMonth) || m != 0 {
			t.Errorf("ParseMonth(%q) = %v, %v, want ErrMonth", s, m, err)
		}
	}
	if got := Month(2024*12 + 3).String(); got != "2024-04" {
		t.Errorf("year*12+month-1 = %s", got)
	}
	if y, m := Month(-1).split(); y != -1 || m != 12 {
		t.Errorf("Month(-1) = %d, %d", y, m)
	}
}
