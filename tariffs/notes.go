package tariffs

import (
	"github.com/halfhour/halfhour/internal/kernel"
	"github.com/halfhour/halfhour/series"
)

// Notes are what a reader of totals that no bill is made of must know: of the
// schedule's figures, the supply and what the charges are made from. A bill says
// only what moves one of its pennies; these are said of all that is charged, over
// the whole span. What concerns the choice of runs, reports say, and what the market
// lacked before the schedule's Losses were filled in, whoever had it then. It
// allocates nothing.
func (s *Schedule) Notes(sup *Supply, vol *series.Frame, in Inputs) Condition {
	c := s.notes | s.vat.condition | sup.conditions()
	var marks series.Mark
	for _, source := range [...]series.Line{series.LLF, series.TLM} {
		marks |= series.AnyOf(in.Market.Line(source).Marks)
	}
	for _, read := range [...]series.Line{s.metered(), series.RI, series.RE} {
		marks |= series.AnyOf(in.Meter.Line(read).Marks)
	}
	c |= condition(marks)
	byRun := tagged(vol.Line(MSP), 0, vol.Len())
	for i := range s.columns {
		col := &s.columns[i]
		if byRun && defs[col.item].DUoS {
			c |= RunVolumes
		}
		switch {
		case col.follow != nil && col.follow.standsIn(in, s.cal.span.Len()):
			c |= InterimRate
		case col.perKW != nil:
			for k := range s.triads {
				y := &s.triads[k]
				if c |= y.condition; c&ProvisionalTriad == 0 {
					if _, provisional := s.triadSum(y, vol, sup); provisional {
						c |= ProvisionalTriad
					}
				}
			}
		case col.item == DUoSReactive:
			c |= s.unread(in)
		}
	}
	return c
}

// stated is how well the figures are known that the schedule charges.
func (s *Schedule) stated() (c Condition) {
	for i := range s.charges {
		of := &s.charges[i]
		for k := range of.rates {
			if r := &of.rates[k]; of.used(int16(k)) {
				c |= r.Status.condition()
				if defs[of.item].Movable && r.At == "" && of.volume != NoVolume {
					c |= UnsettledVolume
				}
			}
		}
	}
	return c
}

// standsIn reports whether in any half-hour that should follow the line another
// price is charged.
func (f *follow) standsIn(in Inputs, n int) bool {
	index, given := f.index(in)
	for w, on := range f.on {
		open := on &^ f.need[w] & kernel.Mask(w, 0, n)
		if given {
			open &^= index.Valid[w]
		}
		if open != 0 {
			return true
		}
	}
	return false
}

// unread says whether half-hours with active energy lack reactive readings.
func (s *Schedule) unread(in Inputs) (c Condition) {
	a, ri, re := in.Meter.Line(s.metered()).Valid, in.Meter.Line(series.RI).Valid, in.Meter.Line(series.RE).Valid
	for w, held := range a {
		if held&^(ri[w]|re[w]) != 0 {
			c |= NoReactive
		}
		if held&(ri[w]^re[w]) != 0 {
			c |= OneReactive
		}
	}
	return c
}
