package halfhour_test

import (
	"context"
	"math/big"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/halfhour/halfhour"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs/toml"
)

// handTariff bills energy at the meter, energy at the balancing point, a price
// that settlement states, and a fee by the day.
const handTariff = `version = 1
name = "by hand"
description = "made up"
[[rate]]
item = "energy-unit"
price = "9 p/kWh"
from = 2025-01-01
to = 2026-01-01
status = "contract"
source = "made up"
[[rate]]
item = "bsuos"
price = "10 GBP/MWh"
from = 2025-01-01
to = 2026-01-01
status = "contract"
source = "made up"
[[rate]]
item = "cfd-ilr"
price = "cfd-rate else 8 GBP/MWh"
from = 2025-01-01
to = 2026-01-01
status = "contract"
source = "made up"
[[rate]]
item = "duos-fixed"
price = "500 p/MPAN/day"
from = 2025-01-01
to = 2026-01-01
status = "contract"
source = "made up"
[[rate]]
item = "vat"
price = "20 %"
from = 2025-01-01
to = 2026-01-01
status = "contract"
source = "made up"
`

// told is what one run has for a day, the same in each half-hour.
type told struct {
	day   string
	run   settlement.Run
	line  string // "AI", or a line of the market
	value int64
	mark  series.Mark
}

// handJob is 1,000.000 kWh a half-hour wherever AI is told; what else there is is
// told, with an LLF of 1 that states no run.
func handJob(t *testing.T, facts []told, spans ...settlement.Span) halfhour.Job {
	t.Helper()
	j := job(t, spans...)
	tariff, err := toml.ParseTariff("tariff.toml", []byte(handTariff))
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, f := range facts {
		if !seen[f.day] {
			facts = append(facts, told{f.day, settlement.Untagged, "LLF", 1000, 0})
		}
		seen[f.day] = true
	}
	source := func(meter bool) series.Readings {
		return func(yield func(series.Reading, error) bool) {
			for _, f := range facts {
				r := series.Reading{MPAN: j.Supply.MPAN, Line: series.AI, Run: f.run, Value: f.value, Mark: f.mark}
				if (f.line == "AI") != meter {
					continue
				}
				if !meter {
					r.MPAN = settlement.MPAN{}
					r.Line, _ = series.Market().Lookup(f.line)
				}
				s := day1(t, f.day)
				for r.Period = s.Lo; r.Period < s.Hi; r.Period++ {
					if !yield(r, nil) {
						return
					}
				}
			}
		}
	}
	j.Tariff, j.Meter, j.Market, j.Contract = tariff, source(true), source(false), nil
	return j
}

// perMillion is what pounds at so many parts per million come to: a drift leaves
// series/stats to the millionth.
func perMillion(ratio *big.Rat) *big.Rat {
	x := new(big.Rat).Sub(ratio, big.NewRat(1, 1))
	ppm, _ := new(big.Float).SetRat(x.Mul(x, big.NewRat(1_000_000, 1))).Float64()
	n := int64(ppm + 0.5)
	if ppm < 0 {
		n = int64(ppm - 0.5)
	}
	return big.NewRat(n, 1_000_000)
}

func day1(t *testing.T, s string) settlement.Span { return days(t, s, s).Lo.Day().Span() }

const (
	unitTLM = 1_000_000_000 // 1, at 9 decimals
	kWh     = 1_000         // 1, at 3 decimals
	perMWh  = 100_000       // £1/MWh at 5 decimals
)

// TestAccrueByHand: in a day that was settled the meter is read once, for SF, and
// R1 restates other data alone. What that changed is learnt, and foreseen for a
// day that stands at SF.
func TestAccrueByHand(t *testing.T) {
	const past, now = "2025-05-06", "2025-05-13"
	rat := func(a, b int64) *big.Rat { return big.NewRat(a, b) }
	mul := func(a, b *big.Rat) *big.Rat { return new(big.Rat).Mul(a, b) }
	quo := func(a, b *big.Rat) *big.Rat { return new(big.Rat).Quo(a, b) }
	add := func(a *big.Rat, more ...*big.Rat) *big.Rat {
		a = new(big.Rat).Set(a)
		for _, b := range more {
			a.Add(a, b)
		}
		return a
	}
	base := func(day string, kwh int64) []told {
		return []told{{day, settlement.SF, "AI", kwh * kWh, 0}, {day, settlement.SF, "TLM", unitTLM * 101 / 100, 0}, {day, settlement.SF, "cfd-rate", 8 * perMWh, 0}}
	}
	// pounds of 48 half-hours of kwh: energy at the meter, and TLM × (BSUoS + CfD).
	pounds := func(kwh int64, tlm, cfd *big.Rat) *big.Rat {
		energy := rat(48*kwh, 1)
		return add(mul(energy, rat(9, 100)), mul(mul(energy, tlm), add(rat(10, 1000), quo(cfd, rat(1000, 1)))))
	}
	tlm, cfd := rat(101, 100), rat(8, 1)
	for name, c := range map[string]struct {
		r1       []told
		tlm, cfd *big.Rat // as R1 has them
	}{
		"only TLM moves":      {[]told{{past, settlement.R1, "TLM", unitTLM * 103 / 100, 0}}, rat(103, 100), cfd},
		"only a price moves":  {[]told{{past, settlement.R1, "cfd-rate", 9 * perMWh, 0}}, tlm, rat(9, 1)},
		"nothing moves in R1": {[]told{{past, settlement.R1, "TLM", unitTLM * 101 / 100, 0}}, tlm, cfd},
	} {
		facts := append(append(base(past, 700), base(now, 1100)...), c.r1...)
		got, err := halfhour.Accrue(context.Background(), handJob(t, facts, day1(t, now)), []settlement.Span{day1(t, past)}, settlement.R1)
		if err != nil {
			t.Fatal(name, err)
		}
		a, ratio := got[0], quo(pounds(700, c.tlm, c.cfd), pounds(700, tlm, cfd))
		want := mul(pounds(1100, tlm, cfd), perMillion(ratio))
		if a.Expected.Rat().Cmp(want) != 0 || !a.Unknown.IsZero() || !a.Behind.IsZero() || a.NoRun.String() != "5" || len(a.Lines) != 1 {
			t.Errorf("%s: expected %s, want %s of %s: %+v", name, a.Expected, want.FloatString(9), a.Bill.NetExact, a.Lines)
		}
		// The mean of what moved alone, put on all pounds, would be many times this:
		// most pounds are of metered energy, which R1 left alone.
		if name != "nothing moves in R1" && (want.Sign() <= 0 || want.Cmp(mul(pounds(1100, tlm, cfd), rat(1, 20))) > 0) {
			t.Errorf("%s: %s shows nothing", name, want.FloatString(9))
		}
	}
}

// TestAccrueLate: a meter that is restated but once, long after, is followed
// there through the market's runs; and an estimate of its own is, too.
func TestAccrueLate(t *testing.T) {
	const past, now = "2025-05-06", "2025-05-13"
	for _, mark := range []series.Mark{0, series.Estimated} {
		var facts []told
		for _, d := range []string{past, now} {
			facts = append(facts, told{d, settlement.SF, "AI", 1000 * kWh, mark}, told{d, settlement.SF, "TLM", unitTLM, 0}, told{d, settlement.SF, "cfd-rate", 10 * perMWh, 0})
		}
		for r := settlement.R1; r <= settlement.R3; r++ {
			facts = append(facts, told{past, r, "TLM", unitTLM, 0}, told{past, r, "cfd-rate", 10 * perMWh, 0})
		}
		facts = append(facts, told{past, settlement.R3, "AI", 1100 * kWh, 0})
		got, err := halfhour.Accrue(context.Background(), handJob(t, facts, day1(t, now)), []settlement.Span{day1(t, past)}, settlement.R3)
		if err != nil {
			t.Fatal(err)
		}
		a := got[0]
		if want := a.Bill.NetExact.Sub(a.NoRun).Mul(decimal.New(1, -1)); !a.Expected.Equal(want) || !a.Unknown.IsZero() {
			t.Errorf("%v: expected %s, want %s: %+v", mark, a.Expected, want, a.Lines)
		}
	}
}

// TestAccrueBehind: the last market run is in and the meter still has its first
// reading: nothing of that is settled, and the pounds are named.
func TestAccrueBehind(t *testing.T) {
	const past, now = "2025-05-06", "2025-05-13"
	all := func(day string, r settlement.Run) []told {
		return []told{{day, r, "AI", 1000 * kWh, 0}, {day, r, "TLM", unitTLM + int64(r)*1000, 0}, {day, r, "cfd-rate", 10 * perMWh, 0}}
	}
	facts := append(all(past, settlement.SF), all(past, settlement.RF)...)
	for name, c := range map[string]struct {
		now           []told
		behind, known bool
		unknown       bool
	}{
		"all of RF":            {append(all(now, settlement.SF), all(now, settlement.RF)...), false, false, false},
		"the meter is of SF":   {append(all(now, settlement.SF), all(now, settlement.RF)[1:]...), true, false, true},
		"no market run at all": {all(now, settlement.SF), false, true, false},
		"the meter says none":  {append(all(now, settlement.RF)[1:], told{now, settlement.Untagged, "AI", 1000 * kWh, 0}), true, false, true},
		"the price is to come": {append(all(now, settlement.RF)[:2], told{now, settlement.SF, "TLM", unitTLM, 0}), true, false, true},
		"TLM is of SF":         {append(all(now, settlement.SF), told{now, settlement.RF, "AI", 999 * kWh, 0}, told{now, settlement.RF, "cfd-rate", 9 * perMWh, 0}), true, false, true},
	} {
		got, err := halfhour.Accrue(context.Background(), handJob(t, append(c.now, facts...), day1(t, now)), []settlement.Span{day1(t, past)}, settlement.RF)
		if err != nil {
			t.Fatal(name, err)
		}
		a := got[0]
		if a.Behind.IsZero() == c.behind || a.Unknown.IsZero() == c.unknown || c.unknown && !a.Unknown.Equal(a.Behind) {
			t.Errorf("%s: behind %s, unknown %s: %+v", name, a.Behind, a.Unknown, a.Lines)
		}
		sum := a.NoRun
		for _, l := range a.Lines {
			sum = sum.Add(l.Pounds)
			if l.Known != c.known || l.Settled == (l.Behind || c.known) {
				t.Errorf("%s: %+v", name, l)
			}
		}
		if !sum.Equal(a.Bill.NetExact) {
			t.Errorf("%s: %s of %s", name, sum, a.Bill.NetExact)
		}
		switch name {
		case "the price is to come": // of that charge alone
			if want := decimal.RequireFromString("384"); !a.Behind.Sub(want).Abs().LessThan(decimal.New(1, -2)) {
				t.Errorf("%s: %s behind, want %s", name, a.Behind, want)
			}
		case "the meter is of SF":
			if want := a.Bill.NetExact.Sub(a.NoRun); !a.Behind.Equal(want) {
				t.Errorf("%s: %s behind, want %s", name, a.Behind, want)
			}
		}
	}
}
