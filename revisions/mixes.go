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
			for _, sum := range h.sums {
				for i, c := range of {
					sum[i] += c.grid.day(r, h.to)
				}
				more = append(more, sum)
			}
		}
		h.sums = more
	}
	return h
}

// halves are the two halves of the days, and the lower one's first sums in order.
type halves struct {
	of           []*claim
	lower, upper half
	order        []numbered
}

// numbered is a sum and its number.
type numbered struct {
	sum int64
	i   int32
}

// halve makes the halves; it is not ok where the days have too many sums.
func (s *search) halve(of []*claim) (h *halves, ok bool) {
	if s.halved != nil && len(of) == 1 && s.halved.of[0] == of[0] {
		return s.halved, true
	}
	h = &halves{of: of, lower: s.half(0, of)}
	if h.upper = s.half(h.lower.to, of); h.upper.to < s.n {
		return nil, false
	}
	for i := range h.lower.sums {
		h.order = append(h.order, numbered{h.lower.sums[i][0], int32(i)})
	}
	slices.SortFunc(h.order, func(a, b numbered) int {
		if a.sum != b.sum {
			return cmp.Compare(a.sum, b.sum)
		}
		return int(a.i - b.i)
	})
	s.halved = h
	return h, true
}

// choices is how many choices the halves make.
func (h *halves) choices() int { return len(h.lower.sums) * len(h.upper.sums) }

// sum is what a pair comes to.
func (h *halves) sum(i, j int) (sum sums) {
	for k := range h.of {
		sum[k] = h.lower.sums[i][k] + h.upper.sums[j][k]
	}
	return sum
}

// meet gives the pairs whose first sums come to from least to most.
func (h *halves) meet(least, most int64, f func(i, j int) (goOn bool)) {
	for j := range h.upper.sums {
		u := h.upper.sums[j][0]
		at := sort.Search(len(h.order), func(i int) bool { return h.order[i].sum >= least-u })
		for ; at < len(h.order) && h.order[at].sum <= most-u; at++ {
			if !f(int(h.order[at].i), j) {
				return
			}
		}
	}
}

// mixes tries every choice of a run for each day, if they are few enough: sums
// of the first days are met with sums of the others.
func (s *search) mixes() {
	for i, a := range s.anchors {
		of := a.claims[:min(len(a.claims), maxCounted)]
		h, ok := s.halve(of)
		if !ok {
			s.partial = true
			return
		}
		if i == 0 {
			s.tried += h.choices()
		}
		s.weighed = 0
		pairs := 0
		h.meet(of[0].grid.least, of[0].grid.most, func(i, j int) bool {
			if pairs++; pairs > maxPairs {
				s.partial = true
				return false
			}
			sum := h.sum(i, j)
			for k, l := range of {
				if sum[k] < l.grid.least || sum[k] > l.grid.most {
					return true
				}
			}
			return s.weigh(AnyMix, s.mix(h, i, j), 0)
		})
	}
}

// mix is the choice that sums number i and j are of. Of runs with the same
// figures it takes the one of the day before, else the latest.
func (s *search) mix(h *halves, i, j int) []uint8 {
	choice := make([]uint8, 0, s.n)
	for k := range s.n {
		at := &i
		if k >= h.lower.to {
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
