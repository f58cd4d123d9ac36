package main

import (
	"fmt"
	"math/big"

	"github.com/halfhour/halfhour/bench"
	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
)

// Three of the thirty lines are no sums of products: the month's highest kVA, the
// demand of the Triads, and VAT. What takes time about them is in the engine's
// query or loop, which gives the figures below. What is left, a root a month and
// three roundings a day, is done here, by no engine's clock and in other arithmetic
// than the library's.

// figures are what an engine found of one meter.
type figures struct {
	sums   answer     // lines of products and of what stands; others nil
	days   []*big.Int // what those lines come to by day, at dayScale
	square []*big.Int // by month, the highest active² + reactive², kWh² at 6 decimals
	triads *big.Int   // GSP kWh of the Triads in the span, at 6 decimals
}

const (
	dayScale  = 14 // the finest a line has
	tickScale = 8
)

// toDayScale is what turns a line's cells into pounds at dayScale.
func (w *work) toDayScale(line int) *big.Int {
	return tenTo(dayScale - w.scale(line))
}

func (w *work) scale(line int) int { return w.schedule.Schema().Def(tariffs.Volume(line)).Scale }

func tenTo(n int) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil) }

// rate is the one rate of an item, in pounds.
func rate(of tariffs.Item) *big.Rat {
	for _, r := range bench.Tariff().Rates {
		if r.Items[0] == of {
			return r.Price.GBP.Rat()
		}
	}
	panic("no rate of " + of.String())
}

// finish gives the answer that the figures come to.
func (w *work) finish(f figures) (answer, error) {
	if len(f.days) != int(w.span.To()-w.span.From()) || len(f.square) != w.months() {
		return nil, fmt.Errorf("figures of %d days and %d months", len(f.days), len(f.square))
	}
	out := make(answer, len(w.items))
	for l := range w.items {
		if out[l] = f.sums[l]; out[l] == nil {
			for range w.months() {
				out[l] = append(out[l], new(big.Int))
			}
		}
	}
	year, _ := w.span.From().ChargingYear()
	end := year
	for first := year; first == year; end++ {
		first, _ = (end + 1).ChargingYear()
	}
	// Demand in kW, the mean of three: twice the kWh of a half-hour.
	demand := product(new(big.Rat).SetFrac(f.triads, tenTo(6)), big.NewRat(2, 3), rate(tariffs.TNUoSLocational), big.NewRat(1, int64(end-year)))
	capacity := w.supply.Capacity[0].KVA
	at := 0
	m := 0
	for month, part := range w.span.Months() {
		// 2√square is kVA: its root at 9 decimals, to the nearest.
		twice := new(big.Int).Sqrt(new(big.Int).Mul(f.square[m], new(big.Int).Mul(big.NewInt(16), tenTo(12))))
		kva := twice.Add(twice, big.NewInt(1)).Rsh(twice, 1)
		over := new(big.Rat).Sub(new(big.Rat).SetFrac(kva, tenTo(9)), capacity.Rat())
		if over.Sign() < 0 {
			over.SetInt64(0)
		}
		daily := product(over, rate(tariffs.DUoSExcessCapacity))
		for d := range part.EachDay() {
			base := new(big.Int).Set(f.days[at])
			at++
			for _, of := range []struct {
				item  tariffs.Item
				daily *big.Rat
				k     int64
			}{{tariffs.TNUoSLocational, demand, int64(d - year)}, {tariffs.DUoSExcessCapacity, daily, int64(d - month.First())}} {
				ticks := new(big.Int).Sub(upTo(of.daily, of.k+1), upTo(of.daily, of.k))
				w.add(out, of.item, m, ticks)
				base.Add(base, ticks.Mul(ticks, tenTo(dayScale-tickScale)))
			}
			due := product(new(big.Rat).SetFrac(base, tenTo(dayScale)), rate(tariffs.VAT))
			w.add(out, tariffs.VAT, m, halfUp(inTicks(due)))
		}
		m++
	}
	return out, nil
}

// add adds ticks to a line, at the line's scale.
func (w *work) add(to answer, item tariffs.Item, month int, ticks *big.Int) {
	line, _ := w.schedule.Line(item)
	cell := to[line][month]
	cell.Add(cell, new(big.Int).Mul(ticks, tenTo(w.scale(int(line))-tickScale)))
}

func product(of ...*big.Rat) *big.Rat {
	out := big.NewRat(1, 1)
	for _, r := range of {
		out.Mul(out, r)
	}
	return out
}

func inTicks(r *big.Rat) *big.Rat { return product(r, new(big.Rat).SetInt(tenTo(tickScale))) }

// upTo is k times an amount in ticks, half away from zero. No amount here is
// below zero, where that is half up.
func upTo(amount *big.Rat, k int64) *big.Int {
	return halfUp(inTicks(product(amount, big.NewRat(k, 1))))
}

func halfUp(r *big.Rat) *big.Int {
	r = new(big.Rat).Add(r, big.NewRat(1, 2))
	return new(big.Int).Div(r.Num(), r.Denom()) // the denominator is positive: this is the floor
}

// triadPeriods are the Triads.
func triadPeriods() []settlement.Period {
	t := bench.Tariff().Triads[0]
	return t.At[:]
}
