package halfhour

import (
	"fmt"
	"strconv"

	"github.com/halfhour/halfhour/revisions"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// placed are a job's determinations by the bill they stand on.
type placed struct {
	on      [][]series.Determination // for each span
	outside []series.Determination   // of days that no span holds any of
}

// place checks the job's determinations and gives each to the bill that holds all
// its days. One that lies in two bills, or partly in none, is refused: a part of
// it cannot be told, for it has no half-hours.
func (j *Job) place() (placed, error) {
	p := placed{on: make([][]series.Determination, len(j.Spans))}
	if err := series.CheckDeterminations(j.Determinations); err != nil {
		return p, err
	}
	var errs series.Errors
	for _, d := range j.Determinations {
		days := settlement.Days(d.From, d.To)
		together, touched, whole := days, 0, -1
		for i, s := range j.Spans {
			if s.Intersect(days).Empty() {
				continue
			}
			touched++
			together.Lo, together.Hi = min(together.Lo, s.Lo), max(together.Hi, s.Hi)
			if s.Covers(days) {
				whole = i
			}
		}
		switch {
		case touched == 0:
			p.outside = append(p.outside, d)
		case touched == 1 && whole >= 0:
			p.on[whole] = append(p.on[whole], d)
		default:
			if !errs.Add(&series.Error{Pos: d.Pos, Value: d.From.String() + " to " + d.To.String(), Err: series.ErrDetermination,
				Want: fmt.Sprintf("days that one bill holds whole, and no other any of: bill %s to %s together (determination %s)", together.From(), together.To(), strconv.Quote(d.ID))}) {
				return p, errs
			}
		}
	}
	if len(errs) > 0 {
		return p, errs
	}
	return p, nil
}

// knows reports whether a determination was made known by what a view is asked
// of.
func (j *Job) knows(by revisions.Reconciler, d *series.Determination) bool {
	return by.Knows(d.Known) && (j.KnownAt.IsZero() || !d.Known.After(j.KnownAt))
}

// known parts determinations into those that a view knows and those it does not.
func (j *Job) known(by revisions.Reconciler, list []series.Determination) (known, later []series.Determination) {
	for _, d := range list {
		if j.knows(by, &d) {
			known = append(known, d)
		} else {
			later = append(later, d)
		}
	}
	return known, later
}

// Determined is a determination and how it stands in a view.
type Determined struct {
	series.Determination
	State      DeterminedState
	ReversedBy string // ID of the one that reverses it, where the view knows of it
}

// DeterminedState is how a determination stands.
type DeterminedState uint8

const (
	Standing DeterminedState = iota // it is not reversed
	Twice                           // it is not reversed, and the run before which it was to be speaks for some of its days: the money may be counted twice
	Reversed                        // another reverses it: the two come to nothing
	Reversal                        // it reverses another
	Outside                         // the span holds none of its days
	Unknown                         // it was made known after what the view knows
)

// Unbilled are the determinations that stand on none of the bills, and why.
func (r *Result) Unbilled() (out []Determined) {
	for _, x := range []struct {
		list  []series.Determination
		state DeterminedState
	}{{r.Outside, Outside}, {r.Unknown, Unknown}} {
		for _, d := range x.list {
			out = append(out, Determined{Determination: d, State: x.state})
		}
	}
	return out
}

// String is the state in lower case.
func (s DeterminedState) String() string {
	return [...]string{"standing", "may be counted twice", "reversed", "reversal", "outside", "not known yet"}[s]
}

// determined says how each of a job's determinations stands in a view.
func (r *Reconciliation) determined(job *Job) []Determined {
	known, _ := job.known(job.View, job.Determinations)
	undone := series.Undone(known)
	var out []Determined
	for _, d := range job.Determinations {
		x := Determined{Determination: d, ReversedBy: undone[d.ID]}
		switch {
		case r.Span.Intersect(settlement.Days(d.From, d.To)).Empty():
			x.State = Outside
		case !job.knows(job.View, &d):
			x.State = Unknown
		case d.Reverses != "":
			x.State = Reversal
		case x.ReversedBy != "":
			x.State = Reversed
		case r.overtaken(&d):
			x.State = Twice
		}
		out = append(out, x)
	}
	return out
}

// overtaken asks of each meter by itself, as Bill.AddCash is asked.
func (r *Reconciliation) overtaken(d *series.Determination) bool {
	for i := range r.Data {
		if d.Overtaken(r.Data[i].Frame) {
			return true
		}
	}
	return false
}
