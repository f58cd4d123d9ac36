package kernel

import (
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

func bigSum(v []int64) *big.Int {
	s := new(big.Int)
	for _, x := range v {
		s.Add(s, big.NewInt(x))
	}
	return s
}

func TestSum(t *testing.T) { each(t, testSum) }

func testSum(t *testing.T) {
	// Every edge in every cell, at every length: where a proof is off by one, it
	// shows here.
	for _, n := range lengths {
		for _, e := range edges {
			v := make([]int64, n)
			for i := range v {
				v[i] = e
			}
			if got, want := big128(Sum(v)), bigSum(v); got.Cmp(want) != 0 {
				t.Errorf("Sum of %d × %d = %v, want %v", n, e, got, want)
			}
			for i := range v { // and against its opposite
				if i%2 == 1 {
					v[i] = ^e
				}
			}
			if got, want := big128(Sum(v)), bigSum(v); got.Cmp(want) != 0 {
				t.Errorf("Sum of %d × ±%d = %v, want %v", n, e, got, want)
			}
		}
	}
}

func TestSumProperty(t *testing.T) { each(t, testSumProperty) }

func testSumProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		off := rapid.IntRange(0, 4).Draw(t, "from") // wherever it begins
		v := append(make([]int64, off), cells(t, length().Draw(t, "n"), "v")...)[off:]
		if got, want := big128(Sum(v)), bigSum(v); got.Cmp(want) != 0 {
			t.Fatalf("Sum = %v, want %v", got, want)
		}
		// Any partition adds up to the same.
		k := rapid.IntRange(0, len(v)).Draw(t, "cut")
		parts := new(big.Int).Add(big128(Sum(v[:k])), big128(Sum(v[k:])))
		if parts.Cmp(bigSum(v)) != 0 {
			t.Fatalf("parts add up to %v", parts)
		}
	})
}

func TestMul64Edges(t *testing.T) {
	for _, x := range edges {
		for _, y := range edges {
			want := new(big.Int).Mul(big.NewInt(x), big.NewInt(y))
			if got := big128(Mul64(x, y)); got.Cmp(want) != 0 {
				t.Errorf("Mul64(%d, %d) = %v, want %v", x, y, got, want)
			}
		}
	}
}

func TestChunk(t *testing.T) {
	if total := new(big.Int).Mul(big.NewInt(chunk), big.NewInt(chunkLimit-1)); total.Cmp(big.NewInt(math.MaxInt64)) > 0 {
		t.Errorf("a chunk of cells below the limit sums to %v, above int64", total)
	}
}
