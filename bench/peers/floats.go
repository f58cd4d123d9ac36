package main

import (
	"fmt"
	"math"
	"math/big"

	"github.com/shopspring/decimal"
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

// compare says how far the totals are off the right ones: the worst of a month,
// and in how many cells of the cube a float product is not the exact one.
func (f *float) compare(want answer) (string, error) {
	worst, off, of := 0.0, 0, 0
	for l, it := range f.items {
		if it.kind > standing {
			continue
		}
		for m, got := range f.totals[l] {
			of++
			exact, _ := new(big.Float).SetInt(want[l][m]).Float64()
			if d := pounds(want[l][m], f.scale(l)).Sub(decimal.NewFromBigRat(new(big.Rat).SetFloat64(got), 30)).Abs(); !d.IsZero() {
				off++
				worst = max(worst, d.InexactFloat64())
				if rel := d.InexactFloat64(); rel > tolerance+1e-12*math.Abs(exact/math.Pow10(f.scale(l))) {
					return "", fmt.Errorf("%s is £%v off in month %d", it.name, d, m)
				}
			}
		}
	}
	return fmt.Sprintf("%d of %d totals not exact, at worst by £%.1e; three lines not asked for", off, of, worst), nil
}
