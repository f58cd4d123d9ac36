package revisions

import (
	"cmp"
	"slices"
	"sort"
)

// half is every sum of some of the days: the number of a sum says in mixed
// radix which figures of the days it is of.
type half struct {
	from, to int
	sums     []sums
}

// half sums the days from one on, as many of them as have at most maxHalf sums.
func (s *search) half(from int, of []*claim) half {
	h := half{from: from, to: from, sums: []sums{{}}}
	for ; h.to < s.n; h.to++ {
		day := s.classes(h.to)
		if len(day)*len(h.sums) > maxHalf {
			return h
		}
		more := make([]sums, 0, len(day)*len(h.sums))
		for _, r := range day {
			c := climb{of: of}
			for i := range h.sums {
				more = append(more, c.plus(&h.sums[i], int(r), h.to, h.to+1))
			}
		}
		h.sums = more
	}
	return h
}

// halves are the two halves of the days, and the order of the lower one's sums;
// it is not ok where the days have too many.
func (s *search) halves(of []*claim) (lower, upper half, order []int32, ok bool) {
	lower = s.half(0, of)
	upper = s.half(lower.to, of)
	if upper.to < s.n {
		return lower, upper, nil, false
	}
	order = make([]int32, len(lower.sums))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(a, b int32) int {
		return cmp.Or(cmp.Compare(lower.sums[a][0], lower.sums[b][0]), cmp.Compare(a, b))
	})
	return lower, upper, order, true
}

// mixes tries every choice of a run for each day, if they are few enough: sums
// of the first days are met with sums of the others.
func (s *search) mixes() {
	for i, a := range s.anchors {
		of := a.claims[:min(len(a.claims), maxCounted)]
		lower, upper, order, ok := s.halves(of)
		if !ok {
			s.partial = true
			return
		}
		if i == 0 {
			s.tried += len(lower.sums) * len(upper.sums)
		}
		s.weighed = 0
		pairs := 0
		meet(lower, upper, order, of[0].grid.least, of[0].grid.most, func(i, j int) bool {
			if pairs++; pairs > maxPairs {
				s.partial = true
				return false
			}
			for k, l := range of {
				if sum := lower.sums[i][k] + upper.sums[j][k]; sum < l.grid.least || sum > l.grid.most {
					return true
				}
			}
			return s.weigh(AnyMix, s.mix(&lower, i, &upper, j), 0)
		})
	}
}

// meet gives the pairs of halves whose first sums come to from least to most.
func meet(lower, upper half, order []int32, least, most int64, f func(i, j int) (goOn bool)) {
	for j := range upper.sums {
		u := upper.sums[j][0]
		at := sort.Search(len(order), func(i int) bool { return lower.sums[order[i]][0] >= least-u })
		for ; at < len(order) && lower.sums[order[at]][0]+u <= most; at++ {
			if !f(int(order[at]), j) {
				return
			}
		}
	}
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
		day := s.classes(k)
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
