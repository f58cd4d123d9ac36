package revisions

import (
	"math/big"
	"math/bits"
	"slices"
)

// enough is how many choices near a figure are taken to show how dense they lie.
const enough = 32

// chance is how many of the choices tried so far would fit figures that have
// nothing to do with the data, in as many of some rows as what is found fits. It is
// counted where the figures lie: in the narrowest window around them, a power of
// two of what one choice fits, that holds enough choices. Other rows are given:
// only choices that fit those are counted.
//
// The rows are counted by one claim each. A claim is counted beside others only
// if at least a quarter of its variance, from run to run and day to day, is its
// own: the amount of a quantity, or two items priced on the same energy, say one
// thing twice.
func (s *search) chance(given base, rows []*row, of int) *big.Rat {
	var n *big.Rat
	claims := s.counted(rows)
	if len(claims) == 0 {
		return big.NewRat(1, 1) // nothing to prove it by
	}
	v := s.sift(given, claims)
	if s.found.shape == AnyMix {
		n = s.mixed(v, claims)
	} else {
		n = s.climbed(v, claims)
	}
	// As many of the rows might have been other ones.
	ways := new(big.Int).Binomial(int64(of), int64(len(rows)))
	return n.Mul(n, new(big.Rat).SetInt(ways))
}

// climbed counts dates, and staircases as far as they were tried.
func (s *search) climbed(v *sieve, of []*claim) *big.Rat {
	if s.box != nil {
		return s.box.density()
	}
	box, all := &box{of: of}, append(slices.Clone(v.claims), of...)
	for _, choice := range s.dated {
		if rest, ok := v.pass(sumsOf(all, choice), func() []uint8 { return choice }); ok {
			box.add(&rest)
		}
	}
	if s.found.shape == Stairs {
		choice := make([]uint8, s.n)
		c := climb{search: s, of: all}
		fill := func() []uint8 {
			c.fill(choice)
			return choice
		}
		c.leaf = func(sum *sums) bool {
			rest, ok := v.pass(sum, fill)
			return !ok || box.add(&rest)
		}
		for steps := 1; steps <= s.steps; steps++ {
			c.up(0, steps)
		}
	}
	return box.density()
}

// mixed counts the mixes. With rows given they are those near the first of these
// rows that fit them all, if they are not too many.
func (s *search) mixed(v *sieve, of []*claim) *big.Rat {
	if len(v.claims) > 0 {
		if n := s.sifted(v, of); n != nil {
			return n
		}
	}
	return s.met(of)
}

// sifted counts the mixes that fit the sieve's rows; it is nil where too many are
// to be looked at.
func (s *search) sifted(v *sieve, of []*claim) *big.Rat {
	box, pairs := &box{of: of}, 0
	h, _ := s.halve(append(slices.Clone(v.claims), of...))
	first := v.claims[0].grid
	h.meet(first.least, first.most, func(lower, upper int) bool {
		if pairs++; pairs > maxPairs {
			return false
		}
		sum := h.sum(lower, upper)
		rest, ok := v.pass(&sum, func() []uint8 { return s.mix(h, lower, upper) })
		return !ok || box.add(&rest)
	})
	if pairs > maxPairs {
		return nil
	}
	return box.density()
}

// met counts the mixes near the first claim, and of them those near the
// others, unless they are too many: one claim alone makes chance no smaller.
func (s *search) met(of []*claim) *big.Rat {
	h, _ := s.halve(of)
	upper := make([]int64, 0, len(h.upper.sums))
	for _, sum := range h.upper.sums {
		upper = append(upper, sum[0])
	}
	slices.Sort(upper)
	g, j := of[0].grid, 0
	near := func() int { return h.near(upper, g.target-window(g.width, j), g.target+window(g.width, j)) }
	for j < g.wide && near() < enough {
		j++
	}
	first := density(near(), h.choices(), j, of[:1])
	for within := 0; len(of) > 1; j++ {
		b := &box{of: of}
		reach, pairs := window(g.width, min(j, g.wide)), 0
		h.meet(g.target-reach, g.target+reach, func(lower, upper int) bool {
			sum := h.sum(lower, upper)
			pairs++
			return b.add(&sum) && pairs <= maxPairs
		})
		if pairs > maxPairs { // those of the window before are all there is to go by
			if few := density(within, h.choices(), max(0, j-1), of); few.Cmp(first) < 0 {
				return few
			}
			break
		}
		if within = b.within(j); within >= enough || j >= widest(of) {
			return density(within, h.choices(), j, of)
		}
	}
	return first
}

// near counts the pairs whose first sums come to from least to most; upper are
// the upper half's, in order.
func (h *halves) near(upper []int64, least, most int64) (n int) {
	lo, hi := len(upper), len(upper)
	for _, l := range h.order {
		for lo > 0 && upper[lo-1] >= least-l.sum {
			lo--
		}
		for hi > 0 && upper[hi-1] > most-l.sum {
			hi--
		}
		n += hi - lo
	}
	return n
}

// window is half of 2^j widths, rounded up.
func window(width int64, j int) int64 {
	if bits.Len64(uint64(width))+j > 62 {
		return 1 << 61
	}
	return width << j / 2
}

// box counts choices by how near they come to the claims.
type box struct {
	of  []*claim
	n   [64]int // by the least j so that 2^j widths around each claim hold the choice
	all int
}

// add counts a choice.
func (b *box) add(sum *sums) (goOn bool) {
	b.all++
	least := 0
	for i, c := range b.of {
		d := sum[i] - c.grid.target
		j := bits.Len64(2 * uint64(max(d, -d)) / uint64(c.grid.width))
		if j > c.grid.wide {
			return true
		}
		least = max(least, j)
	}
	b.n[least]++
	return true
}

// sumsOf is what a choice comes to.
func sumsOf(of []*claim, choice []uint8) *sums {
	sum := new(sums)
	for i, c := range of {
		for k, r := range choice {
			sum[i] += c.grid.day(r, k)
		}
	}
	return sum
}

// within is how many choices 2^j widths hold.
func (b *box) within(j int) (n int) {
	for _, m := range b.n[:j+1] {
		n += m
	}
	return n
}

// density is how many choices there are by one width of each claim.
func (b *box) density() *big.Rat {
	j := 0
	for j < widest(b.of) && b.within(j) < enough {
		j++
	}
	return density(b.within(j), b.all, j, b.of)
}

// density is n choices by 2^j widths. Too few to tell are taken as just not
// enough, or as all there are.
func density(n, all, j int, of []*claim) *big.Rat {
	over := 0
	for _, c := range of {
		over += min(j, c.grid.wide)
	}
	n = max(n, min(all, enough))
	return new(big.Rat).SetFrac(big.NewInt(int64(n)), new(big.Int).Lsh(big.NewInt(1), uint(over)))
}

// widest is the widest window, as a power of two of widths.
func widest(of []*claim) (j int) {
	for _, c := range of {
		j = max(j, c.grid.wide)
	}
	return j
}

// counted are the claims by which chance is measured, a row's first one each and
// the one that tells choices apart best first.
func (s *search) counted(rows []*row) (of []*claim) {
	rows = slices.Clone(rows)
	slices.SortStableFunc(rows, func(a, b *row) int { return finer(a.claims[0], b.claims[0]) })
	var vectors [][]*big.Int
	for _, w := range rows {
		v := s.varies(w.claims[0])
		if len(of) > 0 && !apart(vectors, v) {
			continue
		}
		of, vectors = append(of, w.claims[0]), append(vectors, v)
		if len(of) == maxCounted {
			break
		}
	}
	return of
}

// varies is how a claim's figures of each day lie about their mean, times the
// number of figures the day has.
func (s *search) varies(c *claim) (v []*big.Int) {
	for k := range s.n {
		day := s.classes(k)
		var sum int64
		for _, r := range day {
			sum += c.grid.day(r, k)
		}
		for _, r := range day {
			x := new(big.Int).Mul(big.NewInt(c.grid.day(r, k)), big.NewInt(int64(len(day))))
			v = append(v, x.Sub(x, big.NewInt(sum)))
		}
	}
	return v
}

// apart reports whether a quarter of v's square or more is at right angles to
// the others: by the determinants of their products.
func apart(others [][]*big.Int, v []*big.Int) bool {
	before := gram(others)
	after := gram(append(slices.Clone(others), v))
	whole := before.Mul(before, dot(v, v))
	return after.Lsh(after, 2).Cmp(whole) >= 0 && whole.Sign() > 0
}

// gram is the determinant of the products of one, two or three vectors.
func gram(v [][]*big.Int) *big.Int {
	at := func(i, j int) *big.Int { return dot(v[i], v[j]) }
	minor := func(a, b, c, d *big.Int) *big.Int {
		ad, bc := new(big.Int).Mul(a, d), new(big.Int).Mul(b, c)
		return ad.Sub(ad, bc)
	}
	switch len(v) {
	case 1:
		return at(0, 0)
	case 2:
		return minor(at(0, 0), at(0, 1), at(1, 0), at(1, 1))
	}
	x := minor(at(1, 1), at(1, 2), at(2, 1), at(2, 2))
	y := minor(at(1, 0), at(1, 2), at(2, 0), at(2, 2))
	z := minor(at(1, 0), at(1, 1), at(2, 0), at(2, 1))
	x.Mul(x, at(0, 0))
	y.Mul(y, at(0, 1))
	z.Mul(z, at(0, 2))
	return x.Add(x.Sub(x, y), z)
}

func dot(a, b []*big.Int) *big.Int {
	sum, x := new(big.Int), new(big.Int)
	for i := range a {
		sum.Add(sum, x.Mul(a[i], b[i]))
	}
	return sum
}
