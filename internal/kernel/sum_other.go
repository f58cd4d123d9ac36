//go:build !amd64 || noasm

package kernel

func halvesAVX2(_ *int64, _ int) (s, h int64) { panic(panicVector) }
