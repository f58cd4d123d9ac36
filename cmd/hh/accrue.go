package main

import (
	"context"
	"fmt"
	"io"

	"github.com/shopspring/decimal"

	"github.com/halfhour/halfhour"
	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
)

type accrueCmd struct {
	LearnFrom word   `required:"" help:"First day of the months to learn from." placeholder:"DAY"`
	LearnTo   word   `required:"" help:"First day no longer learnt from." placeholder:"DAY"`
	Until     word   `help:"The run until which changes are expected." default:"RF" placeholder:"RUN"`
	Format    string `help:"Output: text or json." enum:"text,json" default:"text"`
	source    `embed:""`
}

// Run bills the span, learns from the months named how far such bills moved,
// and prints what is expected of this one.
func (c *accrueCmd) Run(ctx context.Context, stdout io.Writer) error {
	until, err := settlement.ParseRun(string(c.Until))
	if err != nil || !until.Ranked() || until == settlement.Untagged {
		return usageError{fmt.Errorf("--until %s: want II, SF, R1, R2, R3, RF or DF", c.Until)}
	}
	job, err := c.job()
	if err != nil {
		return err
	}
	var learn period
	if learn.from, err = dayFlag("--learn-from", c.LearnFrom); err != nil {
		return usageError{err}
	}
	if learn.to, err = dayFlag("--learn-to", c.LearnTo); err != nil {
		return usageError{err}
	}
	past := job
	if past.Spans, err = learn.span(0, 0); err != nil {
		return fmt.Errorf("--learn-from and --learn-to: %w", err)
	}
	byMonth(&past, "month")
	res, err := halfhour.Run(ctx, job)
	if err != nil {
		return err
	}
	drifts, err := halfhour.Drifts(ctx, past, until)
	if err != nil {
		return err
	}
	all := make([]*tariffs.Accrual, len(res.Bills))
	for i, b := range res.Bills {
		all[i] = b.Accrue(until, drifts)
	}
	return emit(stdout, c.Format, oneOrAll(all), func(out io.Writer) {
		for _, a := range all {
			writeAccrual(out, a)
		}
	})
}

// writeAccrual prints an accrual for a person to read; the JSON is exact.
func writeAccrual(w io.Writer, a *tariffs.Accrual) {
	b := a.Bill
	fmt.Fprintf(w, "ACCRUAL, not a bill: MPAN %s   %s to %s (days: %d)   view: %s, expected change until %s, before VAT\n%s\n\n", b.MPAN, b.From, b.To-1, b.To-b.From, b.View.Name, a.Until, b.Tariff)
	t := columns(w)
	fmt.Fprintln(t, "rests on\tGBP\texpected ppm\tspread ppm\tseen\tGBP\t±\t")
	for _, l := range a.Lines {
		name := l.Run.String()
		if l.Estimated {
			name += " estimated"
		}
		mean, spread, seen := fmt.Sprint(l.Mean), fmt.Sprint(l.Drift.Spread), fmt.Sprint(l.Count)
		switch {
		case !l.Known:
			mean, spread, seen = "not known", "", ""
		case l.Run >= a.Until:
			mean, spread, seen = "settled", "", ""
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t\n", name, l.Pounds.StringFixed(2), mean, spread, seen, l.Expected.StringFixed(2), l.Spread.StringFixed(2))
	}
	if !a.NoRun.IsZero() {
		fmt.Fprintf(t, "no run\t%s\tsettled\t\t\t%s\t%s\t\n", a.NoRun.StringFixed(2), decimal.Zero.StringFixed(2), decimal.Zero.StringFixed(2))
	}
	fmt.Fprintf(t, "expected\t%s\t\t\t\t%s\t%s\t\n", b.NetExact.StringFixed(2), a.Expected.StringFixed(2), a.Spread.StringFixed(2))
	t.Flush()
	if !a.Unknown.IsZero() {
		fmt.Fprintf(w, "\nof GBP %s nothing is known: the months learnt from do not follow such pounds to %s\n", a.Unknown.StringFixed(2), a.Until)
	}
}
