package revisions

import (
	"math/big"
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
	telling int

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

// found are the choices that fit most rows.
type found struct {
	shape   Shape
	choices [][]uint8
	asOf    []settlement.Day
	seen    map[string]bool // by the figures chosen
	more    bool
	rows    int    // telling rows that fit
	fit     []*row // these
	chance  *big.Rat
}

// base is what needs no proof any more: rows, and the choices that explain them.
type base struct {
	choices [][]uint8
	rows    []*row
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
			of = append(of, sums)
			if !ok || own[r] < slices.Max(own) {
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
	for k := range s.n {
		if len(s.classes(k)) == 0 {
			return false // no run holds the day for all rows
		}
	}
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
	s.found, s.weighed = found{rows: s.best.rows}, 0
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

// judge makes what is found the best if it stands: if it fits more than half of
// the rows and the rows that it fits beyond the best's are not fitted by chance.
func (s *search) judge() {
	f := &s.found
	if len(s.rows) == 1 {
		f.chance = s.chance(base{}, s.rows, 1)
		s.best = *f
		return
	}
	if 2*f.rows <= s.telling {
		return
	}
	for _, w := range s.order {
		if s.fits(w, f.choices[0]) {
			f.fit = append(f.fit, w)
		}
	}
	given, others := s.given()
	var more []*row
	for _, w := range f.fit {
		if !slices.Contains(given.rows, w) {
			more = append(more, w)
		}
	}
	if f.chance = s.chance(given, more, others); s.best.chance != nil && f.chance.Cmp(s.best.chance) < 0 {
		f.chance = s.best.chance
	}
	switch {
	case rare(f.chance):
		s.best = *f
	case f.rows > s.unsure.rows && (f.shape != AnyMix || f.chance.Cmp(big.NewRat(1, 1)) < 0):
		s.unsure = *f
	}
}

// given is the best, if what is found fits all of its rows, or else the rows that
// a run fits. others is how many rows there are beside them.
func (s *search) given() (given base, others int) {
	fit := func(w *row) bool { return slices.Contains(s.found.fit, w) }
	bases := s.byRun
	if s.best.shape != NoShape {
		bases = []base{{s.best.choices, s.best.fit}}
	}
	for _, b := range bases {
		if !slices.ContainsFunc(b.rows, func(w *row) bool { return !fit(w) }) {
			return b, s.telling - len(b.rows)
		}
	}
	for _, w := range s.order {
		if w.open() {
			others++
		} else if fit(w) {
			given.rows = append(given.rows, w)
		}
	}
	return given, others
}

// weigh tries a choice on every row and keeps those that fit most. It says
// whether to look for more of the shape.
func (s *search) weigh(shape Shape, choice []uint8, asOf settlement.Day) (goOn bool) {
	if s.weighed > maxWeighed && len(s.rows) > 1 {
		s.partial = true
		return false
	}
	f := &s.found
	least := f.rows // that are to fit, of which the finest are tried first
	if f.shape == NoShape || f.shape != shape {
		least++
	}
	n, anchored := 0, false
	for i, w := range s.order {
		if n+len(s.order)-i < least {
			return true
		}
		s.weighed++
		if s.fits(w, choice) {
			n++
			anchored = anchored || w.open()
		}
	}
	if !anchored || n < least {
		return true
	}
	if n > f.rows || f.shape == NoShape {
		*f = found{shape: shape, seen: map[string]bool{}, rows: n}
	}
	key := make([]byte, s.n)
	for k, r := range choice {
		key[k] = s.same[k][r]
	}
	if f.seen[string(key)] {
		return true
	}
	f.seen[string(key)] = true
	if len(f.choices) < maxListed {
		f.choices, f.asOf = append(f.choices, slices.Clone(choice)), append(f.asOf, asOf)
	} else {
		f.more = true
	}
	return len(f.seen) < maxFits || len(s.rows) > 1
}

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
