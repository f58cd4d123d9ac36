package tariffs

import (
	"fmt"

	"github.com/shopspring/decimal"

	"github.com/halfhour/halfhour/internal/kernel"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// Schedule is a tariff compiled for a span and a line loss factor class:
// integer price columns. It is immutable, and shared by every meter of the
// class; what is a meter's own stays in its Supply.
type Schedule struct {
	name    string
	cal     *calendar
	schema  *series.Schema
	columns []column
	charges []charge
	vat     Rate
	accrual accrual
	factors []factor
}

// column is what one item's line of the charges is made from.
type column struct {
	item     Item
	line     series.Line
	volume   Volume
	price    []int64 // GBP/kWh × 10^priceScale, or nil
	priceMag uint64
	levels   []level // the same prices by stretches, or nil
	standing []int64 // GBP × 10^scale of the item, or nil: what does not depend on the meter
	standMag uint64
	perKVA   []int64 // for each day, GBP/kVA/day × 10^kvaPriceScale, or nil
}

// level is half-hours lo <= i < hi at one price.
type level struct {
	lo, hi int
	price  int64
}

// levels are the stretches of a price column over which it does not change, or
// nil when they are too short to be worth telling apart.
func levels(price []int64) []level {
	const worth = 8 // half-hours a stretch, on average
	var out []level
	for i := 0; i < len(price); {
		lo := i
		for i < len(price) && price[i] == price[lo] {
			i++
		}
		out = append(out, level{lo, i, price[lo]})
	}
	if len(out)*worth > len(price) {
		return nil
	}
	return out
}

// charge is an item on one basis: its rates over time, kept for the printed
// lines.
type charge struct {
	item  Item
	basis Basis
	rates []Rate
	time  *timeline
}

type factor struct {
	line  series.Line
	cells []int64
	marks []series.Mark
}

// kvaPriceScale and kvaScale make ticks: 5 decimals of £/kVA and 3 of kVA.
const kvaPriceScale = tickScale - kvaScale

// The sources of charge lines that rest on no one volume: what is charged by
// time, and VAT, which is valid where every other line is.
const (
	standingSource = "standing"
	vatSource      = "vat"
)

// Compile makes a schedule of whole local days. Every mistake a bill over the
// span would meet is found here: an item no rate basis of which is known, a
// day or half-hour without a rate (ErrGap), two rates for one half-hour
// (ErrOverlap, ErrTwice), an undefined window, a price that cannot be held
// exactly (more than 8 decimals of £/kWh or of £), no VAT rate, or one that
// changes inside the span.
func (t *Tariff) Compile(span settlement.Span, sup *Supply) (*Schedule, error) {
	if span.Empty() || !span.WholeDays() || span.Len() > series.MaxPeriods {
		return nil, &Error{Value: span.String(), Want: "compile for whole local days, at most twenty years of them", Err: ErrSpan}
	}
	if !printable(t.Name) {
		return nil, &Error{Value: t.Name, Want: "a tariff's name is printed on the bill: write it without control characters", Err: ErrTariff}
	}
	cal, err := newCalendar(span, sup, t.Windows)
	if err != nil {
		return nil, err
	}
	s := &Schedule{name: t.Name, cal: cal}
	if err := t.checkRates(cal); err != nil {
		return nil, err
	}
	for item := range Item(NumItems) {
		if err := s.compileItem(t, item); err != nil {
			return nil, err
		}
	}
	if err := s.checkBands(); err != nil {
		return nil, err
	}
	if err := s.compileFactors(t); err != nil {
		return nil, err
	}
	if err := s.layOut(); err != nil {
		return nil, err
	}
	return s, s.compileAccrual()
}

// checkRates refuses rates that name what is not there.
func (t *Tariff) checkRates(cal *calendar) error {
	if err := t.checkPublished(); err != nil {
		return err
	}
	whens := make([]stated, 0, len(t.Rates)+len(t.Factors))
	for _, r := range t.Rates {
		whens = append(whens, stated{r.When, r.Pos})
	}
	for _, f := range t.Factors {
		whens = append(whens, stated{f.When, f.Pos})
	}
	for _, w := range whens {
		if _, ok := cal.in[w.when.Window]; !ok && w.when.Window != "" && w.when.Window != Otherwise {
			return &Error{Pos: w.pos, Value: w.when.Window, Want: "define the window, or leave it out for every half-hour", Err: ErrWindow}
		}
		if w.when.To != 0 && w.when.To <= w.when.From {
			return &Error{Pos: w.pos, Value: w.when.To.String(), Want: fmt.Sprintf("to is the first day the rate no longer holds: a day after %s", w.when.From), Err: ErrTariff}
		}
	}
	for _, r := range t.Rates {
		for _, item := range r.Items {
			if err := checkBasis(item, r); err != nil {
				return err
			}
		}
	}
	return nil
}

func checkBasis(item Item, r Rate) error {
	def := defs[item]
	if len(def.Bases) == 0 {
		return &Error{Pos: r.Pos, Item: def.ID, Value: r.Price.Unit, Want: "this item is in the catalogue, but its basis is not priced by this version; bill it elsewhere and leave it out", Err: ErrBasis}
	}
	for _, b := range def.Bases {
		if b == r.Price.Basis {
			if b != PerKWh && r.When.Window != "" {
				return &Error{Pos: r.Pos, Item: def.ID, Value: r.When.Window, Want: "only a price for energy can have a window", Err: ErrWindow}
			}
			return nil
		}
	}
	return &Error{Pos: r.Pos, Item: def.ID, Value: r.Price.Unit, Want: fmt.Sprintf("price it for each %s", join(def.Bases)), Err: ErrBasis}
}

func join(bases []Basis) string {
	s := bases[0].String()
	for _, b := range bases[1:] {
		s += " or " + b.String()
	}
	return s
}

// compileItem compiles an item on each basis the tariff prices it on.
func (s *Schedule) compileItem(t *Tariff, item Item) error {
	col := column{item: item, volume: NoVolume}
	for _, basis := range defs[item].Bases {
		c := charge{item: item, basis: basis}
		var figures []stated
		for _, r := range t.Rates {
			for _, i := range r.Items {
				if i == item && r.Price.Basis == basis {
					c.rates = append(c.rates, r)
					figures = append(figures, stated{r.When, r.Pos})
				}
			}
		}
		if len(figures) == 0 {
			continue
		}
		var err error
		if c.time, err = s.cal.resolve(item.String(), figures, defs[item].Banded); err != nil {
			return err
		}
		if item == VAT {
			return s.setVAT(&c)
		}
		if err := s.price(&col, &c); err != nil {
			return err
		}
		s.charges = append(s.charges, c)
	}
	if item == VAT {
		return &Error{Item: "vat", Value: t.Name, Want: `state a rate, such as "20 %"; state "0 %" if none is due`, Err: ErrGap}
	}
	if col.price != nil || col.standing != nil || col.perKVA != nil {
		s.columns = append(s.columns, col)
	}
	return nil
}

func (s *Schedule) setVAT(c *charge) error {
	if len(c.time.active) > 1 {
		for k, set := range c.time.days {
			if set > 0 {
				day := s.cal.day(k)
				return &Error{Pos: c.rates[c.time.active[1][0]].Pos, Item: "vat", Value: day.String(), Want: "the rate changes inside the span; make one bill up to this day and one from it", Err: ErrTariff}
			}
		}
	}
	s.vat = c.rates[c.time.active[0][0]]
	return nil
}

// price fills a column from an item's charge on one basis.
func (s *Schedule) price(col *column, c *charge) error {
	switch c.basis {
	case PerKWh:
		col.volume = defs[c.item].Volume
		col.price = make([]int64, s.cal.span.Len())
		of, err := s.figures(c, priceScale, "8 decimals of £/kWh")
		if err != nil {
			return err
		}
		for i, k := range c.time.pick {
			if k != none {
				col.price[i] = of[k]
			}
		}
		col.priceMag = kernel.Magnitude(col.price)
		col.levels = levels(col.price)
	case PerKVADay:
		of, err := s.figures(c, kvaPriceScale, "5 decimals of £/kVA")
		if err != nil {
			return err
		}
		col.perKVA = make([]int64, len(s.cal.days)-1)
		for k := range col.perKVA {
			col.perKVA[k] = of[c.time.pick[s.cal.days[k]]]
		}
	default:
		of, err := s.figures(c, tickScale, "8 decimals of £")
		if err != nil {
			return err
		}
		if col.standing == nil {
			col.standing = make([]int64, s.cal.span.Len())
		}
		unit := pow10(defs[c.item].Scale - tickScale)
		for k := range len(s.cal.days) - 1 {
			lo, hi := s.cal.days[k], s.cal.days[k+1]
			addAllotted(col.standing[lo:hi], dayShare(c.basis, s.cal.day(k), of[c.time.pick[lo]]), unit)
		}
		col.standMag = kernel.Magnitude(col.standing)
	}
	return nil
}

// figures are the rates of a charge as integers.
func (s *Schedule) figures(c *charge, scale int, most string) ([]int64, error) {
	out := make([]int64, len(c.rates))
	for i, r := range c.rates {
		v, ok := scaled(r.Price.GBP, scale)
		if !ok || v > maxFigure || v < -maxFigure {
			return nil, &Error{Pos: r.Pos, Item: c.item.String(), Value: r.Price.Value.String() + " " + r.Price.Unit,
				Want: "the figure cannot be held exactly: write at most " + most + ", and less than a million pounds", Err: ErrPrice}
		}
		out[i] = v
	}
	return out, nil
}

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
	for i := range s.cal.span.Len() {
		var held *charge
		p := s.cal.span.Lo + settlement.Period(i)
		for _, c := range bands {
			k := c.time.pick[i]
			if k == none {
				continue
			}
			if held != nil {
				return &Error{Pos: c.rates[k].Pos, Item: c.item.String(), Value: p.String(),
					Want: fmt.Sprintf("%s at %s covers this half-hour too (%s); make the bands disjoint", held.item, held.rates[held.time.pick[i]].Pos, clockText(p.Clock())), Err: ErrTwice}
			}
			held = c
		}
		if held == nil {
			return &Error{Pos: bands[0].rates[0].Pos, Item: "duos", Value: p.String(),
				Want: fmt.Sprintf("no red, amber or green band covers this half-hour (%s); complete the windows", clockText(p.Clock())), Err: ErrGap}
		}
	}
	return nil
}

// compileFactors lays out the loss factors the tariff states.
func (s *Schedule) compileFactors(t *Tariff) error {
	market := series.Market()
	for line := range series.Line(market.Len()) {
		var figures []stated
		var of []Factor
		for _, f := range t.Factors {
			if f.Line == line {
				figures = append(figures, stated{f.When, f.Pos})
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
			if !ok || v <= 0 || v > 2*pow10(market.Def(line).Scale) {
				return &Error{Pos: o.Pos, Item: market.Def(line).Name, Value: o.Value.String(),
					Want: fmt.Sprintf("a factor above 0, at most 2, with at most %d decimals", market.Def(line).Scale), Err: ErrPrice}
			}
			values[i] = v
		}
		for i, k := range time.pick {
			f.cells[i] = values[k]
			if of[k].Status.condition() != 0 {
				f.marks[i] = series.Assumed
			}
		}
		s.factors = append(s.factors, f)
	}
	return nil
}

// layOut makes the schema of the charges: one line for each item charged.
func (s *Schedule) layOut() error {
	var out []series.Def
	for i := range s.columns {
		c := &s.columns[i]
		c.line = series.Line(len(out))
		source := standingSource
		if c.volume != NoVolume {
			source = volumes.Def(c.volume).Source
		}
		out = append(out, series.Def{Name: c.item.String(), Unit: series.GBP, Scale: defs[c.item].Scale, Source: source})
	}
	out = append(out, series.Def{Name: VAT.String(), Unit: series.GBP, Scale: tickScale, Source: vatSource})
	var err error
	s.schema, err = series.NewSchema("charges", out...)
	return err
}

// Schema is the schema of the charges the schedule makes: one line for each
// item it charges, in the catalogue's order, at the catalogue's scales.
func (s *Schedule) Schema() *series.Schema { return s.schema }

// Span is what the schedule was compiled for.
func (s *Schedule) Span() settlement.Span { return s.cal.span }

// Line is the line of an item in the schema, if the schedule charges it.
func (s *Schedule) Line(item Item) (series.Line, bool) { return s.schema.Lookup(item.String()) }

// VATRate is the rate of VAT as a fraction.
func (s *Schedule) VATRate() decimal.Decimal { return s.vat.Price.GBP }

// Losses fills the half-hours of a market frame that hold no loss factor with
// the ones the tariff states, marked series.Assumed where they are not
// published figures. What the frame holds is left alone.
func (s *Schedule) Losses(market *series.Frame) {
	if market.Schema() != series.Market() || market.Span() != s.cal.span {
		panic("tariffs: Losses takes a frame of Market over the schedule's span")
	}
	n := s.cal.span.Len()
	for _, f := range s.factors {
		c := market.Line(f.line)
		for i := c.NextInvalid(0, n); i < n; i = c.NextInvalid(i+1, n) {
			market.Set(f.line, s.cal.span.Lo+settlement.Period(i), f.cells[i], f.marks[i])
		}
	}
}
