package tariffs

import (
	"math/big"
	"slices"
	"strings"
)

var refUnits = map[string]*big.Rat{"p": ratOf(1, 100), "GBP": ratOf(1, 1), "%": ratOf(1, 100)}

// per is the unit a quantity of the rate is counted in.
func (r refRate) per() string {
	_, per, _ := strings.Cut(r.unit, "/")
	switch per {
	case "":
		return "GBP"
	case "MWh":
		return "kWh"
	case "kVA/day":
		return "kVA-day"
	case "MPAN/day", "site/day":
		return "day"
	}
	return per
}

// pounds is a figure in £ for one of what it is a price of; a fraction for a
// percentage.
func (s *refSpec) pounds(figure, unit string) *big.Rat {
	key := figure + " " + unit
	if x, ok := s.figures[key]; ok {
		return x
	}
	money, per, _ := strings.Cut(unit, "/")
	x := new(big.Rat)
	if figure != "" {
		x.Mul(rat(figure), refUnits[money])
	}
	if per == "MWh" {
		x.Quo(x, ratOf(1000, 1))
	}
	s.figures[key] = x
	return x
}

func (s *refSpec) rate(i int) *big.Rat { return s.pounds(s.rates[i].figure, s.rates[i].unit) }

// active are the rates of an item in a unit that hold on a day.
func (s *refSpec) active(item, per, date string) []int {
	var out []int
	terms := s.termsOn(date)
	for i, r := range s.rates {
		if r.item == item && r.per() == per && (r.from == "" || r.from <= date) && (r.to == "" || date < r.to) &&
			(r.llfc == "" || r.llfc == terms.llfc) && (r.band == "" || r.band == terms.band) {
			out = append(out, i)
		}
	}
	return out
}

// isInside says for each half-hour whether it lies in a window.
func (s *refSpec) isInside(window string) []bool {
	if _, ok := s.inside[window]; !ok {
		in := make([]bool, len(s.hhs))
		for i, h := range s.hhs {
			in[i] = slices.ContainsFunc(s.windows[window], func(c refClause) bool { return c.holds(h) })
		}
		s.inside[window] = in
	}
	return s.inside[window]
}

// pick is the rate that covers a half-hour, or -1.
func (s *refSpec) pick(active []int, hh int) int {
	rest := -1
	for _, i := range active {
		switch w := s.rates[i].window; {
		case w == "otherwise":
			rest = i
		case w == "" || s.isInside(w)[hh]:
			return i
		}
	}
	return rest
}

// price is what a rate asks in a half-hour, nil where nothing says, and
// whether what stands in for an index is asked.
func (s *refSpec) price(i, hh int) (price *big.Rat, interim bool) {
	r := s.rates[i]
	if r.index == "" {
		return s.rate(i), false
	}
	if v := s.indices[r.index][hh]; v != nil {
		return new(big.Rat).Add(v, s.rate(i)), false
	}
	if r.other == "" {
		return nil, false
	}
	return s.pounds(r.other, r.unit), true
}

// taxed is the part of the climate change levy's rate that is due on a day.
func (s *refSpec) taxed(date string) *big.Rat {
	t := s.termsOn(date)
	q := rat(t.qualifying)
	if s.small || q.Cmp(ratOf(6, 10)) >= 0 {
		return new(big.Rat)
	}
	one := ratOf(1, 1)
	return refMul(refSub(one, refMul(rat(t.share), rat(t.relief))), refSub(one, q))
}

// refShare is part k of n of an amount, parts in ticks and adding up.
func refShare(amount *big.Rat, k, n int) *big.Rat {
	upTo := func(k int) *big.Rat { return refHalfUp(new(big.Rat).Mul(amount, ratOf(int64(k), int64(n))), 8) }
	return new(big.Rat).Sub(upTo(k+1), upTo(k))
}

// spread fills a day's half-hours with their parts of its amount.
func spread(cells []*big.Rat, d refDay, amount *big.Rat) {
	upTo := new(big.Rat)
	for i := d.lo; i < d.hi; i++ {
		next := refHalfUp(new(big.Rat).Mul(amount, ratOf(int64(i+1-d.lo), int64(d.hi-d.lo))), 8)
		cells[i] = refSub(next, upTo)
		upTo = next
	}
}

func (s *refSpec) kva(date string) (string, int) {
	at := -1
	for i, c := range s.capacity {
		if c.from <= date {
			at = i
		}
	}
	return s.capacity[at].kva, at
}

// cellsOf is what an item costs each half-hour of the span, by unit: nil where
// it has no such rate. A half-hour without a charge is nil.
func (s *refSpec) cellsOf(item, per string) []*big.Rat {
	if _, ok := s.done[item+per]; !ok {
		s.done[item+per] = s.workOut(item, per)
	}
	return s.done[item+per]
}

func (s *refSpec) workOut(item, per string) []*big.Rat {
	if len(s.active(item, per, s.days[0].date)) == 0 {
		return nil
	}
	cells := make([]*big.Rat, len(s.hhs))
	for k, d := range s.days {
		active := s.active(item, per, d.date)
		switch {
		case per == "kWh" || per == "kVArh":
			s.byVolume(cells, item, active, d)
		case per == "GBP":
			s.percent(cells, active[0], d)
		case per == "kW":
			spread(cells, d, s.triadDay(active[0], d))
		case item == "duos-excess-capacity":
			if amount := s.excessDay(active[0], k); amount != nil {
				spread(cells, d, amount)
			}
		case per == "kVA-day":
			kva, _ := s.kva(d.date)
			spread(cells, d, refMul(s.rate(active[0]), rat(kva)))
		default:
			k, n, _ := place(per, d)
			spread(cells, d, refShare(s.rate(active[0]), k, n))
		}
	}
	return cells
}

func (s *refSpec) byVolume(cells []*big.Rat, item string, active []int, d refDay) {
	volume, taxed := s.volume[s.volumeOf(item)], s.taxed(d.date)
	for i := d.lo; i < d.hi; i++ {
		if volume[i] == nil {
			continue
		}
		at := s.pick(active, i)
		if at < 0 {
			cells[i] = new(big.Rat)
			continue
		}
		price, _ := s.price(at, i)
		if price == nil {
			continue
		}
		if item == "ccl" {
			price = refMul(price, taxed)
		}
		cells[i] = refMul(volume[i], price)
	}
}

// percent charges a day its part of what other items come to: the running
// total × rate, to ticks, less the one before.
func (s *refSpec) percent(cells []*big.Rat, rate int, d refDay) {
	base := make([]*big.Rat, d.hi-d.lo)
	for i := range base {
		if base[i] = s.itemCells(s.rates[rate].of, d.lo+i); s.lacks(s.rates[rate].item, d.lo+i) {
			base[i] = nil // the item has no charge for the half-hour
		}
	}
	for i, c := range refRunning(base, s.rate(rate)) {
		cells[d.lo+i] = c
	}
}

// lacks reports whether what an item has beside percentages is missing.
func (s *refSpec) lacks(item string, hh int) bool {
	energy := s.cellsOf(item, "kWh")
	return energy != nil && energy[hh] == nil
}

// refRunning is rate × the running total of a day's amounts, in ticks, less
// the one before. What is missing adds nothing, and has none.
func refRunning(amounts []*big.Rat, rate *big.Rat) []*big.Rat {
	run, before := new(big.Rat), new(big.Rat)
	out := make([]*big.Rat, len(amounts))
	for i, a := range amounts {
		if a == nil {
			continue
		}
		run.Add(run, a)
		upTo := refHalfUp(refMul(run, rate), 8)
		out[i] = refSub(upTo, before)
		before = upTo
	}
	return out
}

// wholeItem is what an item costs each half-hour on all its bases.
func (s *refSpec) wholeItem(item string) []*big.Rat {
	if out, ok := s.done["item "+item]; ok {
		return out
	}
	out := make([]*big.Rat, len(s.hhs))
	for i := range out {
		out[i] = new(big.Rat)
	}
	for _, per := range refPers {
		cells := s.cellsOf(item, per)
		for i := range cells {
			if out[i] == nil || cells[i] == nil {
				out[i] = nil
				continue
			}
			out[i].Add(out[i], cells[i])
		}
	}
	s.done["item "+item] = out
	return out
}

// itemCells is what items together cost a half-hour, nil if one has no charge.
func (s *refSpec) itemCells(items []string, hh int) *big.Rat {
	sum := new(big.Rat)
	for _, item := range items {
		c := s.wholeItem(item)[hh]
		if c == nil {
			return nil
		}
		sum.Add(sum, c)
	}
	return sum
}

// charged are the items with any rate.
func (s *refSpec) charged() []string {
	var out []string
	for _, item := range refOrder {
		if slices.ContainsFunc(refPers, func(per string) bool { return s.cellsOf(item, per) != nil }) {
			out = append(out, item)
		}
	}
	return out
}

// cells is every charge cell, VAT's included, by item.
func (s *refSpec) cells() map[string][]*big.Rat {
	out := map[string][]*big.Rat{}
	for _, item := range s.charged() {
		out[item] = s.wholeItem(item)
	}
	total := make([]*big.Rat, len(s.hhs))
	for i := range total {
		total[i] = new(big.Rat)
		for _, cells := range out {
			if cells[i] == nil {
				total[i] = nil
				break
			}
			total[i].Add(total[i], cells[i])
		}
	}
	out["vat"] = make([]*big.Rat, len(s.hhs))
	for _, d := range s.days {
		copy(out["vat"][d.lo:], refRunning(total[d.lo:d.hi], s.vatRate()))
	}
	return out
}

// vatRate is the one rate of VAT: reduced for a small bill and where six tenths
// of the supply or more are of qualifying use, by shares where less are.
func (s *refSpec) vatRate() *big.Rat {
	q := rat(s.terms[0].qualifying)
	if s.small || q.Cmp(ratOf(6, 10)) >= 0 {
		return s.pounds(s.reduced, "%")
	}
	if q.Sign() == 0 {
		return s.pounds(s.vat, "%")
	}
	mixed := refMul(q, s.pounds(s.reduced, "%"))
	return mixed.Add(mixed, refMul(refSub(ratOf(1, 1), q), s.pounds(s.vat, "%")))
}

// overflows reports whether a charge passes what its cell holds.
func (s *refSpec) overflows() bool {
	s.work()
	for name, cells := range s.cells() {
		item, err := ParseItem(name)
		if err != nil {
			panic(err)
		}
		unit := ratOf(tenTo[defs[item].Scale], 1)
		for _, c := range cells {
			if c != nil && !refFloor(refMul(c, unit)).IsInt64() {
				return true
			}
		}
	}
	return false
}
