package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/halfhour/halfhour"
	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
)

type accrueCmd struct {
	LearnFrom word   `required:"" help:"First day of the months to learn from." placeholder:"DAY"`
	LearnTo   word   `required:"" help:"First day no longer learnt from: as of --to, it is not in it." placeholder:"DAY"`
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
	if billed := job.Spans[0]; !past.Spans[0].Intersect(billed).Empty() {
		return usageError{fmt.Errorf("--learn-from %s and --learn-to %s: these overlap the days billed, %s to %s, and a bill must not be foretold from itself", learn.from, learn.to, billed.From(), billed.To()-1)}
	}
	byMonth(&past, "month")
	all, err := halfhour.Accrue(ctx, job, past.Spans, until)
	if err != nil {
		return err
	}
	return c.emit(stdout, c.Format, oneOrAll(all), func(out io.Writer) {
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
	fmt.Fprintln(t, "stage\tGBP\texpected ppm\tspread ppm\tseen\tGBP\t±\t")
	for _, l := range a.Lines {
		mean, spread, seen := fmt.Sprint(l.Mean), fmt.Sprint(l.Drift.Spread), fmt.Sprint(l.Count)
		switch {
		case l.Settled:
			mean, spread, seen = "settled", "", ""
		case !l.Known:
			mean, spread, seen = "not known", "", ""
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t\n", standing(l.Standing), l.Pounds.StringFixed(2), mean, spread, seen, l.Expected.StringFixed(2), l.Spread.StringFixed(2))
	}
	if !a.NoRun.IsZero() {
		fmt.Fprintf(t, "no run\t%s\t\t\t\t%s\t%s\t\n", a.NoRun.StringFixed(2), decimal.Zero.StringFixed(2), decimal.Zero.StringFixed(2))
	}
	fmt.Fprintf(t, "expected\t%s\t\t\t\t%s\t%s\t\n", b.NetExact.StringFixed(2), a.Expected.StringFixed(2), a.Spread.StringFixed(2))
	t.Flush()
	fmt.Fprintln(w)
	if !a.Unknown.IsZero() {
		fmt.Fprintf(w, "of GBP %s nothing is known: the days learnt from do not follow such pounds to %s\n", a.Unknown.StringFixed(2), a.Until)
	}
	if !a.Behind.IsZero() {
		fmt.Fprintf(w, "GBP %s are behind: %s; what is still to come of it is in the figures only as far as the days learnt from stood so at that stage\n", a.Behind.StringFixed(2), behindSays)
	}
	for i, s := range a.Learnt {
		if i == 0 || a.Learnt[i-1].To() != s.From() {
			fmt.Fprintf(w, "learnt from %s to ", s.From())
		}
		if i+1 == len(a.Learnt) || a.Learnt[i+1].From() != s.To() {
			fmt.Fprintf(w, "%s\n", s.To()-1)
		}
	}
	fmt.Fprintf(w, "method: %s\n", strings.ReplaceAll(a.Method(), ". ", ".\n  "))
	writeConditions(w, conditioned{"the bill", b.Conditions}, conditioned{"the days learnt from", a.Past})
}
