package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/halfhour/halfhour"
	"github.com/halfhour/halfhour/revisions"
	"github.com/halfhour/halfhour/settlement"
)

// between is what the commands that set two views of a bill against each other
// have in common. Their --from and --to are views, as their answer is from one to
// the other; the days are named by their first and last.
type between struct {
	First word `help:"First day billed, such as 2024-04-01." placeholder:"DAY"`
	Last  word `help:"Last day billed." placeholder:"DAY"`
	Month word `help:"Bill this calendar month, such as 2024-04, instead of --first and --last." placeholder:"MONTH"`
	input `embed:""`
}

// job is what the arguments name. Its view is only how far runs are followed.
func (c *between) job() (halfhour.Job, error) {
	days, err := c.days()
	if err != nil {
		return halfhour.Job{}, usageError{err}
	}
	job, err := c.data(days)
	job.View = c.unnamed() // how far to follow the runs
	return job, err
}

// days reads --first, --last and --month.
func (c *between) days() (p period, err error) {
	if c.Month != "" {
		if c.First != "" || c.Last != "" {
			return p, errors.New("--month stands for --first and --last: give one or the others")
		}
		return month(c.Month)
	}
	if p.from, err = dayFlag("--first", c.First); err != nil {
		return p, err
	}
	if p.to, err = dayFlag("--last", c.Last); err == nil && p.to != 0 {
		p.to++
	}
	return p, err
}

// views reads --from and --to.
func (c *between) views(from, to word) (old, new revisions.Reconciler, err error) {
	if old, err = parseView("--from", from, c.unnamed()); err == nil {
		new, err = parseView("--to", to, c.unnamed())
	}
	if err != nil {
		err = usageError{err}
	}
	return old, new, err
}

// parseView reads a run, "latest", "newest" or "as-of:DAY"; unnamed is for what
// is left out.
func parseView(name string, w word, unnamed revisions.Reconciler) (revisions.Reconciler, error) {
	switch w {
	case "":
		return unnamed, nil
	case "latest":
		return revisions.Latest(), nil
	case "newest":
		return revisions.Newest(), nil
	}
	if date, ok := strings.CutPrefix(string(w), "as-of:"); ok {
		d, err := settlement.ParseDay(date)
		if err != nil {
			return revisions.Latest(), fmt.Errorf("%s: %w", name, err)
		}
		return revisions.AsOf(d, settlement.GB()), nil
	}
	r, err := settlement.ParseRun(string(w))
	if err != nil || !r.Ranked() {
		return revisions.Latest(), fmt.Errorf("%s %s: want a run (II, SF, R1, R2, R3, RF, DF, or untagged for data that states none), latest, newest, or as-of:DAY; the days are --first and --last, or --month", name, w)
	}
	return revisions.UpTo(r), nil
}
