package bench

import (
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
)

// Shape is how runs hold the half-hours of a span.
type Shape uint8

const (
	// Stairs is what settlement leaves by the end of the span: the older the day,
	// the later the run that has landed.
	Stairs Shape = iota
	// Dense is every run landed everywhere.
	Dense
	// Sparse is what corrections leave: a run holds one day in eight of a source,
	// drawn at random, and many a day has no run at all.
	Sparse
	// Random is what settlement never leaves: each half-hour of a source is held by
	// one run, drawn at random, and by no other. No run holds a whole day, so every
	// day of every source is merged.
	Random

	numShapes = 4
)

// Shapes are all of them.
func Shapes() []Shape {
	var out []Shape
	for s := range Shape(numShapes) {
		out = append(out, s)
	}
	return out
}

// String is the name that benchmarks have.
func (s Shape) String() string {
	return [numShapes]string{"staircase", "dense", "sparse", "adversarial"}[s]
}

// oneIn is how many days of a source a sparse run holds one of.
const oneIn = 8

// holds gives who holds what: the i-th of the runs, half-hour k of a source.
func (s Shape) holds(c *series.Cube) func(i, source, k int) bool {
	runs, span := c.Runs(), c.Span()
	x, sources := uint64(3), c.Schema().Sources()
	switch s {
	case Stairs:
		table, his := settlement.GB(), make([]int, len(runs))
		for i, r := range runs {
			his[i] = span.Len()
			for d := span.From(); d < span.To(); d++ { // whole days, from the start of the span to the last the run is due for
				if due, ok := table.Due(d, r); !ok || due > span.To() {
					his[i] = int(d.First() - span.Lo)
					break
				}
			}
		}
		return func(i, _, k int) bool { return k < his[i] }
	case Sparse:
		held := make([]bool, len(runs)*sources*span.Len())
		for at := 0; at < len(held); at += span.Len() {
			for _, part := range span.EachDay() {
				x = next(x)
				for k := span.Index(part.Lo); k < span.Index(part.Hi); k++ {
					held[at+k] = x>>33%oneIn == 0
				}
			}
		}
		return func(i, source, k int) bool { return held[(i*sources+source)*span.Len()+k] }
	case Random:
		holder := make([]int, sources*span.Len())
		for i := range holder {
			x = next(x)
			holder[i] = int(x>>33) % len(runs)
		}
		return func(i, source, k int) bool { return holder[source*span.Len()+k] == i }
	}
	return func(int, int, int) bool { return true }
}

// Cube is a cube of charges that is held as the shape has it: so many lines of a
// whole bill, at plausible pounds at scale 11. Lines share four sources, as
// charges do.
func (s Shape) Cube(items int, runs []settlement.Run, span settlement.Span) *series.Cube {
	var defs []series.Def
	sources := []string{"msp", "gsp", "nbp", "standing"}
	for i, d := range tariffs.Catalogue()[:items] {
		defs = append(defs, series.Def{Name: d.ID, Unit: series.GBP, Scale: 11, Source: sources[i*len(sources)/items]})
	}
	c := series.NewCube(nil, series.Must(series.NewSchema("bill", defs...)), runs, span)
	holds := s.holds(c)
	for i, r := range runs {
		land(c, r, i, holds)
	}
	return c
}

// thin takes from a cube what the shape does not hold.
func (s Shape) thin(c *series.Cube) {
	holds := s.holds(c)
	for i, r := range c.Runs() {
		f := c.Frame(r)
		for l := range series.Line(f.Schema().Len()) {
			col, source := f.Line(l), f.Schema().SourceOf(l)
			for k := range col.Values {
				if !holds(i, source, k) {
					col.Values[k], col.Marks[k] = 0, 0
					col.Valid[k>>6] &^= 1 << (k & 63)
				}
			}
		}
	}
}

// year is the cube of a meter-year.
func (s Shape) year() *series.Cube { return s.Cube(Items, Runs(), Year()) }

// Staircase, StaircaseDense and Adversarial are cubes of a whole bill for a year.
func Staircase() *series.Cube      { return Stairs.year() }
func StaircaseDense() *series.Cube { return Dense.year() }
func Adversarial() *series.Cube    { return Random.year() }

func next(x uint64) uint64 { return x*6364136223846793005 + 1442695040888963407 }

// land fills the half-hours a run holds of each source; i numbers the run.
func land(c *series.Cube, r settlement.Run, i int, holds func(i, source, k int) bool) {
	f, x := c.Frame(r), uint64(i+1)
	for l := range series.Line(f.Schema().Len()) {
		v, source := f.Line(l).Values, f.Schema().SourceOf(l)
		for k := range v {
			if x = next(x); holds(i, source, k) {
				v[k] = int64(x>>33)%1_000_000_000_000 + int64(i)
			}
		}
	}
	for s := range f.Schema().Sources() {
		src := f.Source(s)
		for k := range src.Marks {
			if holds(i, s, k) {
				src.Valid[k>>6] |= 1 << (k & 63)
				src.Marks[k] = series.Mark(0).From(r)
			}
		}
	}
}
