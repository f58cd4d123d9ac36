package tariffs

import (
	"errors"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// TestRunMix: by item the pounds are the lines before rounding, in all the
// exact net; and each run's are what its half-hours come to, one by one.
func TestRunMix(t *testing.T) {
	estimated := 0
	rapid.Check(t, func(rt *rapid.T) {
		v := newVersions(tb{t, rt}, rt)
		b, e := v.charged()
		lines := map[Item]decimal.Decimal{}
		for _, l := range b.Lines {
			lines[l.Item] = lines[l.Item].Add(l.Exact)
		}
		if !b.Mix.Total().Equal(b.NetExact) {
			rt.Fatalf("%s, want %s", b.Mix.Total(), b.NetExact)
		}
		for i := range b.Mix.Items {
			item := &b.Mix.Items[i]
			if !item.Total().Equal(lines[item.Item]) {
				rt.Fatalf("%s: %s, want %s", item.Item, item.Total(), lines[item.Item])
			}
			byTime := item.Item == DUoSFixed || item.Item == MeteringAgents
			if !byTime && !item.NoRun.IsZero() || byTime && !item.NoRun.Equal(item.Total()) {
				rt.Fatalf("%s: %s rests on no run", item.Item, item.NoRun)
			}
			if byTime {
				continue
			}
			line, _ := e.s.Line(item.Item)
			var want Pounds
			for i, x := range e.charges.Line(line).Values {
				amount, m := decimal.New(x, -int32(defs[item.Item].Scale)), e.meter.Source(0).Marks[i]
				want.ByRun[m.Run()] = want.ByRun[m.Run()].Add(amount)
				if m.Has(series.Estimated) {
					estimated++
					want.Estimated[m.Run()] = want.Estimated[m.Run()].Add(amount)
				}
			}
			for r := range want.ByRun {
				if !item.ByRun[r].Equal(want.ByRun[r]) || !item.Estimated[r].Equal(want.Estimated[r]) {
					rt.Fatalf("%s on %s: %s (%s), want %s (%s)", item.Item, settlement.Run(r), item.ByRun[r], item.Estimated[r], want.ByRun[r], want.Estimated[r])
				}
			}
		}
		if r := b.Reverse(); !r.Mix.Total().Equal(r.NetExact) || r.Verify() != nil {
			rt.Fatal("the reversal's mix is not its net")
		}
		b.Mix.NoRun = b.Mix.NoRun.Add(decimal.New(1, -8))
		if err := b.Verify(); !errors.Is(err, ErrLedger) {
			rt.Fatalf("a mix that is not the net: %v", err)
		}
	})
	if !t.Failed() && estimated == 0 {
		t.Error("nothing was estimated")
	}
}

// TestRunMixTwoBases: of an item with a fee for each month and a price for
// energy, the fee rests on no run; so does a percentage of what is charged by
// time, while one of energy rests on its run.
func TestRunMixTwoBases(t *testing.T) {
	tariff := &Tariff{Rates: []Rate{
		{Items: []Item{EnergyUnit}, Price: price(t, "10 p/kWh")},
		{Items: []Item{DUoSFixed}, Price: price(t, "100 p/MPAN/day")},
		{Items: []Item{BSCCosts}, Price: price(t, "31 GBP/month")},
		{Items: []Item{BSCCosts}, Price: price(t, "10 GBP/MWh")},
		{Items: []Item{GreenPremium}, Price: price(t, "10 %"), Of: []Item{DUoSFixed}},
		{Items: []Item{ManagementFee}, Price: price(t, "10 %"), Of: []Item{EnergyUnit}},
		{Items: []Item{ManagementFee}, Price: price(t, "62 GBP/month")},
		{Items: []Item{VAT}, Price: price(t, "20 %")},
	}}
	sp := span(t, "2026-10-24", "2026-10-27") // 48, 50 and 48 half-hours
	e := &engine{tariff: tariff, sup: testSupply(t, "101"), meter: series.NewFrame(nil, series.Meter(), sp), market: series.NewFrame(nil, series.Market(), sp)}
	for p := sp.Lo; p < sp.Hi; p++ {
		mark := series.Mark(0).From(settlement.SF)
		if p.Day() == day(t, "2026-10-26") {
			mark = series.Estimated.From(settlement.II)
		}
		e.meter.Set(series.AI, p, 10_000, mark)
		e.market.Set(series.LLF, p, 1000, 0)
		e.market.Set(series.TLM, p, 1_000_000_000, 0)
	}
	e.charge(t)
	mix := e.bill(t, sp).Mix
	want := map[Item][4]string{ // SF, II, estimated of II, no run
		EnergyUnit: {"98", "48", "48", "0"}, DUoSFixed: {"0", "0", "0", "3"}, BSCCosts: {"9.8", "4.8", "4.8", "3"},
		GreenPremium: {"0", "0", "0", "0.3"}, ManagementFee: {"9.8", "4.8", "4.8", "6"},
	}
	for i := range mix.Items {
		m := &mix.Items[i]
		got := [4]string{m.ByRun[settlement.SF].String(), m.ByRun[settlement.II].String(), m.Estimated[settlement.II].String(), m.NoRun.String()}
		if got != want[m.Item] {
			t.Errorf("%s: %s, want %s", m.Item, got, want[m.Item])
		}
	}
	if len(mix.Items) != len(want) || mix.ByRun[settlement.SF].String() != "117.6" || mix.NoRun.String() != "12.3" {
		t.Errorf("%+v", mix.Pounds)
	}
}
