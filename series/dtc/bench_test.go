package dtc_test

import (
	"strings"
	"testing"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/series/dtc"
)

// year is a file of 365 usual days of one meter.
func year() string {
	var b strings.Builder
	b.WriteString(m101)
	for range 365 {
		b.WriteString("102|20260604|\n")
		for i := range 48 {
			b.WriteString("103|A|" + []string{"17.9", "18.1", "9.6", "120.4"}[i%4] + "|\n")
		}
	}
	return whole(b.String())
}

func BenchmarkRead(b *testing.B) {
	text := year()
	readings := dtc.Read("f", series.OpenBytes([]byte(text)), dtc.Options{})
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	n, sum := 0, int64(0)
	for b.Loop() {
		sum = 0
		for r, err := range readings {
			if err != nil {
				b.Fatal(err)
			}
			n++
			sum += r.Value
		}
	}
	if sum != 365*12*(17_900+18_100+9_600+120_400) {
		b.Fatal("sum", sum)
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds()/1e6, "Mreadings/s")
}

// Reading allocates for the file and for each meter, never for a day or a row.
func TestAllocs(t *testing.T) {
	one := whole(m101 + day("20260604", 48))
	allocs := func(text string) float64 {
		readings := dtc.Read("f", series.OpenBytes([]byte(text)), dtc.Options{})
		return testing.AllocsPerRun(10, func() {
			for _, err := range readings {
				if err != nil {
					t.Fatal(err)
				}
			}
		})
	}
	if a, b := allocs(one), allocs(year()); a != b || b > 20 {
		t.Errorf("%v allocations for a day, %v for a year", a, b)
	}
}
