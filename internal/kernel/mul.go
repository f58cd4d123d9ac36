package kernel

import "math/bits"

// Mul sets dst[i] = a[i] × b[i] for every i of dst. a and b are at least as
// long, or it panics before it writes. See the package comment: it wraps.
func Mul(dst, a, b []int64) {
	a, b = head(a, len(dst)), head(b, len(dst))
	n := whole(dst)
	if n > 0 {
		mulAVX2(&dst[0], &a[0], &b[0], n)
	}
	mulGo(dst[n:], a[n:], b[n:])
}

// Scale sets dst[i] = a[i] × k for every i of dst. It wraps as Mul does.
func Scale(dst, a []int64, k int64) {
	a = head(a, len(dst))
	if k == 0 {
		clear(dst)
		return
	}
	n := whole(dst)
	if n > 0 {
		scaleAVX2(&dst[0], &a[0], k, n)
	}
	scaleGo(dst[n:], a[n:], k)
}

// MulAdd sets dst[i] = a[i] × b[i] + c[i]. It wraps as Mul does.
func MulAdd(dst, a, b, c []int64) {
	a, b, c = head(a, len(dst)), head(b, len(dst)), head(c, len(dst))
	n := whole(dst)
	if n > 0 {
		mulAddAVX2(&dst[0], &a[0], &b[0], &c[0], n)
	}
	mulAddGo(dst[n:], a[n:], b[n:], c[n:])
}

// AddScaled adds a[i] × k to dst[i] for every i of dst. It wraps as Mul does.
func AddScaled(dst, a []int64, k int64) {
	a = head(a, len(dst))
	n := whole(dst)
	switch {
	case n == 0:
	case k == 1:
		addAVX2(&dst[0], &a[0], n)
	default:
		addScaledAVX2(&dst[0], &a[0], k, n)
	}
	addScaledGo(dst[n:], a[n:], k)
}

// AddOf sets dst[i] = a[i] + b[i] × k for every i of dst. It wraps as Mul does.
func AddOf(dst, a, b []int64, k int64) {
	a, b = head(a, len(dst)), head(b, len(dst))
	n := whole(dst)
	if n > 0 {
		addOfAVX2(&dst[0], &a[0], &b[0], k, n)
	}
	dst, a, b = dst[n:], a[n:], b[n:]
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		dst[i] = a[i] + b[i]*k
	}
}

// MulLinear sets dst[i] = a[i] × (b[i] × k + c[i]). It wraps as Mul does: Fits
// must have proved it for |b| × |k| + |c|.
func MulLinear(dst, a, b []int64, k int64, c []int64) {
	a, b, c = head(a, len(dst)), head(b, len(dst)), head(c, len(dst))
	n := whole(dst)
	if n > 0 {
		mulLinearAVX2(&dst[0], &a[0], &b[0], k, &c[0], n)
	}
	mulLinearGo(dst[n:], a[n:], b[n:], k, c[n:])
}

// Dot3 sets dst[i] to the sum of a[k][i] × b[k][i] over k, and c[i]. It wraps as
// Mul does.
func Dot3(dst []int64, a, b *[3][]int64, c []int64) {
	x, y, z, c := head(a[0], len(dst)), head(a[1], len(dst)), head(a[2], len(dst)), head(c, len(dst))
	p, q, r := head(b[0], len(dst)), head(b[1], len(dst)), head(b[2], len(dst))
	n := whole(dst)
	if n > 0 {
		dot3AVX2(&dst[0], &[3]*int64{&x[0], &y[0], &z[0]}, &[3]*int64{&p[0], &q[0], &r[0]}, &c[0], n)
	}
	rest := dst[n:]
	x, y, z, c = x[n:][:len(rest)], y[n:][:len(rest)], z[n:][:len(rest)], c[n:][:len(rest)]
	p, q, r = p[n:][:len(rest)], q[n:][:len(rest)], r[n:][:len(rest)]
	for i := range rest {
		rest[i] = x[i]*p[i] + y[i]*q[i] + z[i]*r[i] + c[i]
	}
}

// head is the first n cells of v, which must have as many: v[:n] would go on into
// the array behind v where it is longer than v, and read what is no operand.
func head[T any](v []T, n int) []T { return v[:n:len(v)] }

// whole is how many of the cells the vector loops do: all but a few, or none
// where there are none of those loops.
func whole(v []int64) int {
	if !vector {
		return 0
	}
	return len(v) &^ 7
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
	if n := whole(v); n > 0 {
		m0, v = int64(magnitudeAVX2(&v[0], n)), v[n:]
	}
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
