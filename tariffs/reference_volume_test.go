package tariffs

import (
	"math/big"
	"slices"
)

// stated is a line of data as fractions, nil where it says nothing.
func (s *refSpec) stated(name string) []*big.Rat {
	out := make([]*big.Rat, len(s.hhs))
	line := s.data[name]
	if line == nil {
		return out
	}
	unit := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(line.decimals)), nil)
	for i, v := range line.values {
		if v != nil {
			out[i] = new(big.Rat).SetFrac(big.NewInt(*v), unit)
		}
	}
	return out
}

// refMicro rounds to 6 decimals, half-even.
func refMicro(r *big.Rat) *big.Rat {
	million := ratOf(1_000_000, 1)
	x := refEven(new(big.Rat).Mul(r, million))
	return new(big.Rat).Quo(new(big.Rat).SetInt(x), million)
}

// where is f of the values of two lines in the half-hours that have both.
func where(a, b []*big.Rat, f func(a, b *big.Rat) *big.Rat) []*big.Rat {
	out := make([]*big.Rat, len(a))
	for i := range a {
		if a[i] != nil && b[i] != nil {
			out[i] = f(a[i], b[i])
		}
	}
	return out
}

func refMul(a, b *big.Rat) *big.Rat { return new(big.Rat).Mul(a, b) }
func refSub(a, b *big.Rat) *big.Rat { return new(big.Rat).Sub(a, b) }

// metered names the active and the reactive energy that counts: whichever way
// active energy flows, both ways of reactive do.
func (s *refSpec) metered() string {
	if s.export {
		return "AE"
	}
	return "AI"
}

// work fills in the volumes and the indices.
func (s *refSpec) work() {
	s.priced = priced{volume: map[string][]*big.Rat{}, indices: map[string][]*big.Rat{}, done: map[string][]*big.Rat{},
		inside: map[string][]bool{}, figures: map[string]*big.Rat{}}
	v := s.volume
	v["msp"] = s.stated(s.metered())
	v["gsp"] = where(v["msp"], s.stated("LLF"), refMul)
	v["nbp"] = where(v["gsp"], s.stated("TLM"), func(a, b *big.Rat) *big.Rat { return refMicro(refMul(a, b)) })
	v["dl"] = where(v["gsp"], v["msp"], refSub)
	v["tl"] = where(v["nbp"], v["gsp"], refSub)
	v["imbalance"] = where(v["nbp"], s.stated("nominated"), refSub)
	v["reactive"] = s.reactive()
	for _, name := range []string{"msp", "gsp", "nbp"} {
		v["chargeable "+name] = make([]*big.Rat, len(s.hhs))
		for i, e := range v[name] {
			if e == nil {
				continue
			}
			rest := refSub(ratOf(1, 1), rat(s.termsOn(s.hhs[i].date).exempt))
			rest.Mul(rest, e)
			if name != "msp" {
				rest = refMicro(rest)
			}
			v["chargeable "+name][i] = rest
		}
	}
	for _, name := range []string{"system-price", "rcrc", "cfd-rate", "contract-price"} {
		s.indices[name] = s.stated(name)
		for _, p := range s.indices[name] {
			if p != nil {
				p.Quo(p, ratOf(1000, 1)) // £/MWh
			}
		}
	}
}

// more is the greater of two figures, either of which may not be stated.
func more(a, b *big.Rat) *big.Rat {
	if a == nil || b != nil && b.Cmp(a) > 0 {
		return b
	}
	return a
}

func (s *refSpec) reactive() []*big.Rat {
	active, ri, re := s.stated(s.metered()), s.stated("RI"), s.stated("RE")
	out := make([]*big.Rat, len(active))
	for i, a := range active {
		if a == nil {
			continue
		}
		out[i] = new(big.Rat)
		if r := more(ri[i], re[i]); r != nil && a.Sign() > 0 {
			if x := refSub(r, refMul(ratOf(33, 100), a)); x.Sign() > 0 {
				out[i] = x
			}
		}
	}
	return out
}

// volumeOf is what an item is charged on: as its rates say (at), and without
// what is exempt.
func (s *refSpec) volumeOf(item string) string {
	name := refVolume[item]
	for _, r := range s.rates {
		if r.item == item && r.at != "" {
			name = map[string]string{"MSP": "msp", "GSP": "gsp", "NBP": "nbp"}[r.at]
		}
	}
	if slices.Contains(refExempt, item) {
		return "chargeable " + name
	}
	return name
}
