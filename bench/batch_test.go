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

// BenchmarkBatch prices forty meter-years in bulk, from eight files in memory that
// are held to their sums, with one goroutine that loads and one that prices.
// bench/cmd/bulk does the same from as many files as there are.
func BenchmarkBatch(b *testing.B) {
	const meters, files = 40, 8
	fleet, tariff := NewFleet(AllLanded, seed), Tariff()
	var raw [files][]byte
	var sums [files]hhparquet.Sum
	var supplies [files]*tariffs.Supply
	for i := range raw {
		var out bytes.Buffer
		var err error
		if sums[i], err = fleet.WriteMeter(&out, i); err != nil {
			b.Fatal(err)
		}
		raw[i], supplies[i] = out.Bytes(), fleet.Supply(i)
	}
	batch := halfhour.Batch{Span: Year(), Runs: Runs(), Class: halfhour.LossClass{Distributor: 14, LLFC: "H02"}, Market: fleet.Market(), Contract: fleet.Contract(), Meters: meters, Workers: 1}
	batch.Loader = func() halfhour.Loader {
		r := hhparquet.NewReader(hhparquet.Limits{})
		want := hhparquet.Want{Span: Year(), Lines: []series.Line{series.AI, series.RI, series.RE}, Latest: true}
		return func(i int, dst, _ *series.Cube) (halfhour.Loaded, error) {
			i %= files
			out := halfhour.Loaded{Name: "meter", Supply: supplies[i], Tariff: tariff}
			if err := r.LoadBytes("meter", raw[i], &sums[i]); err != nil {
				return out, err
			}
			t, err := r.Into(dst, want)
			out.Values = t.Values
			return out, err
		}
	}
	var totals *halfhour.Portfolio
	batch.Done = func(p *halfhour.Priced) error { return totals.Add("", p.Amounts) }
	measure(b, meters*Items*len(Runs())*Year().Len(), meters*len(raw[0]), func() uint64 {
		h := fnv.New64a()
		if err := totals.WriteCSV(h); err != nil {
			b.Fatal(err)
		}
		return h.Sum64()
	}, func() {
		totals = halfhour.NewPortfolio(halfhour.BucketsOf(halfhour.ByMonth, Year()), "", 0)
		if res, err := halfhour.RunBatch(context.Background(), batch); err != nil || res.Priced != meters {
			b.Fatalf("%v, %v", res, err)
		}
	})
}
