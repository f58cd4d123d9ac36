package dtc

import (
	"fmt"
	"time"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// maxRows is the length of the longest day.
const maxRows = 50

// day is the group that rows belong to. Its readings are kept until it ends.
type day struct {
	state state
	bad   bool // a row was refused: go on checking, yield nothing
	at    int  // line
	date  settlement.Day
	n     int // rows without padding; the first maxRows are kept
	rows  [maxRows]row
	pads  int // rows flagged C
	pad   int // line of the first of them
}

// row is one half-hour.
type row struct {
	value  int64
	mark   series.Mark
	at     int // line
	column int // of the value
}

// readDay begins a day.
func (r *reader) readDay() bool {
	if !r.endDay() {
		return false
	}
	d := &r.day
	d.state, d.at = refused, r.lines.n
	switch {
	case r.meter.state == refused:
		return true
	case r.meter.state == absent:
		r.meter.state = refused
		return r.failField(0, fmt.Sprintf("a %s group before the first %s: the meter is not known", r.flow.meter, r.flow.day), series.ErrFormat)
	case !r.rec.has(2):
		return r.failFields(2, r.flow.day+"|Day|")
	}
	date, err := parseDate(r.rec.field(1))
	if err != nil {
		return r.failSettlement(1, err, "a calendar date from 1996 to 2099, written YYYYMMDD such as 20240401")
	}
	d.state, d.bad, d.date, d.n, d.pads = open, false, date, 0, 0
	return true
}

// parseDate reads YYYYMMDD.
func parseDate(b []byte) (settlement.Day, error) {
	if len(b) != len("20240401") || !isDigits(b) {
		return 0, settlement.ErrDay
	}
	n := 0
	for _, c := range b {
		n = n*10 + int(c-'0')
	}
	return settlement.NewDay(n/10000, time.Month(n/100%100), n%100)
}

// readRow adds one half-hour to the day.
func (r *reader) readRow() bool {
	d := &r.day
	switch {
	case r.meter.state == refused || d.state == refused:
		return true
	case r.meter.state == absent:
		r.meter.state = refused
		return r.failField(0, fmt.Sprintf("a %s and a %s group before the first %s: meter and day are not known", r.flow.meter, r.flow.day, r.flow.row), series.ErrFormat)
	case d.state == absent:
		d.state = refused
		return r.failField(0, fmt.Sprintf("a %s group before the first %s of a meter: the day is not known", r.flow.day, r.flow.row), series.ErrFormat)
	case !r.rec.has(3):
		d.bad = true
		return r.failFields(3, r.flow.row+"|Flag|Value|")
	}
	mark := series.Mark(0)
	switch flag := r.rec.field(1); {
	case string(flag) == "A", len(flag) == 0 && r.flow.utc:
	case string(flag) == "E":
		mark = series.Estimated
	case string(flag) == "C" && !r.flow.utc:
		return r.readPad()
	default:
		d.bad = true
		return r.failField(1, r.flow.flags, series.ErrValue)
	}
	value, finer, err := parseValue(r.rec.field(2), r.opt.Round)
	if err != nil {
		d.bad = true
		return r.failValue(err)
	}
	if r.rec.field(2)[0] == '-' && (value != 0 || finer) {
		d.bad = true
		return r.failField(2, "a value that is not negative: import and export are quantities of their own (MHHS METH002, 2.25)", series.ErrValue)
	}
	if finer {
		mark |= series.Rounded
	}
	if d.n < maxRows {
		d.rows[d.n] = row{value, mark, r.lines.n, r.rec.column(2)}
	}
	d.n++
	return true
}

// readPad counts a row flagged C. Whether it may be left out is known when the
// day ends.
func (r *reader) readPad() bool {
	d := &r.day
	if d.pads == 0 {
		d.pad = r.lines.n
	}
	d.pads++
	f := r.rec.field(2)
	if len(f) == 0 {
		return true
	}
	value, finer, err := parseValue(f, true)
	switch {
	case err != nil:
		d.bad = true
		return r.failValue(err)
	case value != 0 || finer:
		d.bad = true
		return r.failField(2, "0 or nothing in a row flagged C: it is padding, and what it states would be lost", series.ErrValue)
	}
	return true
}

// failValue is for a value that is not a number.
func (r *reader) failValue(err error) bool {
	want := "a plain decimal number such as 12.3"
	if e, ok := err.(*series.Error); ok {
		want = e.Want
	}
	return r.failField(2, want, series.ErrValue)
}

// endDay yields the day at hand, if there is one and it is good.
func (r *reader) endDay() bool {
	d := &r.day
	was := d.state
	d.state = absent
	if was != open || d.bad {
		return true
	}
	length, first := d.date.Len(), d.date.First()
	if r.flow.utc {
		length, first = 48, settlement.Period(d.date)*48
	}
	switch {
	case d.n == length:
		return r.yieldDay(first)
	case d.n > length || d.n+d.pads < length:
		return r.failRows(length)
	}
	return r.fail(d.pad, 0, []byte("C"), fmt.Sprintf(
		"A or E: %s has %d half-hours and %d rows that are not padding; ask the data collector to resend the day", d.date, length, d.n), series.ErrFormat)
}

// yieldDay yields the rows of a day that is right.
func (r *reader) yieldDay(first settlement.Period) bool {
	reading := series.Reading{
		MPAN: r.meter.mpan,
		Line: r.meter.line,
		Run:  r.opt.Run,
		Pos:  series.Pos{Source: r.name},
	}
	r.yielded = true
	for i := range r.day.rows[:r.day.n] {
		row := &r.day.rows[i]
		reading.Period = first + settlement.Period(i)
		reading.Value, reading.Mark = row.value, row.mark
		reading.Pos.Line, reading.Pos.Column = row.at, row.column
		if !r.yield(reading, nil) {
			r.stopped = true
			return false
		}
	}
	return true
}

// failRows is for a day with too few rows, or with too many that are not
// padding.
func (r *reader) failRows(length int) bool {
	d := &r.day
	found := fmt.Sprintf("%d rows for %s", d.n+d.pads, d.date)
	if d.pads > 0 {
		found += fmt.Sprintf(", %d of them padding", d.pads)
	}
	why := "46 on the short day, 50 on the long day"
	switch {
	case r.flow.utc:
		why = "every UTC day has 48"
	case length == 46:
		why = "the clocks go forward that day, an hour is missing"
	case length == 50:
		why = "the clocks go back that day, an hour is lived twice"
	}
	return r.fail(d.at, 0, []byte(found), fmt.Sprintf("%d (%s); ask the data collector to resend the day", length, why), series.ErrCount)
}
