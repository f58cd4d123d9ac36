package tariffs

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

var dec = decimal.RequireFromString

// worked is one high-voltage site on 2025-12-04, run II, at 2025/26 rates: a
// synthetic worked example.
func worked(t testing.TB) *engine {
	t.Helper()
	sp := span(t, "2025-12-04", "2025-12-05")
	e := &engine{sup: testSupply(t, "101", Capacity{day(t, "2025-04-01"), dec("900")}),
		meter: series.NewFrame(nil, series.Meter(), sp), market: series.NewFrame(nil, series.Market(), sp)}
	in := func(n, lo, hi int) bool { return lo <= n && n <= hi }
	for i := range 48 {
		n, p := i+1, sp.Lo+settlement.Period(i)
		ai, llf := int64(120), int64(1043)
		switch {
		case in(n, 15, 32):
			ai = 300
		case in(n, 33, 38):
			ai = 420
		case in(n, 39, 44):
			ai = 260
		}
		switch {
		case in(n, 2, 15):
			llf = 1036
		case in(n, 33, 38):
			llf = 1056
		case in(n, 16, 40):
			llf = 1053
		}
		e.meter.Set(series.AI, p, ai*1000, series.Mark(0).From(settlement.II))
		e.market.Set(series.LLF, p, llf, 0)
		e.market.Set(series.TLM, p, 1_010_106_000, series.Mark(0).From(settlement.II))
	}
	e.tariff = &Tariff{Name: "worked example", Windows: []Window{
		window(t, "red", "mon-fri 16:00-19:00"), window(t, "amber", "mon-fri 07:30-16:00 19:00-21:00"), window(t, "green", "mon-fri 21:00-07:30", "sat,sun"),
		window(t, "night", "23:00-07:00"), window(t, "peak", "16:00-19:00")}}
	for _, r := range [][3]string{{"duos-red", "1.642 p/kWh", "red"}, {"duos-amber", "0.237 p/kWh", "amber"}, {"duos-green", "0.021 p/kWh", "green"},
		{"duos-fixed", "1096.97 p/MPAN/day"}, {"duos-capacity", "9.50 p/kVA/day"}, {"bsuos", "15.69 GBP/MWh"}, {"ro", "33.06058 GBP/MWh"}, {"cfd-ilr", "10.298 GBP/MWh"},
		{"cfd-ocl", "0.1089 GBP/MWh"}, {"aahedc", "0.040984 p/kWh"}, {"ccl", "0.00775 GBP/kWh"}, {"tnuos-residual", "62.799637 GBP/site/day"}, {"metering-agents", "540 GBP/year"},
		{"energy-unit", "7.1 p/kWh", "night"}, {"energy-unit", "12.5 p/kWh", "peak"}, {"energy-unit", "9.4 p/kWh", "otherwise"},
		{"losses-distribution", "7.1 p/kWh", "night"}, {"losses-distribution", "12.5 p/kWh", "peak"}, {"losses-distribution", "9.4 p/kWh", "otherwise"},
		{"losses-transmission", "7.1 p/kWh", "night"}, {"losses-transmission", "12.5 p/kWh", "peak"}, {"losses-transmission", "9.4 p/kWh", "otherwise"},
		{"vat", "20 %"}} {
		item, err := ParseItem(r[0])
		if err != nil {
			t.Fatal(err)
		}
		one := rate(t, item, r[1])
		one.When.Window = r[2]
		e.tariff.Rates = append(e.tariff.Rates, one)
	}
	e.charge(t)
	return e
}

func TestWorkedExample(t *testing.T) {
	e := worked(t)
	b := e.bill(t, e.s.Span())
	near := func(got decimal.Decimal, want, within string) bool {
		return got.Sub(dec(want)).Abs().LessThanOrEqual(dec(within))
	}
	for item, want := range map[string][2]string{
		"duos-red": {"41.3784", "0"}, "duos-amber": {"14.5518", "0"}, "duos-green": {"0.6258", "0"}, "duos-fixed": {"10.9697", "0"}, "duos-capacity": {"85.50", "0"},
		"bsuos": {"193.6133376573", "0.000001"}, "ro": {"384.8251512", "0"}, "cfd-ilr": {"127.0764914719", "0.000001"}, "cfd-ocl": {"1.3438172384", "0.000001"},
		"aahedc": {"5.0067939664", "0"}, "ccl": {"90.21", "0"}, "tnuos-residual": {"62.799637", "0"}, "metering-agents": {"1.4794520548", "0.000001"},
		"energy-unit": {"1128.12", "0"}, "losses-distribution": {"56.91424", "0.000001"}, "losses-transmission": {"11.9759560294", "0.000001"},
	} {
		i := slices.IndexFunc(b.Lines, func(l Line) bool { return l.Item.String() == item })
		if i < 0 || !near(b.Lines[i].Exact, want[0], want[1]) {
			t.Errorf("%s: %+v, want %s", item, b.Lines[max(i, 0)].Exact, want[0])
		}
	}
	if !b.Volumes.MSP.Equal(dec("11640")) || !b.Volumes.GSP.Decimal.Equal(dec("12216.46")) || !near(b.Volumes.NBP.Decimal, "12339.919545", "0.00001") {
		t.Errorf("volumes %+v", b.Volumes)
	}
}

// twist is a change to a bill that Verify or VerifyCells must notice.
type twist struct {
	name string
	do   func(*Bill)
}

func TestVerifyFails(t *testing.T) {
	penny := dec("0.01")
	e := worked(t)
	whole := e.bill(t, e.s.Span())
	copyOf := func() *Bill {
		b := *whole
		b.Lines = slices.Clone(whole.Lines)
		for i := range b.Lines {
			b.Lines[i].Parts = slices.Clone(b.Lines[i].Parts)
		}
		return &b
	}
	verify := func(b *Bill) error { return errors.Join(b.Verify(), e.s.VerifyCells(b, e.charges)) }
	if err := verify(copyOf()); err != nil {
		t.Fatal(err)
	}
	twists := []twist{
		{"net", func(b *Bill) { b.Net = b.Net.Add(penny) }},
		{"exact net", func(b *Bill) { b.NetExact = b.NetExact.Add(dec("1e-14")) }},
		{"rate of VAT", func(b *Bill) { b.VATRate = b.VATRate.Add(dec("0.001")) }},
		{"VAT", func(b *Bill) { b.VAT = b.VAT.Sub(penny) }},
		{"exact VAT", func(b *Bill) { b.VATExact = b.VATExact.Add(dec("1e-14")) }},
		{"gross", func(b *Bill) { b.Gross = b.Gross.Add(penny) }},
		{"VAT and gross", func(b *Bill) { b.VAT, b.Gross = b.VAT.Add(penny), b.Gross.Add(penny) }},
		{"from", func(b *Bill) { b.From-- }}, {"to", func(b *Bill) { b.To++ }}, {"no days", func(b *Bill) { b.To = b.From }},
		{"line left out", func(b *Bill) { b.Lines = b.Lines[1:] }},
		{"line twice", func(b *Bill) { b.Lines = append(b.Lines, b.Lines[0]) }},
		{"line of nothing charged", func(b *Bill) {
			l := Line{Item: GreenPremium, Quantity: dec("1"), Rate: decimal.NewNullDecimal(penny), Divisor: 1, Exact: penny, Amount: penny}
			b.Lines = append(b.Lines, l)
			b.Net, b.NetExact = b.Net.Add(penny), b.NetExact.Add(penny)
			b.VAT, b.VATExact = roundVAT(b.Net, b.VATRate, false), b.NetExact.Mul(b.VATRate)
			b.Gross = b.Net.Add(b.VAT)
		}},
	}
	for i, l := range whole.Lines {
		add := func(what string, do func(*Line)) {
			twists = append(twists, twist{l.Item.String() + " " + what, func(b *Bill) { do(&b.Lines[i]) }})
		}
		add("item", func(l *Line) { l.Item = FiT })
		add("quantity", func(l *Line) { l.Quantity = l.Quantity.Add(dec("1")) })
		add("rate", func(l *Line) { l.Rate.Decimal = l.Rate.Decimal.Add(dec("1")); l.Rate.Valid = true })
		add("exact", func(l *Line) { l.Exact = l.Exact.Add(dec("0.00000001")) })
		add("amount", func(l *Line) { l.Amount = l.Amount.Add(penny) })
		add("divisor", func(l *Line) { l.Divisor += 30 })
		add("divisor of nothing", func(l *Line) { l.Divisor = 0 })
		for k := range l.Parts {
			add("part's quantity", func(l *Line) { l.Parts[k].Quantity = l.Parts[k].Quantity.Add(dec("1")) })
			add("part's rate", func(l *Line) { l.Parts[k].Rate.Decimal = l.Parts[k].Rate.Decimal.Add(dec("0.01")) })
			add("part's exact", func(l *Line) { l.Parts[k].Exact = l.Parts[k].Exact.Add(dec("1e-14")) })
		}
	}
	for _, tw := range twists {
		b := copyOf()
		tw.do(b)
		if err := verify(b); !errors.Is(err, ErrLedger) {
			t.Errorf("%s: %v", tw.name, err)
		}
	}
	for l := range series.Line(e.s.Schema().Len()) {
		for _, by := range []int64{2, -2} {
			cell := &e.charges.Line(l).Values[31]
			*cell += by
			if err := e.s.VerifyCells(whole, e.charges); !errors.Is(err, ErrLedger) {
				t.Errorf("cell of %s: %v", e.s.Schema().Def(l).Name, err)
			}
			*cell -= by
		}
	}
	if err := verify(copyOf()); err != nil {
		t.Error(err)
	}
}

// TestAllocations: the hot calls touch no heap.
func TestAllocations(t *testing.T) {
	e := worked(t)
	cube := series.NewCube(nil, Volumes(), []settlement.Run{settlement.II, settlement.SF, settlement.RF}, e.s.Span())
	charged := series.NewCube(nil, e.s.Schema(), cube.Runs(), e.s.Span())
	for _, r := range cube.Runs() {
		if err := e.s.Adjust(cube.Frame(r), e.in()); err != nil {
			t.Fatal(err)
		}
	}
	for name, call := range map[string]func() error{
		"Charge": func() error { return e.s.Charge(e.charges, e.vol, e.in(), e.sup) },
		"ChargeCube": func() error {
			return e.s.ChargeCube(charged, cube, func(settlement.Run) Inputs { return e.in() }, e.sup)
		},
		"Adjust": func() error { return e.s.Adjust(e.vol, e.in()) },
	} {
		if n := testing.AllocsPerRun(20, func() {
			if err := call(); err != nil {
				t.Fatal(err)
			}
		}); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
	for _, r := range cube.Runs() {
		for l := range series.Line(e.s.Schema().Len()) {
			if !slices.Equal(charged.Frame(r).Line(l).Values, e.charges.Line(l).Values) {
				t.Errorf("%s %s: ChargeCube differs from Charge", r, e.s.Schema().Def(l).Name)
			}
		}
	}
}

// has says which items' lines carry a condition.
func has(b *Bill, c Condition) (items []string) {
	for _, l := range b.Lines {
		if l.Conditions.Has(c) {
			items = append(items, l.Item.String())
		}
	}
	return items
}

// noted are a bill's conditions, without the one that every bill with a
// distributor's charges by settlement run has.
func noted(b *Bill) Condition { return b.Conditions &^ RunVolumes }

func TestConditions(t *testing.T) {
	bill := func(change func(*engine)) *Bill {
		e := worked(t)
		change(e)
		e.charge(t)
		return e.bill(t, e.s.Span())
	}
	if b := bill(func(*engine) {}); noted(b) != 0 {
		t.Errorf("plain: %s", noted(b))
	}

	// 12:00 lies in amber and in "otherwise" only.
	b := bill(func(e *engine) {
		e.meter.Set(series.AI, e.meter.Span().Lo+24, 300_000, series.Estimated.From(settlement.II))
	})
	got := has(b, EstimatedReads)
	if slices.Contains(got, "duos-red") || slices.Contains(got, "duos-green") || slices.Contains(got, "duos-fixed") || slices.Contains(got, "metering-agents") ||
		!slices.Contains(got, "duos-amber") || !slices.Contains(got, "energy-unit") || !slices.Contains(got, "bsuos") || noted(b) != EstimatedReads {
		t.Errorf("estimated at 12:00: %v, bill %s", got, noted(b))
	}
	if b.Runs[0].Source != "AI" || b.Runs[0].Estimated != 1 || b.Runs[0].HalfHours[settlement.II] != 48 {
		t.Errorf("runs %+v", b.Runs)
	}

	b = bill(func(e *engine) {
		e.market.Reset(e.market.Span())
		e.tariff.Factors = []Factor{{Line: series.LLF, Value: dec("1.043"), Status: Assumed}, {Line: series.TLM, Value: dec("1.01"), Status: Confirmed}}
		s, err := e.tariff.Compile(e.meter.Span(), testSupply(t, "101"))
		if err != nil {
			t.Fatal(err)
		}
		s.Losses(e.market)
	})
	if got, want := strings.Join(has(b, AssumedLosses), " "), "losses-distribution losses-transmission bsuos cfd-ilr cfd-ocl aahedc"; got != want || noted(b) != AssumedLosses {
		t.Errorf("assumed factor: %s, want %s; bill %s", got, want, noted(b))
	}

	for status, want := range map[Status]Condition{Confirmed: 0, Contract: 0, Secondary: SecondaryRate, Unconfirmed: UnconfirmedRate, Assumed: AssumedRate} {
		b := bill(func(e *engine) { e.tariff.Rates[6].Status, e.tariff.Conventions.Unconfirmed = status, true })
		if got := has(b, want); noted(b) != want || want != 0 && !slices.Equal(got, []string{"ro"}) {
			t.Errorf("%s: %v, bill %s", status, got, noted(b))
		}
	}
	if b := bill(func(e *engine) { e.sup.Distributor = 10 }); noted(b) != DistributorDiffers {
		t.Errorf("distributor: %s", noted(b))
	}
	run := func(r settlement.Run) func(*engine) {
		return func(e *engine) { e.meter.Set(series.AI, e.meter.Span().Lo+24, 300_000, series.Mark(0).From(r)) }
	}
	if b := bill(run(settlement.SF)); noted(b) != MixedRuns {
		t.Errorf("mixed: %s", noted(b))
	}
	if b := bill(run(settlement.Untagged)); noted(b) != RunNotStated {
		t.Errorf("not stated: %s", noted(b))
	}
	e := worked(t)
	for r, want := range map[settlement.Run]Condition{settlement.II: 0, settlement.SF: MissingRun, settlement.DF: MissingRun} {
		b, err := e.s.Bill(e.sup, e.s.Span(), View{Name: r.String(), Run: r, OfRun: true}, e.vol, e.charges, e.in())
		if err != nil || noted(b) != want {
			t.Errorf("view %s: %v, %v", r, noted(b), err)
		}
	}
}

func TestBillJSON(t *testing.T) {
	e := worked(t)
	e.meter.Set(series.AI, e.meter.Span().Lo+24, 300_000, series.Estimated.From(settlement.II))
	e.charge(t)
	b := e.bill(t, e.s.Span())
	text, err := json.Marshal(b)
	if err != nil {
		t.Fatal(err)
	}
	again, err := json.Marshal(e.bill(t, e.s.Span()))
	if err != nil || string(again) != string(text) {
		t.Errorf("the same bill marshals to\n%s\nand\n%s, %v", text, again, err)
	}
	var doc struct {
		Version          int
		MPAN, From, To   string
		View             string
		Volumes          map[string]string
		Lines            []map[string]any
		Net              string `json:"net_gbp"`
		VAT              string `json:"vat_gbp"`
		Gross            string `json:"gross_gbp"`
		Runs, Conditions []any
	}
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	if doc.Version != 1 || doc.MPAN != e.sup.MPAN.String() || doc.From != "2025-12-04" || doc.To != "2025-12-05" || doc.View != "latest" ||
		doc.Volumes["msp_kwh"] != "11640" || doc.Volumes["gsp_kwh"] != "12216.46" || doc.Volumes["nbp_kwh"] != b.Volumes.NBP.Decimal.String() ||
		doc.Net != b.Net.StringFixed(2) || doc.VAT != b.VAT.StringFixed(2) || doc.Gross != b.Gross.StringFixed(2) ||
		len(doc.Runs) != 3 || len(doc.Conditions) != 2 || doc.Conditions[0] != "estimated-reads" || doc.Conditions[1] != "run-volumes" || len(doc.Lines) != len(b.Lines) {
		t.Errorf("%s", text)
	}
	for i, l := range doc.Lines {
		want := b.Lines[i]
		for _, key := range []string{"item", "from", "to", "unit"} {
			if s, ok := l[key].(string); !ok || s == "" {
				t.Errorf("line %d: %s is %v", i, key, l[key])
			}
		}
		for key, d := range map[string]decimal.Decimal{"quantity": want.Quantity, "exact_gbp": want.Exact, "amount_gbp": want.Amount} {
			if s, ok := l[key].(string); !ok || !dec(s).Equal(d) {
				t.Errorf("line %d: %s is %v, want %s", i, key, l[key], d)
			}
		}
		r, stated := l["rate"]
		if s, ok := r.(string); !stated || ok != want.Rate.Valid || ok && !dec(s).Equal(want.Rate.Decimal) {
			t.Errorf("line %d: rate %v", i, r)
		}
		if _, ok := l["conditions"].([]any); !ok {
			t.Errorf("line %d: conditions %v", i, l["conditions"])
		}
	}
	first := `{"version":1,"mpan":"` + e.sup.MPAN.String() + `","direction":"import","tariff":"worked example","from":"2025-12-04","to":"2025-12-05","view":"latest","volumes":{"msp_kwh":"11640","gsp_kwh":"12216.46","nbp_kwh":"` + b.Volumes.NBP.Decimal.String() + `"},` +
		`"lines":[{"item":"energy-unit","from":"2025-12-04","to":"2025-12-05","quantity":"11640","unit":"kWh","volume":"MSP","rate":null,"windows":[`
	if !strings.HasPrefix(string(text), first) {
		t.Errorf("the document begins\n%.400s\nwant\n%s", text, first)
	}
}
