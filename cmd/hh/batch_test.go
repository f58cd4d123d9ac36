package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/halfhour/halfhour/internal/sample"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/series/hhparquet"
	"github.com/halfhour/halfhour/settlement"
)

// childArgs makes the test's own program the command: a real process to be stopped.
const childArgs = "HH_TEST_BATCH"

func TestMain(m *testing.M) {
	if args := os.Getenv(childArgs); args != "" {
		os.Args = append([]string{"hh"}, strings.Split(args, "\n")...)
		main()
	}
	os.Exit(m.Run())
}

// shop is a folder with a book of meters of October 2025, and what they need.
type shop struct {
	dir  string
	args []string
}

func (s *shop) path(name string) string { return filepath.Join(s.dir, name) }

func (s *shop) write(t testing.TB, name, text string) {
	t.Helper()
	if err := os.WriteFile(s.path(name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func mpanOf(t testing.TB, i int) settlement.MPAN {
	t.Helper()
	first := fmt.Sprintf("14%010d", i)
	digit, errD := settlement.CheckDigit(first)
	m, err := settlement.ParseMPAN(fmt.Sprintf("%s%d", first, digit))
	if err != nil || errD != nil {
		t.Fatal(err, errD)
	}
	return m
}

func supplyText(m settlement.MPAN, kva int, site string) string {
	return fmt.Sprintf("version = 1\nmpan = %q\ndistributor = \"14\"\nllfc = \"H02\"\ngsp_group = \"_E\"\ntnuos_band = \"HV2\"\n\n[[capacity]]\nfrom = 2025-04-01\nkva = \"%d\"\n\n[tags]\nsite = %q\n", m, kva, site)
}

// newShop makes n meters.
func newShop(t testing.TB, n int) *shop {
	t.Helper()
	s := &shop{dir: t.TempDir()}
	from, err := settlement.ParseDay("2025-10-01")
	if err != nil {
		t.Fatal(err)
	}
	span := from.Month().Span()
	w, c := hhparquet.NewWriter(), series.NewCube(nil, series.Meter(), sample.Runs(), span)
	parts := strings.Split(string(sample.Tariff()), "\n[[rate]]")
	parts = slices.DeleteFunc(parts, func(p string) bool { return strings.Contains(p, "\"energy-imbalance\"") })
	s.write(t, "tariff.toml", strings.Join(parts, "\n[[rate]]"))
	market := series.NewCube(nil, series.Market(), append([]settlement.Run{settlement.Untagged}, sample.Runs()...), span)
	if _, err := series.Collect(market, settlement.MPAN{}, sample.Market(sample.Seed, span, sample.All)); err != nil {
		t.Fatal(err)
	}
	var raw bytes.Buffer
	if _, err := w.Write(&raw, settlement.MPAN{}, market); err != nil {
		t.Fatal(err)
	}
	s.write(t, "market.parquet", raw.String())
	book := "readings,supply,tariff,sha256\n"
	for i := range n {
		c.Reset(span)
		if _, err := series.Collect(c, sample.MPAN(), sample.Meter(sample.Seed+uint64(i), span, sample.All)); err != nil {
			t.Fatal(err)
		}
		raw.Reset()
		sum, err := w.Write(&raw, mpanOf(t, i), c)
		if err != nil {
			t.Fatal(err)
		}
		s.write(t, fmt.Sprintf("m%03d.parquet", i), raw.String())
		s.write(t, fmt.Sprintf("m%03d.toml", i), supplyText(mpanOf(t, i), 400+10*i, fmt.Sprintf("site %d", i%5)))
		digest := ""
		if i%2 == 0 {
			digest = fmt.Sprintf("%x", sum.Digest)
		}
		book += fmt.Sprintf("m%03d.parquet,m%03d.toml,tariff.toml,%s\n", i, i, digest)
	}
	s.write(t, "book.csv", book)
	s.args = []string{"batch", s.path("book.csv"), "--market", s.path("market.parquet"), "--llf-of", "14/H02", "--month", "2025-10", "--by", "item,month,site"}
	return s
}

// hh runs the command in this process.
func (s *shop) hh(args ...string) (code int, out, errs string) {
	var o, e bytes.Buffer
	code = run(context.Background(), append(slices.Clone(s.args), args...), &o, &e)
	return code, o.String(), e.String()
}

// must runs it and wants no error.
func (s *shop) must(t testing.TB, args ...string) string {
	t.Helper()
	code, out, errs := s.hh(args...)
	if code != 0 {
		t.Fatalf("exit %d: %s", code, errs)
	}
	return out
}

// files are what a batch wrote, but for its checkpoint.
func files(t testing.TB, dir string) string {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, f := range list {
		if f.Name() == checkpointName {
			continue
		}
		b, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&all, "== %s\n%s\n", f.Name(), b)
	}
	return all.String()
}

// TestBatchWorkers: what is printed and written does not depend on the workers, the
// route, a folder to write to, or the order of the book.
func TestBatchWorkers(t *testing.T) {
	s := newShop(t, 7)
	want := s.must(t, "--out", s.path("o1"), "--workers", "1")
	if code, _, errs := s.hh("--workers", "100000"); code != exitUsage || !strings.Contains(errs, "at most 256") {
		t.Errorf("100000 workers: exit %d: %s", code, errs)
	}
	for k, args := range [][]string{{"--workers", "3"}, {"--workers", "256"}, {"--cells"}, {"--workers", "5", "--cells"}} {
		dir := s.path(fmt.Sprintf("o2-%d", k))
		if got := s.must(t, append(args, "--out", dir)...); got != want {
			t.Errorf("%v prints otherwise", args)
		}
		if files(t, dir) != files(t, s.path("o1")) {
			t.Errorf("%v writes otherwise", args)
		}
	}
	if got := s.must(t); got != want {
		t.Error("prints otherwise without --out")
	}
	if !strings.Contains(want, "7 meters, 2025-10-01 to 2025-10-31, view latest") || !strings.Contains(want, "site: site 4") {
		t.Errorf("printed:\n%s", want)
	}
	text, err := os.ReadFile(s.path("o1/manifest"))
	if err != nil {
		t.Fatal(err)
	}
	m, err := hhparquet.ReadManifest("manifest", bytes.NewReader(text))
	if err != nil || len(m.Names()) != 4 {
		t.Fatal(err, m)
	}
	for _, name := range m.Names() {
		f, err := os.Open(s.path("o1/" + name))
		if err != nil {
			t.Fatal(err)
		}
		if err := m.Verify(name, f); err != nil {
			t.Error(err)
		}
		f.Close()
	}
}

// TestBatchPrints: JSON is printed as it is written, with line ends and spaces, and
// meters without the tag have a total that says so.
func TestBatchPrints(t *testing.T) {
	s := newShop(t, 3)
	s.write(t, "m001.toml", strings.Split(supplyText(mpanOf(t, 1), 400, ""), "\n[tags]")[0])
	printed := s.must(t, "--out", s.path("o"), "--format", "json")
	text, err := os.ReadFile(s.path("o/totals.json"))
	if err != nil {
		t.Fatal(err)
	}
	var want bytes.Buffer
	if err := json.Indent(&want, text, "", "  "); err != nil || want.String() != printed {
		t.Errorf("%v: printed:\n%.900s\nwritten, with spaces:\n%.900s", err, printed, want.String())
	}
	rows, err := os.ReadFile(s.path("o/totals.csv"))
	if err != nil || !strings.Contains(string(rows), "\nenergy-unit,2025-10,,") || !strings.Contains(string(text), `"bucket":"2025-10","value":null,"pounds":`) {
		t.Errorf("%v: of no site:\n%.900s", err, rows)
	}
	if out := s.must(t); !strings.Contains(out, "\nsite: not stated\n  energy-unit") {
		t.Errorf("printed:\n%s", out)
	}
}

// TestBatchBuckets: every bucket and key that --by names, and no other word.
func TestBatchBuckets(t *testing.T) {
	s := newShop(t, 3)
	for _, by := range []string{"item,day", "item,half-hour,meter", "month,item,gsp-group", "tariff,item,month", "item,month,distributor"} {
		if out := s.must(t, "--by", by); len(out) < 1000 {
			t.Errorf("--by %s: %s", by, out)
		}
	}
	for _, by := range []string{"item", "month", "item,month,day", "item,month,site,meter", "item,month,Site", "item,item,month", ""} {
		if code, _, errs := s.hh("--by", by); code != exitUsage || !strings.Contains(errs, "--by") {
			t.Errorf("--by %q: exit %d: %s", by, code, errs)
		}
	}
}

// TestBatchFails: a batch with meters that fail says so everywhere, and is whole once
// they are put right.
func TestBatchFails(t *testing.T) {
	s := newShop(t, 6)
	s.must(t, "--out", s.path("whole"))
	good, err := os.ReadFile(s.path("m002.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	bad := slices.Clone(good)
	bad[len(bad)/2] ^= 4
	s.write(t, "m002.parquet", string(bad))
	if err := os.Rename(s.path("m003.toml"), s.path("gone")); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(s.path("m005.parquet"), s.path("gone2")); err != nil {
		t.Fatal(err)
	}
	code, out, errs := s.hh("--out", s.path("o"))
	for _, want := range []string{"book.csv:4: m002.parquet", "book.csv:5: ", "book.csv:7: ", "3 of 6 meters are not in the totals"} {
		if code != exitData || !strings.Contains(errs, want) {
			t.Errorf("exit %d: want %q in %s", code, want, errs)
		}
	}
	if !strings.Contains(out, "NOT WHOLE: 3 of 6 meters") || !strings.Contains(out, "site: site 4\n") {
		t.Errorf("printed:\n%s", out)
	}
	rows, err := os.ReadFile(s.path("o/totals.csv"))
	if err != nil {
		t.Fatal(err)
	}
	// Of site 0 are m000 and m005, whose readings are gone; which site m003 is of
	// nobody knows, so that every total may lack it.
	for _, want := range []string{"site 0,", "site 4,"} {
		for line := range strings.Lines(string(rows)) {
			lacks := map[string]string{"site 0,": ",2\n", "site 4,": ",1\n"}[want]
			if strings.Contains(line, want) && !strings.HasSuffix(line, lacks) {
				t.Errorf("%q: want it to end in %q", line, lacks)
			}
		}
	}
	if failed, _ := os.ReadFile(s.path("o/failed.csv")); bytes.Count(failed, []byte("\n")) != 4 {
		t.Errorf("failed.csv:\n%s", failed)
	}
	s.write(t, "m002.parquet", string(good))
	os.Rename(s.path("gone"), s.path("m003.toml"))
	os.Rename(s.path("gone2"), s.path("m005.parquet"))
	s.must(t, "--out", s.path("o"))
	if files(t, s.path("o")) != files(t, s.path("whole")) {
		t.Error("put right: other files than from the start")
	}
	for _, n := range []string{"0", "-1"} {
		if code, _, _ := s.hh("--max-failed", n); code != exitUsage {
			t.Errorf("--max-failed %s: exit %d", n, code)
		}
	}
}

// TestBatchTooManyFail: a batch that too many failures end lists those there were, by
// their lines of the book, as one that comes to its end does.
func TestBatchTooManyFail(t *testing.T) {
	s := newShop(t, 4)
	s.must(t, "--out", s.path("o"))
	for _, i := range []int{1, 3} { // the first stands: places among what is left are not lines
		s.write(t, fmt.Sprintf("m%03d.toml", i), "version = 1\n")
	}
	code, _, errs := s.hh("--out", s.path("o"), "--max-failed", "1", "--workers", "1")
	failed, err := os.ReadFile(s.path("o/failed.csv"))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"3", "5"} {
		if code != exitData || !strings.Contains(errs, "book.csv:"+line+": ") || !strings.Contains(string(failed), "\n"+line+",m00") {
			t.Errorf("exit %d: line %s is not named: %s\n%s", code, line, errs, failed)
		}
	}
	if strings.Contains(errs, "meter 1 (") {
		t.Errorf("a place that is no line of the book: %s", errs)
	}
}

// TestBatchUnused: flags that nothing would come of are refused, and so are more totals
// than can be held, before a meter is priced.
func TestBatchUnused(t *testing.T) {
	s := newShop(t, 1)
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"--loose-end"}, "--loose-end"}, {[]string{"--tag", "SF"}, "--tag"}, {[]string{"--round"}, "--round"},
		{[]string{"--csv", "long,start,london,kwh"}, "the book has Parquet alone, which states all three: leave them out"},
	} {
		if code, _, errs := s.hh(c.args...); code != exitUsage || !strings.Contains(errs, c.want) {
			t.Errorf("%v: exit %d: %s", c.args, code, errs)
		}
	}
	args := s.args
	s.args = slices.Clone(args)
	s.args[slices.Index(args, "2025-10")] = "2025-09"
	if code, _, errs := s.hh(); code != exitData || !strings.Contains(errs, "market lines of some half-hour") {
		t.Errorf("a market of another month: exit %d: %s", code, errs)
	}
	s.args = args
	var o, e bytes.Buffer
	if code := run(context.Background(), []string{"batch", s.path("book.csv"), "--llf-of", "14/H02", "--month", "2025-10"}, &o, &e); code != exitUsage || !strings.Contains(e.String(), "no --market") {
		t.Errorf("a class without a market: exit %d: %s", code, e.String())
	}
	o.Reset()
	e.Reset()
	if code := run(context.Background(), []string{"batch", s.path("book.csv"), "--market", s.path("market.parquet"), "--month", "2025-10"}, &o, &e); code != exitUsage || !strings.Contains(e.String(), "(--llf-of 14/H02)") {
		t.Errorf("loss factors of nobody knows which class: exit %d: %s", code, e.String())
	}
	book := "readings,supply,tariff\n"
	for i := range 2_689 { // of 1,490 half-hours
		book += fmt.Sprintf("m%d,s%d,t\n", i, i)
	}
	s.write(t, "book.csv", book)
	s.args = s.args[:len(s.args)-2]
	if code, _, errs := s.hh("--by", "item,half-hour,meter"); code != exitUsage || !strings.Contains(errs, "at least 4006610 totals, at most 4000000") {
		t.Errorf("too many totals: exit %d: %s", code, errs)
	}
}

// TestBatchByWords: the order of the words of --by changes nothing.
func TestBatchByWords(t *testing.T) {
	s := newShop(t, 2)
	s.must(t, "--out", s.path("o"))
	if code, _, errs := s.hh("--out", s.path("o"), "--by", "month, item,site"); code != 0 || !strings.Contains(errs, "2 of 2 meters were done before") {
		t.Errorf("exit %d: %s", code, errs)
	}
}

// TestBatchBook: a book's mistakes are located, and a meter is never counted twice.
func TestBatchBook(t *testing.T) {
	s := newShop(t, 2)
	for _, c := range []struct{ book, want string }{
		{"", "book.csv:1"},
		{"a,b,c\n", "book.csv:1"},
		{"readings,supply,tariff\n", "at least one meter"},
		{"readings,supply,tariff\nx,y\n", "book.csv:2"},
		{"readings,supply,tariff\n,y,z\n", "book.csv:2:1"},
		{"readings,supply,tariff\nx,,z\n", "book.csv:2:3"},
		{"readings,supply,tariff\nx,y,z\nx2,y,z\n", "book.csv:3:4"},
		{"readings,supply,tariff,sha256\nx,y,z,12\n", "book.csv:2:7"},
		{"readings,supply,tariff\n\"x\ty\",y,z\n", "book.csv:2"},
		{"readings,supply,tariff\nm000.parquet,m001.toml,tariff.toml\n", "book.csv:2: m000.parquet"},
		{"readings,supply,tariff,sha256\nm000.parquet,m000.toml,tariff.toml," + strings.Repeat("0", 64) + "\n", "whose SHA-256 the book states"},
		{"readings,supply,tariff\nm000.parquet,m000.toml,tariff.toml\nm000.parquet,./m000.toml,tariff.toml\n", "book.csv:3: meter stands twice 1400000000000: want each MPAN once"},
	} {
		s.write(t, "book.csv", c.book)
		want := strings.Replace(c.want, "1400000000000", mpanOf(t, 0).String(), 1)
		if code, out, errs := s.hh(); code != exitData || !strings.Contains(strings.ReplaceAll(errs, "\"", ""), want) {
			t.Errorf("%q: exit %d, %s%s; want %q", c.book, code, out, errs, want)
		}
	}
}

// TestBatchSupplyPlaced: what a supply states that cannot be is located in its file, of
// each supply its own, and in the book's line.
func TestBatchSupplyPlaced(t *testing.T) {
	s := newShop(t, 3)
	for i := range 2 { // one tariff, one distributor and one group: what is wrong is found once
		s.write(t, fmt.Sprintf("m%03d.toml", i), strings.Replace(strings.Repeat("# above\n", i)+supplyText(mpanOf(t, i), 400, "site"), "_E", "_A", 1))
	}
	s.write(t, "m002.toml", strings.Replace(supplyText(mpanOf(t, 2), 400, "site"), "_E", "_Z", 1))
	code, _, errs := s.hh()
	for _, want := range []string{
		"book.csv:2: m000.toml:2:1: bad supply \"_A\": distributor 14 is the area of group _E; state that group or another distributor",
		"book.csv:3: m001.toml:3:1: bad supply \"_A\": distributor 14",
		"book.csv:4: m002.toml:5:1: bad supply: not a GSP group \"_Z\"",
	} {
		if code != exitData || !strings.Contains(errs, want) {
			t.Errorf("exit %d: want %q in %s", code, want, errs)
		}
	}
}

// TestBatchMarketTwice: market lines that are given twice are no more than once, under
// one name or two; lines that differ are refused.
func TestBatchMarketTwice(t *testing.T) {
	s := newShop(t, 2)
	want := s.must(t)
	raw, err := os.ReadFile(s.path("market.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	s.write(t, "copy.parquet", string(raw))
	for _, name := range []string{"market.parquet", "copy.parquet"} {
		if got := s.must(t, "--market", s.path(name)); got != want {
			t.Errorf("%s: other totals", name)
		}
	}
	s.write(t, "other.csv", "date,period,run,tlm\n2025-10-01,1,II,0.5\n")
	if code, _, errs := s.hh("--market", s.path("other.csv")); code != exitData || !strings.Contains(errs, "other.csv:2") {
		t.Errorf("another figure: exit %d: %s", code, errs)
	}
}

// TestBatchHelp: wrong use is told where its help is.
func TestBatchHelp(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"batch"}, "hh: try hh --help, or hh batch --help\n"}, {[]string{"batch", "b.csv", "--nothing"}, "or hh batch --help\n"},
		{[]string{"rates", "--nothing"}, "or hh rates --help\n"}, {[]string{"nothing"}, "or hh bill --help\n"},
	} {
		var o, e bytes.Buffer
		if code := run(context.Background(), c.args, &o, &e); code != exitUsage || !strings.HasSuffix(e.String(), c.want) {
			t.Errorf("%v: exit %d: %s", c.args, code, e.String())
		}
	}
}

// TestProgressLine: the line is as wide whatever it says.
func TestProgressLine(t *testing.T) {
	p := newProgress(io.Discard, "pricing", 12_000, 525_600)
	for _, c := range []struct {
		done int64
		took time.Duration
		want string
	}{
		{0, time.Second, "pricing [....................] 0/12000 meters"},
		{6000, 10 * time.Second, "pricing [##########..........] 6000/12000 meters  315M points/s  10s left"},
		{12000, 10 * time.Second, "pricing [####################] 12000/12000 meters  630M points/s  0s left"},
	} {
		p.done.Store(c.done)
		if got := p.line(c.took); strings.TrimRight(got, " ") != c.want || len(got) != barWidth {
			t.Errorf("%q", got)
		}
	}
	p.stop()
	most := newProgress(io.Discard, "pricing", maxMeters, 30*350_640) // twenty years
	most.done.Store(maxMeters - 1)
	if got := most.line(time.Hour); !strings.Contains(got, " 2.92G points/s  0s left") {
		t.Errorf("%q", got)
	}
	most.stop()
	for n, want := range map[int64]string{7: "7", 999: "999", 1000: "1.00k", 52_560: "52k", 4_190_000_000: "4.19G", 41_900_000_000: "41G"} {
		if got := brief(n); got != want {
			t.Errorf("%d is %s, want %s", n, got, want)
		}
	}
}

// A spreadsheet's byte-order mark before a book is no part of it.
func TestBatchBookMark(t *testing.T) {
	s := newShop(t, 2)
	want := s.must(t)
	book, err := os.ReadFile(s.path("book.csv"))
	if err != nil {
		t.Fatal(err)
	}
	s.write(t, "book.csv", "\ufeff"+string(book))
	if got := s.must(t); got != want {
		t.Errorf("with a mark\n%s\nwant\n%s", got, want)
	}
}
