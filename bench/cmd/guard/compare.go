package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"

	"golang.org/x/perf/benchmath"
)

// verdict is what a comparison came to.
type verdict string

const (
	same   verdict = "same"
	faster verdict = "faster"
	slower verdict = "slower"
	fresh  verdict = "new" // the merge base does not have it
)

// result is one benchmark, before and after.
type result struct {
	pkg, name string
	unit      string
	medians   [2]float64
	p         float64
	samples   int
	verdict   verdict
	hashes    [2]string
	cpu       string
}

// units are what is judged, the first that both sides report: processor time, in
// which other work on the machine is not, before the time that passed.
// The reader of benchmarks turns nanoseconds into seconds.
var units = []string{"cpu-sec/op", "sec/op"}

// compare measures every pair, and those again that seem to have lost.
func compare(ctx context.Context, pairs []*pair, o options) ([]result, error) {
	var out []result
	for _, p := range pairs {
		first, err := p.measure(ctx, p.names, o.rounds, o.duration)
		if err != nil {
			return nil, err
		}
		for _, name := range p.names {
			r, err := p.judge(name, first, o)
			if err != nil {
				return nil, err
			}
			if r.verdict == slower {
				again, err := p.measure(ctx, []string{name}, 2*o.rounds, o.duration)
				if err != nil {
					return nil, err
				}
				if r, err = p.judge(name, again, o); err != nil {
					return nil, err
				}
			}
			out = append(out, r)
		}
	}
	return out, nil
}

// measured are the figures of a benchmark on each side.
type measured map[string]*[2][]figure

// measure runs the sides in turn; which goes first alternates.
func (p *pair) measure(ctx context.Context, names []string, rounds int, duration string) (measured, error) {
	out := measured{}
	for round := range rounds {
		for _, name := range names {
			if out[name] == nil {
				out[name] = new([2][]figure)
			}
			for i := range p.sides {
				i = (i + round) % 2
				got, err := p.sides[i].bench(ctx, []string{name}, duration)
				if err != nil {
					return nil, err
				}
				if f, ok := got[name]; ok {
					out[name][i] = append(out[name][i], f)
				}
			}
		}
	}
	return out, nil
}

// judge compares the samples of one benchmark.
func (p *pair) judge(name string, m measured, o options) (result, error) {
	r := result{pkg: p.pkg, name: name, verdict: same, p: 1, samples: len(m[name][after])}
	if r.samples == 0 {
		return r, fmt.Errorf("%s has no %s: take it off the hot list or put it back", p.pkg, name)
	}
	last := func(i int) figure { return m[name][i][len(m[name][i])-1] }
	r.hashes[after], r.cpu = last(after).hash, last(after).cpu
	unit := func(sides ...int) string {
	next:
		for _, u := range units {
			for _, i := range sides {
				if _, ok := last(i).values[u]; !ok {
					continue next
				}
			}
			return u
		}
		return ""
	}
	limits := benchmath.DefaultThresholds
	limits.CompareAlpha = o.alpha
	sample := func(i int) *benchmath.Sample {
		var v []float64
		for _, f := range m[name][i] {
			v = append(v, f.values[r.unit])
		}
		return benchmath.NewSample(v, &limits)
	}
	if len(m[name][before]) == 0 {
		r.verdict, r.unit = fresh, unit(after)
		r.medians[after] = median(sample(after))
		return r, nil
	}
	r.hashes[before] = last(before).hash
	if r.unit = unit(before, after); r.unit == "" {
		return r, fmt.Errorf("%s of %s reports none of %s on both sides", name, p.pkg, strings.Join(units, ", "))
	}
	a, b := sample(before), sample(after)
	c := benchmath.AssumeNothing.Compare(a, b)
	r.p, r.medians = c.P, [2]float64{median(a), median(b)}
	switch ratio := r.medians[after] / r.medians[before]; {
	case c.P >= o.alpha:
	case ratio > 1+o.loss:
		r.verdict = slower
	case ratio < 1-o.loss:
		r.verdict = faster
	}
	return r, nil
}

func median(s *benchmath.Sample) float64 { return benchmath.AssumeNothing.Summary(s, 0.95).Center }

// other says whether the answer is another than before. A hash that is gone is.
func (r *result) other() bool { return r.hashes[before] != "" && r.hashes[before] != r.hashes[after] }

// milliseconds is a median in them.
func (r *result) milliseconds(i int) float64 { return r.medians[i] * 1e3 }

func (r *result) clock() string {
	if r.unit == "sec/op" {
		return "elapsed"
	}
	return "processor"
}

// table prints the results.
func table(results []result) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "benchmark\tbefore\tafter\tchange\tp\tclock\tverdict")
	for _, r := range results {
		was, change := "—", "—"
		if r.verdict != fresh {
			was = fmt.Sprintf("%.4f ms", r.milliseconds(before))
			change = fmt.Sprintf("%+.1f %%", 100*(r.medians[after]/r.medians[before]-1))
		}
		remark := ""
		if r.other() {
			remark = ", another answer"
		}
		fmt.Fprintf(w, "%s %s\t%s\t%.4f ms\t%s\t%.3f\t%s\t%s%s\n", r.pkg, r.name, was, r.milliseconds(after), change, r.p, r.clock(), r.verdict, remark)
	}
	w.Flush()
	return b.String()
}

// columns head a history file. docs/format/bench-history.md says what they are.
const columns = "day\tmachine\tchange\tbase\tpackage\tbenchmark\tclock\tbefore ms\tafter ms\tp\tsamples\tverdict\thash\n"

// remember appends a line a benchmark.
func remember(path string, at place, results []result) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_RDWR, 0o666)
	if err != nil {
		return err
	}
	defer f.Close()
	size, err := f.Seek(0, 2)
	if err != nil {
		return err
	}
	var b strings.Builder
	if size == 0 {
		b.WriteString(columns)
	}
	for _, r := range results {
		was := ""
		if r.verdict != fresh {
			was = fmt.Sprintf("%.6f", r.milliseconds(before))
		}
		fmt.Fprintln(&b, strings.Join([]string{at.day, at.machine, at.change, at.base, r.pkg, r.name, r.clock(), was,
			fmt.Sprintf("%.6f", r.milliseconds(after)), fmt.Sprintf("%.4f", r.p), fmt.Sprint(r.samples), string(r.verdict), r.hashes[after]}, "\t"))
	}
	if _, err := f.WriteString(b.String()); err != nil {
		return err
	}
	return f.Close()
}
