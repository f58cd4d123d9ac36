package spec

import (
	"errors"
	"fmt"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/halfhour/halfhour/revisions"
	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
)

// checkAdjust states what one bill has come to less what another had: of two
// runs or views ("adjust SF R1", "adjust as-of DAY latest"), or of this case less an
// earlier one ("adjust from NAME"). Both bills were rounded, so what the first one's rounding did is
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
	out = append(out, change("net", now.Net.Sub(before.Net)), change("vat", now.VAT.Sub(before.VAT)), change("total", now.Gross.Sub(before.Gross)))
	if len(now.Cash)+len(before.Cash) == 0 {
		return out, nil
	}
	cash, err := cashChanges(now, before)
	return append(out, cash...), err
}

var errAdjust = errors.New("write adjust SF R1, adjust as-of DAY as-of DAY, or adjust from and the name of a case")

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
	var bills [2]*tariffs.Bill
	for i := range bills {
		var view revisions.Reconciler
		if len(args) == 0 {
			return nil, nil, errAdjust
		}
		if run, err := settlement.ParseRun(args[0]); err == nil && run.Ranked() {
			view, args = revisions.UpTo(run), args[1:]
		} else if view, args, err = viewOf(args); err != nil {
			return nil, nil, err
		}
		if bills[i], err = s.run(view, s.span); err != nil {
			return nil, nil, err
		}
	}
	if len(args) > 0 {
		return nil, nil, errAdjust
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
