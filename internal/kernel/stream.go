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

// Fence makes what was streamed visible to others before anything written later.
func Fence() {
	if vector {
		fence()
	}
}

// lines are the cells at <= i < at+n of v that fill lines of the cache, where there
// are enough of them for a store past it: what lies before and behind shares its line
// with others.
func lines(v []int64) (at, n int) {
	const worth = 8 // lines
	at = int(-uintptr(unsafe.Pointer(unsafe.SliceData(v)))&63) / 8
	if !vector || len(v) < at+8*worth {
		return 0, 0
	}
	return at, (len(v) - at) &^ 7
}
