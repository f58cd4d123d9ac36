package hhcsv_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/series/hhcsv"
	"github.com/halfhour/halfhour/settlement"
)

// decimalOf writes v at a scale, with zeros at the end or without.
func decimalOf(v int64, scale int, short bool) string {
	sign := ""
	if v < 0 {
		sign, v = "-", -v
	}
	s := fmt.Sprintf("%0*d", scale+1, v)
	whole, frac := s[:len(s)-scale], s[len(s)-scale:]
	if short {
		frac = strings.TrimRight(frac, "0")
	}
	if frac != "" {
		frac = "." + frac
	}
	return sign + whole + frac
}

// drawRow draws a row of a table and the half-hours it is of. The oracle looks
// at every half-hour of the span and asks it for its day and number.
func drawRow(t *rapid.T, span settlement.Span) (date, period string, is []settlement.Period) {
	from := rapid.IntRange(int(span.From()), int(span.To())-1).Draw(t, "from")
	to := rapid.IntRange(from, int(span.To())-1).Draw(t, "to")
	least := 50
	for d := from; d <= to; d++ {
		least = min(least, settlement.Day(d).Len())
	}
	first := rapid.IntRange(1, least).Draw(t, "first")
	last := rapid.IntRange(first, least).Draw(t, "last")
	date, period = fmt.Sprintf("%s..%s", settlement.Day(from), settlement.Day(to)), fmt.Sprintf("%d-%d", first, last)
	switch rapid.IntRange(0, 3).Draw(t, "form") {
	case 0:
		first, last, period = 1, 50, "*"
	case 1:
		last, period = first, fmt.Sprint(first)
	}
	if rapid.Bool().Draw(t, "one day") {
		to, date = from, settlement.Day(from).String()
	}
	for p := span.Lo; p < span.Hi; p++ {
		if d, n := p.Split(); int(d) >= from && int(d) <= to && n >= first && n <= last {
			is = append(is, p)
		}
	}
	return date, period, is
}

// What is written as a table, in any order and by stretches, is read back the
// same: every run, line and half-hour, and nothing where nothing was said.
func TestTableRoundTrip(t *testing.T) {
	runs := []settlement.Run{settlement.Untagged, settlement.II, settlement.SF, settlement.RF, settlement.DF}
	rapid.Check(t, func(t *rapid.T) {
		schema := rapid.SampledFrom([]*series.Schema{series.Market(), series.Contract()}).Draw(t, "schema")
		day := drawDay(t)
		span := settlement.Days(day, day+3)
		want, got := series.NewCube(nil, schema, runs, span), series.NewCube(nil, schema, runs, span)
		columns := []string{"date", "period", "run"}
		for l := range schema.Len() {
			columns = append(columns, schema.Def(series.Line(l)).Name)
		}
		columns = rapid.Permutation(columns).Draw(t, "columns")
		b := strings.Builder{}
		b.WriteString(strings.Join(columns, ",") + "\n")
		for range rapid.IntRange(1, 12).Draw(t, "rows") {
			run := rapid.SampledFrom(runs).Draw(t, "run")
			date, period, is := drawRow(t, span)
			cells, held := map[string]string{"date": date, "period": period, "run": run.String()}, false
			if run == settlement.Untagged {
				cells["run"] = ""
			}
			frame := want.Frame(run)
			for l := range series.Line(schema.Len()) {
				def, col := schema.Def(l), frame.Line(l)
				if rapid.Bool().Draw(t, "empty") || slices.ContainsFunc(is, func(p settlement.Period) bool { _, ok := col.At(span.Index(p)); return ok }) {
					continue
				}
				v := rapid.Int64Range(-1e15, 1e15).Draw(t, "value")
				if def.Unit == series.Ratio {
					v = rapid.Int64Range(1, []int64{3: 2000, 9: 2000000000}[def.Scale]).Draw(t, "factor")
				}
				cells[def.Name], held = decimalOf(v, def.Scale, rapid.Bool().Draw(t, "short")), true
				for _, p := range is {
					frame.Set(l, p, v, series.Mark(0).From(run))
				}
			}
			if !held {
				continue
			}
			row := make([]string, len(columns))
			for i, c := range columns {
				row[i] = cells[c]
			}
			b.WriteString(strings.Join(row, ",") + "\n")
		}
		text := b.String()
		if strings.Count(text, "\n") == 1 {
			return
		}
		if _, err := series.Collect(got, settlement.MPAN{}, hhcsv.ReadTable("f", series.OpenBytes([]byte(text)), schema)); err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		for _, run := range runs {
			for l := range series.Line(schema.Len()) {
				a, b := want.Frame(run).Line(l), got.Frame(run).Line(l)
				if !slices.Equal(a.Values, b.Values) || !slices.Equal(a.Valid, b.Valid) || !slices.Equal(a.Marks, b.Marks) {
					t.Fatalf("%s %s differs\n%s", run, schema.Def(l).Name, text)
				}
			}
		}
	})
}

// FuzzReadTable: whatever the bytes, a reading lies in the calendar, is of a
// line and a ranked run, belongs to no meter and knows its place; an error is
// located; the count of errors is bounded; and a line and run never has more
// readings than a frame can hold.
func FuzzReadTable(f *testing.F) {
	f.Add([]byte("date,period,run,LLF,TLM,system-price,rcrc,cfd-rate\n2025-12-04,1,II,1.043,1.010106,62.00,0.05,\n2025-12-04,2,II,1.036,1.010106,-62.00,0.05,\n"), false)
	f.Add([]byte("\ufeffsep=,\r\nPeriod,\"DATE\",nominated\r\n*,2026-03-29..2026-03-31,-1.5\r\n1-50,2026-10-25,0\r\n"), true)
	f.Add([]byte("date,period,LLF\n2025-01-01..2026-02-04,*,1\n2099-12-31,1-48,2.1\n2099-12-31,49,2\n1996-01-01..2099-12-31,1,1"), false)
	f.Add([]byte("date,period,contract-price\n2025-12-04,1,\n2025-12-04,1-,999999999999.99999\n"), true)
	f.Fuzz(func(t *testing.T, data []byte, contract bool) {
		schema := series.Market()
		if contract {
			schema = series.Contract()
		}
		given := map[[2]int]int{}
		n, errs := 0, 0
		for rd, err := range hhcsv.ReadTable("f", series.OpenBytes(data), schema) {
			if err != nil {
				var e *series.Error
				if errs++; !errors.As(err, &e) || e.Pos.Source != "f" || e.Want == "" || len(e.Error()) > 4096 || rd != (series.Reading{}) {
					t.Fatalf("%v, %+v", err, rd)
				}
				continue
			}
			if n++; n == 1_000_000 {
				break // a small file can say a lot: enough is seen
			}
			given[[2]int{int(rd.Run), int(rd.Line)}]++
			if !rd.Period.Day().Valid() || rd.Line < 0 || int(rd.Line) >= schema.Len() || !rd.Run.Ranked() || !rd.MPAN.IsZero() || rd.Mark != 0 ||
				rd.Pos.Line < 2 || rd.Pos.Column < 1 || rd.Pos.Source != "f" {
				t.Fatalf("%+v", rd)
			}
		}
		for k, n := range given {
			if n > series.MaxPeriods {
				t.Fatalf("%v: %d readings", k, n)
			}
		}
		if errs > series.MaxErrors+1 || n+errs == 0 {
			t.Fatalf("%d readings, %d errors", n, errs)
		}
	})
}
