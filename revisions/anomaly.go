package revisions

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// Conflict is a part of a day (Parts) of which one run came with different
// content made at one instant. All of it is kept. What was received last speaks;
// of what was received at once, the content with fewer estimates, and then the
// greater.
type Conflict struct {
	Key
	Name      string          // of the line
	Span      settlement.Span // the part of the day
	Run       settlement.Run
	Created   time.Time
	Sources   []string // one for each version, in the order of their receipt; the last speaks
	HalfHours int      // of which not all say the same, flags included
}

// String is one line for people.
func (c Conflict) String() string {
	return fmt.Sprintf("%s: %s %s%s %s: %d half-hours differ between versions of %s from %s; the last named speaks: received last, or else with fewer estimates, or else of greater values",
		c.MPAN, c.Name, c.Day, within(c.Day, c.Span), c.Run, c.HalfHours, c.Created.Format(time.RFC3339Nano), strings.Join(c.Sources, ", "))
}

// Anomaly is a version that puts estimates where the version it replaces had
// actual readings, in a part of a day (Parts). It still speaks: a correction may
// be an estimate, and only people know.
//
// What a version replaces is what would be known (Journal.KnownAt) of those it
// speaks before: those of its run that were made earlier, earlier runs, and what
// states no run and it had seen; and if it states no run, the runs that had not
// seen it. So an old run loaded late replaces no later run, and an actual reading
// that was made earlier and came later counts as replaced.
type Anomaly struct {
	Key
	Name      string  // of the line
	HalfHours int     // that were actual and are estimates
	Was, Now  Version // what was replaced, and by what
}

// String is one line for people.
func (a Anomaly) String() string {
	return fmt.Sprintf("%s: %s %s%s: %d half-hours: an estimate replaced an actual: %s, then %s",
		a.MPAN, a.Name, a.Day, within(a.Day, a.Now.Span), a.HalfHours, a.Was, a.Now)
}

// within names the part of a day that is not the day.
func within(day settlement.Day, part settlement.Span) string {
	if part == day.Span() {
		return ""
	}
	return fmt.Sprintf(" half-hours %d to %d", part.Lo.Number(), (part.Hi - 1).Number())
}

// knownOf are those of some versions that were received by an instant.
func knownOf(held []*version, known int64) []*version {
	late := func(v *version) bool { return v.received > known }
	if !slices.ContainsFunc(held, late) {
		return held
	}
	return slices.DeleteFunc(slices.Clone(held), late)
}

// Conflicts lists the conflicts known at an instant, in order of meter, line, day,
// part and creation. What was received later is in none.
func (j *Journal) Conflicts(at time.Time) []Conflict {
	var out []Conflict
	known := instant(at)
	for _, k := range j.keys() {
		for i, span := range partsOf(k.Day) {
			held := knownOf(j.days[k][i], known)
			for lo, hi := 0, 0; lo < len(held); lo = hi {
				for hi = lo + 1; hi < len(held) && held[hi].compareIdentity(held[lo]) == 0; hi++ {
				}
				n := differ(held[lo:hi])
				if n == 0 { // their days differ in another part
					continue
				}
				first := held[lo].version(span)
				c := Conflict{Key: k, Name: j.schema.Def(k.Line).Name, Span: span, Run: first.Run, Created: first.Created, HalfHours: n}
				for _, v := range held[lo:hi] {
					c.Sources = append(c.Sources, v.source)
				}
				out = append(out, c)
			}
		}
	}
	return out
}

// differ counts the half-hours of which not all versions say the same.
func differ(versions []*version) (n int) {
	first := versions[0]
	for i := range first.values {
		for _, v := range versions[1:] {
			if v.values[i] != first.values[i] || v.mark(i) != first.mark(i) {
				n++
				break
			}
		}
	}
	return n
}

// Anomalies lists where an estimate replaced an actual, as known at an instant, in
// order of meter, line, day, part and creation of the replacement. What was
// received later is in none. The cut-offs tell what a run had seen; nil is none.
func (j *Journal) Anomalies(at time.Time, cut Cutoff) []Anomaly {
	var out []Anomaly
	known := instant(at)
	for _, k := range j.keys() {
		cuts := j.cutoffs(cut, k.Day)
		for i, span := range partsOf(k.Day) {
			held := knownOf(j.days[k][i], known)
			for at, now := range held {
				if !speaks(held, at) || now.estimated() == 0 {
					continue
				}
				was := replaced(held, now, &cuts)
				if was == nil {
					continue
				}
				n := 0
				for i := range now.values {
					if now.mark(i).Has(series.Estimated) && !was.mark(i).Has(series.Estimated) {
						n++
					}
				}
				if n > 0 {
					out = append(out, Anomaly{k, j.schema.Def(k.Line).Name, n, was.version(span), now.version(span)})
				}
			}
		}
	}
	return out
}

// speaks reports whether a version is the last of its creation and run. The
// others are told as a conflict.
func speaks(held []*version, at int) bool {
	return at+1 == len(held) || held[at].compareIdentity(held[at+1]) != 0
}

// replaced is the version that one replaced, or nil.
func replaced(held []*version, now *version, cuts *cutoffs) *version {
	var before []*version
	for _, v := range held {
		if now.replaces(v, cuts) {
			before = append(before, v)
		}
	}
	h := hear(before, never, cuts)
	return h.newest()
}
