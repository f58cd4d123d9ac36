// Command guard compares the benchmarks of a change with those of its merge base,
// on this machine and in turn, and fails where the change has lost speed or makes
// something else.
//
// It builds the test binaries of both, runs the hot list round by round with the
// two in alternating order, and judges the samples by benchstat's statistics (the
// Mann-Whitney U test on medians). What looks like a loss is measured again, with
// twice the rounds, before it is one. A benchmark that logs another hash than before
// has another answer, which fails unless -answers says that it is meant.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// options are what the flags say.
type options struct {
	onto     string  // whose merge base with the change is compared with
	hot      string  // file of the hot list
	history  string  // file to append to; "" for none
	rounds   int     // of each side
	duration string  // -test.benchtime
	loss     float64 // by how much the median may grow
	alpha    float64 // of the test
	answers  bool    // other answers than the merge base's are meant
}

func main() {
	var o options
	flag.StringVar(&o.onto, "onto", "main", "branch or commit the change is to go onto")
	flag.StringVar(&o.hot, "hot", "bench/hot.txt", "hot list")
	flag.StringVar(&o.history, "history", "bench/history.tsv", "file to append a line a benchmark to; empty for none")
	flag.IntVar(&o.rounds, "rounds", 10, "runs of each benchmark before and after")
	flag.StringVar(&o.duration, "benchtime", "200ms", "how long or how often a run repeats a benchmark")
	flag.Float64Var(&o.loss, "loss", 0.05, "share by which a benchmark may become slower")
	flag.Float64Var(&o.alpha, "alpha", 0.05, "chance of calling noise a difference")
	flag.BoolVar(&o.answers, "answers", false, "accept answers other than the merge base's: they are meant")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	failed, err := guard(ctx, os.Stdout, ".", o)
	switch {
	case err != nil:
		fmt.Fprintln(os.Stderr, "guard:", err)
		os.Exit(2)
	case failed > 0:
		os.Exit(1)
	}
}

// fewest rounds at which the U test can give a p below 0.05: 2 ways of 70 put four
// samples on one side of four others.
const fewest = 4

// guard compares the repository that folder is in, as it lies there, and gives how
// many benchmarks have lost, or have another answer where none is meant.
func guard(ctx context.Context, out io.Writer, folder string, o options) (failed int, err error) {
	if o.rounds < fewest {
		return 0, fmt.Errorf("%d rounds: of fewer than %d no difference is sure enough to be one", o.rounds, fewest)
	}
	root, err := git(ctx, folder, "rev-parse", "--show-toplevel")
	if err != nil {
		return 0, err
	}
	list, err := readHot(filepath.Join(root, o.hot))
	if err != nil {
		return 0, err
	}
	base, err := git(ctx, root, "merge-base", o.onto, "HEAD")
	if err != nil {
		return 0, err
	}
	temp, err := os.MkdirTemp("", "guard")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(temp)
	before := filepath.Join(temp, "base")
	if _, err := git(ctx, root, "worktree", "add", "--quiet", "--detach", before, base); err != nil {
		return 0, err
	}
	defer func() { // also after an interrupt
		_, e := git(context.WithoutCancel(ctx), root, "worktree", "remove", "--force", before)
		err = errors.Join(err, e)
	}()
	pairs, err := build(ctx, root, before, temp, list)
	if err != nil {
		return 0, err
	}
	results, err := compare(ctx, pairs, o)
	if err != nil {
		return 0, err
	}
	where, err := describe(ctx, root, base, results[0].cpu)
	if err != nil {
		return 0, err
	}
	fmt.Fprintf(out, "%s, %s, against %s\n\n%s", where.machine, where.change, where.base, table(results))
	for _, r := range results {
		if r.verdict == slower || r.other() && !o.answers {
			failed++
		}
	}
	if o.history != "" {
		path := o.history
		if !filepath.IsAbs(path) {
			path = filepath.Join(root, path)
		}
		err = remember(path, where, results)
	}
	return failed, err
}

// place is what was compared, where and when.
type place struct {
	day, machine, change, base string
}

func describe(ctx context.Context, root, base, cpu string) (p place, err error) {
	if p.change, err = git(ctx, root, "describe", "--always", "--dirty", "--exclude=*", "--abbrev=12"); err != nil {
		return p, err
	}
	p.base, err = git(ctx, root, "rev-parse", "--short=12", base)
	if cpu == "" {
		cpu = "unknown processor"
	}
	p.machine = fmt.Sprintf("%s, %d cores, %s", cpu, runtime.NumCPU(), runtime.Version())
	p.day = time.Now().UTC().Format(time.DateOnly)
	return p, err
}

// readHot reads the hot list: a package and a benchmark a line, by its full name;
// # begins a remark.
func readHot(path string) ([]hot, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var out []hot
	for i, line := range strings.Split(string(text), "\n") {
		line, _, _ = strings.Cut(line, "#")
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		pkg, name, ok := strings.Cut(line, " ")
		if !ok || !strings.HasPrefix(name, "Benchmark") {
			return nil, fmt.Errorf("%s:%d: %q: want a package and the full name of a benchmark", path, i+1, line)
		}
		out = append(out, hot{pkg, name})
	}
	if out == nil {
		return nil, fmt.Errorf("%s names no benchmark", path)
	}
	return out, nil
}

type hot struct{ pkg, name string }
