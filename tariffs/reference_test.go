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
// code with the package, only the words of the catalogue. What it is told is in
// this file; reference_volume_test.go works out energy and prices,
// reference_charge_test.go what an item costs each half-hour,
// reference_demand_test.go what rests on a month's or a year's demand, and
// reference_bill_test.go the printed lines.

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

type refClause struct {
	months   []time.Month
	weekdays []time.Weekday
	days     string // working-days, bank-holidays
	times    [][2]int
	not      [2]string // 12-22 to 01-04, both included, are taken away
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
	if c.not[0] != "" {
		name := func(md string) string {
			at, err := time.Parse("01-02", md)
			if err != nil {
				panic(err)
			}
			return strings.ToLower(at.Format("2Jan"))
		}
		words = append(words, "except "+name(c.not[0])+"-"+name(c.not[1]))
	}
	return strings.Join(words, " ")
}

func (c refClause) holds(h refHH) bool {
	if len(c.months) > 0 && !slices.Contains(c.months, h.month) || len(c.weekdays) > 0 && !slices.Contains(c.weekdays, h.weekday) {
		return false
	}
	if c.not[0] != "" { // a stretch of the calendar, which may cross the year's end
		md := h.date[5:]
		if in := c.not[0] <= md && md <= c.not[1]; c.not[0] <= c.not[1] && in || c.not[0] > c.not[1] && (md >= c.not[0] || md <= c.not[1]) {
			return false
		}
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

// refVolume is the volume each item is charged on.
var refVolume = map[string]string{
	"energy-unit": "msp", "energy-imbalance": "imbalance", "losses-distribution": "dl", "losses-transmission": "tl",
	"duos-super-red": "msp", "duos-red": "msp", "duos-amber": "msp", "duos-green": "msp", "duos-reactive": "reactive",
	"bsuos": "nbp", "rcrc": "nbp", "bsc-costs": "nbp", "ro": "msp", "fit": "msp", "cfd-ilr": "nbp", "cfd-ocl": "nbp",
	"capacity-market": "gsp", "aahedc": "gsp", "eii-support-levy": "nbp", "nuclear-rab": "nbp",
	"ccl": "msp", "green-premium": "msp", "management-fee": "msp",
}

// refExempt are the items that an energy-intensive industry may be exempt from.
var refExempt = strings.Fields("ro fit cfd-ilr cfd-ocl capacity-market nuclear-rab")

// refOrder is the order bills print items in, and refPers that of an item's
// bases. A percentage is counted in pounds.
var (
	refOrder = strings.Fields(`energy-unit energy-imbalance losses-distribution losses-transmission tnuos-residual tnuos-locational
duos-super-red duos-red duos-amber duos-green duos-fixed duos-capacity duos-excess-capacity duos-reactive bsuos rcrc bsc-costs ro fit
cfd-ilr cfd-ocl capacity-market aahedc eii-support-levy nuclear-rab ccl metering-agents green-premium management-fee`)
	refPers = []string{"kWh", "kVArh", "year", "month", "day", "kVA-day", "kW", "GBP"}
)

// refRate is a rate as a tariff states it. One that follows an index has its
// figure added; other stands in for both.
type refRate struct {
	item, figure, unit string
	from, to           string // "" is open
	window, llfc, band string
	index, other       string
	at                 string   // MSP, GSP, NBP or ""
	of                 []string // items a percentage is of
}

func (r refRate) text() string {
	if r.index == "" {
		return r.figure + " " + r.unit
	}
	out := r.index
	if figure, negative := strings.CutPrefix(r.figure, "-"); figure != "" && negative {
		out += " - " + figure + " " + r.unit
	} else if figure != "" {
		out += " + " + figure + " " + r.unit
	}
	if r.other != "" {
		out += " else " + r.other + " " + r.unit
	}
	return out
}

type refHH struct {
	date    string
	day     int // of the span
	month   time.Month
	weekday time.Weekday
	clock   int
	start   time.Time
}

type refDay struct {
	date   string
	lo, hi int // half-hours
	noon   time.Time
}

type (
	refCapacity struct{ from, kva string }
	refTerms    struct{ from, llfc, band, exempt, share, relief, qualifying string }
	refDemand   struct {
		at      time.Time
		kw, llf string
	}
)

// refLineOfData is what is stated half-hour by half-hour: integers at a number
// of decimals, nil where nothing is.
type refLineOfData struct {
	decimals int
	values   []*int64
}

type refSpec struct {
	from, to             string
	export, small        bool
	excessMonth, vatDown bool
	windows              map[string][]refClause
	rates                []refRate
	vat, reduced         string // figures of the per cent
	terms                []refTerms
	capacity             []refCapacity
	since                string
	triads               map[string][3]time.Time // by charging year
	demands              []refDemand
	data                 map[string]*refLineOfData // as the frames name them

	days []refDay
	hhs  []refHH
	priced

	triples bool // the readings were drawn to make the agreed capacity
}

// priced is what was worked out once.
type priced struct {
	volume  map[string][]*big.Rat
	indices map[string][]*big.Rat
	done    map[string][]*big.Rat
	inside  map[string][]bool
	figures map[string]*big.Rat
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
func refAway(r *big.Rat) *big.Rat { return refAwayTo(r, 2) }

func refAwayTo(r *big.Rat, decimals int) *big.Rat {
	a := refHalfUp(new(big.Rat).Abs(r), decimals)
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

// yearOf is the charging year of a moment.
func yearOf(at time.Time) string {
	y, m, d := at.In(london).Date()
	_, _, key := place("year", refDay{noon: time.Date(y, m, d, 12, 0, 0, 0, time.UTC)})
	return key
}

// termsOn are the terms that hold on a day: the first hold before, too.
func (s *refSpec) termsOn(date string) refTerms {
	out := s.terms[0]
	for _, t := range s.terms[1:] {
		if t.from <= date {
			out = t
		}
	}
	return out
}

// String is the spec as a failing test reports it.
func (s *refSpec) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s to %s, export %v, small %v, excess month %v, VAT down %v, VAT %s (%s), since %q\n", s.from, s.to, s.export, s.small, s.excessMonth, s.vatDown, s.vat, s.reduced, s.since)
	fmt.Fprintf(&b, "terms %q\ncapacity %q\ntriads %v, demands %v\nwindows", s.terms, s.capacity, s.triads, s.demands)
	for name, clauses := range s.windows {
		for _, c := range clauses {
			fmt.Fprintf(&b, " %s=%q", name, c.text())
		}
	}
	for _, r := range s.rates {
		fmt.Fprintf(&b, "\n%s %q from %q to %q window %q class %q band %q at %q of %q", r.item, r.text(), r.from, r.to, r.window, r.llfc, r.band, r.at, r.of)
	}
	return b.String()
}
