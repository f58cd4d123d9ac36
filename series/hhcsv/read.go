package hhcsv

import (
	"strings"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// Read reads the CSV that open gives, as the layout declares it. Lines are of
// series.Meter. name is what errors and positions call the source.
//
// It is one pass in bounded memory and opens the source again for each range;
// it always closes it. It goes on after a bad row until series.MaxErrors
// errors; in place of another it yields series.ErrLimit and stops. A row with an error yields no
// reading. Errors are as the package comment says.
func Read(name string, open series.Opener, l Layout) series.Readings {
	return func(yield func(series.Reading, error) bool) {
		r := &reader{scan: scan{name: name, yield: yield, loose: l.LooseEnd}, layout: l}
		if field, want := l.undeclared(); field != "" {
			r.fail(none, field, want, series.ErrFormat)
			return
		}
		maxLine := maxLongLine
		if l.Shape == Wide {
			maxLine = maxWideLine
		}
		r.through(open, maxLine, r)
	}
}

// reader is one pass over meter data.
type reader struct {
	scan
	layout  Layout
	plan    *plan
	repeats map[key]*longDay

	// What the row before said, as rows mostly say the same again.
	mpanText string
	mpan     settlement.MPAN
	runText  string
	run      settlement.Run
	dateText string
	date     settlement.Day
	first    settlement.Period // of date
	length   int               // of date
}

func (r *reader) bind(names []string, at map[string]int) (bad *misfit) {
	r.plan, bad = bind(names, at, &r.layout)
	return bad
}

func (r *reader) done() { r.settleAll() }

func (r *reader) take() bool {
	rd := series.Reading{Line: r.layout.Line, Run: r.layout.Run, MPAN: r.layout.MPAN}
	rd.Pos.Source, rd.Pos.Line = r.name, r.lines.num
	before := r.errs
	if r.who(&rd); r.errs != before {
		return !r.stopped
	}
	if r.layout.Shape == Wide {
		return r.takeDay(&rd)
	}
	return r.takeReading(&rd)
}

// who reads the columns that say whose reading it is and what kind. It fails at
// most once.
func (r *reader) who(rd *series.Reading) {
	p := r.plan
	if p.mpan != none {
		if s := r.row.fields[p.mpan]; s != r.mpanText || s == "" {
			m, err := settlement.ParseMPAN(s)
			if err != nil {
				r.failSettlement(p.mpan, err)
				return
			}
			r.mpanText, r.mpan = strings.Clone(s), m
		}
		rd.MPAN = r.mpan
	}
	if p.line != none {
		l, ok := lineOf(r.row.fields[p.line])
		want := "one of AI, AE, RI, RE in capitals"
		if ok {
			want = r.layout.Unit.misfit(l)
		}
		if want != "" {
			r.fail(p.line, r.row.fields[p.line], want, series.ErrValue)
			return
		}
		rd.Line = l
	}
	if p.run != none {
		if s := r.row.fields[p.run]; s != r.runText || s == "" {
			run, err := settlement.ParseRun(s)
			if err != nil {
				r.failSettlement(p.run, err)
				return
			}
			r.runText, r.run = strings.Clone(s), run
		}
		rd.Run = r.run
	}
	if p.flag != none {
		switch s := r.row.fields[p.flag]; s {
		case "", "A":
		case "E":
			rd.Mark |= series.Estimated
		default:
			r.fail(p.flag, s, "A (actual), E (estimated) or nothing", series.ErrValue)
		}
	}
}

func lineOf(s string) (series.Line, bool) {
	switch s {
	case "AI":
		return series.AI, true
	case "AE":
		return series.AE, true
	case "RI":
		return series.RI, true
	case "RE":
		return series.RE, true
	}
	return 0, false
}

// day reads a date, mostly the one of the row before.
func (r *reader) day(field int, s string) bool {
	if s == r.dateText && s != "" {
		return true
	}
	d, want := parseDate(s, r.layout.Dates)
	if want != "" {
		r.fail(field, s, want, series.ErrValue)
		return false
	}
	r.dateText = strings.Clone(s)
	r.date, r.first, r.length = d, d.First(), d.Len()
	return true
}
