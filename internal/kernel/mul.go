package kernel

import "math/bits"

// Mul sets dst[i] = a[i] × b[i] for every i of dst. a and b are at least as
// long. See the package comment: it wraps.
func Mul(dst, a, b []int64) {
	for len(dst) >= 8 && len(a) >= 8 && len(b) >= 8 {
		d, x, y := (*[8]int64)(dst), (*[8]int64)(a), (*[8]int64)(b)
		d[0] = x[0] * y[0]
		d[1] = x[1] * y[1]
		d[2] = x[2] * y[2]
		d[3] = x[3] * y[3]
		d[4] = x[4] * y[4]
		d[5] = x[5] * y[5]
		d[6] = x[6] * y[6]
		d[7] = x[7] * y[7]
		dst, a, b = dst[8:], a[8:], b[8:]
	}
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		dst[i] = a[i] * b[i]
	}
}

// Scale sets dst[i] = a[i] × k for every i of dst. It wraps as Mul does.
func Scale(dst, a []int64, k int64) {
	if k == 0 {
		clear(dst)
		return
	}
	for len(dst) >= 8 && len(a) >= 8 {
		d, x := (*[8]int64)(dst), (*[8]int64)(a)
		d[0] = x[0] * k
		d[1] = x[1] * k
		d[2] = x[2] * k
		d[3] = x[3] * k
		d[4] = x[4] * k
		d[5] = x[5] * k
		d[6] = x[6] * k
		d[7] = x[7] * k
		dst, a = dst[8:], a[8:]
	}
	a = a[:len(dst)]
	for i := range dst {
		dst[i] = a[i] * k
	}
}

// MulAdd sets dst[i] = a[i] × b[i] + c[i]. It wraps as Mul does.
func MulAdd(dst, a, b, c []int64) {
	a, b, c = a[:len(dst)], b[:len(dst)], c[:len(dst)]
	for i := range dst {
		dst[i] = a[i]*b[i] + c[i]
	}
}

// AddScaled adds a[i] × k to dst[i] for every i of dst. It wraps as Mul does.
func AddScaled(dst, a []int64, k int64) {
	for len(dst) >= 8 && len(a) >= 8 {
		d, x := (*[8]int64)(dst), (*[8]int64)(a)
		d[0] += x[0] * k
		d[1] += x[1] * k
		d[2] += x[2] * k
		d[3] += x[3] * k
		d[4] += x[4] * k
		d[5] += x[5] * k
		d[6] += x[6] * k
		d[7] += x[7] * k
		dst, a = dst[8:], a[8:]
	}
	a = a[:len(dst)]
	for i := range dst {
		dst[i] += a[i] * k
	}
}

// MulLinear sets dst[i] = a[i] × (b[i] × k + c[i]). It wraps as Mul does: Fits
// must have proved it for |b| × |k| + |c|.
func MulLinear(dst, a, b []int64, k int64, c []int64) {
	for len(dst) >= 8 && len(a) >= 8 && len(b) >= 8 && len(c) >= 8 {
		d, x, y, z := (*[8]int64)(dst), (*[8]int64)(a), (*[8]int64)(b), (*[8]int64)(c)
		d[0] = x[0] * (y[0]*k + z[0])
		d[1] = x[1] * (y[1]*k + z[1])
		d[2] = x[2] * (y[2]*k + z[2])
		d[3] = x[3] * (y[3]*k + z[3])
		d[4] = x[4] * (y[4]*k + z[4])
		d[5] = x[5] * (y[5]*k + z[5])
		d[6] = x[6] * (y[6]*k + z[6])
		d[7] = x[7] * (y[7]*k + z[7])
		dst, a, b, c = dst[8:], a[8:], b[8:], c[8:]
	}
	a, b, c = a[:len(dst)], b[:len(dst)], c[:len(dst)]
	for i := range dst {
		dst[i] = a[i] * (b[i]*k + c[i])
	}
}

// MulAddChecked is MulAdd (c may be nil) that never wraps: it stops before
// the first cell that passes int64 and returns its index, or len(dst).
func MulAddChecked(dst, a, b, c []int64) int {
	for i := range dst {
		hi, lo := Mul64(a[i], b[i])
		if c != nil {
			var carry uint64
			lo, carry = bits.Add64(lo, uint64(c[i]), 0)
			hi += c[i]>>63 + int64(carry)
		}
		if hi != int64(lo)>>63 {
			return i
		}
		dst[i] = int64(lo)
	}
	return len(dst)
}

// Mul64 is the signed 128-bit product.
func Mul64(a, b int64) (hi int64, lo uint64) {
	h, l := bits.Mul64(uint64(a), uint64(b))
	return int64(h) - a>>63&b - b>>63&a, l
}

// Magnitude is a bound on |v|: at least the largest, at most twice it (1 when
// every cell is 0) and never above 2^63.
func Magnitude(v []int64) uint64 {
	var m0, m1, m2, m3 int64
	for len(v) >= 8 {
		x := (*[8]int64)(v)
		m0 |= x[0] ^ x[0]>>63
		m1 |= x[1] ^ x[1]>>63
		m2 |= x[2] ^ x[2]>>63
		m3 |= x[3] ^ x[3]>>63
		m0 |= x[4] ^ x[4]>>63
		m1 |= x[5] ^ x[5]>>63
		m2 |= x[6] ^ x[6]>>63
		m3 |= x[7] ^ x[7]>>63
		v = v[8:]
	}
	for _, x := range v {
		m0 |= x ^ x>>63
	}
	// x ^ x>>63 is x or -x-1, so |x| may be one more.
	return uint64(m0|m1|m2|m3) + 1
}

// Fits reports whether every a×b + c with |a| <= ma, |b| <= mb, |c| <= mc is
// an int64.
func Fits(ma, mb, mc uint64) bool {
	hi, lo := bits.Mul64(ma, mb)
	lo, carry := bits.Add64(lo, mc, 0)
	return hi+carry == 0 && lo < 1<<63
}
