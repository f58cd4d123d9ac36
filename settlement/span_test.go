package settlement

import (
	"testing"

	"pgregory.net/rapid"
)

func TestSpan(t *testing.T) {
	from, to := mustDay(t, "2026-03-01"), mustDay(t, "2026-04-01")
	s := Days(from, to)
	if s.Len() != 31*48-2 || s.Empty() || !s.WholeDays() || s.From() != from || s.To() != to {
		t.Errorf("March 2026: %v, %d periods from %v to %v", s, s.Len(), s.From(), s.To())
	}
	if !s.Contains(s.Lo) || s.Contains(s.Hi) || s.Contains(s.Lo-1) || s.Index(s.Lo+7) != 7 {
		t.Error("a span is half-open from Lo")
	}
	part := Span{s.Lo + 3, s.Hi - 5}
	if part.WholeDays() || !s.Covers(part) || part.Covers(s) || part.From() != from || part.To() != to {
		t.Errorf("part of March 2026: %v", part)
	}
	empty := Days(from, from)
	if !empty.Empty() || empty.Len() != 0 || empty.From() != empty.To() || !part.Covers(empty) || empty.Contains(empty.Lo) {
		t.Errorf("empty span: %v", empty)
	}
	if reversed := (Span{s.Hi, s.Lo}); reversed.Len() != 0 || !reversed.Empty() || s.Intersect(reversed) != (Span{}) {
		t.Error("a span with Lo above Hi is empty")
	}
	for _, c := range []struct {
		span Span
		want string
	}{
		{s, "[2026-03-01, 2026-04-01)"},
		{part, "[2026-03-01/04, 2026-03-31/44)"},
		{empty, "[)"},
	} {
		if c.span.String() != c.want {
			t.Errorf("String = %s, want %s", c.span, c.want)
		}
	}
}

func TestDaysPanicsBackwards(t *testing.T) {
	defer func() {
		if got := recover(); got != panicDays {
			t.Errorf("recovered %v, want %q", got, panicDays)
		}
	}()
	Days(MinDay+1, MinDay)
}

func TestSpanMonths(t *testing.T) {
	s := Span{mustDay(t, "2025-12-30").First() + 2, mustDay(t, "2026-02-02").First() + 4}
	want := []string{
		"2025-12 [2025-12-30/03, 2026-01-01/01)", "2026-01 [2026-01-01, 2026-02-01)", "2026-02 [2026-02-01/01, 2026-02-02/05)",
	}
	var got []string
	for m, part := range s.Months() {
		got = append(got, m.String()+" "+part.String())
	}
	if len(got) != len(want) {
		t.Fatalf("months %v", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("month %d is %s, want %s", i, got[i], want[i])
		}
	}
	for range s.Months() {
		break // a caller may stop early
	}
	for range s.EachDay() {
		break
	}
	for m := range (Span{}).Months() {
		t.Errorf("empty span has month %v", m)
	}
	for d := range (Span{}).EachDay() {
		t.Errorf("empty span has day %v", d)
	}
}

// drawSpan draws a span of up to about three years, empty ones included.
func drawSpan(t *rapid.T, label string) Span {
	lo := Period(rapid.Int32Range(int32(MinDay.First()), int32(MaxDay.First())-60_000).Draw(t, label+".Lo"))
	return Span{lo, lo + Period(rapid.Int32Range(0, 55_000).Draw(t, label+".Len"))}
}

func TestSpanProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSpan(t, "s")
		// Days and months each partition the span, in order.
		at, day := s.Lo, s.From()
		for d, part := range s.EachDay() {
			if d != day || part.Lo != at || part.Empty() || !d.Span().Covers(part) || !s.Covers(part) {
				t.Fatalf("day %v has %v, expected %v from %v", d, part, day, at)
			}
			at, day = part.Hi, d+1
		}
		if !s.Empty() && (at != s.Hi || day != s.To()) {
			t.Fatalf("days end at %v before %v, want %v before %v", at, day, s.Hi, s.To())
		}
		at, month := s.Lo, s.From().Month()
		for m, part := range s.Months() {
			if m != month || part.Lo != at || part.Empty() || !m.Span().Covers(part) {
				t.Fatalf("month %v has %v, expected %v from %v", m, part, month, at)
			}
			at, month = part.Hi, m+1
		}
		if !s.Empty() && at != s.Hi {
			t.Fatalf("months end at %v, want %v", at, s.Hi)
		}
		// Intersection agrees with membership.
		u := Span{s.Lo + Period(rapid.Int32Range(-50, 60_000).Draw(t, "shift")), 0}
		u.Hi = u.Lo + Period(rapid.Int32Range(0, 60_000).Draw(t, "len"))
		x := s.Intersect(u)
		if x != u.Intersect(s) || !s.Covers(x) || !u.Covers(x) || (x.Empty() && x != Span{}) {
			t.Fatalf("%v ∩ %v = %v", s, u, x)
		}
		for _, p := range []Period{s.Lo - 1, s.Lo, s.Hi - 1, s.Hi, u.Lo - 1, u.Lo, u.Hi - 1, u.Hi} {
			if x.Contains(p) != (s.Contains(p) && u.Contains(p)) {
				t.Fatalf("%v in %v ∩ %v", p, s, u)
			}
		}
	})
}
