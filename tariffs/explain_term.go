package tariffs

import (
	"fmt"
	"slices"

	"github.com/shopspring/decimal"

	"github.com/halfhour/halfhour/internal/kernel"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// Term is a price and what it is multiplied by.
type Term struct {
	Basis     Basis
	Window    string
	Price     Price
	Part      decimal.Decimal // of the price that is asked for: less than 1 under a relief
	HalfHours int             // of the span in which it holds

	// What one unit costs in these half-hours, in pounds, with Part taken: one
	// figure, unless the price follows an index.
	Low, High decimal.Decimal
	Indexed   int // half-hours priced by the index
	StoodIn   int // half-hours priced by what stands in for it

	Quantity decimal.NullDecimal // energy, or the pounds a percentage is of
	Product  decimal.NullDecimal // unrounded; null where the amount is of a day, a month or a year
	Earlier  decimal.NullDecimal // of a percentage: the pounds it is of in the day's earlier half-hours
	Allotted *Allotment          // how the amount of a day, a month or a year comes to the span, or nil
	Amount   decimal.Decimal     // pounds, as the half-hours hold them

	Status Status
	Source string
	Pos    series.Pos
}

// Allotment is how an amount comes down to a day and its half-hours, in ticks
// of £0.00000001. Both steps are cumulative, so that the parts add up to the
// whole: the day has Quantity × Rate × UpTo ÷ Per less Quantity × Rate ×
// Before ÷ Per, each to the tick, and half-hour k of n has the day's k ÷ n less
// its (k−1) ÷ n, each to the tick.
type Allotment struct {
	Quantity          decimal.Decimal
	Unit              string // kVA or kW; "" where the rate is the amount
	Rate              decimal.Decimal
	From, To          settlement.Day // the time the amount is of; To exclusive
	Number            int            // of the day among its days, from 1
	Before, UpTo, Per int64          // days, times whatever else the amount is multiplied and divided by
	Day               decimal.Decimal
	HalfHour          int // number in its day of the half-hour explained; 0 for the whole day
	Of                int // half-hours of the day
}

// explainer fills an explanation. Its maker's half-hours are those explained.
type explainer struct {
	maker
	x *Explanation
	k int // index of the day
}

func (e *explainer) add(name, format string, args ...any) {
	e.x.Parameters = append(e.x.Parameters, Parameter{name, fmt.Sprintf(format, args...)})
}

func (e *explainer) day() settlement.Day { return e.s.cal.day(e.k) }

// charged adds the terms and parameters of an item on one basis.
func (e *explainer) charged(c *charge) error {
	for _, at := range c.time.active[c.time.days[e.k]] {
		r := &c.rates[at]
		t := Term{Basis: c.basis, Window: r.When.Window, Price: r.Price, Part: e.s.part(c.item, e.day()), Status: r.Status, Source: r.Source, Pos: r.Pos}
		for i := e.lo; i < e.hi; i++ {
			if c.time.pick[i] == at {
				t.HalfHours++
			}
		}
		if t.HalfHours == 0 {
			continue
		}
		t.Low = r.Price.GBP.Mul(t.Part)
		t.High = t.Low
		switch c.basis {
		case PerKWh, PerKVArh:
			e.metered(&t, c, at)
		case Percent:
			f := &e.s.column(c).share.figures[at]
			for k, item := range r.Of {
				e.add("of", "%s, GBP %s", item, e.pounds(c.line, f.lines[k:k+1], e.lo, e.hi))
			}
			var cells [maxDay]int64
			lo, hi := e.ofDay()
			e.s.shareOf(cells[:hi-lo], e.charges.Line(c.line), e.charges, f, lo) // Charge has proved that they fit
			e.percentage(&t, c.line, f.lines, cells[e.lo-lo:e.hi-lo])
		default:
			if err := e.allot(&t, c); err != nil {
				return err
			}
		}
		e.x.Terms = append(e.x.Terms, t)
	}
	return nil
}

// ofDay is the half-hours of the day.
func (e *explainer) ofDay() (lo, hi int) {
	return int(e.s.cal.days[e.k]), int(e.s.cal.days[e.k+1])
}

// metered is the term of a price for energy.
func (e *explainer) metered(t *Term, c *charge, at int16) {
	total, _, _ := pickSum(e.vol.Line(c.volume), c.time.pick, at, e.lo, e.hi, 0)
	quantity := total.Decimal(volumes.Def(c.volume).Scale)
	t.Amount = quantity.Mul(t.Low)
	if t.Price.Index != "" {
		var interim bool
		if t.Amount, interim = e.followed(c, at, e.lo, e.hi); interim {
			e.x.Conditions |= InterimRate
		}
		e.indexed(t, c, at)
	}
	t.Quantity, t.Product = decimal.NewNullDecimal(quantity), decimal.NewNullDecimal(t.Amount)
}

// indexed is what a price that follows an index came to with it.
func (e *explainer) indexed(t *Term, c *charge, at int16) {
	col := e.s.column(c)
	index, given := col.follow.index(e.in)
	var low, high int64
	for i := e.lo; i < e.hi; i++ {
		if c.time.pick[i] != at {
			continue
		}
		price, first := col.follow.without[i], t.Indexed+t.StoodIn == 0
		if given && holds(index, i) {
			price = col.price[i] + index.Values[i]*col.follow.unit
			t.Indexed++
		} else {
			t.StoodIn++
		}
		if first {
			low, high = price, price
		}
		low, high = min(low, price), max(high, price)
	}
	t.Low, t.High = decimal.New(low, -int32(col.priceScale)), decimal.New(high, -int32(col.priceScale))
}

// percentage is the term of a percentage of lines, whose half-hours are ticks.
func (e *explainer) percentage(t *Term, of series.Line, lines []series.Line, ticks []int64) {
	from, _ := e.ofDay()
	base := e.pounds(of, lines, e.lo, e.hi)
	t.Quantity, t.Product = decimal.NewNullDecimal(base), decimal.NewNullDecimal(base.Mul(t.Price.GBP))
	t.Earlier = decimal.NewNullDecimal(e.pounds(of, lines, from, e.lo))
	hi, lo := kernel.Sum(ticks)
	t.Amount = series.Total{Hi: hi, Lo: lo}.Decimal(tickScale)
}

// pounds is what lines come to over the half-hours lo <= i < hi that line of
// holds.
func (e *explainer) pounds(of series.Line, lines []series.Line, lo, hi int) decimal.Decimal {
	to, sum := e.charges.Line(of), decimal.Zero
	for _, l := range lines {
		var total series.Total
		for i, v := range e.charges.Line(l).Values[lo:hi] {
			if holds(to, lo+i) {
				total = total.Add(series.TotalOf(v))
			}
		}
		sum = sum.Add(total.Decimal(e.s.schema.Def(l).Scale))
	}
	return sum
}

// allot is the term of an amount for a day, a month or a year.
func (e *explainer) allot(t *Term, c *charge) error {
	day := e.day()
	a := &Allotment{Quantity: decimal.NewFromInt(1), Rate: t.Price.GBP, From: day, To: day + 1, UpTo: 1, Per: 1, Of: day.Len()}
	var ticks int64
	switch c.basis {
	case PerKVADay:
		if c.item == DUoSExcessCapacity {
			var err error
			if ticks, err = e.excessTicks(a, c); err != nil {
				return err
			}
			break
		}
		kva, _, _ := e.sup.capacityOn(day)
		e.add("agreed capacity", "%s kVA", decimal.New(kva, -kvaScale))
		a.Quantity, a.Unit = decimal.New(kva, -kvaScale), "kVA"
		ticks, _ = quantityUpTo(kva, e.s.column(c).perKVA[e.k], 1, 1)
	case PerKW:
		ticks = e.triadTicks(a, c)
	default:
		if c.basis == PerMonth {
			a.From, a.To = day.Month().First(), day.Month().Next().First()
			e.add("days of the month", "%d", a.To-a.From)
		}
		if c.basis == PerYear {
			a.From, a.To = day.ChargingYear()
			e.add("days of the charging year", "%d", a.To-a.From)
		}
		a.Before, a.UpTo, a.Per = int64(day-a.From), int64(day-a.From)+1, int64(a.To-a.From)
		figure, _ := scaled(a.Rate, tickScale)
		ticks = dayShare(c.basis, day, figure)
	}
	a.Number = int(day-a.From) + 1
	a.Day = decimal.New(ticks, -tickScale)
	if e.x.Span.Len() == 1 {
		a.HalfHour = e.x.Span.Lo.Number()
	}
	var cells [maxDay]int64
	addAllotted(cells[:a.Of], ticks, 1)
	lo, _ := e.ofDay()
	high, low := kernel.Sum(cells[e.lo-lo : e.hi-lo])
	t.Allotted, t.Amount = a, series.Total{Hi: high, Lo: low}.Decimal(tickScale)
	return nil
}

// vat explains the VAT of half-hours, and that of the bill.
func (e *explainer) vat(b *Bill) {
	s := e.s
	line, _ := s.Line(VAT)
	rate := s.vat.rate.Shift(2)
	t := Term{Basis: Percent, Part: decimal.NewFromInt(1), HalfHours: e.hi - e.lo, Low: s.vat.rate, High: s.vat.rate, Pos: s.vat.pos,
		Price: Price{Value: rate, Unit: "%", Basis: Percent, GBP: s.vat.rate, text: rate.String() + " %"}}
	e.vatSource(&t)
	var lines []series.Line
	for l := range line { // VAT is the last
		lines = append(lines, l)
	}
	e.percentage(&t, line, lines, e.charges.Line(line).Values[e.lo:e.hi])
	e.x.Terms = append(e.x.Terms, t)
	e.x.Conditions |= s.vat.condition
	e.x.Due = &Due{Net: b.Net, Exact: b.Net.Mul(b.VATRate), Amount: b.VAT, Down: b.VATDown}
	e.add("of", "the exact charges of the half-hours; the bill's VAT is due on its printed lines")
	e.add("half-hours of the day", "%d", e.day().Len())
}

// vatSource says where the rate of VAT is from, or the two it is mixed from.
func (e *explainer) vatSource(t *Term) {
	terms, one := e.sup.termsOn(e.s.cal.from), decimal.NewFromInt(1)
	share := terms.Qualifying
	if e.s.small || share.GreaterThanOrEqual(wholly) {
		share = one
	}
	for i := range e.s.tariff.Rates {
		r := &e.s.tariff.Rates[i]
		part := share
		if !r.Reduced {
			part = one.Sub(share)
		}
		if !slices.Contains(r.Items, VAT) || part.IsZero() || !r.When.on(e.day(), terms) {
			continue
		}
		if t.Source != "" {
			t.Source += "; "
		}
		if !part.Equal(one) {
			t.Source += fmt.Sprintf("%s %% of the supply at %s: ", part.Shift(2), r.Price)
			e.add("rate of VAT", "%s on %s %% of the supply", r.Price, part.Shift(2))
		}
		t.Source += r.Source
		t.Status = max(t.Status, r.Status)
	}
}
