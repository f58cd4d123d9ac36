package bench

import (
	"hash/fnv"

	"github.com/shopspring/decimal"

	"github.com/halfhour/halfhour/revisions"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
)

// Items is how many lines the reconciled cubes have: a whole bill.
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

// Tariff prices every item this version can price.
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
	units := map[tariffs.Basis]string{tariffs.PerKWh: "GBP/MWh", tariffs.PerDay: "GBP/day", tariffs.PerKVADay: "p/kVA/day",
		tariffs.PerMonth: "GBP/month", tariffs.PerYear: "GBP/year", tariffs.Percent: "%"}
	for i, def := range tariffs.Catalogue() {
		if len(def.Bases) == 0 {
			continue
		}
		figure := decimal.New(int64(1000+137*i), -2)
		if tariffs.Item(i) == tariffs.VAT {
			figure = decimal.NewFromInt(20)
		}
		price, err := tariffs.ParsePrice(figure.String() + " " + units[def.Bases[0]])
		if err != nil {
			panic(err)
		}
		t.Rates = append(t.Rates, tariffs.Rate{Items: []tariffs.Item{tariffs.Item(i)}, Price: price, Status: tariffs.Contract,
			When: tariffs.When{From: from, Window: windows[tariffs.Item(i)]}})
	}
	return t
}

// Supply is the meter the workload bills: 900 kVA at HV.
func Supply() *tariffs.Supply {
	mpan, err := settlement.ParseMPAN("1400000000118")
	if err != nil {
		panic(err)
	}
	s := &tariffs.Supply{MPAN: mpan, Distributor: 14, Terms: []tariffs.Terms{{LLFC: "H02"}}, GSPGroup: 'E',
		Capacity: []tariffs.Capacity{{From: day("2025-04-01"), KVA: decimal.NewFromInt(900)}}}
	if err := s.Validate(); err != nil {
		panic(err)
	}
	return s
}

// VolumeCube prices every run: meter and market seen from each run, adjusted
// for losses.
func VolumeCube(meter, market *series.Cube) *series.Cube {
	out := series.NewCube(nil, tariffs.Volumes(), Runs(), meter.Span())
	m, k := series.NewFrame(nil, meter.Schema(), meter.Span()), series.NewFrame(nil, market.Schema(), market.Span())
	var rep revisions.Report
	for _, r := range Runs() {
		revisions.UpTo(r).Into(m, &rep, meter)
		revisions.UpTo(r).Into(k, &rep, market)
		if err := tariffs.Adjust(out.Frame(r), m, k); err != nil {
			panic(err)
		}
	}
	return out
}

// Staircase is a cube of a whole bill as settlement leaves it: the older the
// day, the later the run that has landed. Lines share four sources, as charges
// do. Cells are plausible charges at scale 11.
func Staircase() *series.Cube { return staircase(false) }

// StaircaseDense is Staircase with every run landed everywhere.
func StaircaseDense() *series.Cube { return staircase(true) }

func staircase(dense bool) *series.Cube {
	var defs []series.Def
	sources := []string{"msp", "gsp", "nbp", "standing"}
	for i, d := range tariffs.Catalogue() {
		defs = append(defs, series.Def{Name: d.ID, Unit: series.GBP, Scale: 11, Source: sources[i*len(sources)/Items]})
	}
	c := series.NewCube(nil, series.Must(series.NewSchema("bill", defs...)), Runs(), Year())
	n, x := c.Span().Len(), uint64(1)
	table := settlement.GB()
	seen := day("2026-04-01")
	for i, r := range Runs() {
		f := c.Frame(r)
		hi := n
		if !dense { // whole days, from the start of the year to the last the run is due for
			for d := Year().From(); d < Year().To(); d++ {
				if due, ok := table.Due(d, r); !ok || due > seen {
					hi = int(d.First() - c.Span().Lo)
					break
				}
			}
		}
		for l := range series.Line(Items) {
			v := f.Line(l).Values
			for k := range hi {
				x = x*6364136223846793005 + 1442695040888963407
				v[k] = int64(x>>33)%1_000_000_000_000 + int64(i)
			}
		}
		for s := range f.Schema().Sources() {
			src := f.Source(s)
			for k := range hi {
				src.Valid[k>>6] |= 1 << (k & 63)
				src.Marks[k] = series.Mark(0).From(r)
			}
		}
	}
	return c
}

// Hash is a fingerprint of a cube's cells.
func Hash(c *series.Cube) uint64 {
	h := fnv.New64a()
	for _, r := range c.Runs() {
		HashFrame(h, c.Frame(r))
	}
	return h.Sum64()
}
