package tariffs

import (
	"github.com/shopspring/decimal"

	"github.com/halfhour/halfhour/settlement"
)

// Footing is what pounds of a bill rest on.
type Footing struct {
	Run       settlement.Run
	Estimated bool // in half-hours that the run estimated
}

// Drift is by how much pounds on a footing are expected to change, in parts per
// million: the figures of series/stats, which measures them.
type Drift struct {
	Mean   int64
	Spread int64
	Count  int // of earlier totals it was seen in
}

// Accrual is what a bill is expected to change by until a later run. It is an
// expectation for the books of whoever makes the bill: it is no line of a bill
// and nobody owes it. Pounds are net of VAT, exact once the drifts are given.
//
// The method: the pounds on each footing × the mean drift of that footing. The
// spread is the pounds, whatever their sign, × the spread of the drift, and the
// spreads of the footings are added, as if all went the same way: at most what
// they come to together.
type Accrual struct {
	Bill     *Bill
	Until    settlement.Run
	Lines    []AccrualLine   // by run, of each the actual half-hours first
	NoRun    decimal.Decimal // pounds that no run restates
	Unknown  decimal.Decimal // pounds of the lines without a known drift: nothing is expected of them for want of history
	Expected decimal.Decimal // sum of the lines
	Spread   decimal.Decimal // sum of the lines
}

// AccrualLine is the pounds on one footing and what is expected of them.
type AccrualLine struct {
	Footing
	Pounds   decimal.Decimal
	Drift    // nothing where it is not known
	Known    bool
	Expected decimal.Decimal
	Spread   decimal.Decimal
}

// drifted is so many parts per million of an amount.
func drifted(amount decimal.Decimal, ppm int64) decimal.Decimal {
	return amount.Mul(decimal.New(ppm, -6))
}

// Accrue gives what the bill is expected to change by until a run, from the
// drifts of what its pounds rest on up to that run. Pounds on that run or a
// later one are settled: nothing is expected of them. The bill is one that
// Schedule.Bill made.
func (b *Bill) Accrue(until settlement.Run, drifts map[Footing]Drift) *Accrual {
	if b.Mix == nil {
		panic("tariffs: accrue a bill that Schedule.Bill made: this one does not say what its pounds rest on")
	}
	a := &Accrual{Bill: b, Until: until, NoRun: b.Mix.NoRun}
	for r := range settlement.Run(settlement.NumRanked) {
		estimated := b.Mix.Estimated[r]
		for _, l := range []AccrualLine{
			{Footing: Footing{r, false}, Pounds: b.Mix.ByRun[r].Sub(estimated)},
			{Footing: Footing{r, true}, Pounds: estimated},
		} {
			if l.Pounds.IsZero() {
				continue
			}
			if l.Known = r >= until; !l.Known {
				l.Drift, l.Known = drifts[l.Footing]
			}
			if !l.Known {
				a.Unknown = a.Unknown.Add(l.Pounds)
			}
			l.Expected, l.Spread = drifted(l.Pounds, l.Mean), drifted(l.Pounds.Abs(), l.Drift.Spread)
			a.Expected, a.Spread = a.Expected.Add(l.Expected), a.Spread.Add(l.Spread)
			a.Lines = append(a.Lines, l)
		}
	}
	return a
}
