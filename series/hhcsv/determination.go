package hhcsv

import (
	"fmt"
	"strings"
	"time"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// ReadDeterminations reads extra-settlement determinations, one a row. name is
// what errors and positions call the source.
//
// The headings are id, from, to, pounds, reason and source, and where they are
// needed reverses, before and known, in any order and case, and no others. To is
// the first day it no longer concerns. An empty cell of the last three states
// nothing; known is a day, from whose start it was known, or an instant with its
// zone. docs/format/determinations-csv.md has an example.
//
// Each row is read for itself: whether they can stand together is for
// series.CollectDeterminations. It passes over the source as Read does, with the
// same limit of errors, and stops with series.ErrLimit after
// series.MaxDeterminations rows.
func ReadDeterminations(name string, open series.Opener) series.AllDeterminations {
	return func(yield func(series.Determination, error) bool) {
		d := &determined{yield: yield}
		d.scan = scan{name: name, yield: func(_ series.Reading, err error) bool { return yield(series.Determination{}, err) }}
		d.through(open, maxLongLine, d)
	}
}

// determined is one pass over determinations.
type determined struct {
	scan
	yield                     func(series.Determination, error) bool
	id, from, to, pounds      int // fields
	reason, source            int
	reverses, before, knownAt int
	rows                      int
}

func (d *determined) bind(names []string, at map[string]int) *misfit {
	columns := map[string]*int{"id": &d.id, "from": &d.from, "to": &d.to, "pounds": &d.pounds, "reason": &d.reason, "source": &d.source,
		"reverses": &d.reverses, "before": &d.before, "known": &d.knownAt}
	if bad := place(columns, names, at, "id, from, to, pounds, reason, source, reverses, before or known"); bad != nil {
		return bad
	}
	for _, need := range []int{d.id, d.from, d.to, d.pounds, d.reason, d.source} {
		if need == none {
			return &misfit{none, "", "columns headed id, from, to, pounds, reason and source; found " + list(names)}
		}
	}
	return nil
}

func (d *determined) done() {}

// take reads a row: all of it or nothing.
func (d *determined) take() (goOn bool) {
	before := d.errs
	x := series.Determination{Pos: series.Pos{Source: d.name, Line: d.lines.num},
		ID: d.text(d.id), Reason: d.text(d.reason), Source: d.text(d.source), Reverses: d.text(d.reverses)}
	if x.From, x.To, goOn = d.readDays(d.from, d.to); !goOn {
		return false
	}
	var err error
	if x.Pence, err = series.ParsePounds(d.row.fields[d.pounds]); err != nil && !d.fail(d.pounds, d.row.fields[d.pounds], err.(*series.Error).Want, series.ErrValue) {
		return false
	}
	if run := d.text(d.before); run != "" {
		if x.Before, err = settlement.ParseRun(run); err != nil && !d.failSettlement(d.before, err) {
			return false
		}
	}
	if at := d.text(d.knownAt); at != "" && !d.known(&x.Known, at) {
		return false
	}
	switch {
	case d.errs != before:
		return true
	case d.rows == series.MaxDeterminations:
		d.fail(none, "", fmt.Sprintf("at most %d rows: split the file", series.MaxDeterminations), series.ErrLimit)
		d.stopped = true
		return false
	}
	if d.rows++; !d.yield(x, nil) {
		d.stopped = true
	}
	return !d.stopped
}

// text is a field that outlives its line, empty where there is no such column.
func (d *determined) text(field int) string {
	if field == none {
		return ""
	}
	return strings.Clone(d.row.fields[field])
}

// known reads a day or an instant.
func (d *determined) known(dst *time.Time, text string) (goOn bool) {
	if day, err := settlement.ParseDay(text); err == nil {
		*dst = day.First().Time()
		return true
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return d.fail(d.knownAt, text, "a day from 1996 to 2099 as 2026-07-15, or an instant with its zone as 2026-07-15T12:00:00Z", series.ErrValue)
	}
	*dst = at
	return true
}
