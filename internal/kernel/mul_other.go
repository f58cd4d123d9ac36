//go:build !amd64 || noasm

package kernel

func mulAVX2(_, _, _ *int64, _ int)                          { panic(panicVector) }
func mulAddAVX2(_, _, _, _ *int64, _ int)                    { panic(panicVector) }
func scaleAVX2(_, _ *int64, _ int64, _ int)                  { panic(panicVector) }
func addScaledAVX2(_, _ *int64, _ int64, _ int)              { panic(panicVector) }
func mulLinearAVX2(_, _, _ *int64, _ int64, _ *int64, _ int) { panic(panicVector) }
func magnitudeAVX2(_ *int64, _ int) uint64                   { panic(panicVector) }
func dot3AVX2(_ *int64, _, _ *[3]*int64, _ *int64, _ int)    { panic(panicVector) }
func addAVX2(_, _ *int64, _ int)                             { panic(panicVector) }
func addOfAVX2(_, _, _ *int64, _ int64, _ int)               { panic(panicVector) }
