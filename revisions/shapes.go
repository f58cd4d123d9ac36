package revisions

import (
	"cmp"
	"slices"

	"github.com/halfhour/halfhour/settlement"
)

// landing is a run's view of a day becoming known.
type landing struct {
	on  settlement.Day
	day int
	run uint8
}

// landings are when the view of each day changes, in order.
func (s *search) landings() []landing {
	var out []landing
	for k := range s.n {
		d := s.from + settlement.Day(k)
		for i, r := range s.runs {
			if r == settlement.Untagged {
				out = append(out, landing{d + 1, k, uint8(i)})
			}
		}
		for r := settlement.II; r.Ranked(); r++ {
			due, ok := s.t.Due(d, r)
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

// dates tries what was due on each date on which anything became so. A row
// alone keeps the nearest.
func (s *search) dates() {
	all := s.landings()
	choice := slices.Repeat([]uint8{gone}, s.n)
	var best *Candidate
	for i, more := 0, true; i < len(all); {
		on, changed := all[i].on, false
		for ; i < len(all) && all[i].on == on; i++ {
			l := all[i]
			if old := choice[l.day]; old == gone || old < l.run {
				choice[l.day], changed = l.run, true
			}
		}
		if !changed || !s.datable(choice) {
			continue
		}
		s.tried++
		s.dated = append(s.dated, slices.Clone(choice))
		if s.box != nil {
			s.box.add(sumsOf(s.box.of, choice))
		}
		more = more && s.weigh(OneDate, choice, on)
		if len(s.rows) == 1 {
			w := s.rows[0]
			if c := w.candidate(OneDate, choice, on); best == nil || w.nearer(&c, best) < 0 {
				best = &c
			}
		}
	}
	if best != nil {
		s.rows[0].near = append(s.rows[0].near, *best)
	}
}

// datable reports whether a date's choice holds all days, and is not one run.
func (s *search) datable(choice []uint8) bool {
	for k, r := range choice {
		if r == gone || s.same[k][r] == gone {
			return false
		}
	}
	return slices.Max(choice) != slices.Min(choice)
}

// sums are figures of claims, as distances on their grids.
type sums [2 * maxCounted]int64

// climb goes through the staircases of some steps, each once by the figures it
// chooses: where runs are alike, its steps and its runs are as early as can be.
type climb struct {
	*search
	of   []*claim // what is summed, at most twice maxCounted
	leaf func(*sums) (goOn bool)
	path []flight // of the staircase at the leaf, in order

	sums [settlement.NumRanked + 1]sums // before each of them, and at the end
}

// flight is a run from a day on.
type flight struct {
	from int
	run  uint8
}

// stairs tries the staircases of s.steps steps.
func (s *search) stairs() {
	for i, a := range s.anchors {
		of := a.claims[:min(len(a.claims), maxCounted)]
		choice := make([]uint8, s.n)
		c := climb{search: s, of: of}
		c.leaf = func(sum *sums) bool {
			if i == 0 {
				s.tried++
			}
			if s.box != nil {
				s.box.add(sum)
			}
			for k, l := range of {
				if sum[k] < l.grid.least || sum[k] > l.grid.most {
					return true
				}
			}
			c.fill(choice)
			return s.weigh(Stairs, choice, 0)
		}
		s.weighed = 0
		c.up(0, s.steps)
	}
}

func (c *climb) fill(choice []uint8) {
	to := len(choice)
	for _, p := range slices.Backward(c.path) {
		for k := p.from; k < to; k++ {
			choice[k] = p.run
		}
		to = p.from
	}
}

// up chooses the runs of the days from one on: a run below the last, for some
// days, and the steps left for the rest.
func (c *climb) up(from, left int) (goOn bool) {
	at := len(c.path)
	last := len(c.runs)
	if at > 0 {
		last = int(c.path[at-1].run)
	}
	c.path = append(c.path, flight{from: from})
	defer func() { c.path = c.path[:at] }()
	for r := last - 1; r >= left; r-- {
		if at > 0 {
			if c.equal(last, r, c.path[at-1].from, from) {
				return true // the last run may as well have been this one, and is tried so
			}
			if day := c.same[from-1]; day[last] == day[r] {
				continue // the step may as well be a day earlier
			}
		}
		c.path[at].run = uint8(r)
		if left == 0 {
			if c.may[r][c.n]-c.may[r][from] != c.n-from || c.early[r][from] {
				continue
			}
			if c.plus(at, r, from, c.n); !c.leaf(&c.sums[at+1]) {
				return false
			}
			continue
		}
		for cut := from + 1; cut <= c.n-left && c.same[cut-1][r] != gone; cut++ {
			if c.plus(at, r, from, cut); !c.up(cut, left-1) {
				return false
			}
		}
	}
	return true
}

// plus adds a run's figures of some days to the sums before flight number at.
func (c *climb) plus(at, r, lo, hi int) {
	for i, l := range c.of {
		of := l.grid.sums[r]
		c.sums[at+1][i] = c.sums[at][i] + of[hi] - of[lo]
	}
}

// equal reports whether a run is like a later one on the days lo <= k < hi.
func (s *search) equal(later, r, lo, hi int) bool {
	like := s.like[later][r]
	return like[hi]-like[lo] == hi-lo
}
