package hhcsv

import (
	"fmt"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// takeDay reads the row of a wide file: the whole day or nothing.
func (r *reader) takeDay(rd *series.Reading) bool {
	p := r.plan
	if !r.day(p.date, r.row.fields[p.date]) {
		return !r.stopped
	}
	var at [50]settlement.Period // of each cell
	var wanted [50]bool          // the day has that half-hour
	length := perDay
	switch {
	case r.layout.Zone == UTC:
		for k := range p.cells {
			at[k], _ = utcPeriod(r.date, k)
			wanted[k] = k < perDay
		}
	case p.clock && r.length > perDay:
		return r.fail(p.date, r.row.fields[p.date], fmt.Sprintf(
			"a day of 48 half-hours under 48 clock times; this one has %d, the clocks go back: use columns 1 to %d, or utc", r.length, r.length), series.ErrCount)
	case r.length > len(p.cells):
		return r.fail(p.date, r.row.fields[p.date], fmt.Sprintf(
			"columns 1 to %d for the %s, the clocks go back; the file has %d", r.length, lengthOf(r.date, r.length), len(p.cells)), series.ErrCount)
	case p.clock && r.length < perDay:
		length = r.length
		for k := range p.cells {
			n := 0
			at[k], n = starts(r.date, k)
			wanted[k] = n == 1
		}
	default:
		length = r.length
		for k := range p.cells {
			at[k] = r.first + settlement.Period(k)
			wanted[k] = k < r.length
		}
	}
	if ok, goOn := r.countCells(&wanted, length); !ok {
		return goOn
	}
	var values [50]int64
	var finer [50]bool
	before := r.errs
	for k, f := range p.cells {
		if !wanted[k] {
			continue
		}
		var want string
		values[k], finer[k], want = parseValue(r.row.fields[f], r.layout.Unit, r.layout.Round)
		if want != "" && !r.fail(f, r.row.fields[f], want, series.ErrValue) {
			return false
		}
	}
	if r.errs != before {
		return true
	}
	for k, f := range p.cells {
		if !wanted[k] {
			continue
		}
		cell := *rd
		cell.Period, cell.Value, cell.Pos.Column = at[k], values[k], r.row.at[f]+1
		if finer[k] {
			cell.Mark |= series.Rounded
		}
		if !r.give(cell) {
			return false
		}
	}
	return true
}

// countCells checks that just the half-hours of the day have a value.
func (r *reader) countCells(wanted *[50]bool, length int) (ok, goOn bool) {
	found, wrong := 0, none
	for k, f := range r.plan.cells {
		full := r.row.fields[f] != ""
		if full {
			found++
		}
		if full != wanted[k] && wrong == none {
			wrong = k
		}
	}
	if wrong == none {
		return true, true
	}
	f := r.plan.cells[wrong]
	fix := "is empty: a day of a wide file is whole; fill it, or deliver the day in long form with the half-hour left out"
	if !wanted[wrong] {
		fix = "is not of this day and must be empty: remove the padding; is the zone right?"
	}
	return false, r.fail(f, r.row.fields[f], fmt.Sprintf("%s, found %d; the column %q %s",
		lengthOf(r.date, length), found, r.plan.headings[f], fix), series.ErrCount)
}
