package bench

import (
	"bytes"
	"hash/fnv"
	"testing"

	"github.com/halfhour/halfhour/internal/sample"
	"github.com/halfhour/halfhour/revisions"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/series/hhparquet"
)

// filed is a meter's file of a year as settlement leaves it, with what reading it
// to totals needs.
type filed struct {
	*fused
	file   []byte
	reader *hhparquet.Reader
	cube   *series.Cube
}

func file(tb testing.TB) *filed {
	f := &filed{fused: fuse(tb), reader: hhparquet.NewReader(hhparquet.Limits{}), cube: series.NewCube(nil, series.Meter(), Runs(), Year())}
	readings := sample.Meter(seed, Year(), sample.AsOf(day("2026-06-30")))
	if _, err := series.Collect(f.cube, sample.MPAN(), readings); err != nil {
		tb.Fatal(err)
	}
	var b bytes.Buffer
	if _, err := hhparquet.NewWriter().Write(&b, sample.MPAN(), f.cube); err != nil {
		tb.Fatal(err)
	}
	f.file = b.Bytes()
	return f
}

// total reads, reconciles, adjusts and totals.
func (f *filed) total(tb testing.TB) {
	if err := f.reader.LoadBytes("meter", f.file, nil); err != nil {
		tb.Fatal(err)
	}
	if _, err := f.reader.Into(f.cube, hhparquet.Want{Latest: true}); err != nil {
		tb.Fatal(err)
	}
	revisions.Latest().Into(f.latest[0], &f.reports[0], f.cube)
	f.adjust(tb)
	f.fused.total(tb)
}

// BenchmarkFile is a meter's Parquet file to the totals of its bill by month.
func BenchmarkFile(b *testing.B) {
	f := file(b)
	measure(b, f.points(), len(f.file), func() uint64 {
		h := fnv.New64a()
		HashTotals(h, f.schedule.Schema(), &f.totals)
		return h.Sum64()
	}, func() { f.total(b) })
}

func TestAllocsFile(t *testing.T) {
	f := file(t)
	none(t, "a file to totals", func() { f.total(t) })
}
