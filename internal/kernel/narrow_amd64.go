//go:build !noasm

package kernel

//go:noescape
func mulLinear32AVX2(dst, a, b *int64, k int64, c *int64, n int)

//go:noescape
func peakAVX2(a, x, y *int64, n int) (square, most uint64, lacks bool)

//go:noescape
func addScaled32AVX2(dst, a *int64, k int64, n int)

//go:noescape
func beyond32AVX2(dst, a, x, y *int64, p, q int64, n int)
