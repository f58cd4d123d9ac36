package tariffs

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

// of is a percentage of other items.
func of(t testing.TB, item Item, p string, items ...Item) Rate {
	t.Helper()
	r := rate(t, item, p)
	r.Of = items
	return r
}

// TestShares: a percentage may be of a percentage, in whatever order they are
// written, but not of itself by any way, and not of what is not billed.
func TestShares(t *testing.T) {
	fixed := rate(t, DUoSFixed, "48 GBP/day")
	for _, c := range []struct {
		name  string
		rates []Rate
		names string // of items in the message; "" where it compiles
	}{
		{"a chain", []Rate{of(t, ManagementFee, "1 %", GreenPremium), of(t, GreenPremium, "10 %", BSCCosts), of(t, BSCCosts, "50 %", DUoSFixed)}, ""},
		{"of itself", []Rate{of(t, ManagementFee, "1 %", ManagementFee)}, "management-fee"},
		{"of its own other basis", []Rate{rate(t, ManagementFee, "1 GBP/month"), of(t, ManagementFee, "1 %", DUoSFixed, ManagementFee)}, "management-fee"},
		{"two of each other", []Rate{of(t, ManagementFee, "1 %", GreenPremium), of(t, GreenPremium, "1 %", ManagementFee)}, "management-fee green-premium"},
		{"three in a ring", []Rate{of(t, ManagementFee, "1 %", GreenPremium), of(t, GreenPremium, "1 %", BSCCosts), of(t, BSCCosts, "1 %", DUoSFixed, ManagementFee)}, "bsc-costs"},
		{"of VAT", []Rate{of(t, ManagementFee, "1 %", VAT)}, "vat whole"},
		{"of one twice", []Rate{of(t, ManagementFee, "1 %", DUoSFixed, DUoSFixed)}, "duos-fixed once"},
		{"two of each other", []Rate{of(t, ManagementFee, "1 %", GreenPremium), of(t, GreenPremium, "1 %", ManagementFee)}, "within"},
		{"of what is not billed", []Rate{of(t, ManagementFee, "1 %", DUoSFixed, RO)}, "ro"},
	} {
		e := flat(t, 1000, 1000, 1_000_000_000, append(c.rates, fixed)...)
		_, err := e.tariff.Compile(e.meter.Span(), e.sup)
		if c.names == "" && err != nil || c.names != "" && !errors.Is(err, ErrShare) {
			t.Errorf("%s: %v", c.name, err)
		}
		for _, name := range strings.Fields(c.names) {
			if err != nil && !strings.Contains(err.Error(), name) {
				t.Errorf("%s: %v does not name %s", c.name, err, name)
			}
		}
	}

	// £48 a day is £1 a half-hour: 50 %, 10 % of that, 1 % of that.
	e := flat(t, 1000, 1000, 1_000_000_000, fixed, of(t, ManagementFee, "1 %", GreenPremium), of(t, GreenPremium, "10 %", BSCCosts), of(t, BSCCosts, "50 %", DUoSFixed))
	e.charge(t)
	b := e.bill(t, e.s.Span())
	for item, want := range map[Item]string{BSCCosts: "24", GreenPremium: "2.4", ManagementFee: "0.024"} {
		i := slices.IndexFunc(b.Lines, func(l Line) bool { return l.Item == item })
		if i < 0 || !b.Lines[i].Exact.Equal(dec(want)) || b.Lines[i].Unit != "GBP" {
			t.Errorf("%s: %+v, want £%s", item, b.Lines, want)
		}
	}
}

// TestTakers: what only who takes energy pays is refused on an export supply.
func TestTakers(t *testing.T) {
	prices := map[Basis]string{PerKWh: "1 p/kWh", PerKVArh: "1 p/kVArh", PerDay: "1 GBP/day", PerKVADay: "1 p/kVA/day", PerKW: "1 GBP/kW", PerYear: "1 GBP/year"}
	for item := range VAT {
		e := flat(t, 1000, 1000, 1_000_000_000, rate(t, item, prices[defs[item].Bases[0]]))
		if defs[item].Banded {
			e.tariff.Windows = []Window{window(t, "all", "00:00-24:00")}
			e.tariff.Rates[0].When.Window = "all"
		}
		if _, err := e.tariff.Compile(e.meter.Span(), e.sup); err != nil {
			t.Errorf("import, %s: %v", item, err)
		}
		e.sup.Export = true
		_, err := e.tariff.Compile(e.meter.Span(), e.sup)
		if taker := slices.Contains(takers, item.String()); taker != errors.Is(err, ErrBasis) || !taker && err != nil {
			t.Errorf("export, %s: %v", item, err)
		}
	}
}
