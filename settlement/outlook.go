package settlement

import (
	"cmp"
	"slices"
)

// Outlook is what settlement has still to say of some days: which runs are to
// come after the ones that spoke, and when they are due. It looks at no clock.
// With On, the day it is asked, it tells those that are to come from those whose
// day has come; without, all are awaited, and a date that has passed is of a run
// that is overdue, or was not given.
type Outlook struct {
	On      Day       // set it before Add; 0 where nobody says on which day it is asked
	Days    int       // settlement days looked at
	Final   int       // of them, days that have no run after the one that spoke
	Next    Day       // the earliest day on which the next run of a day is due; 0 if none is
	Last    Day       // the latest day on which any is
	Awaited []Awaited // in order of run

	// Passed are runs after the one that spoke that were due by the day asked: they
	// are overdue, the view does not admit them, or what is known of them is not what
	// speaks. Nobody awaits one next. In order of run; none without On.
	Passed []Awaited
}

// Awaited is a run that is to come, or whose day has come.
type Awaited struct {
	Run   Run
	Days  int // settlement days that await it
	Next  int // of them, days that await it next
	First Day // due for the earliest of them
	Last  Day // due for the latest
}

// Add counts a day for which run spoke last; Untagged where none has.
func (o *Outlook) Add(t Timetable, d Day, spoke Run) {
	o.Days++
	next, final := true, true
	for _, r := range t.Runs(d) {
		due, ok := t.Due(d, r)
		if r <= spoke || !ok {
			continue
		}
		final = false
		if o.On != 0 && due <= o.On {
			entry(&o.Passed, r).add(due)
			continue
		}
		if next && (o.Next == 0 || due < o.Next) {
			o.Next = due
		}
		o.Last = max(o.Last, due)
		a := entry(&o.Awaited, r)
		a.add(due)
		if next {
			a.Next++
		}
		next = false
	}
	if final {
		o.Final++
	}
}

// add counts a day for which the run is due on another.
func (a *Awaited) add(due Day) {
	a.Days++
	if a.First == 0 || due < a.First {
		a.First = due
	}
	a.Last = max(a.Last, due)
}

// entry is that of a run, made in its place where there is none.
func entry(of *[]Awaited, r Run) *Awaited {
	i, ok := slices.BinarySearchFunc(*of, r, func(a Awaited, r Run) int { return cmp.Compare(a.Run, r) })
	if !ok {
		*of = slices.Insert(*of, i, Awaited{Run: r})
	}
	return &(*of)[i]
}
