// Command bulk measures pricing many meters from Parquet files, as bench/cmd/meters
// writes them, to totals by month: nominal points (meter-years × 30 items × 6 runs ×
// 17,520 half-hours) and values decoded per second, and peak resident memory.
package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"slices"
	"strings"
	"time"

	"github.com/halfhour/halfhour"
	"github.com/halfhour/halfhour/bench"
	"github.com/halfhour/halfhour/internal/sample"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/series/hhparquet"
	"github.com/halfhour/halfhour/tariffs"
	"github.com/halfhour/halfhour/tariffs/toml"
)

type options struct {
	dir            string
	meters, repeat int
	pairs          int
	workers        int
	verify, cells  bool
}

func main() {
	var o options
	flag.StringVar(&o.dir, "dir", "", "directory that bench/cmd/meters wrote")
	flag.IntVar(&o.meters, "meters", 0, "meters to price, round and round the files; 0 is each once")
	flag.IntVar(&o.repeat, "repeat", 3, "times")
	flag.IntVar(&o.workers, "workers", runtime.GOMAXPROCS(0), "goroutines that price, and as many that load")
	flag.BoolVar(&o.verify, "verify", true, "hold the tail of each file to the manifest's SHA-256; what is read is always held to those in the tail")
	flag.BoolVar(&o.cells, "cells", false, "the materialised route")
	flag.IntVar(&o.pairs, "pairs", 0, "instead: this many turns of one processor and of two, and how much faster two are")
	profile := flag.String("profile", "", "write a profile of processor time here")
	flag.Parse()
	if *profile != "" {
		f, err := os.Create(*profile)
		if err == nil {
			err = pprof.StartCPUProfile(f)
		}
		check(err)
		defer pprof.StopCPUProfile()
	}
	check(o.run())
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bulk:", err)
		os.Exit(1)
	}
}

// meter is a line of the book.
type meter struct {
	path   string
	sum    hhparquet.Sum
	supply *tariffs.Supply
}

func (o *options) run() error {
	meters, err := o.book()
	if err != nil {
		return err
	}
	if o.meters == 0 {
		o.meters = len(meters)
	}
	tariff, err := toml.ParseTariff("tariff.toml", sample.Tariff())
	if err != nil {
		return err
	}
	b := halfhour.Batch{Span: bench.Year(), Runs: bench.Runs(), Class: halfhour.LossClass{Distributor: 14, LLFC: "H02"}, Meters: o.meters, Workers: o.workers}
	if o.cells {
		b.Route = halfhour.Materialised
	}
	if b.Market, err = o.lines("market.parquet", series.Market()); err != nil {
		return err
	}
	if b.Contract, err = o.lines("contract.parquet", series.Contract()); err != nil {
		return err
	}
	b.Loader = func() halfhour.Loader { return o.loader(meters, tariff) }
	if o.pairs > 0 {
		return o.second(b)
	}
	for range o.repeat {
		if err := o.once(b); err != nil {
			return err
		}
	}
	return nil
}

// once prices the meters and prints what it took.
func (o *options) once(b halfhour.Batch) error {
	totals := halfhour.NewPortfolio(halfhour.BucketsOf(halfhour.ByMonth, b.Span), "", 0)
	b.Done = func(p *halfhour.Priced) error { return totals.Add("", p.Amounts) }
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start, used := time.Now(), processor()
	res, err := halfhour.RunBatch(context.Background(), b)
	took, busy := time.Since(start), processor()-used
	runtime.ReadMemStats(&after)
	if err != nil {
		return err
	}
	for _, f := range res.Failed {
		return f.Err
	}
	h := fnv.New64a()
	if err := totals.WriteCSV(h); err != nil {
		return err
	}
	points := o.meters * bench.Items * len(bench.Runs()) * b.Span.Len()
	fmt.Printf("%d meters, %d workers: %.2fs, %.2f ms a meter, %.2f G nominal points/s, %.0f M values decoded/s (%d a meter); %.2f ms of processor time a meter, %.2f G points per second of it; %.1f allocations a meter, peak %d MB, hash %016x\n",
		o.meters, o.workers, took.Seconds(), took.Seconds()*1e3/float64(o.meters), float64(points)/took.Seconds()/1e9,
		float64(res.Values)/took.Seconds()/1e6, res.Values/int64(o.meters),
		busy.Seconds()*1e3/float64(o.meters), float64(points)/busy.Seconds()/1e9, float64(after.Mallocs-before.Mallocs)/float64(o.meters), peak(), h.Sum64())
	return nil
}

// second prices the meters in turns on one processor and on two, and prints the
// ratio of the medians, by the clock. Where others use the machine, what two get of it
// is theirs to say; the processor time a meter takes is not.
func (o *options) second(b halfhour.Batch) error {
	var clock, busy [2][]time.Duration
	b.Done = func(*halfhour.Priced) error { return nil }
	for range o.pairs {
		for i := range 2 {
			runtime.GOMAXPROCS(i + 1)
			b.Workers = i + 1
			start, used := time.Now(), processor()
			if _, err := halfhour.RunBatch(context.Background(), b); err != nil {
				return err
			}
			clock[i], busy[i] = append(clock[i], time.Since(start)), append(busy[i], processor()-used)
		}
	}
	for i := range 2 {
		slices.Sort(clock[i])
		slices.Sort(busy[i])
		fmt.Printf("%d: %v by the clock (%v to %v), %v of processor time\n", i+1, clock[i][o.pairs/2], clock[i][0], clock[i][o.pairs-1], busy[i][o.pairs/2])
	}
	fmt.Printf("two are %.2f × as fast as one; of the fastest turns, %.2f ×\n",
		clock[0][o.pairs/2].Seconds()/clock[1][o.pairs/2].Seconds(), clock[0][0].Seconds()/clock[1][0].Seconds())
	return nil
}

// loader reads files one after the other, with memory it keeps.
func (o *options) loader(meters []meter, tariff *tariffs.Tariff) halfhour.Loader {
	r := hhparquet.NewReader(hhparquet.Limits{})
	want := hhparquet.Want{Span: bench.Year(), Lines: []series.Line{series.AI, series.RI, series.RE}, Latest: true}
	return func(i int, dst, _ *series.Cube) (halfhour.Loaded, error) {
		m := &meters[i%len(meters)]
		out := halfhour.Loaded{Name: m.path, Supply: m.supply, Tariff: tariff}
		f, err := os.Open(m.path)
		if err != nil {
			return out, err
		}
		var sum *hhparquet.Sum
		if o.verify {
			sum = &m.sum
		}
		err = r.Load(m.path, f, sum)
		f.Close()
		if err != nil {
			return out, err
		}
		t, err := r.Into(dst, want)
		out.Values = t.Values
		return out, err
	}
}

func (o *options) lines(name string, s *series.Schema) (*series.Cube, error) {
	f, err := os.Open(filepath.Join(o.dir, name))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r := hhparquet.NewReader(hhparquet.Limits{})
	if err := r.Load(name, f, nil); err != nil {
		return nil, err
	}
	c := series.NewCube(nil, s, r.Runs(), r.Span())
	_, err = r.Into(c, hhparquet.Want{})
	return c, err
}

// manifest reads the sums of the Parquet files.
func (o *options) manifest() (*hhparquet.Manifest, error) {
	name := filepath.Join(o.dir, "manifest")
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return hhparquet.ReadManifest(name, f)
}

// book reads the book, the sum of every meter's file and every supply.
func (o *options) book() (out []meter, err error) {
	manifest, err := o.manifest()
	if err != nil {
		return nil, err
	}
	f, err := os.Open(filepath.Join(o.dir, "book.csv"))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	in := bufio.NewScanner(f)
	in.Scan()
	for in.Scan() {
		fields := strings.Split(in.Text(), ",")
		m, ok := meter{path: filepath.Join(o.dir, fields[0])}, false
		if m.sum, ok = manifest.Sum(fields[0]); !ok {
			return nil, fmt.Errorf("%s: the manifest does not name it: write the files again with bench/cmd/meters", m.path)
		}
		text, err := os.ReadFile(filepath.Join(o.dir, fields[1]))
		if err != nil {
			return nil, err
		}
		if m.supply, err = toml.ParseSupply(fields[1], text); err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	return out, in.Err()
}

// peak is the most memory the process had resident, in MB, or 0 where the system
// does not say.
func peak() (mb int) {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	if _, rest, found := strings.Cut(string(text), "VmHWM:"); found {
		fmt.Sscan(rest, &mb)
	}
	return mb / 1024
}

// processor is the processor time the process has had, to the hundredth of a second,
// or 0 where the system does not say. On a machine that others use it says more than
// the clock.
func processor() time.Duration {
	text, err := os.ReadFile("/proc/self/stat")
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(text), ") ")
	fields := strings.Fields(rest)
	var user, system int64
	fmt.Sscan(fields[11], &user)
	fmt.Sscan(fields[12], &system)
	return time.Duration(user+system) * 10 * time.Millisecond
}
