package hhcsv

import (
	"errors"
	"fmt"
	"strings"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// Limits of a table. A row may say many half-hours, so the length of a file
// does not bound what it yields.
const (
	maxRowDays = 400               // days of one row: a year, and what is left of its month
	maxGiven   = series.MaxPeriods // readings of one line and run: what a frame can hold
)

// ReadTable reads a table of the lines of one schema, series.Market or
// series.Contract: one half-hour a row, one line a column. name is what errors
// and positions call the source.
//
// A row is of a settlement date and a period of that day, or of a stretch of
// either, and of a run if there is a run column. An empty cell is no reading.
// Readings have no MPAN; those of a cell come in order of time and have its
// position. No value is ever rounded.
//
// It passes over the source as Read does, with the same limit of errors. It
// also stops, with series.ErrLimit, at a row that would take a line and run
// past series.MaxPeriods readings.
func ReadTable(name string, open series.Opener, schema *series.Schema) series.Readings {
	return func(yield func(series.Reading, error) bool) {
		t := &table{scan: scan{name: name, yield: yield}, schema: schema}
		if schema != series.Market() && schema != series.Contract() {
			t.fail(none, "", "the schema series.Market or series.Contract; meter data is for Read", series.ErrSchema)
			return
		}
		t.given = make([]int, settlement.NumRanked*schema.Len())
		t.through(open, maxLongLine, t)
	}
}

// table is one pass over a table.
type table struct {
	scan
	schema *series.Schema
	date   int // fields
	period int
	run    int
	cells  []cell
	given  []int // readings so far, by run and line

	// What the row at hand is of.
	dates  string // the text of days, as rows mostly say the same again
	days   days
	hours  stretch
	of     settlement.Run
	values []int64 // of each cell that is not empty
}

// A cell is a column that holds the values of a line.
type cell struct {
	field int
	line  series.Line
	def   series.Def
}

func (t *table) bind(names []string, at map[string]int) *misfit {
	t.date, t.period, t.run = none, none, none
	for _, c := range []struct {
		at   *int
		name string
	}{{&t.date, "date"}, {&t.period, "period"}, {&t.run, "run"}} {
		if i, ok := at[c.name]; ok {
			*c.at = i
		}
	}
	for l := range t.schema.Len() {
		def := t.schema.Def(series.Line(l))
		if i, ok := at[strings.ToLower(def.Name)]; ok {
			t.cells = append(t.cells, cell{i, series.Line(l), def})
		}
	}
	lines := t.lineNames()
	for i, name := range names {
		if i != t.date && i != t.period && i != t.run && !t.holds(i) {
			return &misfit{i, name, "date, period, run or a " + t.schema.Name() + " line: " + lines + "; remove the column, nothing in it would be read"}
		}
	}
	switch {
	case t.date == none || t.period == none:
		return &misfit{none, "", "columns headed date and period; found " + list(names)}
	case len(t.cells) == 0:
		return &misfit{none, "", "a column for at least one " + t.schema.Name() + " line: " + lines + "; found " + list(names)}
	}
	return nil
}

// holds says whether a field has the values of a line.
func (t *table) holds(field int) bool {
	for _, c := range t.cells {
		if c.field == field {
			return true
		}
	}
	return false
}

func (t *table) lineNames() string {
	names := make([]string, t.schema.Len())
	for l := range names {
		names[l] = t.schema.Def(series.Line(l)).Name
	}
	return strings.Join(names, ", ")
}

func (t *table) done() {}

// take reads a row: all of it or nothing.
func (t *table) take() bool {
	before := t.errs
	if t.when(); t.errs != before {
		return !t.stopped
	}
	t.values = t.values[:0]
	for _, c := range t.cells {
		text := t.row.fields[c.field]
		if text == "" {
			continue
		}
		v, want := parseCell(text, &c.def)
		if want != "" && !t.fail(c.field, text, want, series.ErrValue) {
			return false
		}
		t.values = append(t.values, v)
	}
	switch {
	case t.errs != before:
		return true
	case len(t.values) == 0:
		return t.fail(none, "", "a value for "+t.lineNames()+": a half-hour without any is left out, row and all", series.ErrFormat)
	}
	return t.room() && t.expand()
}

// when reads the columns that say which half-hours a row is of, and which run.
// It fails at most once.
func (t *table) when() {
	if s := t.row.fields[t.date]; s != t.dates || s == "" {
		d, want := parseDays(s)
		if want != "" {
			t.fail(t.date, s, want, series.ErrValue)
			return
		}
		t.dates, t.days = strings.Clone(s), d
	}
	s := t.row.fields[t.period]
	h, want := parseStretch(s)
	if want == "" {
		want = t.days.misfit(h)
	}
	if want != "" {
		t.fail(t.period, s, want, series.ErrValue)
		return
	}
	t.hours, t.of = h, settlement.Untagged
	if t.run == none || t.row.fields[t.run] == "" {
		return
	}
	run, err := settlement.ParseRun(t.row.fields[t.run])
	if err == nil && run.Ranked() {
		t.of = run
		return
	}
	t.fail(t.run, t.row.fields[t.run], "one of II, SF, R1, R2, R3, RF, DF in capitals, or nothing where the source states no run",
		fmt.Errorf("%w: %w", series.ErrValue, settlement.ErrRun))
}

// room counts what the row at hand will yield, and stops at a row that would
// yield too much.
func (t *table) room() bool {
	n := t.days.count(t.hours)
	for _, c := range t.cells {
		if t.row.fields[c.field] == "" {
			continue
		}
		total := &t.given[int(t.of)*t.schema.Len()+int(c.line)]
		if *total += n; *total > maxGiven {
			t.fail(c.field, t.row.fields[c.field], fmt.Sprintf("at most %d readings of %s for the run %s in one file: split it, and look for rows that say a stretch again",
				maxGiven, c.def.Name, t.of), series.ErrLimit)
			t.stopped = true
			return false
		}
	}
	return true
}

// expand yields what the row at hand says, cell by cell.
func (t *table) expand() bool {
	rd, k := series.Reading{Run: t.of}, 0
	rd.Pos.Source, rd.Pos.Line = t.name, t.lines.num
	for _, c := range t.cells {
		if t.row.fields[c.field] == "" {
			continue
		}
		rd.Line, rd.Value, rd.Pos.Column = c.line, t.values[k], t.row.at[c.field]+1
		k++
		for d := t.days.from; d <= t.days.to; d++ {
			span := t.hours.of(d)
			for rd.Period = span.Lo; rd.Period < span.Hi; rd.Period++ {
				if !t.give(rd) {
					return false
				}
			}
		}
	}
	return true
}

// maxRatio bounds a loss factor, as a whole number. Published ones lie within a
// tenth or so of 1; what is not near it is a percentage, or another column.
const maxRatio = 2

// parseCell reads a value in the line's own unit, exactly.
func parseCell(s string, def *series.Def) (v int64, want string) {
	v, finer, err := series.ParseFixed(s, def.Scale, true)
	switch {
	case err != nil:
		want = "a plain decimal number"
		var e *series.Error
		if errors.As(err, &e) {
			want = e.Want
		}
	case finer:
		want = fmt.Sprintf("at most %d decimals: %s holds no more, and a table is never rounded", def.Scale, def.Name)
	case def.Unit == series.Ratio && !within(v, def.Scale):
		want = fmt.Sprintf("a factor above 0 and at most %d, such as 1.043", maxRatio)
	}
	if want != "" {
		want += " (the unit is " + def.Unit.String() + ")"
	}
	return v, want
}

// within says whether v at a scale lies above 0 and not above maxRatio.
func within(v int64, scale int) bool {
	most := int64(maxRatio)
	for range scale {
		most *= 10
	}
	return v > 0 && v <= most
}
