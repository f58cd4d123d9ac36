package kernel

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// narrow draws n cells within Narrow, edges often: one more than the largest on
// either side is what Magnitude calls Narrow's bound.
func narrow(t *rapid.T, n int, label string) []int64 {
	v := cells(t, n, label)
	for i := range v {
		v[i] = int64(int32(v[i]))
	}
	if n > 0 && rapid.Bool().Draw(t, label+" extreme") {
		v[rapid.IntRange(0, n-1).Draw(t, label+" at")] = rapid.SampledFrom([]int64{math.MinInt32, math.MaxInt32, math.MinInt32 + 1, 0}).Draw(t, label+" edge")
	}
	return v
}

// In 32 bits the loops do what those in 64 do, and no more.
func TestNarrow(t *testing.T) { each(t, testNarrow) }

func testNarrow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := length().Draw(t, "n")
		a, b, c := narrow(t, n, "a"), narrow(t, n, "b"), narrow(t, n, "c")
		k := rapid.SampledFrom(append([]int64{0, 1, -1, 1000, math.MinInt32, math.MaxInt32}, b...)).Draw(t, "k")
		for _, v := range [][]int64{a, b, c} {
			if Magnitude(v) > Narrow {
				t.Fatalf("Magnitude of %v passes Narrow", v)
			}
		}
		buf := make([]int64, n+1)
		dst := buf[:n]
		check := func(name string, want func(i int) int64) {
			for i := range dst {
				if dst[i] != want(i) {
					t.Fatalf("%s[%d] = %d, want %d", name, i, dst[i], want(i))
				}
			}
			if buf[n] != poison {
				t.Fatalf("%s wrote past dst", name)
			}
		}
		buf[n] = poison

		copy(dst, c)
		AddScaled32(dst, a, k)
		check("AddScaled32", func(i int) int64 { return c[i] + a[i]*k })

		small, sum := slices.Clone(b), slices.Clone(c) // |b × k + c| is within Narrow, too
		for i := range small {
			small[i], sum[i] = b[i]>>20, c[i]>>1
		}
		MulLinear32(dst, a, small, k>>20, sum)
		check("MulLinear32", func(i int) int64 { return a[i] * (small[i]*(k>>20) + sum[i]) })

		p, q := int64(100), int64(33)
		Beyond32(dst, a, b, c, p, q)
		beyond := func(i int) int64 {
			if a[i] <= 0 {
				return 0
			}
			return max(0, max(b[i], c[i])*p-a[i]*q)
		}
		check("Beyond32", beyond)
		Beyond(dst, a, b, c, p, q)
		check("Beyond", beyond)

		square, most, lacks := Peak(a, b, c)
		wantSquare, wantLacks := uint64(0), false
		for i, v := range a {
			if v > 0 {
				r := max(b[i], c[i])
				wantSquare, wantLacks = max(wantSquare, uint64(v*v)+uint64(r*r)), wantLacks || r <= 0
			}
		}
		if square != wantSquare || lacks != wantLacks {
			t.Fatalf("Peak: %d, %v; want %d, %v", square, lacks, wantSquare, wantLacks)
		}
		if want := max(Magnitude(a), Magnitude(b), Magnitude(c)); most < want || most > 2*want || most > Narrow {
			t.Fatalf("Peak: a bound of %d, want %d or up to twice it", most, want)
		}
	})
}

// Narrow is where 32 bits end, on either side.
func TestNarrowEdges(t *testing.T) { each(t, testNarrowEdges) }

func testNarrowEdges(t *testing.T) {
	for v, within := range map[int64]bool{math.MaxInt32: true, math.MinInt32: true, math.MaxInt32 + 1: false, math.MinInt32 - 1: false, 0: true, math.MaxUint32: false} {
		for pos := range 17 {
			col := make([]int64, 17)
			col[pos] = v
			if got := Magnitude(col) <= Narrow; got != within {
				t.Errorf("%d in cell %d is within Narrow: %v", v, pos, got)
			}
		}
	}
}

// Peak's bound holds for any cells: it is what tells that its square does not.
func TestPeakBound(t *testing.T) { each(t, testPeakBound) }

func testPeakBound(t *testing.T) {
	for _, e := range edges {
		for pos := range 17 {
			for which := range 3 {
				v := [3][]int64{make([]int64, 17), make([]int64, 17), make([]int64, 17)}
				v[which][pos] = e
				if _, most, _ := Peak(v[0], v[1], v[2]); most != Magnitude(v[which]) {
					t.Errorf("%d in cell %d of column %d: a bound of %d, want %d", e, pos, which, most, Magnitude(v[which]))
				}
			}
		}
	}
}
