package series

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Pos says where in a source a value stood. Line and Column count from 1; 0
// means the source as a whole.
type Pos struct {
	Source string
	Line   int
	Column int
}

// String is "source:line:column", as far as it is known.
func (p Pos) String() string {
	s := p.Source
	if p.Line > 0 {
		s += ":" + strconv.Itoa(p.Line)
	}
	if p.Column > 0 {
		s += ":" + strconv.Itoa(p.Column)
	}
	return s
}

// Error is bad data at a place: what stood there, what was expected instead,
// and how to put it right. Err is one of this package's sentinels.
type Error struct {
	Pos   Pos
	Value string // as found; cut to 64 characters when printed
	Want  string // what was expected, and how to fix it
	Err   error
}

func (e *Error) Error() string {
	want := e.Want
	if want != "" {
		want = "want " + want
	}
	return Located(e.Pos, "", e.Err, e.Value, want)
}

// Located puts a located error into words, the same way on every floor:
// source:line:column, the subject, what is wrong, the value as found, cut to 64
// characters, and what was wanted. What is empty is left out.
func Located(pos Pos, subject string, err error, value, want string) string {
	var b strings.Builder
	if pos != (Pos{}) {
		b.WriteString(pos.String() + ": ")
	}
	if subject != "" {
		b.WriteString(subject + ": ")
	}
	b.WriteString(err.Error())
	if value != "" {
		if len(value) > 64 {
			value = value[:64] + "…"
		}
		fmt.Fprintf(&b, " %q", value)
	}
	if want != "" {
		b.WriteString(": " + want)
	}
	return b.String()
}

func (e *Error) Unwrap() error { return e.Err }

// What can be wrong with data; match with errors.Is.
var (
	ErrUnit     = errors.New("unknown unit")
	ErrSchema   = errors.New("bad schema")
	ErrValue    = errors.New("bad value")
	ErrFormat   = errors.New("bad record")
	ErrCount    = errors.New("wrong count")
	ErrConflict = errors.New("two different values for one half-hour")
	ErrEmpty    = errors.New("no readings")
	ErrRecord   = errors.New("bad arrow record")
	ErrZeroCopy = errors.New("record cannot be shared without copying")
	ErrLimit    = errors.New("limit reached")
)

// MaxErrors is how many located errors are told before giving up.
const MaxErrors = 20

// TooMany is the error that ends a list of errors that was cut short: it stands
// in the place of the one after MaxErrors.
func TooMany(pos Pos) *Error {
	return &Error{Pos: pos, Want: fmt.Sprintf("at most %d errors: there are more; put right those above and read again", MaxErrors), Err: ErrLimit}
}

// Limited is what a list tells as its error number n, from 1: the error itself
// up to MaxErrors, and TooMany for the one after them, which is the last. So a
// list of MaxErrors errors is whole, and one that was cut says so.
func Limited(n int, err error) (tell error, last bool) {
	if n <= MaxErrors {
		return err, false
	}
	var e *Error
	if errors.As(err, &e) {
		return TooMany(e.Pos), true
	}
	return TooMany(Pos{}), true
}

// Errors are the located errors of one source, in order, up to a limit.
type Errors []error

// Add takes an error in, within the limit, and reports whether there is room
// for another.
func (e *Errors) Add(err error) bool {
	if len(*e) > MaxErrors {
		return false
	}
	tell, last := Limited(len(*e)+1, err)
	*e = append(*e, tell)
	return !last
}

func (e Errors) Error() string {
	s := make([]string, len(e))
	for i, err := range e {
		s[i] = err.Error()
	}
	return strings.Join(s, "\n")
}

// Unwrap lets errors.Is and errors.As look at each.
func (e Errors) Unwrap() []error { return e }
