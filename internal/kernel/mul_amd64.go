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
func addAVX2(dst, a *int64, n int)

//go:noescape
func addOfAVX2(dst, a, b *int64, k int64, n int)
