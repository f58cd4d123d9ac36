package hhparquet_test

import (
	"runtime"
	"testing"
	"time"

	"github.com/halfhour/halfhour/internal/sample"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/series/hhparquet"
)

// billed are the lines a bill of an import meter needs.
var billed = []series.Line{series.AI, series.RI, series.RE}

// job is one meter-year read as a bulk run reads it.
type job struct {
	name string
	raw  []byte
	sum  *hhparquet.Sum
	want hhparquet.Want
	r    *hhparquet.Reader
	cube *series.Cube
}

func jobs(t testing.TB) []*job {
	t.Helper()
	whole, sum := write(t, sample.MPAN(), meterCube(t, sample.Span(), sample.All))
	stairs, stairsSum := write(t, sample.MPAN(), meterCube(t, sample.Span(), sample.AsOf(day(t, "2026-06-30"))))
	r := hhparquet.NewReader(hhparquet.Limits{})
	cube := series.NewCube(nil, series.Meter(), sample.Runs(), sample.Span())
	latest := hhparquet.Want{Lines: billed, Latest: true}
	return []*job{
		{"all runs", whole, nil, hhparquet.Want{Lines: billed}, r, cube},
		{"all runs, verified", whole, &sum, hhparquet.Want{Lines: billed}, r, cube},
		{"latest, all landed", whole, nil, latest, r, cube},
		{"latest, all landed, verified", whole, &sum, latest, r, cube},
		{"latest, staircase", stairs, nil, latest, r, cube},
		{"latest, staircase, verified", stairs, &stairsSum, latest, r, cube},
	}
}

func (j *job) run(t testing.TB) hhparquet.Tally {
	if err := j.r.LoadBytes("meter", j.raw, j.sum); err != nil {
		t.Fatal(err)
	}
	tally, err := j.r.Into(j.cube, j.want)
	if err != nil {
		t.Fatal(err)
	}
	return tally
}

func TestAllocsReading(t *testing.T) {
	for _, j := range jobs(t) {
		j.run(t)
		// Now and then the garbage collector takes a pooled buffer of the
		// decompressor's: a tenth of an allocation is not ours.
		if n := testing.AllocsPerRun(20, func() { j.run(t) }); n >= 1 && !raced {
			t.Errorf("%s: %v allocations a meter, want 0", j.name, n)
		} else {
			t.Logf("%s: %v allocations a meter", j.name, n)
		}
	}
}

// TestRatioReading logs what reading takes, and holds it against copying as many
// values and the latest against everything: at best of 40 interleaved rounds,
// with three times the usual in hand. The race detector slows the two sides
// differently, so under it the first is only logged.
func TestRatioReading(t *testing.T) {
	const rounds = 40
	var every time.Duration
	for _, j := range jobs(t) {
		n := j.run(t).Values
		src, dst := make([]int64, n), make([]int64, n)
		read, plain := time.Hour, time.Hour
		for range rounds {
			start := time.Now()
			j.run(t)
			read = min(read, time.Since(start))
			start = time.Now()
			copy(dst, src)
			plain = min(plain, time.Since(start))
		}
		ratio := float64(read) / float64(plain)
		t.Logf("%-30s %7d values in %8v: %4.0f M values/s, %5.2f ms, %.1f × copy; %d bytes, %.2f a value of the file",
			j.name, n, read, float64(n)/read.Seconds()/1e6, read.Seconds()*1e3, ratio, len(j.raw), float64(len(j.raw))/float64(n))
		switch {
		case j.sum == nil && !j.want.Latest:
			every = read
			if ratio > 35 && !raced {
				t.Errorf("%s: %.1f × copy", j.name, ratio)
			}
		case j.sum == nil && read > every:
			t.Errorf("%s: %v, and everything takes %v", j.name, read, every)
		}
	}
}

// TestMemoryOfAReader is what a new reader has allocated when it has read a
// meter-year it was handed: the pages and the decompressor's tables, whatever
// the file's length.
func TestMemoryOfAReader(t *testing.T) {
	j := jobs(t)[0]
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	j.r = hhparquet.NewReader(hhparquet.Limits{})
	j.run(t)
	runtime.ReadMemStats(&after)
	n := after.TotalAlloc - before.TotalAlloc
	t.Logf("%d bytes for a file of %d", n, len(j.raw))
	if n > 512<<10 {
		t.Errorf("%d bytes, want at most half a MiB", n)
	}
}
