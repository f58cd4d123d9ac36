package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"

	"github.com/halfhour/halfhour"
	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
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

func writeJSON(w io.Writer, bills []*tariffs.Bill) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	if len(bills) == 1 {
		return enc.Encode(bills[0])
	}
	return enc.Encode(bills)
}
