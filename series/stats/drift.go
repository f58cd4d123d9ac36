// Package stats is where figures are inexact on purpose: means and spreads of
// what has been seen before. It is the only package that computes in floats and
// the only one that imports gonum. What leaves it is integers, in parts per
// million, so that whoever touches money goes on exactly:
//
//	exact totals ──► floats ──► parts per million ──► exact decimals
//
// The one trap: a mean of the past is no reading. What is made from it is an
// accrual and never stands on a bill.
package stats

import (
	"cmp"
	"math"
	"slices"

	"github.com/shopspring/decimal"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/stat"

	"github.com/halfhour/halfhour/settlement"
)

// Drift is by how much a total has moved between two settlement runs, in parts
// per million of what it was.
type Drift struct {
	Mean   int64 // the change of all totals seen together
	Spread int64 // standard deviation of one total's change; 0 where fewer than two were seen
	Count  int   // totals seen; of a path over several runs, the fewest of any step
}

// History is totals as two settlement runs had them, one after the other. The
// zero value is empty.
type History struct {
	steps [settlement.NumRanked][settlement.NumRanked][]step
}

// step is one total: of a day, or of a month.
type step struct{ old, now float64 }

// Add adds a total as the run from had it and as the run to, later, had it.
// Totals of days make the spread of a day, totals of months that of a month. A
// total that was nothing has no relative change and is left out.
func (h *History) Add(from, to settlement.Run, old, now decimal.Decimal) {
	if !from.Ranked() || !to.Ranked() || from >= to {
		panic("stats: a total moves from a ranked run to a later one")
	}
	if !old.IsZero() {
		h.steps[from][to] = append(h.steps[from][to], step{old.InexactFloat64(), now.InexactFloat64()})
	}
}

// Between is the drift from one run to a later one. Where totals were not seen
// at both, or were seen between them too, it goes step by step, each to the
// nearest later run seen: means compound, and spreads add in squares, as if each
// step were by chance. It is not ok where the history has no such path. Its
// result does not depend on the order of Add.
func (h *History) Between(from, to settlement.Run) (d Drift, ok bool) {
	growth, square := 1.0, 0.0
	for from < to {
		next := from + 1
		for next <= to && (int(next) >= settlement.NumRanked || len(h.steps[from][next]) == 0) {
			next++
		}
		if next > to {
			return Drift{}, false
		}
		mean, spread := moved(h.steps[from][next])
		growth, square = growth*mean, square+spread*spread
		if n := len(h.steps[from][next]); d.Count == 0 || n < d.Count {
			d.Count = n
		}
		from = next
	}
	mean, okMean := million(growth - 1)
	spread, okSpread := million(math.Sqrt(square))
	d.Mean, d.Spread = mean, spread
	return d, okMean && okSpread
}

// moved is the mean ratio of now to old, weighted by old, which is the ratio of
// the sums where all have one sign; and the standard deviation about it.
func moved(steps []step) (mean, spread float64) {
	steps = slices.Clone(steps)
	slices.SortFunc(steps, func(a, b step) int { return cmp.Or(cmp.Compare(a.old, b.old), cmp.Compare(a.now, b.now)) })
	ratios, weights := make([]float64, len(steps)), make([]float64, len(steps))
	for i, s := range steps {
		ratios[i], weights[i] = s.now/s.old, math.Abs(s.old)
	}
	if len(steps) == 1 {
		return ratios[0], 0
	}
	// gonum divides by the weights less 1: it takes a weight for a count.
	floats.Scale(float64(len(steps))/floats.Sum(weights), weights)
	mean, variance := stat.MeanVariance(ratios, weights)
	return mean, math.Sqrt(max(0, variance)) // of equal ratios it may be a hair below 0
}

// million is x in parts per million, if that is a number to go on with: less
// than a thousandfold.
func million(x float64) (ppm int64, ok bool) {
	x = math.Round(x * 1e6)
	if math.IsNaN(x) || math.Abs(x) >= 1e9 {
		return 0, false
	}
	return int64(x), true
}
