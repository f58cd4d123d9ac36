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
	Mean   int64 // the change of all totals seen together: Σ new ÷ Σ old less 1
	Spread int64 // standard deviation of one total's change, of its gross: not known, and 0, where Count is below 2
	Count  int   // totals seen; of a path over several runs, the fewest of any step
}

// History is totals as two settlement runs had them, one after the other. The
// zero value is empty.
type History struct {
	actual, estimated table
}

// table is steps by the run they are from and the run they are to.
type table [settlement.NumRanked][settlement.NumRanked][]step

// step is one total: of a day, or of a month. guess is what of now is estimated.
type step struct{ old, now, guess, gross float64 }

// Total is the same half-hours as two runs have them.
type Total struct {
	Old, New decimal.Decimal
	Guess    decimal.Decimal // what of New rests on estimates, whatever Old did
	Gross    decimal.Decimal // what Old is made of, without signs: more than Old where a credit stands against a charge
}

// Add adds a total as the run from had it, by actual or by estimated readings,
// and as the run to, later, had the same half-hours. Totals of days make the
// spread of a day, totals of months that of a month. A total of nothing has no
// relative change and is left out.
func (h *History) Add(from, to settlement.Run, estimated bool, t Total) {
	if !from.Ranked() || !to.Ranked() || from >= to {
		panic("stats: a total moves from a ranked run to a later one")
	}
	if t.Gross.IsPositive() {
		of := h.table(estimated)
		of[from][to] = append(of[from][to], step{t.Old.InexactFloat64(), t.New.InexactFloat64(), t.Guess.InexactFloat64(), t.Gross.InexactFloat64()})
	}
}

func (h *History) table(estimated bool) *table {
	if estimated {
		return &h.estimated
	}
	return &h.actual
}

// Between is the drift from one run to a later one, of totals that the first had
// by actual or by estimated readings. It goes step by step, each to the nearest
// later run seen: means compound, and spreads add in squares, as if each step
// were by chance. What a step leaves estimated goes on as estimates do, the rest
// as readings do; estimates that nothing seen follows further go on as readings.
// It is not ok where the history has no such path, or its totals come to nothing
// or to so little that the change is no figure to go by. It does not depend on the
// order of Add.
func (h *History) Between(from, to settlement.Run, estimated bool) (d Drift, ok bool) {
	p, ok := h.path(from, to, estimated)
	if !ok {
		return Drift{}, false
	}
	mean, okMean := million(p.growth - 1)
	spread, okSpread := million(math.Sqrt(p.square))
	if p.count < 2 { // one total says nothing of how far others lie from it
		spread, okSpread = 0, true
	}
	return Drift{mean, spread, p.count}, okMean && okSpread
}

// path is what a total grows by on its way between two runs.
type path struct {
	growth, square float64
	count          int // of the totals seen, the fewest of any step; 0 of no step
}

func (h *History) path(from, to settlement.Run, estimated bool) (path, bool) {
	if from >= to {
		return path{growth: 1}, true
	}
	t := h.table(estimated)
	next := from + 1
	for next <= to && (!next.Ranked() || len(t[from][next]) == 0) {
		next++
	}
	if next > to {
		return path{}, false
	}
	m, ok := moved(t[from][next])
	if !ok {
		return path{}, false
	}
	p := path{square: m.spread * m.spread, count: m.count}
	read, okRead := h.path(next, to, false)
	guess, okGuess := h.path(next, to, true)
	switch {
	case !okGuess:
		guess = read
	case m.all: // no reading among them
		read, okRead = guess, true
	}
	if !okRead {
		return path{}, false
	}
	p.growth = (m.mean-m.guess)*read.growth + m.guess*guess.growth
	part := 0.0 // of the total that is estimated: where credits are among it, that may be less than nothing or more than all
	if m.mean != 0 {
		part = min(max(m.guess/m.mean, 0), 1)
	}
	p.square += (1-part)*read.square + part*guess.square
	p.fewest(read.count)
	if m.guess != 0 {
		p.fewest(guess.count)
	}
	return p, true
}

// fewest counts in the totals seen on the rest of a path.
func (p *path) fewest(count int) {
	if count != 0 {
		p.count = min(p.count, count)
	}
}

// move is the ratio of all that is now to all that was; the standard deviation
// of one total from it, of its gross; and the ratio of guess, which may be all of
// now.
type move struct {
	mean, spread, guess float64
	all                 bool
	count               int
}

// moved is not ok where the totals together were nothing.
//
// The mean is Σ now ÷ Σ old, and no mean of ratios: it is what makes the pounds
// seen before come out, where some of them were credits, too. With x = (now − mean
// × old) ÷ gross and weights w by gross, which sum to the number n of totals, the
// spread is √(Σ w x² ÷ (n − 1)); the mean of x by those weights is 0.
func moved(steps []step) (m move, ok bool) {
	steps = slices.Clone(steps)
	slices.SortFunc(steps, func(a, b step) int {
		return cmp.Or(cmp.Compare(a.old, b.old), cmp.Compare(a.now, b.now), cmp.Compare(a.guess, b.guess), cmp.Compare(a.gross, b.gross))
	})
	var old, now, guess float64
	m = move{all: true, count: len(steps)}
	for _, s := range steps {
		old, now, guess = old+s.old, now+s.now, guess+s.guess
		m.all = m.all && s.guess == s.now
	}
	if old == 0 {
		return move{}, false
	}
	m.mean, m.guess = now/old, guess/old
	if len(steps) == 1 {
		return m, true
	}
	off, weights := make([]float64, len(steps)), make([]float64, len(steps))
	for i, s := range steps {
		off[i], weights[i] = (s.now-m.mean*s.old)/s.gross, s.gross
	}
	// gonum divides by the weights less 1: it takes a weight for a count.
	floats.Scale(float64(len(steps))/floats.Sum(weights), weights)
	_, variance := stat.MeanVariance(off, weights)
	m.spread = math.Sqrt(max(0, variance)) // of equal changes the variance may be a hair below 0
	return m, true
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
