package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/halfhour/halfhour"
	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
)

type explainCmd struct {
	Item   string `arg:"" help:"The item, such as duos-red."`
	When   string `arg:"" help:"A local day, 2025-12-04, or one of its settlement periods, 2025-12-04/33."`
	Format string `help:"Output: text or json." enum:"text,json" default:"text"`
	source `embed:""`
}

// Run explains. The bill the charge is in is made and verified first.
func (c *explainCmd) Run(ctx context.Context, stdout io.Writer) error {
	item, err := tariffs.ParseItem(c.Item)
	if err != nil {
		return usageError{err}
	}
	at, err := parseWhen(c.When)
	if err != nil {
		return usageError{err}
	}
	job, err := c.job()
	if err != nil {
		return err
	}
	all, err := halfhour.Explain(ctx, job, item, at)
	if err != nil {
		return err
	}
	return c.emit(stdout, c.Format, all, func(out io.Writer) { writeExplained(out, all) })
}

// parseWhen reads a day, or a day and the number of a settlement period.
func parseWhen(s string) (settlement.Span, error) {
	date, number, one := strings.Cut(s, "/")
	d, err := settlement.ParseDay(date)
	if err != nil || !one {
		return d.Span(), err
	}
	n, err := strconv.Atoi(number)
	if err != nil || n < 1 || n > d.Len() {
		return settlement.Span{}, fmt.Errorf("%s: %s has settlement periods 1 to %d", s, d, d.Len())
	}
	p := d.First() + settlement.Period(n-1)
	return settlement.Span{Lo: p, Hi: p + 1}, nil
}

// writeExplained prints explanations for a person to read: the first in full,
// and of the earlier runs the same.
func writeExplained(w io.Writer, all []*tariffs.Explanation) {
	for i, x := range all {
		switch {
		case i > 0 && alike(x, all[i-1]):
			fmt.Fprintf(w, "\nas run %s had it: the same figures\n", x.View.Name)
			continue
		case i > 0:
			fmt.Fprintf(w, "\nas run %s had it\n", x.View.Name)
		}
		writeExplanation(w, x, i == 0)
	}
}

// alike reports whether two runs had the same figures, whoever supplied them.
func alike(x, y *tariffs.Explanation) bool {
	same := func(a, b []tariffs.Figure) bool {
		return slices.EqualFunc(a, b, func(a, b tariffs.Figure) bool {
			return a.Name == b.Name && figureText(&a) == figureText(&b) && a.Estimated == b.Estimated && a.Assumed == b.Assumed
		})
	}
	return x.Exact.Equal(y.Exact) && x.Conditions == y.Conditions && same(x.Read, y.Read) && same(x.Volumes, y.Volumes) &&
		slices.Equal(x.Parameters, y.Parameters) && x.Note == y.Note && sameAsked(x, y)
}

// sameAsked reports whether the bills of two runs asked for the same.
func sameAsked(x, y *tariffs.Explanation) bool {
	same := func(a, b *tariffs.Line) bool { return a.Amount.Equal(b.Amount) }
	return slices.EqualFunc(x.Lines, y.Lines, same) && (x.Due == nil || x.Due.Amount.Equal(y.Due.Amount))
}

func writeExplanation(w io.Writer, x *tariffs.Explanation, full bool) {
	if full {
		def := tariffs.Catalogue()[x.Item]
		fmt.Fprintf(w, "%s   %s   view: %s\n%s\nsource: %s\nits half-hours: %s\nbetween runs may differ: %s\n\n", x.Item, x.Label(), x.View.Name, def.Rule, def.Source, def.Spread, def.Restated)
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, f := range x.Read {
		fmt.Fprintf(t, "  read\t%s\t%s\t%s\n", f.Name, figureText(&f), runsText(&f.RunShare))
	}
	for _, f := range x.Volumes {
		fmt.Fprintf(t, "  volume\t%s\t%s\t\n", f.Name, figureText(&f))
	}
	for _, p := range x.Parameters {
		fmt.Fprintf(t, "  supply\t%s\t%s\n", p.Name, p.Value)
	}
	for i := range x.Terms {
		writeTerm(t, &x.Terms[i])
	}
	for i := range x.Terms {
		for _, says := range x.Terms[i].Says() {
			fmt.Fprintf(t, "  how\t%s\t%s\n", priceText(&x.Terms[i]), says)
		}
	}
	t.Flush()
	fmt.Fprintf(w, "  GBP %s, before rounding\n", x.Exact)
	for _, l := range x.Lines {
		fmt.Fprintf(w, "  in the line %s to %s: %s\n", l.From, l.To-1, printedText(l))
	}
	if d := x.Due; d != nil {
		fmt.Fprintf(w, "  the bill's VAT: on its printed lines, GBP %s, it comes to GBP %s, %s: GBP %s\n", d.Net.StringFixed(2), d.Exact, d.Rounding(), d.Amount.StringFixed(2))
	}
	if x.Note != "" {
		fmt.Fprintf(w, "  note: %s\n", x.Note)
	}
	says := x.Conditions.Says()
	for i, name := range x.Conditions.Names() {
		fmt.Fprintf(w, "  * %s: %s\n", name, says[i])
	}
}

// printedText is how a printed line comes to its amount.
func printedText(l *tariffs.Line) string {
	asked := "GBP " + l.Amount.StringFixed(2)
	if !l.Rate.Valid {
		return fmt.Sprintf("%s %s, %s, rounded from %s half away from zero", l.Quantity, l.Unit, asked, l.Exact)
	}
	product := fmt.Sprintf("%s %s × GBP %s", l.Quantity, l.Unit, l.Rate.Decimal)
	if l.Divisor > 1 {
		product += fmt.Sprintf(" ÷ %d", l.Divisor)
	}
	return fmt.Sprintf("%s = %s, rounded half away from zero; its half-hours come to %s", product, asked, l.Exact)
}

// priceText is a price as the tariff states it.
func priceText(t *tariffs.Term) string {
	price := t.Price.String()
	if t.Window != "" {
		price = t.Window + " " + price
	}
	if part := t.Part.String(); part != "1" {
		price += " × " + part
	}
	return price
}

func writeTerm(w io.Writer, t *tariffs.Term) {
	amount := "GBP " + t.Amount.String()
	switch {
	case t.Basis == tariffs.Percent:
		amount = fmt.Sprintf("GBP %s × %s = GBP %s", t.Quantity.Decimal, t.Price, t.Product.Decimal)
	case t.Product.Valid:
		each := "GBP " + t.Low.String()
		if !t.Low.Equal(t.High) {
			each = fmt.Sprintf("(GBP %s to %s)", t.Low, t.High)
		}
		amount = fmt.Sprintf("%s %s × %s = GBP %s", t.Quantity.Decimal, t.Basis, each, t.Product.Decimal)
	}
	fmt.Fprintf(w, "  rate\t%s\t%s\t%s, %s\n", priceText(t), amount, t.Status, t.Source)
}

// figureText is a sum of energy, or what a factor or price was from and to.
func figureText(f *tariffs.Figure) string {
	switch {
	case f.Held == 0:
		return "not held"
	case f.Value.Valid:
		return f.Value.Decimal.String() + " " + f.Unit.String()
	case f.Low.Equal(f.High):
		return f.Low.String() + unit(f)
	}
	return f.Low.String() + " to " + f.High.String() + unit(f)
}

func unit(f *tariffs.Figure) string {
	if f.Unit.String() == "ratio" {
		return ""
	}
	return " " + f.Unit.String()
}
