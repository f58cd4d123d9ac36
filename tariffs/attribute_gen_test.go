package tariffs_test

import (
	"math"
	"strings"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
)

// site is a supply on a tariff of all thirty items, over a few days.
type site struct {
	tariff *tariffs.Tariff
	supply *tariffs.Supply
	span   settlement.Span
	rnd    stream
}

// allItems are the rates of a site: item, window, and the prices one is drawn
// from. A percentage is of the items after it.
var allItems = []string{
	"energy-unit|peak|12.5 p/kWh|contract-price + 1.5 p/kWh|contract-price else 9.1 p/kWh",
	"energy-unit|otherwise|9.4 p/kWh|contract-price",
	"energy-imbalance||system-price - 9.4 p/kWh|system-price",
	"losses-distribution|peak|12.5 p/kWh", "losses-distribution|otherwise|-9.4 p/kWh|7.1 p/kWh", "losses-transmission||9.4 p/kWh",
	"tnuos-residual||62.799637 GBP/site/day", "tnuos-locational||2.990958 GBP/kW|-3.7 GBP/kW",
	"duos-super-red|peak|3.1 p/kWh", "duos-red|red|1.642 p/kWh", "duos-amber|amber|0.237 p/kWh", "duos-green|green|0.021 p/kWh|0 p/kWh",
	"duos-fixed||1096.97 p/MPAN/day", "duos-capacity||9.50 p/kVA/day", "duos-excess-capacity||9.50 p/kVA/day|17.3 p/kVA/day", "duos-reactive||0.037 p/kVArh",
	"bsuos||15.69 GBP/MWh", "rcrc||rcrc|rcrc + 0.1 GBP/MWh", "bsc-costs||0.085 GBP/MWh", "bsc-costs||10 GBP/month",
	"ro||33.06058 GBP/MWh", "fit||7.5 GBP/MWh", "cfd-ilr||cfd-rate else 10.298 GBP/MWh", "cfd-ocl||0.1089 GBP/MWh",
	"capacity-market|peak|140.9 GBP/MWh", "aahedc||0.040984 p/kWh", "eii-support-levy||0.9 GBP/MWh", "nuclear-rab||3.5428 GBP/MWh",
	"ccl||0.00775 GBP/kWh", "metering-agents||540 GBP/year", "green-premium||1.5 %|-0.25 % ro rcrc cfd-ilr duos-excess-capacity",
	"management-fee||2.5 %|100 % energy-unit energy-imbalance green-premium duos-reactive", "management-fee||0.15 p/kWh", "vat||20 %",
}

// must is for what the tests write themselves.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// anySite draws prices, days, capacity and terms.
func anySite(t *rapid.T) *site {
	from := must(settlement.ParseDay(rapid.SampledFrom([]string{"2025-12-04", "2026-03-28", "2025-10-25", "2025-12-30", "2025-11-29"}).Draw(t, "from")))
	s := &site{tariff: &tariffs.Tariff{Name: "all thirty"}, rnd: stream(rapid.Uint64Range(1, math.MaxUint64).Draw(t, "seed"))}
	s.span = settlement.Days(from, from+settlement.Day(rapid.IntRange(1, 3).Draw(t, "days")))
	for name, clauses := range map[string][]string{
		"peak": {"mon-fri 16:00-19:00"}, "red": {"mon-fri 16:00-19:00"}, "amber": {"mon-fri 07:30-16:00 19:00-21:00"},
		"green": {"mon-fri 00:00-07:30 21:00-24:00", "sat,sun"},
	} {
		s.tariff.Windows = append(s.tariff.Windows, must(tariffs.ParseWindow(name, clauses...)))
	}
	for i, text := range allItems {
		words := strings.Split(text, "|")
		price, of := rapid.SampledFrom(words[2:]).Draw(t, words[0]), []string(nil)
		last := strings.Fields(words[len(words)-1])
		if percent := strings.Index(price, "%"); percent >= 0 && words[0] != "vat" {
			price, of = price[:percent+1], last[2:]
		}
		r := tariffs.Rate{Items: []tariffs.Item{must(tariffs.ParseItem(words[0]))}, Price: must(tariffs.ParsePrice(price)), Status: tariffs.Contract,
			When: tariffs.When{Window: words[1]}, Pos: series.Pos{Source: "tariff", Line: i + 1}}
		for _, name := range of {
			r.Of = append(r.Of, must(tariffs.ParseItem(name)))
		}
		s.tariff.Rates = append(s.tariff.Rates, r)
	}
	vat := s.tariff.Rates[len(s.tariff.Rates)-1]
	vat.Price, vat.Reduced = must(tariffs.ParsePrice("5 %")), true
	s.tariff.Rates = append(s.tariff.Rates, vat)
	year, end := from.ChargingYear()
	apart := s.span.From() + 20 // not in the span: its demand is not held
	if apart > end-60 {
		apart = s.span.From() - 20
	}
	s.tariff.Triads = []tariffs.Triads{{Year: year, At: [3]settlement.Period{s.span.Lo + 34, apart.First() + 7, (end - 40).First() + 35}, Status: tariffs.Contract}}

	s.supply = &tariffs.Supply{MPAN: must(settlement.ParseMPAN("1400000000118")), Distributor: 14, Terms: []tariffs.Terms{{LLFC: "H02"}},
		Capacity: []tariffs.Capacity{{From: from - 100, KVA: decimal.NewFromInt(rapid.SampledFrom([]int64{0, 100, 400}).Draw(t, "kva"))}},
		Triads:   []tariffs.TriadDemand{{At: (end - 40).First() + 35, KW: decimal.NewFromInt(800), LLF: decimal.New(1056, -3)}}}
	if rapid.Bool().Draw(t, "terms") {
		s.supply.Terms[0].EIIExempt, s.supply.Terms[0].CCLShare, s.supply.Terms[0].CCLRelief = decimal.New(7, -1), decimal.New(55, -2), decimal.New(92, -2)
	}
	if err := s.supply.Validate(); err != nil {
		panic(err)
	}
	return s
}

// stream is a cheap source of cells, of which there are too many to draw.
type stream uint64

func (r *stream) below(n int64) int64 {
	*r ^= *r << 13
	*r ^= *r >> 7
	*r ^= *r << 17
	return int64(uint64(*r) >> 1 % uint64(n))
}

// cell is a plausible value of a line of the meter, the market or a contract.
// most is the most kWh a half-hour may have, × 1000.
func (r *stream) cell(s *series.Schema, l series.Line, most int64) int64 {
	switch {
	case s == series.Meter():
		return r.below(most)
	case s == series.Contract() && l == series.Nominated:
		return r.below(most) * 1000
	case s == series.Market() && l == series.LLF:
		return 1000 + r.below(80)
	case s == series.Market() && l == series.TLM:
		return 985_000_000 + r.below(40_000_000)
	}
	return r.below(20_000_000) - 2_000_000 // −£20 to £180/MWh
}

// data are the schemas of inputs.
func data() []*series.Schema {
	return []*series.Schema{series.Meter(), series.Market(), series.Contract()}
}

// inputs are frames as Inputs.
func inputs(f []*series.Frame) tariffs.Inputs {
	return tariffs.Inputs{Meter: f[0], Market: f[1], Contract: f[2]}
}

// priced is what a schedule charges for inputs.
func priced(s *tariffs.Schedule, in tariffs.Inputs, sup *tariffs.Supply) (vol, charges *series.Frame) {
	vol, charges = series.NewFrame(nil, tariffs.Volumes(), s.Span()), series.NewFrame(nil, s.Schema(), s.Span())
	if err := s.Adjust(vol, in); err != nil {
		panic(err)
	}
	if err := s.Charge(charges, vol, in, sup); err != nil {
		panic(err)
	}
	return vol, charges
}
