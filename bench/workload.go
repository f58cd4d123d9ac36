package bench

import (
	"hash/fnv"
	"maps"
	"slices"

	"github.com/shopspring/decimal"

	"github.com/halfhour/halfhour/revisions"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
)

// Items is how many lines the cubes of charges have: a whole bill.
const Items = 30

// Year is the charging year 2025/26: 17,520 half-hours.
func Year() settlement.Span { return settlement.Days(day("2025-04-01"), day("2026-04-01")) }

// Runs are the six runs of the 14-month timetable.
func Runs() []settlement.Run {
	return []settlement.Run{settlement.II, settlement.SF, settlement.R1, settlement.R2, settlement.R3, settlement.RF}
}

func day(text string) settlement.Day {
	d, err := settlement.ParseDay(text)
	if err != nil {
		panic(err)
	}
	return d
}

// Tariff prices every item: a bill of thirty lines. Three prices follow settlement
// (the imbalance, windowed; RCRC; the levy, with a rate that stands in until the
// reconciled one has landed), the Triads are those of the year.
func Tariff() *tariffs.Tariff {
	from := day("2025-04-01")
	window := func(name string, clauses ...string) tariffs.Window {
		w, err := tariffs.ParseWindow(name, clauses...)
		if err != nil {
			panic(err)
		}
		return w
	}
	t := &tariffs.Tariff{Name: "bench", Windows: []tariffs.Window{
		window("red", "mon-fri 16:00-19:00"),
		window("amber", "mon-fri 07:30-16:00 19:00-21:00"),
		window("green", "mon-fri 21:00-07:30", "sat,sun"),
		window("winter peak", "nov-feb working-days 16:00-19:00"),
	}}
	windows := map[tariffs.Item]string{
		tariffs.DUoSSuperRed: "winter peak", tariffs.DUoSRed: "red", tariffs.DUoSAmber: "amber",
		tariffs.DUoSGreen: "green", tariffs.CapacityMarket: "winter peak",
	}
	for i, def := range tariffs.Catalogue() {
		for _, r := range rates(tariffs.Item(i), def) {
			r.Items, r.Status, r.When.From = []tariffs.Item{tariffs.Item(i)}, tariffs.Contract, from
			if r.When.Window == "" {
				r.When.Window = windows[tariffs.Item(i)]
			}
			t.Rates = append(t.Rates, r)
		}
	}
	year := tariffs.Triads{Year: from, Status: tariffs.Confirmed}
	for i, at := range []struct {
		day    string
		number int
	}{{"2025-11-20", 34}, {"2026-01-05", 35}, {"2026-02-03", 37}} {
		var err error
		if year.At[i], err = day(at.day).Period(at.number); err != nil {
			panic(err)
		}
	}
	t.Triads = []tariffs.Triads{year}
	return t
}

// followed are the prices that follow a line of data, by window.
var followed = map[tariffs.Item]map[string]string{
	tariffs.EnergyImbalance: {"red": "system-price - 12.500 p/kWh", "amber": "system-price - 9.400 p/kWh", "green": "system-price - 7.100 p/kWh"},
	tariffs.RCRC:            {"": "rcrc"},
	tariffs.CfDILR:          {"": "cfd-rate else 10.298 GBP/MWh"},
}

// rates are the rates of an item, without their days.
func rates(item tariffs.Item, def tariffs.Def) []tariffs.Rate {
	texts := followed[item]
	if texts == nil {
		units := map[tariffs.Basis]string{tariffs.PerKWh: "GBP/MWh", tariffs.PerKVArh: "p/kVArh", tariffs.PerDay: "GBP/day", tariffs.PerKVADay: "p/kVA/day",
			tariffs.PerKW: "GBP/kW", tariffs.PerMonth: "GBP/month", tariffs.PerYear: "GBP/year", tariffs.Percent: "%"}
		figure := decimal.New(int64(1000+137*int(item)), -2)
		if item == tariffs.VAT {
			figure = decimal.NewFromInt(20)
		}
		texts = map[string]string{"": figure.String() + " " + units[def.Bases[0]]}
	}
	var out []tariffs.Rate
	for _, window := range slices.Sorted(maps.Keys(texts)) {
		price, err := tariffs.ParsePrice(texts[window])
		if err != nil {
			panic(err)
		}
		out = append(out, tariffs.Rate{Price: price, When: tariffs.When{Window: window}})
	}
	return out
}

// Supply is the meter the workload bills: 900 kVA at HV.
func Supply() *tariffs.Supply {
	mpan, err := settlement.ParseMPAN("1400000000118")
	if err != nil {
		panic(err)
	}
	s := &tariffs.Supply{MPAN: mpan, Distributor: 14, Terms: []tariffs.Terms{{LLFC: "H02", Band: "HV2"}}, GSPGroup: 'E',
		Capacity: []tariffs.Capacity{{From: day("2025-04-01"), KVA: decimal.NewFromInt(900)}}}
	if err := s.Validate(); err != nil {
		panic(err)
	}
	return s
}

// Views are the inputs of every run: meter, market and contract as each run
// knows them.
type Views [settlement.NumRanked]tariffs.Inputs

// In gives the inputs of a run, as ChargeCube asks for them.
func (v *Views) In(r settlement.Run) tariffs.Inputs { return v[r] }

// ViewsOf sees the cubes from each run.
func ViewsOf(meter, market, contract *series.Cube) *Views {
	v := new(Views)
	for _, r := range Runs() {
		view := revisions.UpTo(r)
		v[r].Meter, _ = view.Reconcile(meter)
		v[r].Market, _ = view.Reconcile(market)
		v[r].Contract, _ = view.Reconcile(contract)
	}
	return v
}

// VolumeCube adjusts each run's inputs for losses.
func VolumeCube(s *tariffs.Schedule, views *Views) *series.Cube {
	out := series.NewCube(nil, tariffs.Volumes(), Runs(), s.Span())
	for _, r := range Runs() {
		if err := s.Adjust(out.Frame(r), views[r]); err != nil {
			panic(err)
		}
	}
	return out
}

// Hash is a fingerprint of a cube's cells.
func Hash(c *series.Cube) uint64 {
	h := fnv.New64a()
	for _, r := range c.Runs() {
		HashFrame(h, c.Frame(r))
	}
	return h.Sum64()
}
