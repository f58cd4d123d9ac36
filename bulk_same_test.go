package halfhour_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/halfhour/halfhour"
	"github.com/halfhour/halfhour/internal/sample"
	"github.com/halfhour/halfhour/revisions"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
)

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
	b.Runs = slices.DeleteFunc(settlement.RankedRuns(), func(r settlement.Run) bool { return r == settlement.Untagged }) // of the readings: contract lines state no run
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
