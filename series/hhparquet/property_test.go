package hhparquet_test

import (
	"bytes"
	"fmt"
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/halfhour/halfhour/internal/sample"
	"github.com/halfhour/halfhour/revisions"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/series/hhparquet"
	"github.com/halfhour/halfhour/settlement"
)

// schemas draws lines of every scale, some of one source.
func schemas(t *rapid.T) *series.Schema {
	if rapid.IntRange(0, 3).Draw(t, "known") == 0 {
		return rapid.SampledFrom([]*series.Schema{series.Meter(), series.Market(), series.Contract()}).Draw(t, "schema")
	}
	n := rapid.IntRange(1, 4).Draw(t, "lines")
	var defs []series.Def
	for i := range n {
		defs = append(defs, series.Def{
			Name: fmt.Sprintf("line %d", i), Unit: rapid.SampledFrom([]series.Unit{series.KWh, series.GBP, series.GBPPerMWh}).Draw(t, "unit"),
			Scale: rapid.IntRange(0, series.MaxScale).Draw(t, "scale"), Source: fmt.Sprintf("s%d", rapid.IntRange(0, i).Draw(t, "source")),
		})
	}
	return series.Must(series.NewSchema("drawn", defs...))
}

// spans draws from a half-hour to some months about the clock changes.
func spans(t *rapid.T, of settlement.Span) settlement.Span {
	lo := rapid.IntRange(0, of.Len()-1).Draw(t, "lo")
	most := rapid.SampledFrom([]int{1, 48, 200, 3000}).Draw(t, "most")
	return settlement.Span{Lo: of.Lo + settlement.Period(lo), Hi: of.Lo + settlement.Period(min(of.Len(), lo+rapid.IntRange(1, most).Draw(t, "len")))}
}

func someRuns(t *rapid.T) []settlement.Run {
	var runs []settlement.Run
	for run := settlement.Untagged; run < settlement.NumRanked; run++ {
		if rapid.Bool().Draw(t, "run") {
			runs = append(runs, run)
		}
	}
	if len(runs) == 0 {
		runs = append(runs, settlement.SF)
	}
	return runs
}

// cubes draws a cube: whole days, days in pieces, days of nothing; values small,
// flat and extreme; marks plain and not.
func cubes(t *rapid.T) *series.Cube {
	s := schemas(t)
	c := series.NewCube(nil, s, someRuns(t), spans(t, settlement.Span{Lo: settlement.Period(967_000), Hi: settlement.Period(976_000)}))
	rng := rapid.Uint64().Draw(t, "seed")
	next := func(n uint64) uint64 { // splitmix64: a draw for each cell would be too slow
		rng += 0x9e3779b97f4a7c15
		x := (rng ^ rng>>30) * 0xbf58476d1ce4e5b9
		x = (x ^ x>>27) * 0x94d049bb133111eb
		return (x ^ x>>31) % n
	}
	for _, run := range c.Runs() {
		f := c.Frame(run)
		for k := range s.Sources() {
			col := f.Source(k)
			for _, part := range c.Span().EachDay() {
				kind := next(4)
				for p := part.Lo; p < part.Hi; p++ {
					i := c.Span().Index(p)
					if kind == 0 || kind == 1 && next(2) == 0 {
						continue
					}
					col.Valid[i>>6] |= 1 << (uint(i) & 63)
					col.Marks[i] = series.Mark(0).From(run)
					if kind == 2 && next(3) == 0 {
						col.Marks[i] = series.Mark(next(16)).From(settlement.Run(next(settlement.NumRanked)))
					}
				}
			}
		}
		for l := range s.Len() {
			col, style := f.Line(series.Line(l)), next(5)
			for i := range col.Len() {
				if _, held := col.At(i); !held {
					continue
				}
				v := int64(next(300_000))
				switch style {
				case 0:
					v = 7
				case 1:
					v = int64(next(math.MaxUint64)) % 1_000_000_000_000_000_000
				case 2:
					v = []int64{-999_999_999_999_999_999, 999_999_999_999_999_999, 0}[next(3)]
					if s.Def(series.Line(l)).Scale > 12 {
						v = []int64{math.MinInt64, math.MaxInt64, -1}[next(3)]
					}
				}
				col.Values[i] = v
			}
		}
	}
	return c
}

func cubeOf(t *rapid.T, s *series.Schema, runs []settlement.Run) *series.Cube {
	return series.NewCube(nil, s, runs, settlement.Span{})
}

// TestCubesComeBack writes any cube and reads it whole and in part.
func TestCubesComeBack(t *testing.T) {
	w, r := hhparquet.NewWriter(), hhparquet.NewReader(hhparquet.Limits{})
	rapid.Check(t, func(t *rapid.T) {
		c := cubes(t)
		mpan := sample.MPAN()
		if rapid.Bool().Draw(t, "no meter") {
			mpan = settlement.MPAN{}
		}
		var b, again bytes.Buffer
		sum, err := w.Write(&b, mpan, c)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := hhparquet.NewWriter().Write(&again, mpan, c); err != nil || !bytes.Equal(b.Bytes(), again.Bytes()) {
			t.Fatalf("another writer made other bytes (%v)", err)
		}
		if err := r.Load("drawn", &b, &sum); err != nil {
			t.Fatal(err)
		}
		got := cubeOf(t, c.Schema(), c.Runs())
		if _, err := r.Into(got, hhparquet.Want{}); err != nil {
			t.Fatal(err)
		}
		same(t, c, got)

		part := cubeOf(t, c.Schema(), []settlement.Run{c.Runs()[len(c.Runs())/2]})
		want := hhparquet.Want{Span: spans(t, c.Span()), Lines: []series.Line{series.Line(rapid.IntRange(0, c.Schema().Len()-1).Draw(t, "line"))}}
		if _, err := r.Into(part, want); err != nil {
			t.Fatal(err)
		}
		clearOthers(c, want.Lines[0])
		same(t, c, part)
	})
}

// clearOthers empties what reading one line leaves empty.
func clearOthers(c *series.Cube, keep series.Line) {
	s := c.Schema()
	for _, run := range c.Runs() {
		for l := range s.Len() {
			col := c.Frame(run).Line(series.Line(l))
			if series.Line(l) != keep {
				clear(col.Values)
			}
			if s.SourceOf(series.Line(l)) != s.SourceOf(keep) {
				clear(col.Valid)
				clear(col.Marks)
			}
		}
	}
}

// TestLatestIsWhatReconcilingNeeds reads what the latest needs and reconciles
// it: the frame is that of the whole cube, and what is there is what was written.
func TestLatestIsWhatReconcilingNeeds(t *testing.T) {
	w, r := hhparquet.NewWriter(), hhparquet.NewReader(hhparquet.Limits{})
	rapid.Check(t, func(t *rapid.T) {
		c := cubes(t)
		var b bytes.Buffer
		if _, err := w.Write(&b, sample.MPAN(), c); err != nil {
			t.Fatal(err)
		}
		if err := r.LoadBytes("drawn", b.Bytes(), nil); err != nil {
			t.Fatal(err)
		}
		span := spans(t, c.Span())
		if rapid.Bool().Draw(t, "whole") {
			span = c.Span()
		}
		every, latest := cubeOf(t, c.Schema(), c.Runs()), cubeOf(t, c.Schema(), c.Runs())
		if _, err := r.Into(every, hhparquet.Want{Span: span}); err != nil {
			t.Fatal(err)
		}
		if _, err := r.Into(latest, hhparquet.Want{Span: span, Latest: true}); err != nil {
			t.Fatal(err)
		}
		want, _ := revisions.Latest().Reconcile(every)
		got, _ := revisions.Latest().Reconcile(latest)
		for l := range c.Schema().Len() {
			a, b := want.Line(series.Line(l)), got.Line(series.Line(l))
			for i := range a.Len() {
				v, held := a.At(i)
				if u, is := b.At(i); u != v || is != held || a.Marks[i] != b.Marks[i] {
					t.Fatalf("%s at %d: %d %v %#x, want %d %v %#x", c.Schema().Def(series.Line(l)).Name, i, u, is, b.Marks[i], v, held, a.Marks[i])
				}
			}
		}
	})
}
