package tariffs

import (
	"fmt"
	"slices"

	"github.com/shopspring/decimal"

	"github.com/halfhour/halfhour/internal/kernel"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// Compile makes a schedule of whole local days for a validated supply, or any
// on the same terms. Every mistake a bill over the span would meet is found
// here: an item on a basis it cannot have (ErrBasis), a day or half-hour
// without a rate (ErrGap), two rates for one half-hour (ErrOverlap, ErrTwice),
// an undefined window, a price that cannot be held exactly (more than 8
// decimals of £/kWh or of £), a figure that is not confirmed where the tariff
// does not accept one (ErrUnconfirmed), a percentage of an item that is not
// billed or of itself (ErrShare), no VAT rate, or one that changes inside the
// span.
func (t *Tariff) Compile(span settlement.Span, sup *Supply) (*Schedule, error) {
	return t.compile(span, sup, false, nil)
}

// Small gives the schedule for a bill of at most 33 kWh a day: the reduced
// rate of VAT and no CCL. See IsSmall.
func (s *Schedule) Small() (*Schedule, error) {
	return s.tariff.compile(s.cal.span, s.cal.sup, true, nil)
}

func (t *Tariff) compile(span settlement.Span, sup *Supply, small bool, p *problems) (*Schedule, error) {
	if span.Empty() || !span.WholeDays() || span.Len() > series.MaxPeriods {
		return nil, &Error{Value: span.String(), Want: "compile for whole local days, at most twenty years of them", Err: ErrSpan}
	}
	if !printable(t.Name) {
		if err := p.found(&Error{Value: t.Name, Want: "a tariff's name is printed on the bill: write it without control characters", Err: ErrTariff}); err != nil {
			return nil, err
		}
	}
	cal, err := newCalendar(span, sup, t.Windows, p)
	if err != nil {
		return nil, err
	}
	s := &Schedule{name: t.Name, tariff: t, conventions: t.Conventions, small: small, cal: cal}
	if err := t.checkRates(cal); err != nil {
		return nil, err
	}
	s.compileExempt()
	for item := range Item(NumItems) {
		if err := s.found(s.compileItem(t, item)); err != nil {
			return nil, err
		}
	}
	for _, then := range []func() error{s.checkBands, func() error { return s.compileFactors(t) }, s.layOut, s.compileShares, s.compileAccrual} {
		if err := s.found(then()); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// found takes in a problem, which ends the work if it is returned.
func (s *Schedule) found(err error) error { return s.cal.problems.found(err) }

// compileExempt notes what share of each day is exempt.
func (s *Schedule) compileExempt() {
	for k := range len(s.cal.days) - 1 {
		share, _ := scaled(s.cal.sup.termsOn(s.cal.day(k)).EIIExempt, shareScale)
		if share != 0 && s.exempt == nil {
			s.exempt = make([]int64, len(s.cal.days)-1)
		}
		if s.exempt != nil {
			s.exempt[k] = share
		}
	}
}

// checkRates refuses rates that name what is not there.
func (t *Tariff) checkRates(cal *calendar) error {
	if err := t.checkPublished(cal.problems); err != nil {
		return err
	}
	for _, r := range t.Rates {
		if err := cal.checkWhen(r.When, r.Pos); err != nil {
			return err
		}
	}
	for _, f := range t.Factors {
		if err := cal.checkWhen(f.When, f.Pos); err != nil {
			return err
		}
	}
	for i := range t.Rates {
		for _, item := range t.Rates[i].Items {
			if t.Rates[i].Price.Published {
				continue
			}
			if err := cal.problems.found(checkBasis(item, &t.Rates[i])); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkWhen refuses a window and days there are none of.
func (c *calendar) checkWhen(w When, pos series.Pos) error {
	if c.undefined(w) {
		if err := c.problems.found(&Error{Pos: pos, Value: w.Window, Want: "define the window, or leave it out for every half-hour", Err: ErrWindow}); err != nil {
			return err
		}
	}
	if w.To != 0 && w.To <= w.From {
		return c.problems.found(&Error{Pos: pos, Value: w.To.String(), Want: fmt.Sprintf("to is the first day the rate no longer holds: a day after %s", w.From), Err: ErrTariff})
	}
	return nil
}

// checkBasis refuses what a rate of an item cannot have.
func checkBasis(item Item, r *Rate) error {
	def := &defs[item]
	bad := func(value, want string, err error) error {
		return &Error{Pos: r.Pos, Item: def.ID, Value: value, Want: want, Err: err}
	}
	perUnit := r.Price.Basis == PerKWh || r.Price.Basis == PerKVArh
	switch {
	case !slices.Contains(def.Bases, r.Price.Basis):
		return bad(r.Price.Unit, fmt.Sprintf("price it for each %s", join(def.Bases)), ErrBasis)
	case !perUnit && r.When.Window != "":
		return bad(r.When.Window, "only a price for energy can have a window", ErrWindow)
	case r.At != "" && (!def.Movable || measuredAt(r.At) == NoVolume):
		return bad(r.At, "only capacity-market and eii-support-levy can say where the energy is measured: MSP, GSP or NBP", ErrBasis)
	case len(r.Of) > 0 && (r.Price.Basis != Percent || item == VAT):
		return bad(r.Of[0].String(), "only a percentage is of other items, and VAT is of them all", ErrBasis)
	case r.Price.Basis == Percent && item != VAT && len(r.Of) == 0:
		return bad(r.Price.Unit, "say which items the percentage is of", ErrBasis)
	case r.Price.Index != "" && item == CCL:
		return bad(r.Price.Index, "the levy is a stated rate, of which reliefs take a share", ErrBasis)
	case r.Reduced && item != VAT:
		return bad("reduced", "only VAT has a reduced rate", ErrBasis)
	}
	return nil
}

func join(bases []Basis) string {
	s := bases[0].String()
	for _, b := range bases[1:] {
		s += " or " + b.String()
	}
	return s
}

// measuredAt is the volume a rate names.
func measuredAt(name string) Volume {
	for _, v := range []Volume{MSP, GSP, NBP} {
		if volumes.Def(v).Name == name {
			return v
		}
	}
	return NoVolume
}

// compileItem compiles an item on each basis the tariff prices it on.
func (s *Schedule) compileItem(t *Tariff, item Item) error {
	if item == VAT {
		return s.compileVAT(t)
	}
	col := column{item: item, volume: NoVolume}
	for _, basis := range defs[item].Bases {
		c := charge{item: item, basis: basis, volume: NoVolume}
		if err := s.resolve(t, &c); err != nil {
			return err
		}
		if c.time == nil {
			continue
		}
		if s.cal.sup.Export && defs[item].Takers {
			if err := s.found(&Error{Pos: c.rates[0].Pos, Item: item.String(), Value: "export", Want: "an export supply does not pay this; leave it out of its tariff", Err: ErrBasis}); err != nil {
				return err
			}
		}
		if err := s.found(s.price(&col, &c)); err != nil {
			return err
		}
		s.charges = append(s.charges, c)
	}
	// Where problems go on, what could not be priced is still there to be taken a percentage of.
	if col.price != nil || col.standing != nil || col.perKVA != nil || col.perKW != nil || col.share != nil || s.cal.problems != nil && t.names(item) {
		s.columns = append(s.columns, col)
	}
	return nil
}

// names reports whether the tariff has a rate of an item.
func (t *Tariff) names(item Item) bool {
	return slices.ContainsFunc(t.Rates, func(r Rate) bool { return slices.Contains(r.Items, item) })
}

// resolve lays out the rates of a charge over the span; c.time stays nil when
// there are none.
func (s *Schedule) resolve(t *Tariff, c *charge) error {
	var figures []stated
	for i := range t.Rates {
		r := &t.Rates[i]
		for _, item := range r.Items { // an item listed twice is two rates for one half-hour
			if item == c.item && r.Price.Basis == c.basis {
				c.rates = append(c.rates, *r)
				figures = append(figures, stated{r.When, r.Pos, s.cal.undefined(r.When) || checkBasis(item, r) != nil})
			}
		}
	}
	if len(figures) == 0 {
		return nil
	}
	var err error
	if c.time, err = s.cal.resolve(c.item.String(), figures, defs[c.item].Banded); err != nil {
		return err
	}
	for i := range c.rates {
		if r := &c.rates[i]; r.Status == Unconfirmed && !s.conventions.Unconfirmed && c.used(int16(i)) {
			if err := s.found(unconfirmed(r.Pos, c.item, r.Price.String(), r.Source)); err != nil {
				return err
			}
		}
	}
	return nil
}

func unconfirmed(pos series.Pos, item Item, figure, source string) error {
	return &Error{Pos: pos, Item: item.String(), Value: figure,
		Want: fmt.Sprintf("this figure could not be confirmed (%s); state the rate you agreed, or accept unconfirmed figures in [conventions]", source), Err: ErrUnconfirmed}
}

// price fills a column from an item's charge on one basis.
func (s *Schedule) price(col *column, c *charge) error {
	switch c.basis {
	case PerKWh, PerKVArh:
		return s.priceEnergy(col, c)
	case PerKVADay:
		var err error
		col.perKVA, err = s.byDay(c, kvaPriceScale, "5 decimals of £/kVA")
		return err
	case PerKW:
		s.needs[GSP] = true
		if err := s.compileTriads(s.tariff); err != nil {
			return err
		}
		var err error
		col.perKW, err = s.byDay(c, kwScale, "6 decimals of £/kW")
		return err
	case Percent:
		col.share = &share{of: c}
		return nil
	}
	of, err := s.byDay(c, tickScale, "8 decimals of £")
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
func (s *Schedule) byDay(c *charge, scale int, most string) ([]int64, error) {
	out := make([]int64, len(s.cal.days)-1)
	for k := range out {
		at := c.time.pick[s.cal.days[k]]
		if at == none { // found already
			continue
		}
		r := &c.rates[at]
		v, ok := scaled(r.Price.GBP, scale)
		if !ok || v > maxFigure || v < -maxFigure {
			if err := s.found(notHeld(c, r, r.Price.GBP, most)); err != nil {
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
		if out[i], err = s.figure(c, &c.rates[i], c.rates[i].Price.GBP.Mul(part), scale); s.found(err) != nil {
			return nil, err
		}
	}
	return out, nil
}

func (s *Schedule) figure(c *charge, r *Rate, gbp decimal.Decimal, scale int) (int64, error) {
	v, ok := scaled(gbp, scale)
	if !ok || v > maxFigure || v < -maxFigure {
		return 0, notHeld(c, r, gbp, fmt.Sprintf("%d decimals of £/%s", scale, c.basis))
	}
	return v, nil
}

func notHeld(c *charge, r *Rate, gbp decimal.Decimal, most string) error {
	return &Error{Pos: r.Pos, Item: c.item.String(), Value: r.Price.String(),
		Want: fmt.Sprintf("£%s cannot be held exactly: write at most %s, and less than a million pounds", gbp, most), Err: ErrPrice}
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
			if err := s.cal.problems.at(p, Error{Pos: c.rates[k].Pos, Item: c.item.String(), Err: ErrTwice},
				fmt.Sprintf("%s at %s covers ", held.item, held.rates[held.time.pick[i]].Pos), " too; make the bands disjoint"); err != nil {
				return err
			}
			continue
		}
		held = c
	}
	if held == nil && sound {
		return s.cal.problems.at(p, Error{Pos: bands[0].rates[0].Pos, Item: "duos", Err: ErrGap},
			"no red, amber or green band covers ", "; complete the windows")
	}
	return nil
}

// compileFactors lays out the loss factors the tariff states.
func (s *Schedule) compileFactors(t *Tariff) error {
	market := series.Market()
	for _, line := range []series.Line{series.LLF, series.TLM} {
		var figures []stated
		var of []Factor
		for _, f := range t.Factors {
			if f.Line == line {
				figures = append(figures, stated{f.When, f.Pos, s.cal.undefined(f.When)})
				of = append(of, f)
			}
		}
		if len(figures) == 0 {
			continue
		}
		time, err := s.cal.resolve(market.Def(line).Name, figures, false)
		if err != nil {
			return err
		}
		f := factor{line, make([]int64, len(time.pick)), make([]series.Mark, len(time.pick))}
		values := make([]int64, len(of))
		for i, o := range of {
			v, ok := scaled(o.Value, market.Def(line).Scale)
			if o.Published { // found already
				continue
			}
			if !ok || v <= 0 || v > 2*pow10(market.Def(line).Scale) {
				if err := s.found(&Error{Pos: o.Pos, Item: market.Def(line).Name, Value: o.Value.String(),
					Want: fmt.Sprintf("a factor above 0, at most 2, with at most %d decimals", market.Def(line).Scale), Err: ErrPrice}); err != nil {
					return err
				}
			}
			values[i] = v
		}
		for i, k := range time.pick {
			if k == none { // found already
				continue
			}
			f.cells[i] = values[k]
			if of[k].Status.condition() != 0 {
				f.marks[i] = series.Assumed
			}
		}
		s.factors = append(s.factors, f)
	}
	return nil
}
