package tariffs

import (
	"math"
	"math/big"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"github.com/halfhour/halfhour/internal/kernel"
	"github.com/halfhour/halfhour/series"
)

// edges draws numbers near zero, powers of two and the ends of int64 as often
// as any others.
func edges() *rapid.Generator[int64] {
	near := []int64{0, 1 << 31, 1 << 53, 1 << 61, 1 << 62, math.MaxInt64, math.MinInt64, 500_000_000, 1_000_000_000, -1_500_000_000}
	return rapid.OneOf(rapid.Int64(), rapid.Int64Range(-5_000_000_000, 5_000_000_000), rapid.Custom(func(t *rapid.T) int64 {
		return rapid.SampledFrom(near).Draw(t, "near") + rapid.Int64Range(-3, 3).Draw(t, "off") // may wrap: any number will do
	}))
}

func TestRoundNBP(t *testing.T) {
	check := func(t interface{ Fatalf(string, ...any) }, gsp, tlm int64, beside bool) {
		want := refEven(new(big.Rat).SetFrac(new(big.Int).Mul(big.NewInt(gsp), big.NewInt(tlm)), big.NewInt(tlmUnit)))
		a, b := []int64{gsp}, []int64{tlm}
		if beside { // a neighbour that rules out the fast loop
			a, b = append(a, math.MaxInt64/2), append(b, 1_000_000_001)
		}
		dst := make([]int64, len(a))
		n := roundNBP(dst, a, b, kernel.Magnitude(a))
		switch {
		case want.IsInt64() && (n != len(a) || dst[0] != want.Int64()):
			// The least int64 alone may be refused; it is not a volume.
			if want.Int64() == math.MinInt64 && n == 0 {
				return
			}
			t.Fatalf("%d × %d: %d (%d of %d done), want %s", gsp, tlm, dst[0], n, len(a), want)
		case !want.IsInt64() && n != 0:
			t.Fatalf("%d × %d: %d, want a refusal of %s", gsp, tlm, dst[0], want)
		}
	}
	for _, beside := range []bool{false, true} {
		for _, gsp := range []int64{1, 2, 3, -1, -2, -3, 0, 5, -5, 1_000_001, math.MaxInt64, math.MinInt64 + 1, math.MinInt64} {
			for _, tlm := range []int64{500_000_000, 1_500_000_000, -500_000_000, 499_999_999, 500_000_001, 1_000_000_000, 0, 1, 999_999_999, math.MaxInt64} {
				check(t, gsp, tlm, beside)
			}
		}
		// Quotients just below 2^63 that round up to it.
		limit := new(big.Int).Mul(new(big.Int).Lsh(big.NewInt(1), 63), big.NewInt(tlmUnit))
		for tlm := int64(1_000_000_001); tlm < 1_000_000_200; tlm++ {
			gsp := new(big.Int).Div(limit, big.NewInt(tlm)).Int64()
			for off := int64(-2); off <= 1; off++ {
				check(t, gsp+off, tlm, beside)
				check(t, -gsp-off, tlm, beside)
			}
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		for range 500 {
			gsp, tlm := edges().Draw(t, "gsp"), edges().Draw(t, "tlm")
			check(t, gsp, tlm, false)
			check(t, gsp, tlm, true)
			if t.Failed() {
				return
			}
		}
	})
}

func TestAllotted(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.SampledFrom([]int64{1, 2, 28, 29, 30, 31, 46, 48, 50, 365, 366, 1000}).Draw(t, "n")
		total := rapid.OneOf(rapid.Int64Range(-1000, 1000), rapid.Int64Range(-maxFigure, maxFigure), rapid.SampledFrom([]int64{maxFigure, -maxFigure, n, -n, n / 2})).Draw(t, "total")
		sum := int64(0)
		for k := int64(0); k <= n; k++ {
			got := allotted(total, k, n)
			exact := new(big.Rat).Mul(ratOf(total, 1), ratOf(k, n))
			if want := refHalfUp(exact, 0); ratOf(got, 1).Cmp(want) != 0 {
				t.Fatalf("%d of %d parts of %d: %d, want %s", k, n, total, got, want)
			}
			if k > 0 {
				sum += got - allotted(total, k-1, n)
			}
		}
		if sum != total || allotted(total, 0, n) != 0 {
			t.Fatalf("parts of %d come to %d", total, sum)
		}
	})
}

func TestRoundPenny(t *testing.T) {
	for in, want := range map[string]string{
		"0.005": "0.01", "-0.005": "-0.01", "0.004999999999999": "0.00", "-0.004999999999999": "0.00", "0": "0.00",
		"0.015": "0.02", "0.025": "0.03", "-0.015": "-0.02", "-0.025": "-0.03", "1.005": "1.01", "2.674999": "2.67", "2.675": "2.68",
		"1e3": "1000.00", "12345678901234567890.125": "12345678901234567890.13", "-0.00000000000001": "0.00",
	} {
		if got := pounds(roundPenny(decimal.RequireFromString(in), 1)); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
	for _, c := range []struct {
		in   string
		by   int64
		want string
	}{{"1.825", 365, "0.01"}, {"1.83", 366, "0.01"}, {"-1.825", 365, "-0.01"}, {"1.8249999999", 365, "0.00"}, {"0.155", 31, "0.01"}, {"-0.15", 30, "-0.01"}, {"0.145", 29, "0.01"}, {"0.14", 28, "0.01"}, {"10", 31, "0.32"}} {
		if got := pounds(roundPenny(decimal.RequireFromString(c.in), c.by)); got != c.want {
			t.Errorf("%s ÷ %d: %s, want %s", c.in, c.by, got, c.want)
		}
	}
	if t.Failed() {
		return
	}
	rapid.Check(t, func(t *rapid.T) {
		d := decimal.New(edges().Draw(t, "coefficient"), rapid.Int32Range(-16, 4).Draw(t, "exponent"))
		by := rapid.SampledFrom([]int64{1, 28, 29, 30, 31, 365, 366}).Draw(t, "divisor")
		want := refAway(new(big.Rat).Quo(d.Rat(), ratOf(by, 1)))
		if got := quotient(d, by, 2); !equals(got, want) {
			t.Fatalf("%s ÷ %d: %s, want %s", d, by, got, want.FloatString(3))
		}
		rate := decimal.New(rapid.SampledFrom([]int64{0, 50, 175, 200}).Draw(t, "rate"), -3)
		net := decimal.New(rapid.Int64Range(-1_000_000, 1_000_000).Draw(t, "net"), -2)
		if got, want := roundVAT(net, rate, false), refAway(new(big.Rat).Mul(net.Rat(), rate.Rat())); !equals(got, want) {
			t.Fatalf("%s at %s: %s", net, rate, got)
		}
	})
}

// TestAccrueDay compares the integer loop with floorHalfUp and with fractions.
func TestAccrueDay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rate := rapid.SampledFrom([]string{"0", "1/20", "1/5", "7/40", "1", "1/1000000", "999999/1000000", "1/3"}).Draw(t, "rate")
		num, per := rat(rate).Num().Int64(), rat(rate).Denom().Int64()*accrualTick
		n := rapid.SampledFrom([]int{46, 48, 50}).Draw(t, "n")
		most := int64(1<<61-1) / max(num, 1) // the largest cell the bound admits
		cells := make([]int64, n)
		if rapid.Bool().Draw(t, "small") { // so that the day's running total fits
			most = (fitsDay - 1) / max(num, 1)
		}
		gen := rapid.OneOf(rapid.Int64Range(-most, most), rapid.Int64Range(-3*per, 3*per), rapid.SampledFrom([]int64{0, per / 2, -per / 2, most, -most, 1, -1}))
		same := rapid.SampledFrom([]int64{0, most, -most}).Draw(t, "all the same") // so that the running total goes as far as it may
		total, worst := new(big.Int), int64(0)
		want := make([]int64, n)
		before := new(big.Int)
		for i := range cells {
			if cells[i] = same; same == 0 {
				cells[i] = min(max(gen.Draw(t, "cell"), -most), most)
			}
			worst = max(worst, int64(magnitude(cells[i]))*max(num, 1))
			total.Add(total, big.NewInt(cells[i]))
			upTo := floorHalfUp(total, num, big.NewInt(per))
			exact := refHalfUp(new(big.Rat).SetFrac(new(big.Int).Mul(total, big.NewInt(num)), big.NewInt(per)), 0)
			if new(big.Rat).SetInt(upTo).Cmp(exact) != 0 {
				t.Fatalf("floorHalfUp(%s × %d ÷ %d) is %s, want %s", total, num, per, upTo, exact)
			}
			want[i] = new(big.Int).Sub(upTo, before).Int64()
			before = upTo
		}
		bound := rapid.SampledFrom([]int64{worst, max(worst, fitsDay-1), max(worst, fitsDay), max(worst, 1<<61-1)}).Draw(t, "bound")
		in := append([]int64(nil), cells...)
		accrueDay(cells, num, per, bound)
		if hi, lo := kernel.Sum(in); accruedDay(hi, lo, num, per) != before.Int64() {
			t.Fatalf("%v × %d ÷ %d comes to %d, want %s", in, num, per, accruedDay(hi, lo, num, per), before)
		}
		for i := range cells {
			if cells[i] != want[i] {
				t.Fatalf("cell %d of %v × %d ÷ %d: %d, want %d", i, in, num, per, cells[i], want[i])
			}
		}
	})
}

// TestAccrueWide forces the wide path on ordinary data, and checks that what
// is too big for the fast one takes it.
func TestAccrueWide(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := randomSpec(rt)
		e := s.run(tb{t, rt})
		vat := e.charges.Line(series.Line(e.s.Schema().Len() - 1))
		for k := range len(e.s.cal.days) - 1 {
			lo, hi := int(e.s.cal.days[k]), int(e.s.cal.days[k+1])
			cells := make([]int64, hi-lo)
			if i := e.s.accrueDayWide(cells, e.charges, e.vol, vat, lo); i != len(cells) {
				rt.Fatalf("stopped at %d", i)
			}
			for i, c := range cells {
				if c != vat.Values[lo+i] {
					rt.Fatalf("half-hour %d: %d wide, %d", lo+i, c, vat.Values[lo+i])
				}
			}
		}
	})

	// 25 MWh a half-hour at £3 for the kWh, on the finest scale: a day of it
	// times 50 passes 64 bits, each cell does not.
	s := &refSpec{from: "2026-10-25", to: "2026-10-26", vat: "17.5", capacity: []refCapacity{{"2020-01-01", "900"}},
		terms: []refTerms{{llfc: "101", exempt: "0", share: "0", relief: "0", qualifying: "0"}},
		rates: []refRate{{item: "bsuos", figure: "2999.99999", unit: "GBP/MWh"}, {item: "duos-capacity", figure: "9.5", unit: "p/kVA/day"}, {item: "energy-unit", figure: "-7.1", unit: "p/kWh"}}}
	s.lay()
	s.data = map[string]*refLineOfData{"AI": {decimals: 3}, "LLF": {decimals: 3}, "TLM": {decimals: 9}}
	for i := range s.hhs {
		for name, v := range map[string]int64{"AI": 25_000_000 - int64(i), "LLF": 1000, "TLM": 1_010_106_000} {
			s.data[name].values = append(s.data[name].values, &v)
		}
	}
	s.work()
	e := s.run(t)
	c := charging{dst: e.charges, most: e.s.extremes(e.vol, 0, e.vol.Len()), reach: [NumItems]uint64{unbounded, unbounded, unbounded}}
	if _, fits := e.s.bound(&c, 0, e.vol.Len()); fits {
		t.Fatal("the data fit 64 bits: the wide path was not tried")
	}
	for i, want := range s.cells()["vat"] {
		if got := e.charges.Line(series.Line(e.s.Schema().Len() - 1)).Values[i]; ratOf(got, 100_000_000).Cmp(want) != 0 {
			t.Fatalf("half-hour %d: %d, want %s", i, got, want.FloatString(8))
		}
	}
}

// TestReach: what VAT's sum is proved from bounds every cell of a column, of the
// half-hours that were charged last.
func TestReach(t *testing.T) {
	var demand int
	rapid.Check(t, func(rt *rapid.T) {
		s := randomSpec(rt)
		e := s.run(tb{t, rt})
		c := charging{dst: e.charges0(), vol: e.vol, in: e.in(), sup: e.sup}
		if err := e.s.charge(&c); err != nil {
			rt.Fatal(err)
		}
		days := len(e.s.cal.days) - 1
		last := e.s.cal.days[(days-1)/e.s.block*e.s.block]
		for i := range e.s.columns {
			col := &e.s.columns[i]
			if col.perKVA != nil || col.perKW != nil {
				demand++
			}
			for k, v := range c.dst.Line(col.line).Values[last:] {
				if c.reach[i] < unbounded && magnitude(v) > c.reach[i] { // beyond it nothing is proved
					rt.Fatalf("%s: %d at %d passes %d", col.item, v, int(last)+k, c.reach[i])
				}
			}
		}
	})
	if demand == 0 && !t.Failed() {
		t.Error("nothing rests on demand")
	}
}

// TestDivideBy: the multiplication is the division, at every edge.
func TestDivideBy(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := rapid.OneOf(rapid.Uint64Range(2, 1<<40), rapid.SampledFrom([]uint64{2, 3, 1 << 20, 1<<20 + 1, 1<<20 - 1, accrualTick, 5 * accrualTick, 1<<63 - 1, 1 << 62}), rapid.Uint64Range(2, 1<<63-1)).Draw(t, "d")
		by := divideBy(d)
		x := rapid.OneOf(rapid.Uint64Range(0, 1<<63-1), rapid.SampledFrom([]uint64{0, 1, 1<<63 - 1})).Draw(t, "x")
		for _, x := range []uint64{x, x / d * d, x/d*d + d - 1, x/d*d - 1, (1<<63 - 1) / d * d, (1<<63-1)/d*d - 1} {
			if x >= 1<<63 {
				continue
			}
			if got := by.divide(x); got != x/d {
				t.Fatalf("%d ÷ %d = %d, want %d", x, d, got, x/d)
			}
		}
	})
}
