package hhcsv

import (
	"slices"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// takeReading reads the row of a long file.
func (r *reader) takeReading(rd *series.Reading) bool {
	var ok bool
	if rd.Period, ok = r.when(rd); !ok || r.stopped {
		return !r.stopped
	}
	f := r.plan.value
	v, finer, want := parseValue(r.row.fields[f], r.layout.Unit, r.layout.Round)
	if want != "" {
		return r.fail(f, r.row.fields[f], want, series.ErrValue)
	}
	if finer {
		rd.Mark |= series.Rounded
	}
	rd.Value = v
	rd.Pos.Column = r.row.at[f] + 1
	return r.give(*rd)
}

// when reads the columns that say which half-hour it is, or fails.
func (r *reader) when(rd *series.Reading) (settlement.Period, bool) {
	p := r.plan
	if p.period != none {
		if !r.day(p.date, r.row.fields[p.date]) {
			return 0, false
		}
		return r.numbered()
	}
	field := p.time
	var date, text string
	if p.stamp != none {
		field = p.stamp
		s := r.row.fields[field]
		if len(s) < len("2024-04-01 00:30") || s[10] != ' ' && s[10] != 'T' {
			form := "2024-04-01 00:30 or 2024-04-01T00:30"
			if r.layout.Dates == DMY {
				form = "01/04/2024 00:30 or 01/04/2024T00:30"
			}
			r.fail(field, s, "a timestamp as "+form, series.ErrValue)
			return 0, false
		}
		date, text = s[:10], s[11:]
		if !r.day(field, date) {
			return 0, false
		}
	} else {
		date, text = r.row.fields[p.date], r.row.fields[field]
		if !r.day(p.date, date) {
			return 0, false
		}
	}
	c, want := parseClock(text)
	if want != "" {
		r.fail(field, r.row.fields[field], want, series.ErrValue)
		return 0, false
	}
	return r.timed(rd, field, c)
}

// numbered is the half-hour of a period number in the day at hand.
func (r *reader) numbered() (settlement.Period, bool) {
	f := r.plan.period
	n, ok := number(r.row.fields[f])
	if r.layout.Zone == UTC {
		if p, known := utcPeriod(r.date, n-1); ok && n <= perDay && known {
			return p, true
		}
		r.fail(f, r.row.fields[f], "a period number from 1 to 48, those of a UTC day", series.ErrValue)
		return 0, false
	}
	if !ok || n > r.length {
		r.fail(f, r.row.fields[f], "a period number from 1 to "+lengthOf(r.date, r.length)+"; drop the padding of a day the clocks change", series.ErrValue)
		return 0, false
	}
	return r.first + settlement.Period(n-1), true
}

// timed is the half-hour of a clock time in the day at hand.
func (r *reader) timed(rd *series.Reading, field int, c clock) (settlement.Period, bool) {
	bad := func(want string) (settlement.Period, bool) {
		r.fail(field, r.row.fields[field], want, series.ErrValue)
		return 0, false
	}
	d, half := r.date, c.half
	switch {
	case r.layout.Label == End && half == 0:
		d, half = d-1, perDay-1
	case r.layout.Label == End:
		half--
	case half == perDay:
		return bad("the start of a half-hour, 00:00 to 23:30; 24:00 is an end: is the label end?")
	}
	const outside = "a half-hour of the local days 1996-01-01 to 2099-12-31"
	if c.known || r.layout.Zone == UTC {
		if c.second {
			return bad("no suffix a: it is for clock time (london)")
		}
		p, ok := utcPeriod(d, half-2*c.offset)
		if !ok {
			return bad(outside)
		}
		return p, true
	}
	if !d.Valid() {
		return bad(outside)
	}
	if d == r.date && r.length == perDay && len(r.repeats) == 0 {
		if c.second {
			return bad("no suffix a: it is for the repeated hour of the day the clocks go back")
		}
		return r.first + settlement.Period(half), true
	}
	return r.changing(rd, d, half, c.second, bad)
}

// changing is timed for London on and after a day the clocks change.
func (r *reader) changing(rd *series.Reading, d settlement.Day, half int, second bool, bad func(want string) (settlement.Period, bool)) (settlement.Period, bool) {
	k := key{rd.MPAN, rd.Line, rd.Run}
	e := r.repeats[k]
	if e != nil && e.day != d {
		delete(r.repeats, k)
		if !r.settle(k, e) {
			return 0, false
		}
		e = nil
	}
	p, n := starts(d, half)
	switch {
	case n == 0:
		return bad("a half-hour the clock shows: on " + d.String() + " the clocks go forward over this one; is the file in utc, or the label another?")
	case second && n != 2:
		return bad("no suffix a: it is for the repeated hour of the day the clocks go back")
	case d.Len() <= perDay:
		return p, true
	}
	if e == nil {
		if len(r.repeats) >= maxOpen {
			r.fail(none, "", "at most 1048576 series in one clock-change day of one file: split it", series.ErrFormat)
			r.stopped = true
			return 0, false
		}
		if r.repeats == nil {
			r.repeats = map[key]*longDay{}
		}
		e = &longDay{day: d}
		r.repeats[k] = e
	}
	if n == 2 {
		var want string
		if p, want = e.pick(p, half, second); want != "" {
			return bad(want)
		}
		e.take(p, r.lines.num, second)
	}
	e.latest = max(e.latest, half)
	return p, true
}

// settle checks a series when its long day is over.
func (r *reader) settle(k key, e *longDay) bool {
	at, half, found := e.alone()
	if !found {
		return true
	}
	if r.layout.Label == End {
		half++
	}
	return r.failWith(&series.Error{
		Pos:   series.Pos{Source: r.name, Line: at},
		Value: clockOf(half),
		Want:  aloneWant(e.day, k),
		Err:   series.ErrCount,
	})
}

// settleAll checks the series whose long day was still on when the file ended,
// in order of their rows.
func (r *reader) settleAll() {
	var keys []key
	for k, e := range r.repeats {
		if _, _, found := e.alone(); found {
			keys = append(keys, k)
		}
	}
	slices.SortFunc(keys, func(a, b key) int {
		x, _, _ := r.repeats[a].alone()
		y, _, _ := r.repeats[b].alone()
		return x - y
	})
	for _, k := range keys {
		if !r.settle(k, r.repeats[k]) {
			return
		}
	}
}
