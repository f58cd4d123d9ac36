//go:build !amd64 || noasm

package kernel

func streamAVX2(_, _ *int64, _ int)                                           { panic(panicVector) }
func fence()                                                                  { panic(panicVector) }
func streamMulAVX2(_, _, _ *int64, _ int)                                     { panic(panicVector) }
func streamScaleAVX2(_, _ *int64, _ int64, _ int)                             { panic(panicVector) }
func streamLinear32AVX2(_, _, _, _ *int64, _ int64, _ *int64, _ int64, _ int) { panic(panicVector) }
