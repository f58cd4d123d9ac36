package dtc_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/series/dtc"
	"github.com/halfhour/halfhour/settlement"
)

// A file written from random readings is read back as those readings, under
// every flow, envelope, line end and way of padding.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := writer{T: t, utc: rapid.Bool().Draw(t, "D0379"), zhd: rapid.Bool().Draw(t, "ZHD")}
		text, want := w.file()
		o := dtc.Options{Run: rapid.SampledFrom([]settlement.Run{settlement.Untagged, settlement.II, settlement.DF}).Draw(t, "run")}
		got, errs := read(text, o)
		if len(errs) > 0 {
			t.Fatalf("%v in\n%s", errs, text)
		}
		lines := strings.Split(text, "\n")
		for i := range got {
			r := &got[i]
			v, _, _ := strings.Cut(strings.TrimRight(lines[r.Pos.Line-1][r.Pos.Column-1:], "\r"), "|")
			if x, _, err := series.ParseFixed(v, 3, false); err != nil || x != r.Value || r.Run != o.Run {
				t.Fatalf("%+v, but at its place stands %q", r, v)
			}
			r.Pos, r.Run = series.Pos{}, 0
		}
		if !slices.Equal(got, want) {
			t.Fatalf("got  %v\nwant %v\nin\n%s", got, want, text)
		}
	})
}

// writer writes a file and keeps what it has written.
type writer struct {
	*rapid.T
	utc, zhd bool
	pipe     string // at the end of records, or ""
	end      string
	out      strings.Builder
	records  int
	readings []series.Reading
}

func (w *writer) put(fields ...string) {
	w.out.WriteString(strings.Join(fields, "|") + w.pipe + w.end)
	w.records++
}

func (w *writer) file() (string, []series.Reading) {
	w.end = rapid.SampledFrom([]string{"\n", "\r\n"}).Draw(w.T, "end")
	w.pipe = rapid.SampledFrom([]string{"|", ""}).Draw(w.T, "pipe")
	w.out.WriteString(rapid.SampledFrom([]string{"", "\xef\xbb\xbf"}).Draw(w.T, "mark"))
	code, id, flow := "ZHV", "HH1", "D0036001"
	if w.zhd {
		code, id = "ZHD", ""
	}
	if w.utc {
		flow = "D0379002"
	}
	w.put(code, id, flow, "C", "SSIL", "X", "GMTR", "20260605161900", "", "", "", "OPER")
	for range rapid.IntRange(1, 3).Draw(w.T, "meters") {
		w.meter()
	}
	if w.zhd {
		w.put("ZPT", strconv.Itoa(w.records+1), "77")
	} else {
		w.put("ZPT", id, strconv.Itoa(w.records-1), "", "1", "20260605162000")
	}
	return w.out.String(), w.readings
}

func (w *writer) meter() {
	core := strconv.Itoa(rapid.IntRange(1000000000, 9999999999).Draw(w.T, "core")) + "00"
	digit, err := settlement.CheckDigit(core)
	if err != nil {
		w.Fatal(err)
	}
	mpan, err := settlement.ParseMPAN(core + strconv.Itoa(digit))
	if err != nil {
		w.Fatal(err)
	}
	line := series.Line(rapid.IntRange(0, 3).Draw(w.T, "quantity"))
	w.put(map[bool]string{false: "101", true: "25B"}[w.utc], mpan.String(), series.Meter().Def(line).Name, "GMTR")
	for range rapid.IntRange(1, 4).Draw(w.T, "days") {
		d := rapid.OneOf(
			rapid.SampledFrom(changeDays(w.T)),
			rapid.Custom(func(t *rapid.T) settlement.Day {
				return settlement.Day(rapid.Int32Range(int32(settlement.MinDay), int32(settlement.MaxDay)).Draw(t, "n"))
			})).Draw(w.T, "day")
		w.day(mpan, line, d)
	}
}

func changeDays(t *rapid.T) []settlement.Day {
	var ds []settlement.Day
	for _, s := range []string{"2024-03-31", "2024-10-27", "2026-03-29", "2026-10-25", "2027-10-31", "2024-02-29"} {
		d, err := settlement.ParseDay(s)
		if err != nil {
			t.Fatal(err)
		}
		ds = append(ds, d)
	}
	return ds
}

func (w *writer) day(mpan settlement.MPAN, line series.Line, d settlement.Day) {
	y, m, dd := d.Date()
	group, row, n, first := "102", "103", d.Len(), d.First()
	if w.utc {
		group, row, n, first = "26B", "66L", 48, settlement.Period(d)*48
	}
	w.put(group, fmt.Sprintf("%04d%02d%02d", y, m, dd))
	pads := 0
	if !w.utc {
		pads = rapid.IntRange(0, 50-n).Draw(w.T, "padding")
	}
	at := rapid.IntRange(0, n).Draw(w.T, "padding at")
	// One draw for a day keeps the test quick: values and flags follow from it.
	x := rapid.Uint64().Draw(w.T, "values")
	for i := range n + 1 {
		if i == at {
			for range pads {
				w.put(row, "C", "0.0")
			}
		}
		if i == n {
			break
		}
		x ^= x<<13 | 1
		x ^= x >> 7
		x ^= x << 17
		value, mark, flag := int64(x>>8%1e9), series.Mark(0), "A"
		value %= []int64{1, 1000, 100000, 1e9, 1e15}[x%5]
		if x>>5&1 != 0 {
			mark, flag = series.Estimated, "E"
		} else if w.utc && x>>6&1 != 0 {
			flag = ""
		}
		text := fmt.Sprintf("%d.%03d", value/1000, value%1000)
		w.put(row, flag, strings.TrimSuffix(text, "00")) // one decimal is enough, as NUM(7,1) has it
		w.readings = append(w.readings, series.Reading{
			MPAN: mpan, Line: line, Period: first + settlement.Period(i), Value: value, Mark: mark,
		})
	}
}
