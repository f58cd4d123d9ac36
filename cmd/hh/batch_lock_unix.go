//go:build unix

package main

import (
	"os"
	"syscall"
)

// lock keeps others from a file until it is closed, however the process ends.
func lock(f *os.File) error { return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) }
