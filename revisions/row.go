package revisions

import (
	"cmp"
	"math/big"
	"slices"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// row is a bucket at work. Days and runs are numbers from 0; a row's days are of
// its own, a search's of all its rows.
type row struct {
	*Bucket
	claims []*claim // the one that tells runs apart best comes first
	n      int
	runs   []settlement.Run
	byRun  uint16 // the runs that fit on every day
	tells  bool   // not every run that holds the days fits
	f      *Finding
	near   []Candidate
}

func newRow(b *Bucket) *row {
	if len(b.Claims) == 0 {
		panic(panicClaims)
	}
	w := &row{Bucket: b, n: int(b.To - b.From), runs: b.Claims[0].Of.runs, f: &Finding{}}
	for i := range b.Claims {
		c := newClaim(b, i)
		if !slices.Equal(c.Of.runs, w.runs) {
			panic(panicClaims)
		}
		w.claims = append(w.claims, c)
	}
	w.single()
	for k := range w.n {
		if w.byRun == 0 && w.gone(k) {
			w.f.Missing++
		}
	}
	return w
}

// gone reports whether no run holds a day for every claim.
func (w *row) gone(k int) bool {
	for r := range w.runs {
		if _, ok := w.over(r, k, k+1); ok {
			return false
		}
	}
	return true
}

// open reports whether choices of runs by day are to be tried.
func (w *row) open() bool { return w.byRun == 0 && !w.Whole && w.n > 1 && w.f.Missing == 0 }

// over is what run r comes to on the days lo <= k < hi by claim, and whether
// every claim holds them.
func (w *row) over(r, lo, hi int) (sums []series.Total, ok bool) {
	sums = make([]series.Total, len(w.Claims))
	for _, c := range w.claims {
		if sums[c.at], ok = c.over(r, lo, hi); !ok {
			return nil, false
		}
	}
	return sums, true
}

// whole is what run r comes to on all days by claim, and whether every claim
// holds them.
func (w *row) whole(r int) (sums []series.Total, ok bool) {
	sums = make([]series.Total, len(w.Claims))
	for _, c := range w.claims {
		if sums[c.at], ok = c.whole(r, w.n); !ok {
			return nil, false
		}
	}
	return sums, true
}

// single tries the view of each run on every day.
func (w *row) single() {
	if w.n <= 0 {
		return
	}
	for r := range w.runs {
		sums, ok := w.whole(r)
		if !ok {
			continue
		}
		w.f.Tried++
		c := w.candidate(OneRun, slices.Repeat([]uint8{uint8(r)}, w.n), 0)
		if w.within(sums, true) == len(sums) {
			w.byRun |= 1 << r
			w.f.Shape, w.f.Candidates = OneRun, append(w.f.Candidates, c)
		} else {
			w.tells = true
			w.near = append(w.near, c)
		}
	}
}

// within is how many claims the sums of one run, or of several, fit.
func (w *row) within(sums []series.Total, one bool) (n int) {
	for _, c := range w.claims {
		if c.fits(sums[c.at], one) {
			n++
		}
	}
	return n
}

// holds reports whether the runs chosen hold their days.
func (w *row) holds(choice []uint8) bool {
	for k, r := range choice {
		if _, ok := w.over(int(r), k, k+1); !ok {
			return false
		}
	}
	return true
}

// fits reports whether a choice of a run for each day, all held, fits every
// claim.
func (w *row) fits(choice []uint8) bool {
	for _, c := range w.claims {
		if !c.fits(c.sum(choice), oneRun(choice)) {
			return false
		}
	}
	return true
}

// candidate puts a choice of runs into words.
func (w *row) candidate(shape Shape, choice []uint8, asOf settlement.Day) Candidate {
	c := Candidate{Shape: shape, AsOf: asOf, Parts: stretches(w.From, choice, w.runs)}
	c.Sums, c.Residuals = make([]series.Total, len(w.Claims)), make([]series.Total, len(w.Claims))
	for _, l := range w.claims {
		sum := l.sum(choice)
		c.Sums[l.at], c.Residuals[l.at] = sum, l.Total.Sub(sum)
	}
	return c
}

// fitting puts a choice that fits into words, with the runs it may as well be of.
func (w *row) fitting(shape Shape, choice []uint8, asOf settlement.Day) Candidate {
	c := w.candidate(shape, choice, asOf)
	c.Alike = others(w.From, choice, w.runs, w.alike)
	return c
}

// alike reports whether two runs hold a day with the same figures.
func (w *row) alike(k, r, q int) bool {
	a, held := w.over(r, k, k+1)
	b, too := w.over(q, k, k+1)
	return held && too && slices.Equal(a, b)
}

// others are the stretches of other runs that are the same as those chosen, run by
// run.
func others(from settlement.Day, choice []uint8, runs []settlement.Run, same func(k, r, q int) bool) (out []Part) {
	for r, run := range runs {
		for k, q := range choice {
			if d := from + settlement.Day(k); int(q) == r || !same(k, r, int(q)) {
				continue
			} else if n := len(out); n > 0 && out[n-1].Run == run && out[n-1].To == d {
				out[n-1].To = d + 1
			} else {
				out = append(out, Part{d, d + 1, run})
			}
		}
	}
	return out
}

func stretches(from settlement.Day, choice []uint8, runs []settlement.Run) (out []Part) {
	for k, r := range choice {
		d := from + settlement.Day(k)
		if n := len(out); n > 0 && out[n-1].Run == runs[r] {
			out[n-1].To = d + 1
			continue
		}
		out = append(out, Part{d, d + 1, runs[r]})
	}
	return out
}

// nearer orders candidates that do not fit.
func (w *row) nearer(a, b *Candidate) int {
	if x, y := w.within(a.Sums, len(a.Parts) == 1), w.within(b.Sums, len(b.Parts) == 1); x != y {
		return y - x
	}
	for i := range a.Residuals {
		if c := a.Residuals[i].Abs().Cmp(b.Residuals[i].Abs()); c != 0 {
			return c
		}
	}
	return 0
}

// claim is a claim at work, on the days of its row.
type claim struct {
	*Claim
	at, off int // its number in the row; the row's first day in its amounts
	lo, hi  series.Total
	grid    *grid // of the search it is in; made by measure
}

func newClaim(b *Bucket, i int) *claim {
	c := &claim{Claim: &b.Claims[i], at: i}
	c.off = int(b.From - c.Of.from)
	if c.off < 0 || c.off+int(b.To-b.From) > c.Of.days || c.Unit < 1 {
		panic(panicClaims)
	}
	if r := c.Runs; r != nil && (r.from > b.From || b.To > r.from+settlement.Day(r.days) || !slices.Equal(r.runs, c.Of.runs) || c.Slack < 0) {
		panic(panicClaims)
	}
	half := series.TotalOf((c.Unit + c.Slack) / 2)
	c.lo, c.hi = c.Total.Sub(half), c.Total.Add(half)
	return c
}

func (c *claim) over(r, lo, hi int) (series.Total, bool) { return c.Of.over(r, c.off+lo, c.off+hi) }

// whole is what run r comes to on all n days of the row.
func (c *claim) whole(r, n int) (series.Total, bool) {
	if c.Runs == nil {
		return c.over(r, 0, n)
	}
	off := c.off + int(c.Of.from-c.Runs.from)
	return c.Runs.over(r, off, off+n)
}

// oneRun reports whether a choice is one run on every day.
func oneRun(choice []uint8) bool {
	return len(choice) > 0 && !slices.ContainsFunc(choice, func(r uint8) bool { return r != choice[0] })
}

// sum is what a choice of a run for each day comes to, all of them held.
func (c *claim) sum(choice []uint8) (sum series.Total) {
	if c.Runs != nil && oneRun(choice) {
		sum, _ = c.whole(int(choice[0]), len(choice))
		return sum
	}
	for lo := 0; lo < len(choice); {
		hi := lo + 1
		for hi < len(choice) && choice[hi] == choice[lo] {
			hi++
		}
		part, _ := c.over(int(choice[lo]), lo, hi)
		sum, lo = sum.Add(part), hi
	}
	return sum
}

// fits reports whether what one run, or several, come to is as stated.
func (c *claim) fits(sum series.Total, one bool) bool {
	if one && c.Runs != nil {
		left := c.Total.Sub(sum).Abs()
		return left.Cmp(series.TotalOf(c.Unit/2)) <= 0
	}
	return c.lo.Cmp(sum) <= 0 && sum.Cmp(c.hi) <= 0
}

// grid is a claim's figures as distances from those of the first run that holds
// each day, in 64 bits: what is tried a million times. Where they do not fit
// into 60 bits their last ones are dropped, and what they say is made sure of
// with all of them.
type grid struct {
	sums   [][]int64 // by run, of the days of the search before each
	target int64     // what the claim leaves of the first runs
	least  int64     // what fits: from least to most
	most   int64
	width  int64 // figures that one choice fits
	span   int64 // from the least to the most that choices come to
	wide   int   // a window of 2^wide such widths is at most a quarter of what choices range over
}

// measure makes a claim's grid of a search of n days, in which the row's start
// at number lo.
func (c *claim) measure(lo, days, n int) {
	if c.grid != nil {
		return
	}
	runs := len(c.Of.runs)
	far := make([]*big.Int, 0, runs*days) // from the first run's
	rest, grain, widest, span := c.Total.Big(), new(big.Int), new(big.Int), new(big.Int)
	for k := range days {
		var base *big.Int
		least, most := new(big.Int), new(big.Int)
		for r := range runs {
			d := new(big.Int)
			if f, held := c.over(r, k, k+1); held {
				if d = f.Big(); base == nil {
					base = f.Big()
				}
				if d.Sub(d, base); d.Cmp(least) < 0 {
					least = d
				} else if d.Cmp(most) > 0 {
					most = d
				}
				grain.GCD(nil, nil, grain, new(big.Int).Abs(d))
				widest.Add(widest, new(big.Int).Abs(d))
			}
			far = append(far, d)
		}
		rest.Sub(rest, base)
		span.Add(span, new(big.Int).Sub(most, least))
	}
	shift := uint(max(0, widest.Add(widest, new(big.Int).Abs(rest)).BitLen()-60))
	width := c.Unit/2*2 + 1
	if grain.IsInt64() { // figures that are all multiples of it fit no figures between
		width = max(width, grain.Int64())
	}
	g := &grid{target: shifted(rest, shift), width: max(1, width>>shift), span: shifted(span, shift)}
	reach := (c.Unit / 2) >> shift
	if shift > 0 {
		reach += int64(days) + 1 // what the last bits of a sum may come to
	}
	g.least, g.most = g.target-reach, g.target+reach
	for q := g.span / g.width / 4; q > 1; q /= 2 {
		g.wide++
	}
	g.fill(far, runs, lo, days, n, shift)
	c.grid = g
}

// finer orders claims: what tells choices apart best comes first.
func finer(a, b *claim) int {
	x := new(big.Int).Mul(big.NewInt(a.grid.span), big.NewInt(b.grid.width))
	y := new(big.Int).Mul(big.NewInt(b.grid.span), big.NewInt(a.grid.width))
	return cmp.Or(y.Cmp(x), a.Total.Cmp(b.Total), cmp.Compare(a.grid.target, b.grid.target))
}

// fill sums the days.
func (g *grid) fill(far []*big.Int, runs, lo, days, n int, shift uint) {
	for r := range runs {
		sums := make([]int64, n+1)
		for k := range n {
			sums[k+1] = sums[k]
			if i := k - lo; i >= 0 && i < days {
				sums[k+1] += shifted(far[i*runs+r], shift)
			}
		}
		g.sums = append(g.sums, sums)
	}
}

// day is what a run comes to on a day of the search.
func (g *grid) day(r uint8, k int) int64 { return g.sums[r][k+1] - g.sums[r][k] }

func shifted(b *big.Int, by uint) int64 { return new(big.Int).Rsh(b, by).Int64() }
