package tariffs

import (
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"
	_ "time/tzdata"
)

// The reference engine: maps, loops and big.Rat, from local time. It shares no
// code with the package, only the words of the catalogue.

var london = func() *time.Location {
	l, err := time.LoadLocation("Europe/London")
	if err != nil {
		panic(err)
	}
	return l
}()

// refHolidays are the bank holidays of England and Wales as gov.uk lists them.
var refHolidays = strings.Fields(`
2023-01-02 2023-04-07 2023-04-10 2023-05-01 2023-05-08 2023-05-29 2023-08-28 2023-12-25 2023-12-26
2024-01-01 2024-03-29 2024-04-01 2024-05-06 2024-05-27 2024-08-26 2024-12-25 2024-12-26
2025-01-01 2025-04-18 2025-04-21 2025-05-05 2025-05-26 2025-08-25 2025-12-25 2025-12-26
2026-01-01 2026-04-03 2026-04-06 2026-05-04 2026-05-25 2026-08-31 2026-12-25 2026-12-28
2027-01-01 2027-03-26 2027-03-29 2027-05-03 2027-05-31 2027-08-30 2027-12-27 2027-12-28
2028-01-03 2028-04-14 2028-04-17 2028-05-01 2028-05-29 2028-08-28 2028-12-25 2028-12-26`)

// refVolume is the volume each item is charged on.
var refVolume = map[string]string{
	"energy-unit": "msp", "losses-distribution": "dl", "losses-transmission": "tl",
	"duos-super-red": "msp", "duos-red": "msp", "duos-amber": "msp", "duos-green": "msp",
	"bsuos": "nbp", "rcrc": "nbp", "bsc-costs": "nbp", "ro": "msp", "fit": "msp", "cfd-ilr": "nbp", "cfd-ocl": "nbp",
	"capacity-market": "gsp", "aahedc": "gsp", "eii-support-levy": "nbp", "nuclear-rab": "nbp",
	"ccl": "msp", "green-premium": "msp", "management-fee": "msp",
}

// refOrder is the order bills print items in.
var refOrder = strings.Fields(`energy-unit losses-distribution losses-transmission tnuos-residual duos-super-red duos-red
duos-amber duos-green duos-fixed duos-capacity bsuos rcrc bsc-costs ro fit cfd-ilr cfd-ocl capacity-market aahedc
eii-support-levy nuclear-rab ccl metering-agents green-premium management-fee`)

type refRate struct {
	item, figure, unit string
	from, to           string // "" is open
	window, llfc       string
}

type refClause struct {
	months   []time.Month
	weekdays []time.Weekday
	days     string // working-days, bank-holidays
	times    [][2]int
}

func (c refClause) text() string {
	var words []string
	join := func(names []string) {
		if len(names) > 0 {
			words = append(words, strings.Join(names, ","))
		}
	}
	var ms, ds []string
	for _, m := range c.months {
		ms = append(ms, strings.ToLower(m.String()[:3]))
	}
	for _, d := range c.weekdays {
		ds = append(ds, strings.ToLower(d.String()[:3]))
	}
	join(ms)
	join(ds)
	if c.days != "" {
		words = append(words, c.days)
	}
	for _, t := range c.times {
		words = append(words, fmt.Sprintf("%02d:%02d-%02d:%02d", t[0]/60, t[0]%60, t[1]/60, t[1]%60))
	}
	return strings.Join(words, " ")
}

func (c refClause) holds(h refHH) bool {
	if len(c.months) > 0 && !slices.Contains(c.months, h.month) || len(c.weekdays) > 0 && !slices.Contains(c.weekdays, h.weekday) {
		return false
	}
	holiday := slices.Contains(refHolidays, h.date)
	weekend := h.weekday == time.Saturday || h.weekday == time.Sunday
	if c.days == "working-days" && (holiday || weekend) || c.days == "bank-holidays" && !holiday {
		return false
	}
	if len(c.times) == 0 {
		return true
	}
	for _, t := range c.times {
		for at := t[0]; ; at = (at + 30) % 1440 {
			if at == t[1]%1440 && at != t[0] {
				break
			}
			if at == h.clock {
				return true
			}
			if (at+30)%1440 == t[0] {
				break
			}
		}
	}
	return false
}

type refHH struct {
	date    string
	day     int // of the span
	month   time.Month
	weekday time.Weekday
	clock   int
	start   time.Time

	msp, gsp, dl, nbp, tl *big.Rat
}

func (h refHH) volume(name string) *big.Rat {
	return map[string]*big.Rat{"msp": h.msp, "gsp": h.gsp, "dl": h.dl, "nbp": h.nbp, "tl": h.tl}[name]
}

type refDay struct {
	date   string
	lo, hi int // half-hours
	noon   time.Time
}

type refCapacity struct{ from, kva string }

type refSpec struct {
	from, to string
	llfc     string
	windows  map[string][]refClause
	rates    []refRate
	vat      string // figure of the per cent
	capacity []refCapacity
	ai, llf  []int64 // × 10^-3
	tlm      []int64 // × 10^-9

	days []refDay
	hhs  []refHH
	done map[string][]*big.Rat // cellsOf, worked out once
}

type refLine struct {
	item, unit, from, to string
	qty, exact, amount   *big.Rat
}

type refBill struct {
	lines                 []refLine
	net, vat, gross, vatx *big.Rat
}

func rat(s string) *big.Rat {
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		panic(s)
	}
	return r
}

func ratOf(n, d int64) *big.Rat { return big.NewRat(n, d) }

// refFloor is the whole number at or below r.
func refFloor(r *big.Rat) *big.Int {
	return new(big.Int).Div(r.Num(), r.Denom()) // Euclidean; the denominator is positive
}

// refHalfUp rounds to so many decimals, ties up.
func refHalfUp(r *big.Rat, decimals int) *big.Rat {
	unit := new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(decimals)), nil))
	x := new(big.Rat).Mul(r, unit)
	x.Add(x, ratOf(1, 2))
	return new(big.Rat).Quo(new(big.Rat).SetInt(refFloor(x)), unit)
}

// refAway rounds to pennies, ties away from zero.
func refAway(r *big.Rat) *big.Rat {
	a := refHalfUp(new(big.Rat).Abs(r), 2)
	if r.Sign() < 0 {
		a.Neg(a)
	}
	return a
}

// refEven rounds to a whole number, ties to the even one.
func refEven(r *big.Rat) *big.Int {
	lo := refFloor(r)
	rest := new(big.Rat).Sub(r, new(big.Rat).SetInt(lo))
	c := rest.Cmp(ratOf(1, 2))
	if c > 0 || c == 0 && lo.Bit(0) == 1 {
		lo.Add(lo, big.NewInt(1))
	}
	return lo
}

var refUnits = map[string]*big.Rat{"p": ratOf(1, 100), "GBP": ratOf(1, 1)}

// pounds is the price in £ for one kWh, day, kVA-day, month or year, and the
// unit a quantity of it is counted in.
func (r refRate) pounds() (*big.Rat, string) {
	money, per, _ := strings.Cut(r.unit, "/")
	x := new(big.Rat).Mul(rat(r.figure), refUnits[money])
	switch per {
	case "MWh":
		return x.Quo(x, ratOf(1000, 1)), "kWh"
	case "kVA/day":
		return x, "kVA-day"
	case "MPAN/day", "site/day":
		return x, "day"
	}
	return x, per
}

// lay works out the half-hours of the span from local time, and their volumes.
func (s *refSpec) lay() {
	if s.hhs != nil {
		return
	}
	at, err := time.ParseInLocation(time.DateOnly, s.from, london)
	if err != nil {
		panic(err)
	}
	for at.Format(time.DateOnly) != s.to {
		y, m, d := at.Date()
		next := time.Date(y, m, d+1, 0, 0, 0, 0, london)
		day := refDay{date: at.Format(time.DateOnly), lo: len(s.hhs), noon: time.Date(y, m, d, 12, 0, 0, 0, time.UTC)}
		for t := at; t.Before(next); t = t.Add(30 * time.Minute) {
			s.hhs = append(s.hhs, refHH{date: day.date, day: len(s.days), month: t.Month(), weekday: t.Weekday(), clock: t.Hour()*60 + t.Minute(), start: t})
		}
		day.hi = len(s.hhs)
		s.days = append(s.days, day)
		at = next
	}
}

func (s *refSpec) volumes() {
	micro := new(big.Rat).SetInt64(1_000_000)
	for i := range s.hhs {
		h := &s.hhs[i]
		h.msp = ratOf(s.ai[i], 1000)
		h.gsp = new(big.Rat).Mul(h.msp, ratOf(s.llf[i], 1000))
		h.nbp = new(big.Rat).Mul(h.gsp, ratOf(s.tlm[i], 1_000_000_000))
		h.nbp = new(big.Rat).Quo(new(big.Rat).SetInt(refEven(h.nbp.Mul(h.nbp, micro))), micro)
		h.dl = new(big.Rat).Sub(h.gsp, h.msp)
		h.tl = new(big.Rat).Sub(h.nbp, h.gsp)
	}
}

// active are the rates of an item in a unit that hold on a day.
func (s *refSpec) active(item, per, date string) []int {
	var out []int
	for i, r := range s.rates {
		_, unit := r.pounds()
		if r.item == item && unit == per && (r.from == "" || r.from <= date) && (r.to == "" || date < r.to) && (r.llfc == "" || r.llfc == s.llfc) {
			out = append(out, i)
		}
	}
	return out
}

// pick is the rate that covers a half-hour, or -1.
func (s *refSpec) pick(active []int, h refHH) int {
	rest := -1
	for _, i := range active {
		w := s.rates[i].window
		if w == "otherwise" {
			rest = i
			continue
		}
		if w == "" {
			return i
		}
		for _, c := range s.windows[w] {
			if c.holds(h) {
				return i
			}
		}
	}
	return rest
}

// refShare is part k of n of an amount, parts in ticks and adding up.
func refShare(amount *big.Rat, k, n int) *big.Rat {
	upTo := func(k int) *big.Rat { return refHalfUp(new(big.Rat).Mul(amount, ratOf(int64(k), int64(n))), 8) }
	return new(big.Rat).Sub(upTo(k+1), upTo(k))
}

// place is the number of the day in its month or charging year, from 0, and
// how many days those have.
func place(per string, d refDay) (k, n int, key string) {
	y, m, day := d.noon.Date()
	switch per {
	case "month":
		return day - 1, time.Date(y, m+1, 0, 12, 0, 0, 0, time.UTC).Day(), fmt.Sprint(y, m)
	case "year":
		if m < time.April {
			y--
		}
		april := time.Date(y, time.April, 1, 12, 0, 0, 0, time.UTC)
		return int(d.noon.Sub(april).Hours() / 24), int(april.AddDate(1, 0, 0).Sub(april).Hours() / 24), fmt.Sprint(y)
	}
	return 0, 1, ""
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

var refPers = []string{"kWh", "year", "month", "day", "kVA-day"}

// cellsOf is what an item costs each half-hour of the span, by unit.
func (s *refSpec) cellsOf(item, per string) []*big.Rat {
	if s.done == nil {
		s.done = map[string][]*big.Rat{}
	}
	if _, ok := s.done[item+per]; !ok {
		s.done[item+per] = s.workOut(item, per)
	}
	return s.done[item+per]
}

func (s *refSpec) workOut(item, per string) []*big.Rat {
	cells := make([]*big.Rat, len(s.hhs))
	for _, d := range s.days {
		active := s.active(item, per, d.date)
		if len(active) == 0 {
			return nil
		}
		for i := d.lo; i < d.hi; i++ {
			cells[i] = new(big.Rat)
			if per == "kWh" {
				if at := s.pick(active, s.hhs[i]); at >= 0 {
					price, _ := s.rates[at].pounds()
					cells[i].Mul(s.hhs[i].volume(refVolume[item]), price)
				}
				continue
			}
			price, _ := s.rates[active[0]].pounds()
			k, n, _ := place(per, d)
			amount := refShare(price, k, n)
			if per == "kVA-day" {
				kva, _ := s.kva(d.date)
				amount = new(big.Rat).Mul(price, rat(kva))
			}
			cells[i] = refShare(amount, i-d.lo, d.hi-d.lo)
		}
	}
	return cells
}

// cells is every charge cell, VAT's included, by item.
func (s *refSpec) cells() map[string][]*big.Rat {
	out := map[string][]*big.Rat{}
	total := make([]*big.Rat, len(s.hhs))
	for i := range total {
		total[i] = new(big.Rat)
	}
	for _, item := range refOrder {
		for _, per := range refPers {
			one := s.cellsOf(item, per)
			if one == nil {
				continue
			}
			if out[item] == nil {
				out[item] = make([]*big.Rat, len(s.hhs))
			}
			for i, c := range one {
				total[i].Add(total[i], c)
				if out[item][i] == nil {
					out[item][i] = new(big.Rat)
				}
				out[item][i].Add(out[item][i], c)
			}
		}
	}
	rate := s.vatRate()
	vat := make([]*big.Rat, len(s.hhs))
	for _, d := range s.days {
		run, before := new(big.Rat), new(big.Rat)
		for i := d.lo; i < d.hi; i++ {
			run.Add(run, total[i])
			upTo := refHalfUp(new(big.Rat).Mul(run, rate), 8)
			vat[i] = new(big.Rat).Sub(upTo, before)
			before = upTo
		}
	}
	out["vat"] = vat
	return out
}

func (s *refSpec) vatRate() *big.Rat { return new(big.Rat).Quo(rat(s.vat), ratOf(100, 1)) }

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
			for lo := a; lo < b; {
				hi := lo + 1
				for hi < b && s.together(item, per, s.days[lo], s.days[hi]) {
					hi++
				}
				l := s.line(item, per, lo, hi, cells)
				if n := len(out.lines); n > 0 && l.unit == "month" {
					if p := out.lines[n-1]; p.item == item && p.unit == "month" && p.to == l.from && slices.Equal(s.active(item, per, p.from), s.active(item, per, l.from)) {
						out.net.Sub(out.net, p.amount)
						netx.Sub(netx, p.exact)
						out.lines = out.lines[:n-1]
						price, _ := s.rates[s.active(item, per, p.from)[0]].pounds()
						l.from, l.qty, l.exact = p.from, new(big.Rat).Add(p.qty, l.qty), new(big.Rat).Add(p.exact, l.exact)
						l.amount = refAway(new(big.Rat).Mul(l.qty, price))
					}
				}
				out.lines = append(out.lines, l)
				out.net.Add(out.net, l.amount)
				netx.Add(netx, l.exact)
				lo = hi
			}
		}
	}
	out.vat = refAway(new(big.Rat).Mul(out.net, s.vatRate()))
	out.vatx = new(big.Rat).Mul(netx, s.vatRate())
	out.gross = new(big.Rat).Add(out.net, out.vat)
	return out
}

// together reports whether two days stand on one line.
func (s *refSpec) together(item, per string, x, y refDay) bool {
	if !slices.Equal(s.active(item, per, x.date), s.active(item, per, y.date)) {
		return false
	}
	if per == "kVA-day" {
		_, i := s.kva(x.date)
		_, j := s.kva(y.date)
		return i == j
	}
	_, _, i := place(per, x)
	_, _, j := place(per, y)
	return i == j
}

func (s *refSpec) line(item, per string, lo, hi int, cells []*big.Rat) refLine {
	active := s.active(item, per, s.days[lo].date)
	end := s.days[hi-1].noon.AddDate(0, 0, 1).Format(time.DateOnly)
	l := refLine{item: item, unit: per, from: s.days[lo].date, to: end, qty: new(big.Rat), exact: new(big.Rat)}
	for i := s.days[lo].lo; i < s.days[hi-1].hi; i++ {
		l.exact.Add(l.exact, cells[i])
		if per == "kWh" && s.pick(active, s.hhs[i]) >= 0 {
			l.qty.Add(l.qty, s.hhs[i].volume(refVolume[item]))
		}
	}
	days := int64(hi - lo)
	price, _ := s.rates[active[0]].pounds()
	switch per {
	case "kWh":
		l.amount = refAway(l.exact)
		return l
	case "kVA-day":
		kva, _ := s.kva(l.from)
		l.qty = new(big.Rat).Mul(rat(kva), ratOf(days, 1))
		l.amount = refAway(new(big.Rat).Mul(l.qty, price))
		return l
	}
	_, n, _ := place(per, s.days[lo])
	l.qty.SetInt64(days)
	l.amount = refAway(new(big.Rat).Mul(price, ratOf(days, int64(n))))
	switch {
	case per != "day" && days == int64(n):
		l.qty.SetInt64(1)
	default:
		l.unit = "day"
	}
	return l
}
