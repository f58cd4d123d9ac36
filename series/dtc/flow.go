package dtc

import (
	"fmt"

	"github.com/halfhour/halfhour/series"
)

// flow is one of the flows: the same three levels under other names.
type flow struct {
	name  string
	meter string // code of the group that names meter and quantity
	day   string // code of the group that names the day
	row   string // code of the group that states one half-hour
	utc   bool   // days are UTC days of 48 half-hours, without padding
	flags string // what the row's first field may be, for people
}

var flows = [...]flow{
	{name: "D0036", meter: "101", day: "102", row: "103",
		flags: "A (actual), E (estimated) or C (padding)"},
	{name: "D0379", meter: "25B", day: "26B", row: "66L", utc: true,
		flags: "A (actual), E (estimated) or nothing: the meaning of this field is not confirmed by a public source, so nothing else is guessed at"},
}

// state is how far a meter or a day has come.
type state uint8

const (
	absent  state = iota // not begun
	open                 // begun, and good so far
	refused              // in error: its groups are passed over
)

// group reads a record between header and trailer.
func (r *reader) group() bool {
	switch code := r.rec.field(0); string(code) {
	case r.flow.row:
		return r.readRow()
	case r.flow.day:
		return r.readDay()
	case r.flow.meter:
		return r.readMeter()
	case "ZHV", "ZHD":
		r.failField(0, "the ZPT trailer before another header: the first file was cut short, and files must not be joined", series.ErrFormat)
		return false
	case "":
		return r.refuse(nil) && r.fail(r.lines.n, 1, r.rec.text, "a record that begins with its group code, not an empty one: remove the line", series.ErrFormat)
	default:
		return r.refuse(nil) && r.failField(0, fmt.Sprintf("%s, %s or %s, the groups of %s, or ZPT", r.flow.meter, r.flow.day, r.flow.row, r.flow.name), series.ErrFormat)
	}
}

// refuse gives up what an unreadable line may have been part of. A line that
// may have begun a meter takes everything up to the next one with it: its days
// must not be taken for days of the meter before.
func (r *reader) refuse(line []byte) bool {
	switch {
	case hasCode(line, r.flow.row):
		r.day.bad = true
		if r.day.state == absent {
			r.day.state = refused
		}
		return true
	case hasCode(line, r.flow.day):
		ok := r.endDay()
		r.day.state = refused
		return ok
	}
	r.meter.state, r.day.state = refused, refused
	return true
}

func hasCode(line []byte, code string) bool {
	return len(line) > len(code) && line[len(code)] == '|' && string(line[:len(code)]) == code
}
