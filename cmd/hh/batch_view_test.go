package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/halfhour/halfhour"
	"github.com/halfhour/halfhour/internal/sample"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/series/hhparquet"
	"github.com/halfhour/halfhour/settlement"
)

// TestBatchContract: each meter's own contract lines are read from its table; who has
// none lacks what rests on them; nominated energy is not for all.
func TestBatchContract(t *testing.T) {
	s := newShop(t, 3)
	s.write(t, "tariff.toml", string(sample.Tariff()))
	rows := "date,period,nominated\n"
	span := settlement.Month(0).Span()
	if m, err := settlement.ParseMonth("2025-10"); err == nil {
		span = m.Span()
	}
	for p := span.Lo; p < span.Hi; p++ {
		day, n := p.Split()
		rows += fmt.Sprintf("%s,%d,%d\n", day, n, 120+n)
	}
	s.write(t, "c.csv", rows)
	c := series.NewCube(nil, series.Contract(), []settlement.Run{settlement.Untagged}, span)
	for p := span.Lo; p < span.Hi; p++ {
		c.Frame(settlement.Untagged).Set(series.Nominated, p, int64(120+p.Number())*1_000_000, 0)
	}
	var raw bytes.Buffer
	if _, err := hhparquet.NewWriter().Write(&raw, settlement.MPAN{}, c); err != nil {
		t.Fatal(err)
	}
	s.write(t, "c.parquet", raw.String())
	s.write(t, "d.csv", rows)
	s.write(t, "d.parquet", raw.String())
	same := map[string]string{}
	for _, file := range []string{"c.csv", "c.parquet"} {
		s.write(t, "book.csv", "readings,supply,tariff,contract\nm000.parquet,m000.toml,tariff.toml,"+file+"\nm001.parquet,m001.toml,tariff.toml,d"+file[1:]+"\n")
		same[file] = s.must(t)
	}
	if same["c.csv"] != same["c.parquet"] || !strings.Contains(same["c.csv"], "energy-imbalance") {
		t.Error("a table and Parquet come to different totals")
	}
	s.write(t, "book.csv", "readings,supply,tariff,contract\nm000.parquet,m000.toml,tariff.toml,c.csv\nm001.parquet,m001.toml,tariff.toml,\n")
	if code, out, errs := s.hh(); code != exitData || !strings.Contains(errs, "book.csv:3: energy-imbalance") || !strings.Contains(out, "NOT WHOLE: 1 of 2") {
		t.Errorf("exit %d: %s", code, errs)
	}
	if code, _, errs := s.hh("--contract", s.path("c.csv")); code != exitUsage {
		t.Errorf("two contracts: exit %d: %s", code, errs)
	}
	s.write(t, "book.csv", "readings,supply,tariff\nm000.parquet,m000.toml,tariff.toml\nm001.parquet,m001.toml,tariff.toml\n")
	if code, _, errs := s.hh("--contract", s.path("c.csv")); code != exitUsage || !strings.Contains(errs, "one supply's") {
		t.Errorf("one nomination for two: exit %d: %s", code, errs)
	}
}

// TestBatchContractTwice: what was agreed with one customer is charged to no other,
// nor twice. Prices may be many supplies'.
func TestBatchContractTwice(t *testing.T) {
	s := newShop(t, 3)
	s.write(t, "imbalance.toml", string(sample.Tariff()))
	month, err := settlement.ParseMonth("2025-10")
	if err != nil {
		t.Fatal(err)
	}
	c, prices := series.NewCube(nil, series.Contract(), []settlement.Run{settlement.Untagged}, month.Span()), "date,period,contract-price\n"
	for p := month.Span().Lo; p < month.Span().Hi; p++ {
		day, n := p.Split()
		c.Frame(settlement.Untagged).Set(series.Nominated, p, 120_000_000, 0)
		prices += fmt.Sprintf("%s,%d,9.5\n", day, n)
	}
	s.write(t, "prices.csv", prices)
	for name, mpan := range map[string]settlement.MPAN{"none": {}, "own": mpanOf(t, 0), "other": mpanOf(t, 99)} {
		var raw bytes.Buffer
		if _, err := hhparquet.NewWriter().Write(&raw, mpan, c); err != nil {
			t.Fatal(err)
		}
		s.write(t, name+".parquet", raw.String())
	}
	book := func(tariff string, files ...string) string {
		text := "readings,supply,tariff,contract\n"
		for i, f := range files {
			text += fmt.Sprintf("m%03d.parquet,m%03d.toml,%s,%s\n", i, i, tariff, f)
		}
		return text
	}
	for _, c := range []struct{ book, want string }{
		{book("imbalance.toml", "none.parquet"), ""},
		{book("imbalance.toml", "own.parquet"), ""},
		{book("imbalance.toml", "other.parquet"), "book.csv:2: other.parquet: bad value \"" + mpanOf(t, 99).String() + "\": want lines of MPAN " + mpanOf(t, 0).String()},
		{book("imbalance.toml", "none.parquet", "none.parquet"), "book.csv:3: meter stands twice"},
		{book("imbalance.toml", "none.parquet", "prices.csv", "./none.parquet"), "and this file is that of line 2"},
	} {
		s.write(t, "book.csv", c.book)
		code, out, errs := s.hh()
		if c.want == "" && (code != 0 || !strings.Contains(out, "energy-imbalance")) || c.want != "" && (code != exitData || !strings.Contains(errs, c.want)) {
			t.Errorf("%s: exit %d: %s; want %q", c.book, code, errs, c.want)
		}
	}
	none, err := os.ReadFile(s.path("none.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	s.write(t, "copy.parquet", string(none))
	for name, link := range map[string]func(string, string) error{"soft.parquet": os.Symlink, "hard.parquet": os.Link} {
		if err := link(s.path("none.parquet"), s.path(name)); err != nil {
			t.Skip(err)
		}
		s.write(t, "book.csv", book("imbalance.toml", "none.parquet", "prices.csv", name))
		if code, _, errs := s.hh(); code != exitData || !strings.Contains(errs, "book.csv:4: meter stands twice \""+name+"\": want nominated energy of this supply alone, and this file is that of line 2") {
			t.Errorf("%s: exit %d: %s", name, code, errs)
		}
	}
	s.write(t, "book.csv", book("imbalance.toml", "none.parquet", "copy.parquet"))
	if code, _, errs := s.hh(); code != 0 || !strings.Contains(errs, "book.csv:3: copy.parquet holds the same nominated energy as none.parquet in line 2, byte for byte: it is taken as each supply's own, and where both are priced both are charged\n") {
		t.Errorf("a copy: exit %d: %s", code, errs)
	}
	s.write(t, "prices2.csv", prices)
	s.write(t, "book.csv", book("tariff.toml", "prices.csv", "prices.csv", "prices2.csv"))
	if code, _, errs := s.hh(); code != 0 || errs != "" {
		t.Errorf("prices of many: exit %d: %s", code, errs)
	}
	s.write(t, "book.csv", "readings,supply,tariff\nm000.parquet,m000.toml,tariff.toml\n")
	if code, _, errs := s.hh("--contract", s.path("own.parquet")); code != exitData || !strings.Contains(errs, "lines of no meter") {
		t.Errorf("a meter's lines shared: exit %d: %s", code, errs)
	}
}

// TestBatchCSV: readings in CSV come to what the same do in Parquet, and say that they
// state no run.
func TestBatchCSV(t *testing.T) {
	s := newShop(t, 2)
	month, err := settlement.ParseMonth("2025-10")
	if err != nil {
		t.Fatal(err)
	}
	rows, c := "mpan,date,period,line,value\n", series.NewCube(nil, series.Meter(), []settlement.Run{settlement.Untagged}, month.Span())
	for p := month.Span().Lo; p < month.Span().Hi; p++ {
		day, n := p.Split()
		for l, name := range []string{"AI", "", "RI"} {
			if name != "" {
				rows += fmt.Sprintf("%s,%s,%d,%s,%d.%03d\n", mpanOf(t, 0), day, n, name, 100+n, 7*l)
				c.Frame(settlement.Untagged).Set(series.Line(l), p, int64(100+n)*1000+int64(7*l), 0)
			}
		}
	}
	s.write(t, "m.csv", rows)
	var raw bytes.Buffer
	if _, err := hhparquet.NewWriter().Write(&raw, mpanOf(t, 0), c); err != nil {
		t.Fatal(err)
	}
	s.write(t, "m.parquet", raw.String())
	var out [2]string
	for i, name := range []string{"m.csv", "m.parquet"} {
		layout := []string{"--csv", "long,start,london,kwh"}
		if i > 0 {
			layout = nil
		}
		s.write(t, "book.csv", "readings,supply,tariff\n"+name+",m000.toml,tariff.toml\nm001.parquet,m001.toml,tariff.toml\n")
		out[i] = s.must(t, layout...)
	}
	if out[0] != out[1] || !strings.Contains(out[0], "run-not-stated: 1 meters") {
		t.Errorf("CSV:\n%.400s\nParquet:\n%.400s", out[0], out[1])
	}
	if code, _, errs := s.hh("--csv", "long"); code != exitUsage {
		t.Errorf("half a layout: exit %d: %s", code, errs)
	}
}

// TestBatchViews: of a file of runs that landed in part, with holes, each view comes
// to the bill that the engine's one entry makes of every reading in it, though the
// batch reads only what the view may need.
func TestBatchViews(t *testing.T) {
	s := newShop(t, 1)
	month, err := settlement.ParseMonth("2025-10")
	if err != nil {
		t.Fatal(err)
	}
	seen, err := settlement.ParseDay("2025-11-25")
	if err != nil {
		t.Fatal(err)
	}
	c, n := series.NewCube(nil, series.Meter(), sample.Runs(), month.Span()), 0
	if _, err := series.Collect(c, sample.MPAN(), func(yield func(series.Reading, error) bool) {
		for r, err := range sample.Meter(sample.Seed, month.Span(), sample.AsOf(seen)) {
			if n++; r.Run > settlement.SF && n%997 == 0 {
				continue // a hole
			}
			if !yield(r, err) {
				return
			}
		}
	}); err != nil {
		t.Fatal(err)
	}
	var raw bytes.Buffer
	if _, err := hhparquet.NewWriter().Write(&raw, mpanOf(t, 0), c); err != nil {
		t.Fatal(err)
	}
	s.write(t, "m000.parquet", raw.String())
	s.write(t, "book.csv", "readings,supply,tariff\nm000.parquet,m000.toml,tariff.toml\n")
	read := func(name string) series.Readings {
		return hhparquet.Read(name, func() (io.ReadCloser, error) { return os.Open(s.path(name)) }, nil, hhparquet.Limits{})
	}
	supply, errS := os.ReadFile(s.path("m000.toml"))
	tariff, errT := os.ReadFile(s.path("tariff.toml"))
	if errS != nil || errT != nil {
		t.Fatal(errS, errT)
	}
	different := map[string]bool{}
	for _, view := range []string{"latest", "II", "SF", "R1", "RF", "as-of:2025-11-05", "as-of:2025-11-12", "as-of:2025-12-01"} {
		job := halfhour.Job{Spans: []settlement.Span{month.Span()}, Meter: read("m000.parquet"), Market: read("market.parquet")}
		if err := terms(&job, "supply", supply, "tariff", tariff); err != nil {
			t.Fatal(err)
		}
		if job.View, err = new(input).view("--run", word(view)); err != nil {
			t.Fatal(err)
		}
		res, err := halfhour.Run(context.Background(), job)
		if err != nil { // as of a day on which the last days had nothing
			if code, _, errs := s.hh("--run", view, "--format", "json"); code != exitData || !strings.Contains(errs, "active import") {
				t.Errorf("%s: %v, and the batch exits with %d: %s", view, err, code, errs)
			}
			continue
		}
		want := map[string]decimal.Decimal{}
		for _, l := range res.Bills[0].Lines {
			want[l.Item.String()] = want[l.Item.String()].Add(l.Exact)
		}
		var got struct {
			Totals struct {
				Totals []struct{ Item, Pounds string }
			}
		}
		if err := json.Unmarshal([]byte(s.must(t, "--run", view, "--format", "json")), &got); err != nil {
			t.Fatal(err)
		}
		sum := ""
		for _, r := range got.Totals.Totals {
			pounds, err := decimal.NewFromString(r.Pounds)
			if err != nil {
				t.Fatal(err)
			}
			if r.Item != "vat" && !pounds.Equal(want[r.Item]) {
				t.Errorf("%s, %s: %s, want %s", view, r.Item, pounds, want[r.Item])
			}
			sum += r.Pounds
			delete(want, r.Item)
		}
		if delete(want, "vat"); len(want) > 0 {
			t.Errorf("%s: lacks %v", view, want)
		}
		different[sum] = true
	}
	if len(different) < 3 {
		t.Errorf("%d different bills: the views were not told apart", len(different))
	}
}
