package tariffs

import (
	"errors"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// with makes a rate of a price and lets change set the rest.
func with(t testing.TB, item Item, p string, change func(*Rate)) Rate {
	r := rate(t, item, p)
	change(&r)
	return r
}

// lineNotes is what the first line of an item says.
func lineNotes(t testing.TB, b *Bill, item Item) Condition {
	t.Helper()
	for i := range b.Lines {
		if b.Lines[i].Item == item {
			return b.Lines[i].Conditions
		}
	}
	t.Fatalf("no line of %s", item)
	return 0
}

// TestNotesReachTheLine: what is known of any line of data is said on each
// printed line that rests on it, and on no other.
func TestNotesReachTheLine(t *testing.T) {
	whole := func(e *engine, l series.Line, v int64, m series.Mark) {
		for p := e.meter.Span().Lo; p < e.meter.Span().Hi; p++ {
			e.meter.Set(l, p, v, m)
		}
	}
	market := func(e *engine, l series.Line, v int64, m series.Mark) {
		for p := e.market.Span().Lo; p < e.market.Span().Hi; p++ {
			e.market.Set(l, p, v, m)
		}
	}
	at := settlement.Period(20)
	percent := with(t, ManagementFee, "2 %", func(r *Rate) { r.Of = []Item{RCRC} })
	for name, c := range map[string]struct {
		rates  []Rate
		change func(*engine)
		item   Item
		want   Condition
	}{
		"an estimated index":              {[]Rate{rate(t, RCRC, "rcrc")}, func(e *engine) { market(e, series.RCRC, 5000, series.Estimated) }, RCRC, EstimatedReads},
		"a percentage of it":              {[]Rate{rate(t, RCRC, "rcrc"), percent}, func(e *engine) { market(e, series.RCRC, 5000, series.Estimated) }, ManagementFee, EstimatedReads},
		"a percentage of an assumed rate": {[]Rate{with(t, RCRC, "1 p/kWh", func(r *Rate) { r.Status = Assumed }), percent}, func(*engine) {}, ManagementFee, AssumedRate},
		"estimated reactive energy":       {[]Rate{rate(t, DUoSReactive, "1 p/kVArh")}, func(e *engine) { whole(e, series.RI, 500_000, series.Estimated) }, DUoSReactive, EstimatedReads | OneReactive},
		"demand by it":                    {[]Rate{rate(t, DUoSExcessCapacity, "1 p/kVA/day")}, func(e *engine) { whole(e, series.RI, 500_000, series.Estimated) }, DUoSExcessCapacity, EstimatedReads | OneReactive},
		"a Triad from an estimate": {[]Rate{rate(t, TNUoSLocational, "3 GBP/kW")}, func(e *engine) {
			lo := e.meter.Span().Lo
			e.meter.Set(series.AI, lo+at, 100_000, series.Estimated)
			e.tariff.Triads = []Triads{{Year: lo.Day(), At: [3]settlement.Period{lo + at, (lo.Day() + 20).First(), (lo.Day() + 40).First()}}}
		}, TNUoSLocational, EstimatedReads | ProvisionalTriad},
	} {
		e := flat(t, 100_000, 1000, 1_000_000_000, c.rates...)
		whole(e, series.AI, 100_000, 0)
		c.change(e)
		e.charge(t)
		b := e.bill(t, e.s.Span())
		if got := lineNotes(t, b, c.item); got != c.want || !b.Conditions.Has(c.want) {
			t.Errorf("%s: line %s, bill %s, want %s", name, got, b.Conditions, c.want)
		}
	}
}

// TestBehind: a run that has not landed for any input of a line is said on it.
func TestBehind(t *testing.T) {
	sf, r1 := series.Mark(0).From(settlement.SF), series.Mark(0).From(settlement.R1)
	for name, c := range map[string]struct {
		rate Rate
		late func(e *engine, p settlement.Period)
	}{
		"readings":          {rate(t, RO, "1 p/kWh"), func(e *engine, p settlement.Period) { e.meter.Set(series.AI, p, 100_000, sf) }},
		"reactive readings": {rate(t, DUoSReactive, "1 p/kVArh"), func(e *engine, p settlement.Period) { e.meter.Set(series.RI, p, 90_000, sf) }},
		"demand":            {rate(t, DUoSExcessCapacity, "1 p/kVA/day"), func(e *engine, p settlement.Period) { e.meter.Set(series.RE, p, 90_000, sf) }},
		"loss factors":      {rate(t, AAHEDC, "1 p/kWh"), func(e *engine, p settlement.Period) { e.market.Set(series.LLF, p, 1000, sf) }},
		"multipliers":       {rate(t, BSUoS, "1 p/kWh"), func(e *engine, p settlement.Period) { e.market.Set(series.TLM, p, 1_000_000_000, sf) }},
		"an index":          {rate(t, RCRC, "rcrc"), func(e *engine, p settlement.Period) { e.market.Set(series.RCRC, p, 5000, sf) }},
	} {
		e := flat(t, 100_000, 1000, 1_000_000_000, c.rate)
		for p := e.meter.Span().Lo; p < e.meter.Span().Hi; p++ {
			e.meter.Set(series.AI, p, 100_000, r1)
			e.meter.Set(series.RI, p, 90_000, r1)
			e.meter.Set(series.RE, p, 0, r1)
			e.market.Set(series.LLF, p, 1000, r1)
			e.market.Set(series.TLM, p, 1_000_000_000, r1)
			e.market.Set(series.RCRC, p, 5000, r1)
		}
		bill := func() Condition {
			e.charge(t)
			b, err := e.s.Bill(e.sup, e.s.Span(), View{Name: "R1", Run: settlement.R1, OfRun: true}, e.vol, e.charges, e.in())
			if err != nil {
				t.Fatal(err)
			}
			return lineNotes(t, b, c.rate.Items[0])
		}
		if got := bill(); got.Has(MissingRun) {
			t.Errorf("%s: all landed: %s", name, got)
		}
		c.late(e, e.meter.Span().Lo+7)
		if got := bill(); !got.Has(MissingRun) {
			t.Errorf("%s: one did not land: %s", name, got)
		}
	}
}

// TestUnconfirmedFactor: a loss factor nobody confirmed is refused as a rate is.
func TestUnconfirmedFactor(t *testing.T) {
	e := flat(t, 1000, 1000, 1_000_000_000, rate(t, RO, "1 p/kWh"))
	e.tariff.Factors = []Factor{{Line: series.LLF, Value: dec("1.05"), Status: Unconfirmed, Source: "somewhere"}}
	if _, err := e.tariff.Compile(e.meter.Span(), e.sup); !errors.Is(err, ErrUnconfirmed) {
		t.Error(err)
	}
	e.tariff.Conventions.Unconfirmed = true
	if _, err := e.tariff.Compile(e.meter.Span(), e.sup); err != nil {
		t.Error(err)
	}
}

// TestCandidates: until the Triads are published, the three highest of what a
// supply states stand for them.
func TestCandidates(t *testing.T) {
	e := flat(t, 1000, 1000, 1_000_000_000, rate(t, TNUoSLocational, "365 GBP/kW"))
	for i, kw := range []string{"100", "300", "50", "300", "200", "10"} {
		p, err := day(t, "2026-12-01").Period(i + 30)
		if err != nil {
			t.Fatal(err)
		}
		e.sup.Triads = append(e.sup.Triads, TriadDemand{At: p, KW: dec(kw), LLF: dec("1")})
	}
	if err := e.sup.Validate(); err != nil {
		t.Fatal(err)
	}
	e.charge(t)
	b := e.bill(t, e.s.Span())
	if l := b.Lines[0]; !l.Amount.Equal(decimal.New(26667, -2)) || !l.Conditions.Has(ProvisionalTriad) { // (300 + 300 + 200) / 3
		t.Errorf("%s %s, %s", l.Quantity, l.Amount, l.Conditions)
	}
}

// TestReducedEnded: a reduced rate that no longer holds makes no small bill.
func TestReducedEnded(t *testing.T) {
	e := flat(t, 0, 1000, 1_000_000_000, rate(t, RO, "1 p/kWh"), with(t, VAT, "5 %", func(r *Rate) { r.Reduced, r.When.To = true, day(t, "2024-01-01") }))
	e.charge(t)
	if e.s.IsSmall(e.vol, e.s.Span()) {
		t.Error("small without a rate for it")
	}
	e.tariff.Rates[1].When.To = 0
	e.charge(t)
	if !e.s.IsSmall(e.vol, e.s.Span()) {
		t.Error("not small")
	}
}

// TestScheduleKeepsItsOwn: what a schedule was made from may change afterwards.
func TestScheduleKeepsItsOwn(t *testing.T) {
	e := flat(t, 0, 1000, 1_000_000_000, rate(t, RO, "1 p/kWh"), with(t, VAT, "5 %", func(r *Rate) { r.Reduced = true }))
	s, err := e.tariff.Compile(e.meter.Span(), e.sup)
	if err != nil {
		t.Fatal(err)
	}
	clear(e.tariff.Rates)
	if small, err := s.Small(); err != nil || small.VATRate().String() != "0.05" {
		t.Errorf("%v", err)
	}
}

// TestOtherTerms: a supply on other terms is not charged by a schedule.
func TestOtherTerms(t *testing.T) {
	e := flat(t, 0, 1000, 1_000_000_000, rate(t, RO, "1 p/kWh"))
	e.charge(t)
	for name, change := range map[string]func(*Supply){
		"class": func(s *Supply) { s.Terms[0].LLFC = "H02" }, "distributor": func(s *Supply) { s.Distributor = 10 }, "area": func(s *Supply) { s.GSPGroup = 'A' },
		"direction": func(s *Supply) { s.Export = true }, "exemption": func(s *Supply) { s.Terms[0].EIIExempt = dec("0.5") },
	} {
		other := testSupply(t, "101", e.sup.Capacity...)
		if err := e.s.Charge(e.charges, e.vol, e.in(), other); err != nil {
			t.Fatal(err)
		}
		change(other)
		if err := other.Validate(); err != nil {
			t.Fatal(err)
		}
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: charged", name)
				}
			}()
			_ = e.s.Charge(e.charges, e.vol, e.in(), other)
		}()
	}
}

// TestCombine: active energy needs both meters, reactive energy takes what is
// held and says that it is an estimate.
func TestCombine(t *testing.T) {
	sp := span(t, "2026-06-15", "2026-06-16")
	a, b := series.NewFrame(nil, series.Meter(), sp), series.NewFrame(nil, series.Meter(), sp)
	sf, r1 := series.Mark(0).From(settlement.SF), series.Mark(0).From(settlement.R1)
	a.Set(series.AI, sp.Lo, 100_000, r1)
	b.Set(series.AI, sp.Lo, 1_000, sf)
	a.Set(series.AI, sp.Lo+1, 100_000, r1) // the other has none
	a.Set(series.RI, sp.Lo, 190_000, r1)
	b.Set(series.RE, sp.Lo, 7, sf)
	if err := Combine(a, b); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		line series.Line
		at   settlement.Period
		v    int64
		m    series.Mark
		ok   bool
	}{
		{series.AI, sp.Lo, 101_000, sf, true}, {series.AI, sp.Lo + 1, 0, 0, false}, {series.AI, sp.Lo + 2, 0, 0, false},
		{series.RI, sp.Lo, 190_000, r1 | series.Estimated, true}, {series.RE, sp.Lo, 7, sf | series.Estimated, true}, {series.RI, sp.Lo + 1, 0, 0, false},
	} {
		i := sp.Index(c.at)
		if v, ok := a.Get(c.line, c.at); v != c.v || ok != c.ok || a.Line(c.line).Marks[i] != c.m {
			t.Errorf("%d at %d: %d, %v, %x", c.line, i, v, ok, a.Line(c.line).Marks[i])
		}
	}
	a.Set(series.AI, sp.Lo, 1<<62, 0)
	b.Set(series.AI, sp.Lo, 1<<62, 0)
	if err := Combine(a, b); !errors.Is(err, ErrOverflow) {
		t.Error(err)
	}
}

// TestFlow: a class of generation has no rates for an import supply.
func TestFlow(t *testing.T) {
	e := flat(t, 1000, 1000, 1_000_000_000, with(t, DUoSFixed, "1 p/day", func(r *Rate) { r.When.Flow = ExportOnly }))
	if _, err := e.tariff.Compile(e.meter.Span(), e.sup); !errors.Is(err, ErrGap) {
		t.Error(err)
	}
	e.sup.Export = true
	if err := e.sup.Validate(); err != nil {
		t.Fatal(err)
	}
	if _, err := e.tariff.Compile(e.meter.Span(), e.sup); err != nil {
		t.Error(err)
	}
	for _, c := range []struct {
		a, b, want Flow
		ok         bool
	}{{EitherWay, ImportOnly, ImportOnly, true}, {ImportOnly, EitherWay, ImportOnly, true}, {ImportOnly, ExportOnly, 0, false}, {ExportOnly, ExportOnly, ExportOnly, true}} {
		if w, ok := (When{Flow: c.a}).within(When{Flow: c.b}); ok != c.ok || ok && w.Flow != c.want {
			t.Errorf("%v within %v: %v, %v", c.a, c.b, w.Flow, ok)
		}
	}
}
