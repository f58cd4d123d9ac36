//go:build !unix

package bench

import "time"

var began = time.Now()

// processor stands for the processor time the process has had: all that passed.
func processor() time.Duration { return time.Since(began) }
