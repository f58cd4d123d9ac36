package main

import (
	"bytes"
	"context"
	"encoding/json"
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
	byMonth(&job, c.By)
	res, err := halfhour.Run(ctx, job)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if c.Format == "json" {
		err = writeJSON(&out, res.Bills)
	} else {
		writeText(&out, res.Bills)
	}
	if err != nil {
		return err
	}
	_, err = stdout.Write(out.Bytes())
	return err
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

// writeJSON writes one document by itself, several as an array.
func writeJSON[D any](w io.Writer, all []D) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	if len(all) == 1 {
		return enc.Encode(all[0])
	}
	return enc.Encode(all)
}
