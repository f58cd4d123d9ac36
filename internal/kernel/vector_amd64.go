//go:build !noasm

package kernel

// vector says whether the loops of vector_amd64.s are used: eight cells at a time,
// four to a register. They do the same as the Go loops, which do what is left.
var vector = hasAVX2()

func hasAVX2() bool
