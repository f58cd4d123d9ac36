package revisions

import (
	"cmp"
	"slices"
	"sort"
)

// alike finds for each day the runs with the same figures, and counts the days
// that no run holds.
func (s *search) alike() {
	s.same = make([][]uint8, s.n)
	for k := range s.same {
		s.same[k] = slices.Repeat([]uint8{gone}, len(s.runs))
		var of []figures
		for r := range s.runs {
			f, ok := s.over(r, k, k+1)
			of = append(of, f)
			if ok {
				s.same[k][r] = uint8(r)
			}
			for q := range r {
				if ok && s.same[k][q] == uint8(q) && of[q] == f {
					s.same[k][r] = uint8(q)
				}
			}
		}
		if len(s.first(k)) == 0 {
			s.f.Missing++
		}
	}
}

// first are the first runs with each of a day's figures.
func (s *search) first(k int) (runs []uint8) {
	for r, q := range s.same[k] {
		if q == uint8(r) {
			runs = append(runs, q)
		}
	}
	return runs
}

// half is every sum of some of the days: the number of a sum says in mixed
// radix which figures of the days it is of.
type half struct {
	from, to int
	sums     []figures
}

// mixes tries every choice of a run for each day, if they are few enough: sums
// of the first days are met with sums of the others.
func (s *search) mixes() {
	lower := s.half(0)
	upper := s.half(lower.to)
	if s.f.Partial = upper.to < s.n; s.f.Partial {
		return // else the staircases that were too many are among the mixes
	}
	s.f.Tried += len(lower.sums) * len(upper.sums)
	order := make([]int32, len(lower.sums))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(a, b int32) int {
		return cmp.Or(lower.sums[a][0].Cmp(lower.sums[b][0]), cmp.Compare(a, b))
	})
	pairs := 0
	for j, u := range upper.sums {
		least := s.lo[0].Sub(u[0])
		at := sort.Search(len(order), func(i int) bool { return lower.sums[order[i]][0].Cmp(least) >= 0 })
		for ; at < len(order); at++ {
			sum := s.add(lower.sums[order[at]], u)
			if sum[0].Cmp(s.hi[0]) > 0 {
				break
			}
			if pairs++; pairs > maxPairs {
				s.f.Partial = true
				return
			}
			if s.within(&sum) && !s.fit(AnyMix, s.mix(&lower, int(order[at]), &upper, j), &sum, 0) {
				return
			}
		}
	}
}

// half sums the days from one on, as many of them as have at most maxHalf sums.
func (s *search) half(from int) half {
	h := half{from: from, to: from, sums: []figures{{}}}
	for ; h.to < s.n; h.to++ {
		day := s.first(h.to)
		if len(day)*len(h.sums) > maxHalf {
			return h
		}
		more := make([]figures, 0, len(day)*len(h.sums))
		for _, r := range day {
			f, _ := s.over(int(r), h.to, h.to+1)
			for _, sum := range h.sums {
				more = append(more, s.add(sum, f))
			}
		}
		h.sums = more
	}
	return h
}

// mix is the choice that sums number i and j are of. Of runs with the same
// figures it takes the one of the day before, else the latest.
func (s *search) mix(lower *half, i int, upper *half, j int) []uint8 {
	choice := make([]uint8, 0, s.n)
	for k := range s.n {
		at := &i
		if k >= lower.to {
			at = &j
		}
		day := s.first(k)
		q := day[*at%len(day)]
		*at /= len(day)
		pick := q
		for r := range s.same[k] {
			if s.same[k][r] == q {
				pick = uint8(r)
			}
		}
		if k > 0 && s.same[k][choice[k-1]] == q {
			pick = choice[k-1]
		}
		choice = append(choice, pick)
	}
	return choice
}
