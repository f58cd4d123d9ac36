package tariffs

import (
	"fmt"

	"github.com/shopspring/decimal"

	"github.com/halfhour/halfhour/internal/kernel"
	"github.com/halfhour/halfhour/settlement"
)

// price fills a column from an item's charge on one basis.
func (s *Schedule) price(col *column, c *charge) error {
	switch c.basis {
	case PerKWh, PerKVArh:
		return s.priceEnergy(col, c)
	case PerKVADay:
		var err error
		col.perKVA, err = s.byDay(c, kvaPriceScale, "£/kVA")
		return err
	case PerKW:
		s.needs[GSP] = true
		if err := s.compileTriads(s.tariff); err != nil {
			return err
		}
		if err := s.tariff.checkTriads(s.cal.span, s.cal.problems); err != nil {
			return err
		}
		var err error
		col.perKW, err = s.byDay(c, kwScale, "£/kW")
		return err
	case Percent:
		col.share = &share{of: c}
		return nil
	}
	of, err := s.byDay(c, tickScale, "£")
	if err != nil {
		return err
	}
	if col.standing == nil {
		col.standing = make([]int64, s.cal.span.Len())
	}
	unit := pow10(defs[c.item].Scale - tickScale)
	for k := range len(s.cal.days) - 1 {
		lo, hi := s.cal.days[k], s.cal.days[k+1]
		addAllotted(col.standing[lo:hi], dayShare(c.basis, s.cal.day(k), of[k]), unit)
	}
	col.standMag = kernel.Magnitude(col.standing)
	return nil
}

// priceEnergy fills a column's prices for each half-hour.
func (s *Schedule) priceEnergy(col *column, c *charge) error {
	v, err := s.volumeOf(c)
	if err != nil {
		return err
	}
	c.volume, col.volume = v, v
	s.needs[v] = true
	col.priceScale = defs[c.item].Scale - volumes.Def(v).Scale
	col.price = make([]int64, s.cal.span.Len())
	var of []int64
	var part decimal.Decimal
	for k := range len(s.cal.days) - 1 {
		if p := s.part(c.item, s.cal.day(k)); of == nil || !p.Equal(part) {
			part = p
			if of, err = s.figures(c, part, col.priceScale); err != nil {
				return err
			}
		}
		for i := s.cal.days[k]; i < s.cal.days[k+1]; i++ {
			if at := c.time.pick[i]; at != none {
				col.price[i] = of[at]
			}
		}
	}
	if err := s.compileFollow(col, c); err != nil {
		return err
	}
	col.priceMag = kernel.Magnitude(col.price)
	col.levels = levels(col.price)
	col.long = col.levels != nil && len(col.levels)*long <= len(col.price)
	return nil
}

// volumeOf is what a charge is on: the catalogue's volume, the one its rates
// say, or what is left of it after an exemption.
func (s *Schedule) volumeOf(c *charge) (Volume, error) {
	v := defs[c.item].Volume
	said := false
	for i := range c.rates {
		r := &c.rates[i]
		if !c.used(int16(i)) {
			continue
		}
		at := defs[c.item].Volume
		if r.At != "" {
			at = measuredAt(r.At)
		}
		if said && at != v {
			if err := s.found(&Error{Pos: r.Pos, Item: c.item.String(), Value: r.At, Want: "within one bill an item is charged on one volume; make one bill up to the change and one from it", Err: ErrTariff}); err != nil {
				return v, err
			}
			continue
		}
		v, said = at, true
	}
	if s.exempt != nil && defs[c.item].EII {
		v = map[Volume]Volume{MSP: ChargeableMSP, GSP: ChargeableGSP, NBP: ChargeableNBP}[v]
	}
	return v, nil
}

// part is what of an item's rate is asked for on a day: all of it, but of CCL
// what a relief and qualifying use leave.
func (s *Schedule) part(item Item, d settlement.Day) decimal.Decimal {
	one := decimal.NewFromInt(1)
	if item != CCL {
		return one
	}
	if s.small {
		return decimal.Zero
	}
	t := s.cal.sup.termsOn(d)
	if t.Qualifying.GreaterThanOrEqual(wholly) {
		return decimal.Zero
	}
	return one.Sub(t.CCLShare.Mul(t.CCLRelief)).Mul(one.Sub(t.Qualifying))
}

// byDay is a charge's figure for each day, at a scale.
func (s *Schedule) byDay(c *charge, scale int, unit string) ([]int64, error) {
	out := make([]int64, len(s.cal.days)-1)
	for k := range out {
		at := c.time.pick[s.cal.days[k]]
		if at == none { // found already
			continue
		}
		r := &c.rates[at]
		v, ok := held(r.Price.GBP, scale)
		if !ok {
			if err := s.found(notHeld(c, r, r.Price.GBP, mostHeld(scale, unit))); err != nil {
				return nil, err
			}
			continue
		}
		out[k] = v
	}
	return out, nil
}

// figures are the prices of a charge's rates as integers, times part.
func (s *Schedule) figures(c *charge, part decimal.Decimal, scale int) ([]int64, error) {
	out := make([]int64, len(c.rates))
	for i := range c.rates {
		if !c.used(int16(i)) {
			continue
		}
		var err error
		if out[i], err = s.figure(c, &c.rates[i], c.rates[i].Price.GBP, part, scale); s.found(err) != nil {
			return nil, err
		}
	}
	return out, nil
}

// figure is a price, times the part of it that is asked for, as an integer.
func (s *Schedule) figure(c *charge, r *Rate, gbp, part decimal.Decimal, scale int) (int64, error) {
	most := mostHeld(scale, "£/"+c.basis.String())
	v, ok := held(gbp.Mul(part), scale)
	if _, whole := held(gbp, scale); !ok && whole {
		return 0, &Error{Pos: r.Pos, Item: c.item.String(), Value: r.Price.String(), Err: ErrPrice,
			Want: fmt.Sprintf("the supply's shares (ccl_share, ccl_relief, qualifying) leave %s of it, and £%s cannot be held exactly: what is charged has at most %s; state the shares in whole per cent", part, gbp.Mul(part), most)}
	}
	if !ok {
		return 0, notHeld(c, r, gbp, most)
	}
	return v, nil
}

// held is a figure as an integer at a scale, if it has no more decimals and is
// not too large.
func held(gbp decimal.Decimal, scale int) (int64, bool) {
	v, ok := scaled(gbp, scale)
	return v, ok && v <= maxFigure && v >= -maxFigure
}

// mostHeld is what figures can be held at a scale, in words.
func mostHeld(scale int, unit string) string {
	return fmt.Sprintf("%d decimals of %s, up to £%s", scale, unit, decimal.New(maxFigure, int32(-scale)))
}

func notHeld(c *charge, r *Rate, gbp decimal.Decimal, most string) error {
	return &Error{Pos: r.Pos, Item: c.item.String(), Value: r.Price.String(), Want: fmt.Sprintf("£%s cannot be held exactly: write at most %s", gbp, most), Err: ErrPrice}
}

// wholeRate bounds a percentage: ten times what it is of.
var wholeRate = decimal.NewFromInt(10)

// maxFigure keeps total × parts in allotted inside int64: 10^14, a million
// pounds in ticks, × 366 days.
const maxFigure = 100_000_000_000_000

func pow10(n int) int64 {
	p := int64(1)
	for range n {
		p *= 10
	}
	return p
}

// dayShare is what a day has of a figure in ticks: all of a price for a day;
// of a month's or a charging year's, its share by days, cumulatively.
func dayShare(b Basis, d settlement.Day, figure int64) int64 {
	from, n := d, int64(1)
	switch b {
	case PerMonth:
		from, n = d.Month().First(), int64(d.Month().Days())
	case PerYear:
		lo, hi := d.ChargingYear()
		from, n = lo, int64(hi-lo)
	}
	k := int64(d - from)
	return allotted(figure, k+1, n) - allotted(figure, k, n)
}
