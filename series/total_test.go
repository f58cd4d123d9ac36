package series

import (
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"github.com/halfhour/halfhour/settlement"
)

func TestTotal(t *testing.T) {
	for _, v := range extremes {
		if got := TotalOf(v).Big(); got.Cmp(big.NewInt(v)) != 0 {
			t.Errorf("TotalOf(%d) = %v", v, got)
		}
	}
	half := Total{math.MinInt64, 0}
	if want := new(big.Int).Neg(new(big.Int).Lsh(big.NewInt(1), 127)); half.Big().Cmp(want) != 0 {
		t.Errorf("the smallest total is %v", half.Big())
	}
	part := func(t *rapid.T, label string) Total { // of 126 bits: no sum of two passes 128
		return Total{
			rapid.OneOf(rapid.SampledFrom([]int64{0, -1, 1, 1<<62 - 1, -1 << 62}), rapid.Int64Range(-1<<62, 1<<62-1)).Draw(t, label+".hi"),
			rapid.OneOf(rapid.SampledFrom([]uint64{0, 1, 1<<63 - 1, 1 << 63, 1<<63 + 1, math.MaxUint64}), rapid.Uint64()).Draw(t, label+".lo"),
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		a, b := part(t, "a"), part(t, "b")
		if got, want := a.Add(b).Big(), new(big.Int).Add(a.Big(), b.Big()); got.Cmp(want) != 0 {
			t.Fatalf("%v + %v = %v", a.Big(), b.Big(), got)
		}
		if got, want := a.Sub(b).Big(), new(big.Int).Sub(a.Big(), b.Big()); got.Cmp(want) != 0 {
			t.Fatalf("%v - %v = %v", a.Big(), b.Big(), got)
		}
		if a.Add(b) != b.Add(a) || a.Add(b).Sub(b) != a {
			t.Fatal("Add and Sub disagree")
		}
		if got, want := a.Cmp(b), a.Big().Cmp(b.Big()); got != want || a.Cmp(a) != 0 {
			t.Fatalf("%v against %v is %d", a.Big(), b.Big(), got)
		}
		if got, want := a.Abs().Big(), new(big.Int).Abs(a.Big()); got.Cmp(want) != 0 {
			t.Fatalf("|%v| = %v", a.Big(), got)
		}
		v, n := rapid.Int64().Draw(t, "v"), rapid.Int64Range(-1<<62, 1<<62).Draw(t, "n")
		if got, want := TotalOf(v).Mul(n).Big(), new(big.Int).Mul(big.NewInt(v), big.NewInt(n)); got.Cmp(want) != 0 {
			t.Fatalf("%d × %d = %v", v, n, got)
		}
		few := Total{a.Hi >> 50, a.Lo}
		if got, want := few.Mul(n>>14).Big(), new(big.Int).Mul(few.Big(), big.NewInt(n>>14)); got.Cmp(want) != 0 {
			t.Fatalf("%v × %d = %v", few.Big(), n>>14, got)
		}
		// Big, from the bits rather than from itself.
		want := new(big.Int).SetUint64(uint64(a.Hi))
		want.Lsh(want, 64).Or(want, new(big.Int).SetUint64(a.Lo))
		if a.Hi < 0 {
			want.Sub(want, new(big.Int).Lsh(big.NewInt(1), 128))
		}
		if a.Big().Cmp(want) != 0 {
			t.Fatalf("Big = %v, want %v", a.Big(), want)
		}
		scale := rapid.IntRange(0, MaxScale).Draw(t, "scale")
		r := new(big.Rat).SetFrac(want, new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(scale)), nil))
		if a.Decimal(scale).Rat().Cmp(r) != 0 {
			t.Fatalf("Decimal(%d) = %v, want %v", scale, a.Decimal(scale), r)
		}
	})
}

// Totals by month against a cell at a time.
func TestTotals(t *testing.T) {
	var used Totals
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.SampledFrom(schemas).Draw(t, "schema")
		from := day(t, "2026-10-20") + settlement.Day(rapid.IntRange(0, 500).Draw(t, "from"))
		span := settlement.Days(from, from+settlement.Day(rapid.SampledFrom([]int{0, 1, 2, 31, 40, 100}).Draw(t, "days")))
		if !span.Empty() {
			span.Lo += settlement.Period(rapid.IntRange(0, 45).Draw(t, "cut"))
		}
		f := NewFrame(nil, s, span)
		fill(f, rapid.Int64Range(0, 200).Draw(t, "seed"))
		f.TotalByMonth(&used)
		f.TotalByMonth(&used) // it starts again, in the same memory
		sums, held := map[Line]map[settlement.Month]*big.Int{}, map[Line]map[settlement.Month]int{}
		months := map[settlement.Month]bool{}
		for l := range s.Len() {
			l := Line(l)
			sums[l], held[l] = map[settlement.Month]*big.Int{}, map[settlement.Month]int{}
			for p := span.Lo; p < span.Hi; p++ {
				m := p.Day().Month()
				if months[m] = true; sums[l][m] == nil {
					sums[l][m] = new(big.Int)
				}
				if v, ok := f.Get(l, p); ok {
					sums[l][m].Add(sums[l][m], big.NewInt(v))
					held[l][m]++
				}
			}
		}
		if len(used.Months()) != len(months) {
			t.Fatalf("months %v", used.Months())
		}
		for i, m := range used.Months() {
			if i > 0 && m != used.Months()[i-1]+1 {
				t.Fatalf("months %v", used.Months())
			}
			for l := range s.Len() {
				l := Line(l)
				if got := used.Sum(l, i).Big(); got.Cmp(sums[l][m]) != 0 || used.Held(l, i) != held[l][m] {
					t.Fatalf("line %d %v: %v of %d, want %v of %d", l, m, got, used.Held(l, i), sums[l][m], held[l][m])
				}
			}
		}
		// Any cut of the range adds up to the same, in either order.
		var cut Totals
		cut.Reset(s, span)
		at := rapid.IntRange(0, f.Len()).Draw(t, "at")
		for k := range s.Sources() {
			cut.AddRange(f, k, at, f.Len())
			cut.AddRange(f, k, 0, at)
		}
		for i := range cut.Months() {
			for l := range s.Len() {
				if cut.Sum(Line(l), i) != used.Sum(Line(l), i) || cut.Held(Line(l), i) != used.Held(Line(l), i) {
					t.Fatalf("line %d, month %d, cut at %d", l, i, at)
				}
			}
		}
	})
}

func TestTotalsAllocation(t *testing.T) {
	span := settlement.Days(day(t, "2026-04-01"), day(t, "2027-04-01"))
	f, other := NewFrame(nil, Meter(), span), NewFrame(nil, Meter(), spanOfLen(9))
	fill(f, 1)
	var tot Totals
	f.TotalByMonth(&tot)
	if n := testing.AllocsPerRun(5, func() { f.TotalByMonth(&tot) }); n != 0 {
		t.Errorf("TotalByMonth allocates %v times", n)
	}
	mustPanic(t, "series: the totals are of another schema or span", func() { tot.AddRange(other, 0, 0, 9) })
}

func TestColumn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.SampledFrom(lengths[1:]).Draw(t, "n")
		f := NewFrame(nil, single, spanOfLen(n))
		held := rapid.SliceOfN(rapid.Bool(), n, n).Draw(t, "held")
		for i, ok := range held {
			if ok {
				f.Set(0, start+settlement.Period(i), 1<<55+int64(i), 0)
			}
		}
		lo := rapid.IntRange(0, n).Draw(t, "lo")
		hi := rapid.IntRange(lo, n).Draw(t, "hi")
		count, invalid, sum := 0, hi, new(big.Int)
		for i := hi - 1; i >= lo; i-- {
			if held[i] {
				count++
				sum.Add(sum, big.NewInt(1<<55+int64(i)))
			} else {
				invalid = i
			}
		}
		c := f.Line(0)
		if c.CountValid(lo, hi) != count || c.NextInvalid(lo, hi) != invalid || c.Sum(lo, hi).Big().Cmp(sum) != 0 {
			t.Fatalf("[%d, %d): %d, %d, %v; want %d, %d, %v", lo, hi, c.CountValid(lo, hi), c.NextInvalid(lo, hi), c.Sum(lo, hi).Big(), count, invalid, sum)
		}
	})
}
