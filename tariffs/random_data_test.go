package tariffs

import (
	"slices"
	"strconv"

	"pgregory.net/rapid"
)

// stream gives numbers from one draw: thousands of draws are slow.
type stream uint64

func (s *stream) next(m int64) int64 {
	*s = *s*6364136223846793005 + 1442695040888963407
	return int64(uint64(*s) >> 33 % uint64(m))
}

// data draws the half-hours of every line the spec may need.
func (r *spinner) data() {
	seed := stream(rapid.Uint64().Draw(r.t, "seed"))
	r.s.data = map[string]*refLineOfData{}
	active := r.active(&seed)
	r.s.data[r.s.metered()] = active
	r.reactive(active, &seed)
	r.factors(&seed)
	for _, index := range []string{"system-price", "rcrc", "cfd-rate", "contract-price"} {
		if index == "contract-price" && !r.needs(index) && r.coin("no contract price") {
			continue
		}
		r.index(index, &seed)
	}
	if r.needs("energy-imbalance") || r.coin("nominated") {
		nominated := []int64{0, 25_000_000_000, 300_000_000, -1}[seed.next(4)]
		r.fill("nominated", 6, func(int) int64 {
			if nominated < 0 {
				return seed.next(1_000_000_000)
			}
			return nominated
		})
	}
	if r.oneIn(5, "gaps") {
		gap := r.s.data[rapid.SampledFrom([]string{r.s.metered(), "LLF", "TLM", "LLF", "TLM"}).Draw(r.t, "gap in")]
		for range 1 + seed.next(3) {
			gap.values[seed.next(int64(len(gap.values)))] = nil
		}
	}
}

// needs reports whether a rate follows an index or charges an item.
func (r *spinner) needs(name string) bool {
	for _, rate := range r.s.rates {
		if rate.index == name || rate.item == name {
			return true
		}
	}
	return false
}

// charged reports whether a rate has nothing to stand in for an index.
func (r *spinner) charged(index string) bool {
	return slices.ContainsFunc(r.s.rates, func(rate refRate) bool { return rate.index == index && rate.other == "" })
}

func (r *spinner) fill(name string, decimals int, f func(i int) int64) *refLineOfData {
	line := &refLineOfData{decimals: decimals, values: make([]*int64, len(r.s.hhs))}
	for i := range line.values {
		v := f(i)
		line.values[i] = &v
	}
	r.s.data[name] = line
	return line
}

// most is the largest reading drawn: 50 MW.
const most = 25_000_000

// active draws readings with zeros, ties and extremes, and ones that with the
// reactive energy drawn after them come to the agreed capacity exactly.
func (r *spinner) active(seed *stream) *refLineOfData {
	kind := rapid.SampledFrom([]string{"zero", "one kWh", "large", "mixed", "mixed", "small", "triples", "triples", "hundreds"}).Draw(r.t, "volumes")
	one := rapid.IntRange(0, len(r.s.hhs)-1).Draw(r.t, "one")
	r.s.triples = kind == "triples"
	return r.fill(r.s.metered(), 3, func(i int) int64 {
		switch kind {
		case "one kWh":
			if i == one {
				return 1000
			}
		case "large":
			return most
		case "mixed":
			return []int64{0, most, 1, 500, seed.next(1_000_000), 1000, -seed.next(1000)}[seed.next(7)]
		case "small":
			return seed.next(4)
		case "hundreds":
			return 100 * seed.next(5000)
		case "triples":
			a, _ := r.triple(i, seed.next(3) == 0)
			return a
		}
		return 0
	})
}

// triple is active and reactive energy that make the agreed capacity of the
// half-hour: 3-4-5 or 5-12-13 where it divides so, or nothing.
func (r *spinner) triple(i int, five bool) (active, reactive int64) {
	kva, _ := r.s.kva(r.s.hhs[i].date)
	agreed, err := strconv.ParseInt(kva, 10, 64)
	if agreed *= 1000; err != nil || agreed == 0 || agreed > 2*most {
		return 175_000, 420_000
	}
	if five && agreed%10 == 0 {
		return agreed / 10 * 3, agreed / 10 * 4
	}
	if agreed%26 == 0 {
		return agreed / 26 * 12, agreed / 26 * 5
	}
	return agreed / 10 * 4, agreed / 10 * 3
}

// reactive draws RI and RE: neither, one or both, at the edge of the free part
// and at the agreed capacity, a unit to either side.
func (r *spinner) reactive(active *refLineOfData, seed *stream) {
	lines := rapid.SampledFrom([]string{"", "RI", "RE", "RI RE", "RI RE", "RI RE"}).Draw(r.t, "reactive lines")
	kind := rapid.SampledFrom([]string{"edge", "edge", "mixed", "zero"}).Draw(r.t, "reactive")
	holes := r.oneIn(3, "reactive holes")
	if lines == "" {
		return
	}
	draw := func(i int) int64 {
		a := active.values[i]
		switch {
		case r.s.triples:
			v := seed.next(3) - 1
			for _, five := range []bool{true, false} {
				if x, re := r.triple(i, five); x == *a {
					return re + []int64{0, 0, v}[seed.next(3)]
				}
			}
			return 0
		case kind == "edge":
			return max(0, *a*33/100+seed.next(3)-1)
		case kind == "mixed":
			return []int64{0, 1, max(0, *a), max(0, *a) / 3, seed.next(1_000_000), most}[seed.next(6)]
		}
		return 0
	}
	for _, name := range []string{"RI", "RE"} {
		if lines != "RI RE" && lines != name {
			continue
		}
		line := r.fill(name, 3, draw)
		if lines == "RI RE" && name == "RE" { // one of the two is the greater
			for i := range line.values {
				if seed.next(2) == 0 {
					v := seed.next(max(0, *line.values[i]) + 1)
					line.values[i] = &v
				}
			}
		}
		for i := range line.values {
			if holes && seed.next(5) == 0 {
				line.values[i] = nil
			}
		}
	}
}

func (r *spinner) factors(seed *stream) {
	kind := rapid.SampledFrom([]string{"ones", "ties", "usual", "usual"}).Draw(r.t, "factors")
	r.fill("LLF", 3, func(int) int64 {
		switch kind {
		case "ties":
			return 1001
		case "usual":
			return 1020 + seed.next(60)
		}
		return 1000
	})
	r.fill("TLM", 9, func(int) int64 {
		switch kind {
		case "ties": // odd micro-kWh × .5
			return []int64{500_000_000, 1_500_000_000, 999_999_500, 1_000_000_500}[seed.next(4)]
		case "usual":
			return 985_000_000 + seed.next(40_000_000)
		}
		return 1_000_000_000
	})
}

// index draws prices of either sign, there throughout, on some days, in some
// half-hours or nowhere.
func (r *spinner) index(name string, seed *stream) {
	held := rapid.SampledFrom([]string{"all", "all", "all", "days", "some", "none"}).Draw(r.t, name)
	if r.charged(name) && !r.oneIn(5, "nothing stands in") {
		held = "all"
	}
	if held == "none" {
		return
	}
	line := r.fill(name, 5, func(int) int64 {
		return []int64{0, -1_250_000, 8_850_000, 14_550_000, 1, -1, 39_999_999, -40_000_000, seed.next(30_000_000)}[seed.next(9)]
	})
	lacks := make([]bool, len(r.s.days))
	for k := range lacks {
		lacks[k] = seed.next(2) == 0
	}
	for i, h := range r.s.hhs {
		if held == "days" && lacks[h.day] || held == "some" && seed.next(9) == 0 {
			line.values[i] = nil
		}
	}
}

// redraw draws other half-hours for the same tariff and supply.
func (s *refSpec) redraw(t *rapid.T) {
	(&spinner{t: t, s: s}).data()
}
