package revisions

import (
	"math/bits"

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
	var room [series.MaxEach]uint8
	for k := range rep.Sources {
		src := &rep.Sources[k]
		for at := 0; at < len(src.Stretches); {
			switch st := src.Stretches[at]; st.Kind {
			case Whole:
				dst.Take(c.Frame(st.Run), k, st.Lo, st.Hi)
				src.ByRun[st.Run] += st.Hi - st.Lo
				at++
			case Missing:
				vacate(dst, k, st.Lo, st.Hi)
				src.Missing += st.Hi - st.Lo
				at++
			default:
				won, n := r.merged(room[:], src, c, k, src.Stretches[at:])
				dst.TakeEach(c, k, st.Lo, won)
				flagMerged(dst.Source(k).Marks[st.Lo:], won)
				at += n
			}
		}
		src.Estimated = series.Count(dst.Source(k).Marks, series.Estimated)
	}
}

// TotalByMonth sums the winners by line and month straight from the cube. It
// gives what Reconcile followed by TotalByMonth gives, without making the
// frame, and does not allocate once dst and rep have their size. The report is
// the same too, but for Estimated, which is left at 0: no mark is read.
func (r Reconciler) TotalByMonth(dst *series.Totals, rep *Report, c *series.Cube) {
	dst.Reset(c.Schema(), c.Span())
	r.decide(rep, c)
	var room [series.MaxEach]uint8
	for k := range rep.Sources {
		src := &rep.Sources[k]
		for at := 0; at < len(src.Stretches); {
			switch st := src.Stretches[at]; st.Kind {
			case Whole:
				dst.AddRange(c.Frame(st.Run), k, st.Lo, st.Hi)
				src.ByRun[st.Run] += st.Hi - st.Lo
				at++
			case Missing:
				src.Missing += st.Hi - st.Lo
				at++
			default:
				won, n := r.merged(room[:], src, c, k, src.Stretches[at:])
				dst.AddEach(c, k, st.Lo, won)
				at += n
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
		var silent [settlement.NumRanked]int
		for day := 0; day < len(rep.days)-1; {
			day = r.stretch(src, rep, c, k, day, &silent)
		}
	}
}

// stretch decides as many days as one look allows, from the day given, and
// returns the first day not decided. silent remembers to where each run of the
// cube says nothing, so that no bitmap is searched twice.
func (r Reconciler) stretch(src *Source, rep *Report, c *series.Cube, k, day int, silent *[settlement.NumRanked]int) int {
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
		first := kernel.NextSet(valid, max(lo, silent[i]), ceiling)
		silent[i] = max(first, silent[i])
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

// vacate clears a stretch.
func vacate(dst *series.Frame, source int, lo, hi int) {
	s, to := dst.Schema(), dst.Source(source)
	for l := range s.Len() {
		if s.SourceOf(series.Line(l)) == source {
			clear(dst.Line(series.Line(l)).Values[lo:hi])
		}
	}
	kernel.ClearRange(to.Valid, lo, hi)
	clear(to.Marks[lo:hi])
}

const (
	mergedDays = series.MaxEach / longest
	nobody     = uint8(settlement.NumRanked) // no cube holds it
)

// merged gives which run wins each half-hour of the merged stretches that sts
// starts with, in room, and how many stretches those are; it counts. The latest
// admitted run that holds a half-hour wins it.
func (r Reconciler) merged(room []uint8, src *Source, c *series.Cube, source int, sts []Stretch) (won []uint8, n int) {
	won = room[:0]
	runs := c.Runs()
	for ; n < len(sts) && n < mergedDays && sts[n].Kind == Merged; n++ {
		lo, hi := sts[n].Lo, sts[n].Hi
		date := (c.Span().Lo + settlement.Period(lo)).Day()
		won = won[:len(won)+hi-lo]
		day := won[len(won)-(hi-lo):]
		open := kernel.Mask(0, 0, hi-lo)
		for k := len(runs) - 1; k >= 0 && open != 0; k-- {
			if r.admits(date, runs[k]) {
				set := open & kernel.Bits(c.Frame(runs[k]).Source(source).Valid, lo, hi)
				src.count(day, set, runs[k])
				open &^= set
			}
		}
		src.Missing += bits.OnesCount64(open)
		for ; open != 0; open &= open - 1 {
			day[bits.TrailingZeros64(open)] = nobody
		}
	}
	return won, n
}

// count notes a run as the winner of some half-hours of a merged day.
func (s *Source) count(day []uint8, set uint64, run settlement.Run) {
	n := bits.OnesCount64(set)
	s.ByRun[run] += n
	s.Merged += n
	for ; set != 0; set &= set - 1 {
		day[bits.TrailingZeros64(set)] = uint8(run)
	}
}

func flagMerged(marks []series.Mark, won []uint8) {
	marks = marks[:len(won)]
	for i, run := range won {
		if run != nobody {
			marks[i] |= series.Merged
		}
	}
}

func held(c series.Column, i int) bool { return c.Valid[i>>6]>>(uint(i)&63)&1 != 0 }
