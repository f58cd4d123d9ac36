package revisions

import (
	"fmt"
	"strings"

	"github.com/halfhour/halfhour/settlement"
)

// State is how what speaks for a day stands to the run that was wanted.
type State uint8

const (
	Supplied      State = iota // the run wanted speaks
	Later                      // a run later than the one wanted speaks
	NotDue                     // the run wanted is not due yet, and no run is overdue
	Overdue                    // a run up to the one wanted was due, and it does not speak
	NotApplicable              // that day has no such run, and the last it has before it speaks
	Unscheduled                // the timetable says nothing of the day up to the run wanted
	Unexpected                 // a run speaks that the day's timetable does not have
	numStates
)

var stateNames = [numStates]string{"supplied", "later", "not due", "overdue", "not applicable", "unscheduled", "unexpected"}

// String is the state in lower case.
func (s State) String() string {
	if s >= numStates {
		return fmt.Sprintf("State(%d)", uint8(s))
	}
	return stateNames[s]
}

// Expectation holds a report against the timetable: which days the run wanted
// supplied, and why not the others.
type Expectation struct {
	Want    settlement.Run
	On      settlement.Day // the day it is asked
	Sources []Expected
}

// Expected is the expectation of one source. Counts are half-hours.
type Expected struct {
	Name      string
	Outlooks  []Outlook // in order, covering the span
	ByState   [numStates]int
	FellBack  [settlement.NumRanked]int // by the run that speaks while a later one is awaited
	Missing   int                       // nothing is held
	Estimated int                       // the source flags the value as an estimate
}

// Outlook is a stretch of days that stand alike. Two axes: Kind and Run say what
// speaks, State and Awaited say how that stands to the timetable.
type Outlook struct {
	From, To  settlement.Day // To is the first day after it
	HalfHours int            // fewer than the days have where the span cuts one
	Kind      Kind
	Run       settlement.Run // that speaks, where Kind is Whole
	State     State

	// Awaited is the run that is NotDue or Overdue, or that is to replace an
	// Unexpected one. It is due on Due for the first day, and on LastDue for the
	// last; Late says that this was before the day asked.
	Awaited      settlement.Run
	Due, LastDue settlement.Day
	Late         bool

	Want   settlement.Run
	Regime string // of the timetable that has no such run, where State is NotApplicable or Unexpected
}

const (
	panicWant = "revisions: Expect: a dispute run without a rank cannot be expected"
	panicOn   = "revisions: Expect needs a day"
)

// Expect tells, of every source and day of a report, whether the run wanted
// supplied it, and if not, why: an earlier run speaks because the run wanted is
// not due yet on the day the question is asked, or is overdue, or does not exist
// under that day's timetable; or nothing is held, which is not due yet or
// overdue as well.
//
// A run that the day's timetable does not have, such as R2 of a day after July
// 2027, is Unexpected where it speaks, whichever run is wanted: what it holds
// cannot be what it says it is. DF is expected of no day and may come to any.
//
// What is expected of a day is the latest run up to the one wanted that its
// timetable has. R2 of a day after July 2027 is R1. DF is expected only where
// its date was published: a day without a dispute is complete at RF, and its
// absence is never missing. A run due on the very day asked is not overdue yet;
// where a date is counted and not published it can be out by a day (see
// settlement.Timetable).
//
// The report should be of a view that admits the run wanted, such as Latest or
// UpTo(want): a run that was not let speak looks as if it had not come. Expect
// panics on D and DR, and on Day 0.
func Expect(report *Report, want settlement.Run, t settlement.Timetable, on settlement.Day) *Expectation {
	switch {
	case !want.Ranked():
		panic(panicWant)
	case on == 0:
		panic(panicOn)
	}
	e := &Expectation{Want: want, On: on, Sources: make([]Expected, len(report.Sources))}
	for i := range report.Sources {
		src, x := &report.Sources[i], &e.Sources[i]
		x.Name, x.Missing, x.Estimated = src.Name, src.Missing, src.Estimated
		at := 0
		for day, part := range report.Span.EachDay() {
			for at < len(src.Stretches) && src.Stretches[at].Hi <= report.Span.Index(part.Lo) {
				at++
			}
			if at == len(src.Stretches) {
				break
			}
			x.add(look(day, part.Len(), src.Stretches[at], want, t, on))
		}
	}
	return e
}

// Source finds the expectation of a source by name, or nil.
func (e *Expectation) Source(name string) *Expected {
	for i := range e.Sources {
		if e.Sources[i].Name == name {
			return &e.Sources[i]
		}
	}
	return nil
}

// look is the outlook of one day.
func look(day settlement.Day, halfHours int, st Stretch, want settlement.Run, t settlement.Timetable, on settlement.Day) Outlook {
	o := Outlook{From: day, To: day + 1, HalfHours: halfHours, Kind: st.Kind, Want: want}
	spoke := settlement.Untagged // what is merged or missing is no run
	if st.Kind == Whole {
		o.Run, spoke = st.Run, st.Run
	}
	last := o.await(spoke, t, on)
	switch regime := t.Regime(day).Name; {
	case spoke != settlement.Untagged && regime != "" && !t.Applies(day, spoke):
		o.State, o.Regime = Unexpected, regime
	case st.Kind == Whole && spoke == want:
		o.State = Supplied
	case spoke > want:
		o.State = Later
	case o.Late:
		o.State = Overdue
	case o.Awaited != settlement.Untagged:
		o.State = NotDue
	case last == settlement.Untagged:
		o.State = Unscheduled
	default:
		o.State, o.Regime = NotApplicable, regime
	}
	return o
}

// await finds the run awaited after the one that spoke: the last that is overdue,
// or else the last. It gives the last run expected, up to the one wanted.
func (o *Outlook) await(spoke settlement.Run, t settlement.Timetable, on settlement.Day) (last settlement.Run) {
	for r := settlement.II; r <= o.Want; r++ {
		due, ok := t.Due(o.From, r)
		if !ok {
			continue
		}
		last = r
		if r > spoke && (due < on || !o.Late) {
			o.Awaited, o.Due, o.LastDue, o.Late = r, due, due, due < on
		}
	}
	return last
}

// add appends a day, joining it to those before when they are alike.
func (x *Expected) add(o Outlook) {
	x.ByState[o.State] += o.HalfHours
	if o.Kind == Whole && o.Awaited != settlement.Untagged {
		x.FellBack[o.Run] += o.HalfHours
	}
	if n := len(x.Outlooks); n > 0 {
		last := &x.Outlooks[n-1]
		if last.To == o.From && last.Kind == o.Kind && last.Run == o.Run && last.State == o.State &&
			last.Awaited == o.Awaited && last.Late == o.Late && last.Regime == o.Regime &&
			last.LastDue <= o.Due { // where a timetable shortens, the range of due days would run backwards
			last.To, last.HalfHours, last.LastDue = o.To, last.HalfHours+o.HalfHours, o.LastDue
			return
		}
	}
	x.Outlooks = append(x.Outlooks, o)
}

// String is a line for each stretch of each source:
//
//	R2 as of 2027-09-01
//	AI: 2027-06-30 to 2027-07-01: SF speaks: R1 is overdue: due 2027-08-24 to 2027-08-25
//	AI: 2027-07-02 to 2027-07-05: R1 speaks: the MHHS timetable has no R2
func (e *Expectation) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s as of %s\n", e.Want, e.On)
	for i := range e.Sources {
		x := &e.Sources[i]
		for _, o := range x.Outlooks {
			fmt.Fprintf(&b, "%s: %s\n", x.Name, o)
		}
		if x.Estimated > 0 {
			fmt.Fprintf(&b, "%s: estimated half-hours: %d\n", x.Name, x.Estimated)
		}
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// String is the outlook in one line, both days included.
func (o Outlook) String() string {
	days := o.From.String()
	if o.To-1 > o.From {
		days += " to " + (o.To - 1).String()
	}
	speaks := o.Run.String() + " speaks"
	switch o.Kind {
	case Merged:
		speaks = "no run is whole"
	case Missing:
		speaks = "nothing is held"
	}
	return days + ": " + speaks + o.why()
}

func (o Outlook) why() string {
	switch {
	case o.State == Later:
		return ", later than " + o.Want.String()
	case o.State == Unexpected:
		return ", which the " + o.Regime + " timetable does not have" + o.awaits()
	case o.State == NotApplicable && o.Want == settlement.DF:
		return ": DF comes only after a dispute"
	case o.State == NotApplicable:
		return ": the " + o.Regime + " timetable has no " + o.Want.String()
	case o.State == Unscheduled:
		return ": the timetable expects no run up to " + o.Want.String()
	}
	return o.awaits()
}

// awaits says which run is to come, and when it was or is due.
func (o Outlook) awaits() string {
	if o.Awaited == settlement.Untagged {
		return ""
	}
	due := "due " + o.Due.String()
	if o.LastDue != o.Due {
		due += " to " + o.LastDue.String()
	}
	if o.Late {
		return ": " + o.Awaited.String() + " is overdue: " + due
	}
	return ": " + o.Awaited.String() + " is not due yet: " + due
}
