package revisions

import (
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// Amounts is what the view of each run comes to for one line, day by day: the
// run, and where it has not landed the run before it.
type Amounts struct {
	from settlement.Day
	days int
	runs []settlement.Run
	sums [][]series.Total // by run, of the days before each: days+1 of them
	held [][]int          // by run, how many of the days before each are held whole
}

const (
	panicAmounts = "revisions: amounts are added by run in rising order, ranked, each once"
	panicClaims  = "revisions: claims of the same runs, inside the days their amounts hold"
)

// NewAmounts makes amounts of the days from one to another, to exclusive,
// without a run.
func NewAmounts(from, to settlement.Day) *Amounts {
	return &Amounts{from: from, days: max(0, int(to-from))}
}

// Add adds a run's view. day gives what it comes to on a day, and whether it
// holds all of that day.
func (a *Amounts) Add(r settlement.Run, day func(settlement.Day) (series.Total, bool)) {
	if n := len(a.runs); !r.Ranked() || n > 0 && a.runs[n-1] >= r {
		panic(panicAmounts)
	}
	sums, held := make([]series.Total, a.days+1), make([]int, a.days+1)
	for k := range a.days {
		sum, whole := day(a.from + settlement.Day(k))
		sums[k+1], held[k+1] = sums[k], held[k]
		if whole {
			sums[k+1], held[k+1] = sums[k].Add(sum), held[k]+1
		}
	}
	a.runs, a.sums, a.held = append(a.runs, r), append(a.sums, sums), append(a.held, held)
}

// AmountsOf are the amounts of a line of a cube, over its whole days. A run
// that speaks nowhere for the line is left out: its view is the run before's.
func AmountsOf(c *series.Cube, l series.Line) *Amounts {
	span := c.Span()
	a := NewAmounts(span.From(), span.To())
	f, rep := series.NewFrame(nil, c.Schema(), span), new(Report)
	for _, r := range c.Runs() {
		UpTo(r).Into(f, rep, c)
		if rep.Sources[c.Schema().SourceOf(l)].ByRun[r] > 0 {
			a.Add(r, DayOf(f, l))
		}
	}
	return a
}

// DayOf reads a line of a frame by day, as Add wants it.
func DayOf(f *series.Frame, l series.Line) func(settlement.Day) (series.Total, bool) {
	col, span := f.Line(l), f.Span()
	return func(d settlement.Day) (series.Total, bool) {
		day := d.Span()
		if !span.Covers(day) {
			return series.Total{}, false
		}
		lo, hi := span.Index(day.Lo), span.Index(day.Hi)
		return col.Sum(lo, hi), col.CountValid(lo, hi) == hi-lo
	}
}

// over is what run number r comes to from day lo up to day hi, and whether it
// holds all of them.
func (a *Amounts) over(r, lo, hi int) (series.Total, bool) {
	return a.sums[r][hi].Sub(a.sums[r][lo]), a.held[r][hi]-a.held[r][lo] == hi-lo
}
