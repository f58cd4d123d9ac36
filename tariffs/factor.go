package tariffs

import (
	"fmt"
	"slices"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// factor is a loss factor of the tariff, half-hour by half-hour.
type factor struct {
	line  series.Line
	cells []int64
	marks []series.Mark
}

// compileFactors lays out the loss factors the tariff states.
func (s *Schedule) compileFactors(t *Tariff) error {
	market := series.Market()
	for _, line := range []series.Line{series.LLF, series.TLM} {
		var figures []stated
		var of []Factor
		for _, f := range t.Factors {
			if f.Line == line {
				figures = append(figures, stated{f.When, f.Pos, s.cal.undefined(f.When)})
				of = append(of, f)
			}
		}
		if len(figures) == 0 {
			continue
		}
		time, err := s.cal.resolve(market.Def(line).Name, figures, false)
		if err != nil {
			return err
		}
		f := factor{line, make([]int64, len(time.pick)), make([]series.Mark, len(time.pick))}
		values := make([]int64, len(of))
		for i, o := range of {
			v, ok := scaled(o.Value, market.Def(line).Scale)
			if o.Published { // found already
				continue
			}
			if !ok || v <= 0 || v > 2*pow10(market.Def(line).Scale) {
				if err := s.found(&Error{Pos: o.Pos, Item: market.Def(line).Name, Value: o.Value.String(),
					Want: fmt.Sprintf("a factor above 0, at most 2, with at most %d decimals", market.Def(line).Scale), Err: ErrPrice}); err != nil {
					return err
				}
			}
			values[i] = v
		}
		for i, o := range of {
			if o.Status == Unconfirmed && !s.conventions.Unconfirmed && slices.Contains(time.pick, int16(i)) {
				if err := s.found(unconfirmed(o.Pos, market.Def(line).Name, o.Value.String(), o.Source)); err != nil {
					return err
				}
			}
		}
		for i, k := range time.pick {
			if k == none { // found already
				continue
			}
			f.cells[i] = values[k]
			if of[k].Status.condition() != 0 {
				f.marks[i] = series.Assumed
			}
		}
		s.factors = append(s.factors, f)
	}
	return nil
}

// standsIn reports whether half-hour i of a loss factor states no run and is the
// figure that Losses fills in. Marks have no bit left to say who filled it: data
// without a run that has the tariff's figure to the last decimal counts as the
// tariff's.
func (s *Schedule) standsIn(line series.Line, c series.Column, i int) bool {
	for k := range s.factors {
		if f := &s.factors[k]; f.line == line {
			return c.Values[i] == f.cells[i] && c.Marks[i] == f.marks[i]
		}
	}
	return false
}

// Losses fills the half-hours of a market frame that hold no loss factor with
// the ones the tariff states, marked series.Assumed where they are not
// published figures. What the frame holds is left alone.
func (s *Schedule) Losses(market *series.Frame) {
	if market.Schema() != series.Market() || market.Span() != s.cal.span {
		panic("tariffs: Losses takes a frame of Market over the schedule's span")
	}
	n := s.cal.span.Len()
	for _, f := range s.factors {
		c := market.Line(f.line)
		for i := c.NextInvalid(0, n); i < n; i = c.NextInvalid(i+1, n) {
			market.Set(f.line, s.cal.span.Lo+settlement.Period(i), f.cells[i], f.marks[i])
		}
	}
}
