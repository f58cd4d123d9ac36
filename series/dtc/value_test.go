package dtc

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/halfhour/halfhour/series"
)

// The fast path says what series.ParseFixed says, of numbers and of nonsense.
func TestParseValue(t *testing.T) {
	same := func(t rapid.TB, s string, round bool) {
		v, finer, err := parseValue([]byte(s), round)
		wv, wfiner, werr := series.ParseFixed(s, scale, round)
		if v != wv || finer != wfiner || (err == nil) != (werr == nil) || err != nil && err.Error() != werr.Error() {
			t.Fatalf("%q: %d %v %v, want %d %v %v", s, v, finer, err, wv, wfiner, werr)
		}
	}
	for _, s := range []string{"", "0", "-0", "1.", ".1", "1.1", "1.12", "1.123", "1.1234", "1.1230", "999999999999.999",
		"1000000000000", "0000000000001", "000000000001", "1..2", "1.2.3", "+1", "1e3", "1 ", "1.-2", "1./", "1.:", "-1.5", "/", ":"} {
		same(t, s, false)
		same(t, s, true)
	}
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(rapid.StringMatching(`-?[0-9]{0,14}(\.[0-9]{0,16})?`), rapid.StringMatching(`[-0-9.e /:]{0,8}`)).Draw(t, "number")
		same(t, s, rapid.Bool().Draw(t, "round"))
	})
}
