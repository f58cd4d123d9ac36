package settlement

import (
	"errors"
	"fmt"
	"unicode/utf8"
)

// Sentinels say which kind of value was refused. Test for them with errors.Is.
var (
	ErrDay         = errors.New("not a settlement day")
	ErrMonth       = errors.New("not a month")
	ErrPeriod      = errors.New("not a settlement period")
	ErrRun         = errors.New("not a settlement run")
	ErrMPAN        = errors.New("not an MPAN")
	ErrGSPGroup    = errors.New("not a GSP group")
	ErrDistributor = errors.New("not a distributor id")

	// ErrCheckDigit is the one way of not being an MPAN that is worth telling
	// apart: thirteen digits of which one was misread. It is also an ErrMPAN.
	ErrCheckDigit = fmt.Errorf("%w: wrong check digit", ErrMPAN)
)

// Error says what was wrong with a value given to this package and how to put
// it right. Whoever read the value from a file adds the place it stood.
type Error struct {
	What  string // kind of value, such as "MPAN"
	Value string // the value as given
	Want  string // what was expected, and how to fix it
	Err   error  // one of the sentinels of this package
}

// maxQuoted is how many characters of a refused value a message repeats. A
// value that should have been thirteen digits may be a whole file.
const maxQuoted = 64

func (e *Error) Error() string {
	return fmt.Sprintf("%s %s: want %s", e.What, quote(e.Value), e.Want)
}

// Unwrap gives the sentinel.
func (e *Error) Unwrap() error { return e.Err }

// quote makes any text safe to print on one line, cut to maxQuoted characters.
func quote(s string) string {
	cut := 0
	for n := 0; n < maxQuoted && cut < len(s); n++ {
		_, size := utf8.DecodeRuneInString(s[cut:])
		cut += size
	}
	if cut == len(s) {
		return fmt.Sprintf("%q", s)
	}
	return fmt.Sprintf("%q… (%d bytes)", s[:cut], len(s))
}

// digits reads s as ASCII decimal digits and nothing else. It is for short
// fields, at most 18 digits, which cannot overflow.
func digits(s string) (n int64, ok bool) {
	if len(s) == 0 || len(s) > 18 {
		return 0, false
	}
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return n, true
}
