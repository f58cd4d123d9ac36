package kernel

// Ways is from how many columns the loops below can gather.
const Ways = 16

// Gather sets dst[i] = from[which[i]][i] for every i of dst. Every column that
// which names, and which itself, is at least as long; it names fewer than Ways. A
// number past those is not noticed but taken modulo Ways, so that the loop checks
// nothing for it: whoever writes which answers for its numbers.
// It reads one cell after another whatever which says; the cells of each column
// in turn, by the bits of a mask, took half as long again or more.
func Gather[T any](dst []T, from *[Ways][]T, which []uint8) {
	which = head(which, len(dst))
	for i := range dst {
		dst[i] = from[which[i]%Ways][i]
	}
}

// GatherBits is Gather of the bits lo <= i < hi of bitmaps: which[0] is for lo. A
// bitmap that is nil has no bit.
func GatherBits(dst []uint64, from *[Ways][]uint64, which []uint8, lo, hi int) {
	which = head(which, hi-lo)
	for w := lo >> 6; w<<6 < hi; w++ {
		word, a, b := uint64(0), max(lo, w<<6), min(hi, (w+1)<<6)
		for i, k := range which[a-lo : b-lo] {
			if bm := from[k%Ways]; bm != nil {
				word |= bm[w] & (1 << (uint(a+i) & 63))
			}
		}
		m := Mask(w, lo, hi)
		dst[w] = dst[w]&^m | word
	}
}

// GatherSum is the exact sum of from[which[i]][i] for every i of which.
func GatherSum(from *[Ways][]int64, which []uint8) (hi int64, lo uint64) {
	var s, h int64
	for i, k := range which {
		x := from[k%Ways][i]
		s += x
		h += x >> 32
	}
	return join(s, h)
}
