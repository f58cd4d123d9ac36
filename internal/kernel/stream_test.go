package kernel

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// Storing past the caches stores the same, wherever in a line of the cache dst
// begins and ends, and nothing beside it.
func TestStream(t *testing.T) { each(t, testStream) }

func testStream(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.OneOf(length(), rapid.IntRange(60, 200)).Draw(t, "n")
		a, b, k := cells(t, n, "a"), cells(t, n, "b"), cell().Draw(t, "k")
		from := rapid.IntRange(0, 9).Draw(t, "from")
		room, want := make([]int64, n+20), make([]int64, n)
		for _, s := range []struct {
			name   string
			stream func(dst []int64)
			plain  func(dst []int64)
		}{
			{"Stream", func(dst []int64) { Stream(dst, a) }, func(dst []int64) { copy(dst, a) }},
			{"StreamMul", func(dst []int64) { StreamMul(dst, a, b) }, func(dst []int64) { mulGo(dst, a, b) }},
			{"StreamScale", func(dst []int64) { StreamScale(dst, a, k) }, func(dst []int64) { scaleGo(dst, a, k) }},
		} {
			for i := range room {
				room[i] = poison
			}
			s.stream(room[from : from+n])
			Fence()
			s.plain(want)
			if !slices.Equal(room[from:from+n], want) {
				t.Fatalf("%s of %d cells from %d: %v, want %v", s.name, n, from, room[from:from+n], want)
			}
			for i, v := range room {
				if (i < from || i >= from+n) && v != poison {
					t.Fatalf("%s of %d cells from %d wrote cell %d", s.name, n, from, i)
				}
			}
		}
		one, two, three := append([]int64(nil), a...), cells(t, n, "sum"), narrow(t, n, "index")
		by := narrow(t, n, "by")
		for i := range one {
			one[i], three[i] = int64(int32(one[i])), three[i]>>20
			by[i] >>= 1
		}
		for i := range room {
			room[i] = poison
		}
		sum := append([]int64(nil), two...)
		StreamLinear32(room[from:from+n], sum, one, three, 1000, by, k)
		Fence()
		for i := range n {
			cell := one[i] * (three[i]*1000 + by[i])
			if room[from+i] != cell || sum[i] != two[i]+cell*k {
				t.Fatalf("StreamLinear32 of %d cells from %d, cell %d: %d and %d, want %d and %d", n, from, i, room[from+i], sum[i], cell, two[i]+cell*k)
			}
		}
		if room[from+n] != poison || from > 0 && room[from-1] != poison {
			t.Fatalf("StreamLinear32 of %d cells from %d wrote beside them", n, from)
		}
	})
}

// The same of single bytes.
func TestStreamBytes(t *testing.T) { each(t, testStreamBytes) }

func testStreamBytes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.OneOf(length(), rapid.IntRange(500, 700)).Draw(t, "n")
		src := make([]uint8, n+3)
		for i := range src {
			src[i] = uint8(rapid.Uint8().Draw(t, "mark") + uint8(i))
		}
		from := rapid.IntRange(0, 70).Draw(t, "from")
		room := make([]uint8, n+140)
		for i := range room {
			room[i] = 0xa5
		}
		StreamBytes(room[from:from+n], src)
		Fence()
		for i, v := range room {
			want := uint8(0xa5)
			if from <= i && i < from+n {
				want = src[i-from]
			}
			if v != want {
				t.Fatalf("%d bytes from %d: byte %d is %#x, want %#x", n, from, i, v, want)
			}
		}
	})
}

// Where there are vector loops, whole lines of the cache take them.
func TestLines(t *testing.T) {
	if !vector {
		t.Skip("no stores past the caches")
	}
	room := make([]int64, 1024)
	for from := range 16 {
		at, n := lines(room[from:])
		if n < len(room)-from-15 || at > 7 || at+n > len(room)-from {
			t.Errorf("from %d: %d cells from %d", from, n, at)
		}
	}
}
