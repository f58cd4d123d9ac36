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

// filed is a meter's file of a year, with what reading it to totals needs.
type filed struct {
	*fused
	file   []byte
	sum    hhparquet.Sum
	reader *hhparquet.Reader
	cube   *series.Cube
}

func file(tb testing.TB, how Landing) *filed {
	f := &filed{fused: fuse(tb), reader: hhparquet.NewReader(hhparquet.Limits{}), cube: series.NewCube(nil, series.Meter(), Runs(), Year())}
	readings := sample.Meter(seed, Year(), how.landed())
	if _, err := series.Collect(f.cube, sample.MPAN(), readings); err != nil {
		tb.Fatal(err)
	}
	var b bytes.Buffer
	var err error
	if f.sum, err = hhparquet.NewWriter().Write(&b, sample.MPAN(), f.cube); err != nil {
		tb.Fatal(err)
	}
	f.file = b.Bytes()
	return f
}

// read reads what the latest may speak in.
func (f *filed) read(tb testing.TB, sum *hhparquet.Sum) {
	if err := f.reader.LoadBytes("meter", f.file, sum); err != nil {
		tb.Fatal(err)
	}
	if _, err := f.reader.Into(f.cube, hhparquet.Want{Latest: true}); err != nil {
		tb.Fatal(err)
	}
}

// total reads, reconciles, adjusts and totals.
func (f *filed) total(tb testing.TB) { f.totalHeld(tb, nil) }

// totalHeld is total of a file that is held to its sum, where one is given.
func (f *filed) totalHeld(tb testing.TB, sum *hhparquet.Sum) {
	f.read(tb, sum)
	revisions.Latest().Into(f.latest[0], &f.reports[0], f.cube)
	f.adjust(tb)
	f.fused.total(tb)
}

// BenchmarkFile is a meter's Parquet file, as settlement leaves it, to the totals of
// its bill by month.
func BenchmarkFile(b *testing.B) {
	f := file(b, InStairs)
	measure(b, f.points(), len(f.file), func() uint64 {
		h := fnv.New64a()
		HashTotals(h, f.schedule.Schema(), &f.totals)
		return h.Sum64()
	}, func() { f.total(b) })
}

// TestRatioFile is the same of a file of which every run has landed and which is held
// to its SHA-256, as a batch does with each of its meters.
func TestRatioFile(t *testing.T) {
	f := file(t, AllLanded)
	copied := f.copying()
	t.Logf("not held to its sum: %.2f × copy", ratio(t, func() { f.total(t) }, copied))
	guard(t, fileBudget, fileMedian, func() { f.totalHeld(t, &f.sum) }, copied)
}

// TestRatioFileRead reads of six runs that have landed the one that speaks.
func TestRatioFileRead(t *testing.T) {
	f := file(t, AllLanded)
	guard(t, readBudget, readMedian, func() { f.read(t, nil) }, f.copying())
}

func TestAllocsFile(t *testing.T) {
	f := file(t, InStairs)
	none(t, "a file to totals", func() { f.total(t) })
}
