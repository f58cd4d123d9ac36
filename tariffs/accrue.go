package tariffs

import (
	"math/big"
	"math/bits"

	"github.com/halfhour/halfhour/internal/kernel"
	"github.com/halfhour/halfhour/series"
)

// accrual is what the VAT line is made from. Most lines' volumes are three
// measurements of one energy (a loss is the difference of two), so what they
// come to in a half-hour is three products; the other lines are read.
type accrual struct {
	price    [3][]int64 // on MSP, GSP and NBP, so that volume × price is at accrualScale
	mag      [3]uint64
	standing []int64 // standing charges that do not depend on the meter, at accrualScale
	standMag uint64
	lines    []series.Line // lines that are not among these
	units    []int64       // bring them to accrualScale
	num      int64         // VAT in ticks = charge at accrualScale × num ÷ per
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
		unit := pow10(accrualScale - defs[c.item].Scale)
		if c.unit = unit; !c.folds() {
			a.lines, a.units = append(a.lines, c.line), append(a.units, unit)
			continue
		}
		for k, p := range c.price { // thirty prices below maxFigure × 1,000 fit
			p *= unit
			switch c.volume {
			case MSP:
				a.price[0][k] += p
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
		for k, v := range c.standing {
			a.standing[k] += v * unit
		}
	}
	for k := range a.price {
		a.mag[k] = kernel.Magnitude(a.price[k])
	}
	a.standMag = kernel.Magnitude(a.standing)

	rate, ok := s.vat.rate.Rat(), false
	a.num, a.per, ok = fraction(rate)
	if !ok || rate.Sign() < 0 || rate.Cmp(big.NewRat(1, 1)) > 0 {
		return &Error{Pos: s.vat.pos, Item: VAT.String(), Value: s.vat.rate.String(), Want: "a rate from 0 to 100 %, with at most 4 decimals", Err: ErrPrice}
	}
	return nil
}

// accrue fills the VAT line for days k <= d < end: the rate on the exact charges
// of each half-hour, allotted to ticks cumulatively through each day. It is valid
// where every other line is. Its cells hold what the charges of each half-hour come to,
// as far as 64 bits hold it.
func (s *Schedule) accrue(c *charging, k, end int) error {
	line := series.Line(s.schema.Len() - 1)
	vat := c.dst.Line(line)
	lo, hi := int(s.cal.days[k]), int(s.cal.days[end])
	bound, fits := s.bound(c, lo, hi)
	if fits {
		clearInvalid(vat.Values[lo:hi], vat, lo)
		if bound >= fitsDay && c.totals == nil { // it is often far above what there is
			of := bounded(kernel.Magnitude(vat.Values[lo:hi]))
			if least, ok := of.times(s.accrual.num); ok {
				bound = min(bound, least)
			}
		}
	}
	for ; k < end; k++ {
		lo := int(s.cal.days[k])
		day := vat.Values[lo:s.cal.days[k+1]]
		switch {
		case !fits:
			if i := s.accrueDayWide(day, c.dst, c.vol, vat, lo); i < len(day) {
				return tooLarge(s.schema, line, s.cal.span, lo+i)
			}
			if c.totals != nil {
				hi, lo := kernel.Sum(day)
				c.totals.Add(line, int(s.months[k]), series.Total{Hi: hi, Lo: lo})
			}
		case c.totals != nil: // the parts of a day are what its sum is rounded to
			hi, lo := kernel.Sum(day)
			c.totals.Add(line, int(s.months[k]), series.TotalOf(accruedDay(hi, lo, s.accrual.num, s.accrual.per)))
		default:
			accrueDay(day, s.accrual.num, s.accrual.per, bound)
		}
	}
	return nil
}

// bounded adds up bounds on products, up to what is of no use.
type bounded uint64

const unbounded = 1 << 62

func (b *bounded) add(x, y uint64) {
	hi, lo := bits.Mul64(x, y)
	if *b += bounded(min(lo, unbounded)); hi != 0 || *b > unbounded {
		*b = unbounded
	}
}

// times bounds the sum × num, as accrueDay wants it.
func (b bounded) times(num int64) (bound int64, ok bool) {
	hi, lo := bits.Mul64(uint64(b), max(magnitude(num), 1))
	return int64(lo), hi == 0 && lo < 1<<61
}

// bound proves whether the charges of each half-hour lo <= i < hi can be added up
// in 64 bits, and gives a bound on what they come to, times num. It goes by what
// the lines are made of, and by their cells where that does not settle it.
func (s *Schedule) bound(c *charging, lo, hi int) (int64, bool) {
	a := &s.accrual
	var known bounded
	for k, v := range measured {
		known.add(c.most[v], a.mag[k])
	}
	known.add(a.standMag, 1)
	b := known
	for k, l := range a.lines {
		b.add(c.reach[l], uint64(a.units[k]))
	}
	if bound, ok := b.times(a.num); ok {
		return bound, true
	}
	for k, l := range a.lines {
		known.add(kernel.Magnitude(c.dst.Line(l).Values[lo:hi]), uint64(a.units[k]))
	}
	return known.times(a.num)
}

// measure sets each cell to what its half-hour's volumes and standing charges come
// to, at accrualScale. The lines that are not among these are added as they are made.
func (s *Schedule) measure(cells []int64, vol *series.Frame, lo int) {
	a := &s.accrual
	var of, price [3][]int64
	for k, v := range measured {
		of[k], price[k] = vol.Line(v).Values[lo:], a.price[k][lo:]
	}
	kernel.Dot3(cells, &of, &price, a.standing[lo:])
}

// accrueDayWide is a day of gather and accrueDay in as many bits as it takes.
// It returns the first cell that does not fit, or len(cells).
func (s *Schedule) accrueDayWide(cells []int64, dst, vol *series.Frame, vat series.Column, lo int) int {
	a := &s.accrual
	return accrueWide(cells, a.num, a.per, func(i int, sum *wideSum) {
		if !holds(vat, lo+i) {
			return
		}
		sum.add(a.standing[lo+i], 1)
		for k, l := range a.lines {
			sum.add(dst.Line(l).Values[lo+i], a.units[k])
		}
		for k, v := range measured {
			sum.add(vol.Line(v).Values[lo+i], a.price[k][lo+i])
		}
	})
}

// wideSum is a sum of products of any size.
type wideSum struct{ sum, x, y big.Int }

func (w *wideSum) add(a, b int64) {
	w.x.SetInt64(a)
	w.y.SetInt64(b)
	w.sum.Add(&w.sum, w.x.Mul(&w.x, &w.y))
}

// accrueWide is accrueDay for charges that charge adds to the running sum. It
// returns the first cell that does not fit, or len(cells).
func accrueWide(cells []int64, num, per int64, charge func(i int, sum *wideSum)) int {
	var sum wideSum
	before, by := new(big.Int), big.NewInt(per)
	for i := range cells {
		charge(i, &sum)
		upTo := floorHalfUp(&sum.sum, num, by)
		part := new(big.Int).Sub(upTo, before)
		if !part.IsInt64() {
			return i
		}
		cells[i] = part.Int64()
		before = upTo
	}
	return len(cells)
}
