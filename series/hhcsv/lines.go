package hhcsv

import (
	"io"
	"strings"
)

// Limits of a source. They bound what a hostile file can make us hold.
const (
	maxLongLine = 4 << 10  // bytes of a line with one reading
	maxWideLine = 16 << 10 // bytes of a line with fifty values
	maxFields   = 128      // fields of a line
	blockSize   = 64 << 10 // bytes read at a time
)

// lines cuts a source into lines. It holds a block and a line at most. Lines
// are parts of a block turned into one string, so that a line costs no
// allocation of its own.
type lines struct {
	src  io.Reader
	max  int    // bytes a line may have
	buf  []byte // a block
	text string // read and not yet given out
	num  int    // number of the line last given out
	skip bool   // text is the inside of a line that is too long
	err  error  // why there is nothing more to read
}

// A rawLine is a line as it was found.
type rawLine struct {
	text  string // without its line end
	long  bool   // it has more than max bytes, and text is not all of it
	ended bool   // it has a line end
}

// next gives the next line. At the end of the source, or where reading failed,
// it is not ok: see err. A line cut off by a failure is not given out.
func (s *lines) next() (l rawLine, ok bool) {
	for {
		i := strings.IndexByte(s.text, '\n')
		switch {
		case i >= 0:
			l = rawLine{text: s.text[:i], ended: true}
			s.text = s.text[i+1:]
		case s.err == nil:
			if len(s.text) > s.max+1 {
				s.skip, s.text = true, ""
			}
			s.fill()
			continue
		case s.err != io.EOF || s.text == "" && !s.skip:
			return rawLine{}, false
		default:
			l = rawLine{text: s.text}
			s.text = ""
		}
		s.num++
		l.text = strings.TrimSuffix(l.text, "\r")
		l.long = s.skip || len(l.text) > s.max
		s.skip = false
		return l, true
	}
}

// fill reads a block. It is not io.ReadFull, which would turn the end of the
// source into the error that a cut gzip stream gives.
func (s *lines) fill() {
	n, idle := 0, 0
	for n < len(s.buf) && s.err == nil {
		var k int
		k, s.err = s.src.Read(s.buf[n:])
		n += k
		if idle++; k > 0 {
			idle = 0
		} else if idle == 100 && s.err == nil {
			s.err = io.ErrNoProgress
		}
	}
	s.text += string(s.buf[:n])
}

// A row is the fields of a line, reused from line to line.
type row struct {
	fields []string
	at     []int // where each field starts in the line, in bytes
}

func (r *row) add(field string, at int) {
	r.fields = append(r.fields, field)
	r.at = append(r.at, at)
}

// cut splits a line into its fields. If the line is not CSV it says what was
// expected, and at which byte.
func (r *row) cut(text string) (want string, at int) {
	r.fields, r.at = r.fields[:0], r.at[:0]
	from := 0
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == ',':
			r.add(text[from:i], from)
			from = i + 1
		case c == '"':
			if i != from {
				return `quotes around the whole field or none; a quote inside a quoted field is written twice`, i
			}
			field, n := unquote(text[i:])
			if n == 0 {
				return `a closing quote on the same line, and a comma or the line end after it`, i
			}
			r.add(field, i)
			if i += n; i == len(text) {
				return "", 0
			}
			from = i + 1
		case c < ' ' || c == 0x7f:
			return "text without control bytes such as NUL, tab or a lone carriage return", i
		}
		if len(r.fields) == maxFields {
			return "at most 128 fields", i
		}
	}
	r.add(text[from:], from)
	return "", 0
}

// unquote reads a quoted field from its opening quote on. n is how far it goes,
// up to the comma or the end; 0 if it is not closed.
func unquote(text string) (field string, n int) {
	for i := 1; i < len(text); i++ {
		switch {
		case text[i] < ' ' || text[i] == 0x7f:
			return "", 0
		case text[i] != '"':
		case i+1 == len(text) || text[i+1] == ',':
			return strings.ReplaceAll(text[1:i], `""`, `"`), i + 1
		case text[i+1] == '"':
			i++
		default:
			return "", 0
		}
	}
	return "", 0
}
