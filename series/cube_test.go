package series

import (
	"testing"

	"github.com/apache/arrow/go/v17/arrow/memory"
	"pgregory.net/rapid"

	"github.com/halfhour/halfhour/settlement"
)

var allRuns = []settlement.Run{settlement.Untagged, settlement.II, settlement.SF, settlement.R1,
	settlement.R2, settlement.R3, settlement.RF, settlement.DF}

func frames(c *Cube) []*Frame {
	var f []*Frame
	for _, r := range c.Runs() {
		f = append(f, c.Frame(r))
	}
	return f
}

func TestCubeLayout(t *testing.T) {
	for _, s := range schemas {
		for _, n := range lengths {
			c := NewCube(nil, s, allRuns, spanOfLen(n))
			checkLayout(t, frames(c)...)
			checkParts(t, frames(c)...)
		}
	}
}

func TestCubeReset(t *testing.T) {
	pool := memory.NewCheckedAllocator(memory.NewGoAllocator())
	c := NewCube(pool, Meter(), allRuns, spanOfLen(300))
	was := at(c.Frame(settlement.Untagged).Line(AI).Values)
	for _, n := range []int{300, 65, 1, 0, 299} {
		for i, f := range frames(c) {
			fill(f, int64(i))
		}
		c.Reset(spanOfLen(n))
		if n > 0 && at(c.Frame(settlement.Untagged).Line(AI).Values) != was {
			t.Errorf("Reset to %d left the memory", n)
		}
		if c.Span() != spanOfLen(n) {
			t.Errorf("Span = %v", c.Span())
		}
		checkLayout(t, frames(c)...)
		for _, f := range frames(c) {
			if d := same(f, NewFrame(nil, Meter(), spanOfLen(n))); d != "" {
				t.Errorf("Reset to %d: %s", n, d)
			}
		}
	}
	if n := testing.AllocsPerRun(10, func() { c.Reset(spanOfLen(200)) }); n != 0 {
		t.Errorf("Reset within its memory allocates %v times", n)
	}
	c.Reset(spanOfLen(2000))
	checkLayout(t, frames(c)...)
	c.Reset(spanOfLen(10))
	c.Release()
	c.Release()
	pool.AssertSize(t, 0)
	mustPanic(t, panicReleased, func() { c.Reset(spanOfLen(10)) })
}

func TestCubeRuns(t *testing.T) {
	c := NewCube(nil, Meter(), []settlement.Run{settlement.SF, settlement.RF}, spanOfLen(48))
	for r := range settlement.Run(255) {
		if held := r == settlement.SF || r == settlement.RF; held != (c.Frame(r) != nil) {
			t.Errorf("Frame(%v) = %v", r, c.Frame(r))
		}
	}
	for _, bad := range [][]settlement.Run{{settlement.RF, settlement.SF}, {settlement.SF, settlement.SF}, {settlement.D}, {settlement.SF, settlement.DR}} {
		mustPanic(t, panicRuns, func() { NewCube(nil, Meter(), bad, spanOfLen(1)) })
	}
	f := c.Frame(settlement.SF)
	mustPanic(t, panicInCube, f.Release)
	mustPanic(t, panicInCube, func() { f.Reset(spanOfLen(1)) })
	if none := NewCube(nil, Meter(), nil, spanOfLen(48)); none.Span() != spanOfLen(48) {
		t.Errorf("a cube without runs spans %v", none.Span())
	}
}

// A record of one run holds the whole cube.
func TestCubeRecord(t *testing.T) {
	pool := memory.NewCheckedAllocator(memory.NewGoAllocator())
	c := NewCube(pool, shared, allRuns[2:5], spanOfLen(100))
	for i, f := range frames(c) {
		fill(f, int64(i)*11)
	}
	f := c.Frame(settlement.R1)
	rec := f.Record()
	checkShared(t, f, rec)
	back, err := FromRecord(rec, shared)
	if err != nil {
		t.Fatal(err)
	}
	if d := same(f, back); d != "" {
		t.Error(d)
	}
	back.Release()
	mustPanic(t, panicBorrowed, func() { c.Reset(spanOfLen(1)) })
	mustPanic(t, panicBorrowed, c.Release)
	mustPanic(t, panicBorrowed, f.Writable)
	rec.Release()
	f.Writable()
	c.Reset(spanOfLen(1))
	c.Release()
	pool.AssertSize(t, 0)
}

// Part is what the cube holds of the span, and a cube of its own.
func TestCubePart(t *testing.T) {
	for _, s := range schemas {
		c := NewCube(nil, s, allRuns, spanOfLen(300))
		for i, f := range frames(c) {
			fill(f, int64(i))
		}
		for _, x := range [][2]int{{0, 300}, {0, 0}, {1, 64}, {63, 65}, {64, 192}, {130, 299}, {299, 300}} {
			span := settlement.Span{Lo: c.Span().Lo + settlement.Period(x[0]), Hi: c.Span().Lo + settlement.Period(x[1])}
			p := c.Part(span)
			checkLayout(t, frames(p)...)
			for k, f := range frames(p) {
				of := frames(c)[k]
				for l := range Line(s.Len()) {
					for i := range f.Len() {
						v, ok := f.Line(l).At(i)
						w, held := of.Line(l).At(x[0] + i)
						if v != w || ok != held || f.Line(l).Marks[i] != of.Line(l).Marks[x[0]+i] {
							t.Fatalf("%s %v: run %d line %d half-hour %d: %d %v, want %d %v", s.Name(), x, k, l, i, v, ok, w, held)
						}
					}
				}
			}
		}
	}
	defer func() {
		if recover() != panicPart {
			t.Error("part of what is not there")
		}
	}()
	NewCube(nil, Meter(), allRuns, spanOfLen(3)).Part(spanOfLen(4))
}

// TestEmpty: emptying leaves no more than Reset does, whatever sources held.
func TestEmpty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		schema := Must(NewSchema("s", Def{Name: "a", Unit: KWh, Source: "x"}, Def{Name: "b", Unit: KWh, Source: "y"}))
		span := settlement.Span{Lo: 1000, Hi: 1000 + settlement.Period(rapid.IntRange(1, 200).Draw(t, "n"))}
		c := NewCube(nil, schema, []settlement.Run{settlement.SF, settlement.R1, settlement.RF}, span)
		for range rapid.IntRange(0, 5).Draw(t, "cells") {
			r := rapid.SampledFrom(c.Runs()).Draw(t, "run")
			p := span.Lo + settlement.Period(rapid.IntRange(0, span.Len()-1).Draw(t, "at"))
			c.Frame(r).Set(Line(rapid.IntRange(0, 1).Draw(t, "line")), p, 7, Mark(0).From(r))
		}
		before := c.Resets()
		c.Empty()
		if c.Resets() != before+1 {
			t.Fatal("not counted")
		}
		for _, r := range c.Runs() {
			for l := range Line(2) {
				col := c.Frame(r).Line(l)
				for i := range col.Len() {
					if _, held := col.At(i); held || col.Values[i] != 0 || col.Marks[i] != 0 {
						t.Fatalf("%s, line %d: half-hour %d is not empty", r, l, i)
					}
				}
			}
		}
	})
}
