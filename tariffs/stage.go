package tariffs

import (
	"slices"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// rest is what one half-hour of one charge rests on. The zero value is a charge
// that no run restates.
type rest struct {
	on       bool           // on a reading
	reading  settlement.Run // that supplied the reading
	onMarket bool           // on lines of the market or the contract, too
	market   settlement.Run // the latest run that they state
	first    settlement.Run // the earliest run of the reading and of the lines that state one
	last     settlement.Run // the latest
	waits    bool           // a stand-in speaks for a line that comes by run and has not come
}

// state takes in a line of data that states a run of the half-hour. A line that
// states none (an LLF, a contract) is never restated by run: but see transmission.
func (r *rest) state(run settlement.Run) {
	if run != settlement.Untagged {
		r.first, r.last = min(r.first, run), max(r.last, run)
	}
}

// stateMarket is state for a line of the market or the contract.
func (r *rest) stateMarket(run settlement.Run) {
	r.onMarket, r.market = true, max(r.market, run)
	r.state(run)
}

// with is what a percentage rests on that is of a charge on q, besides r.
func (r rest) with(q rest) rest {
	if !r.on || !q.on {
		if q.on {
			return q
		}
		return r
	}
	return rest{true, r.reading, r.onMarket || q.onMarket, max(r.market, q.market), min(r.first, q.first), max(r.last, q.last), r.waits || q.waits}
}

// behind reports whether something of the charge is still of an earlier run than
// the stage of its half-hour, or has not come at all.
func (r rest) behind(stage settlement.Run) bool { return r.first < stage || r.waits }

// stages are what the charges of one view rest on in the half-hours lo <= i < hi
// of its schedule, each list from lo on.
type stages struct {
	rests [][]rest         // of each column; nil where no run restates any
	stage []settlement.Run // the latest run that states anything of what is charged
}

// stages gives what the charges made from in rest on.
func (s *Schedule) stages(in Inputs, lo, hi int) *stages {
	st := &stages{rests: make([][]rest, len(s.columns)), stage: make([]settlement.Run, hi-lo)}
	same := map[string][]rest{} // columns of one source rest on the same lines
	for i := range s.columns {
		c := &s.columns[i]
		if c.volume == NoVolume && c.item != DUoSExcessCapacity {
			continue
		}
		if same[c.source()] == nil {
			same[c.source()] = s.rests(c, in, lo, hi)
		}
		st.rests[i] = same[c.source()]
	}
	for _, i := range s.shares { // in the order in which they can be worked out
		s.shareRests(st, i, lo, hi)
	}
	for _, rests := range st.rests {
		for k := range rests {
			st.stage[k] = max(st.stage[k], rests[k].last)
		}
	}
	return st
}

// rests are those of a column, but for what it is a percentage of.
func (s *Schedule) rests(c *column, in Inputs, lo, hi int) []rest {
	out := make([]rest, hi-lo)
	lines := s.reads(c.item, c.volume, in)
	for k, m := range lines[0].Marks[lo:hi] { // the active energy
		run := m.Run()
		out[k] = rest{on: true, reading: run, first: run, last: run}
	}
	for _, col := range lines[1:] {
		for k := range out {
			if holds(col, lo+k) {
				out[k].state(col.Marks[lo+k].Run())
			}
		}
	}
	if c.item == DUoSExcessCapacity {
		s.monthFirst(out, lines[0].Marks, lo, hi)
	}
	for _, col := range adjustedBy(c.volume, in) {
		for k := range out {
			if holds(col, lo+k) {
				out[k].stateMarket(col.Marks[lo+k].Run())
			}
		}
	}
	if slices.Contains(steps[c.volume], NBP) {
		s.transmission(out, in.Market.Line(series.TLM), lo)
	}
	if f := c.follow; f != nil {
		index, given := f.index(in)
		for k := range out {
			i := lo + k
			switch follows := f.on[i>>6]>>(uint(i)&63)&1 != 0; {
			case !follows:
			case given && holds(index, i):
				out[k].stateMarket(index.Marks[i].Run())
			default:
				out[k].waits = true
			}
		}
	}
	return out
}

// transmission takes in that TLM, alone of the lines that adjust energy, always
// comes by run: where it states none it counts as the earliest, as a reading does,
// and where the tariff's figure stands in for it, it has not come. LLF is settled
// for a year, and a nomination is the contract's. What a half-hour rests on is told
// from the half-hour alone, so that a bill says the same in whatever job it is made.
func (s *Schedule) transmission(out []rest, tlm series.Column, lo int) {
	for k := range out {
		if i := lo + k; holds(tlm, i) && tlm.Marks[i].Run() == settlement.Untagged {
			out[k].first = settlement.Untagged
			out[k].waits = out[k].waits || s.standsIn(series.TLM, tlm, i)
		}
	}
}

// monthFirst makes the earliest run of every half-hour that of its month, as far
// as the schedule goes: the highest demand may come to be in any of them.
func (s *Schedule) monthFirst(out []rest, active []series.Mark, lo, hi int) {
	for i := lo; i < hi; {
		k, end := s.monthAt(int((s.cal.span.Lo + settlement.Period(i)).Day() - s.cal.from))
		from, to := int(s.cal.days[k]), int(s.cal.days[end])
		first := active[from].Run()
		for _, m := range active[from:to] {
			first = min(first, m.Run())
		}
		for to = min(to, hi); i < to; i++ {
			out[i-lo].first = min(out[i-lo].first, first)
		}
	}
}

// shareRests adds to column i what it is a percentage of, day by day.
func (s *Schedule) shareRests(st *stages, i, lo, hi int) {
	c := &s.columns[i]
	rests := make([]rest, hi-lo)
	copy(rests, st.rests[i])
	some := st.rests[i] != nil
	for d := range len(s.cal.days) - 1 {
		from, to := max(lo, int(s.cal.days[d])), min(hi, int(s.cal.days[d+1]))
		if from >= to {
			continue
		}
		for _, l := range c.share.figures[c.share.of.time.pick[from]].lines {
			of := st.rests[l]
			if of == nil {
				continue
			}
			some = true
			for k := from - lo; k < to-lo; k++ {
				rests[k] = rests[k].with(of[k])
			}
		}
	}
	if some {
		st.rests[i] = rests
	}
}

// basis is all that the mix tells half-hours of a charge apart by.
type basis struct {
	rest
	stage     settlement.Run
	estimated bool
}

// stretch is half-hours lo <= i < hi on one basis.
type stretch struct {
	basis
	lo, hi int
}

// stretches cuts half-hours from lo on by what they rest on; marks are the
// charge's, from the first of its schedule on.
func (st *stages) stretches(rests []rest, marks []series.Mark, lo int) []stretch {
	var out []stretch
	marks = marks[lo : lo+len(rests)]
	for k := 0; k < len(rests); {
		r, stage, estimated := rests[k], st.stage[k], marks[k].Has(series.Estimated)
		from := k
		for k++; k < len(rests) && rests[k] == r && st.stage[k] == stage && marks[k].Has(series.Estimated) == estimated; k++ {
		}
		out = append(out, stretch{basis{r, stage, estimated}, lo + from, lo + k})
	}
	return out
}

// byTime is what a column has of half-hours lo <= i < hi whatever their volume.
func (c *column) byTime(lo, hi int) series.Total {
	if c.standing == nil {
		return series.Total{}
	}
	return series.Column{Values: c.standing}.Sum(lo, hi)
}
