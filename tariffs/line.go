package tariffs

import (
	"github.com/shopspring/decimal"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// maker makes the lines of one bill.
type maker struct {
	s      *Schedule
	sup    *Supply
	vol    *series.Frame
	lo, hi int // half-hours billed
	lines  []Line
}

// charge makes the lines of one item on one basis: a new one starts where the
// item's own figures change, or the parameter they are multiplied by.
func (m *maker) charge(c *charge) error {
	first, last := m.dayAt(m.lo), m.dayAt(m.hi)
	for k := first; k < last; {
		end := k + 1
		for end < last && c.time.days[end] == c.time.days[k] && m.alike(c, k, end) {
			end++
		}
		switch c.basis {
		case PerKWh:
			m.energy(c, k, end)
		default:
			m.standing(c, k, end)
		}
		k = end
	}
	return nil
}

// dayAt is the index of the day that starts at half-hour i.
func (m *maker) dayAt(i int) int {
	return int((m.s.cal.span.Lo + settlement.Period(i)).Day() - m.s.cal.from)
}

// alike reports whether day j can stand on the line that starts on day k.
func (m *maker) alike(c *charge, k, j int) bool {
	a, b := m.s.cal.day(k), m.s.cal.day(j)
	switch c.basis {
	case PerKVADay:
		_, ea, _ := m.sup.capacityOn(a)
		_, eb, _ := m.sup.capacityOn(b)
		return ea == eb
	case PerYear:
		la, _ := a.ChargingYear()
		lb, _ := b.ChargingYear()
		return la == lb
	case PerMonth:
		return a.Month() == b.Month()
	}
	return true
}

// energy is the line of an item charged on a volume, days k <= d < end.
func (m *maker) energy(c *charge, k, end int) {
	from, to := int(m.s.cal.days[k]), int(m.s.cal.days[end])
	volume := defs[c.item].Volume
	scale := volumes.Def(volume).Scale
	col := m.vol.Line(volume)
	line := Line{Item: c.item, From: m.s.cal.day(k), To: m.s.cal.day(end), Unit: PerKWh.String(), Divisor: 1}
	flags := series.AnyOf(col.Marks[from:to])
	for _, at := range c.time.active[c.time.days[k]] {
		r := &c.rates[at]
		total, seen, held := pickSum(col, c.time.pick, at, from, to, flags)
		part := Part{Window: r.When.Window, Quantity: total.Decimal(scale), Rate: r.Price.GBP}
		part.Exact = part.Quantity.Mul(part.Rate)
		line.Parts = append(line.Parts, part)
		line.Quantity = line.Quantity.Add(part.Quantity)
		line.Exact = line.Exact.Add(part.Exact)
		if held { // a figure that no half-hour needed moves no penny
			line.Conditions |= r.Status.condition() | condition(seen)
		}
	}
	if len(line.Parts) == 1 {
		line.Rate = decimal.NewNullDecimal(line.Parts[0].Rate)
	}
	line.Amount = roundPenny(line.Exact, 1)
	m.lines = append(m.lines, line)
}

// pickSum is the volume of the half-hours at which figure number at holds,
// the flags among flags that they carry, and whether there are any.
func pickSum(col series.Column, pick []int16, at int16, from, to int, flags series.Mark) (total series.Total, seen series.Mark, held bool) {
	for i := from; i < to; {
		if pick[i] != at {
			i++
			continue
		}
		end := i + 1
		for end < to && pick[end] == at {
			end++
		}
		total = total.Add(col.Sum(i, end))
		if flags != 0 {
			seen |= series.AnyOf(col.Marks[i:end])
		}
		i, held = end, true
	}
	return total, seen, held
}

// condition is what flags mean on a bill.
func condition(m series.Mark) Condition {
	var c Condition
	for flag, what := range map[series.Mark]Condition{
		series.Estimated: EstimatedReads, series.Assumed: AssumedLosses, series.Rounded: RoundedReads, series.Merged: MergedDay,
	} {
		if m.Has(flag) {
			c |= what
		}
	}
	return c
}

// whole reports whether the last line made is whole months of an item up to a
// day.
func (m *maker) whole(item Item, to settlement.Day) bool {
	if len(m.lines) == 0 {
		return false
	}
	l := &m.lines[len(m.lines)-1]
	return l.Item == item && l.Unit == PerMonth.String() && l.To == to
}

// standing is the line of an item charged by time, days k <= d < end.
func (m *maker) standing(c *charge, k, end int) {
	r := &c.rates[c.time.active[c.time.days[k]][0]]
	line := Line{Item: c.item, From: m.s.cal.day(k), To: m.s.cal.day(end), Unit: PerDay.String(), Divisor: 1,
		Rate: decimal.NewNullDecimal(r.Price.GBP), Conditions: r.Status.condition()}
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
