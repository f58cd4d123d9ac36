package revisions

import (
	"math/big"
	"slices"

	"github.com/halfhour/halfhour/settlement"
)

// Joint is what explains the rows of a bill of some days, and of days among
// them.
type Joint struct {
	From, To settlement.Day
	Rows     []*Finding // of each row
	Choices  []Choice   // what most rows that tell runs apart rest on; several where they fit as many
	More     bool       // more do than are listed
	Chance   *big.Rat   // as of a finding: nil for single runs
	Held     []bool     // by row, whether it can be held against the first choice: not if one that may be chance fits it
	Fits     []bool     // by row, whether the first choice fits
	Partial  bool       // not every choice was looked at

	all     []*row
	choices [][]uint8 // by number
	unsure  *found    // what fits more rows, which may be chance
}

// Choice is a run for each day.
type Choice struct {
	Shape Shape
	AsOf  settlement.Day // of OneDate
	Parts []Part
	Alike []Part // other runs with the same figures in every row; not of OneRun
}

// InferRows infers rows of one bill together: each has days of its own, and one
// choice of runs is to fit all of them. A row that a run explains stays as it is.
// Of the others, those that cover all the days give the choices to look at
// (the four of them that tell choices apart best), by the shapes and within the
// bounds of Infer; each is tried on every row, while that comes to at most 2^18
// trials for a shape (dates are all tried), and rows of one day leave only the
// runs that most of them fit.
// Where no run holds a day for all rows, those that stand in the way are left out.
//
// The choice of them all is the first that fits more than half of those that tell
// runs apart and is no chance: a run, or else a choice of runs that fits more rows
// than any run. While there are rows that it does not fit, one that fits more is
// looked for, in further shapes, and takes its place if the rows it adds are not
// fitted by chance: of the choices that fit the rows there were, too few would
// fit them too. Rows may tell different runs apart, and the simplest choice that
// most of them rest on need not be what all of them rest on.
//
// A row that the choice fits is explained by it. One that it does not fit is
// inferred for itself, as far as what fits it would be no chance and to staircases
// of at most 2^17. Unless that explains it, it has as candidates what fits more
// rows but may do so by chance, without being explained by it; and only where there
// is no such choice is it left with what it differs from the choice by. Where
// several choices fit as many rows but other ones, a row that not all of them fit
// has a chance of one.
func InferRows(rows []Bucket, t settlement.Timetable) *Joint {
	j := &Joint{}
	if len(rows) == 0 {
		return j
	}
	for i := range rows {
		w := newRow(&rows[i])
		if i == 0 {
			j.From, j.To = w.From, w.To
		}
		if j.all = append(j.all, w); !slices.Equal(w.runs, j.all[0].runs) {
			panic(panicClaims)
		}
		j.From, j.To = min(j.From, w.From), max(j.To, w.To)
	}
	j.run()
	if len(rows) > 1 && slices.ContainsFunc(j.all, (*row).open) {
		j.together(t)
	}
	for i, w := range j.all {
		j.Fits = append(j.Fits, len(j.choices) > 0 && j.fits(w, j.choices[0]))
		j.conclude(w, t)
		perhaps := !j.Fits[i] && w.f.Fits() && !w.f.Explained()
		j.Held = append(j.Held, len(j.choices) > 0 && j.held(w, j.choices[0]) && !perhaps)
		j.Rows = append(j.Rows, w.f)
	}
	j.all, j.choices, j.unsure = nil, nil, nil
	return j
}

// run finds the runs that fit most rows.
func (j *Joint) run() {
	runs := j.all[0].runs
	count, telling := make([]int, len(runs)), 0
	for _, w := range j.all {
		if !w.tells {
			continue
		}
		telling++
		for r := range runs {
			count[r] += int(w.byRun >> r & 1)
		}
	}
	for r := range runs {
		held := slices.ContainsFunc(j.all, func(w *row) bool { return w.byRun>>r&1 != 0 })
		if held && count[r] == slices.Max(count) && (telling == 0 || 2*count[r] > telling) {
			j.add(OneRun, 0, slices.Repeat([]uint8{uint8(r)}, int(j.To-j.From)))
		}
	}
}

func (j *Joint) add(shape Shape, asOf settlement.Day, choice []uint8) {
	j.choices = append(j.choices, choice)
	c := Choice{shape, asOf, stretches(j.From, choice, j.all[0].runs), nil}
	if shape != OneRun {
		held := slices.DeleteFunc(slices.Clone(j.all), func(w *row) bool { return !j.held(w, choice) })
		c.Alike = others(j.From, choice, j.all[0].runs, func(k, r, q int) bool {
			d := j.From + settlement.Day(k)
			return !slices.ContainsFunc(held, func(w *row) bool {
				return w.From <= d && d < w.To && !w.alike(int(d-w.From), r, q)
			})
		})
	}
	j.Choices = append(j.Choices, c)
}

// together looks for a choice of runs by day that fits more rows than any run.
func (j *Joint) together(t settlement.Timetable) {
	s := &search{t: t, from: j.From, n: int(j.To - j.From), runs: j.all[0].runs}
	count := make([]int, len(s.runs))
	for _, w := range j.all {
		if w.n <= 0 || w.f.Missing > 0 {
			continue
		}
		for r := range s.runs {
			if w.tells {
				count[r] += int(w.byRun >> r & 1)
			}
		}
		switch {
		case !w.Whole:
			s.rows = append(s.rows, w)
		case w.tells && w.byRun != 0:
			s.whole++
		}
	}
	s.agree()
	if s.best.rows = slices.Max(count); s.best.rows >= s.telling {
		return // no choice by day fits as many
	}
	for r := range s.runs {
		if count[r] == s.best.rows && 2*count[r] > s.telling+s.whole {
			by := base{choices: [][]uint8{slices.Repeat([]uint8{uint8(r)}, s.n)}}
			for _, w := range s.rows {
				if w.tells && w.byRun>>r&1 != 0 {
					by.rows = append(by.rows, w)
				}
			}
			s.byRun = append(s.byRun, by)
		}
	}
	found := s.look()
	for _, w := range s.rows {
		if w.open() {
			w.f.Tried += s.tried
		}
	}
	if j.Partial, j.unsure = s.partial, &s.unsure; !found {
		return
	}
	j.choices, j.Choices, j.More, j.Chance = nil, nil, s.best.more, s.best.chance
	for i, choice := range s.best.choices {
		j.add(s.best.shape, s.best.asOf[i], choice)
	}
}

// fits reports whether a choice fits a row.
func (j *Joint) fits(w *row, choice []uint8) bool {
	if j.Chance == nil {
		return w.byRun>>choice[0]&1 != 0
	}
	return j.held(w, choice) && w.fits(j.of(w, choice))
}

// held reports whether a row can be held against a choice.
func (j *Joint) held(w *row, choice []uint8) bool {
	if j.Chance != nil {
		return !w.Whole && w.n > 0 && w.holds(j.of(w, choice))
	}
	if w.n <= 0 {
		return false
	}
	_, ok := w.whole(int(choice[0]))
	return ok
}

// of is the choice on a row's days.
func (j *Joint) of(w *row, choice []uint8) []uint8 {
	lo := int(w.From - j.From)
	return choice[lo : lo+w.n]
}

// conclude makes a row's finding.
func (j *Joint) conclude(w *row, t settlement.Timetable) {
	switch f := w.f; {
	case w.n <= 0:
		return
	case w.byRun != 0:
		f.Joint = j.first(w)
		return
	case j.Chance != nil:
		if f.Candidates = j.candidates(w, true); len(f.Candidates) == 0 {
			break
		}
		f.Shape, f.Chance, f.Joint, f.More, f.Partial = j.Choices[0].Shape, j.Chance, true, j.More, j.Partial
		if slices.ContainsFunc(j.choices, func(choice []uint8) bool { return !j.fits(w, choice) }) {
			f.Chance, f.Joint = big.NewRat(1, 1), false // they fit other rows, so that at least one does so by chance
		}
		return
	}
	if w.open() {
		w.alone(t, len(j.all) > 1)
	}
	if w.f.Explained() || j.perhaps(w) {
		return
	}
	if own := j.candidates(w, false); len(own) > 0 {
		w.f.Shape, w.f.Chance, w.f.More, w.f.Candidates = NoShape, nil, false, nil
		w.nearest(own)
		w.f.Against = true
		return
	}
	if !w.f.Fits() {
		w.nearest(nil)
	}
}

// first puts the runs that fit a row and are its part of what is chosen before
// those that only fit, and reports whether there are any.
func (j *Joint) first(w *row) (any bool) {
	chosen := func(c Candidate) bool {
		return slices.ContainsFunc(j.choices, func(choice []uint8) bool {
			return slices.Equal(c.Parts, stretches(w.From, j.of(w, choice), w.runs))
		})
	}
	slices.SortStableFunc(w.f.Candidates, func(a, b Candidate) int {
		switch {
		case chosen(a) == chosen(b):
			return 0
		case chosen(a):
			return -1
		}
		return 1
	})
	return chosen(w.f.Candidates[0])
}

// perhaps makes a row's finding of a choice that fits it and more rows than the
// first one does, but may do so by chance: that is no reason to say that it
// differs. It is not ok where no such choice fits the row.
func (j *Joint) perhaps(w *row) (ok bool) {
	u := j.unsure
	if u == nil || w.Whole || w.n <= 0 {
		return false
	}
	var own []Candidate
	for i, choice := range u.choices {
		if part := j.of(w, choice); w.holds(part) && w.fits(part) {
			own = append(own, w.fitting(u.shape, part, u.asOf[i]))
		}
	}
	if len(own) == 0 {
		return false
	}
	w.f.Shape, w.f.Chance, w.f.More, w.f.Candidates = u.shape, u.chance, u.more, own
	return true
}

// candidates are the choices of all rows as one row has them: those that fit, or
// those that do not.
func (j *Joint) candidates(w *row, fit bool) (out []Candidate) {
	for i, choice := range j.choices {
		if j.fits(w, choice) != fit || !j.held(w, choice) {
			continue
		}
		say := w.candidate
		if fit {
			say = w.fitting
		}
		c := say(j.Choices[i].Shape, j.of(w, choice), j.Choices[i].AsOf)
		if !slices.ContainsFunc(out, c.like) {
			out = append(out, c)
		}
	}
	return out
}

// like reports whether two candidates are of the same runs.
func (c Candidate) like(d Candidate) bool { return slices.Equal(c.Parts, d.Parts) }

// alone looks for what explains a row by itself.
func (w *row) alone(t settlement.Timetable, brief bool) {
	own := *w
	own.claims = nil
	for i := range w.Claims {
		own.claims = append(own.claims, newClaim(w.Bucket, i))
	}
	s := &search{t: t, from: w.From, n: w.n, runs: w.runs, rows: []*row{&own}, telling: 1, brief: brief}
	found := s.look()
	w.near = own.near
	f := w.f
	f.Tried += s.tried
	if f.Partial = s.partial; !found {
		return
	}
	f.Shape, f.More, f.Chance = s.best.shape, s.best.more, s.best.chance
	for i, choice := range s.best.choices {
		f.Candidates = append(f.Candidates, w.fitting(f.Shape, choice, s.best.asOf[i]))
	}
}

// nearest lists what does not fit, after some that come first.
func (w *row) nearest(first []Candidate) {
	slices.SortStableFunc(w.near, func(a, b Candidate) int { return w.nearer(&a, &b) })
	for _, c := range w.near {
		if !slices.ContainsFunc(first, c.like) {
			first = append(first, c)
		}
	}
	w.f.Candidates = first[:min(len(first), maxListed)]
}
