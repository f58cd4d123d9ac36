package main

import (
	"fmt"
	"math/big"

	"github.com/shopspring/decimal"

	"github.com/halfhour/halfhour/bench"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
)

// naive is the engine that everyone writes first: a half-hour is a struct with
// maps, a figure a shopspring/decimal, a total a map by name and month.
type naive struct {
	*work
	halfHours []halfHour
	cells     map[int]map[settlement.Run][]decimal.Decimal // pounds by half-hour and run, line by line
	totals    map[totalKey]decimal.Decimal
	days      map[int]decimal.Decimal
	square    map[int]decimal.Decimal
	triads    decimal.Decimal
}

type halfHour struct {
	month, day           int
	triad                bool
	volumes, indices     map[string]decimal.Decimal
	prices               map[string]decimal.Decimal
	active, ri, re       decimal.Decimal
	volumeOf, indexOf    map[string]string // of an item
	standingFor, replace map[string]bool
}

type totalKey struct {
	item  string
	month int
}

func newNaive(w *work) *naive {
	n := &naive{work: w, cells: map[int]map[settlement.Run][]decimal.Decimal{}}
	volumeOf, indexOf, standingFor, replace := map[string]string{}, map[string]string{}, map[string]bool{}, map[string]bool{}
	for _, it := range w.items {
		switch it.kind {
		case standing:
			standingFor[it.name] = true
		case energy, instead:
			volumeOf[it.name] = tariffs.Volumes().Def(it.volume).Name
			replace[it.name] = it.kind == instead
			if it.index != noIndex {
				indexOf[it.name] = series.Market().Def(it.index).Name
			}
		}
	}
	month := w.month()
	isTriad := map[settlement.Period]bool{}
	for _, p := range triadPeriods() {
		isTriad[p] = true
	}
	for k := range w.span.Len() {
		p := w.span.Lo + settlement.Period(k)
		h := halfHour{month: int(month[k]), day: int(p.Day() - w.span.From()), triad: isTriad[p], volumeOf: volumeOf, indexOf: indexOf,
			standingFor: standingFor, replace: replace, volumes: held(w.volumes, k), indices: held(w.winners.Market, k), prices: map[string]decimal.Decimal{}}
		for l, it := range w.items {
			scale := w.scale(l)
			if it.kind == energy || it.kind == instead { // scales add
				scale -= tariffs.Volumes().Def(it.volume).Scale
			}
			h.prices[it.name] = decimal.New(it.prices[k], int32(-scale))
		}
		for name, v := range h.indices { // a price is of a kWh, an index of a MWh
			h.indices[name] = v.Shift(-3)
		}
		meter := held(w.winners.Meter, k)
		h.active, h.ri, h.re = meter["AI"], meter["RI"], meter["RE"]
		n.halfHours = append(n.halfHours, h)
		n.cells[k] = map[settlement.Run][]decimal.Decimal{}
		for _, r := range bench.Runs() {
			f := w.charges.Frame(r)
			if valid(f.Line(0), k) {
				for l := range series.Line(f.Schema().Len()) {
					n.cells[k][r] = append(n.cells[k][r], decimal.New(f.Line(l).Values[k], int32(-f.Schema().Def(l).Scale)))
				}
			}
		}
	}
	return n
}

func valid(c series.Column, k int) bool { return c.Valid[k>>6]>>(k&63)&1 != 0 }

// held are the values of a half-hour by name.
func held(f *series.Frame, k int) map[string]decimal.Decimal {
	out := map[string]decimal.Decimal{}
	for l := range series.Line(f.Schema().Len()) {
		if c := f.Line(l); valid(c, k) {
			out[f.Schema().Def(l).Name] = decimal.New(c.Values[k], int32(-f.Schema().Def(l).Scale))
		}
	}
	return out
}

// total charges half-hour by half-hour.
func (n *naive) total() error {
	n.totals, n.days, n.square, n.triads = map[totalKey]decimal.Decimal{}, map[int]decimal.Decimal{}, map[int]decimal.Decimal{}, decimal.Zero
	for i := range n.halfHours {
		h := &n.halfHours[i]
		for item, price := range h.prices {
			var charge decimal.Decimal
			if volume, ok := h.volumeOf[item]; ok {
				if index, ok := h.indices[h.indexOf[item]]; ok {
					if h.replace[item] {
						price = index
					} else {
						price = price.Add(index)
					}
				}
				charge = h.volumes[volume].Mul(price)
			} else if h.standingFor[item] {
				charge = price
			} else {
				continue
			}
			key := totalKey{item, h.month}
			n.totals[key] = n.totals[key].Add(charge)
			n.days[h.day] = n.days[h.day].Add(charge)
		}
		if h.active.IsPositive() {
			reactive := decimal.Max(h.ri, h.re)
			n.square[h.month] = decimal.Max(n.square[h.month], h.active.Mul(h.active).Add(reactive.Mul(reactive)))
		}
		if h.triad {
			n.triads = n.triads.Add(h.volumes["GSP"])
		}
	}
	return nil
}

// answer is what total found, at the lines' scales.
func (n *naive) answer() (answer, error) {
	f := figures{sums: make(answer, len(n.items))}
	for l, it := range n.items {
		if it.kind > standing {
			continue
		}
		for m := range n.months() {
			v, err := at(n.totals[totalKey{it.name, m}], n.scale(l))
			if err != nil {
				return nil, err
			}
			f.sums[l] = append(f.sums[l], v)
		}
	}
	var err error
	for d := range n.span.To() - n.span.From() {
		v, e := at(n.days[int(d)], dayScale)
		f.days, err = append(f.days, v), first(err, e)
	}
	for m := range n.months() {
		v, e := at(n.square[m], 6)
		f.square, err = append(f.square, v), first(err, e)
	}
	triads, e := at(n.triads, 6)
	if f.triads = triads; first(err, e) != nil {
		return nil, first(err, e)
	}
	return n.finish(f)
}

func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// at is a decimal as an integer at a scale, which must hold it exactly.
func at(d decimal.Decimal, scale int) (*big.Int, error) {
	d = d.Shift(int32(scale))
	if !d.IsInteger() {
		return nil, fmt.Errorf("%v has more than %d decimals", d, scale)
	}
	return d.BigInt(), nil
}

// reconcile takes the latest run of each half-hour and adds it up.
func (n *naive) reconcile() error {
	n.totals = map[totalKey]decimal.Decimal{}
	runs := bench.Runs()
	for k := range n.halfHours {
		byRun := n.cells[k]
		for i := len(runs) - 1; i >= 0; i-- {
			cells, ok := byRun[runs[i]]
			if !ok {
				continue
			}
			for l, v := range cells {
				key := totalKey{n.items[l].name, n.halfHours[k].month}
				n.totals[key] = n.totals[key].Add(v)
			}
			break
		}
	}
	return nil
}

func (n *naive) reconciled() (answer, error) {
	out := make(answer, len(n.items))
	for l, it := range n.items {
		for m := range n.months() {
			v, err := at(n.totals[totalKey{it.name, m}], n.charges.Schema().Def(series.Line(l)).Scale)
			if err != nil {
				return nil, err
			}
			out[l] = append(out[l], v)
		}
	}
	return out, nil
}
