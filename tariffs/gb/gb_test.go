package gb

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
)

func day(t testing.TB, s string) settlement.Day {
	t.Helper()
	d, err := settlement.ParseDay(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// bookOf is the book of a distributor in its own group.
func bookOf(t testing.TB, d settlement.Distributor) *tariffs.Tariff {
	t.Helper()
	g, _ := d.GSPGroup()
	b, err := Book(d, g)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// on says whether a figure holds on a day for a class and a band.
func on(w tariffs.When, d settlement.Day, llfc, band string) bool {
	return w.From <= d && (w.To == 0 || d < w.To) && (len(w.LLFCs) == 0 || slices.Contains(w.LLFCs, llfc)) &&
		(len(w.Bands) == 0 || slices.Contains(w.Bands, band))
}

// price is an item's one price on a day for a class and a band, as published,
// and "" where none is held.
func price(t testing.TB, b *tariffs.Tariff, item tariffs.Item, d settlement.Day, llfc, band string) string {
	t.Helper()
	found := ""
	for _, r := range b.Rates {
		if r.Items[0] != item || r.Reduced || !on(r.When, d, llfc, band) {
			continue
		}
		if found != "" {
			t.Errorf("%s: a second %s for %s %s on %s", r.Pos, item, llfc, band, d)
		}
		found = r.Price.String()
	}
	return found
}

func windowNamed(t testing.TB, b *tariffs.Tariff, name string) tariffs.Window {
	t.Helper()
	i := slices.IndexFunc(b.Windows, func(w tariffs.Window) bool { return w.Name == name })
	if i < 0 {
		t.Fatalf("no window %s", name)
	}
	return b.Windows[i]
}

// TestBook looks at the form of every figure of every book.
func TestBook(t *testing.T) {
	want := []settlement.Distributor{10, 12, 13, 14, 16, 18, 20, 22}
	if got := Distributors(); !slices.Equal(got, want) {
		t.Fatalf("distributors %v, want %v", got, want)
	}
	for _, d := range append(want, 11, 25) {
		g, _ := d.GSPGroup()
		b, err := Book(d, g)
		if err != nil {
			t.Fatal(err)
		}
		again, _ := Book(d, g)
		if len(again.Rates) != len(b.Rates) || len(Years(d)) == 0 != (d == 11 || d == 25) {
			t.Errorf("%s: %d and %d rates, years %v", d, len(b.Rates), len(again.Rates), Years(d))
		}
		named := map[string]bool{"": true, tariffs.Otherwise: true}
		for _, w := range b.Windows {
			if named[w.Name] || !strings.HasPrefix(w.Name, "gb:") {
				t.Errorf("%s: window %q", d, w.Name)
			}
			named[w.Name] = true
		}
		duos := 0
		for _, r := range b.Rates {
			if r.Source == "" || r.Status == 0 || r.When.From == 0 || r.Pos.Line == 0 || !strings.HasPrefix(r.Pos.Source, "gb/") || !named[r.When.Window] || len(r.Items) != 1 {
				t.Errorf("%s: %+v", d, r)
			}
			if len(r.When.LLFCs) > 0 {
				duos++
			}
		}
		if wantRows := 7 * 21 * len(Years(d)); duos != wantRows {
			t.Errorf("%s: %d rates by class, want %d", d, duos, wantRows)
		}
		for _, f := range b.Factors {
			if f.Source == "" || f.Status == 0 || f.When.From == 0 || f.When.To == 0 || !named[f.When.Window] {
				t.Errorf("%s: %+v", d, f)
			}
		}
	}
}

func TestBookErrors(t *testing.T) {
	for _, c := range []struct {
		d    settlement.Distributor
		g    settlement.GSPGroup
		says string
	}{{14, 'C', "group _E"}, {25, 'I', "_A to _P"}, {0, 'Z', "_A to _P"}} {
		if _, err := Book(c.d, c.g); !errors.Is(err, tariffs.ErrSupply) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%v %v: %v", c.d, c.g, err)
		}
	}
	b, err := Book(25, 'E') // an independent network in the Midlands
	if err != nil || price(t, b, tariffs.TNUoSLocational, day(t, "2025-04-01"), "", "") != "2.990958 GBP/kW" || price(t, b, tariffs.DUoSFixed, day(t, "2025-04-01"), "H02", "") != "" {
		t.Error(err)
	}
	if b, err = Book(0, 0); err != nil || price(t, b, tariffs.TNUoSLocational, day(t, "2025-04-01"), "", "") != "" || price(t, b, tariffs.CCL, day(t, "2025-04-01"), "", "") == "" {
		t.Error(err)
	}
}

// TestClassesOnce refuses a table that lists a class in two of its rows: two
// prices would hold at once.
func TestClassesOnce(t *testing.T) {
	for _, kind := range []string{"duos", "llf"} {
		for _, p := range publications(kind) {
			tab, err := read(p.String())
			if err != nil {
				t.Fatal(err)
			}
			seen := map[string]int{}
			for _, r := range tab.rows {
				for _, c := range classes(r.get("llfcs")) {
					if c += r.get("window"); seen[c] != 0 {
						t.Errorf("%s: class %s stands in line %d too", r.pos(), c, seen[c])
					}
					seen[c] = r.line
				}
			}
		}
	}
	if got := classes("70 5 H02 909"); !slices.Equal(got, []string{"70", "070", "5", "005", "H02", "909"}) {
		t.Error(got)
	}
}

// TestBandsDiffer: a distributor that moves its bands has a window for each
// year; none of those held did.
func TestBandsDiffer(t *testing.T) {
	a, b := &table{head: map[string]string{"from": "2024-04-01", "red": "mon-fri 16:00-19:00"}}, &table{head: map[string]string{"from": "2025-04-01", "red": "mon-fri 16:30-19:30"}}
	if got := windowOf("red", a, []*table{a, b}); got != "gb:red 2024" {
		t.Error(got)
	}
	if got := windowOf("red", a, []*table{a, a}); got != "gb:red" {
		t.Error(got)
	}
}

func TestTableErrors(t *testing.T) {
	if _, err := read("nothing"); !errors.Is(err, tariffs.ErrTariff) {
		t.Error(err)
	}
	tab := &table{name: "x.csv", head: map[string]string{}}
	err := tab.parse("# source: a\n# Free: text\nfrom,to,price\n2025-04-01,2026-04-01\n")
	if !errors.Is(err, tariffs.ErrTariff) || !strings.Contains(err.Error(), "gb/x.csv:4") || tab.head["source"] != "a" || len(tab.head) != 1 {
		t.Error(err, tab.head)
	}
}

// TestTraps holds what the published rates do that a reader may not expect.
func TestTraps(t *testing.T) {
	for _, c := range []struct {
		what string
		d    settlement.Distributor
		on   string
		item tariffs.Item
		llfc []string
		want []string
	}{
		{"a: unit rates differ by residual band", 20, "2025-04-01", tariffs.DUoSRed, []string{"H85", "H86", "H87", "H88", "H89"}, []string{"7.623", "5.667", "5.290", "5.014", "4.824"}},
		{"a: and in London the year after", 12, "2026-04-01", tariffs.DUoSRed, []string{"70", "71", "72", "73", "74"}, []string{"7.414", "4.444", "4.388", "4.326", "4.257"}},
		{"b: not in the order of the bands", 12, "2026-04-01", tariffs.DUoSRed, []string{"91", "92", "93", "94"}, []string{"0.230", "0.009", "0.104", "0.021"}},
		{"c: all zero", 20, "2026-04-01", tariffs.DUoSRed, []string{"Q49"}, []string{"0.000"}},
		{"c: all zero", 20, "2026-04-01", tariffs.DUoSFixed, []string{"Q49"}, []string{"0.00"}},
		{"d: excess above capacity in 2024/25", 14, "2025-03-31", tariffs.DUoSExcessCapacity, []string{"H02"}, []string{"7.88"}},
		{"d: excess above capacity in 2024/25", 14, "2025-03-31", tariffs.DUoSCapacity, []string{"H02"}, []string{"6.08"}},
		{"d: equal from 2025/26", 14, "2025-04-01", tariffs.DUoSExcessCapacity, []string{"H02"}, []string{"9.50"}},
		{"e: the fixed charge fell to a seventh", 14, "2025-03-31", tariffs.DUoSFixed, []string{"H02"}, []string{"7634.95"}},
		{"e: the fixed charge fell to a seventh", 14, "2025-04-01", tariffs.DUoSFixed, []string{"H02"}, []string{"1096.97"}},
		{"f: generation is credited", 10, "2025-04-01", tariffs.DUoSRed, []string{"980", "981"}, []string{"-8.615", "-8.615"}},
		{"f: generation without a reactive charge", 10, "2025-04-01", tariffs.DUoSReactive, []string{"980", "981"}, []string{"0.425", "0"}},
		{"a class with zeros in front", 10, "2025-04-01", tariffs.DUoSRed, []string{"70", "070"}, []string{"8.507", "8.507"}},
	} {
		b := bookOf(t, c.d)
		for i, llfc := range c.llfc {
			if got, _, _ := strings.Cut(price(t, b, c.item, day(t, c.on), llfc, ""), " "); got != c.want[i] {
				t.Errorf("%s: %s of class %s is %q, want %s", c.what, c.item, llfc, got, c.want[i])
			}
		}
	}
}

func TestFlatRates(t *testing.T) {
	b := bookOf(t, 14)
	for _, c := range []struct {
		item      tariffs.Item
		on, price string
	}{
		{tariffs.CfDILR, "2024-02-24", "4.540 GBP/MWh"}, {tariffs.CfDILR, "2024-02-25", "10.748 GBP/MWh"}, {tariffs.CfDILR, "2024-07-01", ""}, {tariffs.CfDILR, "2025-12-31", "10.298 GBP/MWh"}, {tariffs.CfDILR, "2026-01-01", ""},
		{tariffs.NuclearRAB, "2025-11-30", "0 GBP/MWh"}, {tariffs.NuclearRAB, "2025-12-01", "3.5428 GBP/MWh"}, {tariffs.NuclearRAB, "2026-04-01", ""},
		{tariffs.BSUoS, "2024-09-30", "7.63 GBP/MWh"}, {tariffs.BSUoS, "2024-10-01", "12.17 GBP/MWh"}, {tariffs.BSUoS, "2027-04-01", ""},
		{tariffs.AAHEDC, "2025-04-01", "0.040984 p/kWh"}, {tariffs.AAHEDC, "2026-04-01", ""}, {tariffs.RO, "2024-04-01", "31.78243 GBP/MWh"},
		{tariffs.FiT, "2024-03-31", "7.26624 GBP/MWh"}, {tariffs.FiT, "2025-04-01", ""}, {tariffs.CCL, "2028-03-31", "0.00827 GBP/kWh"}, {tariffs.VAT, "2026-06-01", "20 %"},
		{tariffs.CapacityMarket, "2025-12-01", ""}, {tariffs.EIISupportLevy, "2025-12-01", ""},
	} {
		if got := price(t, b, c.item, day(t, c.on), "H02", "HV2"); got != c.price {
			t.Errorf("%s on %s: %q, want %q", c.item, c.on, got, c.price)
		}
	}
	for band, want := range map[string]string{"HV2": "62.799637 GBP/site/day", "LV_NoMIC_1": "0.154829 GBP/site/day", "T-Demand4": "12796.715359 GBP/site/day", "none": "0 GBP/site/day", "": ""} {
		if got := price(t, b, tariffs.TNUoSResidual, day(t, "2025-06-01"), "H02", band); got != want {
			t.Errorf("residual of %q: %q, want %q", band, got, want)
		}
	}
	for item, want := range map[tariffs.Item]tariffs.Status{tariffs.NuclearRAB: tariffs.Unconfirmed, tariffs.CCL: tariffs.Confirmed} {
		for _, r := range b.Rates {
			if r.Items[0] == item && on(r.When, day(t, "2026-02-01"), "", "") && r.Status != want {
				t.Errorf("%s: %s", r.Pos, r.Status)
			}
		}
	}
	if tr := b.Triads[len(b.Triads)-1]; len(b.Triads) != 4 || tr.At[0].String() != "2026-01-05/35" || tr.At[0].Clock() != 17*60 || tr.At[2].String() != "2025-11-20/34" {
		t.Errorf("%+v", b.Triads)
	}
}

func TestResidualBand(t *testing.T) {
	for _, c := range []struct{ group, quantity, on, want string }{
		{"HV", "422", "2025-06-01", "HV1"}, {"HV", "422.01", "2025-06-01", "HV2"}, {"HV", "500", "2025-06-01", "HV2"}, {"HV", "500", "2026-03-31", "HV2"},
		{"HV", "422", "2026-04-01", "HV1"}, {"HV", "422.01", "2026-04-01", "HV1"}, {"HV", "500", "2026-04-01", "HV1"}, {"HV", "500.001", "2026-04-01", "HV2"},
		{"HV", "1800", "2024-04-01", "HV3"}, {"HV", "1800.001", "2024-04-01", "HV4"}, {"LV", "80", "2025-06-01", "LV1"}, {"LV", "231.5", "2025-06-01", "LV4"},
		{"EHV", "12000", "2025-06-01", "EHV2"}, {"EHV", "12000", "2026-06-01", "EHV3"}, {"LV_NoMIC", "3571", "2025-06-01", "LV_NoMIC_1"}, {"LV_NoMIC", "27544", "2026-06-01", "LV_NoMIC_4"},
	} {
		if got, err := ResidualBand(c.group, decimal.RequireFromString(c.quantity), day(t, c.on)); got != c.want || err != nil {
			t.Errorf("%s %s on %s: %s, %v, want %s", c.group, c.quantity, c.on, got, err, c.want)
		}
	}
	for _, c := range []struct {
		group, quantity, on string
		want                error
	}{
		{"MV", "500", "2025-06-01", tariffs.ErrSupply}, {"", "500", "2025-06-01", tariffs.ErrSupply}, {"HV", "0", "2025-06-01", tariffs.ErrSupply}, {"HV", "-1", "2025-06-01", tariffs.ErrSupply},
		{"HV", "500", "2024-03-31", tariffs.ErrGap}, {"HV", "500", "2027-04-01", tariffs.ErrGap},
	} {
		if band, err := ResidualBand(c.group, decimal.RequireFromString(c.quantity), day(t, c.on)); !errors.Is(err, c.want) || band != "" {
			t.Errorf("%s %s on %s: %q, %v", c.group, c.quantity, c.on, band, err)
		}
	}
}

// llfOf is the loss factor a book states for a class and a half-hour.
func llfOf(b *tariffs.Tariff, in map[string]tariffs.Window, llfc string, p settlement.Period) string {
	rest := ""
	for _, f := range b.Factors {
		if f.Line != series.LLF || !on(f.When, p.Day(), llfc, "") {
			continue
		}
		switch w := f.When.Window; {
		case w == tariffs.Otherwise:
			rest = f.Value.StringFixed(3)
		case w == "" || in[w].Covers(p):
			return f.Value.StringFixed(3)
		}
	}
	return rest
}

func windowsOf(b *tariffs.Tariff) map[string]tariffs.Window {
	in := map[string]tariffs.Window{}
	for _, w := range b.Windows {
		in[w.Name] = w
	}
	return in
}

// TestLineLosses goes by settlement period, as the published file does: night is
// 2 to 15, 2 to 13 on the short day and 2 to 17 on the long one.
func TestLineLosses(t *testing.T) {
	b := bookOf(t, 14)
	in := windowsOf(b)
	winter := 0
	for d := day(t, "2025-04-01"); d < day(t, "2026-04-01"); d++ {
		_, m, _ := d.Date()
		isWinter := (m >= 11 || m <= 2) && d.Weekday() >= 1 && d.Weekday() <= 5
		if isWinter {
			winter++
		}
		for n := 1; n <= d.Len(); n++ {
			want := "1.043"
			switch {
			case n >= 2 && n <= d.Len()-33:
				want = "1.036"
			case isWinter && n >= 33 && n <= 38:
				want = "1.056"
			case isWinter && n >= 16 && n <= 40:
				want = "1.053"
			}
			p, _ := d.Period(n)
			for _, llfc := range []string{"H02", "365"} {
				if got := llfOf(b, in, llfc, p); got != want {
					t.Fatalf("%s: %s of %s, want %s", p, got, llfc, want)
				}
			}
			if got := llfOf(b, in, "637", p); got != "1.002" {
				t.Fatalf("%s: %s", p, got)
			}
		}
	}
	if winter != 85 {
		t.Errorf("%d winter weekdays", winter)
	}
	tlm := 0
	for _, f := range b.Factors {
		if f.Line == series.TLM {
			if tlm++; f.Status != tariffs.Assumed || on(f.When, day(t, "2025-12-04"), "", "") && f.Value.String() != "1.010106" {
				t.Errorf("%+v", f)
			}
		}
	}
	if tlm != 6 {
		t.Errorf("%d TLMs", tlm)
	}
}

func BenchmarkBook(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Book(14, 'E'); err != nil {
			b.Fatal(err)
		}
	}
}
