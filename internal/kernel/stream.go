package kernel

import "unsafe"

// Stream copies src to dst past the caches, for cells that nobody reads soon: it
// fetches no line of dst before it writes it, and pushes nothing else out. Where
// there is no such store it copies. Whoever streams calls Fence before another
// goroutine may look.
func Stream(dst, src []int64) {
	src = head(src, len(dst))
	if !vector || len(dst) < 64 {
		copy(dst, src)
		return
	}
	// Whole lines of the cache: what is before the first one is copied.
	at := int(-uintptr(unsafe.Pointer(&dst[0])) & 63 / 8)
	copy(dst[:at], src)
	dst, src = dst[at:], src[at:]
	n := whole(dst)
	streamAVX2(&dst[0], &src[0], n)
	copy(dst[n:], src[n:])
}

// Fence makes what was streamed visible to others before anything written later.
func Fence() {
	if vector {
		fence()
	}
}
