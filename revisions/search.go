package revisions

import (
	"math/bits"
	"slices"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// search looks for the choice of a run for each day that fits most rows.
type search struct {
	t       settlement.Timetable
	from    settlement.Day
	n       int
	runs    []settlement.Run
	rows    []*row // their days lie in those of the search
	anchors []*row // of all days and fitted by no run: a choice is looked for that fits one of them
	order   []*row // those that tell runs apart, the finest first
	telling int    // of the rows, those that tell runs apart
	whole   int    // others beside them, which a run fits but choices by day cannot

	same  [][]uint8 // by day and run: the first run with the same figures, or gone
	may   [][]int   // by run, on how many of the days before each it may be chosen
	like  [][][]int // by two runs, on how many of the days before each they are the same
	early [][]bool  // by run and day, whether an earlier run is like it from there on

	brief   bool      // a row alone, beside others: stop where any choice that fits would be chance
	box     *box      // of a row alone: what has been tried, but for mixes
	dated   [][]uint8 // the dates' choices
	steps   int       // of the staircases tried
	found   found     // of the choices being tried
	best    found     // what stands of those before: a single run to begin with
	byRun   []base    // of the runs that are the best to begin with
	unsure  found     // fits more rows than the best, which chance may do as well
	halved  *halves   // the last ones made
	weighed int
	tried   int
	partial bool // some choices were not looked at
}

const gone = ^uint8(0) // a run that may not be chosen

// lo is the number of a row's first day.
func (s *search) lo(w *row) int { return int(w.From - s.from) }

// alike finds for each day the runs with the same figures for every row, and
// leaves out the runs that fewer of the day's own rows fit than others.
func (s *search) alike() {
	s.same = make([][]uint8, s.n)
	for k := range s.same {
		s.same[k] = slices.Repeat([]uint8{gone}, len(s.runs))
		own := s.own(k)
		var of [][]series.Total
		for r := range s.runs {
			sums, ok := s.on(k, r)
			if of = append(of, sums); !ok {
				own[r] = -1
			}
		}
		for r, sums := range of {
			if own[r] < 0 || own[r] < slices.Max(own) {
				continue
			}
			s.same[k][r] = uint8(r)
			for q := r - 1; q >= 0; q-- {
				if s.same[k][q] == uint8(q) && slices.Equal(of[q], sums) {
					s.same[k][r] = uint8(q)
				}
			}
		}
	}
	s.may = make([][]int, len(s.runs))
	s.like = make([][][]int, len(s.runs))
	for r := range s.runs {
		s.may[r] = s.count(func(day []uint8) bool { return day[r] != gone })
		for q := range r {
			s.like[r] = append(s.like[r], s.count(func(day []uint8) bool { return day[r] != gone && day[r] == day[q] }))
		}
		early := make([]bool, s.n)
		for k := range early {
			for q := range r {
				early[k] = early[k] || s.equal(r, q, k, s.n)
			}
		}
		s.early = append(s.early, early)
	}
}

// count counts the days of a kind before each.
func (s *search) count(is func(day []uint8) bool) []int {
	out := make([]int, s.n+1)
	for k, day := range s.same {
		out[k+1] = out[k]
		if is(day) {
			out[k+1]++
		}
	}
	return out
}

// agree leaves out the rows that no choice fits together with the others: where no
// run holds a day for all, those without the run that holds it for most, or without
// one of several such runs.
func (s *search) agree() {
	var out []*row
	for k := range s.n {
		without := make([][]*row, len(s.runs))
		fewest := len(s.rows)
		for r := range s.runs {
			for _, w := range s.rows {
				if at := k - s.lo(w); at >= 0 && at < w.n {
					if _, ok := w.over(r, at, at+1); !ok {
						without[r] = append(without[r], w)
					}
				}
			}
			fewest = min(fewest, len(without[r]))
		}
		for _, rows := range without {
			if len(rows) == fewest {
				out = append(out, rows...)
			}
		}
	}
	s.rows = slices.DeleteFunc(s.rows, func(w *row) bool { return slices.Contains(out, w) })
	for _, w := range s.rows {
		if w.tells {
			s.telling++
		}
	}
}

// on is what a run comes to on a day by row and claim, and whether all hold it.
func (s *search) on(k, r int) (all []series.Total, ok bool) {
	for _, w := range s.rows {
		if at := k - s.lo(w); at >= 0 && at < w.n {
			sums, ok := w.over(r, at, at+1)
			if !ok {
				return nil, false
			}
			all = append(all, sums...)
		}
	}
	return all, true
}

// own is how many of the rows of one day alone each run fits.
func (s *search) own(k int) []int {
	out := make([]int, len(s.runs))
	for _, w := range s.rows {
		for r := range s.runs {
			if w.n == 1 && s.n > 1 && s.lo(w) == k && w.tells && w.byRun>>r&1 != 0 {
				out[r]++
			}
		}
	}
	return out
}

// classes are the first runs with each of a day's figures.
func (s *search) classes(k int) (runs []uint8) {
	for r, q := range s.same[k] {
		if q == uint8(r) {
			runs = append(runs, q)
		}
	}
	return runs
}

// look tries the shapes in turn, while rows that tell runs apart are left that
// what stands does not fit. A row alone is done with the first choice that fits,
// as chance only grows from there.
func (s *search) look() (stands bool) {
	if !slices.ContainsFunc(s.rows, s.anchored) {
		return false
	}
	s.alike()
	s.anchor()
	most := maxStairs
	if s.brief {
		most = maxAlone
	}
	done := s.try(s.dates)
	for steps := 1; !done && steps < len(s.runs) && steps < s.n; steps++ {
		if choose(len(s.runs), steps+1, maxStairs+1)*choose(s.n-1, steps, maxStairs+1) > most {
			break // the mixes, if they are few enough, hold these
		}
		s.steps = steps
		done = s.try(s.stairs)
	}
	if !done {
		s.try(s.mixes)
	}
	return s.best.shape != NoShape
}

// try tries choices of a kind, and keeps what fits more rows than the best does.
// It reports whether there is nothing left to look for.
func (s *search) try(kind func()) (done bool) {
	// What fits no more than the best, or than half, cannot stand.
	s.found, s.weighed = found{rows: max(s.best.rows, (s.telling+s.whole)/2)}, 0
	if kind(); s.found.shape != NoShape {
		s.judge()
	}
	return s.best.rows == s.telling || s.hopeless()
}

// hopeless reports whether so many choices of a row alone have been tried that
// any that fits would be chance.
func (s *search) hopeless() bool {
	if !s.brief || rare(s.box.density()) {
		return false
	}
	s.partial = true
	return true
}

// anchored reports whether a row can give the choices to look at.
func (s *search) anchored(w *row) bool { return w.open() && w.n == s.n }

// anchor puts the claims of the rows in order, and the rows of all days: what
// tells choices apart best comes first.
func (s *search) anchor() {
	var others []*row
	for _, w := range s.rows {
		switch {
		case w.open() || w.tells && w.n == s.n:
			for _, c := range w.claims {
				c.measure(s.lo(w), w.n, s.n)
			}
			slices.SortStableFunc(w.claims, finer)
			if w.tells {
				s.order = append(s.order, w)
			}
			if s.anchored(w) {
				s.anchors = append(s.anchors, w)
			}
		case w.tells:
			others = append(others, w)
		}
	}
	slices.SortStableFunc(s.order, finest)
	slices.SortStableFunc(s.anchors, finest)
	s.order = append(s.order, others...)
	s.anchors = s.anchors[:min(len(s.anchors), maxAnchors)]
	if len(s.rows) == 1 {
		s.box = &box{of: s.rows[0].claims[:1]}
	}
}

func finest(a, b *row) int { return finer(a.claims[0], b.claims[0]) }

// fits reports whether a choice fits a row.
func (s *search) fits(w *row, choice []uint8) bool {
	lo := s.lo(w)
	return w.fits(choice[lo : lo+w.n])
}

// choose is n choose k, or limit where it is more.
func choose(n, k, limit int) int {
	out := uint64(1)
	for i := range uint64(k) {
		hi, lo := bits.Mul64(out, uint64(n)-i)
		if out = lo / (i + 1); hi != 0 || out > uint64(limit) {
			return limit
		}
	}
	return int(out)
}
