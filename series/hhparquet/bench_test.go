package hhparquet_test

import (
	"crypto/sha256"
	"io"
	"testing"

	"github.com/halfhour/halfhour/internal/sample"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/series/hhparquet"
)

func BenchmarkInto(b *testing.B) {
	for _, j := range jobs(b) {
		b.Run(j.name, func(b *testing.B) {
			var t hhparquet.Tally
			b.ReportAllocs()
			for b.Loop() {
				t = j.run(b)
			}
			b.ReportMetric(float64(t.Values)*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mvalues/s")
			b.ReportMetric(float64(t.Values), "values")
			b.ReportMetric(float64(len(j.raw)), "file-bytes")
		})
	}
}

// BenchmarkDigest is what verifying a meter-year adds.
func BenchmarkDigest(b *testing.B) {
	j := jobs(b)[0]
	b.SetBytes(int64(len(j.raw)))
	for b.Loop() {
		sha256.Sum256(j.raw)
	}
}

// BenchmarkReset is what emptying the cube of a meter-year takes of reading it.
func BenchmarkReset(b *testing.B) {
	j := jobs(b)[0]
	for b.Loop() {
		j.cube.Reset(sample.Span())
	}
}

func BenchmarkWrite(b *testing.B) {
	c, w := meterCube(b, sample.Span(), sample.All), hhparquet.NewWriter()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := w.Write(io.Discard, sample.MPAN(), c); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkReadings(b *testing.B) {
	j := jobs(b)[0]
	for b.Loop() {
		for _, err := range hhparquet.Read("meter", series.OpenBytes(j.raw), nil, hhparquet.Limits{}) {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
}
