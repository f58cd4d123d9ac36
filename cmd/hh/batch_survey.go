package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/halfhour/halfhour"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
	"github.com/halfhour/halfhour/tariffs/toml"
)

// survey is what the supplies and tariffs of a book are looked through for before a
// meter is priced. A file that cannot be read is its meter's own mistake, and comes up
// when that is priced.
type survey struct {
	of     *batch
	supply int // that could be read

	tag, class bool // still to be found: a supply with the tag of --by, one of the class of --llf-of
	count      bool // totals are to be counted
	items      map[string]halfhour.ItemSet
	charged    map[tariffKey]halfhour.ItemSet
}

// survey refuses a tag that no supply has, a class of line losses that none is of, and
// more totals than a portfolio holds: what is only found when all are priced is found
// too late. It reads no more of the book than it has to.
func (c *batchCmd) survey(ctx context.Context, b *batch) error {
	s := &survey{of: b, items: map[string]halfhour.ItemSet{}, charged: map[tariffKey]halfhour.ItemSet{},
		tag: b.key != "" && !slices.Contains(keyNames, b.key), class: c.LLFOf != "",
		count: b.key != "" && len(b.book.entries)*b.buckets.Len()*tariffs.NumItems > halfhour.MaxCells}
	for i := 0; i < len(b.book.entries) && (s.tag || s.class || s.count); i++ {
		if i > 0 && ctx.Err() != nil {
			return fmt.Errorf("stopped while the book was looked through: %w", ctx.Err())
		}
		s.look(&b.book.entries[i])
	}
	totals := s.totals()
	switch {
	case s.supply == 0:
	case s.tag:
		return usagef("--by %s: none of the %d supplies of the book has a tag %q: all would be in one total of no value; give the tag as [tags] has it, or leave it out", c.By, s.supply, b.key)
	case s.class:
		return usagef("--llf-of %s: none of the %d supplies of the book is of this distributor and class over %s to %s, so that no line loss factor of --market would be used: name their class, or leave the factors to the tariffs", c.LLFOf, s.supply, b.Span.From(), b.Span.To()-1)
	case totals > halfhour.MaxCells:
		longer := ", or total them by month"
		if b.Bucket == halfhour.ByMonth {
			longer = ""
		}
		return usagef("--by %s: %d totals (%d values of %s, by %d of %s, each item of their tariffs), at most %d: tell fewer values apart, price fewer meters or days at once%s", c.By, totals, len(s.items), b.key, b.buckets.Len(), b.Bucket, halfhour.MaxCells, longer)
	}
	return nil
}

// look takes in a meter's supply and what its tariff charges.
func (s *survey) look(e *entry) {
	b := s.of
	if regular(b.book.path(e.supply)) != nil || regular(b.book.path(e.tariff)) != nil {
		return
	}
	text, err := readLimited(b.book.path(e.supply))
	if err != nil {
		return
	}
	sup, err := toml.ParseSupply(e.supply, text)
	if err != nil {
		return
	}
	s.supply++
	s.tag = s.tag && sup.Tag(b.key) == ""
	s.class = s.class && !sup.Class(b.Class.Distributor, b.Class.LLFC, b.Span)
	if !s.count {
		return
	}
	key := tariffKey{b.book.path(e.tariff), sup.Distributor, sup.GSPGroup}
	charged, held := s.charged[key]
	if !held {
		if t, err := b.tariffs.of(key.path, e.tariff, sup); err == nil {
			charged = charges(t.tariff, b.Span)
		}
		s.charged[key] = charged
	}
	s.items[b.value(e, sup)] |= charged
}

// charges are the items that a tariff has a rate of in a span, and VAT. A supply may be
// charged fewer: a rate can be for some classes only.
func charges(t *tariffs.Tariff, span settlement.Span) halfhour.ItemSet {
	set := halfhour.ItemSet(0).With(tariffs.VAT)
	for i := range t.Rates {
		if r := &t.Rates[i]; r.When.From < span.To() && (r.When.To == 0 || r.When.To > span.From()) {
			for _, item := range r.Items {
				set = set.With(item)
			}
		}
	}
	return set
}

// totals are as many as the meters come to at most.
func (s *survey) totals() (n int) {
	for _, set := range s.items {
		n += set.Len() * s.of.buckets.Len()
	}
	return n
}

// losses refuses --llf-of for a market that holds no line loss factors, and a market
// that holds some of nobody knows which class.
func (c *batchCmd) losses(b *batch) error {
	switch held := holdsAny(b.Market, series.LLF); {
	case c.LLFOf != "" && !held:
		return usagef("--llf-of says whose line loss factors --market holds, and it holds none: leave it out")
	case c.LLFOf == "" && held:
		return usagef("--market holds line loss factors, which are of one class: say of which distributor and class (--llf-of 14/H02), or leave them out of the market and to the tariffs")
	}
	return nil
}
