package tariffs

import (
	"math/big"
	"slices"
	"time"
)

type refLine struct {
	item, unit, from, to string
	qty, exact, amount   *big.Rat
	rate                 *big.Rat // nil where windows have their own
	divisor              int64
	conditions           Condition // of those in refConditions
}

// refConditions are what lines say of themselves that the reference knows of.
const refConditions = InterimRate | ProvisionalTriad | NoReactive | OneReactive

type refBill struct {
	lines                 []refLine
	net, vat, gross, vatx *big.Rat
}

// complete reports whether every half-hour of days a <= d < b is charged.
func (s *refSpec) complete(cells map[string][]*big.Rat, a, b int) bool {
	for item, c := range cells {
		if item != "vat" && slices.Contains(c[s.days[a].lo:s.days[b-1].hi], nil) {
			return false
		}
	}
	return true
}

// bill makes the bill of days a <= d < b of the span.
func (s *refSpec) bill(a, b int) refBill {
	out := refBill{net: new(big.Rat)}
	netx := new(big.Rat)
	for _, item := range refOrder {
		for _, per := range refPers {
			cells := s.cellsOf(item, per)
			if cells == nil {
				continue
			}
			from := len(out.lines)
			for lo := a; lo < b; {
				hi := lo + 1
				for hi < b && s.together(item, per, s.days[lo], s.days[hi]) {
					hi++
				}
				out.lines = append(out.lines, s.line(item, per, lo, hi, cells))
				lo = hi
			}
			out.lines = append(out.lines[:from], s.joinMonths(out.lines[from:])...)
		}
	}
	s.inherit(out.lines)
	for _, l := range out.lines {
		out.net.Add(out.net, l.amount)
		netx.Add(netx, l.exact)
	}
	out.vat = refAway(refMul(out.net, s.vatRate()))
	if s.vatDown { // to the penny towards zero
		pennies := refMul(refMul(out.net, s.vatRate()), ratOf(100, 1))
		out.vat = new(big.Rat).SetFrac(new(big.Int).Quo(pennies.Num(), pennies.Denom()), big.NewInt(100))
	}
	out.vatx = refMul(netx, s.vatRate())
	out.gross = new(big.Rat).Add(out.net, out.vat)
	return out
}

// inherit gives percentages what the lines they are of say, until nobody has
// anything left to learn.
func (s *refSpec) inherit(lines []refLine) {
	for learned := true; learned; {
		learned = false
		for i := range lines {
			l := &lines[i]
			if l.unit != "GBP" {
				continue
			}
			of := s.rates[s.active(l.item, "GBP", l.from)[0]].of
			for _, b := range lines {
				if slices.Contains(of, b.item) && b.from < l.to && l.from < b.to && l.conditions|b.conditions != l.conditions {
					l.conditions |= b.conditions
					learned = true
				}
			}
		}
	}
}

// joinMonths puts whole months at one rate on one line.
func (s *refSpec) joinMonths(lines []refLine) []refLine {
	var out []refLine
	for _, l := range lines {
		if n := len(out); n > 0 && l.unit == "month" && out[n-1].unit == "month" && slices.Equal(s.active(l.item, "month", out[n-1].from), s.active(l.item, "month", l.from)) {
			p := &out[n-1]
			p.to, p.qty, p.exact = l.to, new(big.Rat).Add(p.qty, l.qty), new(big.Rat).Add(p.exact, l.exact)
			p.amount = refAway(refMul(p.qty, p.rate))
			continue
		}
		out = append(out, l)
	}
	return out
}

// together reports whether two days stand on one line.
func (s *refSpec) together(item, per string, x, y refDay) bool {
	if !slices.Equal(s.active(item, per, x.date), s.active(item, per, y.date)) {
		return false
	}
	switch {
	case slices.Contains(refExempt, item): // its own parameter, though not its rate
		return s.termsOn(x.date).exempt == s.termsOn(y.date).exempt
	case item == "ccl":
		return s.taxed(x.date).Cmp(s.taxed(y.date)) == 0
	case item == "duos-excess-capacity":
		per = "month"
	case per == "kVA-day":
		_, i := s.kva(x.date)
		_, j := s.kva(y.date)
		return i == j
	case per == "kW":
		per = "year"
	}
	_, _, i := place(per, x)
	_, _, j := place(per, y)
	return i == j
}

// line is days lo <= d < hi on one line.
func (s *refSpec) line(item, per string, lo, hi int, cells []*big.Rat) refLine {
	active := s.active(item, per, s.days[lo].date)
	end := s.days[hi-1].noon.AddDate(0, 0, 1).Format(time.DateOnly)
	l := refLine{item: item, unit: per, from: s.days[lo].date, to: end, qty: new(big.Rat), exact: new(big.Rat), divisor: 1, rate: s.rate(active[0])}
	for i := s.days[lo].lo; i < s.days[hi-1].hi; i++ {
		l.exact.Add(l.exact, cells[i])
	}
	days := int64(hi - lo)
	switch {
	case per == "kWh" || per == "kVArh":
		s.energy(&l, active, s.days[lo].lo, s.days[hi-1].hi)
		return l
	case per == "GBP":
		for i := s.days[lo].lo; i < s.days[hi-1].hi; i++ {
			l.qty.Add(l.qty, s.itemCells(s.rates[active[0]].of, i))
		}
	case item == "duos-excess-capacity":
		most, m, at := s.excessOf(lo)
		l.conditions = s.unread(s.days[lo-at].lo, s.days[lo-at+m-1].hi) // of the whole month
		l.qty = refMul(most, ratOf(days, 1))
		if s.excessMonth {
			_, n, _ := place("month", s.days[lo])
			l.qty.Mul(l.qty, ratOf(int64(n), 1))
			l.divisor = int64(m)
		}
	case per == "kVA-day":
		kva, _ := s.kva(l.from)
		l.qty = refMul(rat(kva), ratOf(days, 1))
	case per == "kW":
		_, n, year := place("year", s.days[lo])
		sum, provisional := s.triadKW(year)
		if l.qty = sum; provisional {
			l.conditions |= ProvisionalTriad
		}
		l.divisor = 3
		if days != int64(n) {
			l.unit, l.divisor = "kW-day", 3*int64(n)
			l.qty.Mul(l.qty, ratOf(days, 1))
		}
	default:
		_, n, _ := place(per, s.days[lo])
		if l.qty.SetInt64(days); per != "day" && days == int64(n) {
			l.qty.SetInt64(1)
		} else {
			l.unit, l.divisor = "day", int64(n)
		}
	}
	l.amount = refAway(new(big.Rat).Quo(refMul(l.qty, l.rate), ratOf(l.divisor, 1)))
	return l
}

// energy is a line of energy, half-hours lo <= i < hi.
func (s *refSpec) energy(l *refLine, active []int, lo, hi int) {
	volume := s.volume[s.volumeOf(l.item)]
	for i := lo; i < hi; i++ {
		at := s.pick(active, i)
		if at < 0 {
			continue
		}
		l.qty.Add(l.qty, volume[i])
		if _, interim := s.price(at, i); interim && volume[i].Sign() != 0 {
			l.conditions |= InterimRate
		}
	}
	if l.item == "duos-reactive" {
		l.conditions |= s.unread(lo, hi)
	}
	if l.rate = nil; len(active) == 1 && s.rates[active[0]].index == "" {
		if l.rate = s.rate(active[0]); l.item == "ccl" {
			l.rate = refMul(l.rate, s.taxed(l.from))
		}
	}
	l.amount = refAway(l.exact)
}

// unread says whether of half-hours lo <= i < hi with active energy some lack
// reactive readings, or one of the two.
func (s *refSpec) unread(lo, hi int) (c Condition) {
	active, ri, re := s.stated(s.metered()), s.stated("RI"), s.stated("RE")
	for i := lo; i < hi; i++ {
		switch {
		case active[i].Sign() <= 0:
		case ri[i] == nil && re[i] == nil:
			c |= NoReactive
		case ri[i] == nil || re[i] == nil:
			c |= OneReactive
		}
	}
	return c
}
