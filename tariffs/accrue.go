package tariffs

import (
	"math/big"
	"math/bits"

	"github.com/halfhour/halfhour/internal/kernel"
	"github.com/halfhour/halfhour/series"
)

// accrual is what the VAT line is made from: for each volume line the sum of
// the prices on it, so that a half-hour's whole charge is five products and
// not thirty, and the rate of VAT as a fraction in lowest terms.
type accrual struct {
	sums     []priceSum
	standing []int64 // ticks of all standing charges that do not depend on the meter
	standMag uint64
	num      int64 // VAT in ticks = charge at accrualScale × num ÷ per
	per      int64
}

type priceSum struct {
	volume Volume
	price  []int64 // GBP/kWh × 10^priceScale
	mag    uint64
	unit   int64 // brings the volume's product to accrualScale
}

const (
	accrualScale = lossScale // the finest a charge is
	accrualTick  = 1_000_000 // 10^(accrualScale - tickScale)
)

func (s *Schedule) compileAccrual() error {
	a := &s.accrual
	n := s.cal.span.Len()
	a.standing = make([]int64, n)
	for v := range Volume(volumes.Len()) {
		sum := priceSum{volume: v, price: make([]int64, n), unit: pow10(accrualScale - volumes.Def(v).Scale - priceScale)}
		used := false
		for i := range s.columns {
			if c := &s.columns[i]; c.volume == v && c.price != nil {
				used = true
				for k, p := range c.price {
					sum.price[k] += p // 30 × maxFigure fits
				}
			}
		}
		if sum.mag = kernel.Magnitude(sum.price); used {
			a.sums = append(a.sums, sum)
		}
	}
	for i := range s.columns {
		if c := &s.columns[i]; c.standing != nil {
			unit := pow10(defs[c.item].Scale - tickScale)
			for k, v := range c.standing {
				a.standing[k] += v / unit // exact: standing cells are whole ticks
			}
		}
	}
	a.standMag = kernel.Magnitude(a.standing)

	rate := s.vat.Price.GBP.Rat()
	per := new(big.Int).Mul(rate.Denom(), big.NewInt(accrualTick))
	if rate.Sign() < 0 || rate.Cmp(big.NewRat(1, 1)) > 0 || !per.IsInt64() || per.BitLen() > 40 {
		return &Error{Pos: s.vat.Pos, Item: VAT.String(), Value: s.vat.Price.Value.String(), Want: "a rate from 0 to 100 %, with at most 4 decimals", Err: ErrPrice}
	}
	a.num, a.per = rate.Num().Int64(), per.Int64()
	return nil
}

// accrue fills the VAT line: the rate on the exact charges of each half-hour,
// allotted to ticks cumulatively through each day. It is valid where every
// other line is.
func (s *Schedule) accrue(dst, vol *series.Frame) error {
	vat := dst.Line(series.Line(s.schema.Len() - 1))
	clear(vat.Valid)
	kernel.SetRange(vat.Valid, 0, dst.Len())
	clear(vat.Marks)
	for k := range s.schema.Sources() - 1 {
		kernel.And(vat.Valid, dst.Source(k).Valid)
	}

	fits, bound := s.bound(dst, vol)
	for k := range len(s.cal.days) - 1 {
		lo, hi := int(s.cal.days[k]), int(s.cal.days[k+1])
		cells := vat.Values[lo:hi]
		if fits {
			s.gather(cells, dst, vol, lo)
			dropInvalid(cells, vat, lo)
			accrueDay(cells, s.accrual.num, s.accrual.per, bound)
		} else if i := s.accrueWide(cells, dst, vol, vat, lo); i < len(cells) {
			return tooLarge(s.schema, series.Line(s.schema.Len()-1), s.cal.span, lo+i)
		}
	}
	return nil
}

// bound proves from the extremes whether a day's charges can be added up in
// 64 bits, and gives a bound on what they come to, times num.
func (s *Schedule) bound(dst, vol *series.Frame) (fits bool, bound int64) {
	a := &s.accrual
	var total uint64
	add := func(x, y, z uint64) {
		hi1, lo1 := bits.Mul64(x, y)
		hi2, lo2 := bits.Mul64(lo1, z)
		var carry uint64
		if total, carry = bits.Add64(total, lo2, 0); hi1|hi2|carry != 0 {
			total = 1 << 63
		}
		total = min(total, 1<<63)
	}
	for i := range a.sums {
		add(kernel.Magnitude(vol.Line(a.sums[i].volume).Values), a.sums[i].mag, uint64(a.sums[i].unit))
	}
	add(a.standMag, accrualTick, 1)
	for i := range s.columns {
		if c := &s.columns[i]; c.perKVA != nil {
			add(kernel.Magnitude(dst.Line(c.line).Values), accrualTick, 1)
		}
	}
	const longestDay = 50
	hi, lo := bits.Mul64(total, longestDay*uint64(max(a.num, 1)))
	if hi != 0 || lo >= 1<<61 {
		return false, 0
	}
	return true, int64(lo)
}

// gather sets each cell to the half-hour's charges at accrualScale.
func (s *Schedule) gather(cells []int64, dst, vol *series.Frame, lo int) {
	a, hi := &s.accrual, lo+len(cells)
	for i, t := range a.standing[lo:hi] {
		cells[i] = t * accrualTick
	}
	for k := range s.columns {
		if c := &s.columns[k]; c.perKVA != nil {
			for i, t := range dst.Line(c.line).Values[lo:hi] {
				cells[i] += t * accrualTick
			}
		}
	}
	for k := range a.sums {
		p := &a.sums[k]
		price := p.price[lo:hi]
		for i, v := range vol.Line(p.volume).Values[lo:hi] {
			cells[i] += v * price[i] * p.unit
		}
	}
}

// dropInvalid clears the cells that vat does not hold.
func dropInvalid(cells []int64, vat series.Column, lo int) {
	hi := lo + len(cells)
	for i := vat.NextInvalid(lo, hi); i < hi; i = vat.NextInvalid(i+1, hi) {
		cells[i-lo] = 0
	}
}

// accrueWide is a day of gather and accrueDay in 128 bits. It returns the
// first cell that does not fit, or len(cells).
func (s *Schedule) accrueWide(cells []int64, dst, vol *series.Frame, vat series.Column, lo int) int {
	a := &s.accrual
	sum, before, per := new(big.Int), new(big.Int), big.NewInt(a.per)
	x, y := new(big.Int), new(big.Int)
	for i := range cells {
		if _, ok := vat.At(lo + i); ok {
			x.SetInt64(a.standing[lo+i])
			for k := range s.columns {
				if c := &s.columns[k]; c.perKVA != nil {
					x.Add(x, y.SetInt64(dst.Line(c.line).Values[lo+i]))
				}
			}
			x.Mul(x, y.SetInt64(accrualTick))
			sum.Add(sum, x)
			for k := range a.sums {
				p := &a.sums[k]
				x.SetInt64(vol.Line(p.volume).Values[lo+i])
				x.Mul(x, y.SetInt64(p.price[lo+i]))
				sum.Add(sum, x.Mul(x, y.SetInt64(p.unit)))
			}
		}
		upTo := floorHalfUp(sum, a.num, per)
		x.Sub(upTo, before)
		if !x.IsInt64() {
			return i
		}
		cells[i] = x.Int64()
		before = upTo
	}
	return len(cells)
}
