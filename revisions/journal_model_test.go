package revisions

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// The reference journal: a list of facts, searched from end to end for every
// half-hour. It shares no code with the Journal but its types.

// fact is one version of one day, as one delivery brought it. Its Day is a UTC
// day where the delivery counts in them. A book holds facts of parts of days.
type fact struct {
	Delivery
	Key
	in     settlement.Span // of a fact in a book: the part, which lies in Day
	run    settlement.Run
	values []int64
	marks  []series.Mark
}

// span is the half-hours of a fact that is not in a book.
func (f fact) span() settlement.Span {
	if f.UTCDays {
		midnight := time.Unix(int64(f.Day)*24*60*60, 0)
		lo, err := settlement.PeriodAt(midnight)
		hi, err2 := settlement.PeriodAt(midnight.Add(24 * time.Hour))
		if err != nil || err2 != nil {
			panic("no such day")
		}
		return settlement.Span{Lo: lo, Hi: hi}
	}
	return f.Day.Span()
}

func (f fact) says(g fact) bool {
	return slices.Equal(f.values, g.values) && slices.Equal(f.marks, g.marks)
}

func (f fact) made() time.Time {
	if f.Created.IsZero() {
		return f.Received
	}
	return f.Created
}

// arrived is when a fact is known: a clock ahead of ours moves it, so far as
// clocks differ.
func (f fact) arrived() time.Time {
	if f.made().After(f.Received) {
		return f.made()
	}
	return f.Received
}

func (f fact) samePart(g fact) bool { return f.Key == g.Key && f.in == g.in }

func (f fact) sameSlot(g fact) bool {
	return f.samePart(g) && f.run == g.run && f.made().Equal(g.made())
}

// readings are what a reader would yield for facts, one after the other.
func readings(facts ...fact) series.Readings {
	return func(yield func(series.Reading, error) bool) {
		line := 0
		for _, f := range facts {
			for i := range f.values {
				line++
				r := series.Reading{MPAN: f.MPAN, Line: f.Line, Run: f.run, Period: f.span().Lo + settlement.Period(i),
					Value: f.values[i], Mark: f.marks[i], Pos: series.Pos{Source: f.Source, Line: line}}
				if !yield(r, nil) {
					return
				}
			}
		}
	}
}

// partOf is the half-hours that share a half-hour's day of the clock and its UTC
// day, found one by one.
func partOf(p settlement.Period) settlement.Span {
	same := func(q settlement.Period) bool {
		return q.Day() == p.Day() && q.Time().Truncate(24*time.Hour).Equal(p.Time().Truncate(24*time.Hour))
	}
	s := settlement.Span{Lo: p, Hi: p + 1}
	for same(s.Lo - 1) {
		s.Lo--
	}
	for same(s.Hi) {
		s.Hi++
	}
	return s
}

// cut is a fact in parts.
func (f fact) cut() (out []fact) {
	whole := f.span()
	for p := whole.Lo; p < whole.Hi; {
		g := f
		g.in = partOf(p)
		g.Day, g.Created, g.Received = p.Day(), f.made(), f.arrived()
		g.values = f.values[p-whole.Lo : g.in.Hi-whole.Lo]
		g.marks = f.marks[p-whole.Lo : g.in.Hi-whole.Lo]
		out = append(out, g)
		p = g.in.Hi
	}
	return out
}

type factBook []fact

// book drops whole days that say again what another of the same half-hours, run and
// making says, leaving it the first receipt; sorts them, the one that speaks last;
// and only then cuts them in parts.
func book(facts []fact) factBook {
	var days []fact
next:
	for _, f := range facts {
		for i, g := range days {
			if f.MPAN == g.MPAN && f.Line == g.Line && f.span() == g.span() && f.run == g.run && f.made().Equal(g.made()) && f.says(g) {
				days[i] = slices.MinFunc([]fact{f, g}, func(f, g fact) int {
					return cmp.Or(f.arrived().Compare(g.arrived()), cmp.Compare(ones(f.UTCDays), ones(g.UTCDays)), strings.Compare(f.Source, g.Source))
				})
				continue next
			}
		}
		days = append(days, f)
	}
	slices.SortFunc(days, func(f, g fact) int {
		return cmp.Or(f.MPAN.Compare(g.MPAN), cmp.Compare(f.Line, g.Line), f.made().Compare(g.made()), cmp.Compare(f.run, g.run), f.arrived().Compare(g.arrived()),
			cmp.Compare(g.guesses(), f.guesses()), slices.Compare(f.values, g.values), slices.Compare(f.marks, g.marks), cmp.Compare(f.span().Lo, g.span().Lo))
	})
	var b factBook
	for _, f := range days {
		b = append(b, f.cut()...)
	}
	slices.SortStableFunc(b, func(f, g fact) int {
		return cmp.Or(f.MPAN.Compare(g.MPAN), cmp.Compare(f.Line, g.Line), cmp.Compare(f.in.Lo, g.in.Lo))
	})
	return b
}

func ones(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (f fact) guesses() (n int) {
	for _, m := range f.marks {
		n += ones(m.Has(series.Estimated))
	}
	return n
}

// of is what the book holds of a part and was received by an instant.
func (b factBook) of(k Key, part settlement.Span, by time.Time) (out factBook) {
	for _, f := range b {
		if f.Key == k && f.in == part && !f.Received.After(by) {
			out = append(out, f)
		}
	}
	return out
}

// last is the last fact that fits.
func (b factBook) last(fits func(fact) bool) (found fact, ok bool) {
	for _, f := range b {
		if fits(f) {
			found, ok = f, true
		}
	}
	return found, ok
}

// saw reports whether a fact that states its run knew another when it was made.
func (f fact) saw(u fact, cut Cutoff) bool {
	if closed, ok := cut(f.Day, f.run); ok && u.Received.After(closed) {
		return false
	}
	return !u.Received.After(f.Received)
}

// seen reports whether what speaks for a run before r had seen u. The book is of
// one part.
func (b factBook) seen(u fact, r settlement.Run, cut Cutoff) bool {
	for q := settlement.II; q < r; q++ {
		if f, ok := b.last(func(f fact) bool { return f.run == q }); ok && f.saw(u, cut) {
			return true
		}
	}
	return false
}

const afterAll = settlement.DF + 1

// newest is what is known of a book of one part.
func (b factBook) newest(cut Cutoff) (fact, bool) {
	u, ok := b.last(func(f fact) bool { return f.run == settlement.Untagged })
	if ok && !b.seen(u, afterAll, cut) {
		return u, true
	}
	for r := settlement.DF; r >= settlement.II; r-- {
		if f, ok := b.last(func(f fact) bool { return f.run == r }); ok {
			return f, true
		}
	}
	return fact{}, false
}

// runAt is what a run says of a part.
func (b factBook) runAt(k Key, part settlement.Span, r settlement.Run, at time.Time, cut Cutoff) (found fact, derived, ok bool) {
	b = b.of(k, part, at)
	if f, ok := b.last(func(f fact) bool { return f.run == r }); ok || r == settlement.Untagged {
		return f, false, ok
	}
	closed, ok := cut(k.Day, r)
	if !ok || closed.After(at) {
		return fact{}, false, false
	}
	u, ok := b.last(func(f fact) bool { return f.run == settlement.Untagged && !f.Received.After(closed) })
	if !ok || b.seen(u, r, cut) {
		return fact{}, false, false
	}
	return u, true, true
}

// spoken is what is said of the version that speaks for a run.
func (b factBook) spoken(k Key, part settlement.Span, r settlement.Run, at time.Time, cut Cutoff) (Spoken, bool) {
	f, derived, ok := b.runAt(k, part, r, at, cut)
	if !ok {
		return Spoken{}, false
	}
	known, by := b.of(k, part, at), at
	if derived {
		by, _ = cut(k.Day, r)
	}
	newest, _ := known.newest(cut)
	differ := map[int]bool{}
	var older []fact
	for _, g := range known {
		if g.run == settlement.Untagged && g.Received.After(by) {
			continue
		}
		for h := range f.values {
			if g.sameSlot(f) && (g.values[h] != f.values[h] || g.marks[h] != f.marks[h]) {
				differ[h] = true
			}
		}
		if len(factBook{g}.before(f, cut)) == 1 {
			older = append(older, g)
		}
	}
	return Spoken{Version: f.version(), Contested: len(differ), Estimates: len(guessed(f, older...)), Newer: !newest.says(f)}, true
}

func (b factBook) conflicts(s *series.Schema) (out []Conflict) {
	for i, f := range b {
		if i > 0 && f.sameSlot(b[i-1]) {
			continue
		}
		c := Conflict{Key: f.Key, Name: s.Def(f.Line).Name, Span: f.in, Run: f.run, Created: f.Created}
		differ := map[int]bool{}
		for _, g := range b {
			if !f.sameSlot(g) {
				continue
			}
			c.Sources = append(c.Sources, g.Source)
			for h := range f.values {
				if f.values[h] != g.values[h] || f.marks[h] != g.marks[h] {
					differ[h] = true
				}
			}
		}
		if c.HalfHours = len(differ); c.HalfHours > 0 {
			out = append(out, c)
		}
	}
	return out
}

// before are the facts of its part that a fact speaks before.
func (b factBook) before(now fact, cut Cutoff) (out factBook) {
	for _, f := range b {
		is := false
		switch {
		case !f.samePart(now):
		case f.run == now.run:
			is = f.made().Before(now.made())
		case f.run == settlement.Untagged:
			is = now.saw(f, cut)
		case now.run == settlement.Untagged:
			is = !f.saw(now, cut)
		default:
			is = f.run < now.run
		}
		if is {
			out = append(out, f)
		}
	}
	return out
}

func (b factBook) anomalies(s *series.Schema, cut Cutoff) (out []Anomaly) {
	for i, now := range b {
		if i+1 < len(b) && now.sameSlot(b[i+1]) { // lost a conflict
			continue
		}
		was, ok := b.before(now, cut).newest(cut)
		if !ok {
			continue
		}
		if n := len(guessed(now, was)); n > 0 {
			out = append(out, Anomaly{now.Key, s.Def(now.Line).Name, n, was.version(), now.version()})
		}
	}
	return out
}

// guessed are the half-hours that now estimates and was does not.
func guessed(now fact, was ...fact) map[int]bool {
	out := map[int]bool{}
	for h := range now.marks {
		for _, f := range was {
			if now.marks[h].Has(series.Estimated) && !f.marks[h].Has(series.Estimated) {
				out[h] = true
			}
		}
	}
	return out
}

func (f fact) version() Version {
	return Version{f.Delivery, f.run, f.in, f.guesses()}
}
