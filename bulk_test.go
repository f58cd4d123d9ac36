package halfhour_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/halfhour/halfhour"
	"github.com/halfhour/halfhour/internal/sample"
	"github.com/halfhour/halfhour/revisions"
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
	var every []settlement.Run
	for r := range settlement.Run(settlement.NumRanked) {
		every = append(every, r)
	}
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

// TestBatchFailures: a meter's mistake is its own, and said of it; too many end the
// batch.
func TestBatchFailures(t *testing.T) {
	f := newFleet(t, 6)
	want, _ := f.run(t, func(*halfhour.Batch) {})
	boom := errors.New("cannot be read")
	f.broken[4] = boom
	gap := f.cubes[1]
	for _, r := range gap.Runs() {
		col := gap.Frame(r).Line(series.AI)
		col.Values[100], col.Valid[100>>6] = 0, col.Valid[100>>6]&^(1<<(100&63))
	}
	related := *f.supplies[2]
	other, err := settlement.ParseMPAN("1400000000127")
	if err != nil {
		t.Fatal(err)
	}
	related.Related = []settlement.MPAN{other}
	f.supplies[2] = &related
	got, res := f.run(t, func(*halfhour.Batch) {})
	if len(res.Failed) != 3 || res.Priced != 3 {
		t.Fatalf("%d priced, failed: %v", res.Priced, res.Failed)
	}
	for k, want := range []struct {
		index int
		err   error
	}{{1, tariffs.ErrMissing}, {2, tariffs.ErrSupply}, {4, boom}} {
		if x := res.Failed[k]; x.Index != want.index || !errors.Is(x.Err, want.err) || x.Name != fmt.Sprintf("meter %d", want.index) || x.Supply != f.supplies[want.index] {
			t.Errorf("failure %d: %+v", k, x)
		}
	}
	for _, i := range []int{0, 3, 5} {
		sameAmounts(t, "beside failures", want[i:i+1], got[i:i+1])
	}
	_, err = halfhour.RunBatch(context.Background(), func() halfhour.Batch {
		b := f.batch(func(*halfhour.Priced) error { return nil })
		b.MaxFailed = 2
		return b
	}())
	if !errors.Is(err, halfhour.ErrFailed) {
		t.Errorf("%v, want ErrFailed", err)
	}
}

// TestBatchGaps: with gaps allowed a meter is priced as far as it is held, and each
// amount says what it lacks.
func TestBatchGaps(t *testing.T) {
	f := newFleet(t, 1)
	for _, r := range f.cubes[0].Runs() {
		col := f.cubes[0].Frame(r).Line(series.AI)
		for i := 10; i < 13; i++ {
			col.Values[i], col.Valid[0] = 0, col.Valid[0]&^(1<<i)
		}
	}
	got, _ := f.run(t, func(b *halfhour.Batch) { b.Gaps = true })
	cells, _ := f.run(t, func(b *halfhour.Batch) { b.Gaps, b.Route = true, halfhour.Materialised })
	sameAmounts(t, "with gaps", got, cells)
	if a := got[0].Item(tariffs.BSUoS); a[0].Of-a[0].Held != 3 || a[0].Whole() || !a[1].Whole() {
		t.Errorf("%+v, want three half-hours missing of the first month", a)
	}
	if a := got[0].Item(tariffs.DUoSFixed); !a[0].Whole() {
		t.Errorf("%+v: what is charged by time is whole", a)
	}
}

// TestBatchSmall: a month of at most 33 kWh a day is billed at reduced VAT and
// without CCL, month by month as Run has it.
func TestBatchSmall(t *testing.T) {
	f := newFleet(t, 2)
	f.tariff.Rates = append(f.tariff.Rates, tariffs.Rate{Items: []tariffs.Item{tariffs.VAT}, Price: mustPrice(t, "5 %"), Reduced: true, Status: tariffs.Confirmed, When: tariffs.When{From: f.span.From()}})
	november := f.span.Index(mustDay(t, "2025-11-01").First())
	for _, r := range f.cubes[0].Runs() { // next to nothing in November
		col := f.cubes[0].Frame(r).Line(series.AI)
		for i := november; i < col.Len(); i++ {
			col.Values[i] = min(col.Values[i], 500)
		}
	}
	var notes [2]tariffs.Condition
	var got, cells [2]*halfhour.Amounts
	for k, route := range []halfhour.Route{halfhour.Fused, halfhour.Materialised} {
		b := f.batch(func(p *halfhour.Priced) error {
			notes[p.Index] = p.Conditions
			to := [...]*[2]*halfhour.Amounts{&got, &cells}[k]
			to[p.Index] = new(halfhour.Amounts)
			to[p.Index].Reset(p.Amounts.Buckets())
			to[p.Index].Add(p.Amounts)
			return nil
		})
		b.Route = route
		if res, err := halfhour.RunBatch(context.Background(), b); err != nil || res.Priced != 2 {
			t.Fatal(err, res)
		}
	}
	sameAmounts(t, "small", got[:], cells[:])
	if !notes[0].Has(tariffs.SmallSupply) || notes[1].Has(tariffs.SmallSupply) {
		t.Errorf("%v and %v", notes[0].Names(), notes[1].Names())
	}
	ccl := got[0].Item(tariffs.CCL)
	if ccl[0].Sum == (series.Total{}) || ccl[1].Sum != (series.Total{}) {
		t.Errorf("CCL %+v: want some in October and none in November", ccl)
	}
}

func mustPrice(tb testing.TB, s string) tariffs.Price {
	tb.Helper()
	p, err := tariffs.ParsePrice(s)
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

// TestBatchStops: when its context is done a batch ends between two meters; every
// meter it told of is whole, and none is told of afterwards.
func TestBatchStops(t *testing.T) {
	f := newFleet(t, 2)
	base := f.load
	for stop := range 12 {
		ctx, cancel := context.WithCancel(context.Background())
		var told, over atomic.Int64
		b := f.batch(func(p *halfhour.Priced) error {
			if over.Load() != 0 {
				t.Error("told of a meter after the end")
			}
			if _, _, lacking := p.Amounts.Lacking(); lacking {
				t.Error("told of a part of a meter")
			}
			if told.Add(1) == int64(stop) {
				cancel()
			}
			return nil
		})
		b.Meters, b.Workers = 24, 3
		b.Loader = func() halfhour.Loader {
			return func(i int, dst, _ *series.Cube) (halfhour.Loaded, error) { return base(i%2, dst, nil) }
		}
		if stop == 0 {
			cancel()
		}
		res, err := halfhour.RunBatch(ctx, b)
		over.Store(1)
		cancel()
		if !errors.Is(err, context.Canceled) || int64(res.Priced) != told.Load() || res.Priced >= 24 {
			t.Errorf("stopped after %d: %v, %d priced, told of %d", stop, err, res.Priced, told.Load())
		}
	}
}

// TestBatchDoneFails: an error of Done ends the batch and is given back.
func TestBatchDoneFails(t *testing.T) {
	f, full := newFleet(t, 3), errors.New("disk full")
	if _, err := halfhour.RunBatch(context.Background(), f.batch(func(*halfhour.Priced) error { return full })); !errors.Is(err, full) {
		t.Errorf("%v", err)
	}
}

// TestBatchLosses: line loss factors are of a class. Without one named, market data
// that holds them is refused; supplies of another class do without them.
func TestBatchLosses(t *testing.T) {
	f := newFleet(t, 1)
	b := f.batch(func(*halfhour.Priced) error { return nil })
	b.Class = halfhour.LossClass{}
	if _, err := halfhour.RunBatch(context.Background(), b); !errors.Is(err, halfhour.ErrBatch) {
		t.Errorf("%v, want ErrBatch", err)
	}
	b.Class = halfhour.LossClass{Distributor: 14, LLFC: "H03"}
	res, err := halfhour.RunBatch(context.Background(), b)
	if err != nil || len(res.Failed) != 1 || !errors.Is(res.Failed[0].Err, tariffs.ErrMissing) {
		t.Errorf("%v, %+v: want the meter of another class to lack loss factors", err, res)
	}
}

// TestBatchViews: a batch sees what the view it is given sees.
func TestBatchViews(t *testing.T) {
	f := newFleet(t, 2)
	latest, _ := f.run(t, func(b *halfhour.Batch) {})
	first, _ := f.run(t, func(b *halfhour.Batch) { b.View = revisions.UpTo(settlement.II) })
	same := true
	for k, a := range latest[0].Item(tariffs.EnergyUnit) {
		same = same && a == first[0].Item(tariffs.EnergyUnit)[k]
	}
	if same {
		t.Error("the first run says what the latest does")
	}
}

// TestAllocsBulk: after the first meters, pricing one allocates nothing, however
// many terms there are.
func TestAllocsBulk(t *testing.T) {
	f := newFleet(t, 8)
	count := func(meters int) float64 {
		b := f.batch(func(*halfhour.Priced) error { return nil })
		b.Meters, b.Workers = meters, 1
		names := "a meter"
		b.Loader = func() halfhour.Loader {
			return func(i int, dst, _ *series.Cube) (halfhour.Loaded, error) {
				i %= len(f.cubes)
				dst.Reset(f.span)
				for _, r := range f.cubes[i].Runs() {
					for k := range series.Meter().Sources() {
						dst.Frame(r).Take(f.cubes[i].Frame(r), k, 0, f.span.Len())
					}
				}
				return halfhour.Loaded{Name: names, Supply: f.supplies[i], Tariff: f.tariff}, nil
			}
		}
		return testing.AllocsPerRun(3, func() {
			if res, err := halfhour.RunBatch(context.Background(), b); err != nil || res.Priced != meters {
				t.Fatal(err)
			}
		})
	}
	few, many := count(8), count(208)
	t.Logf("%.0f allocations for 8 meters, %.0f for 208: %.3f a meter", few, many, (many-few)/200)
	if (many-few)/200 >= 0.05 { // now and then the runtime has one of its own
		t.Errorf("%.2f allocations a meter, want 0", (many-few)/200)
	}
}

// TestBatchOverlaps: while a meter is priced, the next is loaded.
func TestBatchOverlaps(t *testing.T) {
	f := newFleet(t, 4)
	loading := make(chan int, 4)
	f.slow = func(i int) { loading <- i }
	b := f.batch(func(p *halfhour.Priced) error {
		if p.Index > 0 {
			return nil
		}
		for range 2 { // the first is still with us
			select {
			case <-loading:
			case <-time.After(10 * time.Second):
				return errors.New("the next meter is not loaded meanwhile")
			}
		}
		return nil
	})
	b.Workers = 1
	if _, err := halfhour.RunBatch(context.Background(), b); err != nil {
		t.Error(err)
	}
}

// TestBatchContracts: contract lines of each meter's own come to what the same lines
// do when they are shared, and another meter's never show.
func TestBatchContracts(t *testing.T) {
	f := newFleet(t, 6)
	want, _ := f.run(t, func(*halfhour.Batch) {})
	base := f.load
	got := make([]*halfhour.Amounts, 6)
	b := f.batch(func(p *halfhour.Priced) error {
		got[p.Index] = new(halfhour.Amounts)
		got[p.Index].Reset(p.Amounts.Buckets())
		got[p.Index].Add(p.Amounts)
		return nil
	})
	b.Contract, b.Contracts, b.Workers = nil, true, 1
	b.Loader = func() halfhour.Loader {
		return func(i int, dst, contract *series.Cube) (halfhour.Loaded, error) {
			contract.Reset(f.span)
			if i != 3 {
				for _, r := range f.contract.Runs() {
					for k := range series.Contract().Sources() {
						contract.Frame(r).Take(f.contract.Frame(r), k, 0, f.span.Len())
					}
				}
			}
			return base(i, dst, nil)
		}
	}
	res, err := halfhour.RunBatch(context.Background(), b)
	if err != nil || len(res.Failed) != 1 || res.Failed[0].Index != 3 || !errors.Is(res.Failed[0].Err, tariffs.ErrMissing) {
		t.Fatalf("%v, %+v: want meter 3 to lack its nominations", err, res)
	}
	for i := range got {
		if i != 3 {
			sameAmounts(t, "contracts", want[i:i+1], got[i:i+1])
		}
	}
}

// TestBatchConditions: a batch says of a meter whatever its bills say, or more.
func TestBatchConditions(t *testing.T) {
	f := newFleet(t, 2)
	for _, r := range f.cubes[1].Runs() { // no reactive readings
		for _, l := range []series.Line{series.RI, series.RE} {
			c := f.cubes[1].Frame(r).Line(l)
			clear(c.Values)
			clear(c.Valid)
			clear(c.Marks)
		}
	}
	for _, view := range []revisions.Reconciler{revisions.Latest(), revisions.UpTo(settlement.SF), revisions.UpTo(settlement.RF), revisions.AsOf(mustDay(t, "2025-12-10"), settlement.GB())} {
		var got [2]tariffs.Condition
		b := f.batch(func(p *halfhour.Priced) error {
			got[p.Index] = p.Conditions
			return nil
		})
		b.View = view
		if res, err := halfhour.RunBatch(context.Background(), b); err != nil || res.Priced != 2 {
			t.Fatal(err, res)
		}
		for i, s := range f.supplies {
			meter := f.readings(i)
			if i == 1 {
				all := meter
				meter = func(yield func(series.Reading, error) bool) {
					for r, err := range all {
						if r.Line == series.AI && !yield(r, err) {
							return
						}
					}
				}
			}
			res, err := halfhour.Run(context.Background(), halfhour.Job{Supply: s, Tariff: f.tariff, Spans: []settlement.Span{f.span}, View: view, Meter: meter,
				Market: sample.Market(sample.Seed, f.span, f.landed), Contract: sample.Contract(sample.Seed, f.span)})
			if err != nil {
				t.Fatal(err)
			}
			want := res.Bills[0].Conditions
			for _, l := range res.Bills[0].Lines {
				want |= l.Conditions
			}
			if !got[i].Has(want) {
				t.Errorf("view %s, meter %d: %v is not said; said is %v", view.View(), i, (want &^ got[i]).Names(), got[i].Names())
			}
		}
	}
}
