package revisions

import (
	"math/bits"
	"slices"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// Claim is what somebody states of one line over some days.
type Claim struct {
	Of    *Amounts
	Total series.Total // at the line's scale
	Unit  int64        // the last decimal stated, at that scale: a total is known to half of it
}

// Bucket is claims on the same days, which one choice of runs has to explain:
// a day, a month or a whole span.
type Bucket struct {
	From, To settlement.Day // To exclusive
	Claims   []Claim        // whose amounts hold the same days and runs; the first counts most
	Whole    bool           // the claims cannot be put together from days: look at single runs only
}

// Shape is how a candidate chooses its runs, the likeliest first.
type Shape uint8

const (
	NoShape Shape = iota
	OneRun        // the view of one run, on every day
	OneDate       // what was due on one date, under the timetable
	Stairs        // the older the day, the later its run
	AnyMix        // a run for each day, in no order
)

var shapeNames = [...]string{NoShape: "none", OneRun: "run", OneDate: "date", Stairs: "stairs", AnyMix: "mix"}

// String names the shape: run, date, stairs or mix.
func (s Shape) String() string { return shapeNames[s] }

// Candidate is a choice of runs and what it leaves unexplained.
type Candidate struct {
	Shape     Shape
	AsOf      settlement.Day // of OneDate: the first date on which it was so
	Parts     []Part         // in order, covering the bucket
	Sums      []series.Total // what it comes to, by claim
	Residuals []series.Total // claim − sum, exactly
}

// Part is days of one run.
type Part struct {
	From, To settlement.Day // To exclusive
	Run      settlement.Run
}

// Finding is what explains a bucket, or that nothing does.
type Finding struct {
	Shape      Shape       // of the candidates that fit; NoShape when nothing fits
	Candidates []Candidate // those that fit, else the nearest first
	More       bool        // more fit than are listed
	Tried      int         // choices of runs that were looked at
	Partial    bool        // not every choice was looked at: there were too many
	Missing    int         // days that no run holds whole, if nothing fits
}

// Fits reports whether any choice of runs explains the claims.
func (f *Finding) Fits() bool { return f.Shape != NoShape }

// Ambiguous reports whether several explain them equally well.
func (f *Finding) Ambiguous() bool { return f.Fits() && (f.More || len(f.Candidates) > 1) }

// Explained reports whether the claims are accounted for: by a run or a date,
// whichever of several it was, or else by one mix of runs alone. Several mixes
// that fit account for nothing: with enough days to choose from, mixes fit any
// total.
func (f *Finding) Explained() bool {
	return f.Shape == OneRun || f.Shape == OneDate || f.Fits() && !f.Ambiguous()
}

// Bounds on the work for one bucket, and on what is kept of it.
const (
	maxListed = 8       // candidates
	maxFits   = 64      // fits of one shape, after which no more are counted
	maxStairs = 1 << 20 // staircases tried
	maxHalf   = 1 << 16 // sums of each half of the days, for mixes
	maxPairs  = 1 << 20 // pairs of halves that meet in the first claim
	maxClaims = 4
)

// Infer finds the choice of runs that explains a bucket's claims, each to half
// of its last decimal. It tries the likelier shapes first and stops at the
// first shape of which any fits; within Stairs, those with fewer steps come
// first. Where nothing fits, the candidates are the single runs and the nearest
// date, nearest first: by how many claims fit, then by what is left of each.
//
// The work is bounded. For n days and k runs it looks at k runs, at most 8n
// dates, at staircases of ever more steps while they come to no more than 2^20
// (all of them for a month of seven runs), and at mixes where the days can be
// halved so that each half has at most 2^16. Two choices that differ only on
// days for which the runs have the same figures are one choice; single runs are
// each listed. The same bucket gives the same finding.
func Infer(b Bucket, t settlement.Timetable) *Finding {
	s := newSearch(&b)
	if s.n <= 0 {
		return s.f
	}
	if s.single(); !s.f.Fits() {
		s.alike()
	}
	if !s.f.Fits() && !b.Whole && s.n > 1 && s.f.Missing == 0 {
		s.dates(t)
		for _, shape := range []func(){s.stairs, s.mixes} {
			if !s.f.Fits() {
				shape()
			}
		}
	}
	if !s.f.Fits() {
		slices.SortStableFunc(s.near, func(a, b Candidate) int { return s.nearer(&a, &b) })
		s.f.Candidates = s.near[:min(len(s.near), maxListed)]
	}
	return s.f
}

// figures are totals by claim.
type figures [maxClaims]series.Total

// search is one bucket at work. Days and runs are numbers from 0.
type search struct {
	b      *Bucket
	runs   []settlement.Run
	off, n int // the bucket's first day in the amounts, and its days
	lo, hi figures
	f      *Finding
	near   []Candidate
	fits   int
	same   [][]uint8       // by day and run: the first run with the same figures, or gone; made by alike
	seen   map[string]bool // choices that fit, by the figures they choose
}

const gone = ^uint8(0) // a run whose view does not hold the day

func newSearch(b *Bucket) *search {
	if len(b.Claims) == 0 || len(b.Claims) > maxClaims {
		panic(panicClaims)
	}
	first := b.Claims[0].Of
	s := &search{b: b, runs: first.runs, off: int(b.From - first.from), n: int(b.To - b.From), f: &Finding{}, seen: map[string]bool{}}
	for i, c := range b.Claims {
		if c.Of.from != first.from || c.Of.days != first.days || !slices.Equal(c.Of.runs, first.runs) || s.off < 0 || s.off+s.n > first.days || c.Unit < 1 {
			panic(panicClaims)
		}
		half := series.TotalOf(c.Unit / 2)
		s.lo[i], s.hi[i] = c.Total.Sub(half), c.Total.Add(half)
	}
	return s
}

// over is what run r comes to on the days lo <= k < hi, and whether every claim
// holds them.
func (s *search) over(r, lo, hi int) (sum figures, ok bool) {
	for i := range s.b.Claims {
		var held bool
		if sum[i], held = s.b.Claims[i].Of.over(r, s.off+lo, s.off+hi); !held {
			return sum, false
		}
	}
	return sum, true
}

func (s *search) add(a, b figures) figures {
	for i := range s.b.Claims {
		a[i] = a[i].Add(b[i])
	}
	return a
}

func (s *search) sub(a, b figures) figures {
	for i := range s.b.Claims {
		a[i] = a[i].Sub(b[i])
	}
	return a
}

// within reports whether sums explain every claim.
func (s *search) within(sum *figures) bool {
	for i := range s.b.Claims {
		if !s.fitsClaim(i, sum[i]) {
			return false
		}
	}
	return true
}

func (s *search) fitsClaim(i int, sum series.Total) bool {
	return s.lo[i].Cmp(sum) <= 0 && sum.Cmp(s.hi[i]) <= 0
}

// candidate puts a choice of runs into words.
func (s *search) candidate(shape Shape, choice []uint8, sum *figures) Candidate {
	c := Candidate{Shape: shape}
	for k, r := range choice {
		d := s.b.From + settlement.Day(k)
		if n := len(c.Parts); n > 0 && c.Parts[n-1].Run == s.runs[r] {
			c.Parts[n-1].To = d + 1
			continue
		}
		c.Parts = append(c.Parts, Part{d, d + 1, s.runs[r]})
	}
	for i := range s.b.Claims {
		c.Sums = append(c.Sums, sum[i])
		c.Residuals = append(c.Residuals, s.b.Claims[i].Total.Sub(sum[i]))
	}
	return c
}

// fit notes a choice that fits, unless one with the same figures is noted. It
// says whether to look for more.
func (s *search) fit(shape Shape, choice []uint8, sum *figures, asOf settlement.Day) (goOn bool) {
	if shape != OneRun {
		key := make([]byte, len(choice))
		for k, r := range choice {
			key[k] = s.same[k][r]
		}
		if s.seen[string(key)] {
			return true
		}
		s.seen[string(key)] = true
	}
	s.f.Shape = shape
	s.fits++
	if len(s.f.Candidates) < maxListed {
		c := s.candidate(shape, choice, sum)
		c.AsOf = asOf
		s.f.Candidates = append(s.f.Candidates, c)
	} else {
		s.f.More = true
	}
	return s.fits < maxFits
}

// nearer orders candidates that do not fit.
func (s *search) nearer(a, b *Candidate) int {
	if x, y := s.matched(a), s.matched(b); x != y {
		return y - x
	}
	for i := range a.Residuals {
		if c := a.Residuals[i].Abs().Cmp(b.Residuals[i].Abs()); c != 0 {
			return c
		}
	}
	return 0
}

// matched is how many claims a candidate explains.
func (s *search) matched(c *Candidate) (n int) {
	for i, sum := range c.Sums {
		if s.fitsClaim(i, sum) {
			n++
		}
	}
	return n
}

// choose is n choose k, or limit where it is more.
func choose(n, k, limit int) int {
	out := uint64(1)
	for i := range uint64(k) {
		hi, lo := bits.Mul64(out, uint64(n)-i)
		if out = lo / (i + 1); hi != 0 || out > uint64(limit) {
			return limit
		}
	}
	return int(out)
}
