package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/shopspring/decimal"

	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
)

// writeText prints the bills for a person to read.
func writeText(w io.Writer, bills []*tariffs.Bill) {
	for i, b := range bills {
		if i > 0 {
			fmt.Fprintln(w)
		}
		writeBill(w, b)
	}
}

func writeBill(w io.Writer, b *tariffs.Bill) {
	what := ""
	if b.Export {
		what = "   export"
	}
	if b.Reversal {
		fmt.Fprint(w, "REVERSAL of the bill of ")
	}
	fmt.Fprintf(w, "MPAN %s%s   %s to %s (days: %d)   view: %s%s\n%s\n", b.MPAN, what, b.From, b.To-1, b.To-b.From, b.View.Name, knownText(b.View.Name, b.View.KnownAt), b.Tariff)
	for _, m := range b.Related {
		fmt.Fprintf(w, "with MPAN %s\n", m)
	}
	fmt.Fprintf(w, "kWh: %s metered, %s at the grid supply point, %s at the national balancing point\n\n", b.Volumes.MSP, known(b.Volumes.GSP), known(b.Volumes.NBP))

	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "item\tfrom\tto\tquantity\tunit\tGBP each\tGBP\t\t")
	for i := range b.Lines {
		writeLine(t, &b.Lines[i])
	}
	fmt.Fprintf(t, "net\t\t\t\t\t\t%s\t\t\n", b.Net.StringFixed(2))
	fmt.Fprintf(t, "VAT %s %%\t\t\t\t\t\t%s\t\t\n", b.VATRate.Shift(2), b.VAT.StringFixed(2))
	fmt.Fprintf(t, "total\t\t\t\t\t\t%s\t\t\n", b.Gross.StringFixed(2))
	writeCash(t, b)
	t.Flush()

	fmt.Fprintln(w)
	for _, r := range b.Runs {
		fmt.Fprintf(w, "%s half-hours: %s\n", r.Source, countText(&r, true))
	}
	writeMix(w, b)
	writeConditions(w, conditioned{of: b.Conditions})
}

// conditioned is the name of a bill among several, and its conditions.
type conditioned struct {
	name string
	of   tariffs.Condition
}

// writeConditions prints what a reader must know, each condition once; of several
// bills, also which have it.
func writeConditions(w io.Writer, bills ...conditioned) {
	var all tariffs.Condition
	for _, b := range bills {
		all |= b.of
	}
	if all != 0 && len(bills) > 1 {
		fmt.Fprintln(w)
	}
	for c := tariffs.Condition(1); c != 0 && c <= all; c <<= 1 {
		if !all.Has(c) {
			continue
		}
		var have []string
		for _, b := range bills {
			if b.of.Has(c) && b.name != "" && !slices.Contains(have, b.name) {
				have = append(have, b.name)
			}
		}
		name := c.String()
		if len(have) > 0 {
			name += " (" + strings.Join(have, ", ") + ")"
		}
		fmt.Fprintf(w, "* %s: %s\n", name, c.Says()[0])
	}
}

// viewed is a bill's conditions under the name of its view.
func viewed(b *tariffs.Bill) conditioned { return conditioned{b.View.Name, b.Conditions} }

func writeLine(w io.Writer, l *tariffs.Line) {
	rate := each(l.Rate, "")
	if len(l.Parts) == 1 {
		rate = each(l.Rate, l.Parts[0].Price)
	}
	if l.Divisor > 1 {
		rate += fmt.Sprintf(" ÷ %d", l.Divisor)
	}
	note := ""
	if l.Conditions != 0 {
		note = "* " + strings.Join(l.Conditions.Names(), ", ")
	}
	fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t\t%s\n", l.Item, l.From, l.To-1, l.Quantity, l.Unit, rate, l.Amount.StringFixed(2), note)
	if len(l.Parts) > 1 {
		for _, p := range l.Parts {
			fmt.Fprintf(w, "%s\t\t\t%s\t%s\t%s\t%s\t\t\n", p.Window, p.Quantity, l.Unit, each(p.Rate, p.Price), "("+p.Exact.String()+")")
		}
	}
}

// each is a rate, or the price as the tariff states it where it has no one rate.
func each(rate decimal.NullDecimal, price string) string {
	if rate.Valid {
		return rate.Decimal.String()
	}
	return price
}

// known is a volume, or that it is not known.
func known(d decimal.NullDecimal) string {
	if !d.Valid {
		return "not known"
	}
	return d.Decimal.String()
}

// runsText is how many half-hours of a source are from which run.
func runsText(r *tariffs.RunShare) string { return countText(r, false) }

// countText is runsText, with their share of the source's half-hours if asked.
func countText(r *tariffs.RunShare, shares bool) string {
	var parts []string
	add := func(n int, what string) {
		if n == 0 {
			return
		}
		of := ""
		if shares {
			of = share(decimal.NewFromInt(int64(n)), decimal.NewFromInt(int64(r.Total())))
		}
		parts = append(parts, fmt.Sprintf("%d%s %s", n, of, what))
	}
	for run, n := range r.HalfHours {
		add(n, "from "+settlement.Run(run).String())
	}
	add(r.Estimated, "of them estimated")
	add(r.Assumed, "of them assumed by the tariff")
	return strings.Join(parts, ", ")
}
