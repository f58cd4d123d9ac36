package halfhour_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/halfhour/halfhour"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
)

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

// TestBatchDoneFails: an error of Done ends the batch and is given back. Nobody is told
// of another meter, though others wait for it, and this one does not count.
func TestBatchDoneFails(t *testing.T) {
	f, full := newFleet(t, 3), errors.New("disk full")
	base := f.load
	told := 0
	b := f.batch(func(*halfhour.Priced) error {
		if told++; told == 3 {
			time.Sleep(50 * time.Millisecond) // the others are done meanwhile
			return full
		}
		return nil
	})
	b.Meters, b.Workers = 24, 4
	b.Loader = func() halfhour.Loader {
		return func(i int, dst, _ *series.Cube) (halfhour.Loaded, error) { return base(i%3, dst, nil) }
	}
	res, err := halfhour.RunBatch(context.Background(), b)
	if !errors.Is(err, full) || told != 3 || res.Priced != 2 {
		t.Errorf("%v, told of %d meters, %d priced; want an error at the third and two priced", err, told, res.Priced)
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
	if (many-few)/200 >= 0.05 && !raceEnabled { // now and then the runtime has one of its own, and the detector many
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
