package bench

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/halfhour/halfhour"
	"github.com/halfhour/halfhour/series/hhparquet"
)

// The budgets of pricing in bulk: docs/decisions/0015-bulk.md.
const (
	coresBudget, coresMedian = 1.7, 1.75 // times as fast on two processors as on one
	coresLeast               = 1.25      // below which it is lost
	coresMeters              = 400       // beside which what is done once for all of them is little
	coresRounds              = 5

	memoryBudget = 256 << 20 // bytes, at the peak
	memoryGrowth = 32 << 20  // of the peak, from 100 meters to 1,000: what the collector may leave lying
	liveGrowth   = 256 << 10 // of what is in use
)

// TestRatioSecondCore: a batch is faster on two processors than on one, by the clock.
// What the machine has to spare at the time is measured in turn with it, on work
// that shares nothing: where that is not much faster on two either, a try does not
// count, and the guard fails only when as many as count are past it.
func TestRatioSecondCore(t *testing.T) {
	if raceEnabled || testing.Short() || runtime.NumCPU() < 2 {
		t.Skip("needs two processors, and means nothing under the race detector or -short")
	}
	before := runtime.GOMAXPROCS(0)
	defer runtime.GOMAXPROCS(before)
	fleet := NewFleet(AllLanded, seed)
	b := newBatched(fleet, filesOf(t, fleet), coresMeters, 1)
	batch := func(workers int) {
		b.Workers = workers
		b.run(t)
	}
	alone := func(workers int) { spin(t, workers, 64<<20) }
	glance := func(workers int) { spin(t, workers, 4<<20) }
	for try, counted := 0, 0; try < 2*tries; try++ {
		if spare := onTwo(glance)[0]; spare < coresBudget {
			t.Logf("work that shares nothing is %.2f × as fast on two processors as on one", spare)
			continue
		}
		got := onTwo(batch, alone)
		t.Logf("two processors are %.2f × as fast as one, on work that shares nothing %.2f ×; budget %.2f, limit %.2f", got[0], got[1], coresBudget, coresLeast)
		switch {
		case got[1] < coresBudget:
			continue
		case got[0] >= coresLeast:
			return
		}
		if counted++; counted == tries {
			t.Errorf("less than %.2f × as fast on two processors as on one, %d times, though there were two: the budget is %.2f, the median was %.2f", coresLeast, tries, coresBudget, coresMedian)
			return
		}
	}
	t.Skip("others use the machine: two processors were not to be had often enough")
}

// onTwo is how much faster each of some works is on two processors than on one, by
// the clock: the fastest turns of each, for a turn that others got into says less.
func onTwo(works ...func(workers int)) []float64 {
	took := make([][2]time.Duration, len(works))
	for range coresRounds {
		for i := range 2 {
			runtime.GOMAXPROCS(i + 1)
			for k, work := range works {
				start := time.Now()
				work(i + 1)
				if turn := time.Since(start); took[k][i] == 0 || turn < took[k][i] {
					took[k][i] = turn
				}
			}
		}
	}
	var out []float64
	for _, t := range took {
		out = append(out, float64(t[0])/float64(t[1]))
	}
	return out
}

// spin shares out so many steps of computing among goroutines.
func spin(tb testing.TB, among, steps int) {
	var group sync.WaitGroup
	sums := make([]uint64, among)
	for g := range sums {
		group.Go(func() {
			x := uint64(g)
			for i := range uint64(steps / among) {
				x = x*6364136223846793005 + i
			}
			sums[g] = x
		})
	}
	group.Wait()
	if slices.Contains(sums, 0) {
		tb.Fatal("nothing was computed")
	}
}

// memoryChild names the folder of meter files, and how many meters to price of them,
// to the process that does.
const memoryChild = "HH_BENCH_MEMORY"

// TestAllocsFlat: pricing 1,000 meters takes the memory of pricing 100. Each is a
// process of its own, with nothing else in it.
func TestAllocsFlat(t *testing.T) {
	if task := os.Getenv(memoryChild); task != "" {
		priceFolder(t, task)
		return
	}
	if raceEnabled || testing.Short() {
		t.Skip("says nothing under the race detector, and takes long")
	}
	dir := t.TempDir()
	for i, f := range filesOf(t, NewFleet(AllLanded, seed)) {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprint(i)), f.raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var peaks, lives [2]int
	for i, meters := range []int{100, 1000} {
		child := exec.Command(os.Args[0], "-test.run=^TestAllocsFlat$", "-test.v")
		child.Env = append(os.Environ(), fmt.Sprintf("%s=%d %s", memoryChild, meters, dir))
		out, err := child.CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		_, told, found := strings.Cut(string(out), "memory: ")
		if _, err := fmt.Sscan(told, &peaks[i], &lives[i]); err != nil || !found {
			t.Fatalf("%v: %s", err, out)
		}
		t.Logf("%d meters: %.1f MiB at the peak, %.2f MiB in use at the end", meters, float64(peaks[i])/(1<<20), float64(lives[i])/(1<<20))
	}
	if most := max(peaks[0], peaks[1]); most > memoryBudget {
		t.Errorf("%d bytes at the peak, want at most %d", most, memoryBudget)
	}
	if grown := peaks[1] - peaks[0]; grown > memoryGrowth {
		t.Errorf("the peak grew by %d bytes from 100 meters to 1,000, want at most %d", grown, memoryGrowth)
	}
	if grown := lives[1] - lives[0]; grown > liveGrowth {
		t.Errorf("what is in use grew by %d bytes from 100 meters to 1,000, want at most %d", grown, liveGrowth)
	}
}

// priceFolder prices meters from the files of a folder, and prints what memory that
// took at the peak and, with the last meter, in use.
func priceFolder(t *testing.T, task string) {
	count, dir, _ := strings.Cut(task, " ")
	meters := 0
	if _, err := fmt.Sscan(count, &meters); err != nil {
		t.Fatal(err)
	}
	var files []batchFile
	for i := range batchFiles {
		f := batchFile{open: func() (io.ReadCloser, error) { return os.Open(filepath.Join(dir, fmt.Sprint(i))) }}
		src, err := f.open()
		if err != nil {
			t.Fatal(err)
		}
		if f.sum, err = hhparquet.SumOf(src); err != nil {
			t.Fatal(err)
		}
		src.Close()
		files = append(files, f)
	}
	b := newBatched(NewFleet(AllLanded, seed), files, meters, 2)
	add, done, live := b.Done, 0, uint64(0)
	b.Done = func(p *halfhour.Priced) error {
		if done++; done == meters {
			var m runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&m)
			live = m.HeapAlloc
		}
		return add(p)
	}
	b.run(t)
	fmt.Printf("memory: %d %d\n", peak(t), live)
}

// peak is the most memory the process had resident or, where the system does not say,
// the heap it asked for.
func peak(tb testing.TB) int {
	if text, err := os.ReadFile("/proc/self/status"); err == nil {
		if _, rest, found := bytes.Cut(text, []byte("VmHWM:")); found {
			kb := 0
			if _, err := fmt.Sscan(string(rest), &kb); err != nil {
				tb.Fatal(err)
			}
			return kb << 10
		}
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapSys)
}
