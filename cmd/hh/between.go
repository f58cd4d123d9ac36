package main

import (
	"errors"

	"github.com/halfhour/halfhour"
	"github.com/halfhour/halfhour/revisions"
	"github.com/halfhour/halfhour/settlement"
)

// between is what the commands that set two views of a bill against each other
// have in common. Their --from and --to are views, as their answer is from one to
// the other; the days are named by their first and last.
type between struct {
	First word `help:"First day billed, such as 2024-04-01. Default: the first day of the meter data, or of what is built in." placeholder:"DAY"`
	Last  word `help:"Last day billed, such as 2024-04-30: it is billed, too. Default: the last of the meter data, or of what is built in. (bill, accrue, explain, check and reconcile have --from and --to for days instead, and their --to is the first day no longer billed.)" placeholder:"DAY"`
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
	for _, w := range []word{from, to} {
		if _, err := settlement.ParseDay(string(w)); err == nil {
			return old, new, usagef("%s: want a view, such as SF or as-of:%[1]s; the days are --first and --last, or --month", w)
		}
	}
	if old, err = c.view("--from", from); err == nil {
		new, err = c.view("--to", to)
	}
	return old, new, err
}
