package kernel

import "math/bits"

// Mask has the bits of word w that stand for lo <= i < hi.
func Mask(w, lo, hi int) uint64 {
	m := ^uint64(0)
	if base := w << 6; lo > base {
		m <<= uint(lo - base)
	}
	if end := (w + 1) << 6; hi < end {
		m &= ^uint64(0) >> uint(end-hi)
	}
	return m
}

// NextSet is the first set bit i in lo <= i < hi, or hi.
func NextSet(bm []uint64, lo, hi int) int { return next(bm, lo, hi, 0) }

// NextClear is the first clear bit i in lo <= i < hi, or hi.
func NextClear(bm []uint64, lo, hi int) int { return next(bm, lo, hi, ^uint64(0)) }

func next(bm []uint64, lo, hi int, flip uint64) int {
	if lo >= hi {
		return hi
	}
	w := lo >> 6
	word := (bm[w] ^ flip) & (^uint64(0) << (uint(lo) & 63))
	for word == 0 {
		if w++; w<<6 >= hi {
			return hi
		}
		for w<<6+256 <= hi && (bm[w]^flip)|(bm[w+1]^flip)|(bm[w+2]^flip)|(bm[w+3]^flip) == 0 {
			w += 4
		}
		if w<<6 >= hi {
			return hi
		}
		word = bm[w] ^ flip
	}
	return min(w<<6+bits.TrailingZeros64(word), hi)
}

// CountSet is how many of the bits lo <= i < hi are set.
func CountSet(bm []uint64, lo, hi int) int {
	if lo >= hi {
		return 0
	}
	first, last := lo>>6, (hi-1)>>6
	n := bits.OnesCount64(bm[first] & Mask(first, lo, hi))
	if first == last {
		return n
	}
	for _, w := range bm[first+1 : last] {
		n += bits.OnesCount64(w)
	}
	return n + bits.OnesCount64(bm[last]&Mask(last, lo, hi))
}

// SetRange sets the bits lo <= i < hi.
func SetRange(bm []uint64, lo, hi int) {
	if lo >= hi {
		return
	}
	first, last := lo>>6, (hi-1)>>6
	bm[first] |= Mask(first, lo, hi)
	for w := first + 1; w < last; w++ {
		bm[w] = ^uint64(0)
	}
	bm[last] |= Mask(last, lo, hi)
}

// CopyRange copies the bits lo <= i < hi from src.
func CopyRange(dst, src []uint64, lo, hi int) {
	if lo >= hi {
		return
	}
	first, last := lo>>6, (hi-1)>>6
	head, tail := Mask(first, lo, hi), Mask(last, lo, hi)
	if first < last {
		copy(dst[first+1:last], src[first+1:last])
	}
	dst[first] = dst[first]&^head | src[first]&head
	dst[last] = dst[last]&^tail | src[last]&tail
}

// Bits has the bits lo <= i < hi, at most 64 of them: bit 0 is lo.
func Bits(bm []uint64, lo, hi int) uint64 {
	if lo >= hi {
		return 0
	}
	w, s := lo>>6, uint(lo)&63
	word := bm[w] >> s
	if (hi-1)>>6 > w {
		word |= bm[w+1] << (64 - s)
	}
	return word & Mask(0, 0, hi-lo)
}

// ClearRange clears the bits lo <= i < hi.
func ClearRange(bm []uint64, lo, hi int) {
	for w := lo >> 6; w<<6 < hi; w++ {
		bm[w] &^= Mask(w, lo, hi)
	}
}

// AndRange clears the bits lo <= i < hi of dst that are clear in src.
func AndRange(dst, src []uint64, lo, hi int) {
	if lo >= hi {
		return
	}
	first, last := lo>>6, (hi-1)>>6
	dst[first] &= src[first] | ^Mask(first, lo, hi)
	for w := first + 1; w < last; w++ {
		dst[w] &= src[w]
	}
	dst[last] &= src[last] | ^Mask(last, lo, hi)
}
