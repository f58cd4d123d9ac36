package tariffs

import (
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// ChargedOn is the volume an item is charged on, or NoVolume where it is not
// charged on energy or not at all.
func (s *Schedule) ChargedOn(item Item) Volume {
	if c := s.onEnergy(item); c != nil {
		return c.volume
	}
	return NoVolume
}

// Quantity is the energy that an item is charged on in the half-hours of a
// span, those outside its windows left out, at the scale of its volume: the
// quantity its lines would print. It is not held where a half-hour has no
// volume.
func (s *Schedule) Quantity(item Item, vol *series.Frame, span settlement.Span) (total series.Total, held bool) {
	c := s.onEnergy(item)
	if c == nil {
		return series.Total{}, false
	}
	lo, hi := s.cal.span.Index(span.Lo), s.cal.span.Index(span.Hi)
	col := vol.Line(c.volume)
	for i := lo; i < hi; i++ {
		if c.time.pick[i] != none {
			total = total.Add(series.TotalOf(col.Values[i]))
		}
	}
	return total, col.CountValid(lo, hi) == hi-lo
}

// onEnergy is the charge of an item for energy.
func (s *Schedule) onEnergy(item Item) *charge {
	for i := range s.charges {
		if c := &s.charges[i]; c.item == item && (c.basis == PerKWh || c.basis == PerKVArh) {
			return c
		}
	}
	return nil
}
