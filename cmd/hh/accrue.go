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
	LearnFrom word   `required:"" help:"First day to learn from: spans as long as the bill, or whole months." placeholder:"DAY"`
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
	spans, rest, each := observations(past.Spans[0], job.Spans[0])
	if len(spans) == 0 {
		return usageError{fmt.Errorf("--learn-from %s and --learn-to %s: give at least one whole span of %s, as the bill's change is learnt from such", learn.from, learn.to, each)}
	}
	all, err := halfhour.Accrue(ctx, job, spans, until)
	if err != nil {
		return err
	}
	for _, a := range all {
		a.Silent = append(a.Silent, rest...)
	}
	return c.emit(stdout, c.Format, oneOrAll(all), func(out io.Writer) {
		for _, a := range all {
			writeAccrual(out, a, each)
		}
	})
}

// observations cuts the days learnt from in spans as long as the bill, for the
// change of a day spreads wider than that of a month: in whole months where it is
// of whole months or more than 31 days, else in as many days as it has. rest is
// what fills no such span.
func observations(learn, billed settlement.Span) (spans, rest []settlement.Span, each string) {
	if days := billed.To() - billed.From(); days <= 31 && !wholeMonth(billed) {
		from := learn.From()
		for ; from+days <= learn.To(); from += days {
			spans = append(spans, settlement.Days(from, from+days))
		}
		if from < learn.To() {
			rest = append(rest, settlement.Days(from, learn.To()))
		}
		return spans, rest, fmt.Sprintf("%d days", days)
	}
	for _, part := range learn.Months() {
		if wholeMonth(part) {
			spans = append(spans, part)
		} else {
			rest = append(rest, part)
		}
	}
	return spans, rest, "a month"
}

func wholeMonth(s settlement.Span) bool {
	m := s.From().Month()
	return s == settlement.Days(m.First(), m.Next().First())
}

// writeAccrual prints an accrual for a person to read; the JSON is exact.
// each is how long the spans learnt from are.
func writeAccrual(w io.Writer, a *tariffs.Accrual, each string) {
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
			mean, spread, seen = notKnown, "", ""
		case !l.Spread.Valid:
			spread = notKnown
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t\n", standing(l.Standing), l.Pounds.StringFixed(2), mean, spread, seen, l.Expected.StringFixed(2), width(l.Spread))
	}
	if !a.NoRun.IsZero() {
		fmt.Fprintf(t, "no run\t%s\t\t\t\t%s\t%s\t\n", a.NoRun.StringFixed(2), decimal.Zero.StringFixed(2), decimal.Zero.StringFixed(2))
	}
	fmt.Fprintf(t, "expected\t%s\t\t\t\t%s\t%s\t\n", b.NetExact.StringFixed(2), a.Expected.StringFixed(2), width(a.Spread))
	t.Flush()
	fmt.Fprintln(w)
	if !a.Unknown.IsZero() {
		fmt.Fprintf(w, "of GBP %s, whatever their sign, nothing is known: the days learnt from do not follow such pounds to %s, or came to too little there to go by\n", a.Unknown.StringFixed(2), a.Until)
	}
	if !a.Behind.IsZero() {
		fmt.Fprintf(w, "GBP %s, whatever their sign, are behind: %s; what is still to come of it is in the figures only as far as the days learnt from stood so at that stage\n", a.Behind.StringFixed(2), behindSays)
	}
	if !a.Spread.Valid {
		fmt.Fprintln(w, "±: not known in all, where that of any pounds is not: their change is not known, or was seen once")
	}
	writeSpans(w, "learnt from", a.Learnt, ", in spans of "+each)
	writeSpans(w, "nothing learnt from", a.Silent, ": shorter than such a span, or two runs do not hold the whole of it")
	if each == "a month" && !wholeMonth(settlement.Days(b.From, b.To)) {
		fmt.Fprintf(w, "the spread is of a month's change, and the bill has %d days\n", b.To-b.From)
	}
	fmt.Fprintf(w, "method: %s\n", strings.ReplaceAll(a.Method(), ". ", ".\n  "))
	writeConditions(w, conditioned{"the bill", b.Conditions}, conditioned{"the days learnt from", a.Past})
}

const notKnown = "not known"

// width is how far a figure may be off.
func width(d decimal.NullDecimal) string {
	if !d.Valid {
		return notKnown
	}
	return d.Decimal.StringFixed(2)
}

// writeSpans prints spans, those that touch as one.
func writeSpans(w io.Writer, what string, spans []settlement.Span, more string) {
	for i, s := range spans {
		if i == 0 || spans[i-1].To() != s.From() {
			fmt.Fprintf(w, "%s %s to ", what, s.From())
		}
		if i+1 == len(spans) || spans[i+1].From() != s.To() {
			fmt.Fprintf(w, "%s%s\n", s.To()-1, more)
		}
	}
}
