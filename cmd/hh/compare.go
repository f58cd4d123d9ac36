package main

import (
	"context"
	"errors"
	"io"

	"github.com/halfhour/halfhour"
)

type compareCmd struct {
	From    word   `help:"The old view: a settlement run such as SF, latest, or as-of:DAY for what was due to be known on a day; with --journal also newest, known-at:INSTANT for what had been received by then, or R1@INSTANT. The days billed are --first and --last. Without --from and --to: every run, one after the other." placeholder:"VIEW"`
	To      word   `help:"The new view, and no day: see --last. Default: latest; with --journal, newest." placeholder:"VIEW"`
	Format  string `help:"Output: text or json." enum:"text,json" default:"text"`
	between `embed:""`
}

// Run compares. Every bill is made and verified first.
func (c *compareCmd) Run(ctx context.Context, stdout io.Writer) error {
	if c.From == "" && c.To != "" {
		return usageError{errors.New("--to is what --from is compared with: give both, or neither to follow every run")}
	}
	old, new, err := c.views(c.From, c.To)
	if err != nil {
		return err
	}
	job, err := c.job()
	if err != nil {
		return err
	}
	if c.From == "" {
		w, err := halfhour.Steps(ctx, job)
		if err != nil {
			return err
		}
		return c.emit(stdout, c.Format, w, func(out io.Writer) { writeWaterfall(out, w) })
	}
	x, err := halfhour.Compare(ctx, job, old, new)
	if err != nil {
		return err
	}
	return c.emit(stdout, c.Format, x, func(out io.Writer) { writeComparison(out, x) })
}
