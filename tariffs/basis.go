package tariffs

import (
	"fmt"
	"slices"

	"github.com/halfhour/halfhour/series"
)

// checkRates refuses rates that name what is not there.
func (t *Tariff) checkRates(cal *calendar) error {
	if err := t.checkPublished(cal.problems); err != nil {
		return err
	}
	for _, r := range t.Rates {
		if err := cal.checkWhen(r.When, r.Pos, r.Source); err != nil {
			return err
		}
	}
	for _, f := range t.Factors {
		if err := cal.checkWhen(f.When, f.Pos, f.Source); err != nil {
			return err
		}
	}
	for _, y := range t.Triads {
		if err := cal.problems.found(checkText(y.Pos, y.Source, When{})); err != nil {
			return err
		}
	}
	for i := range t.Rates {
		for _, item := range t.Rates[i].Items {
			if t.Rates[i].Price.Published {
				continue
			}
			if err := cal.problems.found(checkBasis(item, &t.Rates[i])); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkWhen refuses a window, days, classes and bands there are none of, and a
// source that cannot be printed.
func (c *calendar) checkWhen(w When, pos series.Pos, source string) error {
	if err := c.problems.found(checkText(pos, source, w)); err != nil {
		return err
	}
	if c.undefined(w) {
		if err := c.problems.found(&Error{Pos: pos, Value: w.Window, Want: "define the window, or leave it out for every half-hour", Err: ErrWindow}); err != nil {
			return err
		}
	}
	if w.To != 0 && w.To <= w.From {
		return c.problems.found(&Error{Pos: pos, Value: w.To.String(), Want: fmt.Sprintf("to is the first day the rate no longer holds: a day after %s", w.From), Err: ErrTariff})
	}
	return nil
}

// checkBasis refuses what a rate of an item cannot have.
func checkBasis(item Item, r *Rate) error {
	def := &defs[item]
	bad := func(value, want string, err error) error {
		return &Error{Pos: r.Pos, Item: def.ID, Value: value, Want: want, Err: err}
	}
	perUnit := r.Price.Basis == PerKWh || r.Price.Basis == PerKVArh
	switch {
	case !slices.Contains(def.Bases, r.Price.Basis):
		return bad(r.Price.Unit, fmt.Sprintf("price it for each %s", join(def.Bases)), ErrBasis)
	case !perUnit && r.When.Window != "":
		return bad(r.When.Window, "only a price for energy can have a window", ErrWindow)
	case r.At != "" && (!def.Movable || measuredAt(r.At) == NoVolume):
		return bad(r.At, "only capacity-market and eii-support-levy can say where the energy is measured: MSP, GSP or NBP", ErrBasis)
	case item != VAT && slices.Contains(r.Of, VAT):
		return bad(VAT.String(), "VAT is on the whole bill, and no item is a percentage of it; take it out of the list", ErrShare)
	case twice(r.Of) >= 0:
		return bad(r.Of[twice(r.Of)].String(), "a percentage is of each item once; take it out of the list where it stands again", ErrShare)
	case len(r.Of) > 0 && (r.Price.Basis != Percent || item == VAT):
		return bad(r.Of[0].String(), "only a percentage is of other items, and VAT is of them all", ErrBasis)
	case r.Price.Basis == Percent && item != VAT && len(r.Of) == 0:
		return bad(r.Price.Unit, "say which items the percentage is of", ErrBasis)
	case r.Price.Index != "" && item == CCL:
		return bad(r.Price.Index, "the levy is a stated rate, of which reliefs take a share", ErrBasis)
	case r.Reduced && item != VAT:
		return bad("reduced", "only VAT has a reduced rate", ErrBasis)
	}
	return nil
}

// twice is the place of an item that is listed before, or -1.
func twice(items []Item) int {
	for i, item := range items {
		if slices.Contains(items[:i], item) {
			return i
		}
	}
	return -1
}

func join(bases []Basis) string {
	s := bases[0].String()
	for _, b := range bases[1:] {
		s += " or " + b.String()
	}
	return s
}

// measuredAt is the volume a rate names.
func measuredAt(name string) Volume {
	for _, v := range []Volume{MSP, GSP, NBP} {
		if volumes.Def(v).Name == name {
			return v
		}
	}
	return NoVolume
}
