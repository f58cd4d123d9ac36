package series

import (
	"math"
	"strconv"
)

// Limits of a number in a file: what NUM formats of the flows never pass.
const (
	maxWhole    = 12 // digits before the point
	maxFraction = 14 // digits after it
)

// ParseFixed reads a decimal of ASCII digits, -?d{1,12}(.d{1,14})?, as an
// integer at the given scale. Exponents, plus signs, spaces and thousands
// separators are refused (ErrValue). Digits beyond the scale are refused too
// unless they are 0; with round they are rounded half away from zero and finer
// is true, for the caller to mark the value.
func ParseFixed(s string, scale int, round bool) (v int64, finer bool, err error) {
	bad := func(want string) (int64, bool, error) {
		return 0, false, &Error{Value: s, Want: want, Err: ErrValue}
	}
	t, neg := s, false
	if t != "" && t[0] == '-' {
		t, neg = t[1:], true
	}
	i := 0
	for ; i < len(t) && t[i] >= '0' && t[i] <= '9'; i++ {
		if i == maxWhole {
			return bad("at most 12 digits before the point")
		}
		v = v*10 + int64(t[i]-'0')
	}
	if i == 0 {
		return bad("a plain decimal number such as 12.3")
	}
	frac := ""
	if i < len(t) {
		if t[i] != '.' || i+1 == len(t) || len(t)-i-1 > maxFraction {
			return bad("a plain decimal number such as 12.3, with at most 14 decimals")
		}
		frac = t[i+1:]
	}
	up := false
	for k := range max(len(frac), scale) {
		d := byte('0')
		if k < len(frac) {
			d = frac[k]
		}
		switch {
		case d < '0' || d > '9':
			return bad("a plain decimal number such as 12.3")
		case k < scale:
			if v > (math.MaxInt64-int64(d-'0'))/10 {
				return bad(tooLarge(scale))
			}
			v = v*10 + int64(d-'0')
		case d != '0':
			finer = true
		}
		if k == scale {
			up = d >= '5'
		}
	}
	if finer && !round {
		return bad("at most " + strconv.Itoa(scale) + " decimals; round it if that is meant (hh: --round)")
	}
	if up {
		if v == math.MaxInt64 {
			return bad(tooLarge(scale))
		}
		v++
	}
	if neg {
		v = -v
	}
	return v, finer, nil
}

func tooLarge(scale int) string {
	return "a smaller number: it does not fit at " + strconv.Itoa(scale) + " decimals"
}
