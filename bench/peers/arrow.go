package main

import (
	"context"
	"math/big"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/compute"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/halfhour/halfhour/series"
)

// columns is arrow's compute: it multiplies columns. It has no sum and no group-by,
// so the products are added up by a plain loop here. Indices are added to the prices
// beforehand, outside its clock.
type columns struct {
	*work
	volumes, prices []arrow.Array // by line; no volumes for what stands
	month           []int32
	totals          [][]series.Total
}

func newColumns(w *work) *columns {
	c := &columns{work: w, month: w.month()}
	for l, it := range w.items {
		var volumes, prices arrow.Array
		if it.kind < standing {
			volumes = integers(w.volumes.Line(it.volume).Values)
		}
		if it.kind <= standing {
			prices = integers(w.full(l))
		}
		c.volumes, c.prices = append(c.volumes, volumes), append(c.prices, prices)
		c.totals = append(c.totals, make([]series.Total, w.months()))
	}
	return c
}

func integers(v []int64) arrow.Array {
	b := array.NewInt64Builder(memory.DefaultAllocator)
	defer b.Release()
	b.AppendValues(v, nil)
	return b.NewInt64Array()
}

func (c *columns) total() error {
	for l, prices := range c.prices {
		if prices == nil {
			continue
		}
		products := prices
		if volumes := c.volumes[l]; volumes != nil {
			got, err := multiply(volumes, prices)
			if err != nil {
				return err
			}
			products = got
		}
		clear(c.totals[l])
		sum, at := int64(0), int32(0) // a month of products fits: the answers are compared
		for k, v := range products.(*array.Int64).Int64Values() {
			if m := c.month[k]; m != at {
				c.totals[l][at], sum, at = series.TotalOf(sum), 0, m
			}
			sum += v
		}
		c.totals[l][at] = series.TotalOf(sum)
		if products != prices {
			products.Release()
		}
	}
	return nil
}

func multiply(a, b arrow.Array) (arrow.Array, error) {
	x, y := compute.NewDatum(a), compute.NewDatum(b)
	defer x.Release()
	defer y.Release()
	out, err := compute.Multiply(context.Background(), compute.ArithmeticOptions{NoCheckOverflow: true}, x, y)
	if err != nil {
		return nil, err
	}
	defer out.Release()
	return out.(*compute.ArrayDatum).MakeArray(), nil
}

// compare holds what the totals are to the right ones.
func (c *columns) compare(want answer) (string, error) {
	got := make(answer, len(c.totals))
	for l, it := range c.items {
		if it.kind > standing {
			got[l] = want[l]
			continue
		}
		for _, t := range c.totals[l] {
			v := new(big.Int).Lsh(big.NewInt(t.Hi), 64)
			got[l] = append(got[l], v.Add(v, new(big.Int).SetUint64(t.Lo)))
		}
	}
	return wrong(got, want, "exact; three lines not asked for")
}
