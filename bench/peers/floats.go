package main

import (
	"fmt"
	"math"
	"math/big"

	"gonum.org/v1/gonum/floats"

	"github.com/halfhour/halfhour/tariffs"
)

// float is gonum on float64 pounds and kWh: a dot product for each line and month.
// Indices are added to the prices beforehand, outside its clock.
type float struct {
	*work
	volumes, prices [][]float64 // by line; no volumes for what stands
	bounds          []int       // of months
	totals          [][]float64
}

func newFloat(w *work) *float {
	f := &float{work: w, bounds: []int{0}}
	for _, part := range w.span.Months() {
		f.bounds = append(f.bounds, w.span.Index(part.Hi))
	}
	for l, it := range w.items {
		var volumes, prices []float64
		scale := w.scale(l)
		if it.kind < standing {
			def := tariffs.Volumes().Def(it.volume)
			scale -= def.Scale
			volumes = inFloats(w.volumes.Line(it.volume).Values, def.Scale)
		}
		if it.kind <= standing {
			prices = inFloats(w.full(l), scale)
		}
		f.volumes, f.prices = append(f.volumes, volumes), append(f.prices, prices)
		f.totals = append(f.totals, make([]float64, len(f.bounds)-1))
	}
	return f
}

// full are a line's prices with the index that goes with them.
func (w *work) full(line int) []int64 {
	it := w.items[line]
	if it.index == noIndex {
		return it.prices
	}
	index := w.winners.Market.Line(it.index)
	out := make([]int64, len(it.prices))
	for k, p := range it.prices {
		switch {
		case it.kind == instead && valid(index, k):
			out[k] = index.Values[k]
		case it.kind == instead:
			out[k] = p
		default:
			out[k] = p + index.Values[k]
		}
	}
	return out
}

func inFloats(v []int64, scale int) []float64 {
	out := make([]float64, len(v))
	for i, x := range v {
		out[i] = float64(x) / math.Pow10(scale)
	}
	return out
}

func (f *float) total() error {
	for l, prices := range f.prices {
		for m := range f.totals[l] {
			lo, hi := f.bounds[m], f.bounds[m+1]
			switch {
			case prices == nil:
			case f.volumes[l] == nil:
				f.totals[l][m] = floats.Sum(prices[lo:hi])
			default:
				f.totals[l][m] = floats.Dot(f.volumes[l][lo:hi], prices[lo:hi])
			}
		}
	}
	return nil
}

// tolerance is a millionth of a penny in each of the totals of a month.
const tolerance = 1e-8

// compare says how many totals of a line and month are not the exact ones, and by
// how many pounds the worst is off. Past the tolerance, or a part in 10^12 of a large
// total, it is another answer.
func (f *float) compare(want answer) (string, error) {
	worst, off, of := 0.0, 0, 0 // pounds; totals
	for l, it := range f.items {
		if it.kind > standing {
			continue
		}
		for m, got := range f.totals[l] {
			of++
			exact := new(big.Rat).SetFrac(want[l][m], tenTo(f.scale(l)))
			by, _ := new(big.Rat).Sub(exact, new(big.Rat).SetFloat64(got)).Float64()
			if by = math.Abs(by); by == 0 {
				continue
			}
			off++
			worst = max(worst, by)
			if by > max(tolerance, 1e-12*math.Abs(got)) {
				return "", fmt.Errorf("another answer: %s is £%v off in month %d", it.name, by, m)
			}
		}
	}
	return fmt.Sprintf("%d of %d totals not exact, at worst by £%.1e; three lines not asked for", off, of, worst), nil
}
