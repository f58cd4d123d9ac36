package gb

import (
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
)

// TestSharedFlat finds every figure of the other publications in the book, or,
// where it is not a rate, in the text of its table.
func TestSharedFlat(t *testing.T) {
	var index struct{ Files []string }
	readShared(t, "index", &index)
	figure := regexp.MustCompile(`\d+\.\d+`)
	for file, tables := range map[string]string{
		"aahedc": "aahedc", "bsuos": "bsuos", "capacity_market": "capacity-market", "ccl": "ccl", "cfd_ilr": "cfd-ilr", "cfd_ocl": "cfd-ocl",
		"eii_support_levy": "eii-support-levy", "etlm": "etlmo", "fit": "fit", "nuclear_rab": "nuclear-rab", "ro": "ro",
		"tnuos_hh_zonal": "tnuos-locational", "tnuos_tdr": "tnuos-residual", "vat": "vat",
	} {
		var j any
		readShared(t, file, &j)
		text, err := data.ReadFile("data/" + tables + ".csv")
		if err != nil {
			t.Fatal(err)
		}
		walk(j, func(path, s string) {
			if strings.HasSuffix(path, "source") || strings.HasSuffix(path, "note") || strings.HasSuffix(path, "xcheck") || strings.HasSuffix(path, "rounding") {
				return
			}
			for _, f := range figure.FindAllString(s, -1) {
				if !strings.Contains(string(text), f) {
					t.Errorf("%s%s: %s is not in %s.csv", file, path, f, tables)
				}
			}
		})
		if i := slices.Index(index.Files, file+".json"); i >= 0 {
			index.Files = slices.Delete(index.Files, i, i+1)
		}
	}
	for _, name := range index.Files {
		if !strings.HasPrefix(name, "duos_") && !strings.HasPrefix(name, "llf_") {
			t.Errorf("%s is not compared", name)
		}
	}
}

// walk calls f for every string of a document.
func walk(v any, f func(path, s string)) {
	var at func(path string, v any)
	at = func(path string, v any) {
		switch v := v.(type) {
		case string:
			f(path, v)
		case []any:
			for i, e := range v {
				at(path+"/"+strconv.Itoa(i), e)
			}
		case map[string]any:
			for k, e := range v {
				at(path+"/"+k, e)
			}
		}
	}
	at("", v)
}

// TestSharedRates compares dated rates one by one: the price of an item on the
// first and on the last day of each stretch.
func TestSharedRates(t *testing.T) {
	year := func(y string) (from, to string) {
		n, err := strconv.Atoi(y[:4])
		if err != nil {
			t.Fatal(y)
		}
		return y[:4] + "-04-01", strconv.Itoa(n+1) + "-03-31"
	}
	b := bookOf(t, 14)
	check := func(item tariffs.Item, from, to, band, want string) {
		for _, s := range []string{from, to} {
			if got := price(t, b, item, day(t, s), "H02", band); got != want {
				t.Errorf("%s %s on %s: %q, want %q", item, band, s, got, want)
			}
		}
	}
	var plain struct{ Years map[string]string }
	for file, of := range map[string]struct {
		item tariffs.Item
		unit string
	}{"aahedc": {tariffs.AAHEDC, "p/kWh"}, "ccl": {tariffs.CCL, "GBP/kWh"}} {
		plain.Years = nil
		readShared(t, file, &plain)
		for y, v := range plain.Years {
			from, to := year(y)
			check(of.item, from, to, "", v+" "+of.unit)
		}
	}
	var rated struct {
		Years map[string]struct {
			Rate   string
			BuyOut string `json:"buy_out"`
			Level  string `json:"rocs_per_mwh"`
		}
	}
	for file, item := range map[string]tariffs.Item{"ro": tariffs.RO, "cfd_ocl": tariffs.CfDOCL} {
		rated.Years = nil
		readShared(t, file, &rated)
		for y, v := range rated.Years {
			from, to := year(y)
			check(item, from, to, "", v.Rate+" GBP/MWh")
			if item == tariffs.RO && !decimal.RequireFromString(v.Level).Mul(decimal.RequireFromString(v.BuyOut)).Equal(decimal.RequireFromString(v.Rate)) {
				t.Errorf("RO %s is not level × buy-out", y)
			}
		}
	}
	var halves struct {
		Halves []struct{ From, To, Rate string } `json:"half_years"`
	}
	readShared(t, "bsuos", &halves)
	for _, h := range halves.Halves {
		check(tariffs.BSUoS, h.From, h.To, "", h.Rate+" GBP/MWh")
	}
	var quarters struct {
		Quarters []struct {
			From, To string
			ILR      *string
		}
	}
	readShared(t, "cfd_ilr", &quarters)
	for _, q := range quarters.Quarters {
		want := "" // not found: a gap
		if q.ILR != nil {
			want = *q.ILR + " GBP/MWh"
		}
		check(tariffs.CfDILR, q.From, q.To, "", want)
	}
	var vat struct {
		Standard string `json:"standard_pct"`
	}
	readShared(t, "vat", &vat)
	check(tariffs.VAT, "2025-04-01", "2026-03-31", "", vat.Standard+" %")
}

func TestSharedTransmission(t *testing.T) {
	var tdr struct {
		Years map[string]struct{ Bands map[string]any }
	}
	readShared(t, "tnuos_tdr", &tdr)
	b, n := bookOf(t, 14), 0
	for y, v := range tdr.Years {
		for band, of := range v.Bands {
			want, ok := of.(string)
			if !ok {
				want = of.(map[string]any)["value"].(string)
			}
			if want += " GBP/site/day"; band == "Unmetered" {
				want = "" // a price for a kWh
			} else {
				n++
			}
			if got := price(t, b, tariffs.TNUoSResidual, day(t, y[:4]+"-04-01"), "H02", band); got != want {
				t.Errorf("residual %s %s: %q, want %q", y, band, got, want)
			}
		}
	}
	if tab, err := read("tnuos-residual"); err != nil || len(tab.rows) != n+1 { // and none
		t.Errorf("%d residuals for %d rows, %v", n, len(tab.rows), err)
	}
	var zonal struct {
		Years  map[string]json.RawMessage
		Triads map[string]json.RawMessage
	}
	readShared(t, "tnuos_hh_zonal", &zonal)
	for y, raw := range zonal.Years {
		prices := map[string]string{}
		var zones []struct {
			Group  string `json:"gsp_group"`
			Tariff string `json:"hh_tariff_floored"`
		}
		var forecast struct {
			Of map[string]string `json:"forecast_2025-09-12"`
		}
		if json.Unmarshal(raw, &zones) == nil {
			for _, z := range zones {
				prices[z.Group] = z.Tariff
			}
		} else if err := json.Unmarshal(raw, &forecast); err != nil {
			t.Fatal(err)
		} else {
			prices = forecast.Of
		}
		for _, g := range settlement.GSPGroups() {
			of, err := Book(25, g)
			if err != nil {
				t.Fatal(err)
			}
			if got := price(t, of, tariffs.TNUoSLocational, day(t, y[:4]+"-04-01"), "", ""); got != prices[g.String()]+" GBP/kW" {
				t.Errorf("locational %s %s: %q, want %q", y, g, got, prices[g.String()])
			}
		}
	}
	years := 0
	for _, tr := range b.Triads {
		year, _, _ := tr.Year.Date()
		var want [3][2]any
		if err := json.Unmarshal(zonal.Triads[strconv.Itoa(year)+"/"+strconv.Itoa(year + 1)[2:]], &want); err != nil {
			t.Fatal(err)
		}
		years++
		for i, at := range tr.At {
			if d, n := at.Split(); d.String() != want[i][0] || float64(n) != want[i][1] {
				t.Errorf("Triad %s, want %v", at, want[i])
			}
		}
	}
	if years != len(zonal.Triads)-1 { // and source
		t.Errorf("Triads of %d years", years)
	}
}

func TestSharedETLM(t *testing.T) {
	var j struct{ Periods [][3]string }
	readShared(t, "etlm", &j)
	b := bookOf(t, 14)
	for _, p := range j.Periods {
		for _, s := range p[:2] {
			found := 0
			for _, f := range b.Factors {
				if f.Line == series.TLM && on(f.When, day(t, s), "", "") {
					found++
					if !f.Value.Sub(decimal.NewFromInt(1)).Equal(decimal.RequireFromString(p[2])) {
						t.Errorf("TLM on %s: %s", s, f.Value)
					}
				}
			}
			if found != 1 {
				t.Errorf("%d TLMs on %s", found, s)
			}
		}
	}
}
