package tariffs

import (
	"github.com/shopspring/decimal"

	"github.com/halfhour/halfhour/internal/kernel"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// maker makes the lines of one bill.
type maker struct {
	s       *Schedule
	sup     *Supply
	vol     *series.Frame
	charges *series.Frame
	in      Inputs
	view    View
	lo, hi  int  // half-hours billed
	byRun   bool // some readings come from a settlement run
	lines   []Line
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
		case PerKWh, PerKVArh:
			m.energy(c, k, end)
		case Percent:
			m.percent(c, k, end)
		case PerKW:
			m.triads(c, k, end)
		case PerKVADay:
			if c.item == DUoSExcessCapacity {
				if err := m.excess(c, k, end); err != nil {
					return err
				}
				break
			}
			m.standing(c, k, end)
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
	switch {
	case c.item == DUoSExcessCapacity:
		return a.Month() == b.Month()
	case c.basis == PerKVADay:
		_, ea, _ := m.sup.capacityOn(a)
		_, eb, _ := m.sup.capacityOn(b)
		return ea == eb
	case c.basis == PerYear || c.basis == PerKW:
		la, _ := a.ChargingYear()
		lb, _ := b.ChargingYear()
		return la == lb
	case c.basis == PerMonth:
		return a.Month() == b.Month()
	case c.item == CCL:
		return m.s.part(CCL, a).Equal(m.s.part(CCL, b))
	case m.s.exempt != nil && defs[c.item].EII:
		return m.s.exempt[k] == m.s.exempt[j]
	}
	return true
}

// start is a line of a charge for days k <= d < end, without its figures.
func (m *maker) start(c *charge, k, end int, unit string) Line {
	return Line{Item: c.item, From: m.s.cal.day(k), To: m.s.cal.day(end), Unit: unit, Divisor: 1}
}

// energy is the line of an item charged on a volume, days k <= d < end.
func (m *maker) energy(c *charge, k, end int) {
	from, to := int(m.s.cal.days[k]), int(m.s.cal.days[end])
	line := m.start(c, k, end, c.basis.String())
	line.Volume = volumes.Def(c.volume).Name
	line.Conditions = m.duos(c.item) | m.behind(c, from, to)
	flags := series.AnyOf(m.charges.Line(c.line).Marks[from:to])
	for _, at := range c.time.active[c.time.days[k]] {
		p, notes := m.part(c, at, from, to, flags)
		line.Conditions |= notes
		line.Parts = append(line.Parts, p)
		line.Quantity = line.Quantity.Add(p.Quantity)
		line.Exact = line.Exact.Add(p.Exact)
	}
	if len(line.Parts) == 1 {
		line.Rate = line.Parts[0].Rate
	}
	if c.item == DUoSReactive {
		line.Conditions |= m.unread(from, to)
	}
	line.Amount = roundPenny(line.Exact, 1)
	m.lines = append(m.lines, line)
}

// part is what of a line figure number at holds for, and what a reader must
// know of it. A figure that no energy needed moves no penny, and is not said
// to be badly known.
func (m *maker) part(c *charge, at int16, from, to int, flags series.Mark) (p Part, notes Condition) {
	r := &c.rates[at]
	col := m.vol.Line(c.volume)
	col.Marks = m.charges.Line(c.line).Marks // those of all that the charge rests on
	total, seen, held := pickSum(col, c.time.pick, at, from, to, flags)
	p = Part{Window: r.When.Window, Quantity: total.Decimal(volumes.Def(c.volume).Scale),
		Rate: decimal.NewNullDecimal(r.Price.GBP.Mul(m.s.part(c.item, (m.s.cal.span.Lo + settlement.Period(from)).Day())))}
	p.Exact = p.Quantity.Mul(p.Rate.Decimal)
	if held {
		notes |= condition(seen)
	}
	if defs[c.item].Movable && r.At == "" {
		notes |= UnsettledVolume
	}
	stated := held && !p.Quantity.IsZero()
	if r.Price.Index != "" {
		interim := false
		p.Rate, p.Price = decimal.NullDecimal{}, r.Price.String()
		if p.Exact, interim = m.followed(c, at, from, to); interim {
			notes |= InterimRate
		}
		stated = stated && (interim || !r.Price.GBP.IsZero())
	}
	if stated {
		notes |= r.Status.condition()
	}
	return p, notes
}

// behind says whether the run asked for has not landed for what a line rests
// on, so that an earlier one speaks.
func (m *maker) behind(c *charge, from, to int) Condition {
	if !m.view.OfRun {
		return 0
	}
	for _, col := range m.s.restsOn(c, m.in) {
		for i, mark := range col.Marks[from:to] {
			if run := mark.Run(); run != settlement.Untagged && run < m.view.Run && holds(col, from+i) {
				return MissingRun
			}
		}
	}
	return 0
}

// restsOn are the lines of data that a charge on energy or demand rests on.
func (s *Schedule) restsOn(c *charge, in Inputs) []series.Column {
	rests := append(s.reads(c.item, c.volume, in), adjustedBy(c.volume, in)...)
	if f := s.column(c).follow; f != nil {
		if index, given := f.index(in); given {
			rests = append(rests, index)
		}
	}
	return rests
}

// reads are the readings that an item on a volume rests on, the active energy
// first.
func (s *Schedule) reads(item Item, v Volume, in Inputs) []series.Column {
	reads := []series.Column{in.Meter.Line(s.metered())}
	if v == Reactive || item == DUoSExcessCapacity {
		reads = append(reads, in.Meter.Line(series.RI), in.Meter.Line(series.RE))
	}
	return reads
}

// adjustedBy are the lines of the market and the contract that a volume is made
// with.
func adjustedBy(v Volume, in Inputs) (by []series.Column) {
	for _, step := range steps[v] {
		switch {
		case step == GSP:
			by = append(by, in.Market.Line(series.LLF))
		case step == NBP:
			by = append(by, in.Market.Line(series.TLM))
		case step == Imbalance && in.Contract != nil:
			by = append(by, in.Contract.Line(series.Nominated))
		}
	}
	return by
}

// followed is what the half-hours of figure number at come to where its price
// follows a line of data, and whether that line is missing for some energy.
func (m *maker) followed(c *charge, at int16, from, to int) (exact decimal.Decimal, interim bool) {
	col := m.s.column(c)
	index, given := col.follow.index(m.in)
	vol := m.vol.Line(c.volume)
	var sum series.Total
	for i := from; i < to; i++ {
		if c.time.pick[i] != at {
			continue
		}
		price := col.follow.without[i]
		if given && holds(index, i) {
			price = col.price[i] + index.Values[i]*col.follow.unit
		} else if vol.Values[i] != 0 {
			interim = true
		}
		hi, lo := kernel.Mul64(vol.Values[i], price)
		sum = sum.Add(series.Total{Hi: hi, Lo: lo})
	}
	return sum.Decimal(defs[c.item].Scale), interim
}

// column is the column of a charge.
func (s *Schedule) column(c *charge) *column { return &s.columns[c.line] }

// duos is what a distributor's charge on readings says of itself.
func (m *maker) duos(item Item) Condition {
	if defs[item].DUoS && m.byRun {
		return RunVolumes
	}
	return 0
}

// unread says whether half-hours with active energy lack reactive readings.
func (m *maker) unread(from, to int) (c Condition) {
	a, ri, re := m.in.Meter.Line(m.s.metered()), m.in.Meter.Line(series.RI), m.in.Meter.Line(series.RE)
	for i := from; i < to; i++ {
		if a.Values[i] <= 0 {
			continue
		}
		switch {
		case holds(ri, i) && holds(re, i):
		case holds(ri, i) || holds(re, i):
			c |= OneReactive
		default:
			c |= NoReactive
		}
	}
	return c
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

// Units of quantity that are not those of a basis.
const (
	poundUnit = "GBP"    // what a percentage is of
	kwDay     = "kW-day" // part of a charging year's kW
)
