package tariffs

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// versions bills one supply again and again: each time with readings of its
// own, and with some of the rates of one tariff.
type versions struct {
	t    testing.TB
	rt   *rapid.T
	sup  *Supply
	span settlement.Span
	down bool
	unit string // the price of energy
}

func newVersions(t testing.TB, rt *rapid.T) *versions {
	from := day(t, rapid.SampledFrom([]string{"2026-03-28", "2026-10-24", "2026-01-30", "2026-06-15"}).Draw(rt, "from"))
	return &versions{t: t, rt: rt, sup: testSupply(t, "101", Capacity{day(t, "2020-01-01"), decimal.NewFromInt(1)}),
		span: settlement.Days(from, from+settlement.Day(rapid.IntRange(1, 4).Draw(rt, "days"))), down: rapid.Bool().Draw(rt, "down"),
		unit: rapid.SampledFrom([]string{"28.123456 p/kWh", "-11.7 p/kWh", "0.05 p/kWh"}).Draw(rt, "unit")}
}

// tariff is the tariff with an optional item more or less, and the rate of
// another changing on another day.
func (v *versions) tariff() *Tariff {
	out := &Tariff{Name: "versions", Conventions: Conventions{VATDown: v.down}}
	add := func(item Item, figure string, r Rate) {
		r.Items, r.Price, r.Status = []Item{item}, price(v.t, figure), Contract
		out.Rates = append(out.Rates, r)
	}
	add(EnergyUnit, v.unit, Rate{})
	add(DUoSExcessCapacity, "9.5 p/kVA/day", Rate{})
	add(CCL, "0.775 p/kWh", Rate{})
	add(VAT, "20 %", Rate{})
	add(VAT, "5 %", Rate{Reduced: true})
	if rapid.Bool().Draw(v.rt, "fixed") {
		add(DUoSFixed, "33.335 p/MPAN/day", Rate{})
	}
	if rapid.Bool().Draw(v.rt, "agents") {
		add(MeteringAgents, "540 GBP/year", Rate{})
	}
	if rapid.Bool().Draw(v.rt, "fee") {
		add(ManagementFee, "2.5 %", Rate{Of: []Item{EnergyUnit}})
	}
	at := v.span.From() + settlement.Day(rapid.IntRange(0, int(v.span.To()-v.span.From())-1).Draw(v.rt, "changes"))
	add(BSCCosts, "0.085 GBP/MWh", Rate{When: When{To: at}})
	add(BSCCosts, "1.005 GBP/MWh", Rate{When: When{From: at}})
	return out
}

// charged is a bill of random readings, with the schedule and the charges it
// was made from.
func (v *versions) charged() (*Bill, *engine) {
	e := &engine{tariff: v.tariff(), sup: v.sup, meter: series.NewFrame(nil, series.Meter(), v.span), market: series.NewFrame(nil, series.Market(), v.span)}
	least := rapid.SampledFrom([]int64{0, 600, 5000}).Draw(v.rt, "least")
	seed := rapid.Uint64().Draw(v.rt, "seed")
	for p := v.span.Lo; p < v.span.Hi; p++ {
		seed = seed*6364136223846793005 + 1442695040888963407
		mark := series.Mark(0).From(settlement.SF + settlement.Run(p.Day()&1))
		if seed>>60 == 0 {
			mark |= series.Estimated
		}
		e.meter.Set(series.AI, p, least+int64(seed>>33%170), mark)
		e.market.Set(series.LLF, p, 1043, 0)
		e.market.Set(series.TLM, p, 1_010_106_000+int64(seed>>40%1000), 0)
	}
	e.charge(v.t)
	if e.s.IsSmall(e.vol, v.span) {
		small, err := e.s.Small()
		if err != nil {
			v.t.Fatal(err)
		}
		e.s, e.charges = small, series.NewFrame(nil, small.Schema(), v.span)
		if err := small.Charge(e.charges, e.vol, e.in(), v.sup); err != nil {
			v.t.Fatal(err)
		}
	}
	return e.bill(v.t, v.span), e
}

func (v *versions) bill() *Bill {
	b, _ := v.charged()
	return b
}

// books is what has been booked so far, by line key and in all.
type books struct {
	lines                             map[Key]decimal.Decimal
	net, netExact, vat, vatExact, sum decimal.Decimal
}

func (k *books) add(key Key, amount decimal.Decimal) { k.lines[key] = k.lines[key].Add(amount) }

func (k *books) bill(b *Bill) {
	for i, key := range b.Keys() {
		k.add(key, b.Lines[i].Amount)
	}
	k.total(b.Net, b.NetExact, b.VAT, b.VATExact, b.Gross)
}

func (k *books) total(net, netExact, vat, vatExact, gross decimal.Decimal) {
	k.net, k.netExact, k.vat, k.vatExact, k.sum = k.net.Add(net), k.netExact.Add(netExact), k.vat.Add(vat), k.vatExact.Add(vatExact), k.sum.Add(gross)
}

// same compares with one bill; lines taken back altogether come to nothing.
func (k *books) same(t *rapid.T, what string, b *Bill) {
	t.Helper()
	want := &books{lines: map[Key]decimal.Decimal{}}
	want.bill(b)
	for key, amount := range k.lines {
		if !amount.Equal(want.lines[key]) {
			t.Fatalf("%s: %s is booked with %s, the bill has %s", what, key, amount, want.lines[key])
		}
	}
	for key := range want.lines {
		if _, ok := k.lines[key]; !ok {
			t.Fatalf("%s: %s is not booked", what, key)
		}
	}
	for i, got := range []decimal.Decimal{k.net, k.netExact, k.vat, k.vatExact, k.sum} {
		if w := []decimal.Decimal{b.Net, b.NetExact, b.VAT, b.VATExact, b.Gross}[i]; !got.Equal(w) {
			t.Fatalf("%s: sum %d is %s, want %s", what, i, got, w)
		}
	}
}

// TestChain: a first bill and the adjustments after it are the last bill, by
// line, net, VAT and gross, in differences and as ledger, for any chain; and one
// adjustment over all of them is their sum.
func TestChain(t *testing.T) {
	flips, credits, gone, cut := 0, 0, 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		v := newVersions(tb{t, rt}, rt)
		first := v.bill()
		last := first
		deltas, book := &books{lines: map[Key]decimal.Decimal{}}, &books{lines: map[Key]decimal.Decimal{}}
		deltas.bill(first)
		book.bill(first)
		for range rapid.IntRange(1, 5).Draw(rt, "rebills") {
			next := v.bill()
			a, err := next.Sub(last)
			if err != nil {
				rt.Fatal(err)
			}
			for i := range a.Lines {
				d := &a.Lines[i]
				deltas.add(d.Key, d.Amount)
				if d.Kind() == "reversal" {
					gone++
				}
				if !d.Amount.Equal(d.Amount.Round(2)) {
					rt.Fatalf("%s: %s is no money", d.Key, d.Amount)
				}
			}
			deltas.total(a.Net, a.NetExact, a.VAT, a.VATExact, a.Gross)
			reversal, booking := a.Ledger()
			if err := errors.Join(reversal.Verify(), booking.Verify()); err != nil {
				rt.Fatal(err)
			}
			book.bill(reversal)
			book.bill(booking)
			if !last.VATRate.Equal(next.VATRate) {
				flips++
			}
			if a.Gross.IsNegative() {
				credits++
			}
			if v.down && !a.VAT.Equal(roundVAT(a.Net, next.VATRate, true)) {
				cut++
			}
			last = next
		}
		deltas.same(rt, "differences", last)
		book.same(rt, "ledger", last)
		once, err := last.Sub(first)
		if err != nil {
			rt.Fatal(err)
		}
		if !once.Gross.Equal(deltas.sum.Sub(first.Gross)) {
			rt.Fatalf("in one step %s, in several %s", once.Gross, deltas.sum.Sub(first.Gross))
		}
	})
	if !t.Failed() && (flips == 0 || credits == 0 || gone == 0 || cut == 0) {
		t.Errorf("not tried: %d flips of VAT, %d credits, %d lines reversed, %d VATs that are not those of the difference", flips, credits, gone, cut)
	}
}

// made is a bill of one line, of a tenth of a kWh at a tenth of a penny.
func made(t *testing.T, kwh string) *Bill {
	t.Helper()
	sup := testSupply(t, "101")
	q := decimal.RequireFromString(kwh)
	rate := decimal.RequireFromString("0.1")
	l := Line{Item: RO, From: day(t, "2026-06-01"), To: day(t, "2026-06-02"), Quantity: q, Unit: "kWh", Rate: decimal.NewNullDecimal(rate), Divisor: 1, Exact: q.Mul(rate)}
	l.Amount = roundPenny(l.Exact, 1)
	b := &Bill{MPAN: sup.MPAN, Tariff: "made", From: l.From, To: l.To, Lines: []Line{l}, Net: l.Amount, NetExact: l.Exact, VATRate: decimal.RequireFromString("0.2")}
	return settle(b)
}

// settle works out VAT and gross again.
func settle(b *Bill) *Bill {
	b.VAT, b.VATExact = roundVAT(b.Net, b.VATRate, b.VATDown), b.NetExact.Mul(b.VATRate)
	b.Gross = b.Net.Add(b.VAT)
	b.Due = b.Gross
	for i := range b.Cash {
		b.Due = b.Due.Add(cashPounds(&b.Cash[i]))
	}
	return b
}

// TestDeltaByHand: £0.0151 becomes £0.0249. The difference of what was printed
// is nothing; the difference of what was not printed would have been a penny.
func TestDeltaByHand(t *testing.T) {
	a, err := made(t, "0.249").Sub(made(t, "0.151"))
	if err != nil {
		t.Fatal(err)
	}
	d := a.Lines[0]
	if d.Exact.String() != "0.0098" || !d.Amount.IsZero() || d.Quantity().String() != "0.098" || !d.Changed() || roundPenny(d.Exact, 1).String() != "0.01" {
		t.Errorf("%+v", d)
	}
	if !a.VAT.IsZero() || !a.Gross.IsZero() {
		t.Errorf("VAT %s, gross %s", a.VAT, a.Gross)
	}
	// VAT on £0.62 is 12.4p, on £0.66 13.2p: a penny, where a credit of 4p by
	// itself would have 0.8p.
	down := func(kwh string) *Bill { b := made(t, kwh); b.VATDown = true; return settle(b) }
	a, err = down("6.2").Sub(down("6.6"))
	if err != nil {
		t.Fatal(err)
	}
	if a.Net.String() != "-0.04" || a.VAT.String() != "-0.01" || roundVAT(a.Net, a.Rebill.VATRate, true).String() != "0" {
		t.Errorf("net %s, VAT %s", a.Net, a.VAT)
	}
}

// TestSubRefuses: bills that are not of one thing are not set against each
// other, and the error says what differs.
func TestSubRefuses(t *testing.T) {
	for words, change := range map[string]func(*Bill){
		"mpan: bills do not match": func(b *Bill) {
			other, err := settlement.ParseMPAN("1014568234275")
			if err != nil {
				t.Fatal(err)
			}
			b.MPAN = other
		},
		"related MPANs":    func(b *Bill) { b.Related = []settlement.MPAN{b.MPAN} },
		"direction":        func(b *Bill) { b.Export = true },
		"days":             func(b *Bill) { b.To++ },
		`tariff: bills do`: func(b *Bill) { b.Tariff = "other" },
		"VAT cut":          func(b *Bill) { b.VATDown = true },
		"rate of VAT":      func(b *Bill) { b.VATRate = decimal.RequireFromString("0.05") },
		"reversal":         func(b *Bill) { b.Reversal = true },
	} {
		b := made(t, "1")
		change(b)
		_, err := settle(b).Sub(made(t, "1"))
		if !errors.Is(err, ErrRebill) || !strings.Contains(err.Error(), words) || !strings.Contains(err.Error(), "the original's is") {
			t.Errorf("%s: %v", words, err)
		}
	}
}

// TestFlip: a supply that turns out small is credited at the old rate of VAT and
// booked at the new one; no line is set against another.
func TestFlip(t *testing.T) {
	small := made(t, "3")
	small.VATRate, small.Conditions = decimal.RequireFromString("0.05"), SmallSupply
	a, err := settle(small).Sub(made(t, "4"))
	if err != nil {
		t.Fatal(err)
	}
	if len(a.Lines) != 2 || a.Lines[0].Kind() != "reversal" || a.Lines[1].Kind() != "booking" {
		t.Fatalf("%+v", a.Lines)
	}
	// −0.40 at 20 % and 0.30 at 5 %: 0.02 − 0.08, where 0.015 is 0.02.
	if a.Net.String() != "-0.1" || a.VAT.String() != "-0.06" || a.Gross.String() != "-0.16" {
		t.Errorf("net %s, VAT %s, gross %s", a.Net, a.VAT, a.Gross)
	}
}

// TestDivisor: days of a month and of a year cannot be subtracted: the line is
// taken back and booked anew. A bill set against itself changes nothing.
func TestDivisor(t *testing.T) {
	now := made(t, "3.65")
	now.Lines[0].Unit, now.Lines[0].Divisor, now.Lines[0].Quantity = "day", 365, decimal.RequireFromString("1332.25")
	was := made(t, "3.1")
	was.Lines[0].Unit, was.Lines[0].Divisor, was.Lines[0].Quantity = "day", 31, decimal.RequireFromString("96.1")
	a, err := now.Sub(was)
	if err != nil {
		t.Fatal(err)
	}
	if len(a.Lines) != 2 || a.Lines[0].Kind() != "reversal" || a.Lines[1].Kind() != "booking" || a.Net.String() != "0.06" {
		t.Errorf("%+v, net %s", a.Lines, a.Net)
	}
	if a, err = now.Sub(now); err != nil || len(a.Lines) != 1 || a.Lines[0].Changed() || !a.Gross.IsZero() {
		t.Errorf("%+v, %v", a, err)
	}
}

// TestAdjustmentVerifies: Verify finds a figure that was touched.
func TestAdjustmentVerifies(t *testing.T) {
	penny := decimal.New(1, -2)
	for name, touch := range map[string]func(*Adjustment){
		"amount":    func(a *Adjustment) { a.Lines[0].Amount = a.Lines[0].Amount.Add(penny) },
		"exact":     func(a *Adjustment) { a.Lines[0].Exact = a.Lines[0].Exact.Add(penny) },
		"net":       func(a *Adjustment) { a.Net = a.Net.Add(penny) },
		"net exact": func(a *Adjustment) { a.NetExact = a.NetExact.Add(penny) },
		"vat":       func(a *Adjustment) { a.VAT = a.VAT.Add(penny); a.Gross = a.Gross.Add(penny) },
		"vat exact": func(a *Adjustment) { a.VATExact = a.VATExact.Add(penny) },
		"gross":     func(a *Adjustment) { a.Gross = a.Gross.Add(penny) },
		"line gone": func(a *Adjustment) { a.Lines = nil },
		"twice":     func(a *Adjustment) { a.Lines = append(slices.Clone(a.Lines), a.Lines[0]) },
		"a bill":    func(a *Adjustment) { b := *a.Rebill; b.Net = b.Net.Add(penny); a.Rebill = &b },
	} {
		a, err := made(t, "7").Sub(made(t, "5"))
		if err != nil {
			t.Fatal(err)
		}
		if touch(a); !errors.Is(a.Verify(), ErrLedger) {
			t.Errorf("%s: %v", name, a.Verify())
		}
	}
}

// TestKeys: lines alike in everything are told apart by their place.
func TestKeys(t *testing.T) {
	b := made(t, "1")
	b.Lines = append(b.Lines, b.Lines[0], b.Lines[0])
	b.Lines[2].Divisor = 365
	keys := b.Keys()
	want := []string{"ro/2026-06-01/2026-06-02/kWh", "ro/2026-06-01/2026-06-02/kWh#2", "ro/2026-06-01/2026-06-02/kWh/365"}
	for i, k := range keys {
		if k.String() != want[i] {
			t.Errorf("%s, want %s", k, want[i])
		}
	}
}

func TestAdjustmentJSON(t *testing.T) {
	a, err := made(t, "7").Sub(made(t, "5"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := json.MarshalIndent(a.Lines[0].Old.side(), "", " ")
	if err != nil || !strings.Contains(string(got), `"amount_gbp": "0.50"`) {
		t.Errorf("%s, %v", got, err)
	}
	var doc struct {
		Version  int
		Original struct {
			Net string `json:"net_gbp"`
		}
		Lines []struct {
			Line, Kind, Quantity string
			Amount               string `json:"amount_gbp"`
			Old, New             *struct{ Rate string }
		}
		Gross string `json:"gross_gbp"`
	}
	out, err := json.Marshal(a)
	if err != nil || json.Unmarshal(out, &doc) != nil {
		t.Fatalf("%s, %v", out, err)
	}
	if doc.Version != 1 || doc.Original.Net != "0.50" || doc.Gross != "0.24" || len(doc.Lines) != 1 || doc.Lines[0].Kind != "change" ||
		doc.Lines[0].Line != a.Lines[0].Key.String() || doc.Lines[0].Quantity != "2" || doc.Lines[0].Amount != "0.20" || doc.Lines[0].Old.Rate != "0.1" {
		t.Errorf("%s", out)
	}
	reversal, _ := a.Ledger()
	if out, err := json.Marshal(reversal); err != nil || !strings.Contains(string(out), `"reversal":true`) || !strings.Contains(string(out), `"net_gbp":"-0.50"`) {
		t.Errorf("%s, %v", out, err)
	}
}
