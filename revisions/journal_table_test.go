package revisions

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// on is noon UTC of a day.
func on(day string) time.Time { return date(day).First().Time().Add(12 * time.Hour) }

// flat is a version of AI of meter A with one value in every half-hour.
func flat(day settlement.Day, run settlement.Run, value int64, mark series.Mark) fact {
	f := fact{Key: Key{meterA, series.AI, day}, run: run, values: make([]int64, day.Len()), marks: make([]series.Mark, day.Len())}
	for i := range f.values {
		f.values[i], f.marks[i] = value, mark
	}
	return f
}

func mustAdd(t *testing.T, j *Journal, d Delivery, facts ...fact) Receipt {
	t.Helper()
	got, err := j.Add(d, readings(facts...))
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// firstOf is the value and the mark of meter A's AI in a day's first half-hour.
func firstOf(f *series.Frame, day settlement.Day) (int64, series.Mark) {
	v, ok := f.Get(series.AI, day.First())
	if !ok {
		return -1, 0
	}
	return v, f.Line(series.AI).Marks[f.Span().Index(day.First())]
}

// A meter's day is sent four times. Each run saw the last that came before it
// closed, and what came after RF no run saw.
func TestRunsFromReceipts(t *testing.T) {
	day := date("2026-06-04")
	j := NewJournal(series.Meter())
	sent := []struct {
		received string
		value    int64
	}{{"2026-06-05", 1}, {"2026-06-20", 2}, {"2026-08-20", 3}, {"2028-01-01", 4}}
	for _, i := range []int{2, 0, 3, 1} {
		mustAdd(t, j, Delivery{Received: on(sent[i].received), Source: "f" + sent[i].received}, flat(day, settlement.Untagged, sent[i].value, 0))
	}
	for _, tt := range []struct {
		at   string
		want []int64 // untagged, II, SF, R1, R2, R3, RF, DF
	}{
		{"2026-06-04", []int64{-1, -1, -1, -1, -1, -1, -1, -1}},
		{"2026-06-05", []int64{1, -1, -1, -1, -1, -1, -1, -1}},
		{"2026-06-11", []int64{1, 1, -1, -1, -1, -1, -1, -1}},
		{"2026-06-27", []int64{2, 1, 2, -1, -1, -1, -1, -1}},
		{"2026-08-21", []int64{3, 1, 2, 2, -1, -1, -1, -1}},
		{"2027-12-01", []int64{3, 1, 2, 2, 3, 3, 3, -1}},
		{"2029-01-01", []int64{4, 1, 2, 2, 3, 3, 3, -1}},
	} {
		c := series.NewCube(nil, series.Meter(), allRuns, day.Span())
		j.Cube(c, meterA, on(tt.at), TimetableCutoff(settlement.GB()))
		var got []int64
		for _, r := range allRuns {
			v, mark := firstOf(c.Frame(r), day)
			if got = append(got, v); v >= 0 && mark.Run() != r {
				t.Errorf("%s: the mark in the frame of %v names %v", tt.at, r, mark.Run())
			}
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", tt.at, got, tt.want)
		}
	}
	c := series.NewCube(nil, series.Meter(), allRuns, day.Span())
	if got := j.Cube(c, meterA, on("2029-01-01"), nil); got.Derived != 0 || got.Parts != 2 {
		t.Errorf("without cut-offs nothing is derived: %+v", got)
	}
}

// A run that is stated is that run, however late it came, and a run that is not
// falls back to what it saw.
func TestStatedRuns(t *testing.T) {
	day := date("2026-06-04")
	j := NewJournal(series.Meter())
	mustAdd(t, j, Delivery{Received: on("2026-06-05"), Source: "flow"}, flat(day, settlement.Untagged, 1, 0))
	mustAdd(t, j, Delivery{Received: on("2026-12-01"), Source: "R1 extract"}, flat(day, settlement.R1, 2, 0))
	got := mustAdd(t, j, Delivery{Received: on("2026-11-01"), Source: "R1 extract, older"}, flat(day, settlement.R1, 3, 0))
	if want := (Receipt{Kept: 1, Late: 1}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	mustAdd(t, j, Delivery{Received: on("2026-12-24"), Source: "SF extract, late"}, flat(day, settlement.SF, 4, 0))
	got = mustAdd(t, j, Delivery{Received: on("2026-10-01"), Source: "R2 extract"}, flat(day, settlement.R2, 5, 0))
	if want := (Receipt{Kept: 1}); got != want {
		t.Errorf("the only version of its run is not late: %+v", got)
	}
	c := series.NewCube(nil, series.Meter(), allRuns, day.Span())
	tally := j.Cube(c, meterA, on("2026-12-20"), TimetableCutoff(settlement.GB()))
	for r, want := range map[settlement.Run]int64{settlement.Untagged: 1, settlement.II: 1, settlement.SF: 1, settlement.R1: 2, settlement.R2: 5, settlement.R3: -1} {
		if v, _ := firstOf(c.Frame(r), day); v != want {
			t.Errorf("%v says %d, want %d", r, v, want)
		}
	}
	if want := (Tally{Parts: 2 * 5, Derived: 2 * 2, Absent: 2 * (3*8 + 3), Later: 2 * 1}); tally != want {
		t.Errorf("%+v, want %+v", tally, want)
	}
	f := series.NewFrame(nil, series.Meter(), day.Span())
	j.KnownAt(f, meterA, on("2030-01-01"), TimetableCutoff(settlement.GB()))
	if v, mark := firstOf(f, day); v != 5 || mark.Run() != settlement.R2 {
		t.Errorf("known is %d of %v: an SF loaded late is no news of a day that has R2", v, mark.Run())
	}
}

// What a stated run had seen is what had come when it came, and before it closed:
// later runs do not go back to that.
func TestWhatRunsHadSeen(t *testing.T) {
	day := date("2026-06-04")
	closes := map[settlement.Run]string{settlement.SF: "2026-07-01", settlement.R1: "2026-09-01", settlement.R2: "2026-11-01"}
	cut := func(_ settlement.Day, r settlement.Run) (time.Time, bool) {
		at, ok := closes[r]
		if !ok {
			return time.Time{}, false
		}
		return on(at), true
	}
	type came struct {
		run               settlement.Run
		created, received string
	}
	const u = settlement.Untagged
	for _, tt := range []struct {
		name  string
		came  []came // and say 1, 2, 3 …
		R1    int64  // -1: nothing, so the run before speaks
		R2    int64
		known int64
	}{
		{"R1 had seen what came before it", []came{{u, "2026-06-05", "2026-06-05"}, {settlement.R1, "2026-08-01", "2026-08-01"}}, 2, -1, 2},
		{"R2 sees what came after R1 closed", []came{{u, "2026-06-05", "2026-06-05"}, {settlement.R1, "2026-08-01", "2026-08-01"}, {u, "2026-09-10", "2026-09-10"}}, 2, 3, 3},
		{"R2 sees what came after R1 came, before it closed", []came{{settlement.R1, "2026-08-01", "2026-08-01"}, {u, "2026-08-15", "2026-08-15"}}, 1, 2, 2},
		{"R1 came late, and had not seen what came after it closed", []came{{u, "2026-09-10", "2026-09-10"}, {settlement.R1, "2026-12-01", "2026-12-01"}}, 2, 1, 1},
		{"R1 came late, and had seen what came before it closed", []came{{u, "2026-08-20", "2026-08-20"}, {settlement.R1, "2026-12-01", "2026-12-01"}}, 2, -1, 2},
		{"an SF that came late is no news", []came{{settlement.R1, "2026-08-01", "2026-08-01"}, {settlement.SF, "2026-12-01", "2026-12-01"}}, 1, -1, 1},
		{"nor hides what came after R1", []came{{settlement.R1, "2026-08-01", "2026-08-01"}, {u, "2026-09-10", "2026-09-10"}, {settlement.SF, "2026-12-01", "2026-12-01"}}, 1, 2, 2},
		{"what was made earlier and came later", []came{{u, "2026-07-10", "2026-07-11"}, {u, "2026-07-09", "2026-07-20"}}, 1, 1, 1},
		{"what was made earlier, and was not behind what R1 saw", []came{{u, "2026-07-10", "2026-09-11"}, {u, "2026-07-09", "2026-07-20"}}, 2, 1, 1},
		{"made before R1 closed, received after", []came{{u, "2026-06-05", "2026-06-05"}, {u, "2026-08-20", "2026-09-05"}}, 1, 2, 2},
		{"an older R1 that came later", []came{{settlement.R1, "2026-08-01", "2026-08-01"}, {settlement.R1, "2026-07-30", "2026-08-20"}, {u, "2026-08-10", "2026-08-10"}}, 1, 3, 3},
	} {
		var facts []fact
		for i, c := range tt.came {
			f := flat(day, c.run, int64(i+1), 0)
			f.Delivery = Delivery{Created: on(c.created), Received: on(c.received), Source: fmt.Sprint("f", i)}
			facts = append(facts, f)
		}
		permute(facts, func(facts []fact) {
			j := NewJournal(series.Meter())
			for _, f := range facts {
				mustAdd(t, j, f.Delivery, f)
			}
			c, f := series.NewCube(nil, series.Meter(), allRuns, day.Span()), series.NewFrame(nil, series.Meter(), day.Span())
			j.Cube(c, meterA, lastInstant, cut)
			j.KnownAt(f, meterA, lastInstant, cut)
			r1, _ := firstOf(c.Frame(settlement.R1), day)
			r2, _ := firstOf(c.Frame(settlement.R2), day)
			known, _ := firstOf(f, day)
			if r1 != tt.R1 || r2 != tt.R2 || known != tt.known {
				t.Errorf("%s: R1 %d, R2 %d, known %d, want %d, %d, %d", tt.name, r1, r2, known, tt.R1, tt.R2, tt.known)
			}
		})
	}
}

// A later file that states no run and estimates what a stated run had actual is
// told, though it was made before the run.
func TestAnomalyOverStatedRun(t *testing.T) {
	j := NewJournal(series.Meter())
	day := date("2026-01-04")
	mustAdd(t, j, Delivery{Created: on("2026-02-02"), Received: on("2026-02-02"), Source: "R1"}, flat(day, settlement.R1, 1, 0))
	mustAdd(t, j, Delivery{Created: on("2026-02-01"), Received: on("2026-02-03"), Source: "flow"}, flat(day, 0, 2, series.Estimated))
	if got := j.Anomalies(lastInstant, nil); len(got) != 1 || got[0].Was.Run != settlement.R1 || got[0].HalfHours != 48 {
		t.Errorf("%v", got)
	}
}

func TestConflictsAndAnomalies(t *testing.T) {
	day := date("2026-10-25")
	actual, guess := flat(day, 0, 5, 0), flat(day, 0, 6, 0)
	guess.marks[7], guess.marks[8] = series.Estimated, series.Estimated
	j := NewJournal(series.Meter())
	mustAdd(t, j, Delivery{Received: on("2026-10-26"), Source: "first"}, actual)
	mustAdd(t, j, Delivery{Received: on("2026-10-27"), Source: "second"}, guess)
	want := "1014568234275: AI 2026-10-25 half-hours 3 to 50: 2 half-hours: an estimate replaced an actual: untagged version of 2026-10-26T12:00:00Z from first, then untagged version of 2026-10-27T12:00:00Z from second"
	if got := j.Anomalies(lastInstant, nil); len(got) != 1 || got[0].String() != want || got[0].HalfHours != 2 || got[0].Now.Estimated != 2 {
		t.Errorf("%v, want %s", got, want)
	}
	got := mustAdd(t, j, Delivery{Received: on("2026-10-27"), Source: "2nd"}, actual)
	if want := (Receipt{Kept: 1, Conflicts: 1}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	for i, want := range []string{
		"1014568234275: AI 2026-10-25 half-hours 1 to 2 untagged: 2 half-hours differ between versions of 2026-10-27T12:00:00Z from second, 2nd; the last named speaks: received last, or else with fewer estimates, or else of greater values",
		"1014568234275: AI 2026-10-25 half-hours 3 to 50 untagged: 48 half-hours differ between versions of 2026-10-27T12:00:00Z from second, 2nd; the last named speaks: received last, or else with fewer estimates, or else of greater values",
	} {
		if got := j.Conflicts(lastInstant); len(got) != 2 || got[i].String() != want {
			t.Errorf("%v, want %s", got, want)
		}
	}
	// The same content under another name is the same version, and does not
	// make its side of a conflict the last.
	got = mustAdd(t, j, Delivery{Received: on("2026-10-27"), Source: "zzz"}, actual)
	if want := (Receipt{Repeated: 1}); got != want || j.Len() != 2*3 {
		t.Errorf("%+v, want %+v", got, want)
	}
	f := series.NewFrame(nil, series.Meter(), day.Span())
	j.KnownAt(f, meterA, on("2026-10-27"), nil)
	if v, _ := firstOf(f, day); v != 5 {
		t.Errorf("%d speaks in the first hour, and the actual of the day in the others", v)
	}
	if got := j.Versions(Key{meterA, series.AI, day}); len(got) != 2*3 || got[2].Source != "2nd" || got[5].Source != "2nd" {
		t.Errorf("versions %v", got)
	}
}

// Of three files of one creation the one received last speaks, throughout its day:
// what it says of one part alone was said before is no older for that.
func TestNoMadeUpDay(t *testing.T) {
	day := date("2026-06-04")
	var sent []fact
	for i, says := range [][2]int64{{1, 100}, {2, 200}, {1, 300}} { // of the first hour, and the rest
		f := flat(day, 0, says[1], 0)
		f.values[0], f.values[1] = says[0], says[0]
		f.Delivery = Delivery{Created: on("2026-06-05"), Received: on("2026-06-05").Add(time.Duration(i+1) * time.Hour), Source: fmt.Sprint("f", i+1)}
		sent = append(sent, f)
	}
	permute(sent, func(facts []fact) {
		j := NewJournal(series.Meter())
		for _, f := range facts {
			mustAdd(t, j, f.Delivery, f)
		}
		f := series.NewFrame(nil, series.Meter(), day.Span())
		for hours, want := range []string{"-×48", "1×2 100×46", "2×2 200×46", "1×2 300×46"} {
			j.KnownAt(f, meterA, on("2026-06-05").Add(time.Duration(hours)*time.Hour), nil)
			if got := text(f); got != want {
				t.Errorf("after %d hours: %s, want %s", hours, got, want)
			}
		}
	})
	j := NewJournal(series.Meter())
	for i, want := range []Receipt{{Kept: 1}, {Kept: 1, Conflicts: 1}, {Kept: 1, Conflicts: 1}} {
		if got := mustAdd(t, j, sent[i].Delivery, sent[i]); got != want {
			t.Errorf("file %d: %+v, want %+v", i+1, got, want)
		}
	}
	// Days that differ in one part are at odds in it, and in it alone; a day of the
	// clock and a UTC day that agree are two versions and no conflict.
	j = NewJournal(series.Meter())
	mustAdd(t, j, sent[0].Delivery, sent[0])
	mustAdd(t, j, sent[2].Delivery, sent[2])
	utc := sent[2]
	utc.UTCDays = true
	utc = utc.whole(300)
	if got := mustAdd(t, j, utc.Delivery, utc); got != (Receipt{Kept: 1, Conflicts: 1}) || j.Len() != 2*3 {
		t.Errorf("%+v, %d versions", got, j.Len())
	}
	if got := j.Conflicts(lastInstant); len(got) != 1 || got[0].HalfHours != 46 || !slices.Equal(got[0].Sources, []string{"f1", "f3", "f3"}) {
		t.Errorf("%v", got)
	}
}

func TestAddBad(t *testing.T) {
	day, short, long := date("2026-06-04"), date("2026-03-29"), date("2026-10-25")
	good := Delivery{Received: on("2026-06-05"), Source: "f"}
	usual := flat(day, 0, 1, 0)
	part := func(f fact, n int) fact { f.values, f.marks = f.values[:n], f.marks[:n]; return f }
	one := func(change func(*series.Reading)) series.Readings {
		return func(yield func(series.Reading, error) bool) {
			for r := range readings(usual) {
				change(&r)
				if !yield(r, nil) {
					return
				}
			}
		}
	}
	broken := func(yield func(series.Reading, error) bool) {
		yield(series.Reading{}, &series.Error{Pos: series.Pos{Source: "f", Line: 3}, Want: "better", Err: series.ErrFormat})
	}
	first := day.First()
	for _, tt := range []struct {
		name  string
		d     Delivery
		from  series.Readings
		is    error
		words string // all of them, cut at /
	}{
		{"no source", Delivery{Received: good.Received, Source: ""}, readings(usual), series.ErrValue, "a source of 1 to 256 bytes"},
		{"a long source", Delivery{Received: good.Received, Source: strings.Repeat("x", 257)}, readings(usual), series.ErrValue, "257 bytes"},
		{"no instant", Delivery{Received: time.Time{}, Source: "f"}, readings(usual), series.ErrValue, "f: /0001-01-01/the instant it was received, from 1996-01-01 to 2099-12-31"},
		{"an instant too late", Delivery{Received: time.Date(2300, 1, 1, 0, 0, 0, 0, time.UTC), Source: "f"}, readings(usual), series.ErrValue, "2300"},
		{"received before it was made", Delivery{Created: on("2026-06-05"), Received: on("2023-06-05"), Source: "f"}, readings(usual), series.ErrValue, "f: /2023-06-05T11:00:00Z/not before 2026-06-05T11:00:00Z, when the file says it was made"},
		{"by more than an hour", Delivery{Created: on("2026-06-05").Add(time.Hour + 1), Received: on("2026-06-05"), Source: "f"}, readings(usual), series.ErrValue, "not before"},
		{"made before its day", Delivery{Created: on("2026-06-03"), Received: on("2026-06-05"), Source: "f"}, readings(usual), series.ErrValue, "f:1: /2026-06-03T11:00:00Z/not before 2026-06-04T23:00:00Z, when AI of 2026-06-04 was over"},
		{"received within its day", Delivery{Received: on("2026-06-04"), Source: "f"}, readings(usual), series.ErrValue, "2026-06-04T11:00:00Z"},
		{"by more than an hour of its end", Delivery{Received: on("2026-06-04").Add(11*time.Hour - 1), Source: "f"}, readings(usual), series.ErrValue, "2026-06-04T23:00:00Z"},
		{"a UTC day before it was over", Delivery{Received: on("2026-06-04").Add(12*time.Hour - 1), Source: "f", UTCDays: true}, readings(sent("2026-06-04", "2026-06-10", true, 1)), series.ErrValue, "2026-06-05T00:00:00Z"},
		{"of two days one not over", Delivery{Received: on("2026-06-05"), Source: "f"}, readings(usual, flat(day+1, 0, 1, 0)), series.ErrValue, "f:49: /AI of 2026-06-05"},
		{"short by one", good, readings(part(usual, 47)), series.ErrCount, "f:1: /47 half-hours/all 48 of AI 2026-06-04"},
		{"one", good, readings(part(usual, 1)), series.ErrCount, "1 half-hours"},
		{"the short day of an hour that was not", good, readings(part(flat(short, 0, 1, 0), 44)), series.ErrCount, "all 46 of"},
		{"the long day without its second hour", good, readings(part(flat(long, 0, 1, 0), 48)), series.ErrCount, "all 50 of"},
		{"one bad day of three", good, readings(usual, part(flat(long, 0, 1, 0), 49), flat(short, 0, 1, 0)), series.ErrCount, "f:49: "},
		{"a day in two runs", good, series.Join(readings(part(usual, 24)), one(func(r *series.Reading) { r.Run = settlement.SF })), series.ErrCount, "24 half-hours"},
		{"two values", good, readings(usual, flat(day, 0, 2, 0)), series.ErrConflict, "f:49: /\"2\"/1 as stated before for AI untagged 2026-06-04/01 (both × 10^-3)"},
		{"two values of a run", good, readings(flat(day, settlement.R1, 1, 0), flat(day, settlement.R1, 2, 0)), series.ErrConflict, "AI R1"},
		{"no such run", good, one(func(r *series.Reading) { r.Run = 77 }), settlement.ErrRun, "Run(77)/a run with a rank"},
		{"a run without a rank", good, one(func(r *series.Reading) { r.Run = settlement.DR }), series.ErrValue, "\"DR\"/a run with a rank"},
		{"no such line", good, one(func(r *series.Reading) { r.Line = 4 }), series.ErrValue, "line 4/one of the 4 lines of meter"},
		{"a negative line", good, one(func(r *series.Reading) { r.Line = -1 }), series.ErrValue, "line -1"},
		{"no such half-hour", good, one(func(r *series.Reading) { r.Period -= first }), settlement.ErrPeriod, "period 0/1996 to 2099"},
		{"past the calendar", good, one(func(r *series.Reading) { r.Period += 1 << 30 }), series.ErrValue, "1996 to 2099"},
		{"nowhere", good, one(func(r *series.Reading) { r.Pos, r.Line = series.Pos{}, 9 }), series.ErrValue, "f: bad value"},
		{"a reader's error", good, series.Join(readings(usual), broken), series.ErrFormat, "f:3"},
	} {
		j := NewJournal(series.Meter())
		mustAdd(t, j, Delivery{Received: on("2026-07-01"), Source: "there"}, flat(date("2026-01-01"), 0, 9, 0))
		got, err := j.Add(tt.d, tt.from)
		if !errors.Is(err, tt.is) || got != (Receipt{}) || j.Len() != 1 {
			t.Errorf("%s: %v, %+v, %d versions", tt.name, err, got, j.Len())
			continue
		}
		for _, word := range strings.Split(strings.ReplaceAll(tt.words, "04/01", "04\x00"), "/") {
			if word = strings.ReplaceAll(word, "\x00", "/01"); !strings.Contains(err.Error(), word) {
				t.Errorf("%s: %q is not in %v", tt.name, word, err)
			}
		}
		if errs, ok := err.(series.Errors); ok && len(errs) > series.MaxErrors+1 {
			t.Errorf("%s: %d errors", tt.name, len(errs))
		}
	}
}

// A repeated reading is fine, and a flag stays only while all carry it.
func TestAddRepeated(t *testing.T) {
	day := date("2026-06-04")
	j := NewJournal(series.Meter())
	got := mustAdd(t, j, Delivery{Received: on("2026-06-05"), Source: "f"}, flat(day, 0, 1, series.Estimated|series.Rounded), flat(day, 0, 1, series.Rounded))
	f := series.NewFrame(nil, series.Meter(), day.Span())
	j.KnownAt(f, meterA, on("2026-06-05"), nil)
	if v, mark := firstOf(f, day); got.Kept != 1 || v != 1 || mark != series.Rounded {
		t.Errorf("%+v, %d, %#x", got, v, mark)
	}
	if got, err := j.Add(Delivery{Received: on("2026-06-05"), Source: "empty"}, readings()); err != nil || got != (Receipt{}) {
		t.Errorf("nothing: %+v, %v", got, err)
	}
}

// What is received after the instant is counted and not used, to the nanosecond.
func TestLater(t *testing.T) {
	day := date("2026-01-04")
	j := NewJournal(series.Meter())
	at := on("2026-06-10")
	mustAdd(t, j, Delivery{Received: at, Source: "a"}, flat(day, 0, 1, 0))
	mustAdd(t, j, Delivery{Received: at.Add(1), Source: "b"}, flat(day, 0, 2, 0))
	f := series.NewFrame(nil, series.Meter(), day.Span())
	for _, tt := range []struct {
		at   time.Time
		want int64
		t    Tally
	}{
		{at.Add(-1), -1, Tally{Absent: 4, Later: 2}},
		{at, 1, Tally{Parts: 1, Absent: 3, Later: 1}},
		{at.In(time.FixedZone("elsewhere", 3600)), 1, Tally{Parts: 1, Absent: 3, Later: 1}},
		{at.Add(1), 2, Tally{Parts: 1, Absent: 3}},
		{time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), 2, Tally{Parts: 1, Absent: 3}},
		{time.Time{}, -1, Tally{Absent: 4, Later: 2}},
	} {
		got := j.KnownAt(f, meterA, tt.at, nil)
		if v, _ := firstOf(f, day); v != tt.want || got != tt.t {
			t.Errorf("%v: %d, %+v", tt.at, v, got)
		}
	}
}

func TestJournalLimits(t *testing.T) {
	day := date("2026-01-04")
	j := NewJournal(series.Meter())
	j.maxDay, j.maxTotal = 3, 5
	add := func(hour int, facts ...fact) error {
		_, err := j.Add(Delivery{Received: on("2026-06-05").Add(time.Duration(hour) * time.Hour), Source: fmt.Sprint("f", hour)}, readings(facts...))
		return err
	}
	usual := flat(day, 0, 1, 0)
	for hour := range 3 {
		if err := add(hour, usual); err != nil {
			t.Fatal(err)
		}
	}
	if err := add(3, usual); !errors.Is(err, series.ErrLimit) || !strings.Contains(err.Error(), "at most 3 versions of AI 2026-01-04") {
		t.Error(err)
	}
	if err := add(2, usual); err != nil {
		t.Error("a repeat needs no room:", err)
	}
	if err := add(1, flat(day+1, 0, 1, 0), flat(day+2, 0, 1, 0), flat(day+3, 0, 1, 0)); !errors.Is(err, series.ErrLimit) || j.Len() != 3 {
		t.Error(err, j.Len())
	}
	if err := add(1, flat(day+1, 0, 1, 0), flat(day+2, 0, 1, 0)); err != nil || j.Len() != 5 {
		t.Error(err, j.Len())
	}
	var many []fact
	for i := range settlement.Day(6) {
		many = append(many, flat(day+i, 0, 1, 0))
	}
	if err := add(2, many...); !errors.Is(err, series.ErrLimit) || !strings.Contains(err.Error(), "at most 5 versions in one journal") {
		t.Error(err)
	}
	if err := add(7, flat(day+1, settlement.SF, 1, 0), flat(day+1, settlement.R1, 1, 0), flat(day+1, settlement.R2, 1, 0)); !errors.Is(err, series.ErrLimit) {
		t.Error("runs of one delivery count together:", err)
	}
}

// Days sent again unchanged share their memory.
func TestUnchangedDaysShare(t *testing.T) {
	day := date("2026-06-04")
	j := NewJournal(series.Meter())
	for hour := range 3 {
		mustAdd(t, j, Delivery{Received: on("2026-06-05").Add(time.Duration(hour) * time.Hour), Source: "f"}, flat(day, 0, 1, series.Estimated))
	}
	held := j.days[Key{meterA, series.AI, day}][1]
	if len(held) != 3 || &held[0].values[0] != &held[2].values[0] || &held[0].marks[0] != &held[1].marks[0] {
		t.Error("each has values of its own")
	}
}

func TestJournalPanics(t *testing.T) {
	day := date("2026-06-04")
	for want, f := range map[string]func(){
		panicJournal: func() { NewJournal(mixed) },
		panicOtherSchema: func() {
			NewJournal(series.Meter()).KnownAt(series.NewFrame(nil, series.Market(), day.Span()), meterA, on("2026-06-05"), nil)
		},
	} {
		func() {
			defer func() {
				if got := recover(); got != want {
					t.Errorf("panicked with %v, want %v", got, want)
				}
			}()
			f()
		}()
	}
}

func TestRecallDoesNotAllocate(t *testing.T) {
	j := NewJournal(series.Meter())
	from := date("2026-03-01")
	for d := range settlement.Day(60) {
		mustAdd(t, j, Delivery{Received: (from + d + 2).First().Time(), Source: "f"}, flat(from+d, 0, 1, 0), flat(from+d, settlement.R1, 1, 0))
	}
	span := settlement.Days(from, from+60)
	f, c, cut := series.NewFrame(nil, series.Meter(), span), series.NewCube(nil, series.Meter(), allRuns, span), TimetableCutoff(settlement.GB())
	at := on("2027-01-01")
	late := flat(from+50, 0, 2, 0)
	mustAdd(t, j, Delivery{Received: on("2026-12-01"), Source: "late"}, late)
	if n := testing.AllocsPerRun(5, func() { j.KnownAt(f, meterA, at, cut) }); n > 0 {
		t.Errorf("KnownAt allocates %v times", n)
	}
	if n := testing.AllocsPerRun(5, func() { j.Cube(c, meterA, at, cut) }); n > 0 {
		t.Errorf("Cube allocates %v times", n)
	}
	for _, by := range []Reconciler{Latest(), Newest(), KnownAt(at), UpTo(settlement.R1)} {
		if n := testing.AllocsPerRun(5, func() { j.View(c, by, meterA, at, cut) }); n > 0 {
			t.Errorf("the view %s allocates %v times", by.View(), n)
		}
	}
	if !reflect.DeepEqual(j.Conflicts(lastInstant), []Conflict(nil)) {
		t.Error("conflicts")
	}
}

// Clocks may differ by an hour: what was made after it was received is known from
// when it was made, and a day may be made before it is over.
func TestSkew(t *testing.T) {
	day := date("2026-06-04")
	end := day.Span().Hi.Time()
	for _, d := range []Delivery{
		{Created: end.Add(-time.Hour), Received: end.Add(-2 * time.Hour), Source: "both"},
		{Created: end, Received: end.Add(-time.Hour), Source: "ahead"},
		{Received: end.Add(-time.Hour), Source: "early"},
	} {
		j := NewJournal(series.Meter())
		mustAdd(t, j, d, flat(day, 0, 1, 0))
		known := d.Created
		if known.IsZero() {
			known = d.Received
		}
		if !d.Known().Equal(known) || !j.Versions(Key{meterA, series.AI, day})[0].Received.Equal(known) {
			t.Errorf("%s: known from %v, want %v", d.Source, d.Known(), known)
		}
		f := series.NewFrame(nil, series.Meter(), day.Span())
		for at, want := range map[time.Time]int64{known.Add(-1): -1, known: 1} {
			j.KnownAt(f, meterA, at, nil)
			if v, _ := firstOf(f, day); v != want {
				t.Errorf("%s: %d at %v, want %d", d.Source, v, at, want)
			}
		}
	}
	if d := (Delivery{Created: end.Add(time.Hour + 1), Received: end}); !d.Known().Equal(end) {
		t.Error("known from", d.Known())
	}
}

// What may be published ahead, and what nobody knows before its day is over.
func TestAhead(t *testing.T) {
	day := date("2026-06-04")
	for _, tt := range []struct {
		schema *series.Schema
		line   series.Line
		run    settlement.Run
		ahead  bool
	}{
		{series.Market(), series.LLF, 0, true},
		{series.Market(), series.TLM, 0, true},
		{series.Market(), series.CfDRate, 0, true},
		{series.Market(), series.SystemPrice, 0, false},
		{series.Market(), series.RCRC, 0, false},
		{series.Market(), series.LLF, settlement.II, false},
		{series.Market(), series.TLM, settlement.SF, false},
		{series.Contract(), series.Nominated, 0, true},
		{series.Contract(), series.ContractPrice, 0, true},
		{series.Contract(), series.Nominated, settlement.SF, false},
		{series.Meter(), series.RE, 0, false},
		{series.Meter(), series.AI, settlement.DF, false},
	} {
		f := flat(day, tt.run, 1, 0)
		f.MPAN, f.Line = settlement.MPAN{}, tt.line
		_, err := NewJournal(tt.schema).Add(Delivery{Received: on("2026-01-01"), Source: "f"}, readings(f))
		if (err == nil) != tt.ahead || err != nil && !errors.Is(err, series.ErrValue) {
			t.Errorf("%s of %v, ahead: %v", tt.schema.Def(tt.line).Name, tt.run, err)
		}
		if _, err := NewJournal(tt.schema).Add(Delivery{Received: on("2026-06-05"), Source: "f"}, readings(f)); err != nil {
			t.Error(err)
		}
	}
}
