package tariffs

import (
	"fmt"

	"github.com/halfhour/halfhour/internal/kernel"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// follow is what a column whose price follows a line of data has besides its
// prices, which are then what is added to the line.
type follow struct {
	name     string
	line     series.Line
	contract bool // the line is of the contract, not of the market
	mode     []mode
	other    []int64 // price while the line has no value
	otherMag uint64
	unit     int64    // brings the line's decimals to the price's
	need     []uint64 // bitmap of the half-hours that have no price without the line
}

// mode is how a half-hour's price is made.
type mode uint8

const (
	fixed   mode = iota // as stated
	follows             // the line and what is stated
	either              // the same, or another price where the line has no value
)

// compileFollow finds what line an item's prices follow, if any: one, for an
// item's charges rest on one source.
func (s *Schedule) compileFollow(col *column, c *charge) error {
	for i, r := range c.rates {
		if r.Price.Index == "" || !c.used(int16(i)) {
			continue
		}
		line, contract, ok := indexLine(r.Price.Index)
		if !ok {
			if err := s.found(&Error{Pos: r.Pos, Item: c.item.String(), Value: r.Price.Index, Want: "an index is a price line of the market or the contract", Err: ErrPrice}); err != nil {
				return err
			}
			continue
		}
		if col.follow == nil {
			n := s.cal.span.Len()
			col.follow = &follow{name: r.Price.Index, line: line, contract: contract, mode: make([]mode, n), other: make([]int64, n),
				unit: pow10(col.priceScale - priceScale), need: make([]uint64, (n+63)/64)}
		}
		if f := col.follow; f.line != line || f.contract != contract {
			if err := s.found(&Error{Pos: r.Pos, Item: c.item.String(), Value: r.Price.Index,
				Want: fmt.Sprintf("within one bill an item follows one index, here %s; make one bill up to the change and one from it", f.name), Err: ErrTariff}); err != nil {
				return err
			}
		}
	}
	f := col.follow
	if f == nil {
		return nil
	}
	for i, k := range c.time.pick {
		if k == none || c.rates[k].Price.Index == "" {
			continue
		}
		f.mode[i] = follows
		kernel.SetRange(f.need, i, i+1)
		if c.rates[k].Price.Else.Valid {
			v, err := s.figure(c, &c.rates[k], c.rates[k].Price.Else.Decimal, col.priceScale)
			if s.found(err) != nil {
				return err
			}
			f.mode[i], f.other[i] = either, v
			kernel.ClearRange(f.need, i, i+1)
		}
	}
	f.otherMag = kernel.Magnitude(f.other)
	return nil
}

// index is the column of data that f follows.
func (f *follow) index(in Inputs) (series.Column, bool) {
	switch {
	case !f.contract:
		return in.Market.Line(f.line), true
	case in.Contract != nil:
		return in.Contract.Line(f.line), true
	}
	return series.Column{}, false
}

// maxIndex bounds an index at its own scale: £10 million/MWh.
const maxIndex = 1_000_000_000_000

// fillFollowing charges the half-hours lo <= i < hi of an item whose price
// follows a line of data. most bounds the volume. Half-hours without a price
// are cleared when their validity is set.
func (c *column) fillFollowing(dst, vol *series.Frame, in Inputs, most uint64, lo, hi int, span settlement.Span) error {
	to, from, f := dst.Line(c.line).Values, vol.Line(c.volume).Values, c.follow
	index, given := f.index(in)
	if given {
		if i := beyond(index, lo, hi); i < hi {
			return tooLarge(dst.Schema(), c.line, span, i)
		}
	}
	safe := kernel.Fits(most, max(c.priceMag+maxIndex*uint64(f.unit), f.otherMag), c.standMag)
	for i := lo; i < hi; i++ {
		price, standing := c.price[i], int64(0)
		switch {
		case f.mode[i] == fixed:
		case given && holds(index, i):
			price += index.Values[i] * f.unit
		case f.mode[i] == either:
			price = f.other[i]
		}
		if c.standing != nil {
			standing = c.standing[i]
		}
		if safe {
			to[i] = from[i]*price + standing
		} else if kernel.MulAddChecked(to[i:i+1], from[i:i+1], []int64{price}, []int64{standing}) == 0 {
			return tooLarge(dst.Schema(), c.line, span, i)
		}
	}
	return nil
}

// hold sets which half-hours of a column that follows a line of data hold a
// charge, and their marks: those with a volume and a price.
func (c *column) hold(to, from series.Column, in Inputs) {
	f := c.follow
	index, given := f.index(in)
	copy(to.Valid, from.Valid)
	copy(to.Marks, from.Marks)
	for w, need := range f.need {
		if given {
			need &^= index.Valid[w]
		}
		to.Valid[w] &^= need
	}
	if given {
		for i, m := range index.Marks {
			to.Marks[i] |= m & series.Flags
		}
	}
	clearInvalid(to)
}

// beyond is the first half-hour whose index cannot be a price, or hi.
func beyond(index series.Column, lo, hi int) int {
	if kernel.Magnitude(index.Values[lo:hi]) <= maxIndex {
		return hi
	}
	for i := lo; i < hi; i++ {
		if magnitude(index.Values[i]) > maxIndex {
			return i
		}
	}
	return hi
}
