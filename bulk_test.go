package halfhour_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/halfhour/halfhour"
	"github.com/halfhour/halfhour/internal/sample"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
	"github.com/halfhour/halfhour/tariffs/toml"
)

// fleet is some meters in memory, and what a batch of them needs.
type fleet struct {
	span     settlement.Span
	landed   sample.Landed
	tariff   *tariffs.Tariff
	market   *series.Cube
	contract *series.Cube
	supplies []*tariffs.Supply
	cubes    []*series.Cube
	broken   map[int]error
	slow     func(i int)
}

// bulkDays are two months of the sample, with the long day in them.
func bulkDays(tb testing.TB) settlement.Span {
	return settlement.Days(mustDay(tb, "2025-10-01"), mustDay(tb, "2025-12-01"))
}

func mustDay(tb testing.TB, s string) settlement.Day {
	tb.Helper()
	d, err := settlement.ParseDay(s)
	if err != nil {
		tb.Fatal(err)
	}
	return d
}

// newFleet is n meters of the sample's kind: each has readings, a capacity, a site
// and, of four, one of two sets of terms of its own.
func newFleet(tb testing.TB, n int) *fleet {
	tb.Helper()
	f := &fleet{span: bulkDays(tb), landed: sample.AsOf(mustDay(tb, "2026-01-20")), broken: map[int]error{}}
	var err error
	if f.tariff, err = toml.ParseTariff("tariff.toml", sample.Tariff()); err != nil {
		tb.Fatal(err)
	}
	every := settlement.RankedRuns()
	collect := func(c *series.Cube, mpan settlement.MPAN, from series.Readings) *series.Cube {
		if _, err := series.Collect(c, mpan, from); err != nil {
			tb.Fatal(err)
		}
		return c
	}
	f.market = collect(series.NewCube(nil, series.Market(), every, f.span), settlement.MPAN{}, sample.Market(sample.Seed, f.span, f.landed))
	f.contract = collect(series.NewCube(nil, series.Contract(), every, f.span), settlement.MPAN{}, sample.Contract(sample.Seed, f.span))
	for i := range n {
		s, err := toml.ParseSupply("supply.toml", sample.Supply())
		if err != nil {
			tb.Fatal(err)
		}
		s.Capacity[0].KVA = decimal.NewFromInt(int64(400 + 50*i))
		if i%4 == 3 {
			s.Terms[0].CCLShare, s.Terms[0].CCLRelief = decimal.New(5, -1), decimal.New(92, -2)
		}
		s.Tags = []tariffs.Tag{{Name: "site", Value: fmt.Sprintf("site %d", i%3)}}
		if err := s.Validate(); err != nil {
			tb.Fatal(err)
		}
		f.supplies = append(f.supplies, s)
		f.cubes = append(f.cubes, collect(series.NewCube(nil, series.Meter(), every, f.span), s.MPAN, f.readings(i)))
	}
	return f
}

func (f *fleet) readings(i int) series.Readings {
	return sample.Meter(sample.Seed+uint64(i), f.span, f.landed)
}

// batch is of all the fleet's meters.
func (f *fleet) batch(done func(*halfhour.Priced) error) halfhour.Batch {
	return halfhour.Batch{
		Span: f.span, Market: f.market, Contract: f.contract, Class: halfhour.LossClass{Distributor: 14, LLFC: "H02"},
		Meters: len(f.cubes), Loader: func() halfhour.Loader { return f.load }, Done: done,
	}
}

func (f *fleet) load(i int, dst, _ *series.Cube) (halfhour.Loaded, error) {
	m := halfhour.Loaded{Name: fmt.Sprintf("meter %d", i), Supply: f.supplies[i], Tariff: f.tariff, Values: 1}
	if f.slow != nil {
		f.slow(i)
	}
	if err := f.broken[i]; err != nil {
		return m, err
	}
	dst.Reset(f.span)
	for _, r := range f.cubes[i].Runs() {
		for k := range series.Meter().Sources() {
			if dst.Frame(r) == nil { // not among the batch's runs
				continue
			}
			dst.Frame(r).Take(f.cubes[i].Frame(r), k, 0, f.span.Len())
		}
	}
	return m, nil
}

// run gives each meter's amounts.
func (f *fleet) run(tb testing.TB, change func(*halfhour.Batch)) ([]*halfhour.Amounts, *halfhour.BatchResult) {
	tb.Helper()
	out := make([]*halfhour.Amounts, len(f.cubes))
	b := f.batch(func(p *halfhour.Priced) error {
		if out[p.Index] != nil {
			tb.Errorf("meter %d is told of twice", p.Index)
		}
		out[p.Index] = new(halfhour.Amounts)
		out[p.Index].Reset(p.Amounts.Buckets())
		out[p.Index].Add(p.Amounts)
		return nil
	})
	change(&b)
	res, err := halfhour.RunBatch(context.Background(), b)
	if err != nil {
		tb.Fatal(err)
	}
	return out, res
}

// sameAmounts compares what two runs made of each meter.
func sameAmounts(tb testing.TB, what string, a, b []*halfhour.Amounts) {
	tb.Helper()
	for i := range a {
		if a[i] == nil || b[i] == nil {
			tb.Fatalf("%s: meter %d was not priced", what, i)
		}
		for item := range tariffs.Item(tariffs.NumItems) {
			x, y := a[i].Item(item), b[i].Item(item)
			if len(x) != len(y) {
				tb.Fatalf("%s: meter %d, %s: in %d buckets and %d", what, i, item, len(x), len(y))
			}
			for k := range x {
				if x[k] != y[k] {
					tb.Fatalf("%s: meter %d, %s, %s: %+v and %+v", what, i, item, a[i].Buckets().Name(k), x[k], y[k])
				}
			}
		}
	}
}

// TestBatchIsRun: each meter of a batch comes to what Run bills it, month by month
// and item by item, before rounding.
func TestBatchIsRun(t *testing.T) {
	f := newFleet(t, 4)
	got, _ := f.run(t, func(*halfhour.Batch) {})
	var months []settlement.Span
	for _, m := range f.span.Months() {
		months = append(months, m)
	}
	for i, s := range f.supplies {
		res, err := halfhour.Run(context.Background(), halfhour.Job{Supply: s, Tariff: f.tariff, Spans: months, Meter: f.readings(i),
			Market: sample.Market(sample.Seed, f.span, f.landed), Contract: sample.Contract(sample.Seed, f.span)})
		if err != nil {
			t.Fatal(err)
		}
		for m, bill := range res.Bills {
			sums := map[tariffs.Item]decimal.Decimal{}
			for _, l := range bill.Lines {
				sums[l.Item] = sums[l.Item].Add(l.Exact)
			}
			for item := range tariffs.Item(tariffs.VAT) {
				of := got[i].Item(item)
				want, charged := sums[item]
				if charged != (of != nil) {
					t.Fatalf("meter %d, %s: charged %v", i, item, of != nil)
				}
				if of != nil && !of[m].Sum.Decimal(item.Scale()).Equal(want) {
					t.Errorf("meter %d, %s, month %d: %s, want %s", i, item, m, of[m].Sum.Decimal(item.Scale()), want)
				}
			}
		}
	}
}

// TestBatchRoutes: both routes, any number of workers and of schedules kept come to
// the same; days and half-hours add up to it.
func TestBatchRoutes(t *testing.T) {
	f := newFleet(t, 6)
	want, _ := f.run(t, func(b *halfhour.Batch) { b.Workers = 1 })
	for _, workers := range []int{1, 2, 5} {
		for _, route := range []halfhour.Route{halfhour.Fused, halfhour.Materialised} {
			for _, schedules := range []int{1, 8} {
				got, _ := f.run(t, func(b *halfhour.Batch) { b.Workers, b.Route, b.Schedules = workers, route, schedules })
				sameAmounts(t, fmt.Sprintf("%d workers, route %d, %d schedules", workers, route, schedules), want, got)
			}
		}
	}
	for _, bucket := range []halfhour.Bucket{halfhour.ByDay, halfhour.ByHalfHour} {
		fine, _ := f.run(t, func(b *halfhour.Batch) { b.Bucket = bucket })
		for i := range fine {
			for item := range tariffs.Item(tariffs.NumItems) {
				var a, b halfhour.Amount
				for _, x := range fine[i].Item(item) {
					a = halfhour.Amount{Sum: a.Sum.Add(x.Sum), Held: a.Held + x.Held, Of: a.Of + x.Of}
				}
				for _, x := range want[i].Item(item) {
					b = halfhour.Amount{Sum: b.Sum.Add(x.Sum), Held: b.Held + x.Held, Of: b.Of + x.Of}
				}
				if a != b {
					t.Fatalf("by %s: meter %d, %s: %+v, want %+v", bucket, i, item, a, b)
				}
			}
		}
	}
}
