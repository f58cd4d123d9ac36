package spec

import (
	"fmt"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/halfhour/halfhour/revisions"
	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
)

// checkAdjust states what one bill has come to less what another had: of two
// runs ("adjust SF R1"), or of this case less an earlier one ("adjust from
// NAME"). Both bills were rounded, so what the first one's rounding did is
// undone with it.
func (s *scene) checkAdjust(st *statement) ([]outcome, error) {
	before, now, err := s.twoBills(st.texts()[1:])
	if err != nil {
		return nil, err
	}
	var sums [tariffs.NumItems]decimal.Decimal
	for i := range now.Lines {
		sums[now.Lines[i].Item] = sums[now.Lines[i].Item].Add(now.Lines[i].Amount)
	}
	for i := range before.Lines {
		sums[before.Lines[i].Item] = sums[before.Lines[i].Item].Sub(before.Lines[i].Amount)
	}
	var out []outcome
	for item, sum := range sums {
		if !sum.IsZero() {
			out = append(out, change(tariffs.Item(item).String(), sum))
		}
	}
	return append(out, change("net", now.Net.Sub(before.Net)), change("vat", now.VAT.Sub(before.VAT)), change("total", now.Gross.Sub(before.Gross))), nil
}

func (s *scene) twoBills(args []string) (before, now *tariffs.Bill, err error) {
	if len(args) > 1 && args[0] == "from" {
		name := strings.Join(args[1:], " ")
		other, ok := s.before[name]
		if !ok {
			return nil, nil, fmt.Errorf("there is no case %q above", name)
		}
		if before, err = other.run(revisions.Latest(), other.span); err == nil {
			now, err = s.run(revisions.Latest(), s.span)
		}
		return before, now, err
	}
	if len(args) != 2 {
		return nil, nil, fmt.Errorf("write adjust SF R1, or adjust from and the name of a case")
	}
	var bills [2]*tariffs.Bill
	for i, a := range args {
		run, err := settlement.ParseRun(a)
		if err != nil {
			return nil, nil, err
		}
		if bills[i], err = s.run(revisions.UpTo(run), s.span); err != nil {
			return nil, nil, err
		}
	}
	return bills[0], bills[1], nil
}

// change is a line of an adjustment.
func change(name string, amount decimal.Decimal) outcome {
	text := pounds(amount)
	if amount.IsPositive() {
		text = "+" + text
	}
	return outcome{cells: []string{name, text}, amount: text, depth: 1}
}
