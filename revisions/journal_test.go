package revisions

import (
	"math/rand"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

func mpanOf(s string) settlement.MPAN {
	m, err := settlement.ParseMPAN(s)
	if err != nil {
		panic(err)
	}
	return m
}

var (
	meterA = mpanOf("1014568234275")
	meterB = mpanOf("1400000000001")
	mpans  = []settlement.MPAN{{}, meterA, meterB}
)

// scene is what one property test plays in: a few days near a change of clock
// or timetable, and instants at which something may be decided.
type scene struct {
	schema  *series.Schema
	span    settlement.Span
	cut     Cutoff // as the journal is asked
	closes  Cutoff // as the reference is: of what is not derived, never
	moments []time.Time
	facts   []fact
}

var timetableDays = []settlement.Day{
	date("2026-03-27"), date("2026-10-23"), // 46 or 50 half-hours soon
	date("2027-03-29"), date("2027-06-30"), // another timetable soon
	date("2026-06-10"),
}

func anyScene(t *rapid.T) *scene {
	s := &scene{schema: rapid.SampledFrom([]*series.Schema{series.Meter(), series.Market(), series.Contract()}).Draw(t, "schema")}
	from := rapid.SampledFrom(timetableDays).Draw(t, "from")
	days := rapid.IntRange(1, 4).Draw(t, "days")
	s.span = settlement.Days(from, from+settlement.Day(days))
	table := settlement.GB()
	if rapid.Bool().Draw(t, "disputed") {
		table = table.Publish(from, settlement.DF, from+700).Publish(from, settlement.SF, from+3)
	}
	s.cut = TimetableCutoff(table)
	if rapid.IntRange(0, 3).Draw(t, "cut-offs of the caller's own") == 0 { // in any order
		s.cut = anyCutoff(rapid.SliceOfN(rapid.IntRange(-1, 400), settlement.NumRanked, settlement.NumRanked).Draw(t, "closed after days"))
	}
	if s.closes = inOrder(s.cut); s.schema != series.Meter() {
		s.closes = func(settlement.Day, settlement.Run) (time.Time, bool) { return time.Time{}, false }
	}
	for range rapid.IntRange(1, 5).Draw(t, "moments") {
		r := settlement.Run(rapid.IntRange(int(settlement.II), int(settlement.DF)).Draw(t, "run"))
		at, ok := s.cut(from+settlement.Day(rapid.IntRange(0, days-1).Draw(t, "day")), r)
		if !ok {
			at = (from + settlement.Day(rapid.IntRange(-2, 400).Draw(t, "after"))).First().Time()
		}
		s.moments = append(s.moments, at.Add(time.Duration(rapid.IntRange(-1, 1).Draw(t, "nanosecond"))))
	}
	for n := range rapid.IntRange(0, 30).Draw(t, "facts") {
		f := s.anyFact(t)
		if n > 0 && rapid.Bool().Draw(t, "of the same day") {
			f.Key = s.facts[n-1].Key
		}
		if n > 0 && f.Key == s.facts[n-1].Key && rapid.Bool().Draw(t, "at the same instant") {
			f.Created, f.Received, f.run = s.facts[n-1].Created, s.facts[n-1].Received, s.facts[n-1].run
		}
		s.facts = append(s.facts, s.possible(f).filled(rapid.IntRange(0, 7).Draw(t, "content")))
	}
	return s
}

// anyCutoff closes each run so many days after its day, and not where that is
// negative.
func anyCutoff(after []int) Cutoff {
	return func(d settlement.Day, r settlement.Run) (time.Time, bool) {
		if after[r] < 0 {
			return time.Time{}, false
		}
		return (d + settlement.Day(after[r])).First().Time(), true
	}
}

// inOrder closes a run when the first of it and those after it closes.
func inOrder(cut Cutoff) Cutoff {
	return func(d settlement.Day, r settlement.Run) (time.Time, bool) {
		at, ok := cut(d, r)
		for q := r + 1; ok && q <= settlement.DF; q++ {
			if later, dated := cut(d, q); dated && later.Before(at) {
				at = later
			}
		}
		return at, ok
	}
}

// anyFact draws from few keys, instants and sources, so that facts meet.
func (s *scene) anyFact(t *rapid.T) fact {
	f := fact{
		Delivery: Delivery{
			Received: rapid.SampledFrom(s.moments).Draw(t, "received"),
			Source:   rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "source"),
			UTCDays:  rapid.IntRange(0, 3).Draw(t, "in UTC days") == 0,
		},
		Key: Key{
			MPAN: rapid.SampledFrom(mpans).Draw(t, "mpan"),
			Line: series.Line(rapid.IntRange(0, 1).Draw(t, "line")),
			Day:  s.span.From() + settlement.Day(rapid.IntRange(0, int(s.span.To()-s.span.From())-1).Draw(t, "day")),
		},
		run: rapid.SampledFrom([]settlement.Run{0, 0, 0, settlement.SF, settlement.R1, settlement.RF, settlement.DF}).Draw(t, "stated"),
	}
	if rapid.Bool().Draw(t, "made") { // before, when or after it was received
		f.Created = rapid.SampledFrom(s.moments).Draw(t, "created")
	}
	return f
}

// possible is a fact that was received at the earliest an hour before it was made,
// and made at the earliest an hour before its day was over, unless it may be made
// ahead: of market and contract, lines 0 and 1 without a run.
func (s *scene) possible(f fact) fact {
	early := f.span().Hi.Time().Add(-time.Hour)
	if s.schema != series.Meter() && f.run == settlement.Untagged {
		early = firstInstant
	}
	if f.Received.Before(early) {
		f.Received = early
	}
	if ahead := f.Received.Add(time.Hour); f.Created.After(ahead) {
		f.Created = ahead
	}
	if !f.Created.IsZero() && f.Created.Before(early) {
		f.Created = early
	}
	return f
}

// filled is the fact with one of eight contents: two sets of values, with and
// without estimates, and with and without others in the last hour of a UTC day
// alone, which in summer is one part of a local day. Those of local and of UTC days
// agree.
func (f fact) filled(content int) fact {
	span := f.span()
	f.values, f.marks = make([]int64, span.Len()), make([]series.Mark, span.Len())
	for i := range f.values {
		p := int64(span.Lo) + int64(i)
		f.values[i] = p*7 + int64(content/2%2)
		if content >= 4 && p%48 >= 46 {
			f.values[i] += 2
		}
		if content%2 == 1 && p%3 == 0 {
			f.marks[i] = series.Estimated
		}
	}
	return f
}

// journal adds facts in an order drawn at random, some twice, those of one
// delivery that come together sometimes in one call.
func (s *scene) journal(t *rapid.T, facts []fact) *Journal {
	rnd := rand.New(rand.NewSource(rapid.Int64().Draw(t, "order")))
	facts = slices.Clone(facts)
	for _, f := range facts {
		if rnd.Intn(4) == 0 {
			facts = append(facts, f)
		}
	}
	rnd.Shuffle(len(facts), func(i, j int) { facts[i], facts[j] = facts[j], facts[i] })
	if rnd.Intn(2) == 0 { // as files: a delivery in one go
		slices.SortStableFunc(facts, func(f, g fact) int { return strings.Compare(f.Source, g.Source) })
	}
	j := NewJournal(s.schema)
	for lo, hi := 0, 0; lo < len(facts); lo = hi {
		for hi = lo + 1; hi < len(facts) && facts[hi].Delivery == facts[lo].Delivery && fits(facts[lo:hi], facts[hi]) && rnd.Intn(3) != 0; hi++ {
		}
		got, err := j.Add(facts[lo].Delivery, readings(facts[lo:hi]...))
		if err != nil {
			t.Fatal(err)
		}
		if got.Kept+got.Repeated > hi-lo || got.Kept+got.Repeated == 0 {
			t.Fatalf("%+v of %d versions", got, hi-lo)
		}
	}
	return j
}

// fits reports whether one delivery may hold a fact beside others.
func fits(others []fact, f fact) bool {
	return !slices.ContainsFunc(others, func(g fact) bool { return g.Key == f.Key && g.run == f.run && !g.says(f) })
}

// window is the span of a scene or, to cut days, a part of it.
func (s *scene) window(t *rapid.T) settlement.Span {
	w := s.span
	if rapid.Bool().Draw(t, "cut") {
		w.Lo += settlement.Period(rapid.IntRange(-60, 60).Draw(t, "lo"))
		w.Hi = max(w.Lo, w.Hi+settlement.Period(rapid.IntRange(-60, 60).Draw(t, "hi")))
	}
	return w
}

var allRuns = []settlement.Run{settlement.Untagged, settlement.II, settlement.SF, settlement.R1, settlement.R2, settlement.R3, settlement.RF, settlement.DF}

func sameFrames(a, b *series.Frame) bool {
	for l := range series.Line(a.Schema().Len()) {
		x, y := a.Line(l), b.Line(l)
		if !slices.Equal(x.Values, y.Values) || !slices.Equal(x.Valid, y.Valid) || !slices.Equal(x.Marks, y.Marks) {
			return false
		}
	}
	return a.Span() == b.Span()
}

// dirtyFrame holds something else already.
func dirtyFrame(f *series.Frame) *series.Frame {
	for k := range f.Schema().Sources() {
		for i := range f.Len() {
			put(f, k, i, -7, series.Flags, settlement.DF)
		}
	}
	return f
}

// The Journal says what the reference says, whatever the order, the repeats and
// the batches it was told in.
func TestJournal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := anyScene(t)
		j, want := s.journal(t, s.facts), book(s.facts)
		if j.Len() != len(want) {
			t.Fatalf("%d versions, want %d", j.Len(), len(want))
		}
		at := rapid.SampledFrom(s.moments).Draw(t, "at").Add(time.Duration(rapid.IntRange(-1, 1).Draw(t, "nanosecond")))
		window := s.window(t)
		for _, mpan := range mpans {
			f := dirtyFrame(series.NewFrame(nil, s.schema, window))
			checkKnown(t, want, f, j.KnownAt(f, mpan, at, s.cut), mpan, at, s.closes)
			c := series.NewCube(nil, s.schema, allRuns[rapid.IntRange(0, 2).Draw(t, "first run"):], window)
			for _, r := range c.Runs() {
				dirtyFrame(c.Frame(r))
			}
			checkCube(t, j, want, c, j.Cube(c, mpan, at, s.cut), mpan, at, s.closes)
		}
		known := slices.DeleteFunc(slices.Clone(want), func(f fact) bool { return f.Received.After(at) })
		for at, book := range map[time.Time]factBook{at: known, lastInstant: want} {
			if got, want := j.Conflicts(at), book.conflicts(s.schema); !reflect.DeepEqual(got, want) {
				t.Fatalf("conflicts %v, want %v", got, want)
			}
			if got, want := j.Anomalies(at, s.cut), book.anomalies(s.schema, s.closes); !reflect.DeepEqual(got, want) {
				t.Fatalf("anomalies %v, want %v", got, want)
			}
		}
		for _, f := range want {
			var all []Version
			for _, g := range want {
				if g.Key == f.Key {
					all = append(all, g.version())
				}
			}
			if got := j.Versions(f.Key); !reflect.DeepEqual(got, all) {
				t.Fatalf("versions %v, want %v", got, all)
			}
		}
	})
}

// checkCell holds one cell against a fact.
func checkCell(t *rapid.T, f *series.Frame, l series.Line, p settlement.Period, want fact, run settlement.Run, held bool) {
	i := f.Span().Index(p)
	v, ok := f.Line(l).At(i)
	mark := f.Line(l).Marks[i]
	if !held {
		if ok || v != 0 || mark != 0 {
			t.Fatalf("%v of line %d is %d, %#x, want nothing", p, l, v, mark)
		}
		return
	}
	h := want.in.Index(p)
	if !ok || v != want.values[h] || mark != want.marks[h].From(run) {
		t.Fatalf("%v of line %d is %d, %v, %#x, want %d, %#x", p, l, v, ok, mark, want.values[h], want.marks[h].From(run))
	}
}

// later counts what was received of a part after an instant.
func (b factBook) later(k Key, part settlement.Span, at time.Time) int {
	return len(b.of(k, part, lastInstant)) - len(b.of(k, part, at))
}

// eachPart yields the parts of the days of a span, and what of each lies in it.
func eachPart(s settlement.Span, yield func(day settlement.Day, part, in settlement.Span)) {
	for p := s.Lo; p < s.Hi; {
		part := partOf(p)
		yield(p.Day(), part, part.Intersect(s))
		p = part.Hi
	}
}

func checkKnown(t *rapid.T, want factBook, f *series.Frame, got Tally, mpan settlement.MPAN, at time.Time, cut Cutoff) {
	var tally Tally
	for l := range series.Line(f.Schema().Len()) {
		eachPart(f.Span(), func(day settlement.Day, part, in settlement.Span) {
			k := Key{mpan, l, day}
			is, held := want.of(k, part, at).newest(cut)
			for p := in.Lo; p < in.Hi; p++ {
				checkCell(t, f, l, p, is, is.run, held)
			}
			tally.count(held, false)
			tally.Later += want.later(k, part, at)
		})
	}
	if got != tally {
		t.Fatalf("%+v, want %+v", got, tally)
	}
}

func (t *Tally) count(held, derived bool) {
	switch {
	case !held:
		t.Absent++
	case derived:
		t.Derived++
		t.Parts++
	default:
		t.Parts++
	}
}

func checkSpoken(t *rapid.T, j *Journal, want factBook, k Key, part settlement.Span, r settlement.Run, at time.Time, cut Cutoff) {
	got, ok := j.Spoken(k.MPAN, k.Line, part.Hi-1, r, Latest(), at, cut)
	if is, held := want.spoken(k, part, r, at, cut); got != is || ok != held {
		t.Fatalf("of %v of %v is said %+v, %v, want %+v, %v", r, part, got, ok, is, held)
	}
}

func checkCube(t *rapid.T, j *Journal, want factBook, c *series.Cube, got Tally, mpan settlement.MPAN, at time.Time, cut Cutoff) {
	var tally Tally
	for l := range series.Line(c.Schema().Len()) {
		eachPart(c.Span(), func(day settlement.Day, part, in settlement.Span) {
			k := Key{mpan, l, day}
			for _, r := range c.Runs() {
				is, derived, held := want.runAt(k, part, r, at, cut)
				checkSpoken(t, j, want, k, part, r, at, cut)
				for p := in.Lo; p < in.Hi; p++ {
					checkCell(t, c.Frame(r), l, p, is, r, held)
				}
				tally.count(held, derived)
			}
			tally.Later += want.later(k, part, at)
		})
	}
	if got != tally {
		t.Fatalf("%+v, want %+v", got, tally)
	}
}

// views are what is looked at when nothing may have changed.
func (s *scene) views(t *rapid.T) []Reconciler {
	r := settlement.Run(rapid.IntRange(int(settlement.II), int(settlement.DF)).Draw(t, "run of a view"))
	day := settlement.Period(rapid.SampledFrom(s.moments).Draw(t, "day of a view").Unix() / 1800).Day()
	return []Reconciler{Latest(), Newest(), UpTo(r), AsOf(day, settlement.GB()), AsOf(day, settlement.GB()).Cap(r)}
}

// sameViews fails where two journals differ in what was known at an instant: in
// cells, and in what Spoken says of them but for the names.
func (s *scene) sameViews(t *rapid.T, a, b *Journal, at time.Time, what string) {
	views := s.views(t)
	for _, mpan := range mpans {
		f, g := series.NewFrame(nil, s.schema, s.span), series.NewFrame(nil, s.schema, s.span)
		a.KnownAt(f, mpan, at, s.cut)
		b.KnownAt(g, mpan, at, s.cut)
		if !sameFrames(f, g) {
			t.Fatalf("%s changed what was known at %v", what, at)
		}
		for _, by := range views {
			c, _ := s.viewed(a, by, mpan, at)
			d, _ := s.viewed(b, by, mpan, at)
			for _, r := range allRuns {
				if !sameFrames(c.Frame(r), d.Frame(r)) {
					t.Fatalf("%s changed what %v said at %v in the view %s", what, r, at, by.View())
				}
				for _, part := range Parts(s.span) {
					x, ok := a.Spoken(mpan, 0, part.Lo, r, by, at, s.cut)
					y, ok2 := b.Spoken(mpan, 0, part.Lo, r, by, at, s.cut)
					if x.Source, y.Source = "", ""; x != y || ok != ok2 {
						t.Fatalf("%s changed what is said of %v of %v: %+v, then %+v", what, r, part, x, y)
					}
				}
			}
		}
	}
}

// What is received later changes nothing in what was known before, whenever it
// was made.
func TestJournalAsOf(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := anyScene(t)
		at := rapid.SampledFrom(s.moments).Draw(t, "at")
		past := slices.DeleteFunc(slices.Clone(s.facts), func(f fact) bool { return f.arrived().After(at) })
		s.sameViews(t, s.journal(t, past), s.journal(t, s.facts), at, "what came later")
	})
}

// What was made earlier never overwrites what was made later and states the same
// run or none, however late it is received.
func TestOlderNeverOverwrites(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := anyScene(t)
		run := rapid.SampledFrom([]settlement.Run{settlement.Untagged, settlement.R1}).Draw(t, "of run")
		for i := range s.facts {
			s.facts[i].run = run
			s.facts[i] = s.possible(s.facts[i])
		}
		if len(s.facts) == 0 {
			return
		}
		x, rest := s.facts[0], s.facts[1:]
		at := rapid.SampledFrom(s.moments).Draw(t, "at")
		then, now := s.journal(t, rest), s.journal(t, s.facts)
		for _, f := range x.cut() {
			was, ok := then.Spoken(f.MPAN, f.Line, f.in.Lo, run, Latest(), at, nil)
			if !ok || !was.Created.After(f.Created) {
				continue
			}
			is, ok := now.Spoken(f.MPAN, f.Line, f.in.Lo, run, Latest(), at, nil)
			if !ok || is.Version != was.Version {
				t.Fatalf("%v, made earlier, changed %v to %v", f.version(), was, is)
			}
		}
	})
}

// What deliveries are called decides nothing: neither other names nor the same
// content again, at once or later, change a view, nor what is at odds.
func TestNamesDecideNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := anyScene(t)
		names := rapid.Permutation([]string{"a", "b", "c"}).Draw(t, "names")
		var other []fact
		for _, f := range s.facts {
			f.Source = names[f.Source[0]-'a']
			other = append(other, f)
			if rapid.Bool().Draw(t, "again") {
				if f.Created.IsZero() {
					f.Created = f.Received
				}
				f.Received = f.Received.Add(time.Duration(rapid.IntRange(0, 1).Draw(t, "hours later")) * 1000 * time.Hour)
				f.Source = rapid.SampledFrom([]string{"0", "again", "zzz"}).Draw(t, "again as")
				other = append(other, f)
			}
		}
		a, b := s.journal(t, s.facts), s.journal(t, other)
		s.sameViews(t, a, b, rapid.SampledFrom(s.moments).Draw(t, "at"), "names")
		s.sameViews(t, a, b, lastInstant, "names")
		unnamed := func(all []Conflict) []Conflict {
			for i := range all {
				all[i].Sources = make([]string, len(all[i].Sources))
			}
			return all
		}
		if got, want := unnamed(b.Conflicts(lastInstant)), unnamed(a.Conflicts(lastInstant)); !reflect.DeepEqual(got, want) {
			t.Fatalf("conflicts %v, want %v", got, want)
		}
		if a.Len() != b.Len() {
			t.Fatalf("%d versions, want %d", b.Len(), a.Len())
		}
	})
}
