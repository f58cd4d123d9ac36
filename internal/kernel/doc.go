// Package kernel holds the hot loops: leaf functions on bare slices, dst
// first, no allocation, no error values, no knowledge of what the numbers
// mean. Bitmaps are Arrow's, least significant bit first.
//
// The one trap: Mul, Scale, MulAdd, AddScaled, AddOf, MulLinear and Dot3 wrap. Call
// them only when Fits has proved from the extremes that no product can pass int64;
// MulAddChecked is for the rest. What ends in 32 is right only where Magnitude has
// proved its factors to be within Narrow, and is faster there.
//
// Those loops, Magnitude, Peak and Sum are there twice: in Go, and as AVX2 for amd64
// machines that have it, which does the same cell by cell, wrapping included. The
// build tag noasm leaves the second out; tests run through both. The
// same holds of the stores past the caches in Stream and the loops like it.
package kernel
