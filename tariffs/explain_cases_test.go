package tariffs

import (
	"errors"
	"strings"
	"testing"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// explained charges an engine and explains an item over a span.
func explained(t *testing.T, e *engine, item Item, at settlement.Span) *Explanation {
	t.Helper()
	e.charge(t)
	x, err := e.s.Explain(item, at, e.bill(t, e.s.Span()), e.sup, e.vol, e.charges, e.in())
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func one(p settlement.Period) settlement.Span { return settlement.Span{Lo: p, Hi: p + 1} }

// says checks that texts are in order among what an explanation says.
func says(t *testing.T, x *Explanation, want ...string) {
	t.Helper()
	var all []string
	for _, p := range x.Parameters {
		all = append(all, p.Name+": "+p.Value)
	}
	for i := range x.Terms {
		all = append(all, x.Terms[i].Says()...)
	}
	for _, w := range want {
		found := false
		for len(all) > 0 && !found {
			found = strings.Contains(all[0], w)
			all = all[1:]
		}
		if !found {
			t.Fatalf("%s: %q is not said, in this order, by %+v", x.Item, w, x)
		}
	}
}

// TestExplainLines: a fee for each month and a percentage are two lines, and
// both are named.
func TestExplainLines(t *testing.T) {
	e := flat(t, 1000, 1000, 1_000_000_000, rate(t, DUoSFixed, "48 GBP/day"), rate(t, ManagementFee, "10 GBP/month"), of(t, ManagementFee, "2.5 %", DUoSFixed))
	x := explained(t, e, ManagementFee, e.meter.Span())
	if len(x.Lines) != 2 || x.Lines[0].Unit != "day" || x.Lines[1].Unit != "GBP" || len(x.Terms) != 2 || !x.Exact.Equal(dec("1.53333333")) {
		t.Errorf("%+v", x)
	}
	says(t, x, "of: duos-fixed, GBP 48", "GBP 10 × 15/30 less GBP 10 × 14/30, each to GBP 0.00000001 = GBP 0.33333333", "÷ 48 half-hours", "GBP 1.2, to GBP 0.00000001")
	x = explained(t, e, ManagementFee, one(e.meter.Span().Lo+1))
	says(t, x, "half-hour 2 of 48: GBP 0.33333333 × 2/48 less GBP 0.33333333 × 1/48", "GBP 2 × 2.5 % less GBP 1 × 2.5 % for the half-hours before")
}

// TestExplainVAT: VAT has what it is of and, apart, what the bill asks for.
func TestExplainVAT(t *testing.T) {
	fixed := rate(t, DUoSFixed, "0.126 GBP/day")
	for _, c := range []struct {
		down bool
		want string
		rule string
	}{{false, "0.03", "rounded half away from zero"}, {true, "0.02", "cut to the penny"}} {
		e := flat(t, 100_000, 1000, 1_000_000_000, fixed)
		e.tariff.Conventions.VATDown = c.down
		x := explained(t, e, VAT, e.meter.Span())
		if d := x.Due; !d.Net.Equal(dec("0.13")) || !d.Exact.Equal(dec("0.026")) || !d.Amount.Equal(dec(c.want)) || d.Rounding() != c.rule || len(x.Lines) != 0 {
			t.Errorf("%+v", d)
		}
		if p := x.Terms[0]; !p.Quantity.Decimal.Equal(dec("0.126")) || !p.Product.Decimal.Equal(dec("0.0252")) || !x.Exact.Equal(dec("0.0252")) || p.Price.String() != "20 %" {
			t.Errorf("%+v", p)
		}
	}
	e := flat(t, 100_000, 1000, 1_000_000_000, fixed)
	e.sup.Terms[0].Qualifying = dec("0.4")
	low := rate(t, VAT, "5 %")
	low.Reduced, low.Source, low.Status = true, "notice", Assumed
	e.tariff.Rates = append(e.tariff.Rates, low)
	x := explained(t, e, VAT, e.meter.Span())
	if p := x.Terms[0]; p.Price.String() != "14 %" || p.Status != Assumed || !strings.Contains(p.Source, "40 % of the supply at 5 %: notice") {
		t.Errorf("%+v", p)
	}
	says(t, x, "rate of VAT: 20 % on 60 % of the supply", "rate of VAT: 5 % on 40 % of the supply")
}

// TestExplainExcess: the half-hour that set the month's highest excess, under
// the capacity of its own day, and a month that keeps within it.
func TestExplainExcess(t *testing.T) {
	e := flat(t, 100_000, 1000, 1_000_000_000, rate(t, DUoSExcessCapacity, "10 p/kVA/day"))
	p := e.meter.Span().Lo + 20
	e.meter.Set(series.AI, p, 420_000, 0)
	e.meter.Set(series.RI, p, 175_000, 0)
	x := explained(t, e, DUoSExcessCapacity, one(p))
	says(t, x, "month's highest demand: 910 kVA in 2026-06-15/21 (10:00 to 10:30 BST)", "AI 420 kWh, RI 175 kVArh, RE not held", "capacity of its day: 900 kVA", "month's highest excess: 10 kVA",
		"number 15 of the 30 from 2026-06-01: 10 kVA × GBP 0.1 × 15 days less 10 kVA × GBP 0.1 × 14 days, each to GBP 0.00000001 = GBP 1", "half-hour 21 of 48: GBP 1 × 21/48 less GBP 1 × 20/48")

	e = flat(t, 95_000, 1000, 1_000_000_000, rate(t, DUoSExcessCapacity, "10 p/kVA/day"))
	says(t, explained(t, e, DUoSExcessCapacity, e.meter.Span()), "200 kVA in 2026-06-15/01", "RI not held, RE not held: 2 × kWh ÷ 0.95", "0 kVA: the demand is 700 kVA within the capacity")
	e = flat(t, 0, 1000, 1_000_000_000, rate(t, DUoSExcessCapacity, "10 p/kVA/day"))
	says(t, explained(t, e, DUoSExcessCapacity, e.meter.Span()), "none: no half-hour of 2026-06-15 to 2026-06-15 has active energy")
}

// TestExplainTriads: where the demand of each Triad is from, and what stands
// for Triads that are not published.
func TestExplainTriads(t *testing.T) {
	e := flat(t, 100_000, 1056, 1_000_000_000, rate(t, TNUoSLocational, "3 GBP/kW"))
	held := e.meter.Span().Lo + 33
	other := func(s string) settlement.Period { return day(t, s).First() + 34 }
	e.tariff.Triads = []Triads{{Year: day(t, "2026-04-01"), At: [3]settlement.Period{held, other("2026-12-02"), other("2027-01-14")}, Status: Confirmed}}
	demand := func(s, kw string) TriadDemand { return TriadDemand{other(s), dec(kw), dec("1.1")} }
	e.sup.Triads = []TriadDemand{demand("2026-12-02", "840")}
	if err := e.sup.Validate(); err != nil {
		t.Fatal(err)
	}
	x := explained(t, e, TNUoSLocational, e.meter.Span())
	says(t, x, "2026-06-15/34 (16:30 to 17:00 BST): 2 × 105.6 kWh at the grid supply point = 211.2 kW, held",
		"2026-12-02/35 (17:00 to 17:30 GMT): 840 kW × LLF 1.1 = 924 kW, stated", "2027-01-14/35", "1135.2 kW", "378.4 kW × GBP 3 × 76/365 less 378.4 kW × GBP 3 × 75/365")
	if !x.Conditions.Has(ProvisionalTriad) {
		t.Errorf("conditions: %s", x.Conditions)
	}
	says(t, x, "neither stated by the supply nor held; it counts nothing yet")

	e.tariff.Triads[0].At[2] = day(t, "2026-04-03").First()
	e.sup.Since = day(t, "2026-06-01")
	says(t, explained(t, e, TNUoSLocational, e.meter.Span()), "before the supply began on 2026-06-01; it counts nothing")

	e.tariff.Triads = nil
	e.sup.Triads = []TriadDemand{demand("2026-12-02", "800"), demand("2026-12-03", "700"), demand("2026-12-04", "900"), demand("2026-12-05", "850"), demand("2025-12-05", "999")}
	if err := e.sup.Validate(); err != nil {
		t.Fatal(err)
	}
	x = explained(t, e, TNUoSLocational, e.meter.Span())
	says(t, x, "not published", "candidate: 2026-12-04/35", "candidate: 2026-12-05/35", "candidate: 2026-12-02/35", "770 kW, stated by the supply; it does not count", "together: 2805 kW")
}

// TestExplainIndex: the price a half-hour had with its index, or without it.
func TestExplainIndex(t *testing.T) {
	e := flat(t, 1000, 1000, 1_000_000_000, rate(t, RCRC, "rcrc + 1 GBP/MWh else 0.5 p/kWh"))
	sp := e.meter.Span()
	for p := sp.Lo; p < sp.Hi-2; p++ {
		e.market.Set(series.RCRC, p, int64(p-sp.Lo)*100_000, 0)
	}
	x := explained(t, e, RCRC, sp)
	if p := x.Terms[0]; p.Indexed != 46 || p.StoodIn != 2 || !p.Low.Equal(dec("0.001")) || !p.High.Equal(dec("0.046")) || !x.Conditions.Has(InterimRate) {
		t.Errorf("%+v", p)
	}
	says(t, x, "rcrc is used in 46 of 48 half-hours, its stand-in in the other 2")
	says(t, explained(t, e, RCRC, one(sp.Lo)), "rcrc has landed and is used in the half-hour")
	x = explained(t, e, RCRC, one(sp.Hi-1))
	if p := x.Terms[0]; !p.Low.Equal(dec("0.005")) || !p.High.Equal(dec("0.005")) {
		t.Errorf("%+v", p)
	}
	says(t, x, "rcrc has not landed: its stand-in is used in the half-hour")
}

// TestExplainLabel: the hour that the long day has twice differs by its zone.
func TestExplainLabel(t *testing.T) {
	for _, c := range []struct {
		day  string
		n    int
		want string
	}{
		{"2026-10-25", 3, "2026-10-25 settlement period 3, 01:00 to 01:30 BST"},
		{"2026-10-25", 4, "2026-10-25 settlement period 4, 01:30 BST to 01:00 GMT"},
		{"2026-10-25", 5, "2026-10-25 settlement period 5, 01:00 to 01:30 GMT"},
		{"2026-03-29", 2, "2026-03-29 settlement period 2, 00:30 GMT to 02:00 BST"},
		{"2026-03-29", 46, "2026-03-29 settlement period 46, 23:30 to 00:00 BST"},
		{"2026-10-25", 0, "2026-10-25, settlement periods 1 to 50"},
	} {
		d := day(t, c.day)
		x := &Explanation{Span: d.Span()}
		if c.n > 0 {
			x.Span = one(d.First() + settlement.Period(c.n-1))
		}
		if got := x.Label(); got != c.want {
			t.Errorf("%s, want %s", got, c.want)
		}
	}
}

// TestExplainUncharged: the error says that the tariff does not charge the
// item, and what it does charge.
func TestExplainUncharged(t *testing.T) {
	e := flat(t, 1000, 1000, 1_000_000_000, rate(t, RO, "1 p/kWh"))
	e.charge(t)
	_, err := e.s.Explain(FiT, e.s.Span(), e.bill(t, e.s.Span()), e.sup, e.vol, e.charges, e.in())
	if !errors.Is(err, ErrUncharged) || errors.Is(err, ErrItem) || !strings.HasPrefix(err.Error(), `fit: not charged by tariff "flat": `) || !strings.HasSuffix(err.Error(), "it charges ro, vat") {
		t.Error(err)
	}
}
