package main

import (
	"time"

	"golang.org/x/sys/unix"
)

const clockName = "processor time of the process, all its threads"

// clock is the processor time the process has had: what else the machine does
// meanwhile is not in it, and a long run is not charged for more of it than a short
// one.
func clock() (time.Duration, error) {
	var t unix.Timespec
	err := unix.ClockGettime(unix.CLOCK_PROCESS_CPUTIME_ID, &t)
	return time.Duration(t.Nano()), err
}
