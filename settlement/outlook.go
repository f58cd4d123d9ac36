package settlement

// Outlook is what settlement has still to say of some days: which runs are to
// come after the ones that spoke, and when they are due. It holds dates and
// looks at no clock: a date that has passed is of a run that is overdue, or was
// not given.
type Outlook struct {
	Days    int       // settlement days looked at
	Final   int       // of them, days for which no run is to come
	Next    Day       // the earliest day on which the next run of a day is due; 0 if none is
	Last    Day       // the latest day on which any is
	Awaited []Awaited // in order of run
}

// Awaited is a run that is to come.
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
	next := true
	for _, r := range t.Runs(d) {
		due, ok := t.Due(d, r)
		if r <= spoke || !ok {
			continue
		}
		if next && (o.Next == 0 || due < o.Next) {
			o.Next = due
		}
		o.Last = max(o.Last, due)
		a := o.awaited(r)
		a.Days++
		if next {
			a.Next++
		}
		if a.First == 0 || due < a.First {
			a.First = due
		}
		a.Last = max(a.Last, due)
		next = false
	}
	if next {
		o.Final++
	}
}

// awaited is the entry of a run, made in its place where there is none.
func (o *Outlook) awaited(r Run) *Awaited {
	i := 0
	for i < len(o.Awaited) && o.Awaited[i].Run < r {
		i++
	}
	if i == len(o.Awaited) || o.Awaited[i].Run != r {
		o.Awaited = append(o.Awaited, Awaited{})
		copy(o.Awaited[i+1:], o.Awaited[i:])
		o.Awaited[i] = Awaited{Run: r}
	}
	return &o.Awaited[i]
}
