package series

import (
	"slices"

	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/halfhour/halfhour/internal/kernel"
	"github.com/halfhour/halfhour/settlement"
)

// Cube is run × line × period: what each settlement run says about one meter,
// one market or one set of charges. It is a Frame for each run, in one
// allocation, and has one owner.
type Cube struct {
	schema *Schema
	runs   []settlement.Run
	span   settlement.Span
	frames []*Frame
	at     [settlement.NumRanked]*Frame
	mem    *block
	resets int
}

const panicRuns = "series: a cube holds ranked runs, each once, in order"

// NewCube makes a cube with every cell invalid. runs must be ranked and in
// rising order. alloc is where its memory comes from; nil is the Go heap.
func NewCube(alloc memory.Allocator, s *Schema, runs []settlement.Run, span settlement.Span) *Cube {
	c := &Cube{schema: s, runs: slices.Clone(runs), mem: &block{alloc: orHeap(alloc)}}
	for i, r := range runs {
		if !r.Ranked() || i > 0 && runs[i-1] >= r {
			panic(panicRuns)
		}
		f := &Frame{schema: s, mem: c.mem, cube: c, cols: make([]Column, s.Len())}
		c.frames = append(c.frames, f)
		c.at[r] = f
	}
	c.Reset(span)
	return c
}

// Schema, Span and Runs say what the cube holds; Runs is in rising order and
// must not be written.
func (c *Cube) Schema() *Schema        { return c.schema }
func (c *Cube) Span() settlement.Span  { return c.span }
func (c *Cube) Runs() []settlement.Run { return c.runs }

// Frame is what run r says, or nil when the cube does not hold r. It lives in
// the cube's memory.
func (c *Cube) Frame(r settlement.Run) *Frame {
	if int(r) >= len(c.at) {
		return nil
	}
	return c.at[r]
}

// Reset empties the cube for another span, reusing its memory where it is
// large enough. It panics while a record made from one of its frames lives.
func (c *Cube) Reset(span settlement.Span) {
	c.mem.resize(need(c.schema, span, len(c.frames)))
	c.span = span
	c.resets++
	size := layoutOf(c.schema, span.Len()).total
	for i, f := range c.frames {
		f.bind(span, i*size)
	}
}

const panicPart = "series: Part is of a span that the cube's covers"

// Part copies the half-hours of a span that the cube's covers into a cube of
// their own, on the Go heap.
func (c *Cube) Part(span settlement.Span) *Cube {
	if !c.span.Covers(span) {
		panic(panicPart)
	}
	out := NewCube(nil, c.schema, c.runs, span)
	lo, hi := c.span.Index(span.Lo), c.span.Index(span.Hi)
	for i, f := range c.frames {
		to := out.frames[i]
		for l := range f.cols {
			copy(to.cols[l].Values, f.cols[l].Values[lo:hi])
		}
		for k := range c.schema.Sources() {
			to, of := to.Source(k), f.Source(k)
			copy(to.Marks, of.Marks[lo:hi])
			for at := lo; at < hi; at += 64 {
				to.Valid[(at-lo)>>6] = kernel.Bits(of.Valid, at, min(at+64, hi))
			}
		}
	}
	return out
}

// Empty is Reset to the span the cube has, where its columns keep their rules: it
// clears the sources that hold something, for the others hold zeros already. Most of
// a cube's runs are often silent, and clearing all of a meter-year takes as long as
// reading the rest. A writer that failed half way through a column calls Reset.
func (c *Cube) Empty() {
	for _, f := range c.frames {
		f.Writable()
		for k := range c.schema.Sources() {
			src := f.Source(k)
			if kernel.NextSet(src.Valid, 0, f.Len()) == f.Len() {
				continue
			}
			clear(src.Valid)
			clear(src.Marks)
			for l := range f.cols {
				if c.schema.of[l] == k {
					clear(f.cols[l].Values)
				}
			}
		}
	}
	c.resets++
}

// Resets is how often the cube was Reset or emptied: whoever hands it on to be filled again can
// tell that it was emptied.
func (c *Cube) Resets() int { return c.resets }

// Release gives the memory back. Frames and columns of the cube are dead.
func (c *Cube) Release() {
	c.mem.release()
	for _, f := range c.frames {
		f.cols = nil
	}
}
