package toml_test

import (
	"os"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
	"github.com/halfhour/halfhour/tariffs/toml"
)

// The files of the repository, from here.
const (
	lvTariff = "../../testdata/tariffs/wmid-lv-2024.toml"
	hvTariff = "../../internal/sample/tariff.toml"
	lvSupply = "../../testdata/supplies/lv-70kva.toml"
	hvSupply = "../../internal/sample/supply.toml"
)

func read(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func day(t testing.TB, s string) settlement.Day {
	t.Helper()
	d, err := settlement.ParseDay(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func year(t testing.TB, from string) settlement.Span {
	return settlement.Days(day(t, from).ChargingYear())
}

func compile(t *testing.T, tariffFile, supplyFile, from string) (*tariffs.Tariff, *tariffs.Supply, *tariffs.Schedule) {
	t.Helper()
	tariff, err := toml.ParseTariff(tariffFile, read(t, tariffFile))
	if err != nil {
		t.Fatal(err)
	}
	supply, err := toml.ParseSupply(supplyFile, read(t, supplyFile))
	if err != nil {
		t.Fatal(err)
	}
	s, err := tariff.Compile(year(t, from), supply)
	if err != nil {
		t.Fatal(err)
	}
	return tariff, supply, s
}

func TestFilesCompile(t *testing.T) {
	for _, c := range []struct {
		tariff, supply, from          string
		windows, rates, factors, kept int // kept: items charged, VAT included
		kva                           int64
	}{
		{lvTariff, lvSupply, "2024-04-01", 7, 21, 9, 17, 70},
		{hvTariff, hvSupply, "2025-04-01", 6, 38, 0, 30, 900},
	} {
		tariff, supply, s := compile(t, c.tariff, c.supply, c.from)
		if len(tariff.Windows) != c.windows || len(tariff.Rates) != c.rates || len(tariff.Factors) != c.factors {
			t.Errorf("%s: %d windows, %d rates, %d factors", c.tariff, len(tariff.Windows), len(tariff.Rates), len(tariff.Factors))
		}
		if n := s.Schema().Len(); n != c.kept {
			t.Errorf("%s: charges %d items, want %d", c.tariff, n, c.kept)
		}
		if !s.VATRate().Equal(decimal.New(2, -1)) {
			t.Errorf("%s: VAT %s", c.tariff, s.VATRate())
		}
		if k := supply.Capacity[0].KVA; !k.Equal(decimal.NewFromInt(c.kva)) || supply.GSPGroup != 'E' || supply.Distributor != 14 {
			t.Errorf("%s: %+v", c.supply, supply)
		}
	}
}

// The LV tariff states loss factors for every half-hour of its year, on the
// local clock, and marks them as assumed.
func TestLossFactorsOfTheLVTariff(t *testing.T) {
	_, _, s := compile(t, lvTariff, lvSupply, "2024-04-01")
	market := series.NewFrame(nil, series.Market(), s.Span())
	s.Losses(market)
	for _, c := range []struct {
		day      string
		number   int
		llf, tlm string
	}{
		{"2024-04-01", 1, "1.080", "1.0108"},   // 00:00
		{"2024-04-01", 2, "1.074", "1.0108"},   // 00:30
		{"2024-07-01", 15, "1.074", "1.01485"}, // 07:00
		{"2024-07-01", 16, "1.080", "1.01485"}, // 07:30, summer
		{"2024-10-27", 17, "1.074", "1.0133"},  // 07:00 of the long day
		{"2024-10-27", 18, "1.080", "1.0133"},
		{"2025-03-30", 13, "1.074", "1.0108"}, // 07:00 of the short day
		{"2025-03-30", 14, "1.080", "1.0108"},
		{"2024-12-25", 16, "1.091", "1.00825"}, // 07:30, a bank holiday in winter
		{"2025-01-06", 33, "1.096", "1.00825"}, // 16:00
		{"2025-01-06", 39, "1.091", "1.00825"}, // 19:00
		{"2025-01-06", 41, "1.080", "1.00825"}, // 20:00
		{"2025-01-05", 33, "1.080", "1.00825"}, // Sunday
		{"2025-03-03", 33, "1.080", "1.0108"},  // March
	} {
		p, err := day(t, c.day).Period(c.number)
		if err != nil {
			t.Fatal(err)
		}
		i := s.Span().Index(p)
		for line, want := range map[series.Line]string{series.LLF: c.llf, series.TLM: c.tlm} {
			v, ok := market.Line(line).At(i)
			got := decimal.New(v, -int32(series.Market().Def(line).Scale))
			if !ok || !got.Equal(decimal.RequireFromString(want)) {
				t.Errorf("%s number %d: %s is %s, want %s", c.day, c.number, series.Market().Def(line).Name, got, want)
			}
			if !market.Line(line).Marks[i].Has(series.Assumed) {
				t.Errorf("%s number %d: not marked as assumed", c.day, c.number)
			}
		}
	}
}

func TestTariffIsReadAsWritten(t *testing.T) {
	got, err := toml.ParseTariff("t.toml", []byte(head+`[window]
zed = ["sat,sun"]
"a.b" = ["mon-fri 16:00-19:00"]
[[rate]]
items = ["energy-unit", "losses-distribution"]
window = "a.b"
llfc = ["127"]
from = 2024-04-01
to = 2025-04-01
price = "4.5 £/MWh"
status = "secondary"
source = "S"
[[factor]]
factor = "TLM"
from = 2024-04-01
value = "1.01"
status = "assumed"
source = "F"
`))
	if err != nil {
		t.Fatal(err)
	}
	if got.Name != "T" || len(got.Windows) != 2 || got.Windows[0].Name != "zed" || got.Windows[1].Name != "a.b" {
		t.Errorf("%+v", got)
	}
	r := got.Rates[0]
	if len(r.Items) != 2 || r.Items[1] != tariffs.LossesDistribution || r.When.Window != "a.b" || r.When.LLFCs[0] != "127" ||
		r.When.From != day(t, "2024-04-01") || r.When.To != day(t, "2025-04-01") || r.Price.Unit != "GBP/MWh" ||
		!r.Price.GBP.Equal(decimal.New(45, -4)) || r.Status != tariffs.Secondary || r.Source != "S" || r.Pos != (series.Pos{Source: "t.toml", Line: 6, Column: 3}) {
		t.Errorf("%+v", r)
	}
	f := got.Factors[0]
	if f.Line != series.TLM || !f.Value.Equal(decimal.New(101, -2)) || f.Status != tariffs.Assumed || f.When.To != 0 || f.Pos.Line != 15 {
		t.Errorf("%+v", f)
	}
}

func TestTermsOfATariff(t *testing.T) {
	got, err := toml.ParseTariff("t.toml", []byte(head+`[conventions]
vat_rounding = "down"
excess_days = "month"
de_minimis = false
unconfirmed = "accept"
`+with(percent, "from", "bands = [\"HV2\", \"HV3\"]\nfrom")+with(rate, "price", "at = \"NBP\"\nprice")+
		with(with(rate, "ccl", "cfd-ilr"), "0.775 p/kWh", "cfd-rate - 1 £/MWh else 10.298 GBP/MWh")+
		vat+with(with(vat, "20 %", "5 %"), "from", "reduced = true\nfrom")+triads))
	if err != nil {
		t.Fatal(err)
	}
	if got.Conventions != (tariffs.Conventions{VATDown: true, ExcessMonth: true, NoDeMinimis: true, Unconfirmed: true}) {
		t.Errorf("%+v", got.Conventions)
	}
	r := got.Rates
	if len(r[0].Of) != 2 || r[0].Of[0] != tariffs.RO || r[0].Of[1] != tariffs.CCL || len(r[0].When.Bands) != 2 || r[0].When.Bands[1] != "HV3" {
		t.Errorf("%+v", r[0])
	}
	if r[1].At != "NBP" || r[3].Reduced || !r[4].Reduced {
		t.Errorf("%+v", r)
	}
	if p := r[2].Price; p.Index != "cfd-rate" || !p.GBP.Equal(decimal.New(-1, -3)) || !p.Else.Decimal.Equal(decimal.New(10298, -6)) {
		t.Errorf("%+v", p)
	}
	y := got.Triads[0]
	if len(got.Triads) != 1 || y.Year != day(t, "2025-04-01") || y.At[0].String() != "2025-11-20/34" || y.At[2].String() != "2026-02-03/37" ||
		y.Status != tariffs.Confirmed || y.Source != "N" || y.Pos.Line != 44 {
		t.Errorf("%+v", y)
	}
	for _, usual := range []string{"", "[conventions]\n", "[conventions]\nvat_rounding = \"half-up\"\nexcess_days = \"billed\"\nde_minimis = true\nunconfirmed = \"refuse\"\n"} {
		if got, err := toml.ParseTariff("t.toml", []byte(head+vat+usual)); err != nil || got.Conventions != (tariffs.Conventions{}) {
			t.Errorf("%q: %+v, %v", usual, got, err)
		}
	}
}

func TestPublishedIsRead(t *testing.T) {
	got, err := toml.ParseTariff("t.toml", []byte(head+vat+with(rate, "0.775 p/kWh", "published")+factor("LLF", `"published"`)))
	if err != nil || !got.Rates[1].Price.Published || got.Rates[1].Price.Basis != 0 || got.Rates[0].Price.Published || !got.Factors[0].Published {
		t.Fatal(got, err)
	}
	if got, err = got.Publish(got); err == nil {
		_, err = got.Compile(year(t, "2024-04-01"), &tariffs.Supply{Terms: []tariffs.Terms{{LLFC: "127"}}})
	}
	expect(t, err, mistake{9, 3, tariffs.ErrPrice, "give the book"}) // a book that refers to a book
}

func TestTermsOfASupply(t *testing.T) {
	got, err := toml.ParseSupply("s.toml", []byte(`version = 1
mpan = "1400000000001"
distributor = "14"
gsp_group = "_E"
direction = "export"
since = 2025-05-01
related = ["1400000000118"]
llfc = "H02"
tnuos_band = "HV2"
ccl_share = "80 %"
ccl_relief = "92 %"
[[change]]
from = 2025-10-01
eii_exempt = "85 %"
[[change]]
from = 2026-01-01
llfc = "H03"
tnuos_band = "HV3"
ccl_share = "0 %"
ccl_relief = "0 %"
qualifying = "33.3 %"
`+demand+`[[triad]]
at = "2026-01-05/35"
kw = "800"
`))
	if err != nil {
		t.Fatal(err)
	}
	if !got.Export || got.Since != day(t, "2025-05-01") || len(got.Related) != 1 || got.Related[0].String() != "1400000000118" {
		t.Errorf("%+v", got)
	}
	share := func(per1000 int64) decimal.Decimal { return decimal.New(per1000, -3) }
	for i, w := range []tariffs.Terms{
		{From: 0, LLFC: "H02", Band: "HV2", EIIExempt: share(0), CCLShare: share(800), CCLRelief: share(920), Qualifying: share(0)},
		{From: day(t, "2025-10-01"), LLFC: "H02", Band: "HV2", EIIExempt: share(850), CCLShare: share(800), CCLRelief: share(920), Qualifying: share(0)},
		{From: day(t, "2026-01-01"), LLFC: "H03", Band: "HV3", EIIExempt: share(850), CCLShare: share(0), CCLRelief: share(0), Qualifying: share(333)},
	} {
		g := got.Terms[i]
		if g.From != w.From || g.LLFC != w.LLFC || g.Band != w.Band || !g.EIIExempt.Equal(w.EIIExempt) ||
			!g.CCLShare.Equal(w.CCLShare) || !g.CCLRelief.Equal(w.CCLRelief) || !g.Qualifying.Equal(w.Qualifying) {
			t.Errorf("terms %d: %+v", i, g)
		}
	}
	if d := got.Triads; len(got.Terms) != 3 || len(d) != 2 || d[0].At.String() != "2025-11-20/34" || d[0].KW.String() != "840" || d[0].LLF.String() != "1.056" ||
		d[1].At.String() != "2026-01-05/35" || d[1].LLF.String() != "1" {
		t.Errorf("%+v", d)
	}
}

func TestInlineTablesHavePlacesToo(t *testing.T) {
	_, err := toml.ParseTariff("t.toml", []byte(`version = 1
name = "T"
rate = [
  {item = "vat", from = 2024-04-01, price = "20 %", status = "confirmed", source = "H"},
  {item = "vat", from = 2024-04-01, price = "20 %", status = "known", source = "H"},
]
window.red = ["mon-fri 25:00-26:00"]
`))
	expect(t, err, mistake{5, 53, tariffs.ErrTariff, "known"}, mistake{7, 8, tariffs.ErrWindow, "25:00"})
}

func TestTags(t *testing.T) {
	const head = "version = 1\nmpan = \"1400000000118\"\ndistributor = \"14\"\nllfc = \"H02\"\ngsp_group = \"_E\"\n"
	s, err := toml.ParseSupply("s.toml", []byte(head+"[tags]\nsite = \"Leeds\"\ncost-centre = \"4711\"\n"))
	if err != nil {
		t.Fatal(err)
	}
	if s.Tag("site") != "Leeds" || s.Tag("cost-centre") != "4711" || len(s.Tags) != 2 || s.Tags[0].Name != "cost-centre" {
		t.Errorf("tags are %v", s.Tags)
	}
	for _, c := range []struct{ text, want string }{
		{"[tags]\nSite = \"Leeds\"\n", "s.toml:7:1"},
		{"[tags]\nmonth = \"May\"\n", "s.toml:7:1"},
		{"[tags]\nsite = 3\n", "s.toml:7:1"},
		{"[tags]\nsite = \"a\\u0007\"\n", "s.toml:7:1"},
		{"tags = \"Leeds\"\n", "s.toml:6:1"},
	} {
		if _, err := toml.ParseSupply("s.toml", []byte(head+c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, want an error at %s", c.text, err, c.want)
		}
	}
}
