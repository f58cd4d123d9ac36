package revisions

import (
	"fmt"
	"strings"
	"time"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// Conflict is a day of which one run came with different content at one
// instant. All of it is kept; the last source by name speaks, and of two
// contents under one name the greater.
type Conflict struct {
	Key
	Name      string // of the line
	Run       settlement.Run
	Received  time.Time
	Sources   []string // in order, one for each content; the last speaks
	HalfHours int      // of which not all say the same, flags included
}

// String is one line for people.
func (c Conflict) String() string {
	return fmt.Sprintf("%s: %s %s %s: %d half-hours differ between versions received at %s from %s; the last speaks",
		c.MPAN, c.Name, c.Day, c.Run, c.HalfHours, c.Received.Format(time.RFC3339Nano), strings.Join(c.Sources, ", "))
}

// Anomaly is a version that puts estimates where the version it replaces had
// actual readings. The newer version still speaks: a correction may be an
// estimate, and only people know.
//
// A version replaces the newest one before it that states its run, an earlier
// one or none; a version that states no run replaces the newest whatever it
// states. So an old run loaded late replaces no later run.
type Anomaly struct {
	Key
	Name      string  // of the line
	HalfHours int     // that were actual and are estimates
	Was, Now  Version // what was replaced, and by what
}

// String is one line for people.
func (a Anomaly) String() string {
	return fmt.Sprintf("%s: %s %s: %d half-hours: an estimate replaced an actual: %s, then %s",
		a.MPAN, a.Name, a.Day, a.HalfHours, a.Was, a.Now)
}

// Conflicts lists the conflicts held, in order of meter, line, day and instant.
func (j *Journal) Conflicts() []Conflict {
	var out []Conflict
	for _, k := range j.keys() {
		held := j.days[k]
		for lo, hi := 0, 0; lo < len(held); lo = hi {
			for hi = lo + 1; hi < len(held) && held[hi].compareIdentity(held[lo]) == 0; hi++ {
			}
			if hi-lo > 1 {
				out = append(out, conflict(k, j.schema.Def(k.Line).Name, held[lo:hi]))
			}
		}
	}
	return out
}

func conflict(k Key, name string, versions []*version) Conflict {
	first := versions[0]
	c := Conflict{Key: k, Name: name, Run: first.run, Received: first.version().Received}
	for _, v := range versions {
		c.Sources = append(c.Sources, v.source)
	}
	for i := range first.values {
		for _, v := range versions[1:] {
			if v.values[i] != first.values[i] || v.mark(i) != first.mark(i) {
				c.HalfHours++
				break
			}
		}
	}
	return c
}

// Anomalies lists where an estimate replaced an actual, in order of meter, line,
// day and the instant of the replacement.
func (j *Journal) Anomalies(cut Cutoff) []Anomaly {
	var out []Anomaly
	for _, k := range j.keys() {
		held := j.days[k]
		for at, now := range held {
			if !speaks(held, at) || series.Count(now.marks, series.Estimated) == 0 {
				continue
			}
			before := replaced(held, at)
			if before < 0 {
				continue
			}
			was := held[before]
			n := 0
			for i := range now.values {
				if now.mark(i).Has(series.Estimated) && !was.mark(i).Has(series.Estimated) {
					n++
				}
			}
			if n > 0 {
				out = append(out, Anomaly{k, j.schema.Def(k.Line).Name, n, was.version(), now.version()})
			}
		}
	}
	return out
}

// speaks reports whether a version is the last of its instant and run. The
// others of a conflict are kept and never spoke.
func speaks(held []*version, at int) bool {
	return at+1 == len(held) || held[at].compareIdentity(held[at+1]) != 0
}

// replaced is the index of the version that held[at] replaced, or -1.
func replaced(held []*version, at int) int {
	now := held[at]
	for i := at - 1; i >= 0; i-- {
		if speaks(held, i) && (now.run == settlement.Untagged || held[i].run <= now.run) {
			return i
		}
	}
	return -1
}
