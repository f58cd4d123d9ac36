package settlement

import "slices"

// Timetable says which runs a settlement day is due and when. It is an
// immutable value, safe to share: Publish returns a copy.
//
// Which runs exist depends on the settlement day, not on today. While the
// market moves to market-wide half-hourly settlement a supplier holds days
// under three regimes at once, so a fixed list of six runs is always wrong
// somewhere.
//
// The authority on dates is Elexon's Settlement Calendar, which is re-issued
// when a bank holiday is proclaimed, as for 19 September 2022. Give its dates
// with Publish. Where none was given, Due falls back to a count of working days, and
// two published counts differ by one day: good enough to plan by, not to call a
// run overdue on the day.
//
// The zero Timetable has no regimes and no runs. Start from GB, or see OrGB.
type Timetable struct {
	regimes []regime
	// published holds the dates given to Publish by month of settlement day, in
	// order of month. Publish copies this slice and one month, never the rest,
	// so that loading a year's calendar stays cheap.
	published []publishedMonth
}

type publishedMonth struct {
	month Month
	on    *[31][numRuns]Day // by day of the month from 0, by run; 0 is none
}

// GB is the timetable of Great Britain: three regimes by settlement day, of
// which the second and third were plans when this was written (Regime.Planned).
//
//	days from    II     SF     R1     R2     R3     RF
//	1996-01-01   WD+5   WD+16  WD+39  WD+84  WD+154 WD+292   legacy 14-month
//	2027-04-01   WD+5   WD+16  WD+39  WD+84  -      WD+154   7-month, planned
//	2027-07-02   WD+4   WD+7   WD+30  -      -      WD+84    MHHS, planned
//
// Each row's source is in its Regime.
func GB() Timetable { return Timetable{regimes: gbRegimes[:]} }

// OrGB gives a Timetable that has regimes as it is, and one without them those of
// GB, with the dates that were published to it.
func (t Timetable) OrGB() Timetable {
	if t.regimes == nil {
		t.regimes = gbRegimes[:]
	}
	return t
}

// find gives the regime that governs d, nil outside the Timetable.
func (t Timetable) find(d Day) *regime {
	if !d.Valid() {
		return nil
	}
	for i := len(t.regimes) - 1; i >= 0; i-- {
		if d >= t.regimes[i].From {
			return &t.regimes[i]
		}
	}
	return nil
}

// Regime gives the regime that governs d, and the zero Regime if d is not Valid.
func (t Timetable) Regime(d Day) Regime {
	if g := t.find(d); g != nil {
		return g.Regime
	}
	return Regime{}
}

// Runs gives the runs that d is due, in order, and none if d is not Valid. DF
// is never among them, published or not: it happens only after a dispute, and a
// day without it is complete. A run the regime lacks is due if a date was
// published for it.
//
// The slice is shared: read it, do not write to it.
func (t Timetable) Runs(d Day) []Run {
	g := t.find(d)
	if g == nil {
		return nil
	}
	runs := g.due[:len(g.due):len(g.due)]
	for r := II; r <= RF; r++ {
		if g.offset[r] == 0 && t.publishedOn(d, r) != 0 {
			runs = append(runs, r)
		}
	}
	if len(runs) > len(g.due) {
		slices.Sort(runs)
	}
	return runs
}

// Applies says whether run r can exist for d. Runs of d's regime do, and those
// with a published date; so do the dispute runs DF, D and DR, which may never
// happen. Untagged is not a run of any timetable.
func (t Timetable) Applies(d Day, r Run) bool {
	g := t.find(d)
	switch {
	case g == nil || !r.Valid() || r == Untagged:
		return false
	case r >= DF:
		return true
	}
	return g.offset[r] != 0 || t.publishedOn(d, r) != 0
}

// Due gives the day run r of settlement day d is due: the published date if
// there is one, else the regime's count of working days (see Timetable for how
// far to trust it). It is not ok for a run that d is not due; DF, D and DR are
// due only by publication. It does not allocate.
func (t Timetable) Due(d Day, r Run) (due Day, ok bool) {
	g := t.find(d)
	if g == nil || !r.Valid() {
		return 0, false
	}
	if on := t.publishedOn(d, r); on != 0 {
		return on, true
	}
	if n := g.offset[r]; n != 0 {
		return AddWorkingDays(d, int(n)), true
	}
	return 0, false
}

const panicPublish = "settlement: Timetable.Publish: not a valid day and run"

// Publish gives a copy of t in which run r of settlement day d is due on the
// given day, as the Settlement Calendar states. It overrides the count of
// working days and an earlier Publish. A date for a run that d's regime does
// not have makes it one: a plan yields to a published calendar.
//
// It panics if d or on is not Valid or r is not a run of a timetable; whoever
// reads calendars from files has checked those, and that on is after d.
func (t Timetable) Publish(d Day, r Run, on Day) Timetable {
	if !d.Valid() || !on.Valid() || !r.Valid() || r == Untagged {
		panic(panicPublish)
	}
	m := d.Month()
	i, found := t.findMonth(m)
	month := new([31][numRuns]Day)
	months := make([]publishedMonth, 0, len(t.published)+1)
	months = append(months, t.published[:i]...)
	months = append(months, publishedMonth{m, month})
	if found {
		*month = *t.published[i].on
		i++
	}
	t.published = append(months, t.published[i:]...)
	month[d-m.First()][r] = on
	return t
}

// publishedOn gives the date given to Publish, or 0.
func (t Timetable) publishedOn(d Day, r Run) Day {
	if len(t.published) == 0 {
		return 0
	}
	m := d.Month()
	i, found := t.findMonth(m)
	if !found {
		return 0
	}
	return t.published[i].on[d-m.First()][r]
}

// findMonth gives the place of m in published, and whether it is there.
func (t Timetable) findMonth(m Month) (int, bool) {
	return slices.BinarySearchFunc(t.published, m, func(p publishedMonth, m Month) int {
		return int(p.month) - int(m)
	})
}
