package main

import (
	"context"
	"io"

	"github.com/halfhour/halfhour"
	"github.com/halfhour/halfhour/settlement"
)

type billCmd struct {
	source `embed:""`
	By     string `help:"One bill for the whole span, or one a calendar month." enum:"span,month" default:"span"`
	Format string `help:"Output: text or json." enum:"text,json" default:"text"`
}

// Run bills. Nothing is printed until every bill is made and verified.
func (c *billCmd) Run(ctx context.Context, stdout io.Writer) error {
	job, err := c.job()
	if err != nil {
		return err
	}
	if c.By == "month" {
		var parts []settlement.Span
		for _, part := range job.Spans[0].Months() {
			parts = append(parts, part)
		}
		job.Spans = parts
	}
	res, err := halfhour.Run(ctx, job)
	if err != nil {
		return err
	}
	var doc any = res.Bills
	if len(res.Bills) == 1 {
		doc = res.Bills[0]
	}
	return emit(stdout, c.Format, doc, func(out io.Writer) { writeText(out, res.Bills) })
}
