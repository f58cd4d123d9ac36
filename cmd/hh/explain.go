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
	return emit(stdout, c.Format, all, func(out io.Writer) { writeExplained(out, all) })
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
		slices.Equal(x.Parameters, y.Parameters) && (x.Line == nil || x.Line.Amount.Equal(y.Line.Amount))
}

func writeExplanation(w io.Writer, x *tariffs.Explanation, full bool) {
	if full {
		what := fmt.Sprintf("%s %s to %s", x.Span.From(), clock(x.Span.Lo), clock(x.Span.Hi))
		if x.Span.Len() > 1 {
			what = fmt.Sprintf("%s, %d half-hours", x.Span.From(), x.Span.Len())
		}
		def := tariffs.Catalogue()[x.Item]
		fmt.Fprintf(w, "%s   %s   view: %s\n%s\nsource: %s\nits half-hours: %s\nbetween runs may differ: %s\n\n", x.Item, what, x.View.Name, def.Rule, def.Source, def.Spread, def.Restated)
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, f := range x.Read {
		fmt.Fprintf(t, "  read\t%s\t%s\t%s\n", f.Name, figureText(&f), runsText(&f.RunShare))
	}
	for _, f := range x.Volumes {
		fmt.Fprintf(t, "  volume\t%s\t%s\t\n", f.Name, figureText(&f))
	}
	for _, p := range x.Parameters {
		fmt.Fprintf(t, "  supply\t%s\t%s\t\n", p.Name, p.Value)
	}
	for i := range x.Terms {
		writeTerm(t, &x.Terms[i])
	}
	t.Flush()
	fmt.Fprintf(w, "  GBP %s, before rounding\n", x.Exact)
	if l := x.Line; l != nil {
		fmt.Fprintf(w, "  in the line %s to %s: %s %s, GBP %s, rounded from %s half away from zero\n", l.From, l.To-1, l.Quantity, l.Unit, l.Amount.StringFixed(2), l.Exact)
	}
	says := x.Conditions.Says()
	for i, name := range x.Conditions.Names() {
		fmt.Fprintf(w, "  * %s: %s\n", name, says[i])
	}
}

func writeTerm(w io.Writer, t *tariffs.Term) {
	price := t.Price.String()
	if t.Window != "" {
		price = t.Window + " " + price
	}
	if part := t.Part.String(); part != "1" {
		price += " × " + part
	}
	product := "allotted"
	if t.Product.Valid {
		product = fmt.Sprintf("%s × it = GBP %s", t.Quantity.Decimal, t.Product.Decimal)
	}
	fmt.Fprintf(w, "  rate\t%s\t%s\t%s, %s\n", price, product, t.Status, t.Source)
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

// clock is the time on the wall at which a half-hour starts.
func clock(p settlement.Period) string {
	return fmt.Sprintf("%02d:%02d", p.Clock()/60, p.Clock()%60)
}
