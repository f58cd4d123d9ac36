package tariffs

import (
	"math/big"
	"math/bits"

	"github.com/halfhour/halfhour/internal/kernel"
	"github.com/halfhour/halfhour/series"
)

// accrual is what the VAT line is made from. The lines' volumes are three
// measurements of one energy (a loss is the difference of two), so a
// half-hour's whole charge is three products and not thirty.
type accrual struct {
	price    [3][]int64 // on MSP, GSP and NBP, so that volume × price is at accrualScale
	mag      [3]uint64
	standing []int64 // standing charges that do not depend on the meter, at accrualScale
	standMag uint64
	num      int64 // VAT in ticks = charge at accrualScale × num ÷ per
	per      int64
}

var measured = [3]Volume{MSP, GSP, NBP}

const (
	accrualScale = lossScale // the finest a charge is
	accrualTick  = 1_000_000 // 10^(accrualScale - tickScale)
)

func (s *Schedule) compileAccrual() error {
	a := &s.accrual
	n := s.cal.span.Len()
	a.standing = make([]int64, n)
	for k := range a.price {
		a.price[k] = make([]int64, n)
	}
	for i := range s.columns {
		c := &s.columns[i]
		for k, p := range c.price { // thirty prices below maxFigure × 1,000 fit
			switch c.volume {
			case MSP:
				a.price[0][k] += p * milliToMicro
			case GSP:
				a.price[1][k] += p
			case NBP:
				a.price[2][k] += p
			case DistributionLosses: // GSP − MSP
				a.price[1][k] += p
				a.price[0][k] -= p * milliToMicro
			case TransmissionLosses: // NBP − GSP
				a.price[2][k] += p
				a.price[1][k] -= p
			}
		}
		unit := pow10(accrualScale - defs[c.item].Scale)
		for k, v := range c.standing {
			a.standing[k] += v * unit
		}
	}
	for k := range a.price {
		a.mag[k] = kernel.Magnitude(a.price[k])
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
func (s *Schedule) accrue(dst, vol *series.Frame, most *magnitudes) error {
	vat := dst.Line(series.Line(s.schema.Len() - 1))
	clear(vat.Valid)
	kernel.SetRange(vat.Valid, 0, dst.Len())
	clear(vat.Marks)
	for k := range s.schema.Sources() - 1 {
		kernel.And(vat.Valid, dst.Source(k).Valid)
	}

	fits, bound := s.bound(dst, most)
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

// bound proves from the extremes whether a half-hour's charges can be added up
// in 64 bits, and gives a bound on what they come to, times num.
func (s *Schedule) bound(dst *series.Frame, most *magnitudes) (fits bool, bound int64) {
	a := &s.accrual
	var total uint64
	add := func(x, y uint64) {
		hi, lo := bits.Mul64(x, y)
		if total += min(lo, 1<<62); hi != 0 || total > 1<<62 {
			total = 1 << 62
		}
	}
	for k, v := range measured {
		add(most[v], a.mag[k])
	}
	add(a.standMag, 1)
	for i := range s.columns {
		if c := &s.columns[i]; c.perKVA != nil {
			add(kernel.Magnitude(dst.Line(c.line).Values), accrualTick)
		}
	}
	hi, lo := bits.Mul64(total, uint64(max(a.num, 1)))
	if hi != 0 || lo >= 1<<61 {
		return false, 0
	}
	return true, int64(lo)
}

// gather sets each cell to the half-hour's charges at accrualScale.
func (s *Schedule) gather(cells []int64, dst, vol *series.Frame, lo int) {
	a, n := &s.accrual, len(cells)
	msp, gsp, nbp := vol.Line(MSP).Values[lo:][:n], vol.Line(GSP).Values[lo:][:n], vol.Line(NBP).Values[lo:][:n]
	p, q, r, standing := a.price[0][lo:][:n], a.price[1][lo:][:n], a.price[2][lo:][:n], a.standing[lo:][:n]
	for i := range cells {
		cells[i] = msp[i]*p[i] + gsp[i]*q[i] + nbp[i]*r[i] + standing[i]
	}
	for k := range s.columns {
		if c := &s.columns[k]; c.perKVA != nil {
			for i, t := range dst.Line(c.line).Values[lo:][:n] {
				cells[i] += t * accrualTick
			}
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
			sum.Add(sum, x.SetInt64(a.standing[lo+i]))
			for k := range s.columns {
				if c := &s.columns[k]; c.perKVA != nil {
					x.SetInt64(dst.Line(c.line).Values[lo+i])
					sum.Add(sum, x.Mul(x, y.SetInt64(accrualTick)))
				}
			}
			for k, v := range measured {
				x.SetInt64(vol.Line(v).Values[lo+i])
				sum.Add(sum, x.Mul(x, y.SetInt64(a.price[k][lo+i])))
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
