package tariffs

import (
	"github.com/shopspring/decimal"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// Schedule is a tariff compiled for a span and the terms of a supply: integer
// price columns. It is immutable, and shared by every supply on the same
// terms; capacity and Triads stay in the supply.
type Schedule struct {
	name        string
	tariff      *Tariff
	conventions Conventions
	small       bool // for a bill of at most deMinimis kWh a day
	reduced     bool // the tariff has a reduced rate of VAT
	cal         *calendar
	made        *Supply // as the caller has it: the usual one to be charged, and not read
	schema      *series.Schema
	columns     []column
	charges     []charge
	shares      []int // columns with percentages, in the order they can be worked out
	vat         vat
	notes       Condition // how well the figures are known that are charged
	accrual     accrual
	factors     []factor
	needs       [numVolumes]bool
	exempt      []int64 // for each day, thousandths of the supply that an energy-intensive industry is exempt with; nil if none ever is
	triads      []triadYear
	block       int              // days charged at once: daysAtOnce, but in tests
	past        int              // cells of a cube that is stored past the caches: cellsPast, but in tests
	months      []int32          // for each day, the index of its month in the span
	bounds      []int32          // month i of the span is half-hours bounds[i] <= k < bounds[i+1]
	monthDay    []int32          // its days are monthDay[i] <= k < monthDay[i+1]
	summed      [numVolumes]bool // whether something is at one price for a whole month of a volume
}

// column is what one item's line of the charges is made from.
type column struct {
	item       Item
	line       series.Line
	volume     Volume
	priceScale int
	price      []int64 // GBP/kWh or GBP/kVArh × 10^priceScale, or nil
	priceMag   uint64
	levels     []level // the same prices by stretches, or nil
	long       bool    // and these are long enough to be multiplied one by one
	follow     *follow // the line of data that is added to them, or nil
	standing   []int64 // GBP × 10^scale of the item, or nil: what does not depend on the meter
	standMag   uint64
	perKVA     []int64        // for each day, GBP/kVA/day × 10^kvaPriceScale, or nil
	perKW      []int64        // for each day, GBP/kW × 10^kwScale, or nil
	share      *share         // a percentage of other lines, or nil
	unit       int64          // brings it to accrualScale
	read       bool           // it is a percentage, or one is of it
	sums       bool           // TotalByMonth does not make its cells, but has these:
	bands      []band         // its prices, month by month
	monthly    []series.Total // standing by month, or nil
}

// folds reports whether a half-hour's charge is a fixed price × a measured
// volume and standing charges, so that the VAT accrual need not read it.
func (c *column) folds() bool {
	return c.follow == nil && c.share == nil && c.perKVA == nil && c.perKW == nil && c.volume < Reactive
}

// level is half-hours lo <= i < hi at one price.
type level struct {
	lo, hi int
	price  int64
}

// long is how many half-hours a stretch has, on average, where a call for each costs
// less than reading the prices.
const long = 512

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
	item   Item
	basis  Basis
	volume Volume
	line   series.Line
	rates  []Rate
	time   *timeline
}

// used reports whether figure number i holds on any day of the span.
func (c *charge) used(i int16) bool {
	if c.time.stated[i].refused {
		return false
	}
	for _, set := range c.time.active {
		for _, k := range set {
			if k == i {
				return true
			}
		}
	}
	return false
}

// kvaPriceScale and kvaScale make ticks: 5 decimals of £/kVA and 3 of kVA.
const kvaPriceScale = tickScale - kvaScale

// The sources of charge lines that rest on no one volume: what is charged by
// time, and VAT, which is valid where every other line is. An item whose price
// follows a line of data, or that rests on a month's demand or on other items,
// is a source of its own.
const (
	standingSource = "standing"
	vatSource      = "vat"
)

// source names what the cells of a column rest on.
func (c *column) source() string {
	switch {
	case c.follow != nil || c.share != nil || c.item == DUoSExcessCapacity || c.item == TNUoSLocational:
		return c.item.String()
	case c.volume != NoVolume:
		return volumes.Def(c.volume).Source
	}
	return standingSource
}

// layOut makes the schema of the charges: one line for each item charged.
func (s *Schedule) layOut() error {
	var out []series.Def
	for i := range s.columns {
		c := &s.columns[i]
		c.line = series.Line(len(out))
		out = append(out, series.Def{Name: c.item.String(), Unit: series.GBP, Scale: defs[c.item].Scale, Source: c.source()})
		for k := range s.charges {
			if s.charges[k].item == c.item {
				s.charges[k].line = c.line
			}
		}
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
func (s *Schedule) VATRate() decimal.Decimal { return s.vat.rate }
