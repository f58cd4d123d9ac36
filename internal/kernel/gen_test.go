package kernel

import (
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

// each tests the Go loops and, where there are any, the vector ones.
func each(t *testing.T, f func(t *testing.T)) {
	has := vector
	defer func() { vector = has }()
	vector = false
	t.Run("go", f)
	if vector = has; vector {
		t.Run("vector", f)
	}
}

// lengths are those at which a loop's unrolling, a bitmap's words or a sum's
// chunks begin and end.
var lengths = []int{0, 1, 2, 3, 4, 5, 7, 8, 9, 63, 64, 65, 127, 128, 129, 255, 256, 257, 511, 512, 513, 600}

// edges are the cells at which something wraps or is proved not to.
var edges = []int64{
	0, 1, -1, math.MinInt64, math.MinInt64 + 1, math.MaxInt64, math.MaxInt64 - 1,
	1<<56 - 1, 1 << 56, 1<<56 + 1, // 256 of them pass uint64
	1<<55 - 1, 1 << 55, 1<<55 + 1, -1 << 55, -1<<55 - 1, -1<<55 + 1,
	1<<32 - 1, 1 << 32, 1<<32 + 1, -1 << 32, -1<<32 - 1, -1<<32 + 1,
	1<<31 - 1, 1 << 31, -1 << 31, 3037000499, 3037000500, -3037000499, -3037000500,
}

// cell draws small and any numbers, and edges one time in three.
func cell() *rapid.Generator[int64] {
	return rapid.OneOf(rapid.SampledFrom(edges), rapid.Int64Range(-1000, 1000), rapid.Int64())
}

// cells draws n cells of one manner: small counts as meters give, all the same
// edge, or anything.
func cells(t *rapid.T, n int, label string) []int64 {
	v := make([]int64, n)
	switch rapid.IntRange(0, 4).Draw(t, label+" manner") {
	case 0: // as meters give
		x := uint64(rapid.Int64Range(1, 1<<40).Draw(t, label+" seed"))
		for i := range v {
			x ^= x << 13
			x ^= x >> 7
			x ^= x << 17
			v[i] = int64(x % 100_000)
		}
	case 1: // a tie in every cell
		e := rapid.SampledFrom(edges).Draw(t, label+" edge")
		for i := range v {
			v[i] = e
		}
	case 2: // one edge among ones
		for i := range v {
			v[i] = 1
		}
		if n > 0 {
			v[rapid.IntRange(0, n-1).Draw(t, label+" at")] = rapid.SampledFrom(edges).Draw(t, label+" edge")
		}
	default:
		for i := range v {
			v[i] = cell().Draw(t, label)
		}
	}
	return v
}

func length() *rapid.Generator[int] {
	return rapid.OneOf(rapid.SampledFrom(lengths), rapid.IntRange(0, 40))
}

func big128(hi int64, lo uint64) *big.Int {
	b := new(big.Int).Lsh(big.NewInt(hi), 64)
	return b.Add(b, new(big.Int).SetUint64(lo))
}
