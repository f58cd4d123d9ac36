package tariffs

import (
	"fmt"
	"slices"

	"github.com/halfhour/halfhour/settlement"
)

// checkBands sees to it that red, amber and green share out every half-hour.
func (s *Schedule) checkBands() error {
	var bands []*charge
	for i := range s.charges {
		if c := &s.charges[i]; c.item == DUoSRed || c.item == DUoSAmber || c.item == DUoSGreen {
			bands = append(bands, c)
		}
	}
	if len(bands) == 0 {
		return nil
	}
	s.cal.problems.begin()
	for k := range len(s.cal.days) - 1 {
		sound := !slices.ContainsFunc(bands, func(c *charge) bool { return !c.time.sound(k) }) // else a gap was found already
		for i := s.cal.days[k]; i < s.cal.days[k+1]; i++ {
			if err := s.checkBand(bands, int(i), sound); err != nil {
				return err
			}
		}
		if err := s.cal.problems.endDay(s.cal.day(k)); err != nil {
			return err
		}
	}
	return nil
}

// checkBand sees to it that one band covers a half-hour, at least one only if
// the day's figures are sound.
func (s *Schedule) checkBand(bands []*charge, i int, sound bool) error {
	var held *charge
	p := s.cal.span.Lo + settlement.Period(i)
	for _, c := range bands {
		k := c.time.pick[i]
		if k == none {
			continue
		}
		if held != nil {
			if err := s.cal.problems.at(p, Error{Pos: c.rates[k].place(), Item: c.item.String(), Err: ErrTwice},
				fmt.Sprintf("%s at %s covers ", held.item, held.rates[held.time.pick[i]].place()), " too; make the bands disjoint"); err != nil {
				return err
			}
			continue
		}
		held = c
	}
	if held == nil && sound {
		return s.cal.problems.at(p, Error{Pos: bands[0].rates[0].place(), Item: "duos", Err: ErrGap},
			"no red, amber or green band covers ", "; complete the windows")
	}
	return nil
}
