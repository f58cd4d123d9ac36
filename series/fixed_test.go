package series

import (
	"errors"
	"math"
	"math/big"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestParseFixed(t *testing.T) {
	for _, x := range []struct {
		in    string
		scale int
		round bool
		want  int64
		finer bool
	}{
		{"0", 3, false, 0, false},
		{"-0", 3, false, 0, false},
		{"-0.000", 3, false, 0, false},
		{"12.3", 3, false, 12300, false},
		{"-12.3", 3, false, -12300, false},
		{"007", 0, false, 7, false},
		{"1.5000000000000", 1, false, 15, false}, // zeros are no finer
		{"1.0005", 3, true, 1001, true},          // half away from zero
		{"-1.0005", 3, true, -1001, true},
		{"1.0015", 3, true, 1002, true},
		{"1.00049999999999", 3, true, 1000, true},
		{"-1.00049999999999", 3, true, -1000, true},
		{"1.00050000000001", 3, true, 1001, true},
		{"0.5", 0, true, 1, true},
		{"-0.5", 0, true, -1, true},
		{"-0.4", 0, true, 0, true},
		{"999999999999", 0, false, 999999999999, false},
		{"999999999999.999999", 6, false, 999999999999999999, false},
		{"999999999999.9999995", 6, true, 1000000000000000000, true},
		{"92233.72036854775807", 14, false, math.MaxInt64, false},
		{"-92233.72036854775807", 14, false, -math.MaxInt64, false},
		{"922337203685.47758074", 7, true, 9223372036854775807, true},
		{"9223372036.85477580", 9, false, 9223372036854775800, false},
	} {
		got, finer, err := ParseFixed(x.in, x.scale, x.round)
		if err != nil || got != x.want || finer != x.finer {
			t.Errorf("ParseFixed(%q, %d, %v) = %d, %v, %v; want %d, %v", x.in, x.scale, x.round, got, finer, err, x.want, x.finer)
		}
	}
	for _, in := range []string{
		"", "-", ".", "-.", "1.", ".5", "-.5", "1.2.3", "--1", "+1", "1-", " 1", "1 ", "1 000", "1,5", "1,000", "1_000",
		"1e3", "1E3", "1e-3", "1.5e1", "0x1", "Inf", "NaN", "nan", "١٢", "１", "1.٥", "1.5\n", "\t1", "1\x00", "−1", "£1", "1½",
		"1000000000000", "0000000000001", "1.000000000000000", // 13 digits before, 15 after
		strings.Repeat("9", 400), "1." + strings.Repeat("0", 400),
		"1.0005", "0.0000000000001", // finer than the line
	} {
		if v, finer, err := ParseFixed(in, 3, false); !errors.Is(err, ErrValue) || v != 0 || finer {
			t.Errorf("ParseFixed(%q) = %d, %v, %v", in, v, finer, err)
		}
	}
	for _, x := range []struct {
		in    string
		scale int
	}{{"92233.72036854775808", 14}, {"-92233.72036854775808", 14}, {"999999999999", 14}, {"922337203685.47758075", 7}} {
		if v, _, err := ParseFixed(x.in, x.scale, true); !errors.Is(err, ErrValue) || !strings.Contains(err.Error(), "fit") {
			t.Errorf("ParseFixed(%q, %d) = %d, %v", x.in, x.scale, v, err)
		}
	}
}

var plain = regexp.MustCompile(`^-?[0-9]{1,12}(\.[0-9]{1,14})?$`)

// Against big.Rat: what it is, what it rounds to, and when it is refused.
func TestParseFixedProperty(t *testing.T) {
	number := rapid.OneOf(
		rapid.StringMatching(`-?[0-9]{1,12}(\.[0-9]{1,14})?`),
		rapid.StringMatching(`-?[0-9]{1,3}\.[0-9]{2,4}(5|50|49|51)0{0,6}`), // ties and their neighbours
		rapid.StringMatching(`-?9223372036854775[78][0-9.]{1,5}`),
		rapid.StringMatching(`-?92233\.72036854775[78][0-9]{2}`),
		rapid.StringMatching(`-?922337203685\.47758[0-9]{1,4}`),
		rapid.StringMatching(`[-+ ]?[0-9٣]{0,14}[.,eE]?[-+]?[0-9]{0,16} ?`),
		rapid.String(),
	)
	rapid.Check(t, func(t *rapid.T) {
		s, scale, round := number.Draw(t, "s"), rapid.IntRange(0, MaxScale).Draw(t, "scale"), rapid.Bool().Draw(t, "round")
		v, finer, err := ParseFixed(s, scale, round)
		if err != nil && (!errors.Is(err, ErrValue) || v != 0 || finer) {
			t.Fatalf("%q: %d, %v, %v", s, v, finer, err)
		}
		if !plain.MatchString(s) {
			if err == nil {
				t.Fatalf("%q at %d gives %d", s, scale, v)
			}
			return
		}
		x, _ := new(big.Rat).SetString(s)
		x.Mul(x, new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(scale)), nil)))
		exact := x.IsInt()
		// Half away from zero: the floor of |x| + 1/2, with its sign.
		r := new(big.Rat).Add(new(big.Rat).Abs(x), big.NewRat(1, 2))
		want := new(big.Int).Quo(r.Num(), r.Denom())
		if x.Sign() < 0 {
			want.Neg(want)
		}
		switch fits := new(big.Int).Abs(want).IsInt64(); {
		case !exact && !round || !fits:
			if err == nil {
				t.Fatalf("%q at %d gives %d", s, scale, v)
			}
		case err != nil:
			t.Fatalf("%q at %d: %v", s, scale, err)
		case big.NewInt(v).Cmp(want) != 0 || finer != !exact:
			t.Fatalf("%q at %d = %d, %v; want %v, %v", s, scale, v, finer, want, !exact)
		}
	})
}

func TestParseFixedDoesNotAllocate(t *testing.T) {
	if n := testing.AllocsPerRun(20, func() { _, _, _ = ParseFixed("-12345.6785", 3, true) }); n != 0 {
		t.Errorf("ParseFixed allocates %v times", n)
	}
}
