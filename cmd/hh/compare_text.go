package main

import (
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/shopspring/decimal"

	"github.com/halfhour/halfhour"
	"github.com/halfhour/halfhour/tariffs"
)

// heading names the bill that is compared.
func heading(w io.Writer, b *tariffs.Bill, what string) {
	fmt.Fprintf(w, "MPAN %s   %s to %s (days: %d)   %s\n%s\n\n", b.MPAN, b.From, b.To-1, b.To-b.From, what, b.Tariff)
}

// fromTo names the views of two bills, and the instants they were asked of.
func fromTo(old, new *tariffs.Bill) string {
	was, is := knownText(old.View.Name, old.View.KnownAt), knownText(new.View.Name, new.View.KnownAt)
	if was == is {
		was = ""
	}
	return "from " + old.View.Name + was + " to " + new.View.Name + is
}

// signed is a change with its sign; nothing at all is 0.
func signed(d decimal.Decimal, text string) string {
	if d.IsPositive() {
		return "+" + text
	}
	return text
}

func signedPounds(d decimal.Decimal) string  { return signed(d, d.StringFixed(2)) }
func signedExactly(d decimal.Decimal) string { return signed(d, d.String()) }

// columns are a table with its numbers to the right.
func columns(w io.Writer) *tabwriter.Writer {
	return tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
}

// writeComparison prints a comparison: the items that changed, then the data.
func writeComparison(w io.Writer, c *halfhour.Comparison) {
	old, new := c.Old.View.Name, c.New.View.Name
	heading(w, c.Old, fromTo(c.Old, c.New))
	t := columns(w)
	fmt.Fprintf(t, "GBP\t%s\t%s\tchange\tbefore rounding\tof volumes\tof losses\tof prices\t\n", old, new)
	same := 0
	for i := range c.Items {
		if x := &c.Items[i]; moved(&x.Change) {
			writeChange(t, x.Item.String(), &x.Change)
		} else {
			same++
		}
	}
	writeChange(t, "net", &c.Net)
	writeChange(t, "VAT", &c.VAT)
	writeChange(t, "total", &c.Gross)
	t.Flush()
	fmt.Fprintf(w, "\nitems without a change: %d\n\n", same)
	writeData(w, c)
	writeDays(w, c)
	writeConditions(w, viewed(c.Old), viewed(c.New))
}

func writeChange(w io.Writer, name string, x *tariffs.Change) {
	fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t\n", name, x.Was.StringFixed(2), x.Is.StringFixed(2), signedPounds(x.Printed()),
		signedExactly(x.Shift.Change()), signedExactly(x.Volumes), signedExactly(x.Losses), signedExactly(x.Prices))
}

// writeData prints the energy, and which lines of data changed.
func writeData(w io.Writer, c *halfhour.Comparison) {
	t := columns(w)
	fmt.Fprintf(t, "data\t%s\t%s\tchange\tunit\thalf-hours changed\tappeared\tvanished\t\n", c.Old.View.Name, c.New.View.Name)
	for i := range c.Energy {
		writeLineChange(t, &c.Energy[i])
	}
	for i := range c.Data {
		if x := &c.Data[i]; !x.None() {
			writeLineChange(t, x)
		}
	}
	t.Flush()
}

func writeLineChange(w io.Writer, x *halfhour.LineChange) {
	was, is, change := "", "", ""
	if x.Summed() {
		was, is = x.Old.Sum.Decimal(x.Def.Scale).String(), x.New.Sum.Decimal(x.Def.Scale).String()
		change = signedExactly(x.Delta.Decimal(x.Def.Scale))
	}
	fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%d\t%d\t%d\t\n", x.Def.Name, was, is, change, x.Def.Unit, x.Changed, x.Appeared.HalfHours, x.Vanished.HalfHours)
}

// writeDays prints the days that changed, of a bill of several.
func writeDays(w io.Writer, c *halfhour.Comparison) {
	if len(c.Days) == 1 {
		return
	}
	fmt.Fprintln(w)
	t := columns(w)
	fmt.Fprintln(t, "day\tmetered kWh\tnet GBP before rounding\tof volumes\tof losses\tof prices\t")
	same := 0
	for i := range c.Days {
		d := &c.Days[i]
		if d.MSP.None() && still(&d.Net) {
			same++
			continue
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t\n", d.Day, signedExactly(d.MSP.Delta.Decimal(d.MSP.Def.Scale)),
			signedExactly(d.Net.Change()), signedExactly(d.Net.Volumes), signedExactly(d.Net.Losses), signedExactly(d.Net.Prices))
	}
	t.Flush()
	fmt.Fprintf(w, "\ndays without a change: %d\n", same)
}

// still reports whether nothing moved, not even two causes against each other.
func still(x *tariffs.Shift) bool {
	return x.Volumes.IsZero() && x.Losses.IsZero() && x.Prices.IsZero()
}

func moved(x *tariffs.Change) bool { return !x.Printed().IsZero() || !still(&x.Shift) }

// writeWaterfall prints each run's net, and then each item's steps.
func writeWaterfall(w io.Writer, f *halfhour.Waterfall) {
	heading(w, f.Start, "from "+f.Start.View.Name+" to "+f.End().View.Name+", run by run"+knownText(f.End().View.Name, f.End().View.KnownAt))
	for _, r := range f.Unbilled {
		fmt.Fprintf(w, "%s holds too little to be billed\n", r)
	}
	t := columns(w)
	fmt.Fprintln(t, "run\tmetered kWh\tnet GBP\tstep\tbefore rounding\tstep\tof volumes\tof losses\tof prices\tVAT\ttotal\t")
	b := f.Start
	fmt.Fprintf(t, "%s\t%s\t%s\t\t%s\t\t\t\t\t%s\t%s\t\n", b.View.Name, b.Volumes.MSP, b.Net.StringFixed(2), b.NetExact, b.VAT.StringFixed(2), b.Gross.StringFixed(2))
	for _, s := range f.Steps {
		b, x := s.New, &s.Net
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t\n", b.View.Name, b.Volumes.MSP, b.Net.StringFixed(2), signedPounds(x.Printed()), b.NetExact,
			signedExactly(x.Shift.Change()), signedExactly(x.Volumes), signedExactly(x.Losses), signedExactly(x.Prices), b.VAT.StringFixed(2), b.Gross.StringFixed(2))
	}
	t.Flush()
	bills := []conditioned{viewed(f.Start)}
	if len(f.Steps) > 0 {
		writeSteps(w, f)
	}
	for _, s := range f.Steps {
		bills = append(bills, viewed(s.New))
	}
	writeConditions(w, bills...)
}

// writeSteps prints the printed steps of the items that take one.
func writeSteps(w io.Writer, f *halfhour.Waterfall) {
	fmt.Fprintln(w)
	t := columns(w)
	fmt.Fprintf(t, "GBP\t%s\t", f.Start.View.Name)
	for _, s := range f.Steps {
		fmt.Fprintf(t, "to %s\t", s.New.View.Name)
	}
	fmt.Fprintf(t, "%s\t\n", f.End().View.Name)
	row := func(name string, of func(*halfhour.Comparison) *tariffs.Change) {
		fmt.Fprintf(t, "%s\t%s\t", name, of(f.Steps[0]).Was.StringFixed(2))
		for _, s := range f.Steps {
			fmt.Fprintf(t, "%s\t", signedPounds(of(s).Printed()))
		}
		fmt.Fprintf(t, "%s\t\n", of(f.Steps[len(f.Steps)-1]).Is.StringFixed(2))
	}
	same := 0
	for i := range f.Steps[0].Items {
		steps := false
		for _, s := range f.Steps {
			steps = steps || moved(&s.Items[i].Change)
		}
		if !steps {
			same++
			continue
		}
		row(f.Steps[0].Items[i].Item.String(), func(c *halfhour.Comparison) *tariffs.Change { return &c.Items[i].Change })
	}
	row("net", func(c *halfhour.Comparison) *tariffs.Change { return &c.Net })
	row("VAT", func(c *halfhour.Comparison) *tariffs.Change { return &c.VAT })
	row("total", func(c *halfhour.Comparison) *tariffs.Change { return &c.Gross })
	t.Flush()
	fmt.Fprintf(w, "\nitems without a change: %d\n", same)
}
