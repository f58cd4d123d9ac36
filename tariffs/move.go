package tariffs

import (
	"github.com/shopspring/decimal"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// Move is what the half-hours of one footing came to in one view, and what the
// same half-hours came to in a later one, in which the run To speaks for them.
// What is charged by time is left out.
type Move struct {
	Footing
	To       settlement.Run
	Old, New decimal.Decimal
}

// hop is a move without its figures.
type hop struct {
	Footing
	to settlement.Run
}

// Moves sets the charges of a later view, made by the schedule of, against those
// of an earlier one, over a span of both: for the half-hours for which a later
// run speaks and both hold the charge. It is nil where the two charge different
// items, or just one is of a small bill. The schedules are of one tariff and
// supply.
func (s *Schedule) Moves(span settlement.Span, earlier *series.Frame, of *Schedule, later *series.Frame) []Move {
	if earlier.Schema() != s.schema || later.Schema() != of.schema || s.cal.span != of.cal.span || !s.cal.span.Covers(span) {
		panic(panicCharge)
	}
	lo, hi := s.cal.span.Index(span.Lo), s.cal.span.Index(span.Hi)
	was, is := s.readings(earlier), of.readings(later)
	sums := map[hop]Move{}
	if s.small != of.small || len(s.columns) != len(of.columns) {
		return nil
	}
	for i := range s.columns {
		c := &s.columns[i]
		line, ok := of.Line(c.item)
		if !ok {
			return nil
		}
		if !s.onRuns(c) {
			continue
		}
		old, now, scale := earlier.Line(c.line), later.Line(line), defs[c.item].Scale
		at := func(k int) hop {
			if !holds(old, k) || !holds(now, k) { // a gap is no nothing
				return hop{}
			}
			return hop{Footing{was[k].Run(), old.Marks[k].Has(series.Estimated)}, is[k].Run()}
		}
		for k := lo; k < hi; {
			h, end := at(k), k+1
			for end < hi && at(end) == h {
				end++
			}
			if h.to > h.Run {
				byTime := c.byTime(k, end)
				m := sums[h]
				m.Old = m.Old.Add(old.Sum(k, end).Sub(byTime).Decimal(scale))
				m.New = m.New.Add(now.Sum(k, end).Sub(byTime).Decimal(scale))
				sums[h] = m
			}
			k = end
		}
	}
	return inOrder(sums)
}

// byTime is what a column has of half-hours lo <= i < hi whatever their volume.
func (c *column) byTime(lo, hi int) series.Total {
	if c.standing == nil {
		return series.Total{}
	}
	return series.Column{Values: c.standing}.Sum(lo, hi)
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
