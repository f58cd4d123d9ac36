package kernel

import (
	"math/big"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// The gathering loops agree with one cell looked up after another, and leave
// what is outside the range.
func TestGather(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := bitLength().Draw(t, "n")
		lo := place(t, n, "lo")
		hi := max(lo, place(t, n, "hi"))
		var from [Ways][]int64
		var bitmaps [Ways][]uint64
		var models [Ways][]bool
		for k := range 3 {
			from[k] = cells(t, hi-lo, "cells")
			models[k], bitmaps[k] = bitmap(t, n, "bits")
		}
		from[Ways-1] = make([]int64, hi-lo) // nothing, and no bitmap
		which := rapid.SliceOfN(rapid.SampledFrom([]uint8{0, 1, 2, Ways - 1}), hi-lo, hi-lo).Draw(t, "which")

		model, words := bitmap(t, n, "dst")
		dst, sum := make([]int64, hi-lo), new(big.Int)
		Gather(dst, &from, which)
		got := slices.Clone(words)
		GatherBits(got, &bitmaps, which, lo, hi)
		for i, k := range which {
			if dst[i] != from[k][i] {
				t.Fatalf("Gather[%d] from %d = %d, want %d", i, k, dst[i], from[k][i])
			}
			sum.Add(sum, big.NewInt(from[k][i]))
			model[lo+i] = models[k] != nil && models[k][lo+i]
		}
		put(words, model)
		if !slices.Equal(got, words) {
			t.Fatalf("GatherBits(%d, %d) of %d bits:\n%x, want\n%x", lo, hi, n, got, words)
		}
		if got := big128(GatherSum(&from, which)); got.Cmp(sum) != 0 {
			t.Fatalf("GatherSum = %v, want %v", got, sum)
		}
	})
}

func TestBits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := bitLength().Draw(t, "n")
		model, words := bitmap(t, n, "a")
		words = words[:(n+63)/64] // no word to spare
		lo := place(t, n, "lo")
		hi := min(n, lo+rapid.IntRange(0, 64).Draw(t, "long"))
		want := uint64(0)
		for i := lo; i < hi; i++ {
			if model[i] {
				want |= 1 << (i - lo)
			}
		}
		if got := Bits(words, lo, hi); got != want {
			t.Fatalf("Bits(%d, %d) = %x, want %x", lo, hi, got, want)
		}
	})
}
