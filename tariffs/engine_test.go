package tariffs

import (
	"errors"
	"maps"
	"slices"
	"testing"
	"time"

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
	out := &Tariff{Name: "random", Conventions: Conventions{ExcessMonth: s.excessMonth, VATDown: s.vatDown}}
	for _, name := range slices.Sorted(maps.Keys(s.windows)) {
		var text []string
		for _, c := range s.windows[name] {
			text = append(text, c.text())
		}
		out.Windows = append(out.Windows, window(t, name, text...))
	}
	for i, r := range s.rates {
		one := s.tariffRate(t, r)
		one.Pos = series.Pos{Source: "tariff.toml", Line: i + 1}
		out.Rates = append(out.Rates, one)
	}
	out.Rates = append(out.Rates, rate(t, VAT, s.vat+" %"))
	if s.reduced != "" {
		one := rate(t, VAT, s.reduced+" %")
		one.Reduced = true
		out.Rates = append(out.Rates, one)
	}
	for _, year := range slices.Sorted(maps.Keys(s.triads)) {
		one := Triads{Year: day(t, year+"-11-05"), Status: Confirmed}
		for i, at := range s.triads[year] {
			one.At[i] = period(t, at)
		}
		out.Triads = append(out.Triads, one)
	}
	return out, s.supply(t)
}

func (s *refSpec) tariffRate(t testing.TB, r refRate) Rate {
	item, err := ParseItem(r.item)
	if err != nil {
		t.Fatal(err)
	}
	out := Rate{Items: []Item{item}, Price: price(t, r.text()), Status: Contract, At: r.at, When: When{Window: r.window}}
	for _, name := range r.of {
		of, err := ParseItem(name)
		if err != nil {
			t.Fatal(err)
		}
		out.Of = append(out.Of, of)
	}
	if r.from != "" {
		out.When.From = day(t, r.from)
	}
	if r.to != "" {
		out.When.To = day(t, r.to)
	}
	if r.llfc != "" {
		out.When.LLFCs = []string{r.llfc}
	}
	if r.band != "" {
		out.When.Bands = []string{r.band}
	}
	return out
}

func (s *refSpec) supply(t testing.TB) *Supply {
	out := testSupply(t, "101")
	out.Export, out.Terms = s.export, nil
	if s.since != "" {
		out.Since = day(t, s.since)
	}
	for i, c := range s.terms {
		terms := Terms{LLFC: c.llfc, Band: c.band, EIIExempt: dec(c.exempt), CCLShare: dec(c.share), CCLRelief: dec(c.relief), Qualifying: dec(c.qualifying)}
		if i > 0 {
			terms.From = day(t, c.from)
		}
		out.Terms = append(out.Terms, terms)
	}
	for _, c := range s.capacity {
		out.Capacity = append(out.Capacity, Capacity{day(t, c.from), dec(c.kva)})
	}
	for _, d := range s.demands {
		out.Triads = append(out.Triads, TriadDemand{At: period(t, d.at), KW: dec(d.kw), LLF: dec(d.llf)})
	}
	if err := out.Validate(); err != nil {
		t.Fatal(err)
	}
	return out
}

func period(t testing.TB, at time.Time) settlement.Period {
	t.Helper()
	p, err := settlement.PeriodAt(at)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// frames are the meter, market and contract frames of a spec; without anything
// stated by half-hour there is no contract frame.
func (s *refSpec) frames(t testing.TB) Inputs {
	t.Helper()
	sp := span(t, s.from, s.to)
	if sp.Len() != len(s.hhs) {
		t.Fatalf("%s to %s: %d half-hours, the reference counts %d", s.from, s.to, sp.Len(), len(s.hhs))
	}
	frame := func(schema *series.Schema) *series.Frame {
		f, any := series.NewFrame(nil, schema, sp), false
		for l := range series.Line(schema.Len()) {
			line := s.data[schema.Def(l).Name]
			if line == nil {
				continue
			}
			any = true
			for i, v := range line.values {
				if v != nil {
					f.Set(l, sp.Lo+settlement.Period(i), *v, series.Mark(0).From(settlement.SF))
				}
			}
		}
		if !any && schema == series.Contract() {
			return nil
		}
		return f
	}
	for i := range s.hhs {
		if p := period(t, s.hhs[i].start); p != sp.Lo+settlement.Period(i) {
			t.Fatalf("half-hour %d is %v", i, p)
		}
	}
	return Inputs{Meter: frame(series.Meter()), Market: frame(series.Market()), Contract: frame(series.Contract())}
}

// engine is a tariff compiled and charged.
type engine struct {
	tariff        *Tariff
	sup, compiled *Supply // charged, and compiled for if that is another
	meter, market *series.Frame
	contract      *series.Frame
	s             *Schedule
	vol, charges  *series.Frame
	small         bool // charged by the schedule of a small bill
}

func (e *engine) in() Inputs { return Inputs{Meter: e.meter, Market: e.market, Contract: e.contract} }

func (s *refSpec) run(t testing.TB) *engine {
	t.Helper()
	e := &engine{small: s.small}
	e.tariff, e.sup = s.tariff(t)
	in := s.frames(t)
	e.meter, e.market, e.contract = in.Meter, in.Market, in.Contract
	// Compiled for another supply on the same terms: capacity and Triads are not
	// the schedule's.
	other := *s
	other.capacity, other.demands, other.since = nil, nil, ""
	e.compiled = other.supply(t)
	switch err := e.tryCharge(t); {
	case errors.Is(err, ErrOverflow) && s.overflows():
		t.Skip(err) // rightly
	case err != nil:
		t.Fatal(err)
	}
	return e
}

// charge compiles over the meter's span and charges.
func (e *engine) charge(t testing.TB) {
	t.Helper()
	if err := e.tryCharge(t); err != nil {
		t.Fatal(err)
	}
}

// tryCharge is charge where the charging itself may fail.
func (e *engine) tryCharge(t testing.TB) error {
	t.Helper()
	sp := e.meter.Span()
	var err error
	terms := e.sup
	if e.compiled != nil {
		terms = e.compiled
	}
	if e.s, err = e.tariff.Compile(sp, terms); err != nil {
		t.Fatal(err)
	}
	if e.small {
		if e.s, err = e.s.Small(); err != nil {
			t.Fatal(err)
		}
	}
	e.vol, e.charges = series.NewFrame(nil, Volumes(), sp), series.NewFrame(nil, e.s.Schema(), sp)
	if err := e.s.Adjust(e.vol, e.in()); err != nil {
		t.Fatal(err)
	}
	return e.s.Charge(e.charges, e.vol, e.in(), e.sup)
}

func (e *engine) bill(t testing.TB, sp settlement.Span) *Bill {
	t.Helper()
	b, err := e.s.Bill(e.sup, sp, View{Name: "latest"}, e.vol, e.charges, e.in())
	if err != nil {
		t.Fatal(err)
	}
	return b
}
