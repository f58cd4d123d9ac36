package tariffs

import (
	"fmt"
	"math/big"

	"github.com/halfhour/halfhour/internal/kernel"
	"github.com/halfhour/halfhour/series"
)

// share is a percentage of other items' lines.
type share struct {
	of      *charge
	figures []sharing // for each rate
}

// sharing is one percentage: what the lines come to at accrualScale × num ÷ per
// is ticks.
type sharing struct {
	num, per int64
	lines    []series.Line
}

// fraction is a rate as sharing has it; ok is false when it has too many
// decimals.
func fraction(rate *big.Rat) (num, per int64, ok bool) {
	den := new(big.Int).Mul(rate.Denom(), big.NewInt(accrualTick))
	if !rate.Num().IsInt64() || den.BitLen() > 40 {
		return 0, 0, false
	}
	return rate.Num().Int64(), den.Int64(), true
}

// compileShares finds the lines that percentages are of, and an order in which
// they can be worked out.
func (s *Schedule) compileShares() error {
	state := make([]uint8, len(s.columns)) // 1 while its lines are visited, 2 after
	var visit func(i int) error
	visit = func(i int) error {
		c := &s.columns[i]
		if c.share == nil || state[i] == 2 {
			return nil
		}
		state[i] = 1
		for k := range c.share.of.rates {
			r := &c.share.of.rates[k]
			f := sharing{}
			if c.share.of.used(int16(k)) {
				var ok bool
				if f.num, f.per, ok = fraction(r.Price.GBP.Rat()); !ok || r.Price.GBP.Abs().GreaterThan(wholeRate) {
					if err := s.found(notHeld(c.share.of, r, r.Price.GBP, "4 decimals of a percentage, from -1000 % to 1000 %")); err != nil {
						return err
					}
				}
				for _, item := range r.Of {
					j, err := s.shared(c.item, item, r)
					if err == nil && state[j] == 1 {
						err = &Error{Pos: r.Pos, Item: c.item.String(), Value: item.String(), Want: "within one bill this is a percentage of a percentage of itself; leave one of them out, or where they change places make one bill up to the change and one from it", Err: ErrShare}
					}
					if err != nil {
						if s.found(err) != nil {
							return err
						}
						continue
					}
					if err := visit(j); err != nil {
						return err
					}
					f.lines = append(f.lines, s.columns[j].line)
				}
			}
			c.share.figures = append(c.share.figures, f)
		}
		state[i] = 2
		s.shares = append(s.shares, i)
		return nil
	}
	for i := range s.columns {
		if err := visit(i); err != nil {
			return err
		}
	}
	return nil
}

// shared is the column of an item that a percentage is of.
func (s *Schedule) shared(of, item Item, r *Rate) (int, error) {
	for j := range s.columns {
		if s.columns[j].item == item {
			return j, nil
		}
	}
	return 0, &Error{Pos: r.Pos, Item: of.String(), Value: item.String(), Want: fmt.Sprintf("%s is not billed by this tariff, so nothing is a percentage of it; price it, or take it out of the list", item), Err: ErrShare}
}

// fillShare adds a percentage to a line, days from <= k < end, and takes away
// what has no basis. What bounds the line is then what its cells come to.
func (s *Schedule) fillShare(dst *series.Frame, c *column, from, end int, reach *uint64) error {
	to := dst.Line(c.line)
	unit := pow10(defs[c.item].Scale - tickScale)
	for k := from; k < end; k++ {
		lo, hi := int(s.cal.days[k]), int(s.cal.days[k+1])
		f := &c.share.figures[c.share.of.time.pick[lo]]
		for _, l := range f.lines {
			of := dst.Line(l)
			for i := lo; i < hi; i++ {
				if !holds(of, i) {
					kernel.ClearRange(to.Valid, i, i+1)
				}
				to.Marks[i] |= of.Marks[i] & series.Flags
			}
		}
		var day [maxDay]int64
		cells := day[:hi-lo]
		if at := s.shareOf(cells, to, dst, f, lo); at < len(cells) {
			return tooLarge(s.schema, c.line, s.cal.span, lo+at)
		}
		for i, t := range cells {
			if kernel.MulAddChecked(to.Values[lo+i:lo+i+1], []int64{t}, []int64{unit}, to.Values[lo+i:lo+i+1]) == 0 {
				return tooLarge(s.schema, c.line, s.cal.span, lo+i)
			}
		}
	}
	lo, hi := int(s.cal.days[from]), int(s.cal.days[end])
	clearInvalid(to.Values[lo:hi], to, lo)
	*reach = kernel.Magnitude(to.Values[lo:hi])
	return nil
}

// maxDay is the half-hours of the longest day.
const maxDay = 50

// shareOf sets a day's cells to their part of the lines, in ticks. As for VAT,
// a half-hour that to does not hold adds nothing to the running total. It
// returns the first that cannot be held, or len(cells).
func (s *Schedule) shareOf(cells []int64, to series.Column, dst *series.Frame, f *sharing, lo int) int {
	var b bounded
	for _, l := range f.lines {
		b.add(kernel.Magnitude(dst.Line(l).Values[lo:lo+len(cells)]), uint64(s.unit(l)))
	}
	if bound, ok := b.times(f.num); ok {
		for _, l := range f.lines {
			kernel.AddScaled(cells, dst.Line(l).Values[lo:], s.unit(l))
		}
		clearInvalid(cells, to, lo)
		accrueDay(cells, f.num, f.per, bound)
		return len(cells)
	}
	return accrueWide(cells, f.num, f.per, func(i int, sum *wideSum) {
		if !holds(to, lo+i) {
			return
		}
		for _, l := range f.lines {
			sum.add(dst.Line(l).Values[lo+i], s.unit(l))
		}
	})
}

// unit brings a line of the charges to accrualScale.
func (s *Schedule) unit(l series.Line) int64 {
	return pow10(accrualScale - s.schema.Def(l).Scale)
}
