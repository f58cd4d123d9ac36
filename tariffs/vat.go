package tariffs

import (
	"slices"

	"github.com/shopspring/decimal"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// vat is the one rate of VAT of a schedule and what it rests on.
type vat struct {
	rate      decimal.Decimal // a fraction
	condition Condition
	pos       series.Pos
}

// wholly is the share of qualifying use from which on the whole supply is
// taken to be of qualifying use: VAT Notice 701/19, section 3.
var wholly = decimal.New(6, -1)

// deMinimis is the kWh a day up to which a supply is taken to be of qualifying
// use: VAT Notice 701/19, section 3.
const deMinimis = 33

// IsSmall reports whether a bill of a supply for span is to be made from the
// schedule Small gives: it comes to at most 33 kWh a day, the tariff has a
// reduced rate of VAT, and its conventions do not leave the rule out.
func (s *Schedule) IsSmall(vol *series.Frame, span settlement.Span) bool {
	if s.small || s.conventions.NoDeMinimis || s.cal.sup.Export || !s.reduced {
		return false
	}
	lo, hi := s.cal.span.Index(span.Lo), s.cal.span.Index(span.Hi)
	msp := vol.Line(MSP)
	if msp.CountValid(lo, hi) < hi-lo {
		return false
	}
	days := int64(span.To() - span.From())
	return msp.Sum(lo, hi).Cmp(series.TotalOf(deMinimis*days*pow10(volumes.Def(MSP).Scale))) <= 0
}

// reduces reports whether the tariff has a reduced rate of VAT on every day of
// the span.
func (s *Schedule) reduces() bool {
	for k := range len(s.cal.days) - 1 {
		day := s.cal.day(k)
		if !slices.ContainsFunc(s.tariff.Rates, func(r Rate) bool { return r.Reduced && r.When.on(day, s.cal.sup.termsOn(day)) }) {
			return false
		}
	}
	return true
}

// compileVAT finds the rate: the standard one; the reduced one for a small
// bill or wholly qualifying use; and both by their shares where the use is
// mixed. It may not change inside the span, for it is due on a sum of lines.
func (s *Schedule) compileVAT(t *Tariff) error {
	share := s.cal.sup.termsOn(s.cal.from).Qualifying
	for k := range len(s.cal.days) - 1 {
		if q := s.cal.sup.termsOn(s.cal.day(k)).Qualifying; !q.Equal(share) {
			if err := s.found(&Error{Pos: s.cal.sup.Pos, Item: VAT.String(), Value: s.cal.day(k).String(), Want: "the share of qualifying use, and with it the rate of VAT, changes inside the span; make one bill up to this day and one from it", Err: ErrSupply}); err != nil {
				return err
			}
			break
		}
	}
	one := decimal.NewFromInt(1)
	switch {
	case s.small:
		share = one
		s.vat.condition |= SmallSupply
	case share.GreaterThanOrEqual(wholly):
		share = one
		s.vat.condition |= QualifyingUse
	case !share.IsZero():
		s.vat.condition |= QualifyingUse
	}
	for _, of := range []struct {
		reduced bool
		share   decimal.Decimal
	}{{true, share}, {false, one.Sub(share)}} {
		if of.share.IsZero() {
			continue
		}
		r, err := s.vatRate(t, of.reduced)
		if s.found(err) != nil {
			return err
		}
		if r == nil { // found already
			continue
		}
		s.vat.rate = s.vat.rate.Add(r.Price.GBP.Mul(of.share))
		s.vat.condition |= r.Status.condition()
		s.vat.pos = r.Pos
	}
	return nil
}

// vatRate is the standard or the reduced rate over the span.
func (s *Schedule) vatRate(t *Tariff, reduced bool) (*Rate, error) {
	only := &Tariff{}
	for _, r := range t.Rates {
		if r.Reduced == reduced {
			only.Rates = append(only.Rates, r)
		}
	}
	c := charge{item: VAT, basis: Percent}
	if err := s.resolve(only, &c); err != nil {
		return nil, err
	}
	if c.time == nil {
		want := `state a rate, such as "20 %"; state "0 %" if none is due`
		if reduced {
			want = `qualifying use has the reduced rate of VAT: state it, such as "5 %", with reduced = true`
		}
		return nil, &Error{Item: VAT.String(), Value: t.Name, Want: want, Err: ErrGap}
	}
	var one *Rate
	for k := range c.time.days {
		at := c.time.pick[s.cal.days[k]]
		switch {
		case at == none: // found already
		case one == nil:
			one = &c.rates[at]
		case one != &c.rates[at]:
			return one, &Error{Pos: c.rates[at].Pos, Item: VAT.String(), Value: s.cal.day(k).String(), Want: "the rate changes inside the span; make one bill up to this day and one from it", Err: ErrTariff}
		}
	}
	return one, nil
}
