package kernel

// Narrow bounds the factors of the loops below: where Magnitude says no more of a
// column, each of its cells is held by 32 bits, from -2^31 to 2^31 - 1, and a product
// takes one multiplication instead of three. Of a bound that is no Magnitude, less than
// Narrow says so.
const Narrow = 1 << 31

// AddScaled32 is AddScaled of factors within Narrow.
func AddScaled32(dst, a []int64, k int64) {
	a = head(a, len(dst))
	n := whole(dst)
	if n > 0 {
		addScaled32AVX2(&dst[0], &a[0], k, n)
	}
	addScaledGo(dst[n:], a[n:], k)
}

// MulLinear32 is MulLinear where a, b, k and |b| × |k| + |c| are within Narrow.
func MulLinear32(dst, a, b []int64, k int64, c []int64) {
	a, b, c = head(a, len(dst)), head(b, len(dst)), head(c, len(dst))
	n := whole(dst)
	if n > 0 {
		mulLinear32AVX2(&dst[0], &a[0], &b[0], k, &c[0], n)
	}
	mulLinearGo(dst[n:], a[n:], b[n:], k, c[n:])
}

// Beyond32 sets dst[i] to max(x[i], y[i]) × p − a[i] × q where that and a[i] are above
// 0, and to 0 elsewhere: what passes a free part of a. All but dst is within Narrow.
func Beyond32(dst, a, x, y []int64, p, q int64) {
	a, x, y = head(a, len(dst)), head(x, len(dst)), head(y, len(dst))
	n := whole(dst)
	if n > 0 {
		beyond32AVX2(&dst[0], &a[0], &x[0], &y[0], p, q, n)
	}
	beyondGo(dst[n:], a[n:], x[n:], y[n:], p, q)
}

func beyondGo(dst, a, x, y []int64, p, q int64) {
	a, x, y = a[:len(dst)], x[:len(dst)], y[:len(dst)]
	for i, v := range a {
		over := max(x[i], y[i])*p - v*q
		dst[i] = over &^ (over >> 63) &^ ((v - 1) >> 63) // 0 where over is negative or v is not above 0
	}
}

// Beyond is Beyond32 where the products are within int64, but not their factors
// within Narrow.
func Beyond(dst, a, x, y []int64, p, q int64) {
	n := len(dst)
	beyondGo(dst, head(a, n), head(x, n), head(y, n), p, q)
}

// Peak is the highest a² + max(x, y)² of the half-hours where a is above 0, a bound
// on all three as Magnitude has it, and whether a half-hour with a above 0 has no
// more than 0 of x and y. The square is right where they are within Narrow.
func Peak(a, x, y []int64) (square, most uint64, lacks bool) {
	x, y = head(x, len(a)), head(y, len(a))
	if n := whole(a); n > 0 {
		square, most, lacks = peakAVX2(&a[0], &x[0], &y[0], n)
		a, x, y = a[n:], x[n:], y[n:]
	}
	s, m, l := peakGo(a, x, y)
	return max(square, s), (most | m) + 1, lacks || l
}

func peakGo(a, x, y []int64) (square, most uint64, lacks bool) {
	x, y = x[:len(a)], y[:len(a)]
	var bits int64
	for i, v := range a {
		p, q := x[i], y[i]
		bits |= (v ^ v>>63) | (p ^ p>>63) | (q ^ q>>63)
		if v <= 0 {
			continue
		}
		r := max(p, q)
		lacks = lacks || r <= 0
		square = max(square, uint64(v*v)+uint64(r*r))
	}
	return square, uint64(bits), lacks
}
