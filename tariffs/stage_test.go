package tariffs

import (
	"errors"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// madeFrom is what each item of the staged tariff is made from besides active
// energy; "*" is the line of an index, which may have a stand-in.
var madeFrom = map[Item][]string{
	EnergyUnit: nil, LossesDistribution: {"LLF"}, LossesTransmission: {"LLF", "TLM"}, BSUoS: {"LLF", "TLM"}, BSCCosts: {"LLF", "TLM"}, DUoSReactive: {"RI", "RE"},
	DUoSExcessCapacity: {"RI", "RE"}, EnergyImbalance: {"LLF", "TLM", "nominated", "*system-price"}, RCRC: {"LLF", "TLM", "*rcrc"}, CfDILR: {"LLF", "TLM", "*cfd-rate"},
	ManagementFee: {"LLF", "TLM", "*rcrc"}, GreenPremium: nil, DUoSFixed: nil,
}

// staged is random data of every kind, each line of runs of its own by day.
type staged struct {
	*engine
	stands map[int]bool // half-hours of TLM that the tariff stands in for
}

func newStaged(t testing.TB, rt *rapid.T) *staged {
	from := day(t, rapid.SampledFrom([]string{"2026-03-28", "2026-10-24", "2026-01-30"}).Draw(rt, "from"))
	sp := settlement.Days(from, from+settlement.Day(rapid.IntRange(1, 4).Draw(rt, "days")))
	e := &staged{stands: map[int]bool{}, engine: &engine{sup: testSupply(t, "101", Capacity{day(t, "2020-01-01"), decimal.NewFromInt(1)}),
		meter: series.NewFrame(nil, series.Meter(), sp), market: series.NewFrame(nil, series.Market(), sp), contract: series.NewFrame(nil, series.Contract(), sp)}}
	e.tariff = &Tariff{Name: "staged"}
	add := func(item Item, figure string, of ...Item) {
		e.tariff.Rates = append(e.tariff.Rates, Rate{Items: []Item{item}, Price: price(t, figure), Status: Contract, Of: of})
	}
	add(EnergyUnit, "28.123456 p/kWh")
	add(LossesDistribution, "28.123456 p/kWh")
	add(LossesTransmission, "28.1 p/kWh")
	add(BSUoS, "11.7 GBP/MWh")
	add(BSCCosts, "0.085 GBP/MWh")
	add(BSCCosts, "31 GBP/month")
	add(DUoSReactive, "0.3 p/kVArh")
	add(DUoSExcessCapacity, "9.5 p/kVA/day")
	add(DUoSFixed, "33.335 p/MPAN/day")
	add(EnergyImbalance, "system-price else 80 GBP/MWh")
	add(RCRC, "rcrc else 1 GBP/MWh")
	add(CfDILR, "cfd-rate else 9 GBP/MWh")
	add(VAT, "20 %")
	if rapid.Bool().Draw(rt, "fee") {
		add(ManagementFee, "2.5 %", EnergyUnit, RCRC, DUoSFixed)
	}
	if rapid.Bool().Draw(rt, "green") {
		add(GreenPremium, "1 %", DUoSFixed)
	}
	seed := stream(rapid.Uint64().Draw(rt, "seed"))
	set := func(f *series.Frame, name string, gaps bool, value func() int64) {
		line, _ := f.Schema().Lookup(name)
		untagged, tied := seed.next(4) == 0, seed.next(2) == 0
		for d := sp.From(); d < sp.To(); d++ {
			mark := series.Mark(0).From(settlement.SF + settlement.Run(seed.next(3)))
			switch {
			case untagged || seed.next(8) == 0:
				mark = 0
			case tied:
				mark = series.Mark(0).From(settlement.R1)
			}
			none := gaps && seed.next(3) == 0
			for p := d.First(); p < (d + 1).First(); p++ {
				if none || gaps && seed.next(20) == 0 {
					continue
				}
				m := mark
				if f == e.meter && line == series.AI && seed.next(16) == 0 {
					m |= series.Estimated
				}
				f.Set(line, p, value(), m)
			}
		}
	}
	reading := func() int64 { return seed.next(900) }
	index := func() int64 { return seed.next(20_000_000) - 5_000_000 }
	set(e.meter, "AI", false, reading)
	set(e.meter, "RI", true, reading)
	set(e.meter, "RE", true, reading)
	set(e.market, "LLF", false, func() int64 { return 1020 + seed.next(60) })
	stated := rapid.Bool().Draw(rt, "TLM stated")
	set(e.market, "TLM", stated, func() int64 { return 985_000_000 + seed.next(40_000_000) })
	set(e.contract, "nominated", false, func() int64 { return seed.next(900_000) })
	set(e.market, "system-price", true, index)
	set(e.market, "rcrc", true, index)
	set(e.market, "cfd-rate", true, index)
	if stated {
		status := rapid.SampledFrom([]Status{Contract, Assumed}).Draw(rt, "TLM status")
		e.tariff.Factors = []Factor{{Line: series.TLM, Value: decimal.RequireFromString("1.01"), Status: status}}
		for i := range sp.Len() {
			e.stands[i] = !holds(e.line("TLM"), i)
		}
		e.losses(t)
	}
	e.charge(t)
	return e
}

// losses fills in the loss factors of the tariff.
func (e *staged) losses(t testing.TB) {
	s, err := e.tariff.Compile(e.market.Span(), e.sup)
	if err != nil {
		t.Fatal(err)
	}
	s.Losses(e.market)
}

// alone is the same data of some days alone.
func (e *staged) alone(t testing.TB, part settlement.Span) *staged {
	cut := func(f *series.Frame) *series.Frame {
		out := series.NewFrame(nil, f.Schema(), part)
		for l := range series.Line(f.Schema().Len()) {
			for p := part.Lo; p < part.Hi; p++ {
				if i := f.Span().Index(p); holds(f.Line(l), i) && (l != series.TLM || f != e.market || !e.stands[i]) {
					out.Set(l, p, f.Line(l).Values[i], f.Line(l).Marks[i])
				}
			}
		}
		return out
	}
	a := &staged{engine: &engine{tariff: e.tariff, sup: e.sup, meter: cut(e.meter), market: cut(e.market), contract: cut(e.contract)}}
	a.losses(t)
	a.charge(t)
	return a
}

// line is a line of data by its name.
func (e *staged) line(name string) series.Column {
	for _, f := range []*series.Frame{e.meter, e.market, e.contract} {
		if l, ok := f.Schema().Lookup(name); ok {
			return f.Line(l)
		}
	}
	panic(name)
}

// based is what one half-hour of an item is made from, put together anew.
func (e *staged) based(item Item, i int) (r struct {
	runs     []settlement.Run // stated, the reading's first
	market   settlement.Run
	onMarket bool
	waits    bool
}) {
	r.runs = append(r.runs, e.line("AI").Marks[i].Run())
	for _, name := range madeFrom[item] {
		index := name[0] == '*'
		if index {
			name = name[1:]
		}
		col := e.line(name)
		run := col.Marks[i].Run()
		if !holds(col, i) {
			r.waits = r.waits || index
			continue
		}
		if name != "RI" && name != "RE" {
			r.onMarket, r.market = true, max(r.market, run)
		}
		if run != settlement.Untagged {
			r.runs = append(r.runs, run)
		} else if name == "TLM" { // it comes by run, whatever this data says
			r.runs = append(r.runs, run)
			r.waits = r.waits || e.stands[i]
		}
	}
	return r
}

func (e *staged) stage(i int) (stage settlement.Run) {
	for item := range madeFrom {
		if item == ManagementFee || item == GreenPremium || item == DUoSFixed {
			continue
		}
		for _, run := range e.based(item, i).runs {
			stage = max(stage, run)
		}
	}
	return stage
}

// want is the pounds of an item by one half-hour after the other.
func (e *staged) want(item Item) (p Pounds) {
	line, _ := e.s.Line(item)
	scale := int32(defs[item].Scale)
	for i, x := range e.charges.Line(line).Values {
		if item == DUoSFixed || item == GreenPremium {
			p.NoRun = p.NoRun.Add(decimal.New(x, -scale))
			p.NoMarket = p.NoMarket.Add(decimal.New(x, -scale))
			continue
		}
		if c := e.s.columnOf(item); c.standing != nil {
			fee := decimal.New(c.standing[i], -scale)
			p.NoRun, p.NoMarket = p.NoRun.Add(fee), p.NoMarket.Add(fee)
			x -= c.standing[i]
		}
		amount, on := decimal.New(x, -scale), e.based(item, i)
		at := Standing{Footing: Footing{e.stage(i), e.line("AI").Marks[i].Has(series.Estimated)}}
		for _, run := range on.runs {
			at.Behind = at.Behind || run < at.Run
		}
		at.Behind = at.Behind || on.waits
		if item == DUoSExcessCapacity { // any half-hour of the month may come to be the highest
			month := (e.s.cal.span.Lo + settlement.Period(i)).Day().Month()
			for k, m := range e.line("AI").Marks {
				same := (e.s.cal.span.Lo + settlement.Period(k)).Day().Month() == month
				at.Behind = at.Behind || same && m.Run() < at.Run
			}
		}
		p.ByRun[on.runs[0]] = p.ByRun[on.runs[0]].Add(amount)
		if at.Estimated {
			p.Estimated[on.runs[0]] = p.Estimated[on.runs[0]].Add(amount)
		}
		if on.onMarket {
			p.Market[on.market] = p.Market[on.market].Add(amount)
		} else {
			p.NoMarket = p.NoMarket.Add(amount)
		}
		p.put(at, amount)
	}
	return p
}

func samePounds(t *rapid.T, what string, got, want *Pounds) {
	t.Helper()
	same := func(of string, got, want decimal.Decimal) {
		t.Helper()
		if !got.Equal(want) {
			t.Fatalf("%s, %s: %s, want %s", what, of, got, want)
		}
	}
	for r := range got.ByRun {
		run := settlement.Run(r).String()
		same("by run "+run, got.ByRun[r], want.ByRun[r])
		same("estimated "+run, got.Estimated[r], want.Estimated[r])
		same("market "+run, got.Market[r], want.Market[r])
	}
	same("no run", got.NoRun, want.NoRun)
	same("no market", got.NoMarket, want.NoMarket)
	for _, at := range standings() {
		what := "stage " + at.Run.String()
		if at.Estimated {
			what += " estimated"
		}
		if at.Behind {
			what += " behind"
		}
		same(what, got.Stages[at], want.Stages[at])
	}
}

// TestStages: every way in which a mix tells pounds apart is what the half-hours
// come to one by one; each makes the exact net; and days make the bill in
// whatever order they are added up.
func TestStages(t *testing.T) {
	behind, waits := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		e := newStaged(tb{t, rt}, rt)
		sp := e.s.Span()
		b := e.bill(tb{t, rt}, sp)
		for i := range b.Mix.Items {
			item := &b.Mix.Items[i]
			want := e.want(item.Item)
			samePounds(rt, item.Item.String(), &item.Pounds, &want)
			for at, d := range want.Stages {
				if at.Behind && !d.IsZero() {
					behind++
				}
			}
		}
		var days []settlement.Span
		for _, part := range sp.EachDay() {
			days = append(days, part)
		}
		var sum Pounds
		for _, part := range rapid.Permutation(days).Draw(rt, "order") {
			m := e.s.RunMix(&Bill{From: part.From(), To: part.To()}, e.charges, e.in())
			order := make([]int, len(m.Items))
			for i := range order {
				order[i] = i
			}
			for _, i := range rapid.Permutation(order).Draw(rt, "items") {
				sum.add(&m.Items[i].Pounds, 1)
			}
		}
		samePounds(rt, "days", &sum, &b.Mix.Pounds)
		gross, whole := decimal.Zero, decimal.Zero
		for i := range b.Mix.Items {
			whole = whole.Add(b.Mix.Items[i].NoRun.Abs())
			for at, d := range b.Mix.Items[i].Stages {
				if whole = whole.Add(d.Abs()); at.Behind {
					gross = gross.Add(d.Abs())
				}
			}
		}
		if behind, of := b.Mix.Behind(); !behind.Equal(gross) || !of.Equal(whole) {
			rt.Fatalf("%s of %s are behind, want %s of %s", behind, of, gross, whole)
		}
		if !gross.IsZero() {
			waits++
		}
		// A mix that is out anywhere is refused.
		at := Standing{Footing{settlement.R2, true}, true}
		for name, spoil := range map[string]func(*RunMix, decimal.Decimal){
			"run":    func(m *RunMix, d decimal.Decimal) { m.ByRun[settlement.SF] = m.ByRun[settlement.SF].Add(d) },
			"market": func(m *RunMix, d decimal.Decimal) { m.Market[settlement.R1] = m.Market[settlement.R1].Add(d) },
			"stage":  func(m *RunMix, d decimal.Decimal) { m.put(at, d) },
			"items":  func(m *RunMix, d decimal.Decimal) { m.Items[0].put(at, d) },
		} {
			spoil(b.Mix, decimal.New(1, -14))
			if err := b.Verify(); !errors.Is(err, ErrLedger) {
				rt.Fatalf("%s: %v", name, err)
			}
			spoil(b.Mix, decimal.New(-1, -14))
		}
		if err := b.Verify(); err != nil {
			rt.Fatal(err)
		}
	})
	if !t.Failed() && (behind == 0 || waits == 0) {
		t.Error("nothing was behind")
	}
}

// TestStagesAlone: what the pounds of some days rest on does not depend on what
// else is in the job: the mix of days billed alone is theirs in the whole. The
// highest demand of a month does, and so does its charge.
func TestStagesAlone(t *testing.T) {
	stood := 0
	rapid.Check(t, func(rt *rapid.T) {
		e := newStaged(tb{t, rt}, rt)
		whole, day := e.s.Span(), e.s.Span().From()+settlement.Day(rapid.IntRange(0, int(e.s.Span().To()-e.s.Span().From())-1).Draw(rt, "day"))
		part := day.Span()
		a := e.alone(tb{t, rt}, part)
		one, of := a.bill(tb{t, rt}, part).Mix, e.s.RunMix(&Bill{From: day, To: day + 1}, e.charges, e.in())
		for i := range one.Items {
			if item := one.Items[i].Item; item != DUoSExcessCapacity {
				samePounds(rt, item.String()+" alone", &one.Items[i].Pounds, &of.Items[i].Pounds)
			}
		}
		for i := whole.Index(part.Lo); i < whole.Index(part.Hi); i++ {
			if e.stands[i] {
				stood++
			}
		}
	})
	if !t.Failed() && stood == 0 {
		t.Error("the tariff stood in for nothing")
	}
}

// TestMovesByMarket: where a later view restates one line of the market in some
// days, the moves are of those days' half-hours, of every charge there; together
// they are the change of the bill.
func TestMovesByMarket(t *testing.T) {
	seen := 0
	rapid.Check(t, func(rt *rapid.T) {
		e := newStaged(tb{t, rt}, rt)
		sp := e.s.Span()
		was := e.bill(tb{t, rt}, sp)
		market := series.NewFrame(nil, series.Market(), sp)
		which := rapid.SampledFrom([]series.Line{series.LLF, series.TLM, series.SystemPrice, series.RCRC, series.CfDRate}).Draw(rt, "restates")
		restated := map[settlement.Day]bool{}
		for d := range sp.EachDay() {
			restated[d] = rapid.Bool().Draw(rt, "day")
		}
		for l := range series.Line(series.Market().Len()) {
			col := e.market.Line(l)
			for i, m := range col.Marks {
				p := sp.Lo + settlement.Period(i)
				switch hit := l == which && restated[p.Day()]; {
				case hit:
					market.Set(l, p, col.Values[i]+int64(i%5)*100, series.Mark(0).From(settlement.R3))
				case holds(col, i):
					market.Set(l, p, col.Values[i], m)
				}
			}
		}
		later := &staged{engine: &engine{tariff: e.tariff, sup: e.sup, meter: e.meter, market: market, contract: e.contract}}
		later.charge(tb{t, rt})
		is := later.bill(tb{t, rt}, sp)
		old, change := decimal.Zero, decimal.Zero
		for _, m := range Moves(sp, Charged{e.s, e.charges, e.in()}, Charged{later.s, later.charges, later.in()}) {
			if m.To != settlement.R3 || m.Run > settlement.R2 {
				rt.Fatalf("%+v", m)
			}
			old, change = old.Add(m.Old), change.Add(m.New).Sub(m.Old)
			seen++
		}
		want := decimal.Zero // all pounds on runs of the days restated
		for d, hit := range restated {
			if m := e.s.RunMix(&Bill{From: d, To: d + 1}, e.charges, e.in()); hit {
				want = want.Add(m.Total()).Sub(m.NoRun)
			}
		}
		if !old.Equal(want) || !change.Equal(is.NetExact.Sub(was.NetExact)) {
			rt.Fatalf("moves of %s come to %s; want %s and %s", old, change, want, is.NetExact.Sub(was.NetExact))
		}
	})
	if !t.Failed() && seen == 0 {
		t.Error("nothing moved")
	}
}
