package tariffs

import (
	"fmt"

	"github.com/shopspring/decimal"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// Bill is what one supply owes for whole local days. Money is in pounds,
// energy in kWh, both exact decimals; Bill.MarshalJSON writes them as strings.
//
// It keeps two ledgers. Exact: what the half-hours come to, unrounded. Printed:
// each line to the penny, their sum, and VAT on that sum. Line.Rounding is the
// difference, and Verify checks both.
type Bill struct {
	MPAN       settlement.MPAN
	Related    []settlement.MPAN // billed with it
	Export     bool              // active export: what is owed is mostly credit
	Tariff     string
	From, To   settlement.Day // To exclusive
	View       View
	Reversal   bool // it takes back a bill made before: every sign is turned
	Volumes    Energy
	Lines      []Line
	Net        decimal.Decimal        // sum of the printed lines
	NetExact   decimal.Decimal        // sum of the lines before rounding
	VATRate    decimal.Decimal        // a fraction
	VAT        decimal.Decimal        // on Net, to the penny
	VATDown    bool                   // VAT is cut to the penny instead of rounded half away from zero
	VATExact   decimal.Decimal        // on NetExact
	Gross      decimal.Decimal        // Net + VAT
	Cash       []series.Determination // money outside any run, which stands after gross: see AddCash
	Due        decimal.Decimal        // Gross + Cash
	Runs       []RunShare
	Mix        *RunMix             // the runs its pounds rest on
	Outlook    *settlement.Outlook // the runs still to come for its days; nil where nobody looked
	Conditions Condition
}

// View says which revision of the data a bill rests on.
type View struct {
	Name  string         // "latest", a run, or "as of" a day
	Run   settlement.Run // of a view of one run
	OfRun bool           // whether the view is of one run
	Notes Condition      // what choosing the revision brought up: IncompleteRun, TariffLosses

	// KnownAt is the instant of which the view was asked, where runs are derived
	// from when data came; empty otherwise.
	KnownAt string
}

// Energy is the active energy of a bill, in kWh (AI, of an export supply AE), at the three places it is
// measured. GSP and NBP are null where a loss factor is missing for any
// half-hour; no item of such a bill is charged on them.
type Energy struct {
	MSP      decimal.Decimal
	GSP, NBP decimal.NullDecimal
}

// RunShare says how many of a source's half-hours rest on each run.
type RunShare struct {
	Source    string
	HalfHours [settlement.NumRanked]int
	Estimated int
	Assumed   int // half-hours whose figure the tariff assumes
}

// Total is the half-hours that the source holds.
func (r *RunShare) Total() (n int) {
	for _, of := range r.HalfHours {
		n += of
	}
	return n
}

// Line is an item at one rate: Quantity × Rate ÷ Divisor, to the penny, is
// Amount. A windowed item is one line, with its windows in Parts and no rate
// of its own.
type Line struct {
	Item       Item
	From, To   settlement.Day // To exclusive
	Quantity   decimal.Decimal
	Unit       string              // of the quantity: kWh, kVArh, day, kVA-day, kW, kW-day, month, year, or GBP of a percentage
	Volume     string              // of energy: where it is measured, a line of Volumes
	Rate       decimal.NullDecimal // GBP for one of Unit; null where windows have their own or it follows an index
	Divisor    int64               // days of the month or charging year of which Quantity are days, thirds of Triads; 1 otherwise
	Allotted   bool                // its half-hours are whole ticks of £0.00000001
	Parts      []Part
	Exact      decimal.Decimal // what its half-hours come to
	Amount     decimal.Decimal // printed
	Conditions Condition
}

// Part is one window of a line, unrounded: Quantity × Rate is Exact. A price
// that follows an index has no one rate: Exact is the sum of its half-hours.
type Part struct {
	Window   string
	Quantity decimal.Decimal
	Rate     decimal.NullDecimal
	Price    string // as the tariff states it, where it follows an index
	Exact    decimal.Decimal
}

// Rounding is what printing added: Amount − Exact.
func (l *Line) Rounding() decimal.Decimal { return l.Amount.Sub(l.Exact) }

// Bill makes the bill of a supply for the whole local days of span, a part of
// the schedule's, from the volumes and the charges of one view and the inputs
// they were made from: the bill counts the runs in their marks.
//
// It fails with ErrSpan when span is not whole days of the schedule's, with
// ErrMissing when a half-hour that is charged has no volume (nothing partial
// is billed), and with ErrLedger, a defect of this library, should the lines
// not verify against the cells.
func (s *Schedule) Bill(sup *Supply, span settlement.Span, view View, vol, charges *series.Frame, in Inputs) (*Bill, error) {
	s.check(charges, vol, sup)
	in.check(s.cal.span)
	if span.Empty() || !span.WholeDays() || !s.cal.span.Covers(span) {
		return nil, &Error{Value: span.String(), Want: fmt.Sprintf("bill whole local days of %s", s.cal.span), Err: ErrSpan}
	}
	if sup.Since > span.From() {
		return nil, &Error{Pos: sup.Pos, Value: span.From().String(), Want: fmt.Sprintf("the supply began on %s: bill days from then on", sup.Since), Err: ErrSpan}
	}
	if err := s.complete(vol, charges, span, sup); err != nil {
		return nil, err
	}
	lo, hi := s.cal.span.Index(span.Lo), s.cal.span.Index(span.Hi)
	b := &Bill{MPAN: sup.MPAN, Related: sup.Related, Export: sup.Export, Tariff: s.name, From: span.From(), To: span.To(), View: view,
		VATRate: s.VATRate(), VATDown: s.conventions.VATDown}
	b.Volumes = Energy{sum(vol, MSP, lo, hi).Decimal, sum(vol, GSP, lo, hi), sum(vol, NBP, lo, hi)}
	m := maker{s: s, sup: sup, vol: vol, charges: charges, in: in, view: view, lo: lo, hi: hi, byRun: tagged(vol.Line(MSP), lo, hi)}
	for i := range s.charges {
		if err := m.charge(&s.charges[i]); err != nil {
			return nil, err
		}
	}
	m.inherit()
	b.Lines = m.lines
	for i := range b.Lines {
		b.Net = b.Net.Add(b.Lines[i].Amount)
		b.NetExact = b.NetExact.Add(b.Lines[i].Exact)
		b.Conditions |= b.Lines[i].Conditions
	}
	b.VATExact = b.NetExact.Mul(b.VATRate)
	b.VAT = roundVAT(b.Net, b.VATRate, b.VATDown)
	b.Gross = b.Net.Add(b.VAT)
	b.Due = b.Gross
	b.Mix = s.RunMix(b, charges, in)
	b.Conditions |= view.Notes | sup.conditions() | s.vat.condition | b.countRuns(span, view, in.Frames())
	if err := b.Verify(); err != nil {
		return nil, err
	}
	return b, s.VerifyCells(b, charges)
}

// complete refuses a span with half-hours that have no charge.
func (s *Schedule) complete(vol, charges *series.Frame, span settlement.Span, sup *Supply) error {
	lo, hi := s.cal.span.Index(span.Lo), s.cal.span.Index(span.Hi)
	for i := range s.columns {
		col := &s.columns[i]
		c := charges.Line(col.line)
		n := c.CountValid(lo, hi)
		if n == hi-lo {
			continue
		}
		first := c.NextInvalid(lo, hi)
		lacks := "an item it is a percentage of"
		switch {
		case col.volume != NoVolume && !holds(vol.Line(col.volume), first):
			lacks = volumes.Def(col.volume).Name + " volume; supply the readings or the loss factors (market data, or a [[factor]] in the tariff), and for energy-imbalance the nominated energy"
		case col.follow != nil:
			lacks = col.follow.name + ", which the price follows; supply the line (market or contract data), or state what stands in for it (else)"
		case col.item == DUoSExcessCapacity:
			lacks = "active energy for every half-hour of the month, and its highest demand may be in the gap; supply the readings"
		}
		return &Error{Item: col.item.String(), Value: (s.cal.span.Lo + settlement.Period(first)).String(),
			Want: fmt.Sprintf("%d of the %d half-hours billed for MPAN %s, this one first, have no %s; or bill fewer days", hi-lo-n, hi-lo, sup.MPAN, lacks), Err: ErrMissing}
	}
	return nil
}

// tagged reports whether any half-hour of a column is from a settlement run.
func tagged(c series.Column, lo, hi int) bool {
	for _, m := range c.Marks[lo:hi] {
		if m.Run() != settlement.Untagged {
			return true
		}
	}
	return false
}

// sum is the total of a volume line in kWh, null unless every half-hour has it.
func sum(vol *series.Frame, v Volume, lo, hi int) decimal.NullDecimal {
	c := vol.Line(v)
	return decimal.NullDecimal{Decimal: c.Sum(lo, hi).Decimal(volumes.Def(v).Scale), Valid: c.CountValid(lo, hi) == hi-lo}
}

// countRuns fills Runs and says what they mean for the reader.
func (b *Bill) countRuns(span settlement.Span, view View, inputs []*series.Frame) Condition {
	var all Condition
	for at, f := range inputs {
		lo, hi := f.Span().Index(span.Lo), f.Span().Index(span.Hi)
		for k := range f.Schema().Sources() {
			c := f.Source(k)
			share := RunShare{Source: f.Schema().SourceName(k)}
			held := 0
			for i := lo; i < hi; i++ {
				if c.Valid[i>>6]>>(uint(i)&63)&1 == 0 {
					continue
				}
				held++
				share.count(c.Marks[i])
			}
			if held == 0 {
				continue
			}
			b.Runs = append(b.Runs, share)
			all |= share.condition(view, at == 0)
		}
	}
	return all
}

// count adds a half-hour's mark.
func (r *RunShare) count(m series.Mark) {
	r.HalfHours[m.Run()]++
	if m.Has(series.Estimated) {
		r.Estimated++
	}
	if m.Has(series.Assumed) {
		r.Assumed++
	}
}

// condition is what a source's mix of runs means. Only the meter's data must
// state a run: loss factors are published for a year, not by run.
func (r *RunShare) condition(view View, meter bool) Condition {
	var c Condition
	runs := 0
	for run, n := range r.HalfHours {
		if n == 0 || settlement.Run(run) == settlement.Untagged {
			continue
		}
		if runs++; view.OfRun && settlement.Run(run) < view.Run {
			c |= MissingRun
		}
	}
	if runs > 1 {
		c |= MixedRuns
	}
	if meter && r.HalfHours[settlement.Untagged] > 0 {
		c |= RunNotStated
	}
	return c
}
