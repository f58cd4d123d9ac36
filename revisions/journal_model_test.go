package revisions

import (
	"cmp"
	"slices"
	"time"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// The reference journal: a list of facts, searched from end to end for every
// half-hour. It shares no code with the Journal but its types.

// fact is one version of one day, as one delivery brought it.
type fact struct {
	Delivery
	Key
	run    settlement.Run
	values []int64
	marks  []series.Mark
}

func (f fact) says(g fact) bool {
	return slices.Equal(f.values, g.values) && slices.Equal(f.marks, g.marks)
}

func (f fact) sameSlot(g fact) bool {
	return f.Key == g.Key && f.run == g.run && f.Received.Equal(g.Received)
}

// readings are what a reader would yield for facts, one after the other.
func readings(facts ...fact) series.Readings {
	return func(yield func(series.Reading, error) bool) {
		line := 0
		for _, f := range facts {
			for i := range f.values {
				line++
				r := series.Reading{MPAN: f.MPAN, Line: f.Line, Run: f.run, Period: f.Day.First() + settlement.Period(i),
					Value: f.values[i], Mark: f.marks[i], Pos: series.Pos{Source: f.Source, Line: line}}
				if !yield(r, nil) {
					return
				}
			}
		}
	}
}

type factBook []fact

// book drops what says again what another says of its slot, and leaves it the
// first source by name; then sorts, oldest first.
func book(facts []fact) factBook {
	var b factBook
next:
	for _, f := range facts {
		for i, g := range b {
			if f.sameSlot(g) && f.says(g) {
				b[i].Source = min(f.Source, g.Source)
				continue next
			}
		}
		b = append(b, f)
	}
	slices.SortFunc(b, func(f, g fact) int {
		return cmp.Or(f.MPAN.Compare(g.MPAN), cmp.Compare(f.Line, g.Line), cmp.Compare(f.Day, g.Day), f.Received.Compare(g.Received),
			cmp.Compare(f.run, g.run), cmp.Compare(f.Source, g.Source), slices.Compare(f.values, g.values), slices.Compare(f.marks, g.marks))
	})
	return b
}

// last is the last fact of a key that fits.
func (b factBook) last(k Key, fits func(fact) bool) (found fact, ok bool) {
	for _, f := range b {
		if f.Key == k && fits(f) {
			found, ok = f, true
		}
	}
	return found, ok
}

func (b factBook) knownAt(k Key, at time.Time) (fact, bool) {
	return b.last(k, func(f fact) bool { return !f.Received.After(at) })
}

// runAt is what a run says of a key.
func (b factBook) runAt(k Key, r settlement.Run, at time.Time, cut Cutoff) (found fact, derived, ok bool) {
	if f, ok := b.last(k, func(f fact) bool { return f.run == r && !f.Received.After(at) }); ok || r == settlement.Untagged {
		return f, false, ok
	}
	closed, ok := cut(k.Day, r)
	if !ok || closed.After(at) {
		return fact{}, false, false
	}
	found, ok = b.last(k, func(f fact) bool { return f.run == settlement.Untagged && !f.Received.After(closed) })
	return found, ok, ok
}

func (b factBook) conflicts(s *series.Schema) (out []Conflict) {
	for i, f := range b {
		if i > 0 && f.sameSlot(b[i-1]) {
			continue
		}
		c := Conflict{Key: f.Key, Name: s.Def(f.Line).Name, Run: f.run, Received: f.Received}
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
		if c.HalfHours = len(differ); len(c.Sources) > 1 {
			out = append(out, c)
		}
	}
	return out
}

func (b factBook) anomalies(s *series.Schema) (out []Anomaly) {
	var spoke factBook // without those that lost a conflict
	for i, f := range b {
		if i+1 == len(b) || !f.sameSlot(b[i+1]) {
			spoke = append(spoke, f)
		}
	}
	for i, now := range spoke {
		was, ok := spoke[:i].last(now.Key, func(f fact) bool { return now.run == settlement.Untagged || f.run <= now.run })
		if !ok {
			continue
		}
		n := 0
		for h := range now.marks {
			if now.marks[h].Has(series.Estimated) && !was.marks[h].Has(series.Estimated) {
				n++
			}
		}
		if n > 0 {
			out = append(out, Anomaly{now.Key, s.Def(now.Line).Name, n, was.version(), now.version()})
		}
	}
	return out
}

func (f fact) version() Version {
	return Version{f.Delivery, f.run, series.Count(f.marks, series.Estimated)}
}
