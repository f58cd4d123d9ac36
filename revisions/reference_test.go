package revisions

import (
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// The reference: maps and loops, a source and a day at a time, one half-hour
// after another. It shares no code with the package but its types.

type cell struct {
	value int64
	mark  series.Mark
}

// model is what a cube holds: run, line, index.
type model struct {
	schema *series.Schema
	span   settlement.Span
	runs   []settlement.Run
	cells  map[settlement.Run]map[series.Line]map[int]cell
}

func read(c *series.Cube) *model {
	m := &model{schema: c.Schema(), span: c.Span(), runs: c.Runs(), cells: map[settlement.Run]map[series.Line]map[int]cell{}}
	for _, r := range c.Runs() {
		m.cells[r] = map[series.Line]map[int]cell{}
		for l := range c.Schema().Len() {
			col, got := c.Frame(r).Line(series.Line(l)), map[int]cell{}
			for i := range col.Values {
				if v, ok := col.At(i); ok {
					got[i] = cell{v, col.Marks[i]}
				}
			}
			m.cells[r][series.Line(l)] = got
		}
	}
	return m
}

func (m *model) lines(source int) (lines []series.Line) {
	for l := range m.schema.Len() {
		if m.schema.SourceOf(series.Line(l)) == source {
			lines = append(lines, series.Line(l))
		}
	}
	return lines
}

// verdict is what the reference says of one source.
type verdict struct {
	speaks     map[int]settlement.Run // by index; absent is missing
	kind       map[int]Kind
	incomplete int
}

func (m *model) decide(source int, admits func(settlement.Day, settlement.Run) bool) verdict {
	v := verdict{speaks: map[int]settlement.Run{}, kind: map[int]Kind{}}
	line := m.lines(source)[0]
	days := map[settlement.Day][]int{}
	for i := range m.span.Len() {
		d := (m.span.Lo + settlement.Period(i)).Day()
		days[d] = append(days[d], i)
	}
	for d, indexes := range days {
		whole, found, passed := settlement.Run(0), false, false
		for _, r := range m.runs { // rising: the last that fits stays
			if !admits(d, r) {
				continue
			}
			held := 0
			for _, i := range indexes {
				if _, ok := m.cells[r][line][i]; ok {
					held++
				}
			}
			switch {
			case held == len(indexes):
				whole, found, passed = r, true, false
			case held > 0:
				passed = true
			}
		}
		if passed {
			v.incomplete++
		}
		any := false
		for _, i := range indexes {
			if found {
				v.speaks[i], v.kind[i] = whole, Whole
				continue
			}
			for _, r := range m.runs {
				if _, ok := m.cells[r][line][i]; ok && admits(d, r) {
					v.speaks[i] = r
					any = true
				}
			}
		}
		if !found {
			for _, i := range indexes {
				if v.kind[i] = Missing; any {
					v.kind[i] = Merged
				}
			}
		}
	}
	return v
}

// at is the cell the reference expects.
func (m *model) at(v verdict, l series.Line, i int) (cell, bool) {
	r, ok := v.speaks[i]
	if !ok {
		return cell{}, false
	}
	c := m.cells[r][l][i]
	if v.kind[i] == Merged {
		c.mark |= series.Merged
	}
	return c, true
}
