package bench

import (
	"hash/fnv"
	"testing"

	"github.com/halfhour/halfhour/revisions"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
)

// seed fixes every input; change it and every hash changes.
const seed = 2026

// charged is everything the charge benchmarks need.
type charged struct {
	schedule *tariffs.Schedule
	supply   *tariffs.Supply
	views    *Views
	volumes  *series.Cube
	charges  *series.Cube
}

func chargeYear(tb testing.TB) charged {
	tb.Helper()
	schedule, err := Tariff().Compile(Year(), Supply())
	if err != nil {
		tb.Fatal(err)
	}
	if n := schedule.Schema().Len(); n != Items {
		tb.Fatalf("the tariff charges %d items, want %d", n, Items)
	}
	views := ViewsOf(landed(tb, Year()))
	return charged{schedule, Supply(), views, VolumeCube(schedule, views), series.NewCube(nil, schedule.Schema(), Runs(), Year())}
}

func (c charged) points() int { return c.schedule.Schema().Len() * len(Runs()) * Year().Len() }

// charge charges every run.
func (c charged) charge(tb testing.TB) {
	if err := c.schedule.ChargeCube(c.charges, c.volumes, c.views.In, c.supply); err != nil {
		tb.Fatal(err)
	}
}

// chargeReadings charges every run from its readings and loss factors.
func (c charged) chargeReadings(tb testing.TB, vol *series.Frame) {
	if err := c.schedule.ChargeReadings(c.charges, vol, c.views.In, c.supply); err != nil {
		tb.Fatal(err)
	}
}

// fused is what totalling without cells needs: the charged year, the cubes its
// views are of, and the view of the latest run that landed.
type fused struct {
	charged
	cubes   [3]*series.Cube
	latest  [3]*series.Frame
	reports [3]revisions.Report
	vol     *series.Frame
	work    tariffs.Work
	totals  series.Totals
}

func fuse(tb testing.TB) *fused {
	f := &fused{charged: chargeYear(tb)}
	f.cubes[0], f.cubes[1], f.cubes[2] = landed(tb, Year())
	for i, cube := range f.cubes {
		f.latest[i] = series.NewFrame(nil, cube.Schema(), Year())
	}
	f.vol = series.NewFrame(nil, tariffs.Volumes(), Year())
	f.reconcile()
	f.adjust(tb)
	return f
}

func (f *fused) in() tariffs.Inputs {
	return tariffs.Inputs{Meter: f.latest[0], Market: f.latest[1], Contract: f.latest[2]}
}

// reconcile picks the winner of every half-hour.
func (f *fused) reconcile() {
	for i, cube := range f.cubes {
		revisions.Latest().Into(f.latest[i], &f.reports[i], cube)
	}
}

// adjust makes the winners' volumes.
func (f *fused) adjust(tb testing.TB) {
	if err := f.schedule.Adjust(f.vol, f.in()); err != nil {
		tb.Fatal(err)
	}
}

// total totals the winners by item and month.
func (f *fused) total(tb testing.TB) {
	if err := f.schedule.TotalByMonth(&f.totals, &f.work, f.vol, f.in(), f.supply); err != nil {
		tb.Fatal(err)
	}
}

// runs totals every run.
func (f *fused) runs(tb testing.TB) {
	for _, r := range Runs() {
		if err := f.schedule.TotalByMonth(&f.totals, &f.work, f.volumes.Frame(r), f.views[r], f.supply); err != nil {
			tb.Fatal(err)
		}
	}
}

// wide is a schema of thirty lines that each land on their own, to collect
// 3,153,600 readings into.
func wide() *series.Schema {
	var defs []series.Def
	for _, d := range tariffs.Catalogue() {
		defs = append(defs, series.Def{Name: d.ID, Unit: series.GBP, Scale: 8, Source: d.ID})
	}
	return series.Must(series.NewSchema("wide", defs...))
}

func wideReadings(yield func(series.Reading, error) bool) {
	span := Year()
	for _, r := range Runs() {
		for l := range series.Line(Items) {
			for p := span.Lo; p < span.Hi; p++ {
				if !yield(series.Reading{Line: l, Run: r, Period: p, Value: int64(p)*31 + int64(l)}, nil) {
					return
				}
			}
		}
	}
}

func BenchmarkCollect(b *testing.B) {
	cube := series.NewCube(nil, wide(), Runs(), Year())
	points := Items * len(Runs()) * Year().Len()
	measure(b, points, 8*points, func() uint64 { return Hash(cube) }, func() {
		cube.Reset(Year())
		if _, err := series.Collect(cube, settlement.MPAN{}, wideReadings); err != nil {
			b.Fatal(err)
		}
	})
}

// yearOf is a meter-year of a shape.
func yearOf(s Shape) cell { return cell{Items, Runs(), "year", Year(), s} }

func BenchmarkReconcile(b *testing.B) {
	for _, shape := range Shapes() {
		b.Run(shape.String(), func(b *testing.B) { benchReconcile(b, yearOf(shape)) })
	}
}

func BenchmarkReconcileAndTotal(b *testing.B) {
	for _, shape := range Shapes() {
		b.Run(shape.String(), func(b *testing.B) { benchTotal(b, yearOf(shape)) })
	}
}

func BenchmarkAdjust(b *testing.B) {
	c := chargeYear(b)
	vol := series.NewFrame(nil, tariffs.Volumes(), Year())
	cells := tariffs.Volumes().Len() * Year().Len()
	measure(b, cells, 8*cells, func() uint64 { return hashOf(vol) }, func() {
		if err := c.schedule.Adjust(vol, c.views[settlement.RF]); err != nil {
			b.Fatal(err)
		}
	})
}

func BenchmarkCharge(b *testing.B) {
	c := chargeYear(b)
	measure(b, c.points(), 8*c.points(), func() uint64 { return Hash(c.charges) }, func() { c.charge(b) })
}

func BenchmarkChargeReadings(b *testing.B) {
	c, vol := chargeYear(b), series.NewFrame(nil, tariffs.Volumes(), Year())
	measure(b, c.points(), 8*c.points(), func() uint64 { return Hash(c.charges) }, func() { c.chargeReadings(b, vol) })
}

func BenchmarkTotalByMonth(b *testing.B) {
	f := fuse(b)
	points := f.points() / len(Runs())
	measure(b, points, 8*points, func() uint64 {
		h := fnv.New64a()
		HashTotals(h, f.schedule.Schema(), &f.totals)
		return h.Sum64()
	}, func() { f.total(b) })
}

// The year's totals are those of its cells.
func TestTotalByMonth(t *testing.T) {
	f := fuse(t)
	f.total(t)
	cells := series.NewFrame(nil, f.schedule.Schema(), Year())
	if err := f.schedule.Charge(cells, f.vol, f.in(), f.supply); err != nil {
		t.Fatal(err)
	}
	var want series.Totals
	cells.TotalByMonth(&want)
	got, of := fnv.New64a(), fnv.New64a()
	HashTotals(got, f.schedule.Schema(), &f.totals)
	HashTotals(of, f.schedule.Schema(), &want)
	if got.Sum64() != of.Sum64() {
		t.Error("the totals are not those of the cells")
	}
}

func BenchmarkBill(b *testing.B) {
	c := chargeYear(b)
	c.charge(b)
	var gross int64
	points := c.points() / len(Runs()) // a bill is of one run
	measure(b, points, 8*points, func() uint64 { return uint64(gross) }, func() {
		bill, err := c.schedule.Bill(c.supply, Year(), tariffs.View{Name: "RF"}, c.volumes.Frame(settlement.RF), c.charges.Frame(settlement.RF), c.views[settlement.RF])
		if err != nil {
			b.Fatal(err)
		}
		gross = bill.Gross.Shift(2).IntPart()
	})
}
