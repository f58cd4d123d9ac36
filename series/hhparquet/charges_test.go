package hhparquet_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/halfhour/halfhour/bench"
	"github.com/halfhour/halfhour/internal/sample"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/series/hhparquet"
	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
)

// charged are a whole tariff's charges of the sample meter for a span, by run.
func charged(t testing.TB, span settlement.Span) *series.Cube {
	t.Helper()
	contract := series.NewCube(nil, series.Contract(), []settlement.Run{settlement.Untagged}, span)
	if _, err := series.Collect(contract, settlement.MPAN{}, sample.Contract(sample.Seed, span)); err != nil {
		t.Fatal(err)
	}
	schedule, err := bench.Tariff().Compile(span, bench.Supply())
	if err != nil {
		t.Fatal(err)
	}
	views := bench.ViewsOf(meterCube(t, span, sample.All), marketCube(t, span, sample.All), contract)
	volumes := series.NewCube(nil, tariffs.Volumes(), bench.Runs(), span)
	for _, run := range bench.Runs() {
		if err := schedule.Adjust(volumes.Frame(run), views.In(run)); err != nil {
			t.Fatal(err)
		}
	}
	charges := series.NewCube(nil, schedule.Schema(), bench.Runs(), span)
	if err := schedule.ChargeCube(charges, volumes, views.In, bench.Supply()); err != nil {
		t.Fatal(err)
	}
	return charges
}

// TestChargesComeBack writes thirty items by six runs, those of 13 and 14
// decimals in 16 bytes and the others in 8, and reads them exactly.
func TestChargesComeBack(t *testing.T) {
	span := settlement.Days(day(t, "2025-10-01"), day(t, "2025-12-01"))
	c := charged(t, span)
	wide := 0
	for l := range c.Schema().Len() {
		if c.Schema().Def(series.Line(l)).Scale > 12 {
			wide++
		}
	}
	var b bytes.Buffer
	w := hhparquet.NewWriter()
	start := time.Now()
	sum, err := w.Write(&b, sample.MPAN(), c)
	if err != nil {
		t.Fatal(err)
	}
	wrote := time.Since(start)
	r := hhparquet.NewReader(hhparquet.Limits{})
	if err := r.LoadBytes("charges", b.Bytes(), &sum); err != nil {
		t.Fatal(err)
	}
	got := series.NewCube(nil, c.Schema(), c.Runs(), settlement.Span{})
	best, tally := time.Hour, hhparquet.Tally{}
	for range 5 {
		start = time.Now()
		if tally, err = r.Into(got, hhparquet.Want{}); err != nil {
			t.Fatal(err)
		}
		best = min(best, time.Since(start))
	}
	same(t, c, got)
	if wide == 0 || wide == c.Schema().Len() {
		t.Errorf("%d of %d items have 16 bytes: the test is of one kind only", wide, c.Schema().Len())
	}
	t.Logf("%d items, %d of them wide: %d bytes, %.2f a value; written and read back twice in %v, read in %v, %.0f M values/s",
		c.Schema().Len(), wide, b.Len(), float64(b.Len())/float64(tally.Values), wrote, best, float64(tally.Values)/best.Seconds()/1e6)
}
