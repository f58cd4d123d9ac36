//go:build !noasm

package kernel

//go:noescape
func halvesAVX2(v *int64, n int) (s, h int64)
