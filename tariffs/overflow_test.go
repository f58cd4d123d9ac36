package tariffs

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// flat is an engine over one day with the same figures in each half-hour.
func flat(t *testing.T, ai, llf, tlm int64, rates ...Rate) *engine {
	t.Helper()
	sp := span(t, "2026-06-15", "2026-06-16")
	e := &engine{sup: testSupply(t, "101", Capacity{day(t, "2020-01-01"), price(t, "900 GBP/day").Value}),
		meter: series.NewFrame(nil, series.Meter(), sp), market: series.NewFrame(nil, series.Market(), sp)}
	for p := sp.Lo; p < sp.Hi; p++ {
		e.meter.Set(series.AI, p, ai, series.Mark(0).From(settlement.SF))
		e.market.Set(series.LLF, p, llf, 0)
		e.market.Set(series.TLM, p, tlm, 0)
	}
	e.tariff = &Tariff{Name: "flat", Rates: append(rates, Rate{Items: []Item{VAT}, Price: price(t, "20 %")})}
	return e
}

func rate(t testing.TB, item Item, p string) Rate {
	t.Helper()
	return Rate{Items: []Item{item}, Price: price(t, p), Status: Contract}
}

// TestChargeOverflow puts one cell at the last product an int64 holds, and
// one unit past it.
func TestChargeOverflow(t *testing.T) {
	for _, c := range []struct {
		price string
		unit  int64 // £/kWh × 10^8
	}{{"700 GBP/kWh", 70_000_000_000}, {"-700 GBP/kWh", -70_000_000_000}, {"0.00000007 GBP/kWh", 7}} {
		e := flat(t, 0, 1000, 1_000_000_000, rate(t, GreenPremium, c.price))
		at := e.meter.Span().Lo + 17
		abs := int64(magnitude(c.unit))
		for _, most := range []int64{math.MaxInt64 / abs, math.MaxInt64/abs + 1} {
			e.charge(t)
			e.setVolume(MSP, at, most)
			err := e.s.Charge(e.charges, e.vol, e.in(), e.sup)
			if fits := most == math.MaxInt64/abs; fits {
				if err != nil {
					t.Fatalf("%s × %d: %v", c.price, most, err)
				}
				if v, _ := e.charges.Get(0, at); v != most*c.unit {
					t.Errorf("%s × %d: %d", c.price, most, v)
				}
				continue
			}
			if !errors.Is(err, ErrOverflow) || !strings.Contains(err.Error(), "green-premium") || !strings.Contains(err.Error(), "2026-06-15/18") {
				t.Errorf("%s × %d: %v", c.price, most, err)
			}
		}
	}
}

// setVolume writes past Adjust: to one volume line at one half-hour.
func (e *engine) setVolume(v Volume, p settlement.Period, value int64) {
	e.vol.Line(v).Values[e.vol.Span().Index(p)] = value
}

// TestChargeOverflowStanding: what is added to the product counts too.
func TestChargeOverflowStanding(t *testing.T) {
	e := flat(t, 0, 1000, 1_000_000_000, rate(t, ManagementFee, "0.00000001 GBP/kWh"), rate(t, ManagementFee, "14.40 GBP/month"))
	e.charge(t)
	at := e.meter.Span().Lo + 3
	standing, _ := e.charges.Get(0, at)
	if standing != 1_000_000*1000 {
		t.Fatalf("a month's £14.40 is %d a half-hour", standing)
	}
	for _, past := range []int64{0, 1} {
		e.setVolume(MSP, at, math.MaxInt64-standing+past)
		err := e.s.Charge(e.charges, e.vol, e.in(), e.sup)
		if v, _ := e.charges.Get(0, at); past == 0 && (err != nil || v != math.MaxInt64) {
			t.Errorf("%d, %v", v, err)
		}
		if past == 1 && (!errors.Is(err, ErrOverflow) || !strings.Contains(err.Error(), "management-fee") || !strings.Contains(err.Error(), "2026-06-15/04")) {
			t.Errorf("one past: %v", err)
		}
	}
}

func TestCapacityOverflow(t *testing.T) {
	e := flat(t, 0, 1000, 1_000_000_000, rate(t, DUoSCapacity, "1 GBP/kVA/day"))
	e.sup = testSupply(t, "101", Capacity{day(t, "2020-01-01"), price(t, "1000000 GBP/day").Value})
	e.charge(t) // a million pounds for the day is the most
	if sum := e.charges.Line(0).Sum(0, 48).Decimal(tickScale); sum.String() != "1000000" {
		t.Errorf("the day comes to %s", sum)
	}
	for _, p := range []string{"1.00001 GBP/kVA/day", "-1.00001 GBP/kVA/day", "100000 GBP/kVA/day"} {
		e.tariff.Rates[0] = rate(t, DUoSCapacity, p)
		var err error
		if e.s, err = e.tariff.Compile(e.meter.Span(), testSupply(t, "101")); err != nil {
			t.Fatal(err)
		}
		if err := e.s.Charge(e.charges0(), e.vol, e.in(), e.sup); !errors.Is(err, ErrOverflow) || !strings.Contains(err.Error(), "duos-capacity") {
			t.Errorf("%s: %v", p, err)
		}
	}
}

// charges0 is a fresh frame of the schedule's charges.
func (e *engine) charges0() *series.Frame {
	return series.NewFrame(nil, e.s.Schema(), e.meter.Span())
}

// TestAdjustNeverWraps: a volume that cannot be held is refused, on every line.
func TestAdjustNeverWraps(t *testing.T) {
	for _, c := range []struct {
		name         string
		ai, llf, tlm int64
		ok           bool
	}{
		{"the largest GSP volume", math.MaxInt64 / 1000, 1000, 1_000_000_000, true},
		{"past it", math.MaxInt64/1000 + 1, 1000, 1_000_000_000, false},
		{"past it below zero", -math.MaxInt64/1000 - 2, 1000, 1_000_000_000, false},
		{"metered volume at 6 decimals", math.MaxInt64 / 100, 1, 1_000_000_000, false},
		{"NBP above GSP", math.MaxInt64 / 1000, 1000, 1_010_106_000, false},
		{"NBP far below a GSP volume", math.MaxInt64 / 1000, 1000, -1_000_000_000, false},
		{"GSP far below a metered volume", math.MaxInt64 / 1000, -1000, 1, false},
	} {
		e := flat(t, 0, 1000, 1_000_000_000)
		at := e.meter.Span().Lo + 17
		e.meter.Set(series.AI, at, c.ai, 0)
		e.market.Set(series.LLF, at, c.llf, 0)
		e.market.Set(series.TLM, at, c.tlm, 0)
		vol := series.NewFrame(nil, Volumes(), e.meter.Span())
		var err error
		if e.s, err = e.tariff.Compile(e.meter.Span(), e.sup); err != nil {
			t.Fatal(err)
		}
		err = e.s.Adjust(vol, e.in())
		if c.ok != (err == nil) || err != nil && (!errors.Is(err, ErrOverflow) || !strings.Contains(err.Error(), "2026-06-15/18")) {
			t.Errorf("%s: %v", c.name, err)
		}
		if err == nil {
			g, n := vol.Line(GSP).Values[17], vol.Line(NBP).Values[17]
			if d := vol.Line(DistributionLosses).Values[17]; d != g-c.ai*1000 || vol.Line(TransmissionLosses).Values[17] != n-g {
				t.Errorf("%s: losses %d", c.name, d)
			}
		}
	}
}
