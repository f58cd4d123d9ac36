package tariffs

import (
	"fmt"

	"github.com/shopspring/decimal"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// Explanation says how an item's charge for a half-hour, or for the half-hours
// of a day, came about: what was read, what it was adjusted to, at which price,
// from which source, and what that comes to.
type Explanation struct {
	Item       Item
	Span       settlement.Span // one half-hour, or a local day
	View       View
	Read       []Figure // readings, factors and indices, as the view holds them
	Volumes    []Figure // what was made of them
	Terms      []Term   // prices, one for each figure that holds in the span
	Parameters []Parameter
	Exact      decimal.Decimal // pounds, as the half-hours hold them
	Line       *Line           // the printed line the span is in, of the bill asked about
	Conditions Condition
}

// Figure is a line of data over the half-hours explained. Of energy, Value is
// the sum; of a factor or a price there are only Low and High.
type Figure struct {
	Name      string
	Unit      series.Unit
	Value     decimal.NullDecimal
	Low, High decimal.Decimal
	Held      int // half-hours of the span that hold it
	RunShare
}

// Term is a price and what it is multiplied by.
type Term struct {
	Basis     Basis
	Window    string
	Price     Price
	Part      decimal.Decimal // of the price that is asked for: less than 1 under a relief
	HalfHours int             // of the span in which it holds
	Quantity  decimal.NullDecimal
	Product   decimal.NullDecimal // unrounded; null where the amount is allotted
	Status    Status
	Source    string
	Pos       series.Pos
}

// Parameter is a figure of the supply that an amount rests on.
type Parameter struct {
	Name  string
	Value string
}

// Explain takes the charge of an item apart, over one half-hour or the half-
// hours of one local day of a bill made from the same frames. It fails with
// ErrItem when the tariff does not charge the item, with ErrSpan when the span
// is neither or is not of the bill, and with ErrMissing when a half-hour holds
// no charge.
func (s *Schedule) Explain(item Item, span settlement.Span, b *Bill, sup *Supply, vol, charges *series.Frame, in Inputs) (*Explanation, error) {
	s.check(charges, vol, sup)
	in.check(s.cal.span)
	day := span.From()
	if whole := day.Span(); span.Empty() || span != whole && span.Len() != 1 || b.From > day || day >= b.To {
		return nil, &Error{Item: item.String(), Value: span.String(), Want: fmt.Sprintf("explain one half-hour or one local day of the bill from %s to %s", b.From, b.To-1), Err: ErrSpan}
	}
	line, ok := s.Line(item)
	if !ok {
		return nil, &Error{Item: item.String(), Value: s.name, Want: "the tariff does not charge this item", Err: ErrItem}
	}
	lo, hi := s.cal.span.Index(span.Lo), s.cal.span.Index(span.Hi)
	cells := charges.Line(line)
	if cells.CountValid(lo, hi) < hi-lo {
		return nil, &Error{Item: item.String(), Value: (span.Lo + settlement.Period(cells.NextInvalid(lo, hi)-lo)).String(), Want: "this half-hour holds no charge: its volume, or the line its price follows, is missing", Err: ErrMissing}
	}
	x := &Explanation{Item: item, Span: span, View: b.View, Exact: cells.Sum(lo, hi).Decimal(s.schema.Def(line).Scale)}
	for i := range b.Lines {
		if l := &b.Lines[i]; l.Item == item && l.From <= day && day < l.To && x.Line == nil {
			x.Line, x.Conditions = l, l.Conditions
		}
	}
	if item == VAT {
		x.Conditions |= s.vat.condition
		x.Parameters = []Parameter{{"rate of VAT", s.vat.rate.String()}, {"on", "the exact charges of the half-hours; the bill's VAT is due on its printed lines"}}
		return x, nil
	}
	s.explainData(x, item, vol, in, lo, hi)
	for i := range s.charges {
		if c := &s.charges[i]; c.item == item {
			if err := s.explainCharge(x, c, sup, vol, charges, in, lo, hi); err != nil {
				return nil, err
			}
		}
	}
	return x, nil
}

// steps are the volumes on the way to each volume, and the lines of data they
// are made from.
var steps = map[Volume][]Volume{
	MSP: {MSP}, GSP: {MSP, GSP}, DistributionLosses: {MSP, GSP, DistributionLosses}, NBP: {MSP, GSP, NBP},
	TransmissionLosses: {MSP, GSP, NBP, TransmissionLosses}, Reactive: {MSP, Reactive}, Imbalance: {MSP, GSP, NBP, Imbalance},
	ChargeableMSP: {MSP, ChargeableMSP}, ChargeableGSP: {MSP, GSP, ChargeableGSP}, ChargeableNBP: {MSP, GSP, NBP, ChargeableNBP},
}

// explainData fills Read and Volumes.
func (s *Schedule) explainData(x *Explanation, item Item, vol *series.Frame, in Inputs, lo, hi int) {
	c := s.columnOf(item)
	read := func(f *series.Frame, lines ...series.Line) {
		for _, l := range lines {
			if f != nil {
				x.Read = append(x.Read, figure(f, l, lo, hi))
			}
		}
	}
	if c.volume == NoVolume {
		if item == DUoSExcessCapacity {
			read(in.Meter, s.metered(), series.RI, series.RE)
		}
		return
	}
	read(in.Meter, s.metered())
	if c.volume == Reactive {
		read(in.Meter, series.RI, series.RE)
	}
	for _, v := range steps[c.volume] {
		switch v {
		case GSP:
			read(in.Market, series.LLF)
		case NBP:
			read(in.Market, series.TLM)
		case Imbalance:
			read(in.Contract, series.Nominated)
		}
		x.Volumes = append(x.Volumes, figure(vol, v, lo, hi))
	}
	if f := c.follow; f != nil && f.contract {
		read(in.Contract, f.line)
	} else if f != nil {
		read(in.Market, f.line)
	}
}

// columnOf is the column of an item that is charged.
func (s *Schedule) columnOf(item Item) *column {
	for i := range s.columns {
		if s.columns[i].item == item {
			return &s.columns[i]
		}
	}
	panic("tariffs: no column for " + item.String())
}

// figure is what a frame holds of a line over half-hours lo <= i < hi.
func figure(f *series.Frame, l series.Line, lo, hi int) Figure {
	def, c := f.Schema().Def(l), f.Line(l)
	out := Figure{Name: def.Name, Unit: def.Unit, Held: c.CountValid(lo, hi), RunShare: RunShare{Source: def.Source}}
	first := true
	var low, high int64
	for i := lo; i < hi; i++ {
		if !holds(c, i) {
			continue
		}
		if v := c.Values[i]; first {
			low, high, first = v, v, false
		} else {
			low, high = min(low, v), max(high, v)
		}
		out.count(c.Marks[i])
	}
	out.Low, out.High = decimal.New(low, -int32(def.Scale)), decimal.New(high, -int32(def.Scale))
	if (def.Unit == series.KWh || def.Unit == series.KVArh) && out.Held == hi-lo {
		out.Value = decimal.NewNullDecimal(c.Sum(lo, hi).Decimal(def.Scale))
	}
	return out
}

// explainCharge adds the terms and parameters of an item on one basis.
func (s *Schedule) explainCharge(x *Explanation, c *charge, sup *Supply, vol, charges *series.Frame, in Inputs, lo, hi int) error {
	k := int(x.Span.From() - s.cal.from)
	for _, at := range c.time.active[c.time.days[k]] {
		r := &c.rates[at]
		t := Term{Basis: c.basis, Window: r.When.Window, Price: r.Price, Part: s.part(c.item, x.Span.From()), Status: r.Status, Source: r.Source, Pos: r.Pos}
		for i := lo; i < hi; i++ {
			if c.time.pick[i] == at {
				t.HalfHours++
			}
		}
		if t.HalfHours == 0 {
			continue
		}
		if c.basis == PerKWh || c.basis == PerKVArh {
			total, _, _ := pickSum(vol.Line(c.volume), c.time.pick, at, lo, hi, 0)
			quantity := total.Decimal(volumes.Def(c.volume).Scale)
			product := quantity.Mul(r.Price.GBP.Mul(t.Part))
			if r.Price.Index != "" {
				m := maker{s: s, sup: sup, vol: vol, charges: charges, in: in}
				var interim bool
				if product, interim = m.followed(c, at, lo, hi); interim {
					x.Conditions |= InterimRate
				}
			}
			t.Quantity, t.Product = decimal.NewNullDecimal(quantity), decimal.NewNullDecimal(product)
		}
		x.Terms = append(x.Terms, t)
	}
	return s.parameters(x, c, sup, vol, in, k)
}

// parameters adds what of the supply an amount rests on.
func (s *Schedule) parameters(x *Explanation, c *charge, sup *Supply, vol *series.Frame, in Inputs, k int) error {
	day := x.Span.From()
	add := func(name, format string, args ...any) {
		x.Parameters = append(x.Parameters, Parameter{name, fmt.Sprintf(format, args...)})
	}
	add("terms", "%s", sup.termsOn(day))
	switch {
	case c.item == DUoSExcessCapacity:
		first, last := s.monthAt(k)
		excess, err := s.monthExcess(in, sup, c.item, first, last)
		if err != nil {
			return err
		}
		kva, _, _ := sup.capacityOn(day)
		add("agreed capacity", "%s kVA", decimal.New(kva, -kvaScale))
		add("month's highest excess", "%s kVA, over %s to %s", decimal.New(excess, -demandScale), s.cal.day(first), s.cal.day(last-1))
	case c.basis == PerKVADay:
		kva, _, _ := sup.capacityOn(day)
		add("agreed capacity", "%s kVA", decimal.New(kva, -kvaScale))
	case c.basis == PerKW:
		for i := range s.triads {
			y := &s.triads[i]
			if y.from > day || day >= y.to {
				continue
			}
			sum, provisional := s.triadSum(y, vol, sup)
			add("demand in the Triads together", "%s kW at the grid supply point", kilowatts(sum))
			if provisional {
				x.Conditions |= ProvisionalTriad
			}
			for _, p := range y.at {
				add("Triad", "%s", p)
			}
			add("days of the charging year", "%d", y.to-y.from)
		}
	case c.basis == PerMonth:
		add("days of the month", "%d", day.Month().Days())
	case c.basis == PerYear:
		from, to := day.ChargingYear()
		add("days of the charging year", "%d", to-from)
	case c.basis == Percent:
		for _, item := range c.rateOn(k).Of {
			add("of", "%s", item)
		}
	}
	if s.exempt != nil && defs[c.item].EII {
		add("exempt as energy-intensive", "%s", sup.termsOn(day).EIIExempt)
	}
	add("half-hours of the day", "%d", day.Len())
	return nil
}
