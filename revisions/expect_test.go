package revisions

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// stateOf is the state of a day from three lists: runs that are overdue, that
// are not due yet, and that there are; and from the timetable's list of all it has.
func stateOf(day settlement.Day, st Stretch, want settlement.Run, table settlement.Timetable, on settlement.Day) (State, settlement.Run) {
	spoke := -1
	if st.Kind == Whole {
		spoke = int(st.Run)
	}
	var overdue, pending, all []settlement.Run
	for r := settlement.II; r <= want; r++ {
		due, ok := table.Due(day, r)
		if ok {
			all = append(all, r)
		}
		if ok && int(r) > spoke && due < on {
			overdue = append(overdue, r)
		}
		if ok && int(r) > spoke && due >= on {
			pending = append(pending, r)
		}
	}
	runs := table.Runs(day)
	odd := runs != nil && spoke >= int(settlement.II) && spoke < int(settlement.DF) && !slices.Contains(runs, settlement.Run(spoke))
	switch {
	case odd && len(overdue) > 0:
		return Unexpected, overdue[len(overdue)-1]
	case odd && len(pending) > 0:
		return Unexpected, pending[len(pending)-1]
	case odd:
		return Unexpected, 0
	case spoke == int(want):
		return Supplied, 0
	case spoke > int(want):
		return Later, 0
	case len(overdue) > 0:
		return Overdue, overdue[len(overdue)-1]
	case len(pending) > 0:
		return NotDue, pending[len(pending)-1]
	case len(all) > 0:
		return NotApplicable, 0
	}
	return Unscheduled, 0
}

func TestExpect(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := anyCube(t)
		on, table := anyAsOf(t, c.Span())
		if rapid.IntRange(0, 9).Draw(t, "no timetable") == 0 {
			table = settlement.Timetable{}
		}
		want := settlement.Run(rapid.IntRange(0, int(settlement.DF)).Draw(t, "want"))
		view := Latest()
		if rapid.Bool().Draw(t, "capped") {
			view = UpTo(want)
		}
		_, rep := view.Reconcile(c)
		e := Expect(rep, want, table, on)
		for k := range rep.Sources {
			src, x := &rep.Sources[k], e.Source(rep.Sources[k].Name)
			checkExpected(t, c.Span(), src, x, want, table, on)
			if x.Missing != src.Missing || x.Estimated != src.Estimated {
				t.Fatalf("%+v of %+v", x, src)
			}
		}
		if e.Source("nothing") != nil || !strings.HasPrefix(e.String(), want.String()+" as of "+on.String()) {
			t.Fatal(e)
		}
	})
}

func checkExpected(t *rapid.T, span settlement.Span, src *Source, x *Expected, want settlement.Run, table settlement.Timetable, on settlement.Day) {
	var byState [numStates]int
	var fell [settlement.NumRanked]int
	at, next := 0, span.From()
	for day, part := range span.EachDay() {
		var st Stretch
		for _, s := range src.Stretches {
			if i := span.Index(part.Lo); s.Lo <= i && i < s.Hi {
				st = s
			}
		}
		if at < len(x.Outlooks) && x.Outlooks[at].To == day {
			at++
		}
		if at == len(x.Outlooks) {
			t.Fatalf("no outlook for %v", day)
		}
		o := x.Outlooks[at]
		if o.From > day || o.To <= day || o.From == day && day != next {
			t.Fatalf("%v is in the outlook of %v to %v", day, o.From, o.To)
		}
		next = day + 1
		state, awaited := stateOf(day, st, want, table, on)
		if o.State != state || o.Awaited != awaited || o.Kind != st.Kind || o.Run != st.Run || o.Want != want {
			t.Fatalf("%v: %+v, want %v %v of %+v", day, o, state, awaited, st)
		}
		due, _ := table.Due(day, awaited)
		if awaited != 0 && st.Kind == Whole {
			fell[st.Run] += part.Len()
		}
		if o.Late != (awaited != 0 && due < on) {
			t.Fatalf("%v: %+v, asked on %v", day, o, on)
		}
		if o.LastDue < o.Due {
			t.Fatalf("%v: %+v: due days run backwards", day, o)
		}
		if day == o.From && o.Due != due || day == o.To-1 && o.LastDue != due {
			t.Fatalf("%v: %+v, want due %v", day, o, due)
		}
		byState[state] += part.Len()
	}
	sum := 0
	for _, o := range x.Outlooks {
		sum += o.HalfHours
		if strings.Contains(o.String(), "State(") || strings.Contains(o.String(), "no day") {
			t.Fatal(o)
		}
	}
	if x.FellBack != fell {
		t.Fatalf("fell back to %v, want %v", x.FellBack, fell)
	}
	if x.ByState != byState || sum != span.Len() {
		t.Fatalf("%v, %d half-hours, want %v", x.ByState, sum, byState)
	}
}

// Days of seven, six, five and four runs in one span, filled from flows that
// name none, as each run saw them.
func TestExpectAcrossTimetables(t *testing.T) {
	first, last := date("2027-03-29"), date("2027-07-06")
	table := settlement.GB().Publish(first, settlement.DF, date("2029-06-01"))
	for day, want := range map[settlement.Day]int{first: 7, first + 1: 6, date("2027-04-01"): 5, date("2027-07-02"): 4} {
		n := 0
		for r := settlement.II; r <= settlement.DF; r++ {
			if _, ok := table.Due(day, r); ok {
				n++
			}
		}
		if n != want {
			t.Fatalf("%v has %d runs", day, n)
		}
	}
	j := NewJournal(series.Meter())
	for d := first; d < last; d++ {
		f := flat(d, settlement.Untagged, int64(d), 0)
		if d == first+1 {
			f.marks[3] = series.Estimated
		}
		if d != date("2027-06-15") { // never sent
			mustAdd(t, j, Delivery{Received: (d + 2).First().Time(), Source: "f"}, f)
		}
	}
	for _, tt := range []struct {
		want settlement.Run
		on   string
		text string
	}{
		{settlement.R2, "2027-08-05", `R2 as of 2027-08-05
AI: 2027-03-29 to 2027-04-07: R2 speaks
AI: 2027-04-08 to 2027-06-13: R1 speaks: R2 is not due yet: due 2027-08-06 to 2027-10-08
AI: 2027-06-14: SF speaks: R2 is not due yet: due 2027-10-11
AI: 2027-06-15: nothing is held: SF is overdue: due 2027-07-07
AI: 2027-06-16 to 2027-07-01: SF speaks: R2 is not due yet: due 2027-10-13 to 2027-10-28
AI: 2027-07-02 to 2027-07-05: SF speaks: R1 is not due yet: due 2027-08-13 to 2027-08-16
AI: estimated half-hours: 1`},
		{settlement.R3, "2028-07-20", `R3 as of 2028-07-20
AI: 2027-03-29 to 2027-03-31: R3 speaks
AI: 2027-04-01 to 2027-06-14: R2 speaks: the 7-month timetable has no R3
AI: 2027-06-15: nothing is held: R2 is overdue: due 2027-10-12
AI: 2027-06-16 to 2027-07-01: R2 speaks: the 7-month timetable has no R3
AI: 2027-07-02 to 2027-07-05: R1 speaks: the MHHS timetable has no R3
AI: estimated half-hours: 1`},
		{settlement.DF, "2028-07-20", `DF as of 2028-07-20
AI: 2027-03-29: RF speaks: DF is not due yet: due 2029-06-01
AI: 2027-03-30 to 2027-03-31: RF speaks: DF comes only after a dispute
AI: 2027-04-01 to 2027-06-14: RF speaks: DF comes only after a dispute
AI: 2027-06-15: nothing is held: RF is overdue: due 2028-01-21
AI: 2027-06-16 to 2027-07-01: RF speaks: DF comes only after a dispute
AI: 2027-07-02 to 2027-07-05: RF speaks: DF comes only after a dispute
AI: estimated half-hours: 1`},
	} {
		c := series.NewCube(nil, series.Meter(), allRuns[1:], settlement.Days(first, last))
		j.Cube(c, meterA, date(tt.on).First().Time(), TimetableCutoff(table))
		_, rep := UpTo(tt.want).Reconcile(c)
		var got []string
		for _, line := range strings.Split(Expect(rep, tt.want, table, date(tt.on)).String(), "\n") {
			if !strings.Contains(line, ": ") || strings.HasPrefix(line, "AI") {
				got = append(got, line)
			}
		}
		if text := strings.Join(got, "\n"); text != tt.text {
			t.Errorf("%s\n, want\n%s", text, tt.text)
		}
	}
}

// What was loaded stands whole beside what is overdue: an earlier run speaks
// where the run that was due did not come.
func TestExpectOverdue(t *testing.T) {
	span := settlement.Days(date("2026-06-01"), date("2026-06-04"))
	c := series.NewCube(nil, single, []settlement.Run{settlement.Untagged, settlement.SF, settlement.R1}, span)
	for i := range span.Len() {
		switch run := settlement.Run([]int{0, 2, 3}[i/48]); {
		case i == 100:
		default:
			put(c.Frame(run), 0, i, 1, 0, run)
		}
	}
	_, rep := Latest().Reconcile(c)
	for want, text := range map[settlement.Run]string{
		settlement.SF: `SF as of 2026-12-01
x: 2026-06-01: untagged speaks: SF is overdue: due 2026-06-23
x: 2026-06-02: SF speaks
x: 2026-06-03: no run is whole: SF is overdue: due 2026-06-25`,
		settlement.RF: `RF as of 2026-12-01
x: 2026-06-01: untagged speaks: R2 is overdue: due 2026-09-28
x: 2026-06-02: SF speaks: R2 is overdue: due 2026-09-29
x: 2026-06-03: no run is whole: R2 is overdue: due 2026-09-30`,
		settlement.II: `II as of 2026-12-01
x: 2026-06-01: untagged speaks: II is overdue: due 2026-06-08
x: 2026-06-02: SF speaks, later than II
x: 2026-06-03: no run is whole: II is overdue: due 2026-06-10`,
	} {
		if got := Expect(rep, want, settlement.GB(), date("2026-12-01")).String(); got != text {
			t.Errorf("%s\n, want\n%s", got, text)
		}
	}
	if got := Expect(rep, settlement.SF, settlement.Timetable{}, 20_000).String(); !strings.Contains(got, "untagged speaks: the timetable expects no run up to SF") {
		t.Error(got)
	}
	if Later.String() != "later" || State(99).String() != "State(99)" {
		t.Error("names of states")
	}
	for want, f := range map[string]func(){
		panicWant: func() { Expect(rep, settlement.D, settlement.GB(), 20_000) },
		panicOn:   func() { Expect(rep, settlement.SF, settlement.GB(), 0) },
	} {
		func() {
			defer func() {
				if got := recover(); got != want {
					t.Errorf("panicked with %v", got)
				}
			}()
			f()
		}()
	}
}

// A run that the day's timetable does not have is unexpected whichever run is
// wanted, and what is awaited instead is told with it: of days of one run, those
// that are late apart. DF is expected of no day, and may come to any.
func TestExpectUnexpected(t *testing.T) {
	span := settlement.Days(date("2027-07-04"), date("2027-07-08"))
	c := series.NewCube(nil, single, []settlement.Run{settlement.R2, settlement.DF}, span)
	for i := range span.Len() {
		run := settlement.R2
		if i >= 3*48 {
			run = settlement.DF
		}
		put(c.Frame(run), 0, i, 1, 0, run)
	}
	_, rep := Latest().Reconcile(c)
	for want, text := range map[settlement.Run]string{
		settlement.R1: `R1 as of 2027-11-02
x: 2027-07-04 to 2027-07-06: R2 speaks, which the MHHS timetable does not have
x: 2027-07-07: DF speaks, later than R1`,
		settlement.R2: `R2 as of 2027-11-02
x: 2027-07-04 to 2027-07-06: R2 speaks, which the MHHS timetable does not have
x: 2027-07-07: DF speaks, later than R2`,
		settlement.DF: `DF as of 2027-11-02
x: 2027-07-04 to 2027-07-05: R2 speaks, which the MHHS timetable does not have: RF is overdue: due 2027-10-29 to 2027-11-01
x: 2027-07-06: R2 speaks, which the MHHS timetable does not have: RF is not due yet: due 2027-11-02
x: 2027-07-07: DF speaks`,
	} {
		if got := Expect(rep, want, settlement.GB(), date("2027-11-02")).String(); got != text {
			t.Errorf("%s\n, want\n%s", got, text)
		}
	}
	table := settlement.GB() // a date published for R2 makes it one of the day's runs
	for d := span.From(); d < span.To(); d++ {
		table = table.Publish(d, settlement.R2, date("2027-09-01"))
	}
	if e := Expect(rep, settlement.R2, table, date("2027-11-02")); e.Sources[0].ByState[Supplied] != 144 || e.Sources[0].ByState[Unexpected] != 0 {
		t.Error(e)
	}
}

var single = series.Must(series.NewSchema("single", series.Def{Name: "x", Unit: series.KWh, Scale: 3, Source: "x"}))
