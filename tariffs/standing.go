package tariffs

import (
	"github.com/shopspring/decimal"

	"github.com/halfhour/halfhour/internal/kernel"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// whole reports whether the last line made is whole months of an item up to a
// day.
func (m *maker) whole(item Item, to settlement.Day) bool {
	if len(m.lines) == 0 {
		return false
	}
	l := &m.lines[len(m.lines)-1]
	return l.Item == item && l.Unit == PerMonth.String() && l.To == to
}

// rateOn is the rate of a charge without windows on day k.
func (c *charge) rateOn(k int) *Rate { return &c.rates[c.time.active[c.time.days[k]][0]] }

// standing is the line of an item charged by time, days k <= d < end.
func (m *maker) standing(c *charge, k, end int) {
	r := c.rateOn(k)
	line := m.start(c, k, end, PerDay.String())
	line.Rate, line.Conditions = decimal.NewNullDecimal(r.Price.GBP), r.Status.condition()
	days := int64(end - k)
	line.Quantity = decimal.NewFromInt(days)
	switch c.basis {
	case PerKVADay:
		kva, _, _ := m.sup.capacityOn(line.From)
		line.Unit = PerKVADay.String()
		line.Quantity = decimal.New(kva, -kvaScale).Mul(line.Quantity)
	case PerMonth:
		if line.Divisor = int64(line.From.Month().Days()); days == line.Divisor {
			line.Unit, line.Quantity, line.Divisor = PerMonth.String(), decimal.NewFromInt(1), 1
		}
	case PerYear:
		lo, hi := line.From.ChargingYear()
		if line.Divisor = int64(hi - lo); days == line.Divisor {
			line.Unit, line.Quantity, line.Divisor = PerYear.String(), decimal.NewFromInt(1), 1
		}
	}
	if line.Unit == PerMonth.String() && k > 0 && c.time.days[k-1] == c.time.days[k] && m.whole(c.item, line.From) {
		before := m.lines[len(m.lines)-1] // one line for the whole months at one rate
		m.lines = m.lines[:len(m.lines)-1]
		line.From, line.Quantity = before.From, before.Quantity.Add(line.Quantity)
	}
	line.Exact = line.Quantity.Mul(r.Price.GBP)
	line.Amount = roundPenny(line.Exact, line.Divisor)
	if line.Divisor > 1 { // a quotient: what its half-hours come to, in ticks
		figure, _ := scaled(r.Price.GBP, tickScale)
		var ticks int64
		for d := line.From; d < line.To; d++ {
			ticks += dayShare(c.basis, d, figure)
		}
		line.Exact = decimal.New(ticks, -tickScale)
	}
	m.lines = append(m.lines, line)
}

// percent is the line of a percentage of other items.
func (m *maker) percent(c *charge, k, end int) {
	from, to := int(m.s.cal.days[k]), int(m.s.cal.days[end])
	r := c.rateOn(k)
	line := m.start(c, k, end, poundUnit)
	line.Rate, line.Conditions = decimal.NewNullDecimal(r.Price.GBP), r.Status.condition()
	f := &m.s.column(c).share.figures[c.time.active[c.time.days[k]][0]]
	for _, l := range f.lines {
		line.Quantity = line.Quantity.Add(m.charges.Line(l).Sum(from, to).Decimal(m.s.schema.Def(l).Scale))
	}
	var ticks series.Total
	for d := k; d < end; d++ {
		lo, hi := int(m.s.cal.days[d]), int(m.s.cal.days[d+1])
		var day [maxDay]int64
		m.s.shareOf(day[:hi-lo], m.charges.Line(c.line), m.charges, f, lo) // Charge has proved that they fit
		hiSum, loSum := kernel.Sum(day[:hi-lo])
		ticks = ticks.Add(series.Total{Hi: hiSum, Lo: loSum})
	}
	line.Exact = ticks.Decimal(tickScale)
	line.Amount = roundPenny(line.Quantity.Mul(r.Price.GBP), 1)
	line.Allotted = true
	m.lines = append(m.lines, line)
}

// excess is the line of a month's excess capacity.
func (m *maker) excess(c *charge, k, end int) error {
	r := c.rateOn(k)
	line := m.start(c, k, end, PerKVADay.String())
	line.Rate, line.Allotted = decimal.NewNullDecimal(r.Price.GBP), true
	first, last := m.s.monthAt(k)
	excess, err := m.s.monthExcess(m.in, m.sup, c.item, first, last)
	if err != nil {
		return err
	}
	rate := m.s.column(c).perKVA[k]
	start := m.s.cal.day(first)
	upTo, _ := m.s.excessUpTo(excess, rate, start, end-first, last-first)
	before, _ := m.s.excessUpTo(excess, rate, start, k-first, last-first)
	line.Exact = decimal.New(upTo-before, -tickScale)
	a, parts := m.s.excessDays(start.Month(), start, end-first, last-first)
	b, _ := m.s.excessDays(start.Month(), start, k-first, last-first)
	if line.Divisor = parts; (a-b)%parts == 0 {
		a, b, line.Divisor = (a-b)/parts, 0, 1
	}
	line.Quantity = decimal.New(excess, -demandScale).Mul(decimal.NewFromInt(a - b))
	line.Amount = roundPenny(line.Quantity.Mul(r.Price.GBP), line.Divisor)
	lo, hi := int(m.s.cal.days[first]), int(m.s.cal.days[last])
	line.Conditions = r.Status.condition() | m.duos(c.item) | m.unread(lo, hi) | m.behind(c, lo, hi) | condition(series.AnyOf(m.charges.Line(c.line).Marks[lo:hi]))
	m.lines = append(m.lines, line)
	return nil
}

// triads is the line of a charging year's demand in the Triads.
func (m *maker) triads(c *charge, k, end int) {
	r := c.rateOn(k)
	line := m.start(c, k, end, kwDay)
	line.Rate, line.Allotted = decimal.NewNullDecimal(r.Price.GBP), true
	var y *triadYear
	for i := range m.s.triads {
		if t := &m.s.triads[i]; t.from <= line.From && line.From < t.to {
			y = t
		}
	}
	sum, provisional := m.s.triadSum(y, m.vol, m.sup)
	line.Conditions = r.Status.condition() | y.condition | condition(series.AnyOf(m.charges.Line(c.line).Marks[m.s.cal.days[k]:m.s.cal.days[end]]))
	if provisional {
		line.Conditions |= ProvisionalTriad
	}
	rate := m.s.column(c).perKW[k]
	upTo, _ := triadUpTo(sum, rate, y, int64(line.To-y.from))
	before, _ := triadUpTo(sum, rate, y, int64(line.From-y.from))
	line.Exact = decimal.New(upTo-before, -tickScale)

	days, of, thirds := int64(end-k), int64(y.to-y.from), int64(3)
	if sum%3 == 0 {
		sum, thirds = sum/3, 1
	}
	if line.Divisor = of * thirds; days == of {
		days, line.Divisor, line.Unit = 1, thirds, PerKW.String()
	}
	line.Quantity = kilowatts(sum).Mul(decimal.NewFromInt(days))
	line.Amount = roundPenny(line.Quantity.Mul(r.Price.GBP), line.Divisor)
	m.lines = append(m.lines, line)
}

// inherit gives the lines of percentages what the lines they are of have to
// say: a share of an estimate is an estimate.
func (m *maker) inherit() {
	for _, i := range m.s.shares {
		of := m.s.columns[i].share.of
		for k := range m.lines {
			l := &m.lines[k]
			if l.Item != of.item || l.Unit != poundUnit {
				continue
			}
			for _, item := range of.rateOn(int(l.From - m.s.cal.from)).Of {
				for j := range m.lines {
					if b := &m.lines[j]; b.Item == item && b.From < l.To && l.From < b.To {
						l.Conditions |= b.Conditions
					}
				}
			}
		}
	}
}
