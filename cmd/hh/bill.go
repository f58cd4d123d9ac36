package main

import (
	"context"
	"io"

	"github.com/halfhour/halfhour"
	"github.com/halfhour/halfhour/settlement"
)

type billCmd struct {
	source `embed:""`
	cash   `embed:""`
	By     string `help:"One bill for the whole span, or one a calendar month." enum:"span,month" default:"span"`
	Format string `help:"Output: text or json." enum:"text,json" default:"text"`
}

// Run bills. Nothing is printed until every bill is made and verified.
func (c *billCmd) Run(ctx context.Context, stdout io.Writer) error {
	job, err := c.job()
	if err != nil {
		return err
	}
	if err := c.cash.read(&job); err != nil {
		return err
	}
	byMonth(&job, c.By)
	res, err := halfhour.Run(ctx, job)
	if err != nil {
		return err
	}
	return c.emit(stdout, c.Format, withUnbilled(oneOrAll(res.Bills), res), func(out io.Writer) {
		writeText(out, res.Bills)
		writeUnbilled(out, res)
	})
}

// byMonth cuts the job's one span into calendar months where that is asked for.
func byMonth(job *halfhour.Job, by string) {
	if by != "month" {
		return
	}
	var parts []settlement.Span
	for _, part := range job.Spans[0].Months() {
		parts = append(parts, part)
	}
	job.Spans = parts
}

// oneOrAll is one document by itself, several as an array.
func oneOrAll[D any](all []D) any {
	if len(all) == 1 {
		return all[0]
	}
	return all
}
