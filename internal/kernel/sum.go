package kernel

import "math/bits"

// chunk is how many cells are summed before their total is proved to fit:
// 256 × (2^55 - 1) < 2^63.
const (
	chunk      = 256
	chunkLimit = 1 << 55
)

// Sum is the exact 128-bit sum of v, of fewer than 2^31 cells.
func Sum(v []int64) (hi int64, lo uint64) {
	n := len(v) &^ 15
	if !vector || n == 0 {
		return sumGo(v)
	}
	s, h := halvesAVX2(&v[0], n) // exact for any cells, and no slower than they come from memory
	for _, x := range v[n:] {
		s += x
		h += x >> 32
	}
	return join(s, h)
}

// sumGo is Sum where there are no vector loops: it proves the cells small, 256 at a
// time, where it can.
func sumGo(v []int64) (hi int64, lo uint64) {
	for len(v) > 0 {
		n := min(chunk, len(v))
		s, m := sumOr(v[:n])
		if uint64(m) < chunkLimit { // no cell negative, none of 2^55 or more
			var carry uint64
			lo, carry = bits.Add64(lo, uint64(s), 0)
			hi += int64(carry)
		} else {
			h, l := sumWide(v[:n])
			var carry uint64
			lo, carry = bits.Add64(lo, l, 0)
			hi += h + int64(carry)
		}
		v = v[n:]
	}
	return hi, lo
}

// sumOr is the wrapping sum of v and the union of its bits.
func sumOr(v []int64) (sum, or int64) {
	var s0, s1, s2, s3, m0, m1 int64
	for len(v) >= 8 {
		x := v[:8:8]
		s0 += x[0]
		m0 |= x[0]
		s1 += x[1]
		m1 |= x[1]
		s2 += x[2]
		m0 |= x[2]
		s3 += x[3]
		m1 |= x[3]
		s0 += x[4]
		m0 |= x[4]
		s1 += x[5]
		m1 |= x[5]
		s2 += x[6]
		m0 |= x[6]
		s3 += x[7]
		m1 |= x[7]
		v = v[8:]
	}
	for _, x := range v {
		s0 += x
		m0 |= x
	}
	return s0 + s1 + s2 + s3, m0 | m1
}

// sumWide is the exact sum for cells of any sign and size.
func sumWide(v []int64) (hi int64, lo uint64) { return join(halves(v)) }

// halves are the wrapping sum of v, and the sum of the high halves of its cells,
// each rounded down.
func halves(v []int64) (s, h int64) {
	for _, x := range v {
		s += x
		h += x >> 32
	}
	return s, h
}

// join is the exact sum of fewer than 2^31 cells from their halves. The wrapping
// sum gives its low 64 bits; the high halves tell how often it wrapped, since what
// they leave out is below n × 2^32.
func join(s, h int64) (hi int64, lo uint64) {
	rest := uint64(s) - uint64(h)<<32
	lo, carry := bits.Add64(uint64(h)<<32, rest, 0)
	return h>>32 + int64(carry), lo
}
