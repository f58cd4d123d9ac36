package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/halfhour/halfhour"
	"github.com/halfhour/halfhour/revisions"
	"github.com/halfhour/halfhour/settlement"
)

// compareCmd takes views for --from and --to, as its answer is from one to the
// other; the days are named by their first and last.
type compareCmd struct {
	From   word   `help:"The old view: a settlement run such as SF, latest, or as-of:DAY for what was due to be known on a day. Without --from and --to: every run, one after the other." placeholder:"VIEW"`
	To     word   `help:"The new view. Default: latest." placeholder:"VIEW"`
	First  word   `help:"First day compared, such as 2024-04-01." placeholder:"DAY"`
	Last   word   `help:"Last day compared." placeholder:"DAY"`
	Month  word   `help:"Compare this calendar month, such as 2024-04, instead of --first and --last." placeholder:"MONTH"`
	Format string `help:"Output: text or json." enum:"text,json" default:"text"`
	input  `embed:""`
}

// Run compares. Every bill is made and verified first.
func (c *compareCmd) Run(ctx context.Context, stdout io.Writer) error {
	old, new, err := c.views()
	if err != nil {
		return usageError{err}
	}
	days, err := c.days()
	if err != nil {
		return usageError{err}
	}
	job, err := c.data(days)
	if err != nil {
		return err
	}
	if c.From == "" {
		w, err := halfhour.Steps(ctx, job)
		if err != nil {
			return err
		}
		return emit(stdout, c.Format, w, func(out io.Writer) { writeWaterfall(out, w) })
	}
	x, err := halfhour.Compare(ctx, job, old, new)
	if err != nil {
		return err
	}
	return emit(stdout, c.Format, x, func(out io.Writer) { writeComparison(out, x) })
}

// views reads --from and --to.
func (c *compareCmd) views() (old, new revisions.Reconciler, err error) {
	if c.From == "" && c.To != "" {
		return old, new, errors.New("--to is what --from is compared with: give both, or neither to follow every run")
	}
	if old, err = comparedView("--from", c.From); err == nil {
		new, err = comparedView("--to", c.To)
	}
	return old, new, err
}

// comparedView reads a run, "latest" or "as-of:DAY"; what is left out is the latest.
func comparedView(name string, w word) (revisions.Reconciler, error) {
	if w == "" || w == "latest" {
		return revisions.Latest(), nil
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
		return revisions.Latest(), fmt.Errorf("%s %s: want a run (II, SF, R1, R2, R3, RF, DF, or untagged for data that states none), latest, or as-of:DAY; the days compared are --first and --last, or --month", name, w)
	}
	return revisions.UpTo(r), nil
}

// days reads --first, --last and --month.
func (c *compareCmd) days() (p period, err error) {
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
