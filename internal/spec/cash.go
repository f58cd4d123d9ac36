package spec

import (
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
)

// determination reads ID DAY [DAY] POUNDS [before RUN] [known DAY] [reverses ID].
func (s *scene) determination(st *statement) error {
	args := st.texts()[1:]
	d := series.Determination{Reason: "as specified", Source: s.file, Pos: series.Pos{Source: s.file, Line: st.number}}
	if len(args) < 3 {
		return fmt.Errorf("write determination, its name, its days and pounds: determination D1 2025-12-01 2025-12-04 -£100.00 before R1")
	}
	d.ID = args[0]
	span, args, err := days(args[1:])
	if err != nil {
		return err
	}
	d.From, d.To = span.From(), span.To()
	if len(args)%2 != 1 {
		return fmt.Errorf("behind the days stand the pounds, then before RUN, known DAY and reverses NAME")
	}
	if d.Pence, err = series.ParsePounds(strings.Replace(args[0], "£", "", 1)); err != nil {
		return err
	}
	for k := 1; k < len(args); k += 2 {
		switch args[k] {
		case "before":
			d.Before, err = settlement.ParseRun(args[k+1])
		case "known":
			var on settlement.Day
			on, err = settlement.ParseDay(args[k+1])
			d.Known = on.First().Time()
		case "reverses":
			d.Reverses = args[k+1]
		default:
			err = fmt.Errorf("%q: behind the pounds stand before RUN, known DAY and reverses NAME", args[k])
		}
		if err != nil {
			return err
		}
	}
	s.cash = append(slices.Clone(s.cash), d)
	return nil
}

// cashLines are the determinations of a bill and what is due with them.
func cashLines(b *tariffs.Bill) (out []outcome) {
	for i := range b.Cash {
		d := &b.Cash[i]
		o := total("determination "+d.ID+datesOf(b, d.From, d.To), decimal.New(d.Pence, -2))
		if d.Reverses != "" {
			o.note = "reverses " + d.Reverses
		}
		out = append(out, o)
	}
	if len(out) > 0 {
		out = append(out, total("due", b.Due))
	}
	return out
}

// cashChanges are the determinations that one bill has and another has not, and
// what that makes due.
func cashChanges(now, before *tariffs.Bill) (out []outcome, err error) {
	a, err := now.Sub(before)
	if err != nil || len(a.Cash) == 0 {
		return nil, err
	}
	for i := range a.Cash {
		if d := &a.Cash[i]; d.Changed() {
			out = append(out, change("determination "+d.ID, d.Amount))
		}
	}
	return append(out, change("due", a.Due)), nil
}
