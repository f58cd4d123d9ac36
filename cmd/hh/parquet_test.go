package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/halfhour/halfhour/internal/sample"
	"github.com/halfhour/halfhour/revisions"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/series/hhparquet"
	"github.com/halfhour/halfhour/settlement"
)

// TestParquetRead: what a command takes of Parquet, and what it says of what it does
// not take.
func TestParquetRead(t *testing.T) {
	dir := t.TempDir()
	flow := sent(t, dir, "a", "20240404090000", 2, "1.0", "E")
	other := sent(t, dir, "b", "20240410090000", 3, "2.0", "A")
	path := func(name string) string { return filepath.Join(dir, name) }
	mine, theirs, tagged := path("mine"), path("theirs.D0036"), path("tagged.csv")
	packs(t, flow, "--out", mine)
	packs(t, flow, "--tag", "SF", "--out", tagged)
	packs(t, written(t, dir, "x.csv", "mpan,date,period,value\n"+strings.ReplaceAll(dayRows("2024-04-01", "1"), "@", sample.MPAN().String())), "--csv", "long,start,london,kwh", "--out", theirs)
	llf := path("llf.parquet")
	packs(t, "--market", written(t, dir, "llf.csv", "date,period,LLF\n2024-04-01..2024-04-02,*,1.1\n"), "--out", llf)
	agreed := path("agreed.parquet")
	packs(t, "--contract", written(t, dir, "n.csv", "date,period,nominated\n2024-04-01..2024-04-02,*,1.0\n"), "--mpan", sample.MPAN().String(), "--out", agreed)
	later := written(t, dir, "later.csv", "mpan,date,period,value\n"+strings.ReplaceAll(dayRows("2024-04-01", "3"), "@", "1400000000001"))
	cut := path("cut")
	whole, err := os.ReadFile(mine)
	if err != nil {
		t.Fatal(err)
	}
	written(t, dir, "cut", string(whole[:len(whole)-1]))
	terms := []string{"--supply", realSupply, "--tariff", realTariff}
	for _, x := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{mine}, exitFine, "kWh: 96 "},
		{[]string{tagged}, exitFine, "kWh: 96 "},
		{[]string{mine, tagged, "--run", "SF"}, exitFine, "kWh: 96 "},
		{[]string{mine, flow}, exitFine, "kWh: 96 "}, // which says the same
		{[]string{mine, other}, exitData, "remove one of the two deliveries"},
		{[]string{tagged, other}, exitFine, "kWh: 192 "}, // and a day that no run holds
		{[]string{tagged, other, "--tag", "R1"}, exitFine, "kWh: 288 "},
		{[]string{tagged, later, "--csv", "long,start,london,kwh", "--tag", "R1", "--to", "2024-04-03"}, exitFine, "kWh: 192 "}, // a day of R1, a day of SF
		{[]string{mine, "--tag", "SF"}, exitUsage, "--tag is of flows and CSV, and the meter data is Parquet alone"},
		{[]string{mine, "--round"}, exitUsage, "--round is of flows and CSV"},
		{[]string{mine, "--csv", "long,start,london,kwh"}, exitUsage, "--csv is of flows and CSV"},
		{[]string{theirs}, exitData, "theirs.D0036: bad value \"1400000000118\": want readings of MPAN 1400000000001: is it the right file?"},
		{[]string{mine, theirs}, exitData, "want readings of MPAN 1400000000001"},
		{[]string{cut}, exitData, "the file is damaged or not one of ours"},
		{[]string{llf}, exitData, "llf.parquet: bad schema \"market\": want a file with the lines of meter"},
		{[]string{mine, "--market", llf}, exitFine, "kWh: 96 metered, 105.6 at"},
		{[]string{mine, "--market", mine}, exitData, "a file with the lines of market"},
		{[]string{mine, "--contract", llf}, exitData, "a file with the lines of contract"},
		{[]string{mine, "--contract", agreed}, exitData, "want lines of MPAN 1400000000001 or of none"},
		{[]string{mine, "--journal"}, exitUsage, "a Parquet file does not say when it was made: write " + mine + "@INSTANT"},
		{[]string{mine + "@2024-04-04T09:00:00Z", "--journal", "--known-at", settled}, exitFine, "kWh: 96 "},
		{[]string{tagged + "@2024-04-04T09:00:00Z", "--journal", "--known-at", settled, "--run", "SF"}, exitFine, "from SF"},
		{[]string{mine + "@2024-04-02T09:00:00Z", "--journal", "--known-at", settled}, exitData, "when AI of 2024-04-02 was over"},
		{[]string{mine + "@2024-04-04T09:00:00Z", other, "--journal", "--known-at", settled, "--to", "2024-04-03"}, exitFine, "kWh: 192 "},
		{[]string{flow, "--market", llf + "@2024-04-04T09:00:00Z", "--journal", "--known-at", settled}, exitFine, "105.6 at"},
		{[]string{path("none")}, exitData, "no such file"},
	} {
		code, out, errs := hh(slices.Concat([]string{"bill"}, x.args, terms)...)
		if code != x.code || !strings.Contains(out+errs, x.want) || (code == exitFine) != (out != "") {
			t.Errorf("%v: exit %d: %s%s", x.args, code, out, errs)
		}
	}
}

// TestParquetManifest: a file that is not the one its manifest names is not looked at;
// one that no manifest names is.
func TestParquetManifest(t *testing.T) {
	dir := t.TempDir()
	a := sent(t, dir, "a", "20240404090000", 2, "1.0", "A")
	b := sent(t, dir, "b", "20240404090000", 2, "2.0", "A")
	path, price := filepath.Join(dir, "m.parquet"), filepath.Join(dir, "llf.parquet")
	packs(t, b, "--out", path)
	replaced, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	packs(t, a, "--out", path, "--replace")
	packs(t, "--market", written(t, dir, "llf.csv", "date,period,LLF\n2024-04-01..2024-04-02,*,1.1\n"), "--out", price)
	bill := func(args ...string) (int, string) {
		code, out, errs := hh(slices.Concat([]string{"bill", "--supply", realSupply, "--tariff", realTariff, "--market", price}, args)...)
		return code, out + errs
	}
	if code, said := bill(path); code != exitFine || !strings.Contains(said, "kWh: 96 ") {
		t.Fatalf("exit %d: %s", code, said)
	}
	written(t, dir, "m.parquet", string(replaced))
	if code, said := bill(path); code != exitData || !replacedSince(said, "m.parquet") {
		t.Errorf("replaced: exit %d: %s", code, said)
	}
	packs(t, b, "--out", path, "--replace") // and then it is as it should be
	if code, said := bill(path); code != exitFine || !strings.Contains(said, "kWh: 192 ") {
		t.Errorf("packed again: exit %d: %s", code, said)
	}
	written(t, dir, "n.parquet", string(replaced))
	if code, said := bill(filepath.Join(dir, "n.parquet")); code != exitFine || !strings.Contains(said, "kWh: 192 ") {
		t.Errorf("not named: exit %d: %s", code, said)
	}
	elsewhere := filepath.Join(t.TempDir(), "llf.parquet")
	packs(t, "--market", written(t, dir, "llf.csv", "date,period,LLF\n2024-04-01..2024-04-02,*,1.2\n"), "--out", elsewhere)
	text, err := os.ReadFile(elsewhere)
	if err != nil {
		t.Fatal(err)
	}
	written(t, dir, "llf.parquet", string(text))
	if code, said := bill(filepath.Join(dir, "n.parquet")); code != exitData || !replacedSince(said, "llf.parquet") {
		t.Errorf("market: exit %d: %s", code, said)
	}
	os.Remove(filepath.Join(dir, manifestName))
	os.Mkdir(filepath.Join(dir, manifestName), 0o755)
	if code, said := bill(path); code != exitData || !strings.Contains(said, manifestName) {
		t.Errorf("a folder for a manifest: exit %d: %s", code, said)
	}
}

// replacedSince says whether an error is of a file that is not the one that was written.
func replacedSince(said, name string) bool {
	return strings.Contains(said, name+": not the ") && strings.Contains(said, "the file was damaged, cut short or replaced since")
}

// TestParquetFrame: a reconciled frame has lost the runs that did not speak, and no
// command takes it for readings that state none.
func TestParquetFrame(t *testing.T) {
	dir := t.TempDir()
	span := settlement.Days(dayOf(t, "2025-10-01"), dayOf(t, "2025-10-03"))
	c := series.NewCube(nil, series.Meter(), sample.Runs(), span)
	if _, err := series.Collect(c, sample.MPAN(), sample.Meter(sample.Seed, span, sample.All)); err != nil {
		t.Fatal(err)
	}
	f, rep := series.NewFrame(nil, series.Meter(), span), new(revisions.Report)
	revisions.UpTo(settlement.SF).Into(f, rep, c)
	var raw bytes.Buffer
	if _, err := hhparquet.NewWriter().WriteFrame(&raw, sample.MPAN(), f); err != nil {
		t.Fatal(err)
	}
	path, supply := written(t, dir, "frame", raw.String()), written(t, dir, "supply.toml", string(sample.Supply()))
	if code, out, errs := hh("reconcile", path, "--supply", supply); code != exitData || !strings.Contains(errs, "frame: bad schema \"other runs in untagged\": want readings by run") {
		t.Errorf("exit %d: %s%s", code, out, errs)
	}
}

// TestParquetRelated: of a supply with related meters each file is of one of them.
func TestParquetRelated(t *testing.T) {
	dir := t.TempDir()
	related := mpanOf(t, 7)
	supply, err := os.ReadFile(realSupply)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(string(supply), "distributor", fmt.Sprintf("related = [%q]\ndistributor", related), 1)
	own := written(t, dir, "supply.toml", text)
	var files, flows []string
	for i, mpan := range []string{"1400000000001", related.String()} {
		flow := written(t, dir, fmt.Sprintf("%d.csv", i), "mpan,date,period,value\n"+strings.ReplaceAll(dayRows("2024-04-01", fmt.Sprint(i+1)), "@", mpan))
		file := filepath.Join(dir, fmt.Sprintf("%d.parquet", i))
		packs(t, flow, "--csv", "long,start,london,kwh", "--out", file)
		files, flows = append(files, file), append(flows, flow)
	}
	bill := func(args ...string) string {
		code, out, errs := hh(append([]string{"bill", "--supply", own, "--tariff", realTariff}, args...)...)
		if code != exitFine || !strings.Contains(out, "kWh: 144 ") {
			t.Fatalf("%v: exit %d: %s%s", args, code, out, errs)
		}
		return out
	}
	if got, want := bill(files...), bill(append(flows, "--csv", "long,start,london,kwh")...); got != want {
		t.Errorf("of Parquet\n%s\nof CSV\n%s", got, want)
	}
}
