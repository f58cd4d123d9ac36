package main

import (
	"bytes"
	"fmt"
	"math/big"
	"os"
	"path/filepath"

	"github.com/shopspring/decimal"

	"github.com/halfhour/halfhour/bench"
	"github.com/halfhour/halfhour/internal/sample"
	"github.com/halfhour/halfhour/revisions"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/series/hhparquet"
	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
)

// work is what every engine is given: one meter's span with six runs of readings
// and market data, a compiled tariff of thirty lines, and what of it an engine that
// starts further on needs.
type work struct {
	span     settlement.Span
	schedule *tariffs.Schedule
	supply   *tariffs.Supply
	items    []item

	inputs  [3]*series.Cube // meter, market, contract as they arrive
	winners tariffs.Inputs  // of them
	volumes *series.Frame   // of the winners
	charges *series.Cube    // lines of pounds by run, staircase, to be reconciled

	landed sample.Landed
	folder string   // of the Parquet files
	meters []string // their names, a meter each
}

// item is how an engine without windows, dates and shares comes to a line: it is
// the sum of volume × price, or of what stands, or is finished from three figures.
type item struct {
	name   string
	volume tariffs.Volume
	index  series.Line // of the market, added to the price; -1 for none
	prices []int64     // by half-hour: of a unit of the volume's last decimal
	kind   kind
}

type kind uint8

const (
	energy   kind = iota // the sum of volume × (price + index)
	instead              // the same, but the index stands for the price where there is one
	standing             // the sum of prices, which are amounts
	triads               // the three, finished by finish
	excess
	vat
)

const noIndex series.Line = -1

// seen is a day by which every half-hour of the span has had its first run and
// the oldest have had their last.
const seen = "2026-06-30"

func newWork(span settlement.Span, meters int, folder string) (*work, error) {
	w := &work{span: span, supply: bench.Supply(), folder: folder}
	w.supply.Capacity[0].KVA = decimal.NewFromInt(700) // which the meter passes: excess is to come to something
	err := w.supply.Validate()
	if err != nil {
		return nil, err
	}
	if w.schedule, err = bench.Tariff().Compile(span, w.supply); err != nil {
		return nil, err
	}
	day, err := settlement.ParseDay(seen)
	if err != nil {
		return nil, err
	}
	w.landed = sample.AsOf(day)
	untagged := []settlement.Run{settlement.Untagged}
	market := append(untagged, bench.Runs()...)
	for i, c := range []struct {
		schema *series.Schema
		runs   []settlement.Run
		from   series.Readings
	}{
		{series.Meter(), bench.Runs(), sample.Meter(sample.Seed, span, w.landed)},
		{series.Market(), market, sample.Market(sample.Seed, span, w.landed)},
		{series.Contract(), untagged, sample.Contract(sample.Seed, span)},
	} {
		if w.inputs[i], err = collect(c.schema, c.runs, span, c.from); err != nil {
			return nil, err
		}
	}
	w.winners.Meter, _ = revisions.Latest().Reconcile(w.inputs[0])
	w.winners.Market, _ = revisions.Latest().Reconcile(w.inputs[1])
	w.winners.Contract, _ = revisions.Latest().Reconcile(w.inputs[2])
	w.volumes = series.NewFrame(nil, tariffs.Volumes(), span)
	if err := w.schedule.Adjust(w.volumes, w.winners); err != nil {
		return nil, err
	}
	if err := w.price(); err != nil {
		return nil, err
	}
	w.charges = bench.Stairs.Cube(bench.Items, bench.Runs(), span)
	return w, w.write(meters)
}

func collect(s *series.Schema, runs []settlement.Run, span settlement.Span, from series.Readings) (*series.Cube, error) {
	cube := series.NewCube(nil, s, runs, span)
	mpan := settlement.MPAN{}
	if s == series.Meter() {
		mpan = sample.MPAN()
	}
	_, err := series.Collect(cube, mpan, from)
	return cube, err
}

// price takes the compiled prices out of the schedule: what it charges for one
// unit of every volume, at indices of 0, is the price, and what it charges beside
// that stands. What a tariff says is thus no part of what is compared.
func (w *work) price() error {
	one := series.NewFrame(nil, tariffs.Volumes(), w.span)
	in := tariffs.Inputs{Meter: w.winners.Meter, Contract: w.winners.Contract, Market: series.NewFrame(nil, series.Market(), w.span)}
	for l := range series.Line(one.Schema().Len()) {
		fill(one.Line(l), 1)
	}
	for l := range series.CfDRate { // but not the levy: the rate that stands in for it is wanted
		fill(in.Market.Line(l), 0)
	}
	cells := series.NewFrame(nil, w.schedule.Schema(), w.span)
	if err := w.schedule.Charge(cells, one, in, w.supply); err != nil {
		return err
	}
	for l := range series.Line(cells.Schema().Len()) {
		name := cells.Schema().Def(l).Name
		which, err := tariffs.ParseItem(name)
		if err != nil {
			return err
		}
		it := item{name: name, volume: w.schedule.ChargedOn(which), index: noIndex, prices: cells.Line(l).Values}
		switch which {
		case tariffs.EnergyImbalance:
			it.index = series.SystemPrice
		case tariffs.RCRC:
			it.index = series.RCRC
		case tariffs.CfDILR:
			it.kind, it.index = instead, series.CfDRate
		case tariffs.TNUoSLocational:
			it.kind = triads
		case tariffs.DUoSExcessCapacity:
			it.kind = excess
		case tariffs.VAT:
			it.kind = vat
		default:
			if it.volume == tariffs.NoVolume {
				it.kind = standing
			}
		}
		w.items = append(w.items, it)
	}
	return nil
}

func fill(c series.Column, v int64) {
	for i := range c.Values {
		c.Values[i] = v
		c.Valid[i>>6] |= 1 << (i & 63)
	}
}

// write writes the Parquet files: so many meters, market and contract.
func (w *work) write(meters int) error {
	out := hhparquet.NewWriter()
	put := func(name string, mpan settlement.MPAN, c *series.Cube) error {
		var b bytes.Buffer
		if _, err := out.Write(&b, mpan, c); err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(w.folder, name), b.Bytes(), 0o600)
	}
	cube := series.NewCube(nil, series.Meter(), bench.Runs(), w.span)
	for i := range meters {
		if err := w.collectMeter(cube, i); err != nil {
			return err
		}
		name := fmt.Sprintf("meter-%03d.parquet", i)
		if err := put(name, sample.MPAN(), cube); err != nil {
			return err
		}
		w.meters = append(w.meters, name)
	}
	if err := put("market.parquet", settlement.MPAN{}, w.inputs[1]); err != nil {
		return err
	}
	return put("contract.parquet", settlement.MPAN{}, w.inputs[2])
}

// collectMeter fills a cube with the readings of meter i: the first is the work's own.
func (w *work) collectMeter(cube *series.Cube, i int) error {
	cube.Reset(w.span)
	_, err := series.Collect(cube, sample.MPAN(), sample.Meter(sample.Seed+uint64(i), w.span, w.landed))
	return err
}

// of is the work with the readings of meter i, as far as totals of energy need them:
// nothing arrives by run.
func (w *work) of(i int) (*work, error) {
	cube := series.NewCube(nil, series.Meter(), bench.Runs(), w.span)
	if err := w.collectMeter(cube, i); err != nil {
		return nil, err
	}
	m := *w
	m.winners.Meter, _ = revisions.Latest().Reconcile(cube)
	m.volumes = series.NewFrame(nil, tariffs.Volumes(), w.span)
	m.charges = series.NewCube(nil, w.schedule.Schema(), bench.Runs(), w.span)
	return &m, w.schedule.Adjust(m.volumes, m.winners)
}

// answer is totals by line and month, each at its line's scale.
type answer [][]*big.Int

func (w *work) months() int {
	n := 0
	for range w.span.Months() {
		n++
	}
	return n
}

// answerOf is an answer as totals have it.
func answerOf(t *series.Totals, lines int) answer {
	out := make(answer, lines)
	for l := range out {
		for m := range t.Months() {
			sum := t.Sum(series.Line(l), m)
			v := new(big.Int).Lsh(big.NewInt(sum.Hi), 64)
			out[l] = append(out[l], v.Add(v, new(big.Int).SetUint64(sum.Lo)))
		}
	}
	return out
}

// differs says where two answers differ, "" where nowhere.
func (a answer) differs(b answer) string {
	if len(a) != len(b) {
		return fmt.Sprintf("%d lines, not %d", len(a), len(b))
	}
	for l := range a {
		if len(a[l]) != len(b[l]) {
			return fmt.Sprintf("line %d has %d months, not %d", l, len(a[l]), len(b[l]))
		}
		for m := range a[l] {
			if a[l][m] == nil || b[l][m] == nil || a[l][m].Cmp(b[l][m]) != 0 {
				return fmt.Sprintf("line %d, month %d: %v, not %v", l, m, a[l][m], b[l][m])
			}
		}
	}
	return ""
}
