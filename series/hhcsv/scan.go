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

// scan is one pass over one source: its lines, their fields and the errors in
// them, whatever the fields mean. Its methods that can yield say whether to go
// on; stopped says that nothing may be yielded any more.
type scan struct {
	name    string
	yield   func(series.Reading, error) bool
	stopped bool
	errs    int
	loose   bool // the last line may lack its end

	lines lines
	row   row
	names []string // headings of the fields, once they are bound
}

// form is what a kind of file makes of its lines.
type form interface {
	bind(names []string, at map[string]int) *misfit // headings as they stand, and the field of each in lower case
	take() bool                                     // the fields of a row
	done()                                          // the end of a whole source
}

// through opens the source, reads headings, rows and the end, and closes it.
func (s *scan) through(open series.Opener, maxLine int, f form) {
	src, err := open()
	if err != nil {
		s.pass(err)
		return
	}
	read := false
	defer func() {
		// Some sources, such as a command's output, fail at Close only.
		if err := src.Close(); err != nil && read && !s.stopped {
			s.pass(err)
		}
	}()
	s.lines = lines{src: src, max: maxLine, buf: make([]byte, blockSize)}
	s.read(f)
	read = true
}

func (s *scan) read(f form) {
	if !s.headings(f) {
		return
	}
	rows := 0
	for {
		l, ok := s.lines.next()
		if !ok {
			break
		}
		if l.text == "" && !l.long {
			continue
		}
		rows++
		ok, goOn := s.fields(l)
		if ok {
			goOn = f.take()
		}
		if !goOn {
			return
		}
	}
	switch {
	case s.lines.err != io.EOF:
		s.pass(s.lines.err)
	case rows == 0:
		s.lines.num = 0
		s.fail(none, "", "at least one row under the headings: is this the right file?", series.ErrEmpty)
	default:
		f.done()
	}
}

// fields cuts the line of a row.
func (s *scan) fields(l rawLine) (ok, goOn bool) {
	switch {
	case l.long:
		return false, s.failAt(0, "", "a line of at most "+strconv.Itoa(s.lines.max)+" bytes: is this the right file, and are its quotes closed?", series.ErrFormat)
	case !l.ended && !s.loose:
		return false, s.failAt(0, l.text, "a line end after the last row; without one the file may be cut short: ask for it again, or add the line end if it is whole", series.ErrFormat)
	}
	if want, at := s.row.cut(l.text); want != "" {
		return false, s.failAt(at+1, l.text, want, series.ErrFormat)
	}
	if n := len(s.names); len(s.row.fields) != n {
		return false, s.failAt(0, l.text, fmt.Sprintf("%d fields, as there are headings, not %d", n, len(s.row.fields)), series.ErrFormat)
	}
	return true, true
}

// headings reads the first line.
func (s *scan) headings(f form) bool {
	const bom = "\xef\xbb\xbf"
	for sep := false; ; {
		l, ok := s.lines.next()
		if !ok {
			if s.lines.err != io.EOF {
				s.pass(s.lines.err)
				return false
			}
			s.lines.num = 0
			s.fail(none, "", "headings and at least one row: the file is empty", series.ErrEmpty)
			return false
		}
		if s.lines.num == 1 {
			l.text = strings.TrimPrefix(l.text, bom)
		}
		switch {
		case l.text == "" && !l.long:
			continue
		case l.text == "sep=," && !sep:
			sep = true
			continue
		case strings.HasPrefix(l.text, "\xff\xfe") || strings.HasPrefix(l.text, "\xfe\xff"):
			s.failAt(1, l.text[:2], "UTF-8 or ASCII; this file is UTF-16: save it as CSV UTF-8", series.ErrFormat)
			return false
		case strings.HasPrefix(l.text, "\x1f\x8b"):
			s.failAt(1, l.text[:2], "text; this file is compressed with gzip: open it through a gzip reader", series.ErrFormat)
			return false
		case l.long:
			s.failAt(0, "", "a line of headings of at most "+strconv.Itoa(s.lines.max)+" bytes: is this the right file?", series.ErrFormat)
			return false
		}
		if want, at := s.row.cut(l.text); want != "" {
			s.failAt(at+1, l.text, "a line of headings: "+want, series.ErrFormat)
			return false
		}
		names, at, bad := headingsOf(s.row.fields)
		if bad == nil {
			bad = f.bind(names, at)
		}
		if bad != nil {
			s.fail(bad.field, bad.value, bad.want, series.ErrFormat)
			return false
		}
		s.names = names
		return true
	}
}

// headingsOf are the headings as they stand, and the field of each in lower
// case. A field may have none; no two have the same.
func headingsOf(fields []string) (names []string, at map[string]int, bad *misfit) {
	names, at = make([]string, len(fields)), make(map[string]int, len(fields))
	for i, h := range fields {
		names[i] = strings.Clone(strings.TrimSpace(h))
		key := strings.ToLower(names[i])
		if key == "" {
			continue
		}
		if first, ok := at[key]; ok {
			return nil, nil, &misfit{i, h, "each heading once; it stands in field " + strconv.Itoa(first+1) + " already"}
		}
		at[key] = i
	}
	return names, at, nil
}

// fail yields a located error about a field; none is the row as a whole.
func (s *scan) fail(field int, value, want string, sentinel error) bool {
	column := 0
	if field != none {
		column = s.row.at[field] + 1
		if s.names != nil {
			want += "; in column " + strconv.Quote(s.names[field])
		}
	}
	return s.failAt(column, value, want, sentinel)
}

// failSettlement is fail for what the settlement package refused. Both
// packages' sentinels match.
func (s *scan) failSettlement(field int, err error) bool {
	want := ""
	var e *settlement.Error
	if errors.As(err, &e) {
		want, err = e.Want, e.Err
	}
	return s.fail(field, s.row.fields[field], want, fmt.Errorf("%w: %w", series.ErrValue, err))
}

func (s *scan) failAt(column int, value, want string, sentinel error) bool {
	if len(value) > maxQuoted {
		value = value[:maxQuoted]
	}
	return s.failWith(&series.Error{
		Pos:   series.Pos{Source: s.name, Line: s.lines.num, Column: column},
		Value: strings.Clone(value),
		Want:  want,
		Err:   sentinel,
	})
}

// maxQuoted is how much of a value an error keeps; series.Error prints less.
const maxQuoted = 128

// pass yields an error of the source itself.
func (s *scan) pass(err error) {
	s.failWith(&series.Error{
		Pos:  series.Pos{Source: s.name, Line: s.lines.num},
		Want: "a source that can be read to its end",
		Err:  err,
	})
}

// failWith yields an error, or in place of one too many the last one.
func (s *scan) failWith(e *series.Error) bool {
	s.errs++
	tell, last := series.Limited(s.errs, e)
	if !s.yield(series.Reading{}, tell) || last {
		s.stopped = true
	}
	return !s.stopped
}

func (s *scan) give(rd series.Reading) bool {
	if !s.yield(rd, nil) {
		s.stopped = true
	}
	return !s.stopped
}
