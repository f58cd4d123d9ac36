package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/halfhour/halfhour/internal/sample"
	"github.com/halfhour/halfhour/revisions"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/series/hhparquet"
	"github.com/halfhour/halfhour/settlement"
)

// frameOf is the file of a reconciled frame: what of readings up to a run is known of a
// span.
func frameOf(t *testing.T, schema *series.Schema, mpan settlement.MPAN, upTo settlement.Run, span settlement.Span, from series.Readings) string {
	t.Helper()
	c := series.NewCube(nil, schema, settlement.RankedRuns(), span)
	if _, err := series.Collect(c, settlement.MPAN{}, unowned(from)); err != nil {
		t.Fatal(err)
	}
	f, rep := series.NewFrame(nil, schema, span), new(revisions.Report)
	revisions.UpTo(upTo).Into(f, rep, c)
	var raw bytes.Buffer
	if _, err := hhparquet.NewWriter().WriteFrame(&raw, mpan, f); err != nil {
		t.Fatal(err)
	}
	return raw.String()
}

// TestBatchFrame: a batch takes no more of Parquet than a bill does: what a reconciled
// frame holds of one run is not priced as another's, whatever view is asked for and
// whatever days.
func TestBatchFrame(t *testing.T) {
	s := newShop(t, 2)
	month, err := settlement.ParseMonth("2025-10")
	if err != nil {
		t.Fatal(err)
	}
	span := month.Span()
	meter := frameOf(t, series.Meter(), mpanOf(t, 1), settlement.RF, span, sample.Meter(sample.Seed, span, sample.All))
	agreed := series.NewCube(nil, series.Contract(), []settlement.Run{settlement.Untagged}, span)
	plain := series.NewCube(nil, series.Meter(), []settlement.Run{settlement.Untagged, settlement.RF}, settlement.Days(dayOf(t, "2025-09-01"), dayOf(t, "2025-11-01")))
	for p := plain.Span().Lo; p < plain.Span().Hi; p++ {
		plain.Frame(settlement.Untagged).Set(series.AI, p, 1000, 0)
		plain.Frame(settlement.RF).Set(series.AI, p, 2000, series.Mark(0).From(settlement.RF))
	}
	// of reads a cube's file, with a mark of another run in it.
	of := func(mpan settlement.MPAN, c *series.Cube, run settlement.Run, l series.Line, at settlement.Period, mark settlement.Run) string {
		marks := c.Frame(run).Line(l).Marks
		was := marks[c.Span().Index(at)]
		marks[c.Span().Index(at)] = was.From(mark)
		defer func() { marks[c.Span().Index(at)] = was }()
		var raw bytes.Buffer
		if _, err := hhparquet.NewWriter().Write(&raw, mpan, c); err != nil {
			t.Fatal(err)
		}
		return raw.String()
	}
	agreed.Frame(settlement.Untagged).Set(series.Nominated, span.Lo, 1_000_000, 0)
	market := frameOf(t, series.Market(), settlement.MPAN{}, settlement.SF, span, sample.Market(sample.Seed, span, sample.All))
	whole, err := os.ReadFile(s.path("m001.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	s.write(t, "none.csv", "date,period,nominated\n2025-10-01,1,1.0\n")
	for _, x := range []struct{ what, meter, contract, market, want string }{
		{"a frame", meter, "", "", "m001.parquet: bad schema \"other runs in untagged\": want readings by run, and this is a reconciled frame"},
		{"of days before", of(mpanOf(t, 1), plain, settlement.Untagged, series.AI, plain.Span().Lo, settlement.SF), "", "", "\"other runs in untagged\": want readings by run"},
		{"in a run", of(mpanOf(t, 1), plain, settlement.RF, series.AI, span.Lo+7, settlement.R1), "", "", "\"1 values of other runs than theirs\": want readings by run"},
		{"a contract", string(whole), of(mpanOf(t, 1), agreed, settlement.Untagged, series.Nominated, span.Lo, settlement.SF), "", "own.parquet: bad schema \"other runs in untagged\": want readings by run"},
		{"a market", string(whole), "", market, "market: bad schema \"other runs in untagged\": want readings by run"},
		{"nothing of the kind", string(whole), of(mpanOf(t, 1), agreed, settlement.Untagged, series.Nominated, span.Lo, settlement.Untagged), "", ""},
	} {
		s.write(t, "m001.parquet", x.meter)
		s.write(t, "own.parquet", x.contract)
		book := "readings,supply,tariff,contract\nm000.parquet,m000.toml,tariff.toml,\nm001.parquet,m001.toml,tariff.toml,"
		if x.contract != "" {
			book += "own.parquet"
		}
		s.write(t, "book.csv", book+"\n")
		var more []string
		if x.market != "" {
			s.write(t, "market", x.market)
			more = []string{"--market", s.path("market")}
		}
		for _, view := range []string{"SF", "latest"} {
			code, _, errs := s.hh(append(more, "--run", view)...)
			refused := x.want != "" && !(x.what == "in a run" && view == "SF") // which looks at no RF
			if refused && (code != exitData || !strings.Contains(errs, x.want)) || !refused && code != exitFine {
				t.Errorf("%s, --run %s: exit %d: %s", x.what, view, code, errs)
			}
			if code, _, errs := hh("bill", s.path("m001.parquet"), "--supply", s.path("m001.toml"), "--tariff", s.path("tariff.toml"), "--run", view); x.contract+x.market == "" && (code != exitData || !strings.Contains(errs, x.want)) {
				t.Errorf("%s, bill --run %s: exit %d: %s", x.what, view, code, errs)
			}
		}
	}
}

// manifestFor writes a manifest of files as they are, some of other bytes.
func manifestFor(t *testing.T, dir string, other func(name string) bool, files ...string) {
	t.Helper()
	var m hhparquet.Manifest
	for _, name := range files {
		raw, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if other(name) {
			raw = append(raw, 0)
		}
		m.Add(name, hhparquet.Sum{Size: int64(len(raw)), Digest: sha256.Sum256(raw)})
	}
	var b bytes.Buffer
	if _, err := m.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	written(t, dir, manifestName, b.String())
}

// TestBatchManifest: what a batch reads is what the manifest beside it names, as it is
// of every command: what all meters share, a meter's own contract and its readings,
// where the book does not state them.
func TestBatchManifest(t *testing.T) {
	s := newShop(t, 3)
	span := settlement.Days(dayOf(t, "2025-10-01"), dayOf(t, "2025-11-01"))
	agreed := series.NewCube(nil, series.Contract(), []settlement.Run{settlement.Untagged}, span)
	for p := span.Lo; p < span.Hi; p++ {
		agreed.Frame(settlement.Untagged).Set(series.ContractPrice, p, 1_000, 0)
	}
	for _, name := range []string{"own.parquet", "shared.parquet"} {
		var raw bytes.Buffer
		if _, err := hhparquet.NewWriter().Write(&raw, settlement.MPAN{}, agreed); err != nil {
			t.Fatal(err)
		}
		s.write(t, name, raw.String())
	}
	book, err := os.ReadFile(s.path("book.csv"))
	if err != nil {
		t.Fatal(err)
	}
	all := []string{"market.parquet", "shared.parquet", "own.parquet", "m000.parquet", "m001.parquet", "m002.parquet"}
	for _, x := range []struct {
		other, want string
		args        []string
		own         bool
	}{
		{"", "", []string{"--contract", s.path("shared.parquet")}, false},
		{"", "", nil, true},
		{"market.parquet", "market.parquet: not the bytes", nil, false},
		{"shared.parquet", "shared.parquet: not the bytes", []string{"--contract", s.path("shared.parquet")}, false},
		{"own.parquet", "book.csv:3: own.parquet: not the bytes", nil, true},
		{"m001.parquet", "book.csv:3: m001.parquet: not the bytes its digest is of: want the bytes whose SHA-256 the manifest beside it states", nil, false},
		{"m000.parquet", "", nil, false}, // the book states another, which it has
	} {
		s.write(t, "book.csv", string(book))
		if x.own {
			s.write(t, "book.csv", "readings,supply,tariff,contract\nm000.parquet,m000.toml,tariff.toml,\nm001.parquet,m001.toml,tariff.toml,own.parquet\n")
		}
		manifestFor(t, s.dir, func(name string) bool { return name == x.other }, all...)
		code, out, errs := s.hh(x.args...)
		if x.want == "" && code != exitFine || x.want != "" && (code != exitData || !strings.Contains(errs, x.want) || !strings.Contains(errs, "damaged, cut short or replaced since")) {
			t.Errorf("other %q: exit %d: %s", x.other, code, errs)
		}
		if shared := x.other == "market.parquet" || x.other == "shared.parquet"; shared && out != "" {
			t.Errorf("%s: totals\n%s", x.other, out)
		}
	}
	// A file that the manifest names is held to it whatever it has become: a table, too.
	manifestFor(t, s.dir, func(string) bool { return false }, all...)
	table := "date,period,contract-price\n2025-10-01,1,5\n"
	for name, args := range map[string][]string{"own.parquet": nil, "shared.parquet": {"--contract", s.path("shared.parquet")}} {
		before, err := os.ReadFile(s.path(name))
		if err != nil {
			t.Fatal(err)
		}
		s.write(t, "book.csv", string(book))
		if args == nil {
			s.write(t, "book.csv", "readings,supply,tariff,contract\nm000.parquet,m000.toml,tariff.toml,\nm001.parquet,m001.toml,tariff.toml,own.parquet\n")
		}
		s.write(t, name, table)
		if code, _, errs := s.hh(args...); code != exitData || !strings.Contains(errs, name+": not the bytes") {
			t.Errorf("%s became a table: exit %d: %s", name, code, errs)
		}
		bill := []string{"bill", s.path("m001.parquet"), "--supply", s.path("m001.toml"), "--tariff", s.path("tariff.toml"), "--market", s.path("market.parquet"), "--contract", s.path(name), "--month", "2025-10"}
		if code, _, errs := hh(bill...); code != exitData || !strings.Contains(errs, name+": not the bytes") {
			t.Errorf("bill, %s became a table: exit %d: %s", name, code, errs)
		}
		s.write(t, name, string(before))
	}
	s.write(t, "book.csv", string(book))
	// What was done before stands only while it is what the manifest names.
	s.write(t, "book.csv", string(book))
	none := func(string) bool { return false }
	manifestFor(t, s.dir, none, all...)
	out := s.path("o")
	s.must(t, "--out", out)
	manifestFor(t, s.dir, func(name string) bool { return name == "m001.parquet" }, all...)
	if code, _, errs := s.hh("--out", out); code != exitData || !strings.Contains(errs, "m001.parquet: not the bytes") {
		t.Errorf("done before: exit %d: %s", code, errs)
	}
	s.write(t, manifestName, "halfhour manifest 2\nend 0 00\n")
	if code, _, errs := s.hh(); code != exitData || !strings.Contains(errs, manifestName) {
		t.Errorf("a damaged manifest: exit %d: %s", code, errs)
	}
}

// TestBatchSharedOnce: the checkpoint names the market that was priced with, whatever
// stands in its place since, and it is enough that the market can be read once.
func TestBatchSharedOnce(t *testing.T) {
	s := newShop(t, 1)
	raw, err := os.ReadFile(s.path("market.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	_, digest, err := shared([]string{s.path("market.parquet")}, series.Market(), settlement.Days(dayOf(t, "2025-10-01"), dayOf(t, "2025-11-01")))
	want := fmt.Sprintf("%x", sha256.Sum256(fmt.Appendf(raw, "\n%d\n", len(raw))))
	if err != nil || digest != want {
		t.Errorf("digest %s, want %s: %v", digest, want, err)
	}
	s.must(t, "--out", s.path("o"))
	kept, err := os.ReadFile(s.path("o/checkpoint"))
	if err != nil || !strings.Contains(string(kept), "market="+want) {
		t.Errorf("%v: the checkpoint does not name the market", err)
	}
}

// TestManifestsOnce: a folder's manifest is read once for all its files, and as many
// are kept as may be.
func TestManifestsOnce(t *testing.T) {
	dir, m := t.TempDir(), new(manifests)
	written(t, dir, "a", "x")
	manifestFor(t, dir, func(string) bool { return false }, "a")
	path := filepath.Join(dir, "a")
	for range 2 {
		if sum, err := statedBy(m.of, path); err != nil || sum == nil || sum.Size != 1 {
			t.Fatal(sum, err)
		}
		os.Remove(filepath.Join(dir, manifestName)) // which was read
	}
	for i := range 2 * maxManifests {
		if _, err := m.of(filepath.Join(dir, fmt.Sprint(i))); err != nil || len(m.held) > maxManifests {
			t.Fatal(len(m.held), err)
		}
	}
}
