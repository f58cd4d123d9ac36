package tariffs

import (
	"fmt"
	"slices"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// Compile makes a schedule of whole local days for a validated supply, or any
// on the same terms. Every mistake a bill over the span would meet is found
// here: an item on a basis it cannot have (ErrBasis), a day or half-hour
// without a rate (ErrGap), two rates for one half-hour (ErrOverlap, ErrTwice),
// an undefined window, a price that cannot be held exactly (more than 8
// decimals of £/kWh or of £), a figure that is not confirmed where the tariff
// does not accept one (ErrUnconfirmed), a percentage of an item that is not
// billed or of itself (ErrShare), no VAT rate, or one that changes inside the
// span.
func (t *Tariff) Compile(span settlement.Span, sup *Supply) (*Schedule, error) {
	return t.compile(span, sup, false, nil)
}

// Small gives the schedule for a bill of at most 33 kWh a day: the reduced
// rate of VAT and no CCL. See IsSmall.
func (s *Schedule) Small() (*Schedule, error) {
	return s.tariff.compile(s.cal.span, s.cal.sup, true, nil)
}

func (t *Tariff) compile(span settlement.Span, sup *Supply, small bool, p *problems) (*Schedule, error) {
	if span.Empty() || !span.WholeDays() || span.Len() > series.MaxPeriods {
		return nil, &Error{Value: span.String(), Want: "compile for whole local days, at most twenty years of them", Err: ErrSpan}
	}
	if !series.Printable(t.Name) {
		if err := p.found(&Error{Value: t.Name, Want: "a tariff's name is printed on the bill: write it in one line, without characters of control or format", Err: ErrTariff}); err != nil {
			return nil, err
		}
	}
	own := *t // what a schedule rests on does not change under it
	own.Windows, own.Rates, own.Factors, own.Triads = slices.Clone(t.Windows), slices.Clone(t.Rates), slices.Clone(t.Factors), slices.Clone(t.Triads)
	t = &own
	of := *sup
	of.Terms, of.Triads = slices.Clone(sup.Terms), slices.Clone(sup.Triads)
	cal, err := newCalendar(span, &of, t.Windows, p)
	if err != nil {
		return nil, err
	}
	s := &Schedule{name: t.Name, tariff: t, conventions: t.Conventions, small: small, cal: cal, made: sup, block: daysAtOnce, past: cellsPast}
	s.reduced = s.reduces()
	if err := t.checkRates(cal); err != nil {
		return nil, err
	}
	s.compileExempt()
	for item := range Item(NumItems) {
		if err := s.found(s.compileItem(t, item)); err != nil {
			return nil, err
		}
	}
	for _, then := range []func() error{s.checkBands, func() error { return s.compileFactors(t) }, s.layOut, s.compileShares, s.compileAccrual, s.compileTotals} {
		if err := s.found(then()); err != nil {
			return nil, err
		}
	}
	s.notes = s.stated()
	return s, nil
}

// found takes in a problem, which ends the work if it is returned.
func (s *Schedule) found(err error) error { return s.cal.problems.found(err) }

// compileExempt notes what share of each day is exempt.
func (s *Schedule) compileExempt() {
	for k := range len(s.cal.days) - 1 {
		share, _ := scaled(s.cal.sup.termsOn(s.cal.day(k)).EIIExempt, shareScale)
		if share != 0 && s.exempt == nil {
			s.exempt = make([]int64, len(s.cal.days)-1)
		}
		if s.exempt != nil {
			s.exempt[k] = share
		}
	}
}

// compileItem compiles an item on each basis the tariff prices it on.
func (s *Schedule) compileItem(t *Tariff, item Item) error {
	if item == VAT {
		return s.compileVAT(t)
	}
	col := column{item: item, volume: NoVolume}
	for _, basis := range defs[item].Bases {
		c := charge{item: item, basis: basis, volume: NoVolume}
		if err := s.resolve(t, &c); err != nil {
			return err
		}
		if c.time == nil {
			continue
		}
		if s.cal.sup.Export && defs[item].Takers {
			if err := s.found(&Error{Pos: c.rates[0].place(), Item: item.String(), Value: "export", Want: "an export supply does not pay this; leave it out of its tariff", Err: ErrBasis}); err != nil {
				return err
			}
		}
		if err := s.found(s.price(&col, &c)); err != nil {
			return err
		}
		s.charges = append(s.charges, c)
	}
	// Where problems go on, what could not be priced is still there to be taken a percentage of.
	if col.price != nil || col.standing != nil || col.perKVA != nil || col.perKW != nil || col.share != nil || s.cal.problems != nil && t.names(item) {
		s.columns = append(s.columns, col)
	}
	return nil
}

// names reports whether the tariff has a rate of an item.
func (t *Tariff) names(item Item) bool {
	return slices.ContainsFunc(t.Rates, func(r Rate) bool { return slices.Contains(r.Items, item) })
}

// resolve lays out the rates of a charge over the span; c.time stays nil when
// there are none.
func (s *Schedule) resolve(t *Tariff, c *charge) error {
	var figures []stated
	for i := range t.Rates {
		r := &t.Rates[i]
		for _, item := range r.Items { // an item listed twice is two rates for one half-hour
			if item == c.item && r.Price.Basis == c.basis {
				c.rates = append(c.rates, *r)
				figures = append(figures, stated{r.When, r.Pos, s.cal.undefined(r.When) || checkBasis(item, r) != nil})
			}
		}
	}
	if len(figures) == 0 {
		return nil
	}
	var err error
	if c.time, err = s.cal.resolve(c.item.String(), figures, defs[c.item].Banded); err != nil {
		return err
	}
	for i := range c.rates {
		if r := &c.rates[i]; r.Status == Unconfirmed && !s.conventions.Unconfirmed && c.used(int16(i)) {
			if err := s.found(unconfirmed(r.Pos, c.item.String(), r.Price.String(), r.Source)); err != nil {
				return err
			}
		}
	}
	return nil
}

func unconfirmed(pos series.Pos, item, figure, source string) error {
	return &Error{Pos: pos, Item: item, Value: figure,
		Want: fmt.Sprintf("this figure could not be confirmed (%s); state the rate you agreed, or accept unconfirmed figures in [conventions]", source), Err: ErrUnconfirmed}
}
