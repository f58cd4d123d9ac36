//go:build !linux

package main

import "time"

const clockName = "elapsed time"

var began = time.Now()

// clock is the time that has passed.
func clock() (time.Duration, error) { return time.Since(began), nil }
