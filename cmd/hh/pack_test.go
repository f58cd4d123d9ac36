package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"github.com/halfhour/halfhour/internal/sample"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/series/hhparquet"
	"github.com/halfhour/halfhour/settlement"
)

// october is the sample's October 2025, a month of 1,490 half-hours, as the files
// people have: readings with runs and flags, and tables of the market and the contract.
type october struct {
	dir                                       string
	meter, market, contract, tariff, supplier string
	supply                                    string
}

func newOctober(t *testing.T) *october {
	t.Helper()
	dir := t.TempDir()
	span := settlement.Days(dayOf(t, "2025-10-01"), dayOf(t, "2025-11-01"))
	landed := sample.AsOf(dayOf(t, "2026-03-05")) // R2 of the first days
	table := func(s *series.Schema, from series.Readings) string {
		var b strings.Builder
		b.WriteString("date,period,run")
		for l := range series.Line(s.Len()) {
			b.WriteString("," + s.Def(l).Name)
		}
		for r, err := range from {
			if err != nil {
				t.Fatal(err)
			}
			day, number := r.Period.Split()
			run := ""
			if r.Run != settlement.Untagged {
				run = r.Run.String()
			}
			value := decimal.New(r.Value, -int32(s.Def(r.Line).Scale))
			fmt.Fprintf(&b, "\n%s,%d,%s%s%s%s", day, number, run, strings.Repeat(",", int(r.Line)+1), value, strings.Repeat(",", s.Len()-1-int(r.Line)))
		}
		return b.String() + "\n"
	}
	var rows strings.Builder
	rows.WriteString("mpan,date,period,line,run,flag,value\n")
	for r, err := range sample.Meter(sample.Seed, span, landed) {
		if err != nil {
			t.Fatal(err)
		}
		day, number := r.Period.Split()
		flag := "A"
		if r.Mark.Has(series.Estimated) {
			flag = "E"
		}
		fmt.Fprintf(&rows, "%s,%s,%d,%s,%s,%s,%s\n", sample.MPAN(), day, number, series.Meter().Def(r.Line).Name, r.Run, flag, decimal.New(r.Value, -3))
	}
	return &october{
		dir:      dir,
		meter:    written(t, dir, "meter.csv", rows.String()),
		market:   written(t, dir, "market.csv", table(series.Market(), sample.Market(sample.Seed, span, landed))),
		contract: written(t, dir, "contract.csv", table(series.Contract(), sample.Contract(sample.Seed, span))),
		tariff:   written(t, dir, "tariff.toml", string(sample.Tariff())),
		supply:   written(t, dir, "supply.toml", string(sample.Supply())),
		supplier: written(t, dir, "supplier.csv", "from,to,item,quantity,amount\n2025-10-01,2025-10-02,msp,11650.0,\n"),
	}
}

func dayOf(t testing.TB, s string) settlement.Day {
	t.Helper()
	d, err := settlement.ParseDay(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// packs runs hh pack and gives what it says.
func packs(t *testing.T, args ...string) string {
	t.Helper()
	code, out, errs := hh(append([]string{"pack"}, args...)...)
	if code != exitFine || errs != "" {
		t.Fatalf("pack %v: exit %d: %s", args, code, errs)
	}
	return out
}

// packed packs the three files, and gives the paths.
func (o *october) packed(t *testing.T) (meter, market, contract string) {
	t.Helper()
	meter, market, contract = filepath.Join(o.dir, "m.parquet"), filepath.Join(o.dir, "market.parquet"), filepath.Join(o.dir, "contract.parquet")
	said := packs(t, o.meter, "--csv", "long,start,london,kwh", "--out", meter)
	for _, want := range []string{"readings of MPAN 1400000000118, 2025-10-01 to 2025-10-31 (days: 31)\n", "rows: 5960, runs: 4, ", "manifest names it, of 1\n"} {
		if !strings.Contains(said, want) {
			t.Errorf("no %q in\n%s", want, said)
		}
	}
	packs(t, "--market", o.market, "--out", market)
	if said := packs(t, "--contract", o.contract, "--mpan", sample.MPAN().String(), "--out", contract); !strings.Contains(said, "contract lines of MPAN 1400000000118") || !strings.Contains(said, "names it, of 3\n") {
		t.Error(said)
	}
	return meter, market, contract
}

// TestPackedBills: every command says of Parquet files, byte for byte, what it says of
// the files they were packed from, in every view.
func TestPackedBills(t *testing.T) {
	o := newOctober(t)
	meter, market, contract := o.packed(t)
	terms := []string{"--tariff", o.tariff, "--supply", o.supply}
	for _, args := range [][]string{
		{"bill"}, {"bill", "--format", "json"}, {"bill", "--run", "II"}, {"bill", "--run", "SF", "--format", "json"}, {"bill", "--as-of", "2025-12-01"},
		{"bill", "--from", "2025-10-20", "--to", "2025-10-28", "--format", "json"}, {"reconcile"}, {"reconcile", "--format", "json", "--on", "2026-01-01"},
		{"explain", "energy-imbalance", "2025-10-26", "--format", "json"}, {"compare", "--format", "json"}, {"rebill", "--from", "SF", "--format", "json"},
		{"accrue", "--from", "2025-10-20", "--to", "2025-10-25", "--learn-from", "2025-10-01", "--learn-to", "2025-10-20", "--format", "json"}, {"check", o.supplier},
	} {
		_, want, errsC := hh(slices.Concat(args, []string{o.meter, "--csv", "long,start,london,kwh", "--market", o.market, "--contract", o.contract}, terms)...)
		_, got, errsP := hh(slices.Concat(args, []string{meter, "--market", market, "--contract", contract}, terms)...)
		if got != want || got == "" || errsC != errsP {
			t.Errorf("%v of Parquet: %d bytes, %s; of CSV %d bytes, %s", args, len(got), errsP, len(want), errsC)
		}
		if slices.Contains(args, "II") && !strings.Contains(got, "estimated") {
			t.Errorf("%v: no estimate told", args)
		}
	}
}

// TestPackedBatch: hh batch takes the files as they are, says of them what it says of
// those they were packed from, and comes to what hh bill comes to.
func TestPackedBatch(t *testing.T) {
	o := newOctober(t)
	meter, market, contract := o.packed(t)
	base := func(name string) string { return filepath.Base(name) }
	batch := func(readings, contract string, args ...string) string {
		book := written(t, o.dir, "book.csv", fmt.Sprintf("readings,supply,tariff,contract\n%s,supply.toml,tariff.toml,%s\n", base(readings), base(contract)))
		code, out, errs := hh(append([]string{"batch", book, "--llf-of", "14/H02", "--month", "2025-10", "--format", "json"}, args...)...)
		if code != exitFine {
			t.Fatalf("batch of %s: exit %d: %s", readings, code, errs)
		}
		return out
	}
	for _, view := range []string{"latest", "SF"} {
		out := batch(meter, contract, "--market", market, "--run", view)
		var of struct {
			Whole  bool
			Totals struct {
				Totals []struct {
					Item   string
					Pounds decimal.Decimal
				}
			}
		}
		var from struct {
			Whole  bool
			Totals json.RawMessage
		}
		if err := json.Unmarshal([]byte(out), &of); err != nil {
			t.Fatal(err)
		}
		var packed struct{ Totals json.RawMessage }
		for text, into := range map[string]any{out: &packed, batch(o.meter, o.contract, "--market", o.market, "--run", view, "--csv", "long,start,london,kwh"): &from} {
			if err := json.Unmarshal([]byte(text), into); err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Equal(packed.Totals, from.Totals) || !of.Whole || !from.Whole {
			t.Errorf("%s: totals of Parquet\n%s\nof CSV\n%s", view, packed.Totals, from.Totals)
		}
		code, text, errs := hh("bill", meter, "--market", market, "--contract", contract, "--tariff", o.tariff, "--supply", o.supply, "--run", view, "--format", "json")
		var bill struct {
			Lines []struct {
				Item   string
				Exact  decimal.Decimal `json:"exact_gbp"`
				Amount decimal.Decimal `json:"amount_gbp"`
			}
			VAT decimal.Decimal `json:"vat_exact_gbp"`
		}
		if err := json.Unmarshal([]byte(text), &bill); err != nil || code != exitFine {
			t.Fatalf("exit %d, %v: %s", code, err, errs)
		}
		exact, lines := map[string]decimal.Decimal{"vat": bill.VAT}, map[string]int{}
		for _, l := range bill.Lines {
			exact[l.Item], lines[l.Item] = exact[l.Item].Add(l.Exact), lines[l.Item]+1
		}
		items, pence := 0, 0
		for _, x := range of.Totals.Totals {
			if items++; !x.Pounds.Equal(exact[x.Item]) && x.Item != "vat" {
				t.Errorf("%s: %s is %s in the batch and %s in the bill", view, x.Item, x.Pounds, exact[x.Item])
			}
			for _, l := range bill.Lines {
				if l.Item == x.Item && lines[x.Item] == 1 {
					if pence++; !x.Pounds.Round(2).Equal(l.Amount) {
						t.Errorf("%s: %s rounds to %s and is billed as %s", view, x.Item, x.Pounds.Round(2), l.Amount)
					}
				}
			}
		}
		if items < 20 || pence < 15 {
			t.Errorf("%s: %d items, %d of one line", view, items, pence)
		}
	}
}

// TestPackedFlows: of flows every reading, flag and rounding is kept, whichever they
// are and however they are joined.
func TestPackedFlows(t *testing.T) {
	dir := t.TempDir()
	local := sent(t, dir, "local", "20240404090000", 5, "1.5", "E")
	utc := sentUTC(t, dir, "utc", "20240601090000", 1, 4, "4.0")
	fine := written(t, dir, "fine.csv", strings.ReplaceAll("mpan,date,period,value\n"+dayRows("2024-04-01", "1.23456"), "@", "1400000000001"))
	terms := []string{"--supply", realSupply, "--tariff", realTariff}
	for i, x := range []struct{ files, flags, how []string }{
		{files: []string{local}},
		{files: []string{local}, flags: []string{"--tag", "SF"}},
		{files: []string{utc}, flags: []string{"--tag", "R1"}, how: []string{"--from", "2024-04-02", "--to", "2024-04-05"}},
		{files: []string{fine}, flags: []string{"--csv", "long,start,london,kwh", "--round"}},
	} {
		out := filepath.Join(dir, fmt.Sprintf("%d.parquet", i))
		packs(t, slices.Concat(x.files, x.flags, x.how, []string{"--out", out})...)
		for _, format := range []string{"text", "json"} {
			_, want, errs := hh(slices.Concat([]string{"bill", "--format", format}, x.files, x.flags, x.how, terms)...)
			if _, got, errsP := hh(slices.Concat([]string{"bill", "--format", format, out}, x.how, terms)...); got != want || got == "" {
				t.Errorf("%v %v: %s\n%s\nof the flow, %s\n%s", x.files, x.flags, errsP, got, errs, want)
			}
		}
	}
	// A history that grows: what is packed, and a flow, are packed again.
	first, both := filepath.Join(dir, "1.parquet"), filepath.Join(dir, "both.parquet")
	packs(t, first, utc, "--tag", "R1", "--from", "2024-04-02", "--to", "2024-04-05", "--out", both)
	_, want, _ := hh(slices.Concat([]string{"reconcile", "--from", "2024-04-02", "--to", "2024-04-05", first, utc, "--tag", "R1", "--supply", realSupply})...)
	if _, got, errs := hh("reconcile", both, "--supply", realSupply); got != want || !strings.Contains(got, "R1") {
		t.Errorf("%s\n%s\nwant\n%s", errs, got, want)
	}
}

// dayRows are the rows of a day of one value, with @ for the MPAN.
func dayRows(day, value string) string {
	var b strings.Builder
	for p := range 48 {
		fmt.Fprintf(&b, "@,%s,%d,%s\n", day, p+1, value)
	}
	return b.String()
}

// TestPackedJournal: of deliveries what each run says is packed, as known at an
// instant, and bills in the views of a file without instants are those of the journal.
func TestPackedJournal(t *testing.T) {
	dir := t.TempDir()
	files := []string{
		sent(t, dir, "a", "20240404090000", 2, "1.0", "E"),
		sent(t, dir, "b", "20240510090000", 2, "2.0", "A"),
		sent(t, dir, "c", "20240901090000", 2, "3.0", "A"),
	}
	for i, known := range []string{"2024-05-01T00:00:00Z", "2024-05-11T00:00:00Z", "2024-09-02T00:00:00Z", settled} {
		out := filepath.Join(dir, fmt.Sprintf("%d.parquet", i))
		said := packs(t, append([]string{"--journal", "--known-at", known, "--out", out}, files...)...)
		if later := i < 2; later != strings.Contains(said, "received later, and not read: ") {
			t.Error(said)
		}
		for _, view := range []string{"latest", "II", "SF", "R1", "R2", "R3", "RF"} {
			want := journal(t, "bill", files, "--known-at", known, "--run", view)
			_, want, _ = strings.Cut(want, "kWh: ")
			want, _, _ = strings.Cut(want, "\n\n*")
			code, got, errs := hh("bill", out, "--run", view, "--supply", realSupply, "--tariff", realTariff)
			_, got, _ = strings.Cut(got, "kWh: ")
			if wantKWh, _, _ := strings.Cut(want, "total"); code != exitFine || !strings.HasPrefix(got, wantKWh) {
				t.Errorf("known at %s, %s: exit %d: %s\n%s\nwant\n%s", known, view, code, errs, got, want)
			}
		}
	}
	// What came after every run had closed states no run, and speaks in every view of
	// the file; of the journal in those that look past the runs.
	late, out := sent(t, dir, "late", "20260901090000", 2, "4.0", "A"), filepath.Join(dir, "late.parquet")
	packs(t, "--journal", "--known-at", "2026-10-01T00:00:00Z", "--out", out, late)
	if code, text, errs := hh("bill", out, "--run", "RF", "--supply", realSupply, "--tariff", realTariff); code != exitFine || !strings.Contains(text, "kWh: 384 ") || !strings.Contains(text, "from untagged") {
		t.Errorf("exit %d: %s%s", code, text, errs)
	}
	if code, _, errs := hh("bill", "--journal", late, "--run", "RF", "--known-at", "2026-10-01T00:00:00Z", "--supply", realSupply, "--tariff", realTariff); code != exitData || !strings.Contains(errs, "half-hours missing") {
		t.Errorf("exit %d: %s", code, errs)
	}
	// Two versions of one instant are told, and so is what is of no day asked for.
	other := sent(t, dir, "other", "20240404090000", 2, "1.5", "A")
	said := packs(t, "--journal", "--known-at", settled, "--from", "2024-04-01", "--to", "2024-04-02", "--out", filepath.Join(dir, "odd.parquet"), files[0], other)
	if !strings.Contains(said, "conflicts: 2, ") || !strings.Contains(said, "left out: 96 of other days") {
		t.Error(said)
	}
}

// TestPackManifest: each file is named as it lies there, whatever else is written at
// the same time, and one that is replaced is named anew.
func TestPackManifest(t *testing.T) {
	dir := t.TempDir()
	flow := sent(t, dir, "a", "20240404090000", 2, "1.0", "E")
	var group sync.WaitGroup
	const n = 8
	for i := range n {
		group.Go(func() {
			if code, _, errs := hh("pack", flow, "--out", filepath.Join(dir, fmt.Sprintf("%d.parquet", i))); code != exitFine {
				t.Errorf("exit %d: %s", code, errs)
			}
		})
	}
	group.Wait()
	named := func() *hhparquet.Manifest {
		t.Helper()
		m, err := manifestOf(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range m.Names() {
			f, err := os.Open(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			if err := m.Verify(name, f); err != nil {
				t.Error(err)
			}
			f.Close()
		}
		return m
	}
	if got := named().Names(); len(got) != n {
		t.Errorf("names %q", got)
	}
	path := filepath.Join(dir, "0.parquet")
	was, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if code, _, errs := hh("pack", flow, "--tag", "SF", "--out", path); code != exitUsage || !strings.Contains(errs, "--replace") {
		t.Errorf("exit %d: %s", code, errs)
	}
	if is, _ := os.ReadFile(path); !bytes.Equal(is, was) {
		t.Error("a file was written over")
	}
	packs(t, flow, "--tag", "SF", "--out", path, "--replace")
	if is, _ := os.ReadFile(path); bytes.Equal(is, was) || len(named().Names()) != n {
		t.Error("the file was not replaced")
	}
	if list, _ := filepath.Glob(filepath.Join(dir, ".*")); len(list) > 0 {
		t.Errorf("left behind: %q", list)
	}
	// A manifest that is damaged is nobody's to write over, nor to pass over.
	text, _ := os.ReadFile(filepath.Join(dir, manifestName))
	written(t, dir, manifestName, string(text[:len(text)-9]))
	for _, args := range [][]string{{"pack", flow, "--out", filepath.Join(dir, "new.parquet")}, {"reconcile", path, "--supply", realSupply}} {
		if code, _, errs := hh(args...); code != exitData || !strings.Contains(errs, "manifest") {
			t.Errorf("%v: exit %d: %s", args, code, errs)
		}
	}
	if exists(filepath.Join(dir, "new.parquet")) {
		t.Error("a file was placed that no manifest can name")
	}
}

// TestPackRefuses: what cannot be one file, and flags that nothing would come of.
func TestPackRefuses(t *testing.T) {
	dir := t.TempDir()
	flow := sent(t, dir, "a", "20240404090000", 2, "1.0", "E")
	llf := written(t, dir, "llf.csv", "date,period,LLF\n2024-04-01..2024-04-02,*,1.1\n")
	two := written(t, dir, "two.csv", "mpan,date,period,value\n"+strings.ReplaceAll(dayRows("2024-04-01", "1"), "@", "1400000000001")+strings.ReplaceAll(dayRows("2024-04-01", "2"), "@", sample.MPAN().String()))
	long := []string{"--csv", "long,start,london,kwh"}
	own := filepath.Join(dir, "own.parquet")
	nominated := written(t, dir, "nominated.csv", "date,period,nominated\n2024-04-01,*,1.0\n")
	packs(t, "--contract", nominated, "--mpan", sample.MPAN().String(), "--out", own)
	out := filepath.Join(dir, "out.parquet")
	for _, x := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{}, exitUsage, "name files of one of them"},
		{[]string{flow, "--market", llf}, exitUsage, "name files of one of them"},
		{[]string{"--market", llf, "--contract", nominated}, exitUsage, "name files of one of them"},
		{append([]string{two}, long...), exitUsage, "readings of 2 meters, and a file holds those of one: say which, --mpan 1400000000001 or --mpan 1400000000118"},
		{append([]string{two, "--mpan", "1400000000118"}, long...), exitFine, "of MPAN 1400000000118"},
		{append([]string{two, "--mpan", "1400000000119"}, long...), exitUsage, "--mpan"},
		{[]string{flow, "--mpan", "1400000000118"}, exitData, "nothing to pack: 96 readings are of meters other than --mpan, and 0 of days outside"},
		{[]string{flow, "--from", "2024-05-01"}, exitData, "nothing to pack"},
		{[]string{flow, "--from", "2024-05-01", "--to", "2024-05-01"}, exitUsage, "before the first day no longer"},
		{[]string{"--market", llf, "--tag", "SF"}, exitUsage, "--tag goes with readings"},
		{[]string{"--market", llf, "--mpan", "1400000000118"}, exitUsage, "--mpan goes with"},
		{[]string{"--market", llf, "--journal"}, exitUsage, "--journal goes with"},
		{[]string{"--market", llf + "@2024-04-04T09:00:00Z"}, exitUsage, "goes with --journal"},
		{[]string{"--market", nominated}, exitData, "nominated"},
		{[]string{flow, "--calendar", llf}, exitUsage, "--calendar goes with --journal"},
		{[]string{flow, "--loose-end"}, exitUsage, "--loose-end goes with"},
		{[]string{"--contract", own}, exitData, "lines of no meter, or the meter's --mpan"},
		{[]string{"--contract", own, "--mpan", "1400000000001"}, exitData, "lines of MPAN 1400000000001 or of none"},
		{[]string{"--contract", own, "--mpan", "1400000000118"}, exitFine, "of MPAN 1400000000118"},
		{[]string{"--market", own}, exitData, "a file with the lines of market"},
		{[]string{own}, exitData, "a file with the lines of meter"},
	} {
		args := append([]string{"pack"}, x.args...)
		if !slices.Contains(args, "--out") {
			args = append(args, "--out", out)
		}
		code, said, errs := hh(args...)
		if code != x.code || !strings.Contains(said+errs, x.want) || (code == exitFine) != exists(out) {
			t.Errorf("%v: exit %d: %s%s", x.args, code, said, errs)
		}
		os.Remove(out)
	}
	written(t, dir, "flow.D0036", "")
	for _, name := range []string{"manifest", "checkpoint", "totals.parquet", "failed.csv", "flow.D0036/x", " x", "a\nb", "sub"} {
		os.MkdirAll(filepath.Join(dir, "sub"), 0o755)
		if code, _, errs := hh("pack", flow, "--replace", "--out", filepath.Join(dir, name)); code != exitUsage || !strings.Contains(errs, "--out") {
			t.Errorf("%q: exit %d: %s", name, code, errs)
		}
	}
	if code, _, errs := hh("pack", flow, "--out", filepath.Join(dir, "none", "x")); code != exitUsage || !strings.Contains(errs, "there is no folder "+filepath.Join(dir, "none")+": make it first") {
		t.Errorf("exit %d: %s", code, errs)
	}
}

// TestPackBytes: what is written is what the package writes of the readings, and its
// figures are told as they are.
func TestPackBytes(t *testing.T) {
	o := newOctober(t)
	meter, _, _ := o.packed(t)
	got, err := os.ReadFile(meter)
	if err != nil {
		t.Fatal(err)
	}
	span := settlement.Days(dayOf(t, "2025-10-01"), dayOf(t, "2025-11-01"))
	c := series.NewCube(nil, series.Meter(), sample.Runs()[:4], span)
	tally, err := series.Collect(c, sample.MPAN(), sample.Meter(sample.Seed, span, sample.AsOf(dayOf(t, "2026-03-05"))))
	if err != nil {
		t.Fatal(err)
	}
	var want bytes.Buffer
	if _, err := hhparquet.NewWriter().Write(&want, sample.MPAN(), c); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want.Bytes()) {
		t.Errorf("%d bytes that are not the %d that the package writes", len(got), want.Len())
	}
	said := packs(t, o.meter, "--csv", "long,start,london,kwh", "--out", meter, "--replace")
	if line := fmt.Sprintf("values: %d\nbytes: %d, %.2f a value\n", tally.Kept, len(got), float64(len(got))/float64(tally.Kept)); !strings.Contains(said, line) {
		t.Errorf("no %q in\n%s", line, said)
	}
}

// TestPackProperty: whatever readings there are, with gaps, repeats, flags and runs, the
// file gives those that were collected, and their marks.
func TestPackProperty(t *testing.T) {
	dir, n := t.TempDir(), 0
	first := dayOf(t, "2025-10-25") // and the long day after it
	rapid.Check(t, func(t *rapid.T) {
		var rows strings.Builder
		rows.WriteString("mpan,date,period,line,run,flag,value\n")
		for range rapid.IntRange(1, 200).Draw(t, "rows") {
			day := first + settlement.Day(rapid.IntRange(0, 2).Draw(t, "day"))
			period, line := rapid.IntRange(1, day.Len()).Draw(t, "period"), rapid.SampledFrom([]string{"AI", "AE", "RI", "RE"}).Draw(t, "line")
			run := rapid.SampledFrom([]string{"untagged", "II", "SF", "RF", "DF"}).Draw(t, "run")
			// One value for each cell, so that what is said twice is a repeat.
			fmt.Fprintf(&rows, "%s,%s,%d,%s,%s,%s,%d.%03d\n", sample.MPAN(), day, period, line, run, rapid.SampledFrom([]string{"A", "E"}).Draw(t, "flag"), period*len(run), period)
		}
		n++
		from, out := filepath.Join(dir, fmt.Sprintf("%d.csv", n)), filepath.Join(dir, fmt.Sprintf("%d.parquet", n))
		if err := os.WriteFile(from, []byte(rows.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		if code, _, errs := hh("pack", from, "--csv", "long,start,london,kwh", "--out", out); code != exitFine {
			t.Fatalf("exit %d: %s", code, errs)
		}
		span := settlement.Days(first-1, first+4)
		collect := func(in *input) *series.Cube {
			files, err := datedFiles(in.Files)
			if err != nil {
				t.Fatal(err)
			}
			if err := in.told(files); err != nil {
				t.Fatal(err)
			}
			all, err := in.joined(files)
			if err != nil {
				t.Fatal(err)
			}
			c := series.NewCube(nil, series.Meter(), []settlement.Run{settlement.Untagged, settlement.II, settlement.SF, settlement.RF, settlement.DF}, span)
			if _, err := series.Collect(c, sample.MPAN(), all); err != nil {
				t.Fatal(err)
			}
			return c
		}
		want, got := collect(&input{Files: []string{from}, CSV: "long,start,london,kwh"}), collect(&input{Files: []string{out}})
		for _, run := range want.Runs() {
			for l := range series.Line(series.Meter().Len()) {
				w, g := want.Frame(run).Line(l), got.Frame(run).Line(l)
				if !slices.Equal(w.Values, g.Values) || !slices.Equal(w.Valid, g.Valid) || !slices.Equal(w.Marks, g.Marks) {
					t.Fatalf("%s of %s is not what was packed", series.Meter().Def(l).Name, run)
				}
			}
		}
	})
}
