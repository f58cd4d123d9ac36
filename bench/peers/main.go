// Command peers does one work with several engines on the same inputs, holds their
// answers to one another, and prints what each took as a table in markdown.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/halfhour/halfhour/bench"
)

func main() {
	rounds := flag.Int("rounds", 25, "rounds of each engine, fewer where one takes long")
	seconds := flag.Int("seconds", 4, "what a row may take in all, past its first three rounds")
	meters := flag.Int("meters", 10, "meters in the job from Parquet")
	flag.Parse()
	if err := run(os.Stdout, *meters, limits{*rounds, time.Duration(*seconds) * time.Second}); err != nil {
		fmt.Fprintln(os.Stderr, "peers:", err)
		os.Exit(1)
	}
}

func run(out io.Writer, meters int, l limits) error {
	runtime.GOMAXPROCS(1)
	folder, err := os.MkdirTemp("", "peers")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	w, err := newWork(bench.Year(), meters, folder)
	if err != nil {
		return err
	}
	e, err := newEngines(w)
	if err != nil {
		return err
	}
	defer e.duck.close()
	fmt.Fprintf(out, "%s. Times are %s; medians, rows in turn.\n", machine(), clockName)
	for _, g := range e.groups() {
		debug.FreeOSMemory()
		if err := g.measure(l); err != nil {
			return err
		}
		fmt.Fprintln(out, "\n"+g.markdown())
	}
	return nil
}

// machine names the machine and what ran on it, on one core.
func machine() string {
	cpu := "unknown processor"
	info, _ := os.ReadFile("/proc/cpuinfo") // elsewhere it stays unknown
	for line := range strings.SplitSeq(string(info), "\n") {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			cpu = strings.TrimSpace(value)
			break
		}
	}
	text := fmt.Sprintf("%s, %d cores of which one is used, %s %s/%s", cpu, runtime.NumCPU(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			switch m.Path {
			case "github.com/duckdb/duckdb-go/v2", "github.com/shopspring/decimal", "gonum.org/v1/gonum", "github.com/apache/arrow/go/v17":
				text += ", " + m.Path + " " + m.Version
			}
		}
	}
	return text
}
