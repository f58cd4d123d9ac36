package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/halfhour/halfhour"
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
	for k, args := range [][]string{{"--workers", "3"}, {"--cells"}, {"--workers", "5", "--cells"}} {
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
	if err != nil || len(m.Names()) != 3 {
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

// TestBatchIsBills: the totals of all meters are the bills' lines before rounding.
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

// TestBatchResumes: a checkpoint cut at any byte goes on to the same files.
func TestBatchResumes(t *testing.T) {
	s := newShop(t, 5)
	s.must(t, "--out", s.path("whole"))
	want := files(t, s.path("whole"))
	kept, err := os.ReadFile(s.path("whole/checkpoint"))
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	cuts := []int{0, 1, len(kept) - 1, len(kept), bytes.IndexByte(kept, '\n'), bytes.IndexByte(kept, '\n') + 1}
	for range 12 {
		cuts = append(cuts, random.IntN(len(kept)))
	}
	for _, cut := range cuts {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, checkpointName), kept[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		s.must(t, "--out", dir)
		if files(t, dir) != want {
			t.Errorf("cut at %d of %d: other files", cut, len(kept))
		}
	}
	dir := t.TempDir() // all done, and the beginning of a line after that
	if err := os.WriteFile(filepath.Join(dir, checkpointName), append(slices.Clone(kept), "meter\tm0"...), 0o600); err != nil {
		t.Fatal(err)
	}
	s.must(t, "--out", dir)
	if left, err := os.ReadFile(filepath.Join(dir, checkpointName)); err != nil || !bytes.Equal(left, kept) {
		t.Error("a line that was cut short is still there")
	}
	for range 40 { // one byte of it changed: refused, or, at the end, dropped
		at, dir := random.IntN(len(kept)), t.TempDir()
		bad := slices.Clone(kept)
		bad[at] ^= 1 << random.IntN(8)
		if err := os.WriteFile(filepath.Join(dir, checkpointName), bad, 0o600); err != nil {
			t.Fatal(err)
		}
		if code, _, errs := s.hh("--out", dir); code == 0 && files(t, dir) != want || code != 0 && !strings.Contains(errs, "checkpoint:") {
			t.Errorf("byte %d changed: exit %d: %s", at, code, errs)
		}
	}
}

// TestBatchChanges: what a meter was made from must still be so: it is priced again
// where its own files changed, and nothing is where what all share did.
func TestBatchChanges(t *testing.T) {
	s := newShop(t, 5)
	s.must(t, "--out", s.path("o"))
	code, _, errs := s.hh("--out", s.path("o"))
	if code != 0 || !strings.Contains(errs, "5 of 5 meters were done before and stand\n") {
		t.Fatalf("again: exit %d: %s", code, errs)
	}
	s.write(t, "m002.toml", supplyText(mpanOf(t, 2), 999, "site 9"))
	if code, _, errs = s.hh("--out", s.path("o")); code != 0 || !strings.Contains(errs, "4 of 5 meters were done before and stand; 1 are priced again") {
		t.Fatalf("a supply changed: exit %d: %s", code, errs)
	}
	s.must(t, "--out", s.path("fresh"))
	if files(t, s.path("o")) != files(t, s.path("fresh")) {
		t.Error("a changed supply: other files than from the start")
	}
	for name, args := range map[string][]string{
		"view": {"--run", "SF"}, "by": {"--by", "item,day"}, "rules": {"--gaps"}, "days": {"--month", "", "--first", "2025-10-01", "--last", "2025-10-30"}, "market": {"--market", s.path("other.csv")},
	} {
		all := append(slices.Clone(s.args), "--out", s.path("o"))
		switch name {
		case "days":
			at := slices.Index(all, "--month")
			all = slices.Delete(all, at, at+2)
			args = args[2:]
		case "by":
			at := slices.Index(all, "--by")
			all = slices.Delete(all, at, at+2)
		case "market":
			s.write(t, "other.csv", "date,period,run,rcrc\n2025-10-01,1,DF,0.5\n")
		}
		var o, e bytes.Buffer
		code := run(context.Background(), append(all, args...), &o, &e)
		if code != exitData || !strings.Contains(e.String(), "the same "+name) || o.Len() > 0 {
			t.Errorf("another %s: exit %d: %s", name, code, e.String())
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

// TestBatchKilled stops a real process at random, gently and not, again and again
// until it is done: it comes to the files of one that was not stopped.
func TestBatchKilled(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no signals there")
	}
	s := newShop(t, 60)
	begun := time.Now()
	s.child(t, s.path("whole"), nil, 0)
	took := time.Since(begun)
	want := files(t, s.path("whole"))
	random := rand.New(rand.NewPCG(3, uint64(time.Now().UnixNano())))
	stops, partly := 0, 0
	for round := range 6 {
		dir := s.path(fmt.Sprintf("killed%d", round))
		for attempt := 0; ; attempt++ {
			var signal os.Signal
			if attempt < 5 {
				signal = []os.Signal{os.Interrupt, syscall.SIGKILL}[random.IntN(2)]
			}
			if s.child(t, dir, signal, time.Duration(random.Int64N(int64(took)))) {
				break
			}
			stops++
			kept, _ := os.ReadFile(filepath.Join(dir, checkpointName))
			if n := bytes.Count(kept, []byte("\nmeter")); n > 0 && n < 60 {
				partly++
			}
			if _, err := os.Stat(filepath.Join(dir, manifestName)); err == nil && signal == os.Interrupt {
				t.Error("stopped, and yet there is a manifest")
			}
		}
		if got := withoutTemp(t, dir); got != want {
			t.Errorf("round %d: other files than of one that was not stopped", round)
		}
	}
	t.Logf("a run takes %v; stopped %d times, %d of them with some meters done", took, stops, partly)
	if stops == 0 {
		t.Error("no process was stopped: nothing was tested")
	}
}

// withoutTemp are a folder's files but for those that a kill left under other names.
func withoutTemp(t *testing.T, dir string) string {
	left, err := filepath.Glob(filepath.Join(dir, ".*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range left {
		os.Remove(name)
	}
	return files(t, dir)
}

// child runs the command as a process and, with a signal, stops it after a while. It
// reports whether it came to its end.
func (s *shop) child(t *testing.T, out string, signal os.Signal, after time.Duration) bool {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childArgs+"="+strings.Join(append(slices.Clone(s.args), "--out", out, "--workers", "1"), "\n"))
	var errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = io.Discard, &errs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if signal != nil {
		time.Sleep(after)
		cmd.Process.Signal(signal)
	}
	err := cmd.Wait()
	switch {
	case err == nil:
		return true
	case signal == nil:
		t.Fatalf("%v: %s", err, errs.String())
	case signal == os.Interrupt && cmd.ProcessState.Exited() && !strings.Contains(errs.String(), "stopped"):
		t.Errorf("interrupted: %s", errs.String())
	}
	return false
}

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
	same := map[string]string{}
	for _, file := range []string{"c.csv", "c.parquet"} {
		s.write(t, "book.csv", "readings,supply,tariff,contract\nm000.parquet,m000.toml,tariff.toml,"+file+"\nm001.parquet,m001.toml,tariff.toml,"+file+"\n")
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
		s.write(t, "book.csv", "readings,supply,tariff\n"+name+",m000.toml,tariff.toml\nm001.parquet,m001.toml,tariff.toml\n")
		out[i] = s.must(t, "--csv", "long,start,london,kwh")
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

// TestBatchAlone: two batches do not write to one folder at once.
func TestBatchAlone(t *testing.T) {
	s := newShop(t, 1)
	s.must(t, "--out", s.path("o"))
	f, err := os.OpenFile(s.path("o/checkpoint"), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := lock(f); err != nil {
		t.Fatal(err)
	}
	if code, _, errs := s.hh("--out", s.path("o")); code != exitData || !strings.Contains(errs, "another hh batch") {
		t.Errorf("exit %d: %s", code, errs)
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
	for n, want := range map[int64]string{7: "7", 999: "999", 1000: "1.00k", 52_560: "52k", 4_190_000_000: "4.19G", 41_900_000_000: "41G"} {
		if got := brief(n); got != want {
			t.Errorf("%d is %s, want %s", n, got, want)
		}
	}
}
