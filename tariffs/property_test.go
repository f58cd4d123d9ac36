package tariffs

import (
	"errors"
	"math/big"
	"slices"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"github.com/halfhour/halfhour/internal/kernel"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// equals compares a decimal with a fraction.
func equals(d decimal.Decimal, r *big.Rat) bool { return d.Rat().Cmp(r) == 0 }

var tenTo = func() (p [19]int64) {
	p[0] = 1
	for i := 1; i < len(p); i++ {
		p[i] = 10 * p[i-1]
	}
	return p
}()

// cellsCompared is how many random cells a plain run of the tests compares.
const cellsCompared = 1_000_000

// TestReference compares every volume, charge cell, line and sum with the slow
// engine.
func TestReference(t *testing.T) {
	var cells, held, lines, bills, refused int
	check := func(rt *rapid.T) {
		s := randomSpec(rt)
		rt.Log(s)
		e := s.run(tb{t, rt})
		s.work()
		s.sameVolumes(rt, e)
		want := s.cells()
		if e.s.Schema().Len() != len(want) {
			rt.Fatalf("%d items charged, want %d", e.s.Schema().Len(), len(want))
		}
		for l := range series.Line(e.s.Schema().Len()) {
			def := e.s.Schema().Def(l)
			held += sameColumn(rt, s, def, e.charges.Line(l), want[def.Name])
			cells += e.charges.Len()
		}
		n := len(s.days)
		a := rapid.IntRange(0, n-1).Draw(rt, "a")
		for _, part := range [][2]int{{0, n}, {a, rapid.IntRange(a+1, n).Draw(rt, "b")}} {
			from := day(tb{t, rt}, s.from)
			if !s.complete(want, part[0], part[1]) {
				sp := settlement.Days(from+settlement.Day(part[0]), from+settlement.Day(part[1]))
				if _, err := e.s.Bill(e.sup, sp, View{}, e.vol, e.charges, e.in()); !errors.Is(err, ErrMissing) {
					rt.Fatalf("a bill with half-hours missing: %v", err)
				}
				refused++
				continue
			}
			b := e.checked(tb{t, rt}, part[0], part[1])
			lines += sameBill(rt, b, s.bill(part[0], part[1]))
			bills++
		}
	}
	for batch := 0; held < cellsCompared && batch < 3; batch++ { // a batch without a long span may have fewer
		rapid.Check(t, check)
	}
	t.Logf("%d cells (%d with a charge), %d lines, %d bills, %d refused for what is missing", cells, held, lines, bills, refused)
	if !t.Failed() && held < cellsCompared {
		t.Errorf("only %d cells compared", held)
	}
}

// sameColumn compares a line of a frame and counts its cells with a value.
func sameColumn(t *rapid.T, s *refSpec, def series.Def, c series.Column, want []*big.Rat) (held int) {
	for i, v := range c.Values {
		if valid := c.NextInvalid(i, i+1) != i; valid != (want[i] != nil) || !valid && v != 0 {
			t.Fatalf("%s at %s: %d, valid %v, want %v", def.Name, s.hhs[i].start, v, valid, want[i])
		}
		if want[i] == nil {
			continue
		}
		held++
		if ratOf(v, tenTo[def.Scale]).Cmp(want[i]) != 0 {
			t.Fatalf("%s at %s: %d × 10^-%d, want %s", def.Name, s.hhs[i].start, v, def.Scale, want[i].FloatString(14))
		}
	}
	return held
}

// sameVolumes compares the volumes that every schedule has, and the others
// where an item is charged on them.
func (s *refSpec) sameVolumes(t *rapid.T, e *engine) {
	names := map[Volume]string{MSP: "msp", GSP: "gsp", DistributionLosses: "dl", NBP: "nbp", TransmissionLosses: "tl"}
	exempt := slices.ContainsFunc(s.days, func(d refDay) bool { return s.termsOn(d.date).exempt != "0" })
	for _, item := range s.charged() {
		switch on := s.volumeOf(item); {
		case on == "reactive":
			names[Reactive] = on
		case on == "imbalance":
			names[Imbalance] = on
		case on == "chargeable msp" && exempt:
			names[ChargeableMSP] = on
		case on == "chargeable gsp" && exempt:
			names[ChargeableGSP] = on
		case on == "chargeable nbp" && exempt:
			names[ChargeableNBP] = on
		}
	}
	for v, name := range names {
		sameColumn(t, s, Volumes().Def(v), e.vol.Line(v), s.volume[name])
	}
}

func sameBill(t interface{ Fatalf(string, ...any) }, b *Bill, want refBill) int {
	for i, l := range b.Lines {
		if i >= len(want.lines) {
			t.Fatalf("line %d: %s %s from %s, want none", i, l.Item, l.Unit, l.From)
		}
		w := want.lines[i]
		if l.Item.String() != w.item || l.Unit != w.unit || l.From.String() != w.from || l.To.String() != w.to ||
			new(big.Rat).Quo(l.Quantity.Rat(), ratOf(l.Divisor, 1)).Cmp(new(big.Rat).Quo(w.qty, ratOf(w.divisor, 1))) != 0 || !equals(l.Exact, w.exact) || !equals(l.Amount, w.amount) ||
			l.Rate.Valid != (w.rate != nil) || w.rate != nil && !equals(l.Rate.Decimal, w.rate) ||
			l.Conditions&refConditions != w.conditions {
			t.Fatalf("line %d:\n%s %s %s %s: %s ÷ %d × %s = %s, %s (%s)\nwant\n%s %s %s %s: %s ÷ %d × %v = %s, %s (%s)", i,
				l.Item, l.Unit, l.From, l.To, l.Quantity, l.Divisor, l.Rate.Decimal, l.Exact, l.Amount, l.Conditions,
				w.item, w.unit, w.from, w.to, w.qty.FloatString(9), w.divisor, w.rate, w.exact.FloatString(14), w.amount.FloatString(3), w.conditions)
		}
	}
	if len(b.Lines) != len(want.lines) {
		t.Fatalf("%d lines, want %d", len(b.Lines), len(want.lines))
	}
	if !equals(b.Net, want.net) || !equals(b.VAT, want.vat) || !equals(b.Gross, want.gross) || !equals(b.VATExact, want.vatx) {
		t.Fatalf("net %s vat %s gross %s exact vat %s, want %s %s %s %s", b.Net, b.VAT, b.Gross, b.VATExact,
			want.net.FloatString(3), want.vat.FloatString(3), want.gross.FloatString(3), want.vatx.FloatString(14))
	}
	return len(b.Lines)
}

// tb lets helpers that take a testing.TB fail or skip the rapid case they run in.
type tb struct {
	testing.TB
	rt *rapid.T
}

func (t tb) Helper()                   {}
func (t tb) Fatal(args ...any)         { t.rt.Fatal(args...) }
func (t tb) Skip(args ...any)          { t.rt.Skip(args...) }
func (t tb) Fatalf(f string, a ...any) { t.rt.Fatalf(f, a...) }

// checked makes a bill and checks both its ledgers.
func (e *engine) checked(t testing.TB, from, to int) *Bill {
	first := e.s.Span().From()
	b := e.bill(t, settlement.Days(first+settlement.Day(from), first+settlement.Day(to)))
	if err := errors.Join(b.Verify(), e.s.VerifyCells(b, e.charges)); err != nil {
		t.Fatal(err)
	}
	return b
}

// TestConservation cuts bills into days and half-hours and adds them up again:
// whatever the parts, they come to the lines before rounding.
func TestConservation(t *testing.T) {
	bills := 0
	rapid.Check(t, func(rt *rapid.T) {
		s := randomSpec(rt)
		e := s.run(tb{t, rt})
		if _, err := e.s.Bill(e.sup, e.s.Span(), View{}, e.vol, e.charges, e.in()); errors.Is(err, ErrMissing) {
			return // TestReference knows whether half-hours are missing
		}
		whole := e.checked(tb{t, rt}, 0, len(s.days))
		rest := map[Item]decimal.Decimal{}
		for _, l := range whole.Lines {
			rest[l.Item] = rest[l.Item].Sub(l.Exact)
		}
		for lo := 0; lo < len(s.days); {
			hi := rapid.IntRange(lo+1, len(s.days)).Draw(rt, "cut")
			for _, l := range e.checked(tb{t, rt}, lo, hi).Lines {
				rest[l.Item] = rest[l.Item].Add(l.Exact)
			}
			lo = hi
			bills++
		}
		for item, gap := range rest {
			if !gap.IsZero() {
				rt.Fatalf("%s: sub-bills differ from the bill by %s", item, gap)
			}
		}
		e.windowsAddUp(rt, whole)
		vat := e.charges.Line(series.Line(e.s.Schema().Len()-1)).Sum(0, len(s.hhs)).Decimal(tickScale)
		if gap := vat.Sub(whole.VATExact).Abs(); gap.GreaterThan(decimal.New(5*int64(len(s.days)), -tickScale-1)) {
			rt.Fatalf("VAT cells are %s from the exact VAT on %d days", gap, len(s.days))
		}
	})
	t.Logf("%d sub-bills", bills)
}

// windowsAddUp adds up the cells of an item over any ranges of half-hours of
// the days that its lines cover: those of an item on several bases cover the
// same days.
func (e *engine) windowsAddUp(t *rapid.T, b *Bill) {
	type days struct{ from, to settlement.Day }
	lines := map[Item]map[days]decimal.Decimal{}
	bases := map[Item]map[string]bool{}
	for _, l := range b.Lines {
		if lines[l.Item] == nil {
			lines[l.Item], bases[l.Item] = map[days]decimal.Decimal{}, map[string]bool{}
		}
		at := days{l.From, l.To}
		lines[l.Item][at] = lines[l.Item][at].Add(l.Exact)
	}
	for i := range e.s.charges {
		bases[e.s.charges[i].item][e.s.charges[i].basis.String()] = true
	}
	for item, of := range lines {
		if len(bases[item]) > 1 { // on several bases only the whole is one range
			sum := decimal.Zero
			for _, exact := range of {
				sum = sum.Add(exact)
			}
			of = map[days]decimal.Decimal{{b.From, b.To}: sum}
		}
		at, _ := e.s.Line(item)
		for d, exact := range of {
			sum, hi := decimal.Zero, e.s.Span().Index(d.to.First())
			for i := e.s.Span().Index(d.from.First()); i < hi; {
				j := min(hi, i+rapid.IntRange(1, 700).Draw(t, "range"))
				sum = sum.Add(e.charges.Line(at).Sum(i, j).Decimal(defs[item].Scale))
				i = j
			}
			if !sum.Equal(exact) {
				t.Fatalf("%s from %s: ranges come to %s, the line to %s", item, d.from, sum, exact)
			}
		}
	}
}

// TestChargeCube charges runs that rest on different data together, from their
// volumes and from their readings, and one by one: in blocks of however many days,
// and whether or not the cube's cells are stored past the caches.
func TestChargeCube(t *testing.T) {
	stored := 0
	rapid.Check(t, func(rt *rapid.T) {
		s := randomSpec(rt)
		e := s.run(tb{t, rt})
		ranked := []settlement.Run{settlement.II, settlement.SF, settlement.R1, settlement.R2, settlement.R3, settlement.RF}
		runs := ranked[rapid.IntRange(0, 3).Draw(rt, "first"):]
		in := map[settlement.Run]Inputs{}
		vol := series.NewCube(nil, Volumes(), runs, e.s.Span())
		for _, r := range runs {
			in[r] = s.frames(tb{t, rt})
			if err := e.s.Adjust(vol.Frame(r), in[r]); err != nil {
				rt.Fatal(err)
			}
			s.redraw(rt)
		}
		alone := map[settlement.Run]*series.Frame{}
		overflows := false
		for _, r := range runs {
			alone[r] = e.charges0()
			switch err := e.s.Charge(alone[r], vol.Frame(r), in[r], e.sup); {
			case errors.Is(err, ErrOverflow):
				overflows = true
			case err != nil:
				rt.Fatal(err)
			}
		}
		e.s.block, e.s.past = rapid.SampledFrom([]int{1, 2, 3, 31, daysAtOnce}).Draw(rt, "block"), rapid.SampledFrom([]int{0, cellsPast}).Draw(rt, "past")
		for name, charge := range map[string]func(*series.Cube) error{
			"ChargeCube": func(dst *series.Cube) error {
				return e.s.ChargeCube(dst, vol, func(r settlement.Run) Inputs { return in[r] }, e.sup)
			},
			"ChargeReadings": func(dst *series.Cube) error {
				return e.s.ChargeReadings(dst, e.vol, func(r settlement.Run) Inputs { return in[r] }, e.sup)
			},
		} {
			charged := series.NewCube(nil, e.s.Schema(), runs, e.s.Span())
			for _, r := range runs { // what lay there before does not show
				for l := range series.Line(e.s.Schema().Len()) {
					c := charged.Frame(r).Line(l)
					for i := range c.Values {
						c.Values[i], c.Marks[i] = -1, 0xff
					}
					kernel.SetRange(c.Valid, 0, c.Len())
				}
			}
			err := charge(charged)
			if overflows != errors.Is(err, ErrOverflow) || !overflows && err != nil {
				rt.Fatalf("%s together %v, a run by itself overflows: %v", name, err, overflows)
			}
			for _, r := range runs {
				for l := range series.Line(e.s.Schema().Len()) {
					a, b := charged.Frame(r).Line(l), alone[r].Line(l)
					if !overflows && (!slices.Equal(a.Values, b.Values) || !slices.Equal(a.Valid, b.Valid) || !slices.Equal(a.Marks, b.Marks)) {
						rt.Fatalf("%s, %s: %s differs from what Charge makes of it", name, r, e.s.Schema().Def(l).Name)
					}
				}
			}
			if e.s.past == 0 && !overflows {
				stored++
			}
		}
	})
	if stored == 0 && !t.Failed() {
		t.Error("no cube was stored past the caches")
	}
}

// TestWholeYear compares bills of a whole charging year, a leap year, and of
// about as many days: with its Triads published, and before.
func TestWholeYear(t *testing.T) {
	at := func(s string) time.Time {
		out, err := time.ParseInLocation("2006-01-02 15:04", s, london)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	published := map[string][3]time.Time{"2023": {at("2023-11-05 17:00"), at("2023-12-20 17:30"), at("2024-01-10 16:30")}}
	for _, triads := range []map[string][3]time.Time{published, nil} {
		s := &refSpec{from: "2023-03-31", to: "2024-04-02", vat: "20", since: "2023-03-31", triads: triads, capacity: []refCapacity{{"2020-01-01", "123.457"}},
			terms:   []refTerms{{llfc: "101", exempt: "0", share: "0", relief: "0", qualifying: "0"}},
			demands: []refDemand{{at("2023-12-20 17:30"), "820.5", "1.056"}},
			rates:   []refRate{{item: "tnuos-locational", figure: "2.990958", unit: "GBP/kW"}, {item: "metering-agents", figure: "1.83", unit: "GBP/year"}, {item: "management-fee", figure: "-31.005", unit: "GBP/month"}}}
		s.lay()
		r := &spinner{s: s}
		s.data = map[string]*refLineOfData{}
		r.fill("AI", 3, func(i int) int64 { return int64(i) })
		r.fill("LLF", 3, func(int) int64 { return 1056 })
		r.fill("TLM", 9, func(int) int64 { return 1_010_106_000 })
		e := s.run(t)
		s.work()
		for _, part := range [][2]int{{0, 368}, {1, 367}, {2, 367}, {1, 366}} {
			sameBill(t, e.checked(t, part[0], part[1]), s.bill(part[0], part[1]))
		}
	}
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
