package hhcsv

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// Read reads the CSV that open gives, as the layout declares it. Lines are of
// series.Meter. name is what errors and positions call the source.
//
// It is one pass in bounded memory and opens the source again for each range;
// it always closes it. It goes on after a bad row until series.MaxErrors
// errors, then yields series.ErrLimit and stops. A row with an error yields no
// reading. Errors are as the package comment says.
func Read(name string, open series.Opener, l Layout) series.Readings {
	return func(yield func(series.Reading, error) bool) {
		r := &reader{name: name, layout: l, yield: yield}
		if field, want := l.undeclared(); field != "" {
			r.fail(none, field, want, series.ErrFormat)
			return
		}
		src, err := open()
		if err != nil {
			r.pass(err)
			return
		}
		read := false
		defer func() {
			// Some sources, such as a command's output, fail at Close only.
			if err := src.Close(); err != nil && read && !r.stopped {
				r.pass(err)
			}
		}()
		r.lines = lines{src: src, max: maxLongLine, buf: make([]byte, blockSize)}
		if l.Shape == Wide {
			r.lines.max = maxWideLine
		}
		r.read()
		read = true
	}
}

// reader is one pass over one source. Its methods that can yield say whether to
// go on; stopped says that nothing may be yielded any more.
type reader struct {
	name    string
	layout  Layout
	yield   func(series.Reading, error) bool
	stopped bool
	errs    int

	lines   lines
	row     row
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

// read goes through headings, rows and the end.
func (r *reader) read() {
	if !r.headings() {
		return
	}
	rows := 0
	for {
		l, ok := r.lines.next()
		if !ok {
			break
		}
		if l.text == "" && !l.long {
			continue
		}
		rows++
		if !r.take(l) {
			return
		}
	}
	switch {
	case r.lines.err != io.EOF:
		r.pass(r.lines.err)
	case rows == 0:
		r.lines.num = 0
		r.fail(none, "", "at least one row under the headings: is this the right file?", series.ErrEmpty)
	default:
		r.settleAll()
	}
}

// take reads the row of a line.
func (r *reader) take(l rawLine) bool {
	switch {
	case l.long:
		return r.failAt(0, "", "a line of at most "+strconv.Itoa(r.lines.max)+" bytes: is this the right file, and are its quotes closed?", series.ErrFormat)
	case !l.ended && !r.layout.LooseEnd:
		return r.failAt(0, l.text, "a line end after the last row; without one the file may be cut short: ask for it again, or add the line end if it is whole", series.ErrFormat)
	}
	if want, at := r.row.cut(l.text); want != "" {
		return r.failAt(at+1, l.text, want, series.ErrFormat)
	}
	if n := len(r.plan.headings); len(r.row.fields) != n {
		return r.failAt(0, l.text, fmt.Sprintf("%d fields, as there are headings, not %d", n, len(r.row.fields)), series.ErrFormat)
	}
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

// headings reads the first line.
func (r *reader) headings() bool {
	const bom = "\xef\xbb\xbf"
	for sep := false; ; {
		l, ok := r.lines.next()
		if !ok {
			if r.lines.err != io.EOF {
				r.pass(r.lines.err)
				return false
			}
			r.lines.num = 0
			r.fail(none, "", "headings and at least one row: the file is empty", series.ErrEmpty)
			return false
		}
		if r.lines.num == 1 {
			l.text = strings.TrimPrefix(l.text, bom)
		}
		switch {
		case l.text == "" && !l.long:
			continue
		case l.text == "sep=," && !sep:
			sep = true
			continue
		case strings.HasPrefix(l.text, "\xff\xfe") || strings.HasPrefix(l.text, "\xfe\xff"):
			r.failAt(1, l.text[:2], "UTF-8 or ASCII; this file is UTF-16: save it as CSV UTF-8", series.ErrFormat)
			return false
		case strings.HasPrefix(l.text, "\x1f\x8b"):
			r.failAt(1, l.text[:2], "text; this file is compressed with gzip: open it through a gzip reader", series.ErrFormat)
			return false
		case l.long:
			r.failAt(0, "", "a line of headings of at most "+strconv.Itoa(r.lines.max)+" bytes: is this the right file?", series.ErrFormat)
			return false
		}
		if want, at := r.row.cut(l.text); want != "" {
			r.failAt(at+1, l.text, "a line of headings: "+want, series.ErrFormat)
			return false
		}
		p, bad := bind(r.row.fields, &r.layout)
		if bad != nil {
			r.fail(bad.field, bad.value, bad.want, series.ErrFormat)
			return false
		}
		r.plan = p
		return true
	}
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

// fail yields a located error about a field; none is the row as a whole.
func (r *reader) fail(field int, value, want string, sentinel error) bool {
	column := 0
	if field != none {
		column = r.row.at[field] + 1
		if r.plan != nil {
			want += "; in column " + strconv.Quote(r.plan.headings[field])
		}
	}
	return r.failAt(column, value, want, sentinel)
}

// failSettlement is fail for what the settlement package refused. Both
// packages' sentinels match.
func (r *reader) failSettlement(field int, err error) bool {
	want := ""
	var e *settlement.Error
	if errors.As(err, &e) {
		want, err = e.Want, e.Err
	}
	return r.fail(field, r.row.fields[field], want, fmt.Errorf("%w: %w", series.ErrValue, err))
}

func (r *reader) failAt(column int, value, want string, sentinel error) bool {
	if len(value) > maxQuoted {
		value = value[:maxQuoted]
	}
	return r.failWith(&series.Error{
		Pos:   series.Pos{Source: r.name, Line: r.lines.num, Column: column},
		Value: strings.Clone(value),
		Want:  want,
		Err:   sentinel,
	})
}

// maxQuoted is how much of a value an error keeps; series.Error prints less.
const maxQuoted = 128

// pass yields an error of the source itself.
func (r *reader) pass(err error) {
	r.failWith(&series.Error{
		Pos:  series.Pos{Source: r.name, Line: r.lines.num},
		Want: "a source that can be read to its end",
		Err:  err,
	})
}

// failWith yields an error and, if it was one too many, the last one.
func (r *reader) failWith(e *series.Error) bool {
	r.errs++
	if !r.yield(series.Reading{}, e) {
		r.stopped = true
		return false
	}
	if r.errs < series.MaxErrors {
		return true
	}
	r.stopped = true
	r.yield(series.Reading{}, series.TooMany(e.Pos))
	return false
}

func (r *reader) give(rd series.Reading) bool {
	if !r.yield(rd, nil) {
		r.stopped = true
	}
	return !r.stopped
}
