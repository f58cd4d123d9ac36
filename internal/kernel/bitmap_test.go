package kernel

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// bitmap draws n bits, in runs so that whole words of both kinds turn up, and
// their words. The bits past the end are set: no function may look at them.
func bitmap(t *rapid.T, n int, label string) ([]bool, []uint64) {
	model := make([]bool, n)
	words := make([]uint64, (n+63)/64+1)
	on := rapid.Bool().Draw(t, label+" starts")
	for i := 0; i < n; {
		run := rapid.OneOf(rapid.IntRange(1, 3), rapid.SampledFrom([]int{62, 63, 64, 65, 128, 300})).Draw(t, label+" run")
		for ; run > 0 && i < n; run, i = run-1, i+1 {
			model[i] = on
		}
		on = !on
	}
	put(words, model)
	return model, words
}

// put writes the model into words, and sets every bit past its end.
func put(words []uint64, model []bool) {
	for i := range len(words) * 64 {
		bit := uint64(1) << (i & 63)
		if i >= len(model) || model[i] {
			words[i>>6] |= bit
		} else {
			words[i>>6] &^= bit
		}
	}
}

func bitLength() *rapid.Generator[int] {
	return rapid.OneOf(rapid.SampledFrom([]int{0, 1, 62, 63, 64, 65, 127, 128, 129, 255, 256, 257}), rapid.IntRange(0, 400))
}

// place draws an index 0..n, on the edges of words more often than not.
func place(t *rapid.T, n int, label string) int {
	return min(n, rapid.OneOf(rapid.IntRange(0, n), rapid.SampledFrom([]int{0, 1, 63, 64, 65, 128, n})).Draw(t, label))
}

func TestBitmap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := bitLength().Draw(t, "n")
		model, words := bitmap(t, n, "a")
		other, otherWords := bitmap(t, n, "b")
		lo, hi := place(t, n, "lo"), place(t, n, "hi") // lo may pass hi: then the range is empty
		find := func(what bool) int {
			for i := lo; i < hi; i++ {
				if model[i] == what {
					return i
				}
			}
			return hi
		}
		if got, want := NextSet(words, lo, hi), find(true); got != want {
			t.Fatalf("NextSet(%d, %d) = %d, want %d", lo, hi, got, want)
		}
		if got, want := NextClear(words, lo, hi), find(false); got != want {
			t.Fatalf("NextClear(%d, %d) = %d, want %d", lo, hi, got, want)
		}
		count := 0
		for i := lo; i < hi; i++ {
			if model[i] {
				count++
			}
		}
		if got := CountSet(words, lo, hi); got != count {
			t.Fatalf("CountSet(%d, %d) = %d, want %d", lo, hi, got, count)
		}
		write := func(name string, f func(bm []uint64), bit func(i int) bool) {
			bm, want, wantWords := slices.Clone(words), slices.Clone(model), slices.Clone(words)
			for i := lo; i < hi; i++ {
				want[i] = bit(i)
			}
			put(wantWords, want)
			if f(bm); !slices.Equal(bm, wantWords) {
				t.Fatalf("%s(%d, %d) of %d bits:\n%x, want\n%x", name, lo, hi, n, bm, wantWords)
			}
		}
		write("SetRange", func(bm []uint64) { SetRange(bm, lo, hi) }, func(int) bool { return true })
		write("ClearRange", func(bm []uint64) { ClearRange(bm, lo, hi) }, func(int) bool { return false })
		write("CopyRange", func(bm []uint64) { CopyRange(bm, otherWords, lo, hi) }, func(i int) bool { return other[i] })

		both := slices.Clone(words)
		AndRange(both, otherWords, lo, hi)
		for w := range both {
			if m := Mask(w, lo, hi); both[w] != words[w]&(otherWords[w]|^m) {
				t.Fatalf("AndRange(%d, %d): word %d = %x", lo, hi, w, both[w])
			}
		}
		w := rapid.IntRange(0, n/64+1).Draw(t, "word")
		m := Mask(w, lo, hi)
		for k := range 64 {
			if i := w*64 + k; m>>k&1 != 0 != (lo <= i && i < hi) {
				t.Fatalf("Mask(%d, %d, %d) = %x: bit %d", w, lo, hi, m, k)
			}
		}
	})
}

func TestBitmapEmpty(t *testing.T) {
	if NextSet(nil, 0, 0) != 0 || NextClear(nil, 0, 0) != 0 || CountSet(nil, 0, 0) != 0 {
		t.Error("an empty bitmap has a bit")
	}
	SetRange(nil, 0, 0)
	ClearRange(nil, 0, 0)
	CopyRange(nil, nil, 0, 0)
	AndRange(nil, nil, 0, 0)
	// A range may end where the words do.
	one := []uint64{^uint64(0)}
	if NextClear(one, 0, 64) != 64 || NextSet(one, 64, 64) != 64 || NextSet([]uint64{0}, 0, 64) != 64 {
		t.Error("a full word ends at 64")
	}
}

// One bit that differs, wherever it is among whole words, is found from wherever
// the search starts.
func TestNextOneBit(t *testing.T) {
	const n = 64 * 11
	for at := range n {
		var set, clear [n / 64]uint64
		set[at>>6] = 1 << (at & 63)
		for w := range clear {
			clear[w] = ^set[w]
		}
		for _, lo := range []int{0, 1, 63, 64, 200, at, at + 1} {
			for _, hi := range []int{n, n - 1, n - 64, at, at + 1} {
				want := hi
				if lo <= at && at < hi {
					want = at
				}
				if got := NextSet(set[:], lo, hi); got != want {
					t.Fatalf("NextSet(%d, %d) of bit %d = %d, want %d", lo, hi, at, got, want)
				}
				if got := NextClear(clear[:], lo, hi); got != want {
					t.Fatalf("NextClear(%d, %d) of bit %d = %d, want %d", lo, hi, at, got, want)
				}
			}
		}
	}
}
