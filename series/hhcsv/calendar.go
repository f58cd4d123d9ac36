package hhcsv

import (
	"fmt"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// maxCalendar is the most rows a calendar may have: seven runs of each day of
// twenty years.
const maxCalendar = 20 * 366 * 7

// maxDue is how many days after its day a run may be due: twice the 28 months of
// DF, the longest that any timetable has had.
const maxDue = 2 * 28 * 31

// ReadCalendar reads a published settlement calendar, when each run of each
// settlement day is due, and gives the timetable with its dates published to it.
// name is what errors call the source.
//
// The headings are day, run and due, in any order and case, and no others; a row
// is one run, II to DF, of one day. It is due after its day. A row may not stand
// twice, whether it says the same or not, and the runs of a day are due one
// after the other, in their order: those of which no row is, too, as the timetable
// given has them.
//
// It is all or nothing: on any error the timetable is the one that was given,
// and the errors found are returned, up to series.MaxErrors.
func ReadCalendar(name string, open series.Opener, to settlement.Timetable) (settlement.Timetable, error) {
	var errs series.Errors
	c := &calendar{to: to, rows: map[calendarRow]stated{}}
	c.scan = scan{name: name, yield: func(_ series.Reading, err error) bool {
		errs = append(errs, err)
		return true
	}}
	c.through(open, maxLongLine, c)
	if len(errs) > 0 {
		return to, errs
	}
	for _, at := range c.order {
		to = to.Publish(at.day, at.run, c.rows[at].due)
	}
	return to, nil
}

// calendar is one pass over a calendar.
type calendar struct {
	scan
	to            settlement.Timetable // what says when runs are due that no row is of
	day, run, due int                  // fields
	rows          map[calendarRow]stated
	order         []calendarRow // of appearance
}

// calendarRow is what may not stand twice.
type calendarRow struct {
	day settlement.Day
	run settlement.Run
}

// stated is a date and the line it stands on.
type stated struct {
	due  settlement.Day
	line int
}

func (c *calendar) bind(names []string, at map[string]int) *misfit {
	columns := map[string]*int{"day": &c.day, "run": &c.run, "due": &c.due}
	if bad := place(columns, names, at, "day, run or due"); bad != nil {
		return bad
	}
	if c.day == none || c.run == none || c.due == none {
		return &misfit{none, "", "columns headed day, run and due; found " + list(names)}
	}
	return nil
}

// take reads a row: all of it or nothing.
func (c *calendar) take() bool {
	day, err := settlement.ParseDay(c.row.fields[c.day])
	if err != nil {
		return c.failSettlement(c.day, err)
	}
	run, err := settlement.ParseRun(c.row.fields[c.run])
	if err != nil || !run.Ranked() || run == settlement.Untagged {
		return c.fail(c.run, c.row.fields[c.run], "one of II, SF, R1, R2, R3, RF, DF in capitals", fmt.Errorf("%w: %w", series.ErrValue, settlement.ErrRun))
	}
	due, err := settlement.ParseDay(c.row.fields[c.due])
	if err != nil {
		return c.failSettlement(c.due, err)
	}
	text, at := c.row.fields[c.due], calendarRow{day, run}
	switch first, again := c.rows[at]; {
	case due <= day:
		return c.fail(c.due, text, fmt.Sprintf("a day after %s: a run is due after the day it settles", day), series.ErrValue)
	case due-day > maxDue:
		return c.fail(c.due, text, fmt.Sprintf("a day at most %d days after %s: is it the year?", maxDue, day), series.ErrValue)
	case again && first.due == due:
		return c.fail(none, "", fmt.Sprintf("each run of a day once: line %d says the same of %s of %s; remove one", first.line, run, day), series.ErrFormat)
	case again:
		return c.fail(c.due, text, fmt.Sprintf("one date for %s of %s: line %d says %s; keep the one that was published last", run, day, first.line, first.due), series.ErrConflict)
	case len(c.order) == maxCalendar:
		c.fail(none, "", fmt.Sprintf("at most %d rows: split the file by year and use the year's", maxCalendar), series.ErrLimit)
		c.stopped = true
		return false
	}
	c.rows[at] = stated{due, c.lines.num}
	c.order = append(c.order, at)
	return true
}

// done holds the runs of each day against each other. Of two rows the later run's
// is told.
func (c *calendar) done() {
	for _, at := range c.order {
		is := c.rows[at]
		want := ""
		for r := settlement.II; r <= settlement.DF && want == ""; r++ {
			was, stands := c.rows[calendarRow{at.day, r}]
			due, dated := was.due, stands
			if !stands {
				due, dated = c.to.Due(at.day, r)
			}
			side := "after"
			if r > at.run {
				side = "before"
			}
			switch {
			case !dated || r == at.run || stands && r > at.run:
			case r < at.run && due < is.due || r > at.run && due > is.due:
			case stands:
				want = fmt.Sprintf("%s of %s after its %s, due %s by line %d: a later run is due later", at.run, at.day, r, due, was.line)
			default:
				want = fmt.Sprintf("%s of %s %s its %s, which no row is of and which is due %s without one (counted in working days): a later run is due later; if the date is right, publish %[4]s of the day too", at.run, at.day, side, r, due)
			}
		}
		err := &series.Error{Pos: series.Pos{Source: c.name, Line: is.line}, Value: is.due.String(), Want: want, Err: series.ErrValue}
		if want != "" && !c.failWith(err) {
			return
		}
	}
}
