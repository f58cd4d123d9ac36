package hhparquet_test

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"

	"github.com/halfhour/halfhour/internal/sample"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/series/hhparquet"
	"github.com/halfhour/halfhour/settlement"
)

// TestForeign: a reader counts, of what it reads and not of the rest, the values whose
// mark names another run than their own, and tells a frame whatever of it is wanted.
func TestForeign(t *testing.T) {
	day, err := settlement.ParseDay("2025-09-28")
	if err != nil {
		t.Fatal(err)
	}
	span := settlement.Days(day, day+7) // of two months, and so of two pages
	w, r := hhparquet.NewWriter(), hhparquet.NewReader(hhparquet.Limits{})
	rapid.Check(t, func(t *rapid.T) {
		runs := [][]settlement.Run{{settlement.Untagged}, {settlement.SF, settlement.RF}, {settlement.Untagged, settlement.SF}}[rapid.IntRange(0, 2).Draw(t, "runs")]
		c := series.NewCube(nil, series.Meter(), runs, span)
		held := rapid.SliceOfN(rapid.IntRange(0, 9), span.Len(), span.Len()).Draw(t, "held")
		for _, run := range runs {
			for i, k := range held {
				if k == 0 {
					continue
				}
				mark := series.Mark(0).From(run)
				if k == 1 {
					mark |= series.Estimated
				}
				c.Frame(run).Set(series.AI, span.Lo+settlement.Period(i), 1000, mark)
			}
		}
		reconciled := false
		for range rapid.IntRange(0, 3).Draw(t, "others") {
			run := rapid.SampledFrom(runs).Draw(t, "run")
			i := rapid.IntRange(0, span.Len()-1).Draw(t, "at")
			other := rapid.SampledFrom([]settlement.Run{settlement.II, settlement.R1, settlement.DF}).Draw(t, "other")
			if held[i] > 0 {
				c.Frame(run).Set(series.AI, span.Lo+settlement.Period(i), 1000, series.Mark(0).From(other))
				reconciled = reconciled || run == settlement.Untagged
			}
		}
		var raw bytes.Buffer
		if _, err := w.Write(&raw, sample.MPAN(), c); err != nil {
			t.Fatal(err)
		}
		if err := r.LoadBytes("x", raw.Bytes(), nil); err != nil {
			t.Fatal(err)
		}
		if got, err := r.Reconciled(); err != nil || got != reconciled {
			t.Fatalf("reconciled %v, %v; want %v", got, err, reconciled)
		}
		from := rapid.IntRange(0, 6).Draw(t, "from")
		wanted := settlement.Days(day+settlement.Day(from), day+settlement.Day(rapid.IntRange(from+1, 7).Draw(t, "to")))
		got := series.NewCube(nil, series.Meter(), runs, wanted)
		tally, err := r.Into(got, hhparquet.Want{Span: wanted})
		if err != nil {
			t.Fatal(err)
		}
		want := 0
		for _, run := range runs {
			col := c.Frame(run).Line(series.AI)
			for p := wanted.Lo; p < wanted.Hi; p++ {
				if _, held := col.At(span.Index(p)); held && col.Marks[span.Index(p)].Run() != run {
					want++
				}
			}
		}
		if tally.Foreign != want {
			t.Fatalf("%d values of other runs; want %d", tally.Foreign, want)
		}
	})
}

// TestReconciledDamaged: damaged marks are an error, and not a file without any.
func TestReconciledDamaged(t *testing.T) {
	day, err := settlement.ParseDay("2025-09-28")
	if err != nil {
		t.Fatal(err)
	}
	c := series.NewCube(nil, series.Meter(), []settlement.Run{settlement.Untagged}, day.Span())
	c.Frame(settlement.Untagged).Set(series.AI, day.First(), 1, series.Mark(0).From(settlement.SF))
	var raw bytes.Buffer
	if _, err := hhparquet.NewWriter().Write(&raw, sample.MPAN(), c); err != nil {
		t.Fatal(err)
	}
	r, refused := hhparquet.NewReader(hhparquet.Limits{}), 0
	for at := range raw.Len() {
		other := bytes.Clone(raw.Bytes())
		other[at] ^= 1
		if r.LoadBytes("x", other, nil) != nil {
			continue
		}
		switch got, err := r.Reconciled(); {
		case err != nil:
			refused++
		case !got:
			t.Fatalf("byte %d: the frame is not told", at)
		}
	}
	if refused == 0 {
		t.Error("no damage reached the marks")
	}
}
