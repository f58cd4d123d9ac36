package bench

import (
	"bytes"
	"context"
	"hash/fnv"
	"testing"

	"github.com/halfhour/halfhour"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/series/hhparquet"
	"github.com/halfhour/halfhour/tariffs"
)

// batched is many meter-years priced in bulk, round and round a few files, each held
// to its sum.
type batched struct {
	halfhour.Batch
	files    []batchFile
	totals   *halfhour.Portfolio
	supplies []*tariffs.Supply
}

// batchFile is a meter's file, in memory or, with open, on the disk.
type batchFile struct {
	sum  hhparquet.Sum
	raw  []byte
	open series.Opener
}

// batchFiles is how many files there are.
const batchFiles = 8

// filesOf makes the files of a fleet.
func filesOf(tb testing.TB, fleet *Fleet) []batchFile {
	tb.Helper()
	all := make([]batchFile, batchFiles)
	for i := range all {
		var out bytes.Buffer
		sum, err := fleet.WriteMeter(&out, i)
		if err != nil {
			tb.Fatal(err)
		}
		all[i] = batchFile{sum: sum, raw: out.Bytes()}
	}
	return all
}

func newBatched(fleet *Fleet, files []batchFile, meters, workers int) *batched {
	b := &batched{files: files, Batch: halfhour.Batch{Span: Year(), Runs: Runs(), Class: halfhour.LossClass{Distributor: 14, LLFC: "H02"},
		Market: fleet.Market(), Contract: fleet.Contract(), Meters: meters, Workers: workers}}
	for i := range files {
		b.supplies = append(b.supplies, fleet.Supply(i))
	}
	tariff := Tariff()
	b.Loader = func() halfhour.Loader {
		r := hhparquet.NewReader(hhparquet.Limits{})
		return func(i int, dst, _ *series.Cube) (halfhour.Loaded, error) {
			i %= len(b.files)
			out := halfhour.Loaded{Name: "meter", Supply: b.supplies[i], Tariff: tariff}
			if err := b.files[i].load(r); err != nil {
				return out, err
			}
			t, err := r.Into(dst, hhparquet.Want{Span: Year(), Lines: batchLines, Latest: true})
			out.Values = t.Values
			return out, err
		}
	}
	b.Done = func(p *halfhour.Priced) error { return b.totals.Add("", p.Amounts) }
	return b
}

// batchLines are the lines a supply is charged on.
var batchLines = []series.Line{series.AI, series.RI, series.RE}

func (f *batchFile) load(r *hhparquet.Reader) error {
	if f.open == nil {
		return r.LoadBytes("meter", f.raw, &f.sum)
	}
	src, err := f.open()
	if err != nil {
		return err
	}
	defer src.Close()
	return r.Load("meter", src, &f.sum)
}

// run prices all of them.
func (b *batched) run(tb testing.TB) {
	b.totals = halfhour.NewPortfolio(halfhour.BucketsOf(halfhour.ByMonth, Year()), "", 0)
	if res, err := halfhour.RunBatch(context.Background(), b.Batch); err != nil || res.Priced != b.Meters {
		tb.Fatalf("%+v, %v", res, err)
	}
}

func (b *batched) hash(tb testing.TB) uint64 {
	h := fnv.New64a()
	if err := b.totals.WriteCSV(h); err != nil {
		tb.Fatal(err)
	}
	return h.Sum64()
}

// BenchmarkBatch prices forty meter-years in bulk, from eight files in memory that
// are held to their sums, with one goroutine that loads and one that prices.
// bench/cmd/bulk does the same from as many files as there are.
func BenchmarkBatch(b *testing.B) {
	fleet := NewFleet(AllLanded, seed)
	x := newBatched(fleet, filesOf(b, fleet), 40, 1)
	measure(b, x.Meters*Items*len(Runs())*Year().Len(), x.Meters*len(x.files[0].raw), func() uint64 { return x.hash(b) }, func() { x.run(b) })
}
