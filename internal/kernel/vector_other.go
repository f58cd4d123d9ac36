//go:build !amd64 || noasm

package kernel

// vector is false where there are no loops but the Go ones.
var vector = false

const panicVector = "kernel: no vector loops on this machine"

func halvesAVX2(_ *int64, _ int) (s, h int64) { panic(panicVector) }
