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
	steps, estimated table
}

// table is steps by the run they are from and the run they are to.
type table [settlement.NumRanked][settlement.NumRanked][]step

// step is one total: of a day, or of a month.
type step struct{ old, now float64 }

// Add adds a total as the run from had it, by actual or by estimated readings,
// and as the run to, later, had the same half-hours. Totals of days make the spread of a day, totals of months that of a month. A
// total that was nothing has no relative change and is left out.
func (h *History) Add(from, to settlement.Run, estimated bool, old, now decimal.Decimal) {
	if !from.Ranked() || !to.Ranked() || from >= to {
		panic("stats: a total moves from a ranked run to a later one")
	}
	t := &h.steps
	if estimated {
		t = &h.estimated
	}
	if !old.IsZero() {
		t[from][to] = append(t[from][to], step{old.InexactFloat64(), now.InexactFloat64()})
	}
}

// Between is the drift from one run to a later one, of totals that the first had
// by actual or by estimated readings. It goes step by step, each to the nearest
// later run seen: means compound, and spreads add in squares, as if each step
// were by chance. An estimate is taken to be replaced at the first step. It is
// not ok where the history has no such path. It does not depend on the order of
// Add.
func (h *History) Between(from, to settlement.Run, estimated bool) (d Drift, ok bool) {
	growth, square := 1.0, 0.0
	t := &h.steps
	if estimated {
		t = &h.estimated
	}
	for from < to {
		next := from + 1
		for next <= to && (!next.Ranked() || len(t[from][next]) == 0) {
			next++
		}
		if next > to {
			return Drift{}, false
		}
		steps := t[from][next]
		mean, spread := moved(steps)
		growth, square = growth*mean, square+spread*spread
		if d.Count == 0 || len(steps) < d.Count {
			d.Count = len(steps)
		}
		from, t = next, &h.steps
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
