//go:build !noasm

package kernel

//go:noescape
func mulAVX2(dst, a, b *int64, n int)

//go:noescape
func mulAddAVX2(dst, a, b, c *int64, n int)

//go:noescape
func scaleAVX2(dst, a *int64, k int64, n int)

//go:noescape
func addScaledAVX2(dst, a *int64, k int64, n int)

//go:noescape
func mulLinearAVX2(dst, a, b *int64, k int64, c *int64, n int)

//go:noescape
func magnitudeAVX2(v *int64, n int) uint64

//go:noescape
func dot3AVX2(dst *int64, a, b *[3]*int64, c *int64, n int)

//go:noescape
func mulLinear32AVX2(dst, a, b *int64, k int64, c *int64, n int)

//go:noescape
func streamAVX2(dst, src *int64, n int)

//go:noescape
func fence()

//go:noescape
func peakAVX2(a, x, y *int64, n int) (square, most uint64, lacks bool)

//go:noescape
func streamMulAVX2(dst, a, b *int64, n int)

//go:noescape
func streamScaleAVX2(dst, a *int64, k int64, n int)

//go:noescape
func addAVX2(dst, a *int64, n int)

//go:noescape
func addScaled32AVX2(dst, a *int64, k int64, n int)

//go:noescape
func addOfAVX2(dst, a, b *int64, k int64, n int)

//go:noescape
func beyond32AVX2(dst, a, x, y *int64, p, q int64, n int)

//go:noescape
func streamLinear32AVX2(dst, sum, a, b *int64, k int64, c *int64, unit int64, n int)
