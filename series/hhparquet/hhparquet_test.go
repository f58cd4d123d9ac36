package hhparquet_test

import (
	"bytes"
	"slices"
	"testing"

	"github.com/halfhour/halfhour/internal/sample"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/series/hhparquet"
	"github.com/halfhour/halfhour/settlement"
)

func day(t testing.TB, s string) settlement.Day {
	t.Helper()
	d, err := settlement.ParseDay(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// meterCube is the sample meter as far as its runs have landed.
func meterCube(t testing.TB, span settlement.Span, landed sample.Landed) *series.Cube {
	t.Helper()
	c := series.NewCube(nil, series.Meter(), sample.Runs(), span)
	if _, err := series.Collect(c, sample.MPAN(), sample.Meter(sample.Seed, span, landed)); err != nil {
		t.Fatal(err)
	}
	return c
}

// marketCube is the sample market: loss factors untagged, the rest by run.
func marketCube(t testing.TB, span settlement.Span, landed sample.Landed) *series.Cube {
	t.Helper()
	c := series.NewCube(nil, series.Market(), append([]settlement.Run{settlement.Untagged}, sample.Runs()...), span)
	if _, err := series.Collect(c, settlement.MPAN{}, sample.Market(sample.Seed, span, landed)); err != nil {
		t.Fatal(err)
	}
	return c
}

func write(t testing.TB, mpan settlement.MPAN, c *series.Cube) ([]byte, hhparquet.Sum) {
	t.Helper()
	var b bytes.Buffer
	sum, err := hhparquet.NewWriter().Write(&b, mpan, c)
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), sum
}

// same says where two cubes of one schema differ, over the span of the second.
func same(t interface {
	Helper()
	Fatalf(string, ...any)
}, want, got *series.Cube) {
	t.Helper()
	shift := int(got.Span().Lo - want.Span().Lo)
	for _, run := range got.Runs() {
		w, g := want.Frame(run), got.Frame(run)
		for l := range want.Schema().Len() {
			a, b := w.Line(series.Line(l)), g.Line(series.Line(l))
			for i := range b.Len() {
				v, held := b.At(i)
				u, was := a.At(i + shift)
				if v != u || held != was || a.Marks[i+shift] != b.Marks[i] {
					t.Fatalf("%s %s at %d: %d %v %#x, want %d %v %#x", run, want.Schema().Def(series.Line(l)).Name, i, v, held, b.Marks[i], u, was, a.Marks[i+shift])
				}
			}
		}
	}
}

func TestMeterYearComesBack(t *testing.T) {
	c := meterCube(t, sample.Span(), sample.All)
	raw, sum := write(t, sample.MPAN(), c)
	r := hhparquet.NewReader(hhparquet.Limits{})
	if err := r.Load("meter", bytes.NewReader(raw), &sum); err != nil {
		t.Fatal(err)
	}
	if r.Schema() != series.Meter() || r.MPAN() != sample.MPAN() || r.Span() != sample.Span() || !slices.Equal(r.Runs(), sample.Runs()) {
		t.Fatal("the file says it is something else")
	}
	got := series.NewCube(nil, series.Meter(), sample.Runs(), settlement.Span{})
	tally, err := r.Into(got, hhparquet.Want{})
	if err != nil {
		t.Fatal(err)
	}
	same(t, c, got)
	t.Logf("%d bytes, %+v", len(raw), tally)
}
