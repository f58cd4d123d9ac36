package revisions

import (
	"github.com/halfhour/halfhour/internal/kernel"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

const panicShape = "revisions: the frame has another schema or span than the cube"

// Reconcile decides which run speaks and gives the frame it makes, with the
// run of each half-hour in its mark.
func (r Reconciler) Reconcile(c *series.Cube) (*series.Frame, *Report) {
	f, rep := series.NewFrame(nil, c.Schema(), c.Span()), new(Report)
	r.Into(f, rep, c)
	return f, rep
}

// Into is Reconcile into memory the caller keeps. It does not allocate once
// the report has its size, except to name an AsOf view.
func (r Reconciler) Into(dst *series.Frame, rep *Report, c *series.Cube) {
	if dst.Schema() != c.Schema() || dst.Span() != c.Span() {
		panic(panicShape)
	}
	dst.Writable()
	r.decide(rep, c)
	for k := range rep.Sources {
		src := &rep.Sources[k]
		for _, st := range src.Stretches {
			switch st.Kind {
			case Whole:
				dst.Take(c.Frame(st.Run), k, st.Lo, st.Hi)
				src.ByRun[st.Run] += st.Hi - st.Lo
			default:
				r.merge(dst, src, c, k, st)
			}
			src.Estimated += series.Count(dst.Source(k).Marks[st.Lo:st.Hi], series.Estimated)
		}
	}
}

// TotalByMonth sums the winners by line and month straight from the cube. It
// gives what Reconcile followed by TotalByMonth gives, without making the
// frame, and does not allocate once dst and rep have their size. The report is
// the same too, but for Estimated, which is left at 0: no mark is read.
func (r Reconciler) TotalByMonth(dst *series.Totals, rep *Report, c *series.Cube) {
	dst.Reset(c.Schema(), c.Span())
	r.decide(rep, c)
	for k := range rep.Sources {
		src := &rep.Sources[k]
		for _, st := range src.Stretches {
			switch st.Kind {
			case Whole:
				dst.AddRange(c.Frame(st.Run), k, st.Lo, st.Hi)
				src.ByRun[st.Run] += st.Hi - st.Lo
			default:
				r.eachMerged(src, c, k, st, func(f *series.Frame, i int) { dst.AddRange(f, k, i, i+1) })
			}
		}
	}
}

// decide fills the report's stretches.
func (r Reconciler) decide(rep *Report, c *series.Cube) {
	rep.reset(r.View(), c.Span(), c.Schema().Sources())
	for k := range rep.Sources {
		src := &rep.Sources[k]
		*src = Source{Name: c.Schema().SourceName(k), Stretches: src.Stretches[:0], short: src.short[:0]}
		for day := 0; day < len(rep.days)-1; {
			day = r.stretch(src, rep, c, k, day)
		}
	}
}

// stretch decides as many days as one look allows, from the day given, and
// returns the first day not decided.
func (r Reconciler) stretch(src *Source, rep *Report, c *series.Cube, k, day int) int {
	lo, n := int(rep.days[day]), int(rep.days[len(rep.days)-1])
	date, ceiling, heard := c.Span().From()+settlement.Day(day), n, false
	if r.asOf != 0 { // what is admitted is another question tomorrow
		ceiling = int(rep.days[day+1])
	}
	runs := c.Runs()
	for i := len(runs) - 1; i >= 0; i-- {
		valid := c.Frame(runs[i]).Source(k).Valid
		if !r.admits(date, runs[i]) {
			continue
		}
		first := kernel.NextSet(valid, lo, ceiling)
		if first >= int(rep.days[day+1]) { // it says nothing today, and nothing before first
			ceiling = min(ceiling, first)
			continue
		}
		if end := kernel.NextClear(valid, lo, ceiling); end >= int(rep.days[day+1]) {
			to := day + 1
			for to+1 < len(rep.days) && int(rep.days[to+1]) <= end {
				to++
			}
			src.add(Stretch{Whole, runs[i], lo, int(rep.days[to])})
			return to
		}
		if !heard {
			heard = true
			src.Incomplete++
			src.short = append(src.short, date)
		}
		ceiling = int(rep.days[day+1]) // an incomplete day stands alone
	}
	if heard {
		src.add(Stretch{Kind: Merged, Lo: lo, Hi: int(rep.days[day+1])})
		return day + 1
	}
	to := day + 1
	for to+1 < len(rep.days) && int(rep.days[to+1]) <= ceiling {
		to++
	}
	src.add(Stretch{Kind: Missing, Lo: lo, Hi: int(rep.days[to])})
	return to
}

// merge fills a stretch that no run holds whole. Half-hours nobody holds are
// cleared.
func (r Reconciler) merge(dst *series.Frame, src *Source, c *series.Cube, source int, st Stretch) {
	s := dst.Schema()
	to := dst.Source(source)
	for l := range s.Len() {
		if s.SourceOf(series.Line(l)) == source {
			clear(dst.Line(series.Line(l)).Values[st.Lo:st.Hi])
		}
	}
	kernel.ClearRange(to.Valid, st.Lo, st.Hi)
	clear(to.Marks[st.Lo:st.Hi])
	r.eachMerged(src, c, source, st, func(f *series.Frame, i int) {
		dst.Take(f, source, i, i+1)
		to.Marks[i] |= series.Merged
	})
}

// eachMerged calls f with the latest admitted run that holds each half-hour,
// and counts.
func (r Reconciler) eachMerged(src *Source, c *series.Cube, source int, st Stretch, f func(*series.Frame, int)) {
	src.Missing += st.Hi - st.Lo
	if st.Kind == Missing {
		return
	}
	date, runs := (c.Span().Lo + settlement.Period(st.Lo)).Day(), c.Runs()
	for i := st.Lo; i < st.Hi; i++ {
		for k := len(runs) - 1; k >= 0; k-- {
			if from := c.Frame(runs[k]); r.admits(date, runs[k]) && held(from.Source(source), i) {
				f(from, i)
				src.ByRun[runs[k]]++
				src.Merged++
				src.Missing--
				break
			}
		}
	}
}

func held(c series.Column, i int) bool { return c.Valid[i>>6]>>(uint(i)&63)&1 != 0 }
