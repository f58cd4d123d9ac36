package tariffs

import (
	"math/big"
	"time"
)

// excess is by how much the kVA of the month of day k passes the agreed
// capacity of its day, at most, in the half-hours of the span with active
// energy: nil where one of the month has no reading. days and at are how many
// days of the month the span has and how many of them are before day k.
func (s *refSpec) excess(k int) (most *big.Rat, days, at int) {
	_, _, month := place("month", s.days[k])
	active, ri, re := s.stated(s.metered()), s.stated("RI"), s.stated("RE")
	most, whole := new(big.Rat), true
	for j, d := range s.days {
		if _, _, m := place("month", d); m != month {
			continue
		}
		if days++; j < k {
			at++
		}
		agreed, _ := s.kva(d.date)
		for i := d.lo; i < d.hi; i++ {
			if active[i] == nil {
				whole = false
				continue
			}
			if active[i].Sign() <= 0 {
				continue
			}
			if over := refSub(refKVA(active[i], more(ri[i], re[i])), rat(agreed)); over.Cmp(most) > 0 {
				most = over
			}
		}
	}
	if !whole {
		most = nil
	}
	return most, days, at
}

// refKVA is the apparent power of a half-hour to the nearest of 9 decimals: at
// a power factor of 0.95 where reactive energy is not known.
func refKVA(active, reactive *big.Rat) *big.Rat {
	nine := ratOf(1_000_000_000, 1)
	if reactive == nil {
		x := new(big.Rat).Quo(new(big.Rat).Mul(active, ratOf(2, 1)), ratOf(95, 100))
		return refHalfUp(x, 9)
	}
	square := refMul(active, active)
	square.Add(square, refMul(reactive, reactive))
	// (2√square × 10^9)² is whole, for readings have 3 decimals.
	square.Mul(square, ratOf(4, 1)).Mul(square, nine).Mul(square, nine)
	n := square.Num()
	root := new(big.Int).Sqrt(n)
	if rest := new(big.Int).Sub(n, new(big.Int).Mul(root, root)); rest.Cmp(root) > 0 {
		root.Add(root, big.NewInt(1)) // (root + ½)² is root² + root + ¼
	}
	return new(big.Rat).Quo(new(big.Rat).SetInt(root), nine)
}

// excessOf keeps the answers of excess by month.
func (s *refSpec) excessOf(k int) (most *big.Rat, days, at int) {
	_, _, month := place("month", s.days[k])
	key := "excess " + month
	if _, ok := s.done[key]; !ok {
		most, n, before := s.excess(k)
		s.done[key] = []*big.Rat{most, ratOf(int64(n), 1), ratOf(int64(k-before), 1)}
	}
	kept := s.done[key]
	return kept[0], int(kept[1].Num().Int64()), k - int(kept[2].Num().Int64())
}

// excessDay is what day k of the span is charged of its month's excess, or nil.
func (s *refSpec) excessDay(rate, k int) *big.Rat {
	most, m, j := s.excessOf(k)
	if most == nil {
		return nil
	}
	number, n, _ := place("month", s.days[k])
	upTo := func(done int) *big.Rat {
		return refAwayTo(refMul(refMul(most, s.rate(rate)), ratOf(int64(done), 1)), 8)
	}
	if s.excessMonth {
		number = j
		upTo = func(done int) *big.Rat {
			return refAwayTo(refMul(refMul(most, s.rate(rate)), ratOf(int64(n*done), int64(m))), 8)
		}
	}
	return refSub(upTo(number+1), upTo(number))
}

// triadKW is the demand of a charging year's three Triads together, and
// whether any of it is not known yet.
func (s *refSpec) triadKW(year string) (sum *big.Rat, provisional bool) {
	sum = new(big.Rat)
	triads, published := s.triads[year]
	if !published {
		for _, d := range s.demands {
			if yearOf(d.at) == year {
				sum.Add(sum, refMul(rat(d.kw), rat(d.llf)))
			}
		}
		return sum, true
	}
	for _, at := range triads {
		kw, known := s.demandAt(at)
		if sum.Add(sum, kw); !known {
			provisional = true
		}
	}
	return sum, provisional
}

// demandAt is the demand of a half-hour at the grid supply point, in kW.
func (s *refSpec) demandAt(at time.Time) (kw *big.Rat, known bool) {
	for _, d := range s.demands {
		if d.at.Equal(at) {
			return refMul(rat(d.kw), rat(d.llf)), true
		}
	}
	for i, h := range s.hhs {
		if h.start.Equal(at) && s.volume["gsp"][i] != nil {
			return refMul(ratOf(2, 1), s.volume["gsp"][i]), true
		}
	}
	return new(big.Rat), s.since != "" && at.In(london).Format(time.DateOnly) < s.since
}

// triadDay is what a day is charged of the year's amount.
func (s *refSpec) triadDay(rate int, d refDay) *big.Rat {
	k, n, year := place("year", d)
	sum, _ := s.triadKW(year)
	amount := new(big.Rat).Quo(refMul(sum, s.rate(rate)), ratOf(3, 1))
	upTo := func(k int) *big.Rat { return refAwayTo(refMul(amount, ratOf(int64(k), int64(n))), 8) }
	return refSub(upTo(k+1), upTo(k))
}
