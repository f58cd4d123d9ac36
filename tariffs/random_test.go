package tariffs

import (
	"errors"
	"fmt"
	"math/big"
	"slices"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

const testMPAN = "1400000000007" // testSupply puts the check digit right

// testSupply is a valid supply in class llfc.
func testSupply(t testing.TB, llfc string, capacity ...Capacity) *Supply {
	t.Helper()
	first := testMPAN[:12]
	digit, err := settlement.CheckDigit(first)
	if err != nil {
		t.Fatal(err)
	}
	mpan, err := settlement.ParseMPAN(first + string(rune('0'+digit)))
	if err != nil {
		t.Fatal(err)
	}
	sup := &Supply{MPAN: mpan, Distributor: 14, Terms: []Terms{{LLFC: llfc}}, Capacity: capacity, Pos: series.Pos{Source: "supply.toml", Line: 3}}
	if err := sup.Validate(); err != nil {
		t.Fatal(err)
	}
	return sup
}

func day(t testing.TB, s string) settlement.Day {
	t.Helper()
	d, err := settlement.ParseDay(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func span(t testing.TB, from, to string) settlement.Span {
	t.Helper()
	return settlement.Days(day(t, from), day(t, to))
}

func price(t testing.TB, s string) Price {
	t.Helper()
	p, err := ParsePrice(s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func window(t testing.TB, name string, clauses ...string) Window {
	t.Helper()
	w, err := ParseWindow(name, clauses...)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// tariff turns a reference spec into what the package takes.
func (s *refSpec) tariff(t testing.TB) (*Tariff, *Supply) {
	t.Helper()
	out := &Tariff{Name: "random"}
	names := make([]string, 0, len(s.windows))
	for name := range s.windows {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		var text []string
		for _, c := range s.windows[name] {
			text = append(text, c.text())
		}
		out.Windows = append(out.Windows, window(t, name, text...))
	}
	for i, r := range append(slices.Clone(s.rates), refRate{item: "vat", figure: s.vat, unit: "%"}) {
		item, err := ParseItem(r.item)
		if err != nil {
			t.Fatal(err)
		}
		rate := Rate{Items: []Item{item}, Price: price(t, r.figure+" "+r.unit), Status: Contract, Pos: series.Pos{Source: "tariff.toml", Line: i + 1}, When: When{Window: r.window}}
		if r.from != "" {
			rate.When.From = day(t, r.from)
		}
		if r.to != "" {
			rate.When.To = day(t, r.to)
		}
		if r.llfc != "" {
			rate.When.LLFCs = []string{r.llfc}
		}
		out.Rates = append(out.Rates, rate)
	}
	var capacity []Capacity
	for _, c := range s.capacity {
		capacity = append(capacity, Capacity{day(t, c.from), decimal.RequireFromString(c.kva)})
	}
	return out, testSupply(t, s.llfc, capacity...)
}

// frames are the meter and market frames of a spec.
func (s *refSpec) frames(t testing.TB) (meter, market *series.Frame) {
	t.Helper()
	sp := span(t, s.from, s.to)
	if sp.Len() != len(s.hhs) {
		t.Fatalf("%s to %s: %d half-hours, the reference counts %d", s.from, s.to, sp.Len(), len(s.hhs))
	}
	meter, market = series.NewFrame(nil, series.Meter(), sp), series.NewFrame(nil, series.Market(), sp)
	for i := range s.hhs {
		p, err := settlement.PeriodAt(s.hhs[i].start)
		if err != nil || p != sp.Lo+settlement.Period(i) {
			t.Fatalf("half-hour %d is %v, %v", i, p, err)
		}
		meter.Set(series.AI, p, s.ai[i], series.Mark(0).From(settlement.SF))
		market.Set(series.LLF, p, s.llf[i], 0)
		market.Set(series.TLM, p, s.tlm[i], 0)
	}
	return meter, market
}

// engine is a tariff compiled and charged.
type engine struct {
	tariff        *Tariff
	sup           *Supply
	meter, market *series.Frame
	contract      *series.Frame
	s             *Schedule
	vol, charges  *series.Frame
}

func (e *engine) in() Inputs { return Inputs{Meter: e.meter, Market: e.market, Contract: e.contract} }

func (s *refSpec) run(t testing.TB) *engine {
	t.Helper()
	e := &engine{}
	e.tariff, e.sup = s.tariff(t)
	e.meter, e.market = s.frames(t)
	e.charge(t)
	return e
}

// charge compiles over the meter's span and charges.
func (e *engine) charge(t testing.TB) {
	t.Helper()
	sp := e.meter.Span()
	var err error
	if e.s, err = e.tariff.Compile(sp, e.sup); err != nil {
		t.Fatal(err)
	}
	e.vol, e.charges = series.NewFrame(nil, Volumes(), sp), series.NewFrame(nil, e.s.Schema(), sp)
	if err := e.s.Adjust(e.vol, e.in()); err != nil {
		t.Fatal(err)
	}
	if err := e.s.Charge(e.charges, e.vol, e.in(), e.sup); err != nil {
		t.Fatal(err)
	}
}

func (e *engine) bill(t testing.TB, sp settlement.Span) *Bill {
	t.Helper()
	b, err := e.s.Bill(e.sup, sp, View{Name: "latest"}, e.vol, e.charges, e.in())
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The random tariffs.

var (
	figuresKWh = []string{"0", "0.5", "1.5", "2.5", "-0.5", "28.123456", "7.1", "-3.2", "0.000001", "99.999999", "0.237"}
	figuresMWh = []string{"15.69", "33.06058", "0.1089", "-12.5", "0.00001", "1999.99999", "0"}
	figuresDay = []string{"0", "1096.97", "0.5", "0.000001", "-3.5", "999999.999999"}
	figuresKVA = []string{"9.5", "0.001", "0", "-1.25", "99.999"}
	figuresMon = []string{"0.155", "0.15", "0.14", "10", "0.00000001", "-31.005", "99999.99999999"}
	figuresYr  = []string{"540", "1.825", "1.83", "-365.365", "0.00000001", "99999.99999999", "0"}
	startDays  = []string{"2026-03-28", "2026-03-29", "2026-10-24", "2026-10-25", "2024-02-27", "2024-02-29", "2026-03-30",
		"2024-03-31", "2026-04-01", "2027-02-26", "2026-01-30", "2025-12-24", "2026-06-15", "2026-12-31", "2024-10-26"}
	weekdaysMF = []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday}
	weekend    = []time.Weekday{time.Saturday, time.Sunday}
)

// refDates are n+1 dates from one on.
func refDates(from string, n int) []string {
	at, err := time.Parse(time.DateOnly, from)
	if err != nil {
		panic(err)
	}
	out := make([]string, n+1)
	for i := range out {
		out[i] = at.AddDate(0, 0, i).Format(time.DateOnly)
	}
	return out
}

func randomSpec(t *rapid.T) *refSpec {
	n := rapid.SampledFrom([]int{1, 2, 3, 5, 1, 2, 3, 4, 6, 32}).Draw(t, "days")
	dates := refDates(rapid.SampledFrom(startDays).Draw(t, "from"), n)
	s := &refSpec{from: dates[0], to: dates[n], llfc: "101", windows: map[string][]refClause{}}
	s.lay()
	r := &spinner{t, s, dates}
	r.energy("energy-unit", true)
	for _, item := range []string{"losses-distribution", "losses-transmission", "bsuos", "ro", "aahedc", "ccl", "bsc-costs", "management-fee", "rcrc", "cfd-ilr"} {
		if rapid.Bool().Draw(t, item) {
			r.energy(item, rapid.Bool().Draw(t, "windowed"))
		}
	}
	if rapid.Bool().Draw(t, "duos") {
		r.bands()
	}
	if rapid.Bool().Draw(t, "cm") {
		s.windows["winter peak"] = []refClause{{months: []time.Month{11, 12, 1, 2}, days: "working-days", times: [][2]int{{960, 1140}}}}
		s.rates = append(s.rates, refRate{item: "capacity-market", figure: "181.5", unit: "GBP/MWh", window: "winter peak"})
	}
	for _, st := range []struct {
		item, unit string
		of         []string
	}{{"tnuos-residual", "GBP/site/day", figuresMon}, {"duos-fixed", "p/MPAN/day", figuresDay}, {"duos-capacity", "p/kVA/day", figuresKVA},
		{"metering-agents", "GBP/year", figuresYr}, {"metering-agents", "GBP/month", figuresMon}, {"bsc-costs", "GBP/month", figuresMon}, {"management-fee", "GBP/month", figuresMon}} {
		if rapid.Bool().Draw(t, st.item) {
			r.dated(func(from, to string) {
				s.rates = append(s.rates, refRate{item: st.item, figure: rapid.SampledFrom(st.of).Draw(t, "figure"), unit: st.unit, from: from, to: to, llfc: r.class()})
			})
		}
	}
	s.capacity = []refCapacity{{"2020-01-01", rapid.SampledFrom([]string{"0", "900", "0.001", "123.457", "1000000"}).Draw(t, "kva")}}
	if rapid.Bool().Draw(t, "capacity changes") {
		s.capacity = append(s.capacity, refCapacity{rapid.SampledFrom(dates).Draw(t, "kva from"), "750.5"})
	}
	s.vat = rapid.SampledFrom([]string{"0", "5", "20", "17.5"}).Draw(t, "vat")
	r.volumes()
	return s
}

type spinner struct {
	t     *rapid.T
	s     *refSpec
	dates []string
}

// class is every class or the supply's own.
func (r *spinner) class() string { return rapid.SampledFrom([]string{"", r.s.llfc}).Draw(r.t, "class") }

// dated calls f for the whole time, or for the times before and after a day.
func (r *spinner) dated(f func(from, to string)) {
	if rapid.Bool().Draw(r.t, "changes") {
		at := rapid.SampledFrom(r.dates).Draw(r.t, "at")
		f("", at)
		f(at, "")
		return
	}
	f("", "")
}

func (r *spinner) figure() (string, string) {
	if rapid.Bool().Draw(r.t, "per MWh") {
		return rapid.SampledFrom(figuresMWh).Draw(r.t, "figure"), "GBP/MWh"
	}
	return rapid.SampledFrom(figuresKWh).Draw(r.t, "figure"), "p/kWh"
}

// energy prices an item on its volume, flat or by windows.
func (r *spinner) energy(item string, windowed bool) {
	r.dated(func(from, to string) {
		class := r.class()
		add := func(w string) {
			figure, unit := r.figure()
			r.s.rates = append(r.s.rates, refRate{item: item, figure: figure, unit: unit, from: from, to: to, window: w, llfc: class})
			if class != "" { // another class has a price of its own
				r.s.rates = append(r.s.rates, refRate{item: item, figure: "77.7", unit: "p/kWh", from: from, to: to, window: w, llfc: "999"})
			}
		}
		if !windowed {
			add("")
			return
		}
		id := fmt.Sprintf("w%d ", len(r.s.windows))
		a := 30 * rapid.IntRange(0, 47).Draw(r.t, "a")
		b := (a + 30*rapid.IntRange(1, 47).Draw(r.t, "len")) % 1440 // may cross midnight
		night := refClause{times: [][2]int{{a, b}}}
		switch rapid.IntRange(0, 3).Draw(r.t, "shape") {
		case 0:
		case 1:
			night.weekdays = weekdaysMF
		case 2:
			night.months = []time.Month{10, 2, 3}
		case 3:
			night.days = "working-days"
			r.s.windows[id+"bank"] = []refClause{{days: "bank-holidays", times: [][2]int{{a, b}}}}
			add(id + "bank")
		}
		r.s.windows[id+"night"] = []refClause{night}
		add(id + "night")
		if rapid.Bool().Draw(r.t, "day window") && len(night.weekdays)+len(night.months) == 0 && night.days == "" {
			if b != a {
				r.s.windows[id+"day"] = []refClause{{times: [][2]int{{b, a}}}}
				add(id + "day")
				return
			}
		}
		add("otherwise")
	})
}

// bands are the red, amber and green of a distributor.
func (r *spinner) bands() {
	cut := rapid.SliceOfNDistinct(rapid.IntRange(1, 47), 4, 4, rapid.ID[int]).Draw(r.t, "bands")
	slices.Sort(cut)
	a, b, c, d := cut[0]*30, cut[1]*30, cut[2]*30, cut[3]*30
	r.s.windows["red"] = []refClause{{weekdays: weekdaysMF, times: [][2]int{{b, c}}}}
	r.s.windows["amber"] = []refClause{{weekdays: weekdaysMF, times: [][2]int{{a, b}, {c, d}}}}
	r.s.windows["green"] = []refClause{{weekdays: weekdaysMF, times: [][2]int{{d, a}}}, {weekdays: weekend}}
	r.dated(func(from, to string) {
		for _, band := range []string{"red", "amber", "green"} {
			figure, unit := r.figure()
			r.s.rates = append(r.s.rates, refRate{item: "duos-" + band, figure: figure, unit: unit, from: from, to: to, window: band})
		}
	})
}

// volumes draws readings with zeros, ties and extremes.
func (r *spinner) volumes() {
	n := len(r.s.hhs)
	r.s.ai, r.s.llf, r.s.tlm = make([]int64, n), make([]int64, n), make([]int64, n)
	kind := rapid.SampledFrom([]string{"zero", "one kWh", "large", "mixed", "mixed", "small"}).Draw(r.t, "volumes")
	factors := rapid.SampledFrom([]string{"ones", "ties", "usual"}).Draw(r.t, "factors")
	one := rapid.IntRange(0, n-1).Draw(r.t, "one")
	seed := rapid.Uint64().Draw(r.t, "seed")
	next := func(m uint64) int64 { // a stream of numbers from one draw: thousands of draws are slow
		seed = seed*6364136223846793005 + 1442695040888963407
		return int64(seed >> 33 % m)
	}
	for i := range n {
		switch kind {
		case "one kWh":
			if i == one {
				r.s.ai[i] = 1000
			}
		case "large":
			r.s.ai[i] = 25_000_000
		case "mixed":
			r.s.ai[i] = []int64{0, 25_000_000, 1, 500, next(1_000_000), 1000}[next(6)]
		case "small":
			r.s.ai[i] = next(4)
		}
		r.s.llf[i], r.s.tlm[i] = 1000, 1_000_000_000
		switch factors {
		case "ties": // odd micro-kWh × .5
			r.s.llf[i] = 1001
			r.s.tlm[i] = []int64{500_000_000, 1_500_000_000, 999_999_500, 1_000_000_500}[next(4)]
		case "usual":
			r.s.llf[i] = 1020 + next(60)
			r.s.tlm[i] = 985_000_000 + next(40_000_000)
		}
	}
	r.s.volumes()
}

// equals compares a decimal with a fraction.
func equals(d decimal.Decimal, r *big.Rat) bool { return d.Rat().Cmp(r) == 0 }

var tenTo = func() (p [19]int64) {
	p[0] = 1
	for i := 1; i < len(p); i++ {
		p[i] = 10 * p[i-1]
	}
	return p
}()

// TestReference compares every charge cell, line and sum with the slow engine.
func TestReference(t *testing.T) {
	cells, lines, bills := 0, 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		s := randomSpec(rt)
		e := s.run(tb{t, rt})
		want := s.cells()
		for i := range s.hhs {
			for name, v := range map[Volume]*big.Rat{MSP: s.hhs[i].msp, GSP: s.hhs[i].gsp, DistributionLosses: s.hhs[i].dl, NBP: s.hhs[i].nbp, TransmissionLosses: s.hhs[i].tl} {
				if got := ratOf(e.vol.Line(name).Values[i], tenTo[Volumes().Def(name).Scale]); got.Cmp(v) != 0 {
					rt.Fatalf("volume %s at %d: %s, want %s", Volumes().Def(name).Name, i, got.FloatString(8), v.FloatString(8))
				}
			}
		}
		if e.s.Schema().Len() != len(want) {
			rt.Fatalf("%d items charged, want %d", e.s.Schema().Len(), len(want))
		}
		for l := range series.Line(e.s.Schema().Len()) {
			def := e.s.Schema().Def(l)
			c := e.charges.Line(l)
			if c.CountValid(0, c.Len()) != c.Len() {
				rt.Fatalf("%s: cells invalid", def.Name)
			}
			for i, v := range c.Values {
				if ratOf(v, tenTo[def.Scale]).Cmp(want[def.Name][i]) != 0 {
					rt.Fatalf("%s at %s: %d × 10^-%d, want %s", def.Name, s.hhs[i].start, v, def.Scale, want[def.Name][i].FloatString(14))
				}
			}
			cells += c.Len()
		}
		n := len(s.days)
		a := rapid.IntRange(0, n-1).Draw(rt, "a")
		for _, part := range [][2]int{{0, n}, {a, rapid.IntRange(a+1, n).Draw(rt, "b")}} {
			from := day(tb{t, rt}, s.from)
			b := e.bill(tb{t, rt}, settlement.Days(from+settlement.Day(part[0]), from+settlement.Day(part[1])))
			lines += sameBill(rt, b, s.bill(part[0], part[1]))
			bills++
		}
	})
	t.Logf("%d cells, %d lines, %d bills", cells, lines, bills)
	if !t.Failed() && cells < 100_000 {
		t.Errorf("only %d cells compared", cells)
	}
}

func sameBill(t *rapid.T, b *Bill, want refBill) int {
	if len(b.Lines) != len(want.lines) {
		t.Fatalf("%d lines, want %d", len(b.Lines), len(want.lines))
	}
	for i, l := range b.Lines {
		w := want.lines[i]
		if l.Item.String() != w.item || l.Unit != w.unit || l.From.String() != w.from || l.To.String() != w.to ||
			!equals(l.Quantity, w.qty) || !equals(l.Exact, w.exact) || !equals(l.Amount, w.amount) {
			t.Fatalf("line %d:\n%s %s %s %s %s %s %s\nwant\n%s %s %s %s %s %s %s", i,
				l.Item, l.Unit, l.From, l.To, l.Quantity, l.Exact, l.Amount,
				w.item, w.unit, w.from, w.to, w.qty.FloatString(9), w.exact.FloatString(14), w.amount.FloatString(3))
		}
	}
	if !equals(b.Net, want.net) || !equals(b.VAT, want.vat) || !equals(b.Gross, want.gross) || !equals(b.VATExact, want.vatx) {
		t.Fatalf("net %s vat %s gross %s exact vat %s, want %s %s %s %s", b.Net, b.VAT, b.Gross, b.VATExact,
			want.net.FloatString(3), want.vat.FloatString(3), want.gross.FloatString(3), want.vatx.FloatString(14))
	}
	return len(b.Lines)
}

// tb lets helpers that take a testing.TB fail the rapid case they run in.
type tb struct {
	testing.TB
	rt *rapid.T
}

func (t tb) Helper()                   {}
func (t tb) Fatal(args ...any)         { t.rt.Fatal(args...) }
func (t tb) Fatalf(f string, a ...any) { t.rt.Fatalf(f, a...) }

// TestConservation cuts bills into parts and adds them up again.
func TestConservation(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := randomSpec(rt)
		e := s.run(tb{t, rt})
		from, n := e.s.Span().From(), len(s.days)
		whole := e.bill(tb{t, rt}, e.s.Span())
		if err := errors.Join(whole.Verify(), e.s.VerifyCells(whole, e.charges)); err != nil {
			rt.Fatal(err)
		}
		parts := map[Item]decimal.Decimal{}
		for lo := 0; lo < n; {
			hi := rapid.IntRange(lo+1, n).Draw(rt, "cut")
			b := e.bill(tb{t, rt}, settlement.Days(from+settlement.Day(lo), from+settlement.Day(hi)))
			if err := errors.Join(b.Verify(), e.s.VerifyCells(b, e.charges)); err != nil {
				rt.Fatal(err)
			}
			for _, l := range b.Lines {
				parts[l.Item] = parts[l.Item].Add(l.Exact)
			}
			lo = hi
		}
		for _, l := range whole.Lines {
			parts[l.Item] = parts[l.Item].Sub(l.Exact)
		}
		for item, rest := range parts {
			if !rest.IsZero() {
				rt.Fatalf("%s: sub-bills differ from the bill by %s", item, rest)
			}
		}
		// Cells of each line, over any ranges of half-hours.
		for _, l := range whole.Lines {
			if defs[l.Item].Bases[0] != PerKWh && l.Item != DUoSCapacity || len(defs[l.Item].Bases) > 1 {
				continue // an item on two bases has two lines for one column
			}
			at, _ := e.s.Line(l.Item)
			sum, hi := decimal.Zero, e.s.Span().Index(l.To.First())
			for i := e.s.Span().Index(l.From.First()); i < hi; {
				j := min(hi, i+rapid.IntRange(1, 700).Draw(rt, "range"))
				sum = sum.Add(e.charges.Line(at).Sum(i, j).Decimal(defs[l.Item].Scale))
				i = j
			}
			if !sum.Equal(l.Exact) {
				rt.Fatalf("%s: ranges come to %s, the line to %s", l.Item, sum, l.Exact)
			}
		}
		vat := e.charges.Line(series.Line(e.s.Schema().Len()-1)).Sum(0, len(s.hhs)).Decimal(tickScale)
		if gap := vat.Sub(whole.VATExact).Abs(); gap.GreaterThan(decimal.New(5*int64(n), -tickScale-1)) {
			rt.Fatalf("VAT cells are %s from the exact VAT on %d days", gap, n)
		}
	})
}

// TestWholePeriods: the cells of a whole month or charging year are its price.
func TestWholePeriods(t *testing.T) {
	for _, c := range []struct{ from, to, item, price string }{
		{"2026-10-01", "2026-11-01", "metering-agents", "10.00000001 GBP/month"},
		{"2026-03-01", "2026-04-01", "management-fee", "-31.005 GBP/month"},
		{"2026-03-01", "2026-04-01", "bsc-costs", "0.00000001 GBP/month"},
		{"2024-02-01", "2024-03-01", "bsc-costs", "999999.99999999 GBP/month"},
		{"2025-04-01", "2026-04-01", "metering-agents", "540 GBP/year"},
		{"2023-04-01", "2024-04-01", "metering-agents", "999999.99999999 GBP/year"},
		{"2023-04-01", "2024-04-01", "metering-agents", "-0.00000001 GBP/year"},
	} {
		item, err := ParseItem(c.item)
		if err != nil {
			t.Fatal(err)
		}
		p := price(t, c.price)
		tariff := &Tariff{Rates: []Rate{{Items: []Item{item}, Price: p}, {Items: []Item{VAT}, Price: price(t, "20 %")}}}
		e := &engine{tariff: tariff, sup: testSupply(t, "101"), meter: series.NewFrame(nil, series.Meter(), span(t, c.from, c.to)), market: series.NewFrame(nil, series.Market(), span(t, c.from, c.to))}
		e.charge(t)
		col := e.charges.Line(0)
		if sum := col.Sum(0, col.Len()).Decimal(defs[item].Scale); !sum.Equal(p.GBP) {
			t.Errorf("%s of %s %s: half-hours come to %s", c.price, c.item, c.from, sum)
		}
		if b := e.bill(t, e.s.Span()); len(b.Lines) != 1 || b.Lines[0].Divisor != 1 || !b.Lines[0].Quantity.Equal(decimal.NewFromInt(1)) || !b.Lines[0].Exact.Equal(p.GBP) {
			t.Errorf("%s of %s: %+v", c.price, c.item, b.Lines)
		}
	}
}
