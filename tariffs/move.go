package tariffs

import (
	"github.com/shopspring/decimal"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// Charged is the charges of one view, the schedule that made them and the inputs
// they were made from.
type Charged struct {
	Schedule *Schedule
	Charges  *series.Frame
	Inputs   Inputs
}

// check panics unless the parts belong together.
func (c *Charged) check() {
	if c.Charges.Schema() != c.Schedule.schema || c.Charges.Span() != c.Schedule.cal.span {
		panic(panicCharge)
	}
	c.Inputs.check(c.Schedule.cal.span)
}

// Move is what the half-hours of one footing came to in one view, and what the
// same half-hours came to in a later one, when the run To is their stage. What no
// run restates is left out.
type Move struct {
	Footing
	To       settlement.Run
	Old, New decimal.Decimal
	Guess    decimal.Decimal // of New, what the later view has estimated
	Gross    decimal.Decimal // of Old, the pounds of each item without their sign
}

// hop is a move without its figures.
type hop struct {
	Footing
	to settlement.Run
}

// Moves sets the charges of a later view against those of an earlier one, over a
// span of both: for the half-hours whose stage is a later run and which hold the
// charge in both, whatever it was that the run restated. A charge that it left as
// it was is among them, unchanged: only so is the change of all pounds of a stage
// what pounds of that stage change by. Half-hours are actual or estimated by the
// earlier view.
//
// It is nil where the two charge different items, or just one is of a small bill.
// The schedules are of one tariff and supply.
func Moves(span settlement.Span, earlier, later Charged) []Move {
	earlier.check()
	later.check()
	s, of := earlier.Schedule, later.Schedule
	if s.cal.span != of.cal.span || !s.cal.span.Covers(span) {
		panic(panicCharge)
	}
	if s.small != of.small || len(s.columns) != len(of.columns) {
		return nil
	}
	lo, hi := s.cal.span.Index(span.Lo), s.cal.span.Index(span.Hi)
	was, is := s.stages(earlier.Inputs, lo, hi), of.stages(later.Inputs, lo, hi)
	sums := map[hop]Move{}
	for i := range s.columns {
		c, rests := &s.columns[i], was.rests[i]
		line, ok := of.Line(c.item)
		if !ok {
			return nil
		}
		if rests == nil {
			continue
		}
		own := map[hop]decimal.Decimal{} // the item's part of Old
		old, now, scale := earlier.Charges.Line(c.line), later.Charges.Line(line), defs[c.item].Scale
		at := func(k int) (of hop, guess bool) {
			if !rests[k-lo].on || !holds(old, k) || !holds(now, k) { // a gap is no nothing
				return hop{}, false
			}
			return hop{Footing{was.stage[k-lo], old.Marks[k].Has(series.Estimated)}, is.stage[k-lo]}, now.Marks[k].Has(series.Estimated)
		}
		for k := lo; k < hi; {
			of, guess := at(k)
			end := k + 1
			for ; end < hi; end++ {
				if next, still := at(end); next != of || still != guess {
					break
				}
			}
			if of.to > of.Run {
				byTime, m := c.byTime(k, end), sums[of]
				before, then := old.Sum(k, end).Sub(byTime).Decimal(scale), now.Sum(k, end).Sub(byTime).Decimal(scale)
				m.Old, m.New = m.Old.Add(before), m.New.Add(then)
				if guess {
					m.Guess = m.Guess.Add(then)
				}
				sums[of], own[of] = m, own[of].Add(before)
			}
			k = end
		}
		for of, part := range own {
			m := sums[of]
			m.Gross = m.Gross.Add(part.Abs())
			sums[of] = m
		}
	}
	return inOrder(sums)
}

// inOrder gives the moves by run, actual half-hours before estimated ones.
func inOrder(sums map[hop]Move) []Move {
	var out []Move
	for r := range settlement.Run(settlement.NumRanked) {
		for _, estimated := range []bool{false, true} {
			for to := range settlement.Run(settlement.NumRanked) {
				if m, ok := sums[hop{Footing{r, estimated}, to}]; ok {
					m.Footing, m.To = Footing{r, estimated}, to
					out = append(out, m)
				}
			}
		}
	}
	return out
}
