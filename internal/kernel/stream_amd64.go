//go:build !noasm

package kernel

//go:noescape
func streamAVX2(dst, src *int64, n int)

//go:noescape
func fence()

//go:noescape
func streamMulAVX2(dst, a, b *int64, n int)

//go:noescape
func streamScaleAVX2(dst, a *int64, k int64, n int)

//go:noescape
func streamLinear32AVX2(dst, sum, a, b *int64, k int64, c *int64, unit int64, n int)
