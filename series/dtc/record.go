package dtc

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// Limits of a source.
const (
	maxLine    = 4 << 10  // bytes of a line without its end; the longest valid record has about 120
	maxFields  = 12       // fields of the longest record, the header
	bufferSize = 64 << 10 // bytes read at a time; no less than maxLine and a line end
)

var (
	errLong = errors.New("line too long")
	errCut  = errors.New("last line without an end")
)

// lines cuts a source into lines. n is the number of the last one given.
type lines struct {
	src *bufio.Reader
	n   int
}

var byteOrderMark = []byte("\xef\xbb\xbf")

// skipMark passes over a byte order mark. It leaves errors to the first next.
func (l *lines) skipMark() {
	if b, _ := l.src.Peek(len(byteOrderMark)); bytes.Equal(b, byteOrderMark) {
		_, _ = l.src.Discard(len(b))
	}
}

// next gives the next line without LF or CRLF; it is good until the call
// after. Its errors are errLong, after which the line has been passed over,
// errCut with what there is of a line without an end, io.EOF, and those of the
// source.
func (l *lines) next() ([]byte, error) {
	line, err := l.src.ReadSlice('\n')
	if err == nil && len(line) <= maxLine {
		l.n++
		return trimEnd(line), nil
	}
	return l.odd(line, err)
}

// odd is next for everything but a plain line.
func (l *lines) odd(line []byte, err error) ([]byte, error) {
	long := len(line) > maxLine+len("\r\n")
	for err == bufio.ErrBufferFull {
		_, err = l.src.ReadSlice('\n')
	}
	switch {
	case err != nil && err != io.EOF:
		l.n++
		return nil, err
	case len(line) == 0:
		return nil, io.EOF
	}
	l.n++
	if long {
		return nil, errLong
	}
	if err == io.EOF {
		if len(line) > maxLine {
			return nil, errLong
		}
		return line, errCut
	}
	if line = trimEnd(line); len(line) > maxLine {
		return nil, errLong
	}
	return line, nil
}

// trimEnd takes the LF or CRLF off a line that has one.
func trimEnd(line []byte) []byte {
	line = line[:len(line)-1]
	if n := len(line); n > 0 && line[n-1] == '\r' {
		line = line[:n-1]
	}
	return line
}

// record is a line cut at its pipes. A pipe at the end makes one more piece, an
// empty one, which is not a field.
type record struct {
	text []byte
	n    int                // pieces, of which at most maxFields+1 are kept
	at   [maxFields + 2]int // piece i lies from at[i] to before at[i+1]-1
}

// cut takes a line apart. It gives the index of the first byte that is not
// printable ASCII, or -1.
func (c *record) cut(line []byte) int {
	c.text, c.n = line, 0
	for i, b := range line {
		if b-' ' > '~'-' ' {
			c.n = 0
			return i
		}
		if b == '|' {
			c.n++
			if c.n < len(c.at) {
				c.at[c.n] = i + 1
			}
		}
	}
	c.n++
	if c.n < len(c.at) {
		c.at[c.n] = len(line) + 1
	}
	return -1
}

// field is piece i, which must be there. It is good as long as the line.
func (c *record) field(i int) []byte { return c.text[c.at[i] : c.at[i+1]-1] }

// column is where field i stands, from 1.
func (c *record) column(i int) int { return c.at[i] + 1 }

// has says whether the record has n fields.
func (c *record) has(n int) bool { return c.fields() == n }

// fields is the number of fields: a pipe at the end begins none.
func (c *record) fields() int {
	if n := len(c.text); n > 0 && c.text[n-1] == '|' {
		return c.n - 1
	}
	return c.n
}
