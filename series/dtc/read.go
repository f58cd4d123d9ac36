package dtc

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// Options change what Read takes. The zero value is the strict reading.
type Options struct {
	// Run is stamped on every reading. The flows state no run, so it is
	// settlement.Untagged unless the caller knows better.
	Run settlement.Run

	// Round rounds a value finer than 3 decimals, half away from zero, and
	// marks it series.Rounded, instead of refusing it.
	Round bool

	// Test takes files whose test flag is not OPER.
	Test bool

	// AnyCount does not look at the trailer's count. Sloppy counts exist in the
	// field: a D0379 writer is known that states 49 whatever it wrote. A
	// missing trailer is still an error.
	AnyCount bool
}

// Read reads the D0036 or D0379 that open gives; the header tells which. Lines
// are of series.Meter. name is what errors and positions call the source.
//
// It is one pass in bounded memory, a day at a time, and opens the source
// again for each range. It always closes it. Errors are as the package comment
// says, with the sentinels series.ErrFormat (a record that is not as it should
// be, or not where it should be), series.ErrValue (a field; errors.Is also
// finds settlement.ErrCheckDigit, ErrMPAN and ErrDay), series.ErrCount (rows of
// a day, groups of a file), series.ErrEmpty and series.ErrLimit.
func Read(name string, open series.Opener, o Options) series.Readings {
	return func(yield func(series.Reading, error) bool) {
		src, err := open()
		if err != nil {
			yield(series.Reading{}, fmt.Errorf("%s: %w", name, err))
			return
		}
		r := &reader{name: name, opt: o, yield: yield}
		read := false
		defer func() {
			// Some sources, such as a command's output, fail at Close only.
			err := src.Close()
			if err != nil && read && !r.stopped {
				yield(series.Reading{}, fmt.Errorf("%s: %w", name, err))
			}
		}()
		r.lines.src = bufio.NewReaderSize(src, bufferSize)
		r.read()
		read = true
	}
}

// reader is one pass over one source. Its methods that can yield say whether
// to go on; stopped says that nothing may be yielded any more.
type reader struct {
	name    string
	opt     Options
	yield   func(series.Reading, error) bool
	stopped bool
	errs    int
	yielded bool // some reading

	lines lines
	rec   record
	env   *envelope
	id    []byte // the file id of the header
	flow  *flow
	meter meter
	day   day
}

// read goes through header, groups and trailer.
func (r *reader) read() {
	if !r.header() {
		return
	}
	for {
		line, err := r.lines.next()
		switch {
		case err == nil:
		case err == errLong:
			if !r.refuse(nil) || !r.failLong() {
				return
			}
			continue
		case err == io.EOF || err == errCut:
			r.failCut(err)
			return
		default:
			r.failRead(err)
			return
		}
		if bad := r.rec.cut(line); bad >= 0 {
			if !r.refuse(r.rec.text) || !r.failByte(bad) {
				return
			}
			continue
		}
		if code := r.rec.field(0); string(code) == "ZPT" {
			if r.trailer() {
				r.rest()
			}
			return
		}
		if !r.group() {
			return
		}
	}
}

// rest makes sure that nothing but empty lines follows the trailer.
func (r *reader) rest() {
	for {
		line, err := r.lines.next()
		switch {
		case err == io.EOF:
			return
		case err == nil && len(line) == 0:
			continue
		case err == nil, err == errCut, err == errLong:
			r.fail(r.lines.n, 1, line, "nothing after the ZPT trailer: one file holds one flow; split files that were joined", series.ErrFormat)
			return
		default:
			r.failRead(err)
			return
		}
	}
}

// fail yields a located error, or in place of one too many the last one.
func (r *reader) fail(line, column int, value []byte, want string, sentinel error) bool {
	return r.failWith(&series.Error{
		Pos:   series.Pos{Source: r.name, Line: line, Column: column},
		Value: string(value),
		Want:  want,
		Err:   sentinel,
	})
}

func (r *reader) failWith(err *series.Error) bool {
	r.errs++
	tell, last := series.Limited(r.errs, err)
	if !r.yield(series.Reading{}, tell) || last {
		r.stopped = true
	}
	return !r.stopped
}

// failField is fail for a field of the record at hand.
func (r *reader) failField(i int, want string, sentinel error) bool {
	return r.fail(r.lines.n, r.rec.column(i), r.rec.field(i), want, sentinel)
}

// failFields is for a record that has not the n fields it should have.
func (r *reader) failFields(n int, layout string) bool {
	return r.fail(r.lines.n, 0, r.rec.text,
		fmt.Sprintf("%d fields, %s, not %d", n, layout, r.rec.fields()), series.ErrFormat)
}

func (r *reader) failByte(at int) bool {
	return r.fail(r.lines.n, at+1, r.rec.text[at:at+1],
		"printable ASCII only: the file is damaged, compressed or in another encoding", series.ErrFormat)
}

func (r *reader) failLong() bool {
	return r.fail(r.lines.n, maxLine+1, nil,
		fmt.Sprintf("a line of at most %d bytes: is this the right file?", maxLine), series.ErrFormat)
}

// failCut is for a source that ended too early: before the trailer, or in the
// middle of a line.
func (r *reader) failCut(err error) bool {
	want := "a ZPT record at the end; the file ends without its ZPT trailer: it was cut short; ask for it again"
	if err == errCut {
		want = "a line end after the last record; the file ends inside a line: it was cut short; ask for it again"
	}
	return r.fail(r.lines.n, 0, nil, want, series.ErrFormat)
}

// failRead passes on the error of the source.
func (r *reader) failRead(err error) {
	r.stopped = true
	r.yield(series.Reading{}, fmt.Errorf("%s:%d: %w", r.name, r.lines.n, err))
}

// failSettlement is for a field that package settlement refused; errors.Is finds
// both series.ErrValue and settlement's sentinel.
func (r *reader) failSettlement(i int, err error, want string) bool {
	sentinel := err
	if se := (*settlement.Error)(nil); errors.As(err, &se) {
		sentinel = se.Err
		if want == "" {
			want = se.Want
		}
	}
	return r.failField(i, want, fmt.Errorf("%w: %w", series.ErrValue, sentinel))
}
