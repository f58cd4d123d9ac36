package halfhour_test

import (
	"encoding/csv"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/halfhour/halfhour/internal/example"
	"github.com/halfhour/halfhour/revisions"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/series/hhcsv"
	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
	"github.com/halfhour/halfhour/tariffs/toml"
)

// TestMatrix holds every half-hour of every item of the worked example, run
// II, against a foreign matrix of 48 × 30.
func TestMatrix(t *testing.T) {
	path := filepath.Join("..", "shared", "oracle", "hh_II.csv")
	f, err := os.Open(path)
	if os.IsNotExist(err) {
		t.Skipf("%s is not there: the foreign half-hours are not compared", path)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil || len(rows) != 49 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	schedule, charges := exampleCharges(t, settlement.II)
	near := decimal.New(1, -6) // the matrix does not round NBP volumes, nor anything but its cells
	compared := 0
	for column, name := range rows[0] {
		item, err := tariffs.ParseItem(name)
		if err != nil {
			continue // period, time and volumes
		}
		l, ok := schedule.Line(item)
		if !ok {
			t.Fatalf("no line for %s", item)
		}
		c, scale := charges.Line(l), int32(charges.Schema().Def(l).Scale)
		for i, row := range rows[1:] {
			want, err := decimal.NewFromString(row[column])
			if err != nil {
				t.Fatal(err)
			}
			if got := decimal.New(c.Values[i], -scale); got.Sub(want).Abs().GreaterThan(near) {
				t.Errorf("%s in period %d: %s, want %s", item, i+1, got, want)
			}
			compared++
		}
	}
	if compared != 48*30 {
		t.Errorf("%d cells compared", compared)
	}
}

// exampleCharges are the charges of the worked example as a run has it, stage
// by stage.
func exampleCharges(t *testing.T, run settlement.Run) (*tariffs.Schedule, *series.Frame) {
	t.Helper()
	files, ok := example.Open("wmid-hv-2025-12-04")
	if !ok {
		t.Fatal("no example")
	}
	read := func(name string) []byte {
		b, err := fs.ReadFile(files, name)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	supply, err := toml.ParseSupply("supply.toml", read("supply.toml"))
	if err != nil {
		t.Fatal(err)
	}
	tariff, err := toml.ParseTariff("tariff.toml", read("tariff.toml"))
	if err != nil {
		t.Fatal(err)
	}
	layout, err := hhcsv.ParseLayout("long,start,london,kwh")
	if err != nil {
		t.Fatal(err)
	}
	span := days(t, "2025-12-04", "2025-12-05")
	open := func(name string) series.Opener { return func() (io.ReadCloser, error) { return files.Open(name) } }
	frame := func(schema *series.Schema, mpan settlement.MPAN, from series.Readings) *series.Frame {
		cube := series.NewCube(nil, schema, []settlement.Run{settlement.Untagged, settlement.II, settlement.SF, settlement.R1, settlement.R2, settlement.R3, settlement.RF}, span)
		if _, err := series.Collect(cube, mpan, from); err != nil {
			t.Fatal(err)
		}
		out, _ := revisions.UpTo(run).Reconcile(cube)
		return out
	}
	in := tariffs.Inputs{
		Meter:    frame(series.Meter(), supply.MPAN, hhcsv.Read("meter.csv", open("meter.csv"), layout)),
		Market:   frame(series.Market(), settlement.MPAN{}, hhcsv.ReadTable("market.csv", open("market.csv"), series.Market())),
		Contract: frame(series.Contract(), settlement.MPAN{}, hhcsv.ReadTable("contract.csv", open("contract.csv"), series.Contract())),
	}
	schedule, err := tariff.Compile(span, supply)
	if err != nil {
		t.Fatal(err)
	}
	volumes, charges := series.NewFrame(nil, tariffs.Volumes(), span), series.NewFrame(nil, schedule.Schema(), span)
	if err := schedule.Adjust(volumes, in); err != nil {
		t.Fatal(err)
	}
	if err := schedule.Charge(charges, volumes, in, supply); err != nil {
		t.Fatal(err)
	}
	return schedule, charges
}
