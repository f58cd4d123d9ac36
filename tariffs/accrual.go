package tariffs

import (
	"fmt"

	"github.com/shopspring/decimal"

	"github.com/halfhour/halfhour/settlement"
)

// Drift is by how much pounds on a footing are expected to change, in parts per
// million: the figures of series/stats, which measures them.
type Drift struct {
	Mean   int64
	Spread int64 // not known where Count is below 2
	Count  int   // of earlier totals it was seen in
}

// Accrual is what a bill is expected to change by until a later run. It is an
// expectation for the books of whoever makes the bill: it is no line of a bill
// and nobody owes it. Pounds are net of VAT, exact once the drifts are given.
//
// Method says how it is made.
type Accrual struct {
	Bill     *Bill
	Until    settlement.Run
	Learnt   []settlement.Span // what the drifts were measured in; nil where the caller does not say
	Silent   []settlement.Span // what taught nothing: no two runs hold the whole of it
	Past     Condition         // what a reader must know of the bills of those days, in any run; none where the caller does not say
	Lines    []AccrualLine     // by stage, of each the actual half-hours first, what is behind last
	NoRun    decimal.Decimal   // pounds that no run restates
	Unknown  decimal.Decimal   // gross pounds of the lines neither settled nor with a known drift: nothing is expected of them
	Behind   decimal.Decimal   // gross pounds of the lines that are behind, whether or not something is expected of them
	Expected decimal.Decimal   // sum of the lines

	Spread decimal.NullDecimal // sum of the lines; null where that of any is
}

// AccrualLine is the pounds of one standing and what is expected of them.
type AccrualLine struct {
	Standing
	Pounds   decimal.Decimal
	Gross    decimal.Decimal // the same without their sign, item by item: a credit does not hide a charge
	Drift                    // nothing where it is not known
	Known    bool
	Settled  bool // on Until or later, and not behind: nothing is expected to come
	Expected decimal.Decimal
	Spread   decimal.NullDecimal // null where the change is not known or was seen once
}

// spread is how far what is expected may be off.
func (l *AccrualLine) spread() decimal.NullDecimal {
	switch {
	case l.Settled:
		return decimal.NewNullDecimal(decimal.Zero)
	case l.Known && l.Count >= 2:
		return decimal.NewNullDecimal(drifted(l.Gross, l.Drift.Spread))
	}
	return decimal.NullDecimal{}
}

// Method is how the accrual is made, for whoever reads it.
func (a *Accrual) Method() string {
	return fmt.Sprintf("pounds by stage (the latest run that states any reading, loss factor, index or nomination their half-hour is billed from) × the mean change "+
		"from that stage to %s of all such pounds in the days learnt from, restated or not, step by step to the next run seen: Σ new ÷ Σ old; means multiply; estimates go by those of their own until they are replaced. "+
		"± is gross pounds (without their sign, item by item) × the standard deviation of one span's change, weighted by gross, with n − 1 of the n spans seen; steps add in squares, stages plainly; of what was seen once it is not known. "+
		"Behind: some data is of an earlier run than the stage, or a stand-in speaks for it; it is expected to move as its stage did, and where the stage has no later step nothing is.", a.Until)
}

// drifted is so many parts per million of an amount.
func drifted(amount decimal.Decimal, ppm int64) decimal.Decimal {
	return amount.Mul(decimal.New(ppm, -6))
}

// Accrue gives what the bill is expected to change by until a run, from the
// drifts of what its pounds rest on up to that run. Pounds of that stage or a
// later one are settled, unless they are behind: nothing is expected of either.
// What is behind on an earlier stage is expected to change like the rest of the
// stage. The bill is one that Schedule.Bill made.
//
// Drifts must not be learnt from the days of the bill, which would foretell it
// from itself: halfhour.Accrue refuses that.
func (b *Bill) Accrue(until settlement.Run, drifts map[Footing]Drift) *Accrual {
	if b.Mix == nil {
		panic("tariffs: accrue a bill that Schedule.Bill made: this one does not say what its pounds rest on")
	}
	a := &Accrual{Bill: b, Until: until, NoRun: b.Mix.NoRun, Spread: decimal.NewNullDecimal(decimal.Zero)}
	for _, at := range standings() {
		l := AccrualLine{Standing: at, Pounds: b.Mix.Stages[at], Gross: b.Mix.Gross(at)}
		if l.Gross.IsZero() {
			continue
		}
		if l.Settled = at.Run >= until && !at.Behind; at.Run < until {
			l.Drift, l.Known = drifts[l.Footing]
		}
		if !l.Known && !l.Settled {
			a.Unknown = a.Unknown.Add(l.Gross)
		}
		if l.Behind {
			a.Behind = a.Behind.Add(l.Gross)
		}
		l.Expected, l.Spread = drifted(l.Pounds, l.Mean), l.spread()
		a.Expected = a.Expected.Add(l.Expected)
		a.Spread = decimal.NullDecimal{Decimal: a.Spread.Decimal.Add(l.Spread.Decimal), Valid: a.Spread.Valid && l.Spread.Valid}
		a.Lines = append(a.Lines, l)
	}
	return a
}
