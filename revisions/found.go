package revisions

import (
	"math/big"
	"slices"

	"github.com/halfhour/halfhour/settlement"
)

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

// weigh tries a choice on every row and keeps those that fit most. It says
// whether to look for more of the shape.
func (s *search) weigh(shape Shape, choice []uint8, asOf settlement.Day) (goOn bool) {
	if s.weighed > maxWeighed && len(s.rows) > 1 && shape != OneDate {
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

// judge makes what is found, which fits more than half of the rows, the best if
// the rows that it fits beyond the best's are not fitted by chance.
func (s *search) judge() {
	f := &s.found
	if len(s.rows) == 1 {
		f.chance = s.chance(base{}, s.rows, 1)
		s.best = *f
		return
	}
	for _, w := range s.order {
		if s.fits(w, f.choices[0]) {
			f.fit = append(f.fit, w)
		}
	}
	given, others := s.given()
	var more []*row
	for _, w := range measured(f.fit) {
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
// a run fits. others is how many measured rows there are beside them.
func (s *search) given() (given base, others int) {
	fit := func(w *row) bool { return slices.Contains(s.found.fit, w) }
	bases := s.byRun
	if s.best.shape != NoShape {
		bases = []base{{s.best.choices, s.best.fit}}
	}
	for _, b := range bases {
		if !slices.ContainsFunc(b.rows, func(w *row) bool { return !fit(w) }) {
			return b, len(measured(s.order)) - len(measured(b.rows))
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

// measured are the rows by which chance can be counted: not those of some of the
// days that a run fits.
func measured(rows []*row) []*row {
	return slices.DeleteFunc(slices.Clone(rows), func(w *row) bool { return w.claims[0].grid == nil })
}
