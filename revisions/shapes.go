package revisions

import (
	"cmp"
	"slices"

	"github.com/halfhour/halfhour/settlement"
)

// single tries the view of each run on every day.
func (s *search) single() {
	for r := range s.runs {
		sum, ok := s.over(r, 0, s.n)
		if !ok {
			continue
		}
		s.f.Tried++
		choice := slices.Repeat([]uint8{uint8(r)}, s.n)
		if s.within(&sum) {
			s.fit(OneRun, choice, &sum, 0)
		} else {
			s.near = append(s.near, s.candidate(OneRun, choice, &sum))
		}
	}
}

// landing is a run's view of a day becoming known.
type landing struct {
	on  settlement.Day
	day int
	run uint8
}

// landings are when the view of each day changes, in order.
func (s *search) landings(t settlement.Timetable) []landing {
	var out []landing
	for k := range s.n {
		d := s.b.From + settlement.Day(k)
		for i, r := range s.runs {
			if r == settlement.Untagged {
				out = append(out, landing{d + 1, k, uint8(i)})
			}
		}
		for r := settlement.II; r.Ranked(); r++ {
			due, ok := t.Due(d, r)
			// A run that speaks nowhere has the view of the one before it.
			at, found := slices.BinarySearch(s.runs, r)
			if !found {
				at--
			}
			if ok && at >= 0 {
				out = append(out, landing{due, k, uint8(at)})
			}
		}
	}
	slices.SortFunc(out, func(a, b landing) int {
		return cmp.Or(cmp.Compare(a.on, b.on), cmp.Compare(a.day, b.day), cmp.Compare(a.run, b.run))
	})
	return out
}

// dates tries what was due on each date on which anything became so, and keeps
// the nearest.
func (s *search) dates(t settlement.Timetable) {
	all := s.landings(t)
	choice := slices.Repeat([]uint8{gone}, s.n)
	var sum figures
	var best *Candidate
	count, dark := make([]int, len(s.runs)), s.n // days by run; days without figures
	for i := 0; i < len(all); {
		on, changed := all[i].on, false
		for ; i < len(all) && all[i].on == on; i++ {
			l := all[i]
			if old := choice[l.day]; old == gone || old < l.run {
				dark += s.move(&sum, l.day, old, -1) + s.move(&sum, l.day, l.run, +1)
				if old != gone {
					count[old]--
				}
				count[l.run]++
				choice[l.day], changed = l.run, true
			}
		}
		if !changed || dark > 0 || slices.Contains(count, s.n) {
			continue
		}
		s.f.Tried++
		if s.within(&sum) {
			if !s.fit(OneDate, choice, &sum, on) {
				return
			}
			continue
		}
		if c := s.candidate(OneDate, nil, &sum); best == nil || s.nearer(&c, best) < 0 {
			c = s.candidate(OneDate, choice, &sum)
			c.AsOf, best = on, &c
		}
	}
	if best != nil {
		s.near = append(s.near, *best)
	}
}

// move adds a run's figures of a day to the sums, or takes them off, and says
// how that changes the number of days without figures.
func (s *search) move(sum *figures, day int, run uint8, sign int) (dark int) {
	if run == gone {
		return 0
	}
	f, ok := s.over(int(run), day, day+1)
	switch {
	case !ok:
		return 0
	case sign > 0:
		*sum = s.add(*sum, f)
	default:
		*sum = s.sub(*sum, f)
	}
	return -sign
}

// stairs tries every staircase, those of fewest steps first, while they are
// few enough.
func (s *search) stairs() {
	choice := make([]uint8, s.n)
	for steps := 1; steps < len(s.runs) && steps < s.n && !s.f.Fits(); steps++ {
		if choose(len(s.runs), steps+1, maxStairs+1)*choose(s.n-1, steps, maxStairs+1) > maxStairs {
			s.f.Partial = true
			return
		}
		s.climb(choice, 0, len(s.runs), steps, figures{})
	}
}

// climb chooses the runs of the days from one on: a run below the last, for
// some days, and the steps left for the rest.
func (s *search) climb(choice []uint8, from, last, left int, before figures) (goOn bool) {
	for r := last - 1; r >= left; r-- {
		if left == 0 {
			f, ok := s.over(r, from, s.n)
			if !ok {
				continue
			}
			s.f.Tried++
			if sum := s.add(before, f); s.within(&sum) {
				fill(choice[from:], uint8(r))
				if !s.fit(Stairs, choice, &sum, 0) {
					return false
				}
			}
			continue
		}
		for cut := from + 1; cut <= s.n-left; cut++ {
			f, ok := s.over(r, from, cut)
			if !ok {
				break
			}
			choice[cut-1] = uint8(r)
			if !s.climb(choice, cut, r, left-1, s.add(before, f)) {
				return false
			}
		}
	}
	return true
}

func fill(choice []uint8, r uint8) {
	for k := range choice {
		choice[k] = r
	}
}
