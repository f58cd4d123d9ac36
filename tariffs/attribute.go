package tariffs

import (
	"fmt"

	"github.com/shopspring/decimal"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// Cause is a part of the inputs that a charge may change with.
type Cause uint8

// The causes, in the order in which a change is put down to them.
const (
	CauseVolumes Cause = iota // the readings, and the nominated energy
	CauseLosses               // the line loss factors and the transmission loss multipliers
	CausePrices               // the lines of data that prices follow

	NumCauses = 3
)

var causeNames = [NumCauses]string{"volumes", "losses", "prices"}

// String is the cause as files name it.
func (c Cause) String() string { return causeNames[c] }

// cause is what a line of the market or the contract belongs to.
func cause(schema *series.Schema, l series.Line) Cause {
	switch {
	case schema == series.Market() && (l == series.LLF || l == series.TLM):
		return CauseLosses
	case schema == series.Contract() && l == series.Nominated:
		return CauseVolumes
	}
	return CausePrices
}

// With is in with one cause's lines taken from other inputs over the same span,
// with all that they lack. Neither is written; frames may be shared with both.
func (in Inputs) With(from Inputs, of Cause) Inputs {
	if of == CauseVolumes {
		in.Meter = from.Meter
	} else {
		in.Market = mixed(in.Market, from.Market, of)
	}
	if of != CauseLosses && (in.Contract != nil || from.Contract != nil) {
		in.Contract = mixed(in.Contract, from.Contract, of)
	}
	return in
}

// mixed is a copy of a frame with the lines of one cause from another; nil is a
// frame that holds nothing.
func mixed(in, from *series.Frame, of Cause) *series.Frame {
	some := in
	if some == nil {
		some = from
	}
	schema := some.Schema()
	dst := series.NewFrame(nil, schema, some.Span())
	for k := range schema.Sources() {
		f := in
		if cause(schema, schema.FirstLine(k)) == of {
			f = from
		}
		if f != nil {
			dst.Take(f, k, 0, dst.Len())
		}
	}
	return dst
}

// Attribution says what the change of a supply's charges between two views came
// from. The schedule is evaluated four times: on the old inputs, on the new
// volumes at the old losses and prices, on the new losses too, and on the new
// prices too, which is the new view. A cause is what one evaluation adds to the
// one before it. So the causes make the change exactly, in each half-hour and
// for each item; a month's highest demand, a percentage and what is allotted are
// worked out again each time and nothing is divided up. What two causes do
// together (more energy, each dearer) falls to the later one.
type Attribution struct {
	span settlement.Span
	at   [NumCauses + 1]evaluation
}

// evaluation is the charges of one set of inputs.
type evaluation struct {
	schedule *Schedule
	charges  *series.Frame
}

// Shift is a charge under two views: Old + Volumes + Losses + Prices is New,
// exactly. The amounts are of the half-hours that both views charge; those that
// one view lacks are counted and are not a change of a charge.
type Shift struct {
	Old, Volumes, Losses, Prices, New decimal.Decimal

	HalfHours int // charged by both views
	Appeared  int // by the new view only
	Vanished  int // by the old view only
}

// Change is New − Old.
func (x Shift) Change() decimal.Decimal { return x.New.Sub(x.Old) }

// Plus is the shift of both together: of two items, or of two days.
func (x Shift) Plus(y Shift) Shift {
	return Shift{
		x.Old.Add(y.Old), x.Volumes.Add(y.Volumes), x.Losses.Add(y.Losses), x.Prices.Add(y.Prices), x.New.Add(y.New),
		x.HalfHours + y.HalfHours, x.Appeared + y.Appeared, x.Vanished + y.Vanished,
	}
}

// Attribute takes the change of a supply's charges between two views apart, for
// a bill of span, whole local days of the schedule's. The market frames hold
// what the tariff states of loss factors already (Losses). An evaluation that
// makes a bill of at most the de-minimis quantity is one of the schedule for it,
// as Small gives it: that step is put down to the volumes, which take it.
//
// It fails with ErrSpan as Bill does and as Charge does; ErrOverflow may be of
// an evaluation in between.
func (s *Schedule) Attribute(old, new Inputs, sup *Supply, span settlement.Span) (*Attribution, error) {
	old.check(s.cal.span)
	new.check(s.cal.span)
	if span.Empty() || !span.WholeDays() || !s.cal.span.Covers(span) {
		return nil, &Error{Value: span.String(), Want: fmt.Sprintf("attribute whole local days of %s", s.cal.span), Err: ErrSpan}
	}
	a, vol := &Attribution{span: span}, series.NewFrame(nil, volumes, s.cal.span)
	var small *Schedule
	for k, in := 0, old; k <= NumCauses; k++ {
		if k > 0 {
			in = in.With(new, Cause(k-1))
		}
		if err := s.Adjust(vol, in); err != nil {
			return nil, err
		}
		at := s
		if s.IsSmall(vol, span) {
			var err error
			if small == nil {
				if small, err = s.Small(); err != nil {
					return nil, err
				}
			}
			at = small
		}
		a.at[k] = evaluation{at, series.NewFrame(nil, at.schema, s.cal.span)}
		if err := at.Charge(a.at[k].charges, vol, in, sup); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// Schema is the schema of the charges, VAT last; Charges are those of an
// evaluation: 0 the old view, 1 to 3 with one cause more each, 3 the new view.
func (a *Attribution) Schema() *series.Schema      { return a.at[0].charges.Schema() }
func (a *Attribution) Charges(k int) *series.Frame { return a.at[k].charges }

// Line is what the half-hours of a part of the span come to on a line of the
// charges. Those of VAT are the accrual: see VAT.
func (a *Attribution) Line(l series.Line, part settlement.Span) Shift {
	if !a.span.Covers(part) || part.Empty() {
		panic("tariffs: the half-hours asked for are not of the attribution")
	}
	whole := a.at[0].charges.Span()
	lo, hi := whole.Index(part.Lo), whole.Index(part.Hi)
	before, after := a.at[0].charges.Line(l), a.at[NumCauses].charges.Line(l)
	var x Shift
	var sums [NumCauses + 1]series.Total
	for i := lo; i < hi; {
		was, is := holds(before, i), holds(after, i)
		to := i + 1
		for to < hi && holds(before, to) == was && holds(after, to) == is {
			to++
		}
		switch n := to - i; {
		case was && is:
			x.HalfHours += n
			for k := range sums {
				sums[k] = sums[k].Add(a.at[k].charges.Line(l).Sum(i, to))
			}
		case was:
			x.Vanished += n
		case is:
			x.Appeared += n
		}
		i = to
	}
	scale := a.Schema().Def(l).Scale
	return x.of(func(k int) decimal.Decimal { return sums[k].Decimal(scale) })
}

// of sets the amounts from what each evaluation comes to.
func (x Shift) of(amount func(k int) decimal.Decimal) Shift {
	x.Old, x.New = amount(0), amount(NumCauses)
	x.Volumes = amount(1).Sub(x.Old)
	x.Losses = amount(2).Sub(amount(1))
	x.Prices = x.New.Sub(amount(2))
	return x
}

// sums are what a shift comes to after each cause.
func (x Shift) sums() [NumCauses + 1]decimal.Decimal {
	first := x.Old.Add(x.Volumes)
	return [NumCauses + 1]decimal.Decimal{x.Old, first, first.Add(x.Losses), x.New}
}

// Net is what all lines but VAT come to before rounding. Its half-hours are
// those of which a view holds every charge.
func (a *Attribution) Net(part settlement.Span) Shift {
	vat := a.Line(series.Line(a.Schema().Len()-1), part)
	var x Shift
	for l := range series.Line(a.Schema().Len() - 1) {
		x = x.Plus(a.Line(l, part))
	}
	x.HalfHours, x.Appeared, x.Vanished = vat.HalfHours, vat.Appeared, vat.Vanished
	return x
}

// VAT is the rate of each evaluation on its net, before rounding, as a bill has
// it.
func (a *Attribution) VAT(part settlement.Span) Shift {
	net := a.Net(part)
	sums := net.sums()
	return net.of(func(k int) decimal.Decimal { return sums[k].Mul(a.at[k].schedule.VATRate()) })
}
