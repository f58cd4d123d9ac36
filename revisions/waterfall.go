package revisions

import (
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

const panicViews = "revisions: views are one frame for each run, at least one, over one schema and span"

// Views are the same lines as each run had them, in the order of the runs. The
// frames are not reconciled again: of items that are priced from a view, such
// as a month's highest demand, they are the charges of each view.
type Views struct {
	Runs   []settlement.Run
	Frames []*series.Frame
}

// Landed are the runs that say anything about a cube's span, in order.
func Landed(c *series.Cube) []settlement.Run {
	var runs []settlement.Run
	for _, r := range c.Runs() {
		f := c.Frame(r)
		for k := range c.Schema().Sources() {
			if f.Source(k).CountValid(0, f.Len()) > 0 {
				runs = append(runs, r)
				break
			}
		}
	}
	return runs
}

// EachRun gives the view of each run that landed: UpTo it, reconciled.
func EachRun(c *series.Cube) Views {
	v := Views{Runs: Landed(c)}
	for _, r := range v.Runs {
		f, _ := UpTo(r).Reconcile(c)
		v.Frames = append(v.Frames, f)
	}
	return v
}

// Waterfall is how a line came from what the first run said of it to what the
// last one did: Start.Sum + Σ Net() == End.Sum, exactly.
type Waterfall struct {
	Line       series.Line
	Span       settlement.Span
	First      settlement.Run
	Start, End Side
	Steps      []Step
}

// Step is what one run changed of the view before it.
type Step struct {
	Run settlement.Run
	Change
}

// Waterfall is that of line l over a part of the span. It starts with the
// first view that holds anything of the line, anywhere in the span, so that all
// parts of a span have the same steps; where no view does, the last.
func (v Views) Waterfall(l series.Line, part settlement.Span) Waterfall {
	if len(v.Frames) == 0 || len(v.Frames) != len(v.Runs) {
		panic(panicViews)
	}
	first := 0
	for first < len(v.Frames)-1 && v.Frames[first].Line(l).CountValid(0, v.Frames[first].Len()) == 0 {
		first++
	}
	out := Waterfall{Line: l, Span: part, First: v.Runs[first]}
	out.Start = Pair{v.Frames[first], v.Frames[first]}.Change(l, part).New
	out.End = out.Start
	for k := first + 1; k < len(v.Frames); k++ {
		c := Pair{v.Frames[k-1], v.Frames[k]}.Change(l, part)
		out.Steps = append(out.Steps, Step{v.Runs[k], c})
		out.End = c.New
	}
	return out
}
