package hhparquet_test

import (
	"bytes"
	"crypto/sha256"
	"io"
	"testing"

	"github.com/halfhour/halfhour/internal/sample"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/series/hhparquet"
	"github.com/halfhour/halfhour/settlement"
)

func BenchmarkRead(b *testing.B) {
	whole := meterCube(b, sample.Span(), sample.All)
	stairs := meterCube(b, sample.Span(), sample.AsOf(day(b, "2026-06-30")))
	for _, bench := range []struct {
		name string
		cube *series.Cube
		want hhparquet.Want
	}{
		{"all runs", whole, hhparquet.Want{Lines: billed}},
		{"latest of all landed", whole, hhparquet.Want{Lines: billed, Latest: true}},
		{"all runs of a staircase", stairs, hhparquet.Want{Lines: billed}},
		{"latest of a staircase", stairs, hhparquet.Want{Lines: billed, Latest: true}},
	} {
		raw, sum := write(b, sample.MPAN(), bench.cube)
		for _, verified := range []bool{false, true} {
			name, want := bench.name, (*hhparquet.Sum)(nil)
			if verified {
				name, want = name+" verified", &sum
			}
			b.Run(name, func(b *testing.B) {
				r := hhparquet.NewReader(hhparquet.Limits{})
				c := series.NewCube(nil, series.Meter(), sample.Runs(), sample.Span())
				var t hhparquet.Tally
				b.ReportAllocs()
				for b.Loop() {
					if err := r.LoadBytes("meter", raw, want); err != nil {
						b.Fatal(err)
					}
					var err error
					if t, err = r.Into(c, bench.want); err != nil {
						b.Fatal(err)
					}
				}
				n := float64(b.N) / b.Elapsed().Seconds()
				b.ReportMetric(float64(t.Values)*n/1e6, "Mvalues/s")
				b.ReportMetric(float64(t.Values), "values")
				b.ReportMetric(float64(len(raw)), "filebytes")
			})
		}
	}
}

func BenchmarkSum(b *testing.B) {
	raw, _ := write(b, sample.MPAN(), meterCube(b, sample.Span(), sample.All))
	b.SetBytes(int64(len(raw)))
	for b.Loop() {
		sha256.Sum256(raw)
	}
}

func BenchmarkReset(b *testing.B) {
	c := series.NewCube(nil, series.Meter(), sample.Runs(), sample.Span())
	for b.Loop() {
		c.Reset(sample.Span())
	}
}

func BenchmarkWrite(b *testing.B) {
	c := meterCube(b, sample.Span(), sample.All)
	w := hhparquet.NewWriter()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := w.Write(io.Discard, sample.MPAN(), c); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkReadings(b *testing.B) {
	raw, _ := write(b, sample.MPAN(), meterCube(b, sample.Span(), sample.All))
	for b.Loop() {
		for _, err := range hhparquet.Read("meter", series.OpenBytes(raw), nil, hhparquet.Limits{}) {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
	_ = bytes.MinRead
	_ = settlement.II
}
