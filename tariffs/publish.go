package tariffs

import (
	"fmt"
	"slices"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// Publish gives the tariff with every rate that is priced "published" replaced
// by the book's rates for the same items, and every such factor by the book's:
// what a pass-through contract says, once the figures are out. The book's rates
// are cut to the days, classes and bands of the rate they replace; their status,
// source and place stay the book's. What is wrong with the days they leave out,
// or share with other rates, is told at the place of the rate they replace. The
// windows they name come along, and the
// book's Triads of charging years for which the tariff has none. Tariff and book
// are left alone.
//
// A rate of an item for which the book has nothing in the rate's time is an
// ErrGap; a day the book leaves out stays a gap, which Compile reports. A window
// that the tariff defines otherwise than the book is an ErrWindow.
func (t *Tariff) Publish(book *Tariff) (*Tariff, error) {
	out := *t
	out.Windows = slices.Clone(t.Windows)
	out.Rates, out.Factors = nil, nil
	for _, r := range t.Rates {
		if !r.Price.Published {
			out.Rates = append(out.Rates, r)
			continue
		}
		if err := out.publishRate(&r, book); err != nil {
			return nil, err
		}
	}
	for _, f := range t.Factors {
		if !f.Published {
			out.Factors = append(out.Factors, f)
			continue
		}
		if err := out.publishFactor(&f, book); err != nil {
			return nil, err
		}
	}
	out.Triads = slices.Clone(t.Triads)
	for _, y := range book.Triads {
		if !slices.ContainsFunc(t.Triads, func(own Triads) bool { return sameYear(own.Year, y.Year) }) {
			out.Triads = append(out.Triads, y)
		}
	}
	return &out, nil
}

func sameYear(a, b settlement.Day) bool {
	from, to := a.ChargingYear()
	return from <= b && b < to
}

// publishRate adds what the book has in place of a rate.
func (t *Tariff) publishRate(r *Rate, book *Tariff) error {
	switch {
	case r.When.Window != "":
		return &Error{Pos: r.Pos, Value: r.When.Window, Want: "published rates have windows of their own; leave the window out", Err: ErrWindow}
	case r.At != "" || len(r.Of) > 0 || r.Reduced:
		return &Error{Pos: r.Pos, Value: r.Price.String(), Want: "published rates say themselves what they are of; leave at, of and reduced out", Err: ErrTariff}
	}
	found := map[Item]bool{}
	for _, b := range book.Rates {
		when, ok := b.When.within(r.When)
		if !ok {
			continue
		}
		when.asked = asked{r.Pos, r.When.From}
		var items []Item
		for _, item := range b.Items {
			if slices.Contains(r.Items, item) {
				items, found[item] = append(items, item), true
			}
		}
		if items == nil {
			continue
		}
		if err := t.bringWindow(b.When.Window, book, r.Pos); err != nil {
			return err
		}
		b.Items, b.When = items, when
		t.Rates = append(t.Rates, b)
	}
	for _, item := range r.Items {
		if !found[item] {
			return &Error{Pos: r.Pos, Item: item.String(), Value: book.Name, Err: ErrGap,
				Want: fmt.Sprintf("the book has no published rate of this item %s; state the supplier's own", r.When.text())}
		}
	}
	return nil
}

// publishFactor adds what the book has in place of a factor.
func (t *Tariff) publishFactor(f *Factor, book *Tariff) error {
	name := series.Market().Def(f.Line).Name
	if f.When.Window != "" {
		return &Error{Pos: f.Pos, Item: name, Value: f.When.Window, Want: "published factors have windows of their own; leave the window out", Err: ErrWindow}
	}
	found := false
	for _, b := range book.Factors {
		when, ok := b.When.within(f.When)
		if !ok || b.Line != f.Line {
			continue
		}
		if err := t.bringWindow(b.When.Window, book, f.Pos); err != nil {
			return err
		}
		when.asked = asked{f.Pos, f.When.From}
		b.When, found = when, true
		t.Factors = append(t.Factors, b)
	}
	if !found {
		return &Error{Pos: f.Pos, Item: name, Value: book.Name, Err: ErrGap,
			Want: fmt.Sprintf("the book has no published factor %s; state it, or leave it to the market data", f.When.text())}
	}
	return nil
}

// bringWindow sees to it that a window of the book means here what it means
// there.
func (t *Tariff) bringWindow(name string, book *Tariff, pos series.Pos) error {
	if name == "" || name == Otherwise {
		return nil
	}
	named := func(w Window) bool { return w.Name == name }
	i := slices.IndexFunc(book.Windows, named)
	if i < 0 {
		return &Error{Pos: pos, Value: name, Want: "the book has a rate in this window and does not define it; define it there", Err: ErrWindow}
	}
	own := slices.IndexFunc(t.Windows, named)
	switch {
	case own < 0:
		t.Windows = append(t.Windows, book.Windows[i])
	case !slices.Equal(t.Windows[own].text, book.Windows[i].text):
		return &Error{Pos: pos, Value: name, Err: ErrWindow,
			Want: fmt.Sprintf("the book's window of this name is %q and the tariff's is %q; give the tariff's another name", book.Windows[i], t.Windows[own])}
	}
	return nil
}

// within is the part of a figure's time, classes and bands that lies in
// another's, if there is one. The window is the figure's.
func (w When) within(r When) (When, bool) {
	w.From = max(w.From, r.From)
	if w.To == 0 || r.To != 0 && r.To < w.To {
		w.To = r.To
	}
	var okL, okB bool
	w.LLFCs, okL = common(w.LLFCs, r.LLFCs)
	w.Bands, okB = common(w.Bands, r.Bands)
	if w.Flow == EitherWay {
		w.Flow = r.Flow
	}
	return w, okL && okB && (w.To == 0 || w.From < w.To) && (r.Flow == EitherWay || w.Flow == r.Flow)
}

// common are the names both lists hold; an empty list holds every name.
func common(a, b []string) (both []string, ok bool) {
	if len(a) == 0 {
		return b, true
	}
	if len(b) == 0 {
		return a, true
	}
	for _, name := range a {
		if slices.Contains(b, name) {
			both = append(both, name)
		}
	}
	return both, len(both) > 0
}

// text is a figure's time in words.
func (w When) text() string {
	switch {
	case w.From == 0 && w.To == 0:
		return "for any day"
	case w.To == 0:
		return "from " + w.From.String() + " on"
	}
	return fmt.Sprintf("from %s up to %s", w.From, w.To)
}

// checkPublished refuses what Publish should have replaced.
func (t *Tariff) checkPublished(p *problems) error {
	const want = "priced at published rates: give the book (Tariff.Publish)"
	for _, r := range t.Rates {
		if r.Price.Published {
			if err := p.found(&Error{Pos: r.Pos, Value: r.Price.String(), Want: want, Err: ErrPrice}); err != nil {
				return err
			}
		}
	}
	for _, f := range t.Factors {
		if f.Published {
			if err := p.found(&Error{Pos: f.Pos, Item: series.Market().Def(f.Line).Name, Value: published, Want: want, Err: ErrPrice}); err != nil {
				return err
			}
		}
	}
	return nil
}
