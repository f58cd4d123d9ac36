package revisions

import (
	"fmt"
	"math"
	"math/big"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

var mixed = series.Must(series.NewSchema("mixed",
	series.Def{Name: "a", Unit: series.KWh, Scale: 3, Source: "one"},
	series.Def{Name: "b", Unit: series.GBP, Scale: 14, Source: "pair"},
	series.Def{Name: "c", Unit: series.GBP, Scale: 8, Source: "pair"}))

func date(s string) settlement.Day {
	d, err := settlement.ParseDay(s)
	if err != nil {
		panic(err)
	}
	return d
}

// from are days near which something changes: the clocks, the month, the
// regime.
var from = []settlement.Day{
	date("2026-03-26"), date("2026-10-22"), date("2027-03-25"), // 46 or 50 half-hours soon
	date("2027-03-28"), date("2027-06-29"), // another timetable soon
	date("2024-02-26"), date("2026-12-29"),
}

// anySpan draws a span of up to ten days whose first and last may be partial.
func anySpan(t *rapid.T) settlement.Span {
	d := rapid.SampledFrom(from).Draw(t, "from") + settlement.Day(rapid.IntRange(0, 3).Draw(t, "later"))
	s := settlement.Days(d, d+settlement.Day(rapid.IntRange(0, 10).Draw(t, "days")))
	if rapid.Bool().Draw(t, "partial") {
		s.Lo += settlement.Period(rapid.IntRange(0, 49).Draw(t, "cut"))
		s.Hi = max(s.Lo, s.Hi-settlement.Period(rapid.IntRange(0, 49).Draw(t, "cut")))
	}
	return s
}

func anyRuns(t *rapid.T) (runs []settlement.Run) {
	set := rapid.Uint8Range(1, 255).Draw(t, "runs")
	for r := settlement.Untagged; r <= settlement.DF; r++ {
		if set>>r&1 != 0 {
			runs = append(runs, r)
		}
	}
	return runs
}

// put writes a half-hour of every line of a source.
func put(f *series.Frame, source, i int, v int64, flags series.Mark, run settlement.Run) {
	s, c := f.Schema(), f.Source(source)
	for l := range s.Len() {
		if s.SourceOf(series.Line(l)) == source {
			f.Line(series.Line(l)).Values[i] = v ^ int64(l)
		}
	}
	c.Valid[i>>6] |= 1 << (i & 63)
	c.Marks[i] = flags.From(run)
}

func drop(f *series.Frame, source, i int) {
	s, c := f.Schema(), f.Source(source)
	for l := range s.Len() {
		if s.SourceOf(series.Line(l)) == source {
			f.Line(series.Line(l)).Values[i] = 0
		}
	}
	c.Valid[i>>6] &^= 1 << (i & 63)
	c.Marks[i] = 0
}

// random is a cheap source for cells, of which there are too many to draw.
type random uint64

func (r *random) next() uint64 {
	*r ^= *r << 13
	*r ^= *r >> 7
	*r ^= *r << 17
	return uint64(*r)
}

func (r *random) below(n int) int { return int(r.next() % uint64(n)) }

var extremes = []int64{math.MinInt64, math.MaxInt64, 1<<55 - 1, 1 << 55, 1<<55 + 1, 0, -1}

// anyCube draws what each run holds: a staircase, days at random, days with
// holes, or every half-hour at random.
func anyCube(t *rapid.T) *series.Cube {
	s := rapid.SampledFrom([]*series.Schema{series.Meter(), mixed}).Draw(t, "schema")
	c := series.NewCube(nil, s, anyRuns(t), anySpan(t))
	fillCube(t, c)
	return c
}

func fillCube(t *rapid.T, c *series.Cube) {
	rnd := random(rapid.Uint64Range(1, math.MaxUint64).Draw(t, "seed"))
	n := c.Span().Len()
	for k := range c.Schema().Sources() {
		manner := rapid.SampledFrom([]string{"staircase", "staircase", "days", "holes", "cells", "sparse", "nothing"}).Draw(t, "manner")
		for at, r := range c.Runs() {
			f := c.Frame(r)
			write := func(i int) {
				v := int64(rnd.below(1000))
				if rnd.below(9) == 0 {
					v = extremes[rnd.below(len(extremes))]
				}
				put(f, k, i, v, series.Mark(rnd.next())&(series.Estimated|series.Rounded|series.Assumed), r)
			}
			if n == 0 {
				continue
			}
			first := (c.Span().Lo).Day()
			held := map[settlement.Day]bool{}
			for d, part := range c.Span().EachDay() {
				switch manner {
				case "staircase": // the later the run, the fewer days have it
					held[d] = int(d-first)*len(c.Runs()) < (len(c.Runs())-at)*(int(c.Span().To()-first)+1)
				case "days":
					held[d] = rnd.below(2) == 0
				case "holes":
					held[d] = rnd.below(5) != 0
				}
				if !held[d] {
					continue
				}
				for p := part.Lo; p < part.Hi; p++ {
					write(c.Span().Index(p))
				}
				if manner == "holes" && rnd.below(2) == 0 { // at an edge of the day as often as inside it
					at := []int{0, part.Len() - 1, rnd.below(part.Len())}[rnd.below(3)]
					drop(f, k, c.Span().Index(part.Lo)+at)
				}
			}
			for i := range n {
				if manner == "cells" && rnd.below(2) == 0 || manner == "sparse" && rnd.below(60) == 0 {
					write(i)
				}
			}
		}
	}
}

// anyView draws a reconciler and what it admits, said another way.
func anyView(t *rapid.T, span settlement.Span) (Reconciler, func(settlement.Day, settlement.Run) bool) {
	switch rapid.IntRange(0, 3).Draw(t, "view") {
	case 0:
		return Latest(), func(settlement.Day, settlement.Run) bool { return true }
	case 1:
		r := settlement.Run(rapid.IntRange(0, int(settlement.DF)).Draw(t, "up to"))
		return UpTo(r), func(_ settlement.Day, run settlement.Run) bool { return run <= r }
	}
	day, table := anyAsOf(t, span)
	admits := asOf(day, table)
	if rapid.Bool().Draw(t, "capped") {
		r := settlement.Run(rapid.IntRange(0, int(settlement.DF)).Draw(t, "cap"))
		return AsOf(day, table).Cap(r), func(d settlement.Day, run settlement.Run) bool { return run <= r && admits(d, run) }
	}
	return AsOf(day, table), admits
}

func anyAsOf(t *rapid.T, span settlement.Span) (settlement.Day, settlement.Timetable) {
	table := settlement.GB()
	if !span.Empty() && rapid.Bool().Draw(t, "published") { // a dispute, and a run out of its order
		d := span.From() + settlement.Day(rapid.IntRange(0, 5).Draw(t, "published day"))
		table = table.Publish(d, settlement.DF, d+40).Publish(d+1, settlement.SF, d+200)
	}
	// Not any day: one on which a run of a day of the span is due, or the day before.
	d := span.From() + settlement.Day(rapid.IntRange(0, 9).Draw(t, "day"))
	run := settlement.Run(rapid.IntRange(int(settlement.II), int(settlement.DF)).Draw(t, "due"))
	due, ok := table.Due(d, run)
	if !ok {
		due = d + settlement.Day(rapid.IntRange(0, 500).Draw(t, "after"))
	}
	return due - settlement.Day(rapid.IntRange(0, 1).Draw(t, "before")), table
}

func asOf(day settlement.Day, table settlement.Timetable) func(settlement.Day, settlement.Run) bool {
	return func(d settlement.Day, run settlement.Run) bool {
		due, ok := table.Due(d, run)
		return run == settlement.Untagged && d < day || ok && due <= day
	}
}

func TestReconcile(t *testing.T) {
	dirty, used, usedSums, usedTotals := map[*series.Schema]*series.Frame{}, new(Report), new(Report), new(series.Totals)
	rapid.Check(t, func(t *rapid.T) {
		c := anyCube(t)
		view, admits := anyView(t, c.Span())
		m := read(c)

		f, rep := view.Reconcile(c)
		checkFrame(t, m, f, admits)
		checkReport(t, m, f, rep, view, admits)

		// Into memory that held something else, the same.
		into := dirty[c.Schema()]
		if into == nil {
			into = series.NewFrame(nil, c.Schema(), c.Span())
			dirty[c.Schema()] = into
		}
		into.Reset(c.Span())
		for k := range c.Schema().Sources() {
			for i := range into.Len() {
				put(into, k, i, -7, series.Flags, settlement.DF)
			}
		}
		view.Into(into, used, c)
		checkFrame(t, m, into, admits)
		checkReport(t, m, into, used, view, admits)

		checkTotals(t, m, view, c, f, rep, usedTotals, usedSums, admits)
	})
}

func checkFrame(t *rapid.T, m *model, f *series.Frame, admits func(settlement.Day, settlement.Run) bool) {
	if f.Span() != m.span || f.Schema() != m.schema {
		t.Fatalf("frame of %v", f.Span())
	}
	for k := range m.schema.Sources() {
		v := m.decide(k, admits)
		for _, l := range m.lines(k) {
			col := f.Line(l)
			for i := range m.span.Len() {
				want, held := m.at(v, l, i)
				got, ok := col.At(i)
				if got != want.value || ok != held || col.Marks[i] != want.mark {
					t.Fatalf("line %d, %v: %d, %v, mark %#x; want %d, %v, %#x", l, m.span.Lo+settlement.Period(i), got, ok, col.Marks[i], want.value, held, want.mark)
				}
				if held && col.Marks[i].Run() != v.speaks[i] {
					t.Fatalf("line %d, %d: the mark names %v, %v spoke", l, i, col.Marks[i].Run(), v.speaks[i])
				}
			}
			if n := m.span.Len() % 64; n != 0 && col.Valid[len(col.Valid)-1]>>n != 0 {
				t.Fatal("a bit past the end is set")
			}
		}
	}
}

func checkReport(t *rapid.T, m *model, f *series.Frame, rep *Report, view Reconciler, admits func(settlement.Day, settlement.Run) bool) {
	if rep.Span != m.span || rep.View != view.View() || len(rep.Sources) != m.schema.Sources() {
		t.Fatalf("report of %q over %v with %d sources", rep.View, rep.Span, len(rep.Sources))
	}
	for k := range rep.Sources {
		src, v, col := &rep.Sources[k], m.decide(k, admits), f.Source(k)
		if src.Name != m.schema.SourceName(k) || rep.Source(src.Name) != src {
			t.Fatalf("source %d is called %q", k, src.Name)
		}
		var byRun [settlement.NumRanked]int
		missing, merged, estimated := 0, 0, 0
		for i := range m.span.Len() {
			r, ok := v.speaks[i]
			if !ok {
				missing++
				continue
			}
			byRun[r]++
			if v.kind[i] == Merged {
				merged++
			}
			if col.Marks[i].Has(series.Estimated) {
				estimated++
			}
		}
		if src.ByRun != byRun || src.Missing != missing || src.Merged != merged || src.Estimated != estimated || src.Incomplete != v.incomplete {
			t.Fatalf("%s: by run %v, missing %d, merged %d, estimated %d, incomplete %d; want %v, %d, %d, %d, %d", src.Name,
				src.ByRun, src.Missing, src.Merged, src.Estimated, src.Incomplete, byRun, missing, merged, estimated, v.incomplete)
		}
		sum := src.Missing
		for _, n := range src.ByRun {
			sum += n
		}
		if sum != m.span.Len() {
			t.Fatalf("%s: ByRun and Missing make %d of %d", src.Name, sum, m.span.Len())
		}
		checkStretches(t, m, src, v)
	}
}

// checkStretches: in order, without a gap, whole days, each of its kind, and
// none that could be joined to the one before.
func checkStretches(t *rapid.T, m *model, src *Source, v verdict) {
	at := 0
	for n, st := range src.Stretches {
		if st.Lo != at || st.Hi <= st.Lo {
			t.Fatalf("%s: stretch %d is [%d, %d), after %d", src.Name, n, st.Lo, st.Hi, at)
		}
		at = st.Hi
		for _, i := range []int{st.Lo, st.Hi} {
			if p := m.span.Lo + settlement.Period(i); i != 0 && i != m.span.Len() && p != p.Day().First() {
				t.Fatalf("%s: stretch %d parts %v", src.Name, n, p)
			}
		}
		for i := st.Lo; i < st.Hi; i++ {
			if v.kind[i] != st.Kind || st.Kind == Whole && v.speaks[i] != st.Run {
				t.Fatalf("%s: %d is in a stretch of %v, %v", src.Name, i, st.Kind, st.Run)
			}
		}
		if n > 0 && st.Kind != Merged {
			if last := src.Stretches[n-1]; last.Kind == st.Kind && last.Run == st.Run {
				t.Fatalf("%s: stretches %d and %d are alike", src.Name, n-1, n)
			}
		}
	}
	if at != m.span.Len() {
		t.Fatalf("%s: the stretches end at %d of %d", src.Name, at, m.span.Len())
	}
}

func checkTotals(t *rapid.T, m *model, view Reconciler, c *series.Cube, f *series.Frame, whole *Report, tot *series.Totals, rep *Report, admits func(settlement.Day, settlement.Run) bool) {
	view.TotalByMonth(tot, rep, c)
	sums, held := map[string]*big.Int{}, map[string]int{}
	key := func(l series.Line, mo settlement.Month) string { return fmt.Sprint(l, mo) }
	for k := range m.schema.Sources() {
		v := m.decide(k, admits)
		for _, l := range m.lines(k) {
			for i := range m.span.Len() {
				mo := (m.span.Lo + settlement.Period(i)).Day().Month()
				if sums[key(l, mo)] == nil {
					sums[key(l, mo)] = new(big.Int)
				}
				if x, ok := m.at(v, l, i); ok {
					sums[key(l, mo)].Add(sums[key(l, mo)], big.NewInt(x.value))
					held[key(l, mo)]++
				}
			}
		}
	}
	var after series.Totals
	f.TotalByMonth(&after)
	if len(sums) != len(tot.Months())*m.schema.Len() {
		t.Fatalf("months %v", tot.Months())
	}
	for l := range m.schema.Len() {
		for i, mo := range tot.Months() {
			l := series.Line(l)
			if got := tot.Sum(l, i); got.Big().Cmp(sums[key(l, mo)]) != 0 || tot.Held(l, i) != held[key(l, mo)] {
				t.Fatalf("line %d, %v: %v of %d, want %v of %d", l, mo, got.Big(), tot.Held(l, i), sums[key(l, mo)], held[key(l, mo)])
			}
			if after.Sum(l, i) != tot.Sum(l, i) || after.Held(l, i) != tot.Held(l, i) {
				t.Fatalf("line %d, %v: Reconcile and then TotalByMonth gives %v", l, mo, after.Sum(l, i))
			}
		}
	}
	// The report is Reconcile's, but for Estimated.
	for k := range rep.Sources {
		got, want := rep.Sources[k], whole.Sources[k]
		want.Estimated = 0
		if !slices.Equal(got.Stretches, want.Stretches) {
			t.Fatalf("stretches %v, want %v", got.Stretches, want.Stretches)
		}
		if !slices.Equal(got.short, want.short) {
			t.Fatalf("short days %v, want %v", got.short, want.short)
		}
		got.Stretches, want.Stretches, got.short, want.short = nil, nil, nil, nil
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("report %+v, want %+v", got, want)
		}
	}
}

// What becomes due after a day changes nothing in the view of that day.
func TestAsOfIsStable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := anyCube(t)
		day, table := anyAsOf(t, c.Span())
		before, repBefore := AsOf(day, table).Reconcile(c)
		rnd := random(rapid.Uint64Range(1, math.MaxUint64).Draw(t, "later seed"))
		for _, r := range c.Runs() {
			for i := range c.Span().Len() {
				d := (c.Span().Lo + settlement.Period(i)).Day()
				if due, ok := table.Due(d, r); r == settlement.Untagged && d < day || ok && due <= day {
					continue
				}
				for k := range c.Schema().Sources() {
					if rnd.below(4) == 0 {
						drop(c.Frame(r), k, i)
					} else {
						put(c.Frame(r), k, i, int64(rnd.next()), 0, r)
					}
				}
			}
		}
		after, repAfter := AsOf(day, table).Reconcile(c)
		for l := range c.Schema().Len() {
			a, b := before.Line(series.Line(l)), after.Line(series.Line(l))
			if !slices.Equal(a.Values, b.Values) || !slices.Equal(a.Valid, b.Valid) || !slices.Equal(a.Marks, b.Marks) {
				t.Fatalf("line %d as of %v changed", l, day)
			}
		}
		if !reflect.DeepEqual(repBefore, repAfter) {
			t.Fatalf("the report as of %v changed", day)
		}
	})
}

// The view of a day on which nothing more can become due is Latest, where the
// timetable has all the runs.
func TestAsOfFarAhead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		span := anySpan(t)
		c := series.NewCube(nil, series.Meter(), []settlement.Run{settlement.SF, settlement.R1, settlement.RF}, span)
		fillCube(t, c)
		a, _ := AsOf(date("2040-01-01"), settlement.GB()).Reconcile(c)
		b, _ := Latest().Reconcile(c)
		for l := range c.Schema().Len() {
			if !slices.Equal(a.Line(series.Line(l)).Values, b.Line(series.Line(l)).Values) {
				t.Fatalf("line %d", l)
			}
		}
	})
}

// A run that is whole for a month speaks only for the days it was due by then.
func TestAsOfCutsARun(t *testing.T) {
	span := settlement.Days(date("2026-06-01"), date("2026-07-01"))
	c := series.NewCube(nil, series.Meter(), []settlement.Run{settlement.SF, settlement.R1}, span)
	for _, r := range c.Runs() {
		for i := range span.Len() {
			put(c.Frame(r), 0, i, int64(r), 0, r)
		}
	}
	due, _ := settlement.GB().Due(date("2026-06-10"), settlement.R1)
	f, _ := AsOf(due, settlement.GB()).Reconcile(c)
	for _, x := range []struct {
		day  string
		want settlement.Run
	}{{"2026-06-01", settlement.R1}, {"2026-06-10", settlement.R1}, {"2026-06-30", settlement.SF}} {
		if v, ok := f.Get(series.AI, date(x.day).First()); !ok || v != int64(x.want) {
			t.Errorf("%s: run %d speaks, want %v", x.day, v, x.want)
		}
	}
}

func TestViews(t *testing.T) {
	for want, r := range map[string]Reconciler{"latest": Latest(), "R1": UpTo(settlement.R1), "untagged": UpTo(settlement.Untagged),
		"as of 2026-11-23": AsOf(date("2026-11-23"), settlement.GB())} {
		if r.View() != want {
			t.Errorf("View = %q, want %q", r.View(), want)
		}
		run, ok := r.Limit()
		if ok != (want == "R1" || want == "untagged") || ok && run.String() != want {
			t.Errorf("Limit of %s = %v, %v", want, run, ok)
		}
	}
	for want, r := range map[string]Reconciler{"SF": UpTo(settlement.SF).Cap(settlement.R1), "II": Latest().Cap(settlement.II),
		"R1 as of 2026-11-23": AsOf(date("2026-11-23"), settlement.GB()).Cap(settlement.R1)} {
		if run, ok := r.Limit(); r.View() != want || !ok || !strings.HasPrefix(want, run.String()) {
			t.Errorf("View = %q, want %q", r.View(), want)
		}
	}
	if (Reconciler{}).View() != Latest().View() {
		t.Error("the zero Reconciler is not Latest")
	}
	for name, f := range map[string]func(){
		"UpTo(D)": func() { UpTo(settlement.D) }, "UpTo(DR)": func() { UpTo(settlement.DR) },
		"AsOf(0)": func() { AsOf(0, settlement.GB()) },
		"another span": func() {
			s := settlement.Days(date("2026-01-01"), date("2026-01-02"))
			c := series.NewCube(nil, series.Meter(), []settlement.Run{settlement.SF}, s)
			Latest().Into(series.NewFrame(nil, series.Meter(), settlement.Span{Lo: s.Lo, Hi: s.Hi - 1}), new(Report), c)
		},
		"another schema": func() {
			s := settlement.Days(date("2026-01-01"), date("2026-01-02"))
			c := series.NewCube(nil, series.Meter(), []settlement.Run{settlement.SF}, s)
			Latest().Into(series.NewFrame(nil, series.Market(), s), new(Report), c)
		},
		"lent": func() {
			s := settlement.Days(date("2026-01-01"), date("2026-01-02"))
			c := series.NewCube(nil, series.Meter(), []settlement.Run{settlement.SF}, s)
			f := series.NewFrame(nil, series.Meter(), s)
			defer f.Record().Release()
			Latest().Into(f, new(Report), c)
		},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s did not panic", name)
				}
			}()
			f()
		}()
	}
}

func TestEmpty(t *testing.T) {
	s := settlement.Span{Lo: 900_000, Hi: 900_000}
	_, rep := Latest().Reconcile(series.NewCube(nil, series.Meter(), []settlement.Run{settlement.SF}, s))
	for _, src := range rep.Sources {
		if len(src.Stretches) != 0 || src.Missing != 0 {
			t.Errorf("nothing is missing from an empty span, but %+v", src)
		}
	}
	// A cube without a run says nothing of a day, and says that.
	day := settlement.Days(date("2026-10-25"), date("2026-10-26"))
	f, rep := Latest().Reconcile(series.NewCube(nil, series.Meter(), nil, day))
	if f.Span() != day || rep.Sources[0].Missing != 50 {
		t.Errorf("a cube without runs: %v, %d missing", f.Span(), rep.Sources[0].Missing)
	}
}

// staircase is a year of which the later runs hold less and less.
func staircase(hole bool) *series.Cube {
	from := date("2025-11-01")
	runs := []settlement.Run{settlement.Untagged, settlement.II, settlement.SF, settlement.R1, settlement.R2, settlement.R3, settlement.RF}
	c := series.NewCube(nil, series.Meter(), runs, settlement.Days(from, from+365))
	for k, r := range runs {
		for src := range c.Schema().Sources() {
			for i := range int((from + settlement.Day(360-50*k)).First() - c.Span().Lo) {
				put(c.Frame(r), src, i, int64(i), 0, r)
			}
			if hole && k%2 == 1 {
				for i := 100; i < c.Span().Len(); i += 1000 {
					drop(c.Frame(r), src, i)
				}
			}
		}
	}
	return c
}

// More merged days on end than are put together at once, and one that is whole
// among them.
func TestManyMergedDays(t *testing.T) {
	from := date("2025-09-01")
	runs := []settlement.Run{settlement.Untagged, settlement.SF, settlement.RF}
	c := series.NewCube(nil, mixed, runs, settlement.Span{Lo: from.First() + 5, Hi: (from + 250).First()})
	n, rnd := c.Span().Len(), random(7)
	whole := date("2025-12-24").Span()
	want := make([]settlement.Run, n)
	for i := range n {
		want[i] = append(runs, settlement.D)[rnd.below(4)] // D: nobody holds it
		if whole.Contains(c.Span().Lo + settlement.Period(i)) {
			want[i] = settlement.SF
		}
		for k := range mixed.Sources() {
			for _, r := range runs {
				if want[i] != settlement.D && (r == want[i] || r < want[i] && rnd.below(2) == 0) {
					put(c.Frame(r), k, i, int64(i)<<8+int64(r), series.Estimated, r)
				}
			}
		}
	}
	f, rep := Latest().Reconcile(c)
	var tot, direct series.Totals
	f.TotalByMonth(&tot)
	Latest().TotalByMonth(&direct, new(Report), c)
	for l := range series.Line(mixed.Len()) {
		col := f.Line(l)
		for i, r := range want {
			v, ok := col.At(i)
			if r == settlement.D {
				if ok || v != 0 || col.Marks[i] != 0 {
					t.Fatalf("line %d, %d: nobody holds %d", l, i, v)
				}
				continue
			}
			mark := series.Estimated.From(r)
			if !whole.Contains(c.Span().Lo + settlement.Period(i)) {
				mark |= series.Merged
			}
			if !ok || v != (int64(i)<<8+int64(r))^int64(l) || col.Marks[i] != mark {
				t.Fatalf("line %d, %d: %d, %v, mark %#x; %v holds it", l, i, v, ok, col.Marks[i], r)
			}
		}
		for m := range tot.Months() {
			if tot.Sum(l, m) != direct.Sum(l, m) || tot.Held(l, m) != direct.Held(l, m) {
				t.Fatalf("line %d, month %d: %v straight from the cube, %v from the frame", l, m, direct.Sum(l, m), tot.Sum(l, m))
			}
		}
	}
	for _, src := range rep.Sources {
		if sum := src.Missing + src.Merged + whole.Len(); sum != n || src.ByRun[settlement.SF] < whole.Len() {
			t.Errorf("%s: %d half-hours of %d", src.Name, sum, n)
		}
	}
}

func TestNoAllocation(t *testing.T) {
	for _, hole := range []bool{false, true} {
		c := staircase(hole)
		f, rep, tot := series.NewFrame(nil, c.Schema(), c.Span()), new(Report), new(series.Totals)
		for _, view := range []Reconciler{Latest(), UpTo(settlement.R1), UpTo(settlement.Untagged), AsOf(date("2026-06-01"), settlement.GB())} {
			named := 0.0 // an AsOf view allocates its name
			if view.asOf != 0 {
				named = testing.AllocsPerRun(5, func() { _ = view.View() })
			}
			view.Into(f, rep, c)
			if n := testing.AllocsPerRun(5, func() { view.Into(f, rep, c) }); n > named {
				t.Errorf("Into (%s, holes %v) allocates %v times", view.View(), hole, n)
			}
			view.TotalByMonth(tot, rep, c)
			if n := testing.AllocsPerRun(5, func() { view.TotalByMonth(tot, rep, c) }); n > named {
				t.Errorf("TotalByMonth (%s, holes %v) allocates %v times", view.View(), hole, n)
			}
		}
	}
}
