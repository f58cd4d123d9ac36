package bench

import (
	"testing"
	"time"
)

// measure is a benchmark of f, which moves so many points and bytes. What it
// allocates the first time is not counted. hash is a fingerprint of what f made
// last, so that an optimisation that changes the answer shows. Beside the time that
// passed it reports the processor's, in which other work on the machine is not.
func measure(b *testing.B, points, bytes int, hash func() uint64, f func()) {
	b.Helper()
	f()
	b.SetBytes(int64(bytes))
	b.ReportAllocs()
	var start time.Duration
	for first := true; b.Loop(); first = false {
		if first { // b.Loop has stopped the world by now to count allocations
			start = processor()
		}
		f()
	}
	took := processor() - start
	b.ReportMetric(float64(took)/float64(b.N), "cpu-ns/op")
	b.ReportMetric(float64(points)*float64(b.N)/max(took, time.Microsecond).Seconds(), "points/s")
	b.Logf("hash %016x", hash())
}
