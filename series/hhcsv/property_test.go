package hhcsv_test

import (
	"fmt"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/series/hhcsv"
	"github.com/halfhour/halfhour/settlement"
)

// The days around both clock changes of 2026, and some others.
var someDays = []string{"2026-03-28", "2026-03-29", "2026-03-30", "2026-10-24", "2026-10-25", "2026-10-26",
	"2024-02-29", "2026-07-01", "2026-01-01", "2025-12-31"}

// render writes v thousandths of a kWh in the unit.
func render(v int64, u hhcsv.Unit) string {
	switch u {
	case hhcsv.Wh:
		return fmt.Sprint(v)
	case hhcsv.MWh:
		return fmt.Sprintf("%d.%06d", v/1000000, v%1000000)
	case hhcsv.KW:
		v *= 2
	}
	return fmt.Sprintf("%d.%03d", v/1000, v%1000)
}

// stamp writes the end of p that the layout names, the way it writes it. The
// oracle is time.Time and the period's clock, not the reader's arithmetic.
func stamp(p settlement.Period, l hhcsv.Layout, suffix bool) (date, clock string) {
	d, half, second := p.Day(), p.Clock()/30, p.Clock() == (p-2).Clock()
	if l.Zone == hhcsv.UTC {
		d, second = settlement.Day(p/48), false
		half = int(p % 48)
	}
	if l.Label == hhcsv.End {
		if half++; half == 48 && suffix {
			d, half = d+1, 0
		}
	}
	clock = fmt.Sprintf("%02d:%02d", half/2, half%2*30)
	if second && suffix {
		clock += "a"
	}
	return dateOf(d, l), clock
}

func dateOf(d settlement.Day, l hhcsv.Layout) string {
	if l.Dates == hhcsv.DMY {
		y, m, n := d.Date()
		return fmt.Sprintf("%02d/%02d/%04d", n, int(m), y)
	}
	return d.String()
}

func drawLayout(t *rapid.T, shape hhcsv.Shape) hhcsv.Layout {
	return hhcsv.Layout{
		Shape: shape,
		Label: rapid.SampledFrom([]hhcsv.Label{hhcsv.Start, hhcsv.End}).Draw(t, "label"),
		Zone:  rapid.SampledFrom([]hhcsv.Zone{hhcsv.London, hhcsv.UTC}).Draw(t, "zone"),
		Unit:  rapid.SampledFrom([]hhcsv.Unit{hhcsv.KWh, hhcsv.Wh, hhcsv.MWh, hhcsv.KW}).Draw(t, "unit"),
		Dates: rapid.SampledFrom([]hhcsv.DateOrder{hhcsv.YMD, hhcsv.DMY}).Draw(t, "dates"),
	}
}

func drawDay(t *rapid.T) settlement.Day {
	d, err := settlement.ParseDay(rapid.SampledFrom(someDays).Draw(t, "day"))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func same(t *rapid.T, text string, l hhcsv.Layout, want []series.Reading) {
	got, errs := read(text, l)
	if len(errs) > 0 || len(got) != len(want) {
		t.Fatalf("%d readings, want %d; %v\n%s", len(got), len(want), errs, text)
	}
	for i := range got {
		got[i].Pos = series.Pos{}
		if got[i] != want[i] {
			t.Fatalf("%d: %+v, want %+v\n%s", i, got[i], want[i], text)
		}
	}
}

func TestLongRoundTrip(t *testing.T) {
	m := mpan(t, mpanA)
	rapid.Check(t, func(t *rapid.T) {
		l := drawLayout(t, hhcsv.Long)
		form := rapid.SampledFrom([]string{"timestamp", "date,time", "date,period"}).Draw(t, "form")
		suffix := rapid.Bool().Draw(t, "suffix")
		day := drawDay(t)
		var want []series.Reading
		b := strings.Builder{}
		fmt.Fprintf(&b, "run,%s,value,mpan,line,flag\n", form)
		span := settlement.Days(day, day+1+settlement.Day(rapid.IntRange(0, 2).Draw(t, "more")))
		for p := span.Lo; p < span.Hi; p++ {
			rd := series.Reading{MPAN: m, Line: series.Line(rapid.IntRange(0, 1).Draw(t, "line")), Run: settlement.SF,
				Period: p, Value: rapid.Int64Range(0, 1e9).Draw(t, "value")}
			// A label alone on the long day is ambiguous: that hour is one line, whole.
			if p.Clock() == (p-2).Clock() || p.Clock() == (p+2).Clock() {
				rd.Line = series.AI
			} else if rapid.IntRange(0, 9).Draw(t, "gap") == 0 {
				continue
			}
			flag := ""
			if rapid.Bool().Draw(t, "flag") {
				flag, rd.Mark = "E", series.Estimated
			}
			date, clock := stamp(p, l, suffix)
			when := date + " " + clock
			switch form {
			case "date,time":
				when = date + "," + clock
			case "date,period":
				d, n := p.Split()
				if l.Zone == hhcsv.UTC {
					d, n = settlement.Day(p/48), int(p%48)+1
				}
				when = fmt.Sprintf("%s,%d", dateOf(d, l), n)
			}
			fmt.Fprintf(&b, "SF,%s,%s,%s,%s,%s\n", when, render(rd.Value, l.Unit), mpanA, series.Meter().Def(rd.Line).Name, flag)
			want = append(want, rd)
		}
		if len(want) > 0 {
			same(t, b.String(), l, want)
		}
	})
}

func TestWideRoundTrip(t *testing.T) {
	m := mpan(t, mpanA)
	rapid.Check(t, func(t *rapid.T) {
		l := drawLayout(t, hhcsv.Wide)
		day := drawDay(t)
		lo, n := day.First(), day.Len()
		if l.Zone == hhcsv.UTC {
			lo, n = settlement.Period(day)*48, 48
		}
		head, width, byClock := cells(50, 1), 50, false
		switch {
		case n <= 48 && rapid.Bool().Draw(t, "clock"):
			byClock, width = true, 48
			if head = clocks(0, 47); l.Label == hhcsv.End {
				if head = clocks(1, 48); rapid.Bool().Draw(t, "midnight") {
					head = clocks(1, 47) + ",00:00"
				}
			}
		case n <= 48 && rapid.Bool().Draw(t, "48"):
			head, width = cells(48, 1), 48
		}
		var want []series.Reading
		row := make([]string, width)
		for i := range n {
			rd := series.Reading{MPAN: m, Period: lo + settlement.Period(i), Value: rapid.Int64Range(0, 1e9).Draw(t, "value")}
			at := i
			if byClock && l.Zone == hhcsv.London {
				at = rd.Period.Clock() / 30
			}
			row[at] = render(rd.Value, l.Unit)
			want = append(want, rd)
		}
		same(t, "mpan,date,"+head+"\n"+mpanA+","+dateOf(day, l)+","+strings.Join(row, ",")+"\n", l, want)
	})
}

// Rounding agrees with exact rational arithmetic, whatever the unit.
func TestRoundedExactly(t *testing.T) {
	l := of(t, "long,start,london,kwh")
	l.Round = true
	factor := map[hhcsv.Unit]*big.Rat{
		hhcsv.KWh: big.NewRat(1000, 1), hhcsv.Wh: big.NewRat(1, 1), hhcsv.MWh: big.NewRat(1000000, 1), hhcsv.KW: big.NewRat(500, 1),
	}
	rapid.Check(t, func(t *rapid.T) {
		l := l
		l.Unit = rapid.SampledFrom([]hhcsv.Unit{hhcsv.KWh, hhcsv.Wh, hhcsv.MWh, hhcsv.KW}).Draw(t, "unit")
		text := rapid.StringMatching(`[0-9]{1,9}(\.[0-9]{0,8}[05]{1,6})?`).Draw(t, "value")
		got, errs := read("timestamp,value\n2024-04-01 00:00,"+text+"\n", l)
		if len(errs) > 0 {
			t.Fatal(errs)
		}
		x, _ := new(big.Rat).SetString(text)
		x.Mul(x, factor[l.Unit])
		up := new(big.Rat).Add(x, big.NewRat(1, 2))
		want := new(big.Int).Quo(up.Num(), up.Denom()).Int64()
		if got[0].Value != want || got[0].Mark.Has(series.Rounded) == x.IsInt() {
			t.Fatalf("%s: %d %v, want %d", text, got[0].Value, got[0].Mark, want)
		}
	})
}
