package revisions

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

func TestParts(t *testing.T) {
	for day, want := range map[string][]int{ // half-hours
		"2026-01-10": {48}, "2026-03-28": {48}, "2026-03-29": {46}, "2026-03-30": {2, 46},
		"2026-06-04": {2, 46}, "2026-10-24": {2, 46}, "2026-10-25": {2, 48}, "2026-10-26": {48},
	} {
		var got []int
		at := date(day).First()
		for d, part := range Parts(date(day).Span()) {
			if got = append(got, part.Len()); d != date(day) || part.Lo != at {
				t.Errorf("%s: %v %v", day, d, part)
			}
			at = part.Hi
		}
		if !slices.Equal(got, want) || at != (date(day)+1).First() {
			t.Errorf("%s: %v, want %v", day, got, want)
		}
	}
	span := settlement.Span{Lo: date("2026-06-04").First() + 1, Hi: date("2026-06-06").First() + 3}
	at := span.Lo
	for _, part := range Parts(span) {
		if part.Lo != at || part.Empty() {
			t.Errorf("%v", part)
		}
		at = part.Hi
	}
	if at != span.Hi {
		t.Errorf("ends at %v", at)
	}
	for range Parts(span) {
		break
	}
}

// A span touches whole days of a delivery: UTC days where it counts in those.
func TestDeliveryDays(t *testing.T) {
	for _, tt := range []struct {
		from, to   string
		lo, hi     settlement.Period // off the span
		utc        bool
		before, in int // half-hours before the span's first day, and in all
	}{
		{"2026-06-04", "2026-06-05", 0, 0, false, 0, 48},
		{"2026-06-04", "2026-06-05", 3, -3, false, 0, 48},
		{"2026-06-04", "2026-06-05", 0, 0, true, 46, 96},
		{"2026-06-04", "2026-06-05", 2, 0, true, -2, 48},
		{"2026-01-04", "2026-01-05", 1, -1, true, 0, 48},
		{"2026-03-29", "2026-03-30", 0, 0, true, 0, 48},
		{"2026-10-25", "2026-10-26", 0, 0, true, 46, 96},
		{"2026-10-25", "2026-10-26", 0, 0, false, 0, 50},
	} {
		span := settlement.Days(date(tt.from), date(tt.to))
		first := span.Lo
		span.Lo, span.Hi = span.Lo+tt.lo, span.Hi+tt.hi
		got := Delivery{UTCDays: tt.utc}.Days(span)
		if int(first-got.Lo) != tt.before || got.Len() != tt.in {
			t.Errorf("%s to %s, UTC %v: %v", tt.from, tt.to, tt.utc, got)
		}
	}
	for _, utc := range []bool{false, true} {
		if empty := (settlement.Span{Lo: 5, Hi: 5}); !(Delivery{UTCDays: utc}).Days(empty).Empty() {
			t.Error("no half-hours are of no day")
		}
	}
}

// whole is a fact with one value in every half-hour, of a UTC day or a local one.
func (f fact) whole(value int64) fact {
	f.values = make([]int64, f.span().Len())
	f.marks = make([]series.Mark, len(f.values))
	for i := range f.values {
		f.values[i] = value
	}
	return f
}

// sent is a delivery of one day that states no run: a D0379, if it is of UTC days.
func sent(day, created string, utc bool, value int64) fact {
	return fact{Delivery: Delivery{Created: on(created), Received: on(created), Source: fmt.Sprint("f", value), UTCDays: utc},
		Key: Key{meterA, series.AI, date(day)}}.whole(value)
}

// text is what a frame holds of AI, as "value×half-hours", and "-" for nothing.
func text(f *series.Frame) string {
	var out []string
	last, n := "", 0
	flush := func() {
		if n > 0 {
			out = append(out, fmt.Sprintf("%s×%d", last, n))
		}
	}
	for i := range f.Len() {
		is := "-"
		if v, ok := f.Line(series.AI).At(i); ok {
			is = fmt.Sprint(v)
		}
		if is != last {
			flush()
			last, n = is, 0
		}
		n++
	}
	flush()
	return strings.Join(out, " ")
}

// permute yields every order of some facts.
func permute(facts []fact, yield func([]fact)) {
	if len(facts) == 0 {
		yield(nil)
		return
	}
	for i := range facts {
		rest := slices.Delete(slices.Clone(facts), i, i+1)
		permute(rest, func(p []fact) { yield(append([]fact{facts[i]}, p...)) })
	}
}

// Days of the clock and UTC days restate each other, in any order of arrival:
// for every part of a day the version made last speaks.
func TestUTCDays(t *testing.T) {
	for _, tt := range []struct {
		name     string
		from, to string
		facts    []fact
		want     string
	}{
		{"UTC days in summer: a day takes its first hour from the message before", "2026-06-04", "2026-06-06",
			[]fact{sent("2026-06-03", "2026-06-10", true, 3), sent("2026-06-04", "2026-06-10", true, 4), sent("2026-06-05", "2026-06-10", true, 5)},
			"3×2 4×48 5×46"},
		{"a missing message damages two days", "2026-06-04", "2026-06-06",
			[]fact{sent("2026-06-03", "2026-06-10", true, 3), sent("2026-06-05", "2026-06-10", true, 5)},
			"3×2 -×48 5×46"},
		{"the short day", "2026-03-28", "2026-03-31",
			[]fact{sent("2026-03-28", "2026-04-10", true, 28), sent("2026-03-29", "2026-04-10", true, 29), sent("2026-03-30", "2026-04-10", true, 30)},
			"28×48 29×48 30×46"},
		{"the short day's message missing", "2026-03-28", "2026-03-31",
			[]fact{sent("2026-03-28", "2026-04-10", true, 28), sent("2026-03-30", "2026-04-10", true, 30)},
			"28×48 -×48 30×46"},
		{"the long day", "2026-10-25", "2026-10-27",
			[]fact{sent("2026-10-24", "2026-11-10", true, 24), sent("2026-10-25", "2026-11-10", true, 25), sent("2026-10-26", "2026-11-10", true, 26)},
			"24×2 25×48 26×48"},
		{"the long day's message missing", "2026-10-25", "2026-10-27",
			[]fact{sent("2026-10-24", "2026-11-10", true, 24), sent("2026-10-26", "2026-11-10", true, 26)},
			"24×2 -×48 26×48"},
		{"winter", "2026-01-10", "2026-01-12",
			[]fact{sent("2026-01-10", "2026-02-10", true, 10), sent("2026-01-11", "2026-02-10", false, 11)},
			"10×48 11×48"},
		{"a UTC day restates what it covers of days of the clock", "2026-06-04", "2026-06-06",
			[]fact{sent("2026-06-04", "2026-06-10", false, 1), sent("2026-06-05", "2026-06-10", false, 2), sent("2026-06-04", "2026-06-11", true, 3)},
			"1×2 3×48 2×46"},
		{"a day of the clock restates what it covers of UTC days", "2026-06-04", "2026-06-06",
			[]fact{sent("2026-06-03", "2026-06-10", true, 1), sent("2026-06-04", "2026-06-10", true, 2), sent("2026-06-05", "2026-06-11", false, 3)},
			"1×2 2×46 3×48"},
		{"both, of the short day", "2026-03-28", "2026-03-31",
			[]fact{sent("2026-03-29", "2026-04-10", false, 1), sent("2026-03-30", "2026-04-11", false, 2), sent("2026-03-29", "2026-04-12", true, 3), sent("2026-03-30", "2026-04-10", true, 4)},
			"-×48 3×48 2×46"},
		{"both, of the long day", "2026-10-24", "2026-10-27",
			[]fact{sent("2026-10-24", "2026-11-10", true, 1), sent("2026-10-25", "2026-11-11", false, 2), sent("2026-10-25", "2026-11-12", true, 3), sent("2026-10-26", "2026-11-11", false, 4)},
			"-×2 1×46 2×2 3×48 4×48"},
	} {
		permute(tt.facts, func(facts []fact) {
			j := NewJournal(series.Meter())
			for _, f := range facts {
				mustAdd(t, j, f.Delivery, f)
			}
			span := settlement.Days(date(tt.from), date(tt.to))
			f := series.NewFrame(nil, series.Meter(), span)
			j.KnownAt(f, meterA, lastInstant, nil)
			c := series.NewCube(nil, series.Meter(), allRuns, span)
			j.Cube(c, meterA, lastInstant, TimetableCutoff(settlement.GB()))
			for what, f := range map[string]*series.Frame{"known": f, "RF": c.Frame(settlement.RF)} {
				if got := text(f); got != tt.want {
					t.Errorf("%s, %s: %s, want %s", tt.name, what, got, tt.want)
				}
			}
		})
	}
}

// Reports name the half-hours of a part, and count those of the part.
func TestPartsReported(t *testing.T) {
	j := NewJournal(series.Meter())
	local, utc := sent("2026-06-05", "2026-06-10", false, 1), sent("2026-06-04", "2026-06-10", true, 2)
	mustAdd(t, j, local.Delivery, local)
	if got := mustAdd(t, j, utc.Delivery, utc); got != (Receipt{Kept: 1, Conflicts: 1}) {
		t.Errorf("%+v", got)
	}
	want := "1014568234275: AI 2026-06-05 half-hours 1 to 2 untagged: 2 half-hours differ between versions of 2026-06-10T11:00:00Z from f1, f2; the last named speaks: received last, or else with fewer estimates, or else of greater values"
	if got := j.Conflicts(lastInstant); len(got) != 1 || got[0].String() != want {
		t.Errorf("%v, want %s", got, want)
	}
	guess := sent("2026-06-05", "2026-06-11", true, 3)
	guess.marks[0], guess.marks[47] = series.Estimated, series.Estimated
	guess.Received = on("2026-06-12")
	mustAdd(t, j, guess.Delivery, guess)
	want = "1014568234275: AI 2026-06-05 half-hours 3 to 48: 1 half-hours: an estimate replaced an actual: untagged version of 2026-06-10T11:00:00Z from f1, then untagged version of 2026-06-11T11:00:00Z, received 2026-06-12T11:00:00Z, from f3"
	if got := j.Anomalies(lastInstant, nil); len(got) != 1 || got[0].String() != want {
		t.Errorf("%v, want %s", got, want)
	}
	var got []string
	for _, v := range j.Versions(local.Key) {
		got = append(got, fmt.Sprintf("%s %d+%d %v", v.Source, v.Span.Lo.Number(), v.Span.Len(), v.UTCDays))
	}
	if want := []string{"f1 1+2 false", "f2 1+2 true", "f1 3+46 false", "f3 3+46 true"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	s, ok := j.Spoken(meterA, series.AI, date("2026-06-05").First()+40, settlement.Untagged, Newest(), lastInstant, nil)
	if !ok || s.Estimates != 1 || s.Estimated != 1 || s.Span.Len() != 46 {
		t.Errorf("%+v, %v", s, ok)
	}
}

// Counting: a UTC day that says again what a day of the clock said in one part is
// another day, and new.
func TestUTCDayAgain(t *testing.T) {
	j := NewJournal(series.Meter())
	a, b := sent("2026-06-05", "2026-06-10", false, 1), sent("2026-06-05", "2026-06-10", true, 1)
	mustAdd(t, j, a.Delivery, a)
	if got := mustAdd(t, j, b.Delivery, b); got != (Receipt{Kept: 1}) || j.Len() != 4 || len(j.Conflicts(lastInstant)) > 0 {
		t.Errorf("%+v, %d versions", got, j.Len())
	}
	if got := mustAdd(t, j, b.Delivery, b); got != (Receipt{Repeated: 1}) || j.Len() != 4 {
		t.Errorf("again: %+v, %d versions", got, j.Len())
	}
}

func TestUTCDaysBad(t *testing.T) {
	short := sent("2026-06-05", "2026-06-10", true, 1)
	short.values, short.marks = short.values[:46], short.marks[:46]
	local := sent("2026-06-05", "2026-06-10", false, 1)
	local.UTCDays = false
	for _, tt := range []struct {
		name  string
		d     Delivery
		f     fact
		words string
	}{
		{"a UTC day short by an hour", short.Delivery, short, `f1:1: wrong count "46 half-hours": want all 48 of AI 2026-06-05 in UTC`},
		{"a day of the clock in a delivery of UTC days", Delivery{Received: on("2026-06-10"), Source: "f1", UTCDays: true}, local, `wrong count "2 half-hours": want all 48 of AI 2026-06-04 in UTC`},
		{"a UTC day in a delivery of days of the clock", Delivery{Received: on("2026-06-10"), Source: "f1"}, sent("2026-06-05", "2026-06-10", true, 1), `wrong count "46 half-hours": want all 48 of AI 2026-06-05: a version is a whole local day; ask for the day again, or say that the delivery holds UTC days`},
		{"made before the calendar", Delivery{Created: on("2026-06-10").AddDate(-100, 0, 0), Received: on("2026-06-10"), Source: "f1"}, local, "the instant its source made it, from 1996-01-01"},
	} {
		j := NewJournal(series.Meter())
		_, err := j.Add(tt.d, readings(tt.f))
		if err == nil || !strings.Contains(err.Error(), tt.words) || j.Len() != 0 {
			t.Errorf("%s: %v, %d versions", tt.name, err, j.Len())
		}
		if !errors.Is(err, series.ErrCount) && !errors.Is(err, series.ErrValue) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

// A message that came after every run closed fills the part that no run has, and
// changes nothing in the other, of which it says something new.
func TestLateMessage(t *testing.T) {
	j := NewJournal(series.Meter())
	for _, f := range []fact{sent("2026-06-04", "2026-06-10", true, 4), sent("2026-06-04", "2029-01-01", true, 5), sent("2026-06-03", "2029-01-01", true, 3)} {
		mustAdd(t, j, f.Delivery, f)
	}
	span := date("2026-06-04").Span()
	for _, tt := range []struct {
		by   Reconciler
		want string
	}{
		{Latest(), "3×2 4×46"},
		{UpTo(settlement.RF), "-×2 4×46"},
		{UpTo(settlement.DF), "-×2 4×46"},
		{Latest().At(on("2028-12-01")), "-×2 4×46"},
		{AsOf(date("2029-01-02"), settlement.GB()), "3×2 4×46"},
		{Newest(), "3×2 5×46"},
		{KnownAt(on("2028-12-01")), "-×2 4×46"},
	} {
		c := series.NewCube(nil, series.Meter(), allRuns, span)
		j.View(c, tt.by, meterA, lastInstant, TimetableCutoff(settlement.GB()))
		f, rep := tt.by.Reconcile(c)
		if got := text(f); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.by.View(), got, tt.want)
		}
		if missing := strings.Count(tt.want, "-"); rep.Sources[0].Missing != 2*missing {
			t.Errorf("%s: %d missing", tt.by.View(), rep.Sources[0].Missing)
		}
	}
}
