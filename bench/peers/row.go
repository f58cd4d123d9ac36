package main

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"time"
)

// group is one work that several engines do.
type group struct {
	title string
	about string
	per   int // works in one run
	rows  []row
}

// row is one engine at it. check says of what it last did how its answer stands
// to the right one, and fails where it is another.
type row struct {
	engine string
	run    func() error
	check  func() (string, error)
	base   bool // ratios are to this row

	verdict string
	samples []time.Duration
	spent   time.Duration
}

// limits bound how long a row is measured.
type limits struct {
	rounds int
	time   time.Duration // for one row; three rounds are made whatever they take
}

// measure runs the rows in turn, round by round, so that what else the machine
// does falls on all of them.
func (g *group) measure(l limits) error {
	for i := range g.rows {
		r := &g.rows[i]
		if err := r.run(); err != nil { // warms up, and is what is checked
			return fmt.Errorf("%s, %s: %w", g.title, r.engine, err)
		}
		var err error
		if r.verdict, err = r.check(); err != nil {
			return fmt.Errorf("%s, %s: %w", g.title, r.engine, err)
		}
	}
	for round := range l.rounds {
		for i := range g.rows {
			if r := &g.rows[i]; round < 3 || r.spent < l.time {
				if err := r.sample(); err != nil {
					return fmt.Errorf("%s, %s: %w", g.title, r.engine, err)
				}
			}
		}
	}
	for i := range g.rows { // after all of it the answer is what it was
		r := &g.rows[i]
		if err := r.run(); err != nil {
			return fmt.Errorf("%s, %s, last run: %w", g.title, r.engine, err)
		}
		if _, err := r.check(); err != nil {
			return fmt.Errorf("%s, %s, last run: %w", g.title, r.engine, err)
		}
	}
	return nil
}

// A row's turn is one run off the clock, which brings its data into the caches as
// far as they hold it, and up to burst runs on the clock, while they are short.
const (
	burst = 5
	short = 10 * time.Millisecond
)

func (r *row) sample() error {
	runtime.GC() // what the rows before left is not for this one to clear away
	for i := range burst + 1 {
		start, err := clock()
		if err != nil {
			return err
		}
		if err := r.run(); err != nil {
			return err
		}
		end, err := clock()
		if err != nil {
			return err
		}
		took := end - start
		r.spent += took
		if i > 0 {
			r.samples = append(r.samples, took)
			if took > short {
				break
			}
		}
	}
	return nil
}

func (r *row) median() time.Duration {
	s := slices.Sorted(slices.Values(r.samples))
	return s[len(s)/2]
}

// spread is between which the middle half of the samples lies.
func (r *row) spread() (lo, hi time.Duration) {
	s := slices.Sorted(slices.Values(r.samples))
	return s[len(s)/4], s[len(s)*3/4]
}

// markdown is the group's table.
func (g *group) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "### %s\n\n%s\n\n| engine | median | middle half | × | answer |\n|---|--:|--:|--:|---|\n", g.title, g.about)
	base := g.rows[slices.IndexFunc(g.rows, func(r row) bool { return r.base })].median()
	for i := range g.rows {
		r := &g.rows[i]
		lo, hi := r.spread()
		fmt.Fprintf(&b, "| %s | %s | %s–%s | %s | %s |\n", r.engine, g.show(r.median()), g.show(lo), g.show(hi), times(float64(r.median())/float64(base)), r.verdict)
	}
	return b.String()
}

func (g *group) show(d time.Duration) string {
	return fmt.Sprintf("%.3f ms", float64(d)/float64(g.per)/1e6)
}

func times(ratio float64) string {
	if ratio >= 10 {
		return fmt.Sprintf("%.0f", ratio)
	}
	return fmt.Sprintf("%.2f", ratio)
}

// wrong is an error where two answers differ, and else what is said of them.
func wrong(got, want answer, right string) (string, error) {
	if d := got.differs(want); d != "" {
		return "", fmt.Errorf("another answer: %s", d)
	}
	return right, nil
}
