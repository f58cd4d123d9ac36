package example_test

import (
	"encoding/csv"
	"io/fs"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/halfhour/halfhour/internal/example"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/series/hhcsv"
	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
	"github.com/halfhour/halfhour/tariffs/toml"
)

const name, date = "wmid-hv-2025-12-04", "2025-12-04"

var runs = []settlement.Run{settlement.II, settlement.SF, settlement.R1, settlement.R2, settlement.R3, settlement.RF}

func file(t *testing.T, path string) []byte {
	t.Helper()
	folder, ok := example.Open(name)
	if !ok {
		t.Fatal("no example", name)
	}
	b, err := fs.ReadFile(folder, path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func supply(t *testing.T) *tariffs.Supply {
	t.Helper()
	s, err := toml.ParseSupply("supply.toml", file(t, "supply.toml"))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestNames(t *testing.T) {
	for _, n := range example.Names() {
		folder, ok := example.Open(n)
		if !ok {
			t.Fatal(n)
		}
		for _, f := range []string{"tariff.toml", "supply.toml", "meter.csv", "market.csv", "contract.csv", "README.md"} {
			if _, err := fs.Stat(folder, f); err != nil {
				t.Error(err)
			}
		}
	}
	for _, n := range []string{"", ".", "..", "none", name + "/meter.csv"} {
		if _, ok := example.Open(n); ok {
			t.Errorf("%q opens", n)
		}
	}
}

// The tariff prices every item on the day, and every half-hour of it once.
func TestTariff(t *testing.T) {
	tariff, err := toml.ParseTariff("tariff.toml", file(t, "tariff.toml"))
	if err != nil {
		t.Fatal(err)
	}
	day, err := settlement.ParseDay(date)
	if err != nil {
		t.Fatal(err)
	}
	priced := map[tariffs.Item]bool{}
	for _, r := range tariff.Rates {
		if day < r.When.From || r.When.To != 0 && day >= r.When.To {
			t.Errorf("%s does not hold on the day", r.Pos)
		}
		for _, item := range r.Items {
			priced[item] = true
		}
	}
	if len(priced) != tariffs.NumItems || len(tariff.Triads) != 1 {
		t.Errorf("%d items, %d years of Triads", len(priced), len(tariff.Triads))
	}
	s := supply(t)
	for i, demand := range s.Triads {
		if demand.At != tariff.Triads[0].At[i] {
			t.Errorf("the supply's demand is at %s, the Triad at %s", demand.At, tariff.Triads[0].At[i])
		}
	}
	if len(s.Triads) != 3 || s.Terms[0].LLFC != "H02" || s.Terms[0].Band != "HV2" || !s.Capacity[0].KVA.Equal(decimal.NewFromInt(900)) {
		t.Errorf("%+v", s)
	}
}

func TestMeter(t *testing.T) {
	layout, err := hhcsv.ParseLayout("long,start,london,kwh")
	if err != nil {
		t.Fatal(err)
	}
	n, estimated, own := 0, 0, supply(t).MPAN
	for rd, err := range hhcsv.Read("meter.csv", series.OpenBytes(file(t, "meter.csv")), layout) {
		if err != nil {
			t.Fatal(err)
		}
		if n++; rd.Mark.Has(series.Estimated) {
			estimated++
		}
		if rd.MPAN != own || rd.Period.Day().String() != date {
			t.Fatalf("%+v", rd)
		}
	}
	if n != len(runs)*3*48 || estimated != 2 {
		t.Errorf("%d readings, %d estimated", n, estimated)
	}
}

// table is a CSV by line and by run and period, as "II/48"; the run of a table
// without one is "".
func table(t *testing.T, path string) map[string]map[string]string {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(string(file(t, path)))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]map[string]string{}
	for _, row := range rows[1:] {
		at := ""
		for i, heading := range rows[0] {
			switch heading {
			case "date":
				if row[i] != date {
					t.Fatal(row)
				}
			case "period":
				at = "/" + row[i]
			case "run":
				at = row[i] + at
			default:
				if out[heading] == nil {
					out[heading] = map[string]string{}
				}
				if _, twice := out[heading][at]; twice {
					t.Fatal("twice", heading, at)
				}
				out[heading][at] = row[i]
			}
		}
	}
	return out
}

// The lines of the tables are those of the schemas, and LLF alone has no run.
func TestTables(t *testing.T) {
	for path, schema := range map[string]*series.Schema{"market.csv": series.Market(), "contract.csv": series.Contract()} {
		for line, cells := range table(t, path) {
			l, ok := schema.Lookup(line)
			if !ok {
				t.Errorf("%s: no line %s", path, line)
				continue
			}
			held := 0
			for at, cell := range cells {
				if cell == "" {
					continue
				}
				held++
				if _, _, err := series.ParseFixed(strings.TrimPrefix(cell, "-"), schema.Def(l).Scale, false); err != nil {
					t.Errorf("%s %s: %v", line, at, err)
				}
				if untagged := strings.HasPrefix(at, "/"); untagged != (line == "LLF" || line == "nominated") {
					t.Errorf("%s %s", line, at)
				}
			}
			want := len(runs) * 48
			switch line {
			case "LLF", "nominated":
				want = 48
			case "cfd-rate": // nothing is reconciled in the first two runs
				want = 4 * 48
			}
			if held != want {
				t.Errorf("%s has %d values, want %d", line, held, want)
			}
		}
	}
}
