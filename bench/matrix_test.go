package bench

import (
	"flag"
	"fmt"
	"hash/fnv"
	"slices"
	"testing"

	"github.com/halfhour/halfhour/internal/sample"
	"github.com/halfhour/halfhour/revisions"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
)

var whole = flag.Bool("matrix", false, "benchmark the whole matrix, not its corner")

// cell is one place of the matrix.
type cell struct {
	items int
	runs  []settlement.Run
	name  string // of the span
	span  settlement.Span
	shape Shape
}

// matrix is all of it: half of the items and all, one run and six, a month and a
// year, every shape.
func matrix() []cell {
	spans := []cell{{name: "month", span: settlement.Days(day("2025-11-01"), day("2025-12-01"))}, {name: "year", span: Year()}}
	var out []cell
	for _, n := range []int{Items / 2, Items} {
		for _, r := range [][]settlement.Run{{settlement.RF}, Runs()} {
			for _, s := range spans {
				for _, shape := range Shapes() {
					out = append(out, cell{n, r, s.name, s.span, shape})
				}
			}
		}
	}
	return out
}

// cells are those to measure: the matrix, or its corner of all items and runs for a
// month.
func cells() []cell {
	return slices.DeleteFunc(matrix(), func(c cell) bool {
		return !*whole && (c.items < Items || len(c.runs) < len(Runs()) || c.name != "month")
	})
}

func (c cell) points() int { return c.items * len(c.runs) * c.span.Len() }

// BenchmarkMatrix does each work at each place. The shape of charge, fused and
// adjust is that of the meter's readings; the market has landed.
func BenchmarkMatrix(b *testing.B) {
	for _, work := range []struct {
		name string
		do   func(*testing.B, cell)
	}{{"charge", benchCharge}, {"readings", benchReadings}, {"fused", benchFused}, {"reconcile", benchReconcile}, {"total", benchTotal}} {
		for _, c := range cells() {
			b.Run(fmt.Sprintf("%s/items=%d/runs=%d/span=%s/shape=%v", work.name, c.items, len(c.runs), c.name, c.shape), func(b *testing.B) { work.do(b, c) })
		}
	}
}

// metered is what charging at a place needs.
type metered struct {
	cell
	schedule *tariffs.Schedule
	supply   *tariffs.Supply
	views    *Views
	volumes  *series.Cube
	charges  *series.Cube
	vol      *series.Frame
}

func meteredAt(tb testing.TB, c cell) *metered {
	m := &metered{cell: c, supply: Supply()}
	var err error
	if m.schedule, err = few(c.items).Compile(c.span, m.supply); err != nil {
		tb.Fatal(err)
	}
	if n := m.schedule.Schema().Len(); n != c.items {
		tb.Fatalf("%d items, want %d", n, c.items)
	}
	meter, market, contract := landed(tb, c.span)
	c.shape.thin(meter)
	m.views = ViewsOf(meter, market, contract)
	m.volumes, m.charges = series.NewCube(nil, tariffs.Volumes(), c.runs, c.span), series.NewCube(nil, m.schedule.Schema(), c.runs, c.span)
	m.vol = series.NewFrame(nil, tariffs.Volumes(), c.span)
	for _, r := range c.runs {
		if err := m.schedule.Adjust(m.volumes.Frame(r), m.views[r]); err != nil {
			tb.Fatal(err)
		}
	}
	return m
}

// few is the tariff of the first items of the catalogue, and of VAT, without which
// there is no bill.
func few(items int) *tariffs.Tariff {
	t := Tariff()
	t.Rates = slices.DeleteFunc(t.Rates, func(r tariffs.Rate) bool {
		return int(r.Items[0]) >= items-1 && r.Items[0] != tariffs.VAT
	})
	return t
}

// landed are the sample's cubes over a span with every run landed everywhere.
func landed(tb testing.TB, span settlement.Span) (meter, market, contract *series.Cube) {
	untagged := []settlement.Run{settlement.Untagged}
	meter = series.NewCube(nil, series.Meter(), Runs(), span)
	market = series.NewCube(nil, series.Market(), append(untagged, Runs()...), span)
	contract = series.NewCube(nil, series.Contract(), untagged, span)
	for _, in := range []struct {
		cube *series.Cube
		mpan settlement.MPAN
		from series.Readings
	}{
		{meter, sample.MPAN(), sample.Meter(seed, span, sample.All)},
		{market, settlement.MPAN{}, sample.Market(seed, span, sample.All)},
		{contract, settlement.MPAN{}, sample.Contract(seed, span)},
	} {
		if _, err := series.Collect(in.cube, in.mpan, in.from); err != nil {
			tb.Fatal(err)
		}
	}
	return meter, market, contract
}

func benchCharge(b *testing.B, c cell) {
	m := meteredAt(b, c)
	measure(b, c.points(), 8*c.points(), func() uint64 { return Hash(m.charges) }, func() {
		if err := m.schedule.ChargeCube(m.charges, m.volumes, m.views.In, m.supply); err != nil {
			b.Fatal(err)
		}
	})
}

func benchReadings(b *testing.B, c cell) {
	m := meteredAt(b, c)
	measure(b, c.points(), 8*c.points(), func() uint64 { return Hash(m.charges) }, func() {
		if err := m.schedule.ChargeReadings(m.charges, m.vol, m.views.In, m.supply); err != nil {
			b.Fatal(err)
		}
	})
}

func benchFused(b *testing.B, c cell) {
	m := meteredAt(b, c)
	var work tariffs.Work
	totals := make([]series.Totals, len(c.runs))
	measure(b, c.points(), 8*tariffs.Volumes().Len()*len(c.runs)*c.span.Len(), func() uint64 {
		h := fnv.New64a()
		for i := range totals {
			HashTotals(h, m.schedule.Schema(), &totals[i])
		}
		return h.Sum64()
	}, func() {
		for i, r := range c.runs {
			if err := m.schedule.TotalByMonth(&totals[i], &work, m.volumes.Frame(r), m.views[r], m.supply); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func benchReconcile(b *testing.B, c cell) {
	cube := c.shape.Cube(c.items, c.runs, c.span)
	dst, rep := series.NewFrame(nil, cube.Schema(), c.span), new(revisions.Report)
	measure(b, c.points(), 8*c.items*c.span.Len(), func() uint64 { return hashOf(dst) }, func() { revisions.Latest().Into(dst, rep, cube) })
}

func benchTotal(b *testing.B, c cell) {
	cube := c.shape.Cube(c.items, c.runs, c.span)
	var totals series.Totals
	var rep revisions.Report
	measure(b, c.points(), 8*c.items*c.span.Len(), func() uint64 {
		h := fnv.New64a()
		HashTotals(h, cube.Schema(), &totals)
		return h.Sum64()
	}, func() { revisions.Latest().TotalByMonth(&totals, &rep, cube) })
}

func hashOf(f *series.Frame) uint64 {
	h := fnv.New64a()
	HashFrame(h, f)
	return h.Sum64()
}

// At every place of a month the routes have the same pennies, and nothing on them
// allocates.
func TestAllocsMatrix(t *testing.T) {
	for _, c := range matrix() {
		if c.name != "month" {
			continue
		}
		m := meteredAt(t, c)
		var work tariffs.Work
		var totals, of series.Totals
		name := fmt.Sprintf("%d items, %d runs, %v", c.items, len(c.runs), c.shape)
		none(t, "ChargeCube, "+name, func() {
			if err := m.schedule.ChargeCube(m.charges, m.volumes, m.views.In, m.supply); err != nil {
				t.Fatal(err)
			}
		})
		for _, r := range c.runs {
			none(t, "TotalByMonth, "+name, func() {
				if err := m.schedule.TotalByMonth(&totals, &work, m.volumes.Frame(r), m.views[r], m.supply); err != nil {
					t.Fatal(err)
				}
			})
			m.charges.Frame(r).TotalByMonth(&of)
			a, b := fnv.New64a(), fnv.New64a()
			HashTotals(a, m.schedule.Schema(), &totals)
			HashTotals(b, m.schedule.Schema(), &of)
			if a.Sum64() != b.Sum64() {
				t.Errorf("%s, %v: the totals are not those of the cells", name, r)
			}
		}
		cube := c.shape.Cube(c.items, c.runs, c.span)
		dst, rep := series.NewFrame(nil, cube.Schema(), c.span), new(revisions.Report)
		none(t, "Into, "+name, func() { revisions.Latest().Into(dst, rep, cube) })
		none(t, "Reconciler.TotalByMonth, "+name, func() { revisions.Latest().TotalByMonth(&totals, rep, cube) })
		dst.TotalByMonth(&of)
		a, b := fnv.New64a(), fnv.New64a()
		HashTotals(a, cube.Schema(), &totals)
		HashTotals(b, cube.Schema(), &of)
		if a.Sum64() != b.Sum64() {
			t.Errorf("%s: the totals are not those of the winners", name)
		}
	}
}
