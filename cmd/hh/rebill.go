package main

import (
	"context"
	"fmt"
	"io"

	"github.com/halfhour/halfhour"
	"github.com/halfhour/halfhour/tariffs"
)

type rebillCmd struct {
	From    word   `required:"" help:"The view the original was billed in: a settlement run such as SF, latest, or as-of:DAY for what was due to be known on a day; with --journal also newest, known-at:INSTANT for what had been received by then, or R1@INSTANT. The days billed are --first and --last." placeholder:"VIEW"`
	To      word   `help:"The view to bill again in, and no day: see --last. Default: latest; with --journal, newest." placeholder:"VIEW"`
	Style   string `help:"delta: the differences, line by line; ledger: the original reversed and the new bill booked." enum:"delta,ledger" default:"delta"`
	By      string `help:"One bill for the whole span, or one a calendar month." enum:"span,month" default:"span"`
	Format  string `help:"Output: text or json." enum:"text,json" default:"text"`
	between `embed:""`
	cash    `embed:""`
}

// Run bills twice and prints what has to be corrected, once all of it is
// verified.
func (c *rebillCmd) Run(ctx context.Context, stdout io.Writer) error {
	was, is, err := c.views(c.From, c.To)
	if err != nil {
		return err
	}
	job, err := c.job()
	if err != nil {
		return err
	}
	if err := c.cash.read(&job); err != nil {
		return err
	}
	byMonth(&job, c.By)
	res, err := halfhour.Rebill(ctx, job, was, is)
	if err != nil {
		return err
	}
	if c.Style == "delta" {
		return c.emit(stdout, c.Format, withUnbilled(oneOrAll(res.Adjustments), res.Rebill), func(out io.Writer) {
			writeAdjustments(out, res.Adjustments)
			writeUnbilled(out, res.Rebill)
		})
	}
	var ledger []*tariffs.Bill
	for _, a := range res.Adjustments {
		reversal, booking := a.Ledger()
		ledger = append(ledger, reversal, booking)
	}
	return c.emit(stdout, c.Format, withUnbilled(ledger, res.Rebill), func(out io.Writer) {
		writeText(out, ledger)
		writeUnbilled(out, res.Rebill)
	})
}

func writeAdjustments(w io.Writer, all []*tariffs.Adjustment) {
	for i, a := range all {
		if i > 0 {
			fmt.Fprintln(w)
		}
		writeAdjustment(w, a)
	}
}

// writeAdjustment prints the differences for a person to read.
func writeAdjustment(w io.Writer, a *tariffs.Adjustment) {
	b := a.Rebill
	fmt.Fprintf(w, "ADJUSTMENT of MPAN %s   %s to %s (days: %d)   view: %s, billed before: %s\n%s\n", b.MPAN, b.From, b.To-1, b.To-b.From, b.View.Name, a.Original.View.Name, b.Tariff)
	fmt.Fprintf(w, "kWh: %s metered, billed before: %s\n\n", b.Volumes.MSP, a.Original.Volumes.MSP)
	t := columns(w)
	fmt.Fprintln(t, "item\tfrom\tto\tquantity\tunit\tbilled before\tnow\tGBP\t\t")
	same := 0
	for i := range a.Lines {
		d := &a.Lines[i]
		if !d.Changed() {
			same++
			continue
		}
		note := ""
		if d.Kind() != "change" {
			note = d.Kind()
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t\t%s\n", d.Key.Item, d.Key.From, d.Key.To-1, d.Quantity(), d.Key.Unit, amountOf(d.Old), amountOf(d.New), d.Amount.StringFixed(2), note)
	}
	was := a.Original
	fmt.Fprintf(t, "net\t\t\t\t\t%s\t%s\t%s\t\t\n", was.Net.StringFixed(2), b.Net.StringFixed(2), a.Net.StringFixed(2))
	rate := b.VATRate.Shift(2).String()
	if !was.VATRate.Equal(b.VATRate) {
		rate = was.VATRate.Shift(2).String() + " %, now " + rate
	}
	fmt.Fprintf(t, "VAT %s %%\t\t\t\t\t%s\t%s\t%s\t\t\n", rate, was.VAT.StringFixed(2), b.VAT.StringFixed(2), a.VAT.StringFixed(2))
	fmt.Fprintf(t, "total\t\t\t\t\t%s\t%s\t%s\t\t\n", was.Gross.StringFixed(2), b.Gross.StringFixed(2), a.Gross.StringFixed(2))
	writeCashDeltas(t, a)
	t.Flush()
	fmt.Fprintf(w, "\nlines that are the same: %d of %d\n", same, len(a.Lines))
	writeConditions(w, viewed(a.Original), viewed(b))
}

// amountOf is a line's amount, or nothing where the bill has no such line.
func amountOf(l *tariffs.Line) string {
	if l == nil {
		return ""
	}
	return l.Amount.StringFixed(2)
}
