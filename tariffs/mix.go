package tariffs

import (
	"github.com/shopspring/decimal"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// RunMix says which settlement run the pounds of a bill rest on: the run that
// supplied the reading of each half-hour that is charged. Loss factors and
// prices come by run too, and move less; the bill's Runs count them.
type RunMix struct {
	Pounds              // of the whole bill: they sum to its NetExact
	Items  []ItemPounds // of each item charged: they sum to its lines before rounding
}

// ItemPounds is what the pounds of an item rest on.
type ItemPounds struct {
	Item Item
	Pounds
}

// Pounds are exact pounds before rounding and VAT, by what they rest on.
type Pounds struct {
	ByRun     [settlement.NumRanked]decimal.Decimal
	Estimated [settlement.NumRanked]decimal.Decimal // of ByRun, those of estimated half-hours
	NoRun     decimal.Decimal                       // charged by time, agreed capacity or Triads: no run restates them
}

// Total is the pounds together.
func (p *Pounds) Total() decimal.Decimal {
	sum := p.NoRun
	for _, d := range p.ByRun {
		sum = sum.Add(d)
	}
	return sum
}

// add adds sign × q.
func (p *Pounds) add(q *Pounds, sign int64) {
	by := decimal.NewFromInt(sign)
	for r := range p.ByRun {
		p.ByRun[r] = p.ByRun[r].Add(q.ByRun[r].Mul(by))
		p.Estimated[r] = p.Estimated[r].Add(q.Estimated[r].Mul(by))
	}
	p.NoRun = p.NoRun.Add(q.NoRun.Mul(by))
}

// RunMix gives the mix of a bill from the charges it was made from. An item
// with a fee for each month beside its price for energy rests on both. A
// percentage rests on the run of its half-hour when anything that it is a
// percentage of does.
func (s *Schedule) RunMix(b *Bill, charges *series.Frame) *RunMix {
	if charges.Schema() != s.schema || charges.Span() != s.cal.span {
		panic(panicCharge)
	}
	lo, hi := s.cal.span.Index(b.From.First()), s.cal.span.Index(b.To.First())
	mix := new(RunMix)
	runs := s.readings(charges)
	for i := range s.columns {
		c := &s.columns[i]
		item := ItemPounds{Item: c.item}
		col := charges.Line(c.line)
		if s.onRuns(c) {
			item.byRun(col, runs, lo, hi, defs[c.item].Scale)
			item.standing(c, col, runs, lo, hi, defs[c.item].Scale)
		} else {
			item.NoRun = col.Sum(lo, hi).Decimal(defs[c.item].Scale)
		}
		mix.Items = append(mix.Items, item)
		mix.add(&item.Pounds, 1)
	}
	return mix
}

// onRuns reports whether a column's cells rest on readings.
func (s *Schedule) onRuns(c *column) bool {
	if c.volume != NoVolume || c.item == DUoSExcessCapacity {
		return true
	}
	if c.share != nil {
		for i := range c.share.figures {
			for _, l := range c.share.figures[i].lines {
				if s.onRuns(&s.columns[l]) {
					return true
				}
			}
		}
	}
	return false
}

// readings are the marks of a line charged on readings: all of them have the
// run of the meter's active energy, while flags are each line's own.
func (s *Schedule) readings(charges *series.Frame) []series.Mark {
	for i := range s.columns {
		if c := &s.columns[i]; c.volume != NoVolume || c.item == DUoSExcessCapacity {
			return charges.Line(c.line).Marks
		}
	}
	return nil
}

// byRun adds the cells of a column to the runs they rest on.
func (p *Pounds) byRun(col series.Column, runs []series.Mark, lo, hi, scale int) {
	var actual, estimated [settlement.NumRanked]series.Total
	for i := lo; i < hi; {
		run, guess, end := runs[i].Run(), col.Marks[i].Has(series.Estimated), i+1
		for end < hi && runs[end].Run() == run && col.Marks[end].Has(series.Estimated) == guess {
			end++
		}
		to := &actual[run]
		if guess {
			to = &estimated[run]
		}
		*to = to.Add(col.Sum(i, end))
		i = end
	}
	for r := range actual {
		p.ByRun[r] = actual[r].Add(estimated[r]).Decimal(scale)
		p.Estimated[r] = estimated[r].Decimal(scale)
	}
}

// standing moves what a column has by time from the runs to none.
func (p *Pounds) standing(c *column, col series.Column, runs []series.Mark, lo, hi, scale int) {
	if c.standing == nil {
		return
	}
	var byTime Pounds
	byTime.byRun(series.Column{Values: c.standing, Marks: col.Marks}, runs, lo, hi, scale)
	total := byTime.Total()
	p.add(&byTime, -1)
	p.NoRun = p.NoRun.Add(total)
}

// reverse is the mix with every sign turned.
func (m *RunMix) reverse() *RunMix {
	r := new(RunMix)
	r.add(&m.Pounds, -1)
	for i := range m.Items {
		item := ItemPounds{Item: m.Items[i].Item}
		item.add(&m.Items[i].Pounds, -1)
		r.Items = append(r.Items, item)
	}
	return r
}
