package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
)

// writeMix prints what the pounds of a bill rest on, and which runs are to come.
// The figures are for reading: the JSON has them exact.
func writeMix(w io.Writer, b *tariffs.Bill) {
	if b.Mix != nil {
		fmt.Fprintf(w, "net GBP: %s\n", poundsText(&b.Mix.Pounds))
	}
	if b.Outlook == nil {
		return
	}
	var parts []string
	for _, a := range b.Outlook.Awaited {
		parts = append(parts, fmt.Sprintf("%s (days: %d) due %s", a.Run, a.Days, dates(a.First, a.Last)))
	}
	switch {
	case len(parts) == 0:
		fmt.Fprintln(w, "runs to come: none")
	default:
		fmt.Fprintf(w, "runs to come: next on %s: %s\n", b.Outlook.Next, strings.Join(parts, ", "))
	}
}

func dates(first, last settlement.Day) string {
	if first == last {
		return first.String()
	}
	return first.String() + " to " + last.String()
}

func poundsText(p *tariffs.Pounds) string {
	var parts []string
	total := p.Total()
	for r, d := range p.ByRun {
		if d.IsZero() {
			continue
		}
		text := fmt.Sprintf("%s%s from %s", d.StringFixed(2), share(d, total), settlement.Run(r))
		if e := p.Estimated[r]; !e.IsZero() {
			text += fmt.Sprintf(" (%s%s estimated)", e.StringFixed(2), share(e, total))
		}
		parts = append(parts, text)
	}
	if !p.NoRun.IsZero() {
		parts = append(parts, fmt.Sprintf("%s%s from no run", p.NoRun.StringFixed(2), share(p.NoRun, total)))
	}
	if len(parts) == 0 {
		return "nothing"
	}
	return strings.Join(parts, ", ")
}

// share is a part of a whole in per cent, where that says something.
func share(part, whole decimal.Decimal) string {
	if whole.IsZero() {
		return ""
	}
	return fmt.Sprintf(" or %s %%", part.Shift(2).DivRound(whole, 1).StringFixed(1))
}
