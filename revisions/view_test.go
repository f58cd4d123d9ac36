package revisions

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// viewed is what a view of a journal says of a meter.
func (s *scene) viewed(j *Journal, by Reconciler, mpan settlement.MPAN, at time.Time) (*series.Cube, *series.Frame) {
	c := series.NewCube(nil, s.schema, allRuns, s.span)
	j.View(c, by, mpan, at, s.cut)
	f, _ := by.Reconcile(c)
	return c, f
}

// Newest says what was known, under the run that saw it where one did, and
// Spoken names the version in every frame of a cube.
func TestViewNewest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := anyScene(t)
		j := s.journal(t, s.facts)
		at := rapid.SampledFrom(s.moments).Draw(t, "at")
		for _, mpan := range mpans {
			known := series.NewFrame(nil, s.schema, s.span)
			j.KnownAt(known, mpan, at, s.cut)
			_, got := s.viewed(j, Newest(), mpan, at)
			said := series.NewCube(nil, s.schema, allRuns, s.span)
			j.Cube(said, mpan, at, s.cut)
			for l := range series.Line(s.schema.Len()) {
				a, b := known.Line(l), got.Line(l)
				for i := range known.Len() {
					v, ok := a.At(i)
					if w, held := b.At(i); w != v || held != ok || a.Marks[i]&series.Flags != b.Marks[i]&series.Flags&^series.Merged {
						t.Fatalf("half-hour %d of line %d is %d, %v, %#x, want %d, %v, %#x", i, l, w, held, b.Marks[i], v, ok, a.Marks[i])
					}
				}
				for _, part := range Parts(s.span) {
					for _, r := range allRuns {
						v, ok := said.Frame(r).Line(l).At(s.span.Index(part.Lo))
						spoken, spoke := j.Spoken(mpan, l, part.Lo, r, Latest(), at, s.cut)
						if spoke != ok || ok && spoken.Received.After(at) {
							t.Fatalf("%v of %v: %v, %d, spoken by %+v", r, part, ok, v, spoken)
						}
					}
				}
			}
		}
	})
}

// A view at an instant is that view asked at the instant, whenever it is asked,
// and Spoken of it too.
func TestViewAt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := anyScene(t)
		j := s.journal(t, s.facts)
		at := rapid.SampledFrom(s.moments).Draw(t, "at")
		later := rapid.SampledFrom([]time.Time{at, at.Add(time.Hour), lastInstant}).Draw(t, "later")
		for _, by := range s.views(t) {
			_, want := s.viewed(j, by, meterA, at)
			_, got := s.viewed(j, by.At(at), meterA, later)
			if !sameFrames(got, want) {
				t.Fatalf("%s asked at %v is not what it was then", by.At(at).View(), later)
			}
			for _, r := range allRuns {
				x, ok := j.Spoken(meterA, 0, s.span.Lo, r, by, at, s.cut)
				y, ok2 := j.Spoken(meterA, 0, s.span.Lo, r, by.At(at), later, s.cut)
				if x != y || ok != ok2 {
					t.Fatalf("%s: %v is spoken for by %+v, want %+v", by.At(at).View(), r, y, x)
				}
			}
		}
	})
}

func TestAtNames(t *testing.T) {
	at := time.Date(2025, 7, 1, 13, 0, 0, 0, time.FixedZone("BST", 3600))
	for _, tt := range []struct {
		by   Reconciler
		want string
	}{
		{KnownAt(at), "known at 2025-07-01T12:00:00Z"},
		{Newest().At(at), "known at 2025-07-01T12:00:00Z"},
		{UpTo(settlement.R1).At(at), "R1 known at 2025-07-01T12:00:00Z"},
		{KnownAt(at).Cap(settlement.R1), "R1 known at 2025-07-01T12:00:00Z"},
		{Latest().At(at.Add(1)).At(at), "latest known at 2025-07-01T12:00:00Z"},
		{Latest().At(at).At(at.Add(1)), "latest known at 2025-07-01T12:00:00Z"},
		{AsOf(date("2025-06-30"), settlement.GB()).At(at), "as of 2025-06-30 known at 2025-07-01T12:00:00Z"},
	} {
		got, ok := tt.by.Instant()
		if tt.by.View() != tt.want || !ok || !got.Equal(at) {
			t.Errorf("%q, %v, %v, want %q", tt.by.View(), got, ok, tt.want)
		}
	}
	if got, ok := Newest().Instant(); ok {
		t.Error("newest has an instant", got)
	}
	defer func() {
		if recover() == nil {
			t.Error("the zero time is an instant")
		}
	}()
	KnownAt(time.Time{})
}

// closed reports whether a run had closed.
func (s *scene) closed(day settlement.Day, run settlement.Run, at time.Time) bool {
	cut, ok := s.cut(day, run)
	return ok && !cut.After(at)
}

// What comes later without a run changes neither a meter's view of a run on days of
// which it has closed, nor what was known on a day.
func TestViewClosed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := anyScene(t)
		at := rapid.SampledFrom(s.moments).Draw(t, "at")
		var past, all []fact
		for _, f := range s.facts {
			if !f.arrived().After(at) {
				past, all = append(past, f), append(all, f)
			} else if f.run == settlement.Untagged {
				all = append(all, f)
			}
		}
		then, now := s.journal(t, past), s.journal(t, all)
		r := settlement.Run(rapid.IntRange(int(settlement.II), int(settlement.DF)).Draw(t, "run"))
		asOf := AsOf(settlement.Period(at.Unix()/1800).Day()-1, settlement.GB())
		for _, mpan := range mpans {
			_, a := s.viewed(then, UpTo(r), mpan, at)
			_, b := s.viewed(now, UpTo(r), mpan, lastInstant)
			_, c := s.viewed(then, asOf, mpan, at)
			_, d := s.viewed(now, asOf, mpan, lastInstant)
			if !sameFrames(c, d) {
				t.Fatalf("%s changed", asOf.View())
			}
			for day, part := range s.span.EachDay() {
				if s.schema != series.Meter() || !s.closed(day, r, at) {
					continue
				}
				for l := range series.Line(s.schema.Len()) {
					for i := s.span.Index(part.Lo); i < s.span.Index(part.Hi); i++ {
						v, ok := a.Line(l).At(i)
						if w, held := b.Line(l).At(i); w != v || held != ok {
							t.Fatalf("%v of %v closed, and changed from %d, %v to %d, %v", r, day, v, ok, w, held)
						}
					}
				}
			}
		}
	})
}

// A run that has closed does not fall back to what came after it closed, though the
// cut-offs given close an earlier run after it.
func TestCutoffsOutOfOrder(t *testing.T) {
	s := &scene{schema: series.Meter(), span: settlement.Days(date("2026-06-10"), date("2026-06-11")), cut: anyCutoff([]int{-1, 10, 150, 100, -1, 300, 200, -1})}
	after := func(days int) time.Time { return (s.span.From() + settlement.Day(days)).First().Time() }
	j := NewJournal(s.schema)
	for i, days := range []int{120, 250} {
		mustAdd(t, j, Delivery{Received: after(days), Source: "f"}, flat(s.span.From(), 0, int64(i+1), 0))
	}
	for _, x := range []struct {
		run  settlement.Run
		at   int
		want string
	}{
		{settlement.SF, 130, "-×48"}, // closed at 100, as R1 did
		{settlement.SF, 400, "-×48"},
		{settlement.R1, 130, "-×48"},
		{settlement.R1, 400, "-×48"}, // and not SF's file of 120
		{settlement.R2, 400, "-×48"}, // a run the day does not have is the one before
		{settlement.R3, 130, "1×48"}, // not closed: what is known stands in
		{settlement.R3, 200, "1×48"},
		{settlement.R3, 400, "1×48"}, // closed at 200, as RF did
		{settlement.RF, 400, "1×48"},
		{settlement.DF, 400, "1×48"},
	} {
		if _, got := s.viewed(j, UpTo(x.run), meterA, after(x.at)); text(got) != x.want {
			t.Errorf("%v after %d days: %s, want %s", x.run, x.at, text(got), x.want)
		}
	}
}

// A file that came after a run closed is not the run's, even where the run saw
// nothing; before it closes, what is known stands in.
func TestViewSawNothing(t *testing.T) {
	s := &scene{schema: series.Meter(), span: settlement.Days(date("2026-06-10"), date("2026-06-11")), cut: TimetableCutoff(settlement.GB())}
	sf, _ := s.cut(s.span.From(), settlement.SF)
	r1, _ := s.cut(s.span.From(), settlement.R1)
	f := fact{Delivery: Delivery{Received: sf.Add(time.Hour), Source: "a"}, Key: Key{meterA, 0, s.span.From()}}.filled(3)
	j := NewJournal(s.schema)
	if _, err := j.Add(f.Delivery, readings(f)); err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		by   Reconciler
		at   time.Time
		held bool
		run  settlement.Run
	}{
		{UpTo(settlement.SF), lastInstant, false, 0},
		{UpTo(settlement.R1), sf.Add(2 * time.Hour), true, settlement.Untagged},
		{UpTo(settlement.R1), r1, true, settlement.R1},
		{UpTo(settlement.R2), r1, true, settlement.R1},
		{Newest(), sf.Add(2 * time.Hour), true, settlement.Untagged},
		{Newest(), r1, true, settlement.R1},
		{Newest().Cap(settlement.SF), r1, false, 0},
	} {
		_, got := s.viewed(j, x.by, meterA, x.at)
		_, held := got.Line(0).At(0)
		if run := got.Line(0).Marks[0].Run(); held != x.held || run != x.run {
			t.Errorf("%s at %s: %v, %v, want %v, %v", x.by.View(), x.at, held, run, x.held, x.run)
		}
	}
	c := series.NewCube(nil, s.schema, allRuns, s.span)
	for _, by := range []Reconciler{Newest(), KnownAt(r1), UpTo(settlement.R1), Latest()} {
		if n := testing.AllocsPerRun(5, func() { j.View(c, by, meterA, r1, s.cut) }); n > testing.AllocsPerRun(5, func() { j.Cube(c, meterA, r1, s.cut) }) {
			t.Errorf("%s allocates %v times", by.View(), n)
		}
	}
}

// A line of the market that states no run is in no run's name, and every view
// knows it that is of an instant not before it came. Where runs are stated, they
// speak in views of runs, and Newest follows what came last.
func TestViewMarket(t *testing.T) {
	span := settlement.Days(date("2024-02-10"), date("2024-02-11"))
	cut := TimetableCutoff(settlement.GB())
	j := NewJournal(series.Market())
	add := func(l series.Line, run settlement.Run, received string, value int64) {
		f := flat(span.From(), run, value, 0)
		f.MPAN, f.Line = settlement.MPAN{}, l
		mustAdd(t, j, Delivery{Received: on(received), Source: received}, f)
	}
	add(series.LLF, 0, "2023-12-01", 1)
	add(series.LLF, 0, "2024-08-01", 2) // R1 had closed, R2 not
	add(series.TLM, 0, "2023-11-01", 5)
	add(series.TLM, settlement.SF, "2024-03-07", 6)
	add(series.TLM, settlement.R3, "2024-12-10", 7)
	add(series.TLM, 0, "2025-12-10", 8)
	last := on("2026-01-01")
	type said struct {
		value int64
		run   settlement.Run
	}
	for _, x := range []struct {
		by       Reconciler
		at       time.Time
		llf, tlm said
	}{
		{Latest(), last, said{2, 0}, said{7, settlement.R3}},
		{Newest(), last, said{2, 0}, said{8, 0}},
		{KnownAt(on("2025-01-01")), last, said{2, 0}, said{7, settlement.R3}},
		{KnownAt(on("2024-03-10")), last, said{1, 0}, said{6, settlement.SF}},
		{KnownAt(on("2024-03-01")), last, said{1, 0}, said{5, 0}},
		{KnownAt(on("2023-11-30")), last, said{-1, 0}, said{5, 0}},
		{UpTo(settlement.II), last, said{2, 0}, said{8, 0}},
		{UpTo(settlement.SF), last, said{2, 0}, said{6, settlement.SF}},
		{UpTo(settlement.SF).At(on("2024-07-31")), last, said{1, 0}, said{6, settlement.SF}},
		{UpTo(settlement.RF), last, said{2, 0}, said{7, settlement.R3}},
		{AsOf(date("2024-07-31"), settlement.GB()), last, said{1, 0}, said{6, settlement.SF}},
		{AsOf(date("2024-08-01"), settlement.GB()), last, said{2, 0}, said{6, settlement.SF}},
		{AsOf(date("2024-03-01"), settlement.GB()), last, said{1, 0}, said{5, 0}},
	} {
		c := series.NewCube(nil, series.Market(), allRuns, span)
		tally := j.View(c, x.by, settlement.MPAN{}, x.at, cut)
		f, _ := x.by.Reconcile(c)
		for l, want := range map[series.Line]said{series.LLF: x.llf, series.TLM: x.tlm} {
			got := said{-1, 0}
			if v, ok := f.Line(l).At(0); ok {
				got = said{v, f.Line(l).Marks[0].Run()}
			}
			if got != want {
				t.Errorf("%s of %s: %v, want %v", series.Market().Def(l).Name, x.by.View(), got, want)
			}
		}
		if tally.Derived != 0 {
			t.Errorf("%s: %+v", x.by.View(), tally)
		}
	}
}

// An estimate that speaks for a run replaced an actual of an older file only where
// that came before the run closed. What is known counts both.
func TestSpokenEstimates(t *testing.T) {
	day := date("2026-06-10")
	cut := anyCutoff([]int{-1, 10, 20, 30, -1, -1, -1, -1})
	after := func(days int) time.Time { return (day + settlement.Day(days)).First().Time() }
	for _, x := range []struct {
		received  int // of the older file
		sf, known int
	}{{6, 46, 46}, {20, 46, 46}, {21, 0, 46}, {40, 0, 46}, {51, 0, 0}} {
		j := NewJournal(series.Meter())
		mustAdd(t, j, Delivery{Created: after(5), Received: after(x.received), Source: "older"}, flat(day, 0, 1, 0))
		mustAdd(t, j, Delivery{Received: after(7), Source: "estimates"}, flat(day, 0, 2, series.Estimated))
		for run, want := range map[settlement.Run]int{settlement.SF: x.sf, settlement.Untagged: x.known} {
			s, ok := j.Spoken(meterA, series.AI, day.First()+10, run, Latest(), after(50), cut)
			if !ok || s.Estimates != want || s.Source != "estimates" {
				t.Errorf("an older file after %d days: %v replaced %d actuals, want %d: %+v", x.received, run, s.Estimates, want, s)
			}
		}
	}
}

// What a view asks of a time that has not come, and which view is the latest.
func TestBeyond(t *testing.T) {
	day := date("2026-06-10")
	noon := on("2026-06-10")
	asOf := AsOf(day, settlement.GB())
	for _, tt := range []struct {
		by             Reconciler
		at             time.Time
		beyond, latest bool
	}{
		{Latest(), noon, false, true},
		{Latest().At(noon), noon, false, true},
		{Latest().At(noon), noon.Add(-1), true, true},
		{Newest(), noon, false, false},
		{UpTo(settlement.DF), noon, false, false},
		{asOf, noon, false, false},
		{asOf, day.First().Time(), false, false},
		{asOf, day.First().Time().Add(-1), true, false},
		{asOf.At(noon), noon, false, false},
		{asOf.At(noon), noon.Add(-1), true, false},
		{AsOf(day+9, settlement.GB()).At(noon), noon, false, false}, // known to noon
	} {
		if got := tt.by.Beyond(tt.at); got != tt.beyond || tt.by.IsLatest() != tt.latest {
			t.Errorf("%s at %s: beyond %v, latest %v", tt.by.View(), tt.at, got, tt.by.IsLatest())
		}
	}
}
