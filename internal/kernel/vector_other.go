//go:build !amd64 || noasm

package kernel

// vector is false where there are no loops but the Go ones.
var vector = false

const panicVector = "kernel: no vector loops on this machine"
