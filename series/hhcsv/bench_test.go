package hhcsv_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/series/hhcsv"
	"github.com/halfhour/halfhour/settlement"
)

// yearOf is a meter-year in a layout, and its number of readings.
func yearOf(l hhcsv.Layout) (string, int) {
	from, _ := settlement.ParseDay("2026-01-01")
	to, _ := settlement.ParseDay("2027-01-01")
	b := strings.Builder{}
	if l.Shape == hhcsv.Wide {
		fmt.Fprintf(&b, "mpan,date,%s\n", cells(50, 1))
	} else {
		b.WriteString("mpan,line,run,timestamp,value,flag\n")
	}
	n := 0
	for d := from; d < to; d++ {
		if l.Shape == hhcsv.Wide {
			fmt.Fprintf(&b, "%s,%s", mpanA, d)
		}
		for p := d.First(); p < (d + 1).First(); p++ {
			v := int64(n*7919) % 100000
			if n++; l.Shape == hhcsv.Wide {
				fmt.Fprintf(&b, ",%s", render(v, l.Unit))
				continue
			}
			date, clock := stamp(p, l, false)
			fmt.Fprintf(&b, "%s,AI,SF,%s %s,%s,A\n", mpanA, date, clock, render(v, l.Unit))
		}
		if l.Shape == hhcsv.Wide {
			b.WriteString(strings.Repeat(",", 50-d.Len()) + "\n")
		}
	}
	return b.String(), n
}

func BenchmarkRead(b *testing.B) {
	for _, words := range []string{"long,start,london,kwh", "long,end,utc,kw,dmy", "wide,start,london,kwh"} {
		b.Run(words, func(b *testing.B) {
			l := of(b, words)
			text, n := yearOf(l)
			data := []byte(text)
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			var total int64
			for b.Loop() {
				got := 0
				for rd, err := range hhcsv.Read("f", series.OpenBytes(data), l) {
					if err != nil {
						b.Fatal(err)
					}
					total += rd.Value ^ int64(rd.Period)
					got++
				}
				if got != n {
					b.Fatal(got, n)
				}
			}
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "readings/s")
			sink = total
		})
	}
}

var sink int64

// A reading costs no allocation of its own: a year costs some for each day.
func TestAllocations(t *testing.T) {
	for words, most := range map[string]float64{"long,start,london,kwh": 1000, "wide,start,london,kwh": 800} {
		l := of(t, words)
		text, _ := yearOf(l)
		data := []byte(text)
		if got := testing.AllocsPerRun(3, func() {
			for rd := range hhcsv.Read("f", series.OpenBytes(data), l) {
				sink += rd.Value
			}
		}); got > most {
			t.Errorf("%s: %v allocations for a year, want at most %v", words, got, most)
		}
	}
}
