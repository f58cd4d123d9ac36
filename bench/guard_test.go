package bench

import (
	"slices"
	"testing"
	"time"

	"github.com/halfhour/halfhour/revisions"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
)

// The budgets, as ratios in one run. A guard fails only past slack × budget,
// so that a noisy machine does not fail a sound change; what it measured is
// logged either way and is what a change is judged by.
const (
	chargeBudget = 2.0 // × copy of the charge cube
	totalBudget  = 2.0 // × a plain read of the winning cells, laid end to end
	slack        = 5
	rounds       = 25
)

// ratio times a against b, interleaved, and gives the ratio of the medians.
func ratio(tb testing.TB, a, b func()) float64 {
	tb.Helper()
	a()
	b()
	var ta, tb2 []time.Duration
	for range rounds {
		ta = append(ta, clock(a))
		tb2 = append(tb2, clock(b))
	}
	slices.Sort(ta)
	slices.Sort(tb2)
	tb.Logf("medians %v and %v", ta[rounds/2], tb2[rounds/2])
	return float64(ta[rounds/2]) / float64(tb2[rounds/2])
}

func clock(f func()) time.Duration {
	start := time.Now()
	f()
	return time.Since(start)
}

func guard(t *testing.T, got, budget float64) {
	t.Helper()
	t.Logf("ratio %.2f, budget %.2f", got, budget)
	if raceEnabled || testing.Short() {
		t.Skip("ratios mean nothing under the race detector or -short")
	}
	if got > budget*slack {
		t.Errorf("ratio %.2f is past the budget of %.2f by more than noise explains", got, budget)
	}
}

func TestRatioCharge(t *testing.T) {
	c := chargeYear(t)
	src, dst := make([]int64, c.points()), make([]int64, c.points())
	for i := range src {
		src[i] = int64(i)
	}
	got := ratio(t, func() { c.charge(t) }, func() { copy(dst, src) })
	guard(t, got, chargeBudget)
}

func TestRatioReconcileAndTotal(t *testing.T) {
	cube := Staircase()
	dst, rep := new(series.Totals), new(revisions.Report)
	revisions.Latest().TotalByMonth(dst, rep, cube)
	held := 0
	for _, src := range rep.Sources {
		for _, st := range src.Stretches {
			if st.Kind == revisions.Whole {
				held += st.Hi - st.Lo
			}
		}
	}
	cells := make([]int64, held*Items/len(rep.Sources))
	for i := range cells {
		cells[i] = int64(i)
	}
	var sink int64
	got := ratio(t, func() { revisions.Latest().TotalByMonth(dst, rep, cube) }, func() { sink += plainRead(cells) })
	if sink == 0 {
		t.Fatal("nothing was read")
	}
	guard(t, got, totalBudget)
}

// plainRead touches every cell as fast as a plain Go loop does.
func plainRead(v []int64) int64 {
	var a, b, c, d int64
	for len(v) >= 8 {
		x := v[:8:8]
		a += x[0] + x[4]
		b += x[1] + x[5]
		c += x[2] + x[6]
		d += x[3] + x[7]
		v = v[8:]
	}
	for _, x := range v {
		a += x
	}
	return a + b + c + d
}

func TestAllocsCharge(t *testing.T) {
	c := chargeYear(t)
	none(t, "ChargeCube", func() { c.charge(t) })
	one := c.charges.Frame(settlement.RF)
	none(t, "Charge", func() {
		if err := c.schedule.Charge(one, c.volumes.Frame(settlement.RF), c.views[settlement.RF], c.supply); err != nil {
			t.Fatal(err)
		}
	})
}

func TestAllocsReconcile(t *testing.T) {
	cube := Staircase()
	dst, rep, totals := series.NewFrame(nil, cube.Schema(), Year()), new(revisions.Report), new(series.Totals)
	none(t, "Reconciler.Into", func() { revisions.Latest().Into(dst, rep, cube) })
	none(t, "Reconciler.TotalByMonth", func() { revisions.Latest().TotalByMonth(totals, rep, cube) })
}

func TestAllocsAdjust(t *testing.T) {
	c := chargeYear(t)
	vol := series.NewFrame(nil, tariffs.Volumes(), Year())
	none(t, "Adjust", func() {
		if err := c.schedule.Adjust(vol, c.views[settlement.RF]); err != nil {
			t.Fatal(err)
		}
	})
}

// TestAllocsCollect: a call allocates a few words of its own, a reading none.
func TestAllocsCollect(t *testing.T) {
	const perCall = 8
	cube, span := series.NewCube(nil, wide(), Runs(), Year()), Year()
	got := testing.AllocsPerRun(2, func() {
		cube.Reset(span)
		if _, err := series.Collect(cube, settlement.MPAN{}, wideReadings); err != nil {
			t.Fatal(err)
		}
	})
	t.Logf("%v allocations for %d readings", got, Items*len(Runs())*span.Len())
	if got > perCall && !raceEnabled {
		t.Errorf("Collect allocates %v times, want at most %d whatever the readings", got, perCall)
	}
}

func none(t *testing.T, what string, f func()) {
	t.Helper()
	f()
	if got := testing.AllocsPerRun(3, f); got != 0 && !raceEnabled {
		t.Errorf("%s allocates %v times, want 0", what, got)
	}
}
