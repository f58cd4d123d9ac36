package settlement

import (
	"cmp"
	"strconv"
)

// MPAN is the core of a Meter Point Administration Number, thirteen digits that
// name one supply point: two of the distributor, ten of its own, one check
// digit. An MPAN from ParseMPAN has a valid check digit. MPANs are comparable;
// the zero value is no MPAN.
//
// Older bills print twenty-one digits, in which profile class, meter time
// switch code and line loss factor class come before the core. Those change
// during the life of a supply, so they are no part of its name.
type MPAN struct {
	n uint64 // the thirteen digits; never starts with 0, so never 0
}

const (
	mpanDigits  = 13
	mpanMissing = "no MPAN"
)

// mpanPrimes weigh the first twelve digits: the primes from 3, without 11.
var mpanPrimes = [mpanDigits - 1]int{3, 5, 7, 13, 17, 19, 23, 29, 31, 37, 41, 43}

// CheckDigit gives the thirteenth digit for the first twelve: their sum,
// weighted by primes, modulo 11 modulo 10. It fails with ErrMPAN unless it is
// given twelve ASCII digits.
//
// A remainder of 10 gives 0, as does a remainder of 0, so the digit catches most
// misreadings and not all.
func CheckDigit(first12 string) (int, error) {
	if _, ok := digits(first12); !ok || len(first12) != mpanDigits-1 {
		return 0, &Error{
			What:  "first part of an MPAN",
			Value: first12,
			Want:  "exactly 12 digits, without spaces or a check digit",
			Err:   ErrMPAN,
		}
	}
	return checkDigit(first12), nil
}

// checkDigit needs twelve or more ASCII digits and reads the first twelve.
func checkDigit(s string) int {
	sum := 0
	for i, p := range mpanPrimes {
		sum += p * int(s[i]-'0')
	}
	return sum % 11 % 10
}

// ParseMPAN reads an MPAN core: exactly thirteen ASCII digits with a valid check
// digit. It fails with ErrCheckDigit if only the check digit is wrong, and with
// ErrMPAN for every other form, the twenty-one digits of an old bill included.
// Every error is an ErrMPAN.
func ParseMPAN(s string) (MPAN, error) {
	n, ok := digits(s)
	if len(s) != mpanDigits || !ok {
		return MPAN{}, mpanError(s)
	}
	if s[0] == '0' {
		// Distributor ids start at 10. Thirteen zeros would pass the check
		// digit, and are what a missing MPAN is often filled with.
		return MPAN{}, &Error{
			What:  "MPAN",
			Value: s,
			Want:  "13 digits that start with a distributor id, 10 to 99; leave the value out if there is no MPAN",
			Err:   ErrMPAN,
		}
	}
	if want := checkDigit(s); int(s[mpanDigits-1]-'0') != want {
		return MPAN{}, &Error{
			What:  "MPAN",
			Value: s,
			Want: "check digit " + strconv.Itoa(want) + " after " + s[:mpanDigits-1] +
				", found " + s[mpanDigits-1:] + "; one of the digits was misread",
			Err: ErrCheckDigit,
		}
	}
	return MPAN{uint64(n)}, nil
}

func mpanError(s string) error {
	want := "exactly 13 digits 0 to 9, without spaces"
	if len(s) == 21 {
		want = "the core only: give the last 13 of the 21 digits"
	}
	return &Error{What: "MPAN", Value: s, Want: want, Err: ErrMPAN}
}

// IsZero says whether m is no MPAN.
func (m MPAN) IsZero() bool { return m.n == 0 }

// Compare orders MPANs by their digits, the zero value first: it is negative when
// m comes before o, 0 when they are the same, and positive otherwise.
func (m MPAN) Compare(o MPAN) int { return cmp.Compare(m.n, o.n) }

// String gives the thirteen digits, and "no MPAN" for the zero value.
func (m MPAN) String() string {
	if m.IsZero() {
		return mpanMissing
	}
	return strconv.FormatUint(m.n, 10)
}

// BeginsWith reports whether the first two digits are a distributor's id. The zero
// value begins with none.
func (m MPAN) BeginsWith(d Distributor) bool { return d != 0 && m.n/100_000_000_000 == uint64(d) }

// Distributor gives the first two digits, the distributor's id; ParseDistributor
// tells more. It is empty for the zero value.
func (m MPAN) Distributor() string {
	if m.IsZero() {
		return ""
	}
	return m.String()[:2]
}
