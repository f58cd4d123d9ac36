package tariffs

import (
	"fmt"
	"slices"

	"github.com/shopspring/decimal"

	"github.com/halfhour/halfhour/internal/kernel"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// follow is what a column whose price follows a line of data has besides its
// prices, which are then what is added to the line.
type follow struct {
	name     string
	line     series.Line
	contract bool     // the line is of the contract, not of the market
	on       []uint64 // bitmap of the half-hours whose price follows the line
	without  []int64  // price where it does not, or where the line has no value
	mag      uint64   // bounds without
	unit     int64    // brings the line's decimals to the price's
	need     []uint64 // bitmap of the half-hours that have no price without the line
}

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
			words := (s.cal.span.Len() + 63) / 64
			col.follow = &follow{name: r.Price.Index, line: line, contract: contract, on: make([]uint64, words), without: slices.Clone(col.price),
				unit: pow10(col.priceScale - priceScale), need: make([]uint64, words)}
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
		kernel.SetRange(f.on, i, i+1)
		kernel.SetRange(f.need, i, i+1)
		if c.rates[k].Price.Else.Valid {
			v, err := s.figure(c, &c.rates[k], c.rates[k].Price.Else.Decimal, decimal.NewFromInt(1), col.priceScale)
			if s.found(err) != nil {
				return err
			}
			f.without[i] = v
			kernel.ClearRange(f.need, i, i+1)
		}
	}
	f.mag = kernel.Magnitude(f.without)
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
// follows a line of data, adds them to what VAT is on, and sets what bounds them.
// Which half-hours have a price is known: the others are cleared, and have no VAT.
func (c *column) fillFollowing(to, vat []int64, q *charging, lo, hi int, span settlement.Span, reach *uint64) error {
	from, f, most := q.vol.Line(c.volume).Values, c.follow, q.most[c.volume]
	index, given := f.index(q.in)
	mag := uint64(0)
	if given {
		if mag = kernel.Magnitude(index.Values[lo:hi]); mag > maxIndex {
			if i := beyond(index, lo, hi); i < hi {
				return tooLarge(q.dst.Schema(), c.line, span, i)
			}
		}
	}
	price := max(c.priceMag+mag*uint64(f.unit), f.mag)
	var b bounded
	b.add(most, price)
	b.add(c.standMag, 1)
	*reach = uint64(b)
	safe, narrow := kernel.Fits(most, price, c.standMag), most <= kernel.Narrow && price < kernel.Narrow
	past := q.past && !c.read && c.standing == nil
	for i := lo; i < hi; {
		end, on := hi, false
		if given {
			end, on = f.stretch(index, i, hi)
		}
		to, vat := to[i-lo:end-lo], vat[i-lo:end-lo]
		switch {
		case !safe:
			if at := c.followChecked(to, from, index, i, on); at < len(to) {
				return tooLarge(q.dst.Schema(), c.line, span, i+at)
			}
		case on && narrow && past:
			kernel.StreamLinear32(to, vat, from[i:end], index.Values[i:end], f.unit, c.price[i:end], c.unit)
			i = end
			continue
		case on && narrow:
			kernel.MulLinear32(to, from[i:end], index.Values[i:end], f.unit, c.price[i:end])
		case on:
			kernel.MulLinear(to, from[i:end], index.Values[i:end], f.unit, c.price[i:end])
		default:
			kernel.Mul(to, from[i:end], f.without[i:end])
		}
		if safe && c.standing != nil {
			kernel.AddScaled(to, c.standing[i:end], 1)
		}
		if c.share == nil { // else once it is there
			c.accrue(vat, to, *reach)
		}
		i = end
	}
	if past && q.dst.Line(c.line).NextInvalid(lo, hi) < hi { // what is cleared was stored before
		kernel.Fence()
	}
	clearInvalid(to, q.dst.Line(c.line), lo)
	return nil
}

// stretch is the end of the half-hours from i on that are alike: on says
// whether their price follows the index and the index has a value.
func (f *follow) stretch(index series.Column, i, hi int) (end int, on bool) {
	end = min(kernel.NextClear(f.on, i, hi), kernel.NextClear(index.Valid, i, hi))
	if end > i {
		return end, true
	}
	for end < hi {
		next := max(kernel.NextSet(f.on, end, hi), kernel.NextSet(index.Valid, end, hi))
		if next == end {
			break
		}
		end = next
	}
	return end, false
}

// followChecked is a stretch of fillFollowing, from half-hour lo on, where a product
// may pass what a cell holds. It returns the first that does, or len(to).
func (c *column) followChecked(to, from []int64, index series.Column, lo int, on bool) int {
	for k := range to {
		i := lo + k
		price, standing := c.follow.without[i], int64(0)
		if on {
			price = c.price[i] + index.Values[i]*c.follow.unit
		}
		if c.standing != nil {
			standing = c.standing[i]
		}
		if kernel.MulAddChecked(to[k:k+1], from[i:i+1], []int64{price}, []int64{standing}) == 0 {
			return k
		}
	}
	return len(to)
}

// hold takes from to the half-hours that have no price, and with marks adds the
// flags of the index.
func (f *follow) hold(to series.Column, in Inputs, marks bool) {
	index, given := f.index(in)
	for w, need := range f.need {
		if given {
			need &^= index.Valid[w]
		}
		to.Valid[w] &^= need
	}
	if given && marks {
		flag(to.Marks, index.Marks)
	}
}

// beyond is the first half-hour whose index cannot be a price, or hi.
func beyond(index series.Column, lo, hi int) int {
	for i := lo; i < hi; i++ {
		if magnitude(index.Values[i]) > maxIndex {
			return i
		}
	}
	return hi
}
