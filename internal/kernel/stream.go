package kernel

import "unsafe"

// The loops below store past the caches, cells that nobody reads soon: they fetch no
// line of dst before they write it, and push nothing else out. They do what the loops
// they are named after do, and that is all they do where there are no such stores.
// Whoever streams calls Fence before another goroutine may look.

// Stream copies src to dst.
func Stream(dst, src []int64) {
	src = head(src, len(dst))
	at, n := lines(dst)
	copy(dst[:at], src)
	if n > 0 {
		streamAVX2(&dst[at], &src[at], n)
	}
	copy(dst[at+n:], src[at+n:])
}

// StreamBytes is Stream of single bytes.
func StreamBytes[T ~uint8](dst, src []T) {
	src = head(src, len(dst))
	at := int(-uintptr(unsafe.Pointer(unsafe.SliceData(dst))) & 63)
	if !vector || len(dst) < at+worth*64 {
		copy(dst, src)
		return
	}
	n := (len(dst) - at) &^ 63
	copy(dst[:at], src)
	streamAVX2((*int64)(unsafe.Pointer(&dst[at])), (*int64)(unsafe.Pointer(&src[at])), n/8)
	copy(dst[at+n:], src[at+n:])
}

// StreamMul is Mul.
func StreamMul(dst, a, b []int64) {
	a, b = head(a, len(dst)), head(b, len(dst))
	at, n := lines(dst)
	mulGo(dst[:at], a, b)
	if n > 0 {
		streamMulAVX2(&dst[at], &a[at], &b[at], n)
	}
	Mul(dst[at+n:], a[at+n:], b[at+n:])
}

// StreamScale is Scale.
func StreamScale(dst, a []int64, k int64) {
	a = head(a, len(dst))
	at, n := lines(dst)
	scaleGo(dst[:at], a, k)
	if n > 0 {
		streamScaleAVX2(&dst[at], &a[at], k, n)
	}
	Scale(dst[at+n:], a[at+n:], k)
}

// StreamLinear32 is MulLinear32, and AddScaled of what it makes, × unit, to sum.
func StreamLinear32(dst, sum, a, b []int64, k int64, c []int64, unit int64) {
	sum, a, b, c = head(sum, len(dst)), head(a, len(dst)), head(b, len(dst)), head(c, len(dst))
	at, n := lines(dst)
	rest := func(lo, hi int) {
		MulLinear32(dst[lo:hi], a[lo:hi], b[lo:hi], k, c[lo:hi])
		AddScaled(sum[lo:hi], dst[lo:hi], unit)
	}
	rest(0, at)
	if n > 0 {
		streamLinear32AVX2(&dst[at], &sum[at], &a[at], &b[at], k, &c[at], unit, n)
	}
	rest(at+n, len(dst))
}

// Fence makes what was streamed visible to others before anything written later.
func Fence() {
	if vector {
		fence()
	}
}

// worth is how many lines of the cache are worth storing past it.
const worth = 8

// lines are the cells at <= i < at+n of v that fill lines of the cache, where there
// are enough of them for a store past it: what lies before and behind shares its line
// with others.
func lines(v []int64) (at, n int) {
	at = int(-uintptr(unsafe.Pointer(unsafe.SliceData(v)))&63) / 8
	if !vector || len(v) < at+8*worth {
		return 0, 0
	}
	return at, (len(v) - at) &^ 7
}
