package tariffs

import (
	"errors"
	"fmt"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// ErrUncharged says that a tariff does not charge an item it was asked about.
var ErrUncharged = errors.New("not charged by tariff")

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
	Exact      decimal.Decimal // pounds, as the half-hours hold them: the terms' amounts together
	Lines      []*Line         // the printed lines the span is in, of the bill asked about: one for each basis
	Due        *Due            // of VAT, which has no line: what the bill asks for
	Note       string          // what a reader must know of how it was worked out, or ""
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

// Parameter is a figure of the supply that an amount rests on.
type Parameter struct {
	Name  string
	Value string
}

// Due is the VAT of a bill: on the sum of its printed lines, not of its half-
// hours.
type Due struct {
	Net    decimal.Decimal // the printed lines together
	Exact  decimal.Decimal // Net × the rate
	Amount decimal.Decimal // to the penny
	Down   bool            // cut to it, instead of rounded half away from zero
}

// Rounding is the rule by which VAT comes to the penny.
func (d *Due) Rounding() string {
	if d.Down {
		return "cut to the penny"
	}
	return "rounded half away from zero"
}

// Explain takes the charge of an item apart, over one half-hour or the half-
// hours of one local day of a bill made from the same frames. It fails with
// ErrUncharged when the tariff does not charge the item, with ErrSpan when the
// span is neither or is not of the bill, and with ErrMissing when a half-hour
// holds no charge.
func (s *Schedule) Explain(item Item, span settlement.Span, b *Bill, sup *Supply, vol, charges *series.Frame, in Inputs) (*Explanation, error) {
	s.check(charges, vol, sup)
	in.check(s.cal.span)
	day := span.From()
	if whole := day.Span(); span.Empty() || span != whole && span.Len() != 1 || b.From > day || day >= b.To {
		return nil, &Error{Item: item.String(), Value: span.String(), Want: fmt.Sprintf("explain one half-hour or one local day of the bill from %s to %s", b.From, b.To-1), Err: ErrSpan}
	}
	line, ok := s.Line(item)
	if !ok {
		return nil, &Error{Item: item.String(), Value: s.name, Want: "it has no rate of this item for the days billed; it charges " + s.charged(), Err: ErrUncharged}
	}
	lo, hi := s.cal.span.Index(span.Lo), s.cal.span.Index(span.Hi)
	cells := charges.Line(line)
	if cells.CountValid(lo, hi) < hi-lo {
		return nil, &Error{Item: item.String(), Value: (span.Lo + settlement.Period(cells.NextInvalid(lo, hi)-lo)).String(), Want: "this half-hour holds no charge: its volume, or the line its price follows, is missing", Err: ErrMissing}
	}
	x := &Explanation{Item: item, Span: span, View: b.View, Exact: cells.Sum(lo, hi).Decimal(s.schema.Def(line).Scale)}
	for i := range b.Lines {
		if l := &b.Lines[i]; l.Item == item && l.From <= day && day < l.To {
			x.Lines = append(x.Lines, l)
			x.Conditions |= l.Conditions
		}
	}
	e := &explainer{maker: maker{s: s, sup: sup, vol: vol, charges: charges, in: in, lo: lo, hi: hi}, x: x, k: int(day - s.cal.from)}
	if item == VAT {
		e.vat(b)
		return x, nil
	}
	s.explainData(x, item, vol, in, lo, hi)
	e.add("terms", "%s", sup.termsOn(day))
	for i := range s.charges {
		if c := &s.charges[i]; c.item == item {
			if err := e.charged(c); err != nil {
				return nil, err
			}
		}
	}
	if s.exempt != nil && defs[item].EII {
		e.add("exempt as energy-intensive", "%s", sup.termsOn(day).EIIExempt)
	}
	e.add("half-hours of the day", "%d", day.Len())
	return x, nil
}

// charged names the items the schedule charges.
func (s *Schedule) charged() string {
	var names []string
	for l := range series.Line(s.schema.Len()) {
		names = append(names, s.schema.Def(l).Name)
	}
	return strings.Join(names, ", ")
}

// Label says which half-hours are explained: those of a day, or one by its
// number and by the clock, with GMT or BST, for the long day has two of some.
func (x *Explanation) Label() string {
	day := x.Span.From()
	if x.Span.Len() == 1 {
		return fmt.Sprintf("%s settlement period %d, %s", day, x.Span.Lo.Number(), clockSpan(x.Span))
	}
	return fmt.Sprintf("%s, settlement periods 1 to %d", day, day.Len())
}

// clockSpan is what the clock shows as a span starts and ends.
func clockSpan(s settlement.Span) string {
	clock := func(p settlement.Period) (at, zone string) {
		local, utc := p.Clock(), p.Time()
		if zone = "GMT"; local != utc.Hour()*60+utc.Minute() {
			zone = "BST"
		}
		return fmt.Sprintf("%02d:%02d", local/60, local%60), zone
	}
	from, zone := clock(s.Lo)
	to, then := clock(s.Hi)
	if zone != then {
		from += " " + zone
	}
	return from + " to " + to + " " + then
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
