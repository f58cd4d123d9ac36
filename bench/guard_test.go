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

// The budgets, as ratios of processor time in one run, and the medians measured of
// them: docs/decisions 5 and 12. A guard fails only past its budget and past slack ×
// the median, and only when every one of its tries is past both: other work on the
// machine takes the caches for a while, a lost fast path is lost for good. What
// it measured is logged either way and is what a change is judged by.
const (
	chargeBudget, chargeMedian = 1.5, 1.6   // × copy of the charge cube
	adjustBudget, adjustMedian = 2.3, 2.0   // × the same, from readings and loss factors
	fusedBudget, fusedMedian   = 0.25, 0.20 // × the same: totals of the winning view, without its cells
	totalBudget, totalMedian   = 1.5, 1.33  // × a plain read of the winning cells, laid end to end; where there are no vector loops
	intoBudget, intoMedian     = 1.5, 1.65  // × a plain read of what Into must look at: see looked
	mergeBudget, mergeMedian   = 20, 8.3    // × the same, where each half-hour is held by a random run
	readBudget, readMedian     = 0.45, 0.20 // × copy of the charge cube: of six runs in a Parquet file the one that speaks
	fileBudget, fileMedian     = 1.86, 0.50 // × the same: the file to totals. 4 G points/s on two cores are 1.58 ms a meter, and a copy took 0.85 ms where the budget is from

	slack  = 2
	tries  = 5
	rounds = 25
)

// ratio times a against b, interleaved, and gives the ratio of the medians of the
// processor's time.
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
	start := processor()
	f()
	return processor() - start
}

// guard holds a, timed against b, to a budget, or to slack × the median where that
// is more.
func guard(t *testing.T, budget, median float64, a, b func()) {
	t.Helper()
	limit := max(budget, slack*median)
	for try := 1; ; try++ {
		got := ratio(t, a, b)
		t.Logf("ratio %.2f, budget %.2f, limit %.2f", got, budget, limit)
		switch {
		case raceEnabled || testing.Short():
			t.Skip("ratios mean nothing under the race detector or -short")
		case got <= limit:
			return
		case try == tries:
			t.Errorf("ratio %.2f is past %.2f, %d times in a row: the budget is %.2f, the median was %.2f", got, limit, tries, budget, median)
			return
		}
	}
}

func TestRatioCharge(t *testing.T) {
	c := chargeYear(t)
	guard(t, chargeBudget, chargeMedian, func() { c.charge(t) }, c.copying())
}

// TestRatioAdjustAndCharge charges every run from AI, LLF and TLM.
func TestRatioAdjustAndCharge(t *testing.T) {
	c, vol := chargeYear(t), series.NewFrame(nil, tariffs.Volumes(), Year())
	guard(t, adjustBudget, adjustMedian, func() { c.chargeReadings(t, vol) }, c.copying())
}

// TestRatioFused totals the winning view by item and month from its volumes, and
// logs what the same takes from the readings and from all that arrived, and for
// every run.
func TestRatioFused(t *testing.T) {
	f := fuse(t)
	copied := f.copying()
	t.Logf("every run, from its volumes: %.2f × copy", ratio(t, func() { f.runs(t) }, copied))
	t.Logf("from AI, LLF and TLM: %.2f × copy", ratio(t, func() { f.adjust(t); f.total(t) }, copied))
	t.Logf("from every run's readings and prices: %.2f × copy", ratio(t, func() { f.reconcile(); f.adjust(t); f.total(t) }, copied))
	guard(t, fusedBudget, fusedMedian, func() { f.total(t) }, copied)
}

// copying copies as many cells as the cube of charges has.
func (c charged) copying() func() {
	src, dst := make([]int64, c.points()), make([]int64, c.points())
	for i := range src {
		src[i] = int64(i)
	}
	return func() { copy(dst, src) }
}

func TestRatioReconcileAndTotal(t *testing.T) {
	cube := Staircase()
	dst, rep := new(series.Totals), new(revisions.Report)
	revisions.Latest().TotalByMonth(dst, rep, cube)
	held, _, _ := looked(cube, rep)
	guard(t, totalBudget, totalMedian, func() { revisions.Latest().TotalByMonth(dst, rep, cube) }, reading(t, held))
}

// looked counts the cells Reconciler.Into must look at, and what it must read to
// know them, in words of eight bytes: the winning cells of every line; the
// winners' marks, one byte a half-hour of a source; and bitmaps, of the winner and
// of every later run that had to be found silent (of every run where none or
// several speak). It leaves out what is written: the copy of cells and marks is
// Into's own cost, and what a copy alone takes is logged. TotalByMonth reads no
// marks.
func looked(c *series.Cube, rep *revisions.Report) (cells, marks, bitmaps int) {
	runs := c.Runs()
	lines := make([]int, len(rep.Sources))
	for l := range series.Line(c.Schema().Len()) {
		lines[c.Schema().SourceOf(l)]++
	}
	halfHours, bits := 0, 0
	for k, src := range rep.Sources {
		for _, n := range src.ByRun {
			cells += n * lines[k]
			halfHours += n
		}
		for _, st := range src.Stretches {
			opened := len(runs)
			if st.Kind == revisions.Whole {
				opened -= slices.Index(runs, st.Run)
			}
			bits += opened * (st.Hi - st.Lo)
		}
	}
	return cells, halfHours / 8, bits / 64
}

// reading is a plain read of that many words, laid end to end and read in
// order: no faster read of them exists in Go.
func reading(t *testing.T, words int) func() {
	laid := make([]int64, words)
	for i := range laid {
		laid[i] = int64(i)
	}
	var sink int64
	t.Cleanup(func() {
		if sink == 0 {
			t.Error("nothing was read")
		}
	})
	return func() { sink += PlainRead(laid) }
}

// copying is a copy of that many words, a line's at a time: the least that making
// the frame can cost beside deciding.
func copying(words int) func() {
	dst, src, line := make([]int64, words), make([]int64, words), Year().Len()
	for i := range src {
		src[i] = int64(i)
	}
	return func() {
		for at := 0; at < words; at += line {
			end := min(at+line, words)
			copy(dst[at:end], src[at:end])
		}
	}
}

// ratioInto reconciles a cube against a plain read of what it must look at.
func ratioInto(t *testing.T, cube *series.Cube, budget, median float64) {
	dst, rep := series.NewFrame(nil, cube.Schema(), Year()), new(revisions.Report)
	revisions.Latest().Into(dst, rep, cube)
	cells, marks, bitmaps := looked(cube, rep)
	t.Logf("words: %d cells, %d of marks, %d of bitmaps", cells, marks, bitmaps)
	read := reading(t, cells+marks+bitmaps)
	t.Logf("copying those words is %.2f × reading them", ratio(t, copying(cells+marks+bitmaps), read))
	guard(t, budget, median, func() { revisions.Latest().Into(dst, rep, cube) }, read)
}

func TestRatioReconcileStaircase(t *testing.T) { ratioInto(t, Staircase(), intoBudget, intoMedian) }
func TestRatioReconcileDense(t *testing.T)     { ratioInto(t, StaircaseDense(), intoBudget, intoMedian) }
func TestRatioReconcileAdversarial(t *testing.T) {
	ratioInto(t, Adversarial(), mergeBudget, mergeMedian)
}

// TestRatioTotalAdversarial: totals where no day is held whole, against the same
// plain read.
func TestRatioTotalAdversarial(t *testing.T) {
	cube := Adversarial()
	dst, rep := new(series.Totals), new(revisions.Report)
	revisions.Latest().TotalByMonth(dst, rep, cube)
	cells, _, bitmaps := looked(cube, rep) // no mark is read
	guard(t, mergeBudget, mergeMedian, func() { revisions.Latest().TotalByMonth(dst, rep, cube) }, reading(t, cells+bitmaps))
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

func TestAllocsFused(t *testing.T) {
	f := fuse(t)
	none(t, "TotalByMonth", func() { f.total(t) })
	none(t, "TotalByMonth of six runs", func() { f.runs(t) })
	none(t, "reconciling, adjusting and totalling", func() { f.reconcile(); f.adjust(t); f.total(t) })
}

func TestAllocsReconcile(t *testing.T) {
	for _, shape := range Shapes() {
		cube := shape.year()
		dst, rep, totals := series.NewFrame(nil, cube.Schema(), Year()), new(revisions.Report), new(series.Totals)
		none(t, "Reconciler.Into, "+shape.String(), func() { revisions.Latest().Into(dst, rep, cube) })
		none(t, "Reconciler.TotalByMonth, "+shape.String(), func() { revisions.Latest().TotalByMonth(totals, rep, cube) })
	}
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
