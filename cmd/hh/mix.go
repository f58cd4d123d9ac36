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
	if m := b.Mix; m != nil {
		fmt.Fprintf(w, "net GBP by reading: %s\n", poundsText(&m.ByRun, &m.Estimated, m.NoRun, "from no run"))
		fmt.Fprintf(w, "net GBP by market data: %s\n", poundsText(&m.Market, nil, m.NoMarket, "from none"))
		if behind, whole := m.Behind(); !behind.IsZero() {
			fmt.Fprintf(w, "GBP behind, whatever their sign: %s%s: %s\n", behind.StringFixed(2), share(behind, whole), behindSays)
		}
	}
	if b.Outlook != nil {
		writeOutlook(w, b.Outlook)
	}
}

// writeOutlook prints which runs are to come, and which have passed.
func writeOutlook(w io.Writer, o *settlement.Outlook) {
	asked := "by the timetable alone, with no clock to say what has passed"
	if o.On != 0 {
		asked = "after " + o.On.String()
	}
	if len(o.Awaited) == 0 {
		fmt.Fprintln(w, "runs to come: none")
	} else {
		fmt.Fprintf(w, "runs to come, %s: next on %s: %s\n", asked, o.Next, dueText(o.Awaited))
	}
	if len(o.Passed) > 0 {
		fmt.Fprintf(w, "runs due by %s that do not speak: %s: overdue, not in this view, or other readings speak instead\n", o.On, dueText(o.Passed))
	}
}

// dueText lists runs with the dates they are due.
func dueText(runs []settlement.Awaited) string {
	parts := make([]string, 0, len(runs))
	for _, a := range runs {
		parts = append(parts, fmt.Sprintf("%s (days: %d) due %s", a.Run, a.Days, dates(a.First, a.Last)))
	}
	return strings.Join(parts, ", ")
}

func dates(first, last settlement.Day) string {
	if first == last {
		return first.String()
	}
	return first.String() + " to " + last.String()
}

// behindSays is what it means that pounds are behind.
const behindSays = "some of their data is of an earlier run than the latest of their half-hours or states none, or a stand-in speaks for it"

// standing names what pounds stand on.
func standing(s tariffs.Standing) string {
	name := s.Run.String()
	if s.Estimated {
		name += " estimated"
	}
	if s.Behind {
		name += ", behind"
	}
	return name
}

// poundsText is pounds by run with their share of the whole, those of estimates
// in brackets where they are told, and the rest last.
func poundsText(byRun, estimated *[settlement.NumRanked]decimal.Decimal, rest decimal.Decimal, name string) string {
	var parts []string
	total := rest
	for _, d := range byRun {
		total = total.Add(d)
	}
	for r, d := range byRun {
		if d.IsZero() {
			continue
		}
		text := fmt.Sprintf("%s%s from %s", d.StringFixed(2), share(d, total), settlement.Run(r))
		if estimated != nil && !estimated[r].IsZero() {
			text += fmt.Sprintf(" (%s%s estimated)", estimated[r].StringFixed(2), share(estimated[r], total))
		}
		parts = append(parts, text)
	}
	if !rest.IsZero() {
		parts = append(parts, fmt.Sprintf("%s%s %s", rest.StringFixed(2), share(rest, total), name))
	}
	if len(parts) == 0 {
		return "nothing"
	}
	return strings.Join(parts, ", ")
}

// share is a part of a whole in per cent, where that says something.
func share(part, whole decimal.Decimal) string {
	percent, ok := tariffs.InPercent(part, whole)
	if !ok {
		return ""
	}
	return fmt.Sprintf(" or %s %%", percent.StringFixed(1))
}
