package hhcsv

import (
	"slices"
	"strings"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// Layout is what the caller declares about a file. Shape, Label, Zone and Unit
// must be set.
type Layout struct {
	Shape Shape     // Long or Wide
	Label Label     // which end of its half-hour a time names
	Zone  Zone      // the clock of dates, times and period numbers
	Unit  Unit      // of the values
	Dates DateOrder // how dates are written; YMD unless it is set

	MPAN settlement.MPAN // of a file without an mpan column
	Line series.Line     // of a file without a line column; AI unless it is set
	Run  settlement.Run  // of a file without a run column; Untagged unless it is set

	Round    bool // round values finer than three decimals, and mark them series.Rounded
	LooseEnd bool // take a last line without a line end as whole, not as cut short

	Columns Columns // headings that differ from the defaults
}

// Shape is what a row holds.
type Shape uint8

const (
	Long Shape = iota + 1 // one reading
	Wide                  // one day
)

// Label is which end of the half-hour a timestamp, or a heading that is a clock
// time, names. Period numbers name neither.
type Label uint8

const (
	Start Label = iota + 1 // 00:00 is the first of the day
	End                    // 00:30 is the first of the day
)

// Zone is the clock that dates, times and period numbers are told by.
type Zone uint8

const (
	London Zone = iota + 1 // the clock on the wall, summer time included
	UTC                    // UTC, or GMT all the year
)

// Unit is what the values of the file are in.
type Unit uint8

const (
	KWh   Unit = iota + 1 // kWh; rows of the reactive lines are in kVArh
	Wh                    // Wh, active lines only
	MWh                   // MWh, active lines only
	KW                    // mean kW over the half-hour, active lines only: 3 kW is 1.5 kWh
	KVArh                 // kVArh, reactive lines only
)

// DateOrder is how dates are written.
type DateOrder uint8

const (
	YMD DateOrder = iota // 2024-04-01
	DMY                  // 01/04/2024
)

// The words of ParseLayout. Index 0 of the required ones is "not declared".
var (
	shapes = []string{"", "long", "wide"}
	labels = []string{"", "start", "end"}
	zones  = []string{"", "london", "utc"}
	units  = []string{"", "kwh", "wh", "mwh", "kw", "kvarh"}
	orders = []string{"ymd", "dmy"}
)

const layoutForm = "shape,label,zone,unit[,dates] from long|wide, start|end, london|utc, kwh|wh|mwh|kw|kvarh, ymd|dmy, such as long,start,london,kwh"

// ParseLayout reads a layout in words, in this order:
//
//	long|wide , start|end , london|utc , kwh|wh|mwh|kw|kvarh [ , ymd|dmy ]
//
// Its error wraps ErrValue and lists the words.
func ParseLayout(s string) (Layout, error) {
	words := strings.Split(s, ",")
	if len(words) != 4 && len(words) != 5 {
		return Layout{}, &series.Error{Value: s, Want: layoutForm, Err: series.ErrValue}
	}
	var at [5]int
	for i, list := range [][]string{shapes, labels, zones, units, orders} {
		if i == len(words) {
			break
		}
		if at[i] = slices.Index(list, words[i]); at[i] < 0 || words[i] == "" {
			valid := strings.TrimPrefix(strings.Join(list, ", "), ", ")
			return Layout{}, &series.Error{Value: words[i], Want: "one of " + valid + "; the layout is " + layoutForm, Err: series.ErrValue}
		}
	}
	return Layout{
		Shape: Shape(at[0]), Label: Label(at[1]), Zone: Zone(at[2]),
		Unit: Unit(at[3]), Dates: DateOrder(at[4]),
	}, nil
}

// undeclared is what is wrong with the layout itself, or nothing.
func (l *Layout) undeclared() (field, want string) {
	switch {
	case l.Shape != Long && l.Shape != Wide:
		return "Layout.Shape", "Long (a row is a reading) or Wide (a row is a day)"
	case l.Label != Start && l.Label != End:
		return "Layout.Label", "Start or End: which end of its half-hour does a time in this file name? Ask the sender, half of them name the end"
	case l.Zone != London && l.Zone != UTC:
		return "Layout.Zone", "London (clock time) or UTC (also GMT all the year): ask the sender"
	case l.Unit < KWh || l.Unit > KVArh:
		return "Layout.Unit", "KWh, Wh, MWh, KW or KVArh"
	case l.Dates != YMD && l.Dates != DMY:
		return "Layout.Dates", "YMD (2024-04-01) or DMY (01/04/2024)"
	case l.Line < series.AI || l.Line > series.RE:
		return "Layout.Line", "AI, AE, RI or RE"
	case !l.Run.Valid():
		return "Layout.Run", "a settlement run"
	}
	return "", ""
}

// misfit says what is wrong with the declared unit for a line, or nothing.
func (u Unit) misfit(line series.Line) string {
	switch reactive := line == series.RI || line == series.RE; {
	case u == KVArh && !reactive:
		return "a reactive line, RI or RE: the layout's unit is kvarh; read active lines with a unit of their own"
	case u != KVArh && u != KWh && reactive:
		return "an active line, AI or AE: the layout's unit is " + units[u] + "; read reactive lines with the unit kvarh"
	}
	return ""
}
