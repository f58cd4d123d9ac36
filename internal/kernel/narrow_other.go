//go:build !amd64 || noasm

package kernel

func mulLinear32AVX2(_, _, _ *int64, _ int64, _ *int64, _ int) { panic(panicVector) }
func peakAVX2(_, _, _ *int64, _ int) (uint64, uint64, bool)    { panic(panicVector) }
func addScaled32AVX2(_, _ *int64, _ int64, _ int)              { panic(panicVector) }
func beyond32AVX2(_, _, _, _ *int64, _, _ int64, _ int)        { panic(panicVector) }
