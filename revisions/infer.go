package revisions

import (
	"math/big"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// Claim is what somebody states of one line over some days.
type Claim struct {
	Of    *Amounts
	Total series.Total // at the line's scale
	Unit  int64        // the last decimal stated, at that scale: a total is known to half of it

	// What a run on every day comes to is known better than its days add up to, if
	// Runs is set: it is Runs' total of the bucket's days, of the same runs, and a
	// choice of several runs fits within half of Slack beyond half of the unit.
	Runs  *Amounts
	Slack int64
}

// Bucket is claims on the same days, which one choice of runs has to explain: a
// row of a bill, its amount and its quantity.
type Bucket struct {
	From, To settlement.Day // To exclusive
	Claims   []Claim        // whose amounts hold those days, and the same runs
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
	Alike     []Part         // of one that fits: other runs with the same figures, run by run; not of OneRun, each of which is a candidate
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
	Tried      int         // choices of runs that were looked at, with other rows and alone
	Partial    bool        // not every choice was looked at: there were too many
	Missing    int         // days that no run holds whole, if nothing fits

	// Chance is how many of the choices as likely as this or likelier would fit
	// figures that have nothing to do with the data, but for single runs: nil where
	// a run fits, and where nothing does.
	Chance *big.Rat

	Joint   bool // it fits, and the first candidate is, or is among, the choices of the rows it was inferred with
	Against bool // nothing fits, and the first candidate is the choice of the rows it was inferred with
}

// ChanceLimit is one in how many figures a choice may explain by chance and
// still count as an explanation. At one in a hundred, of three bills of thirty
// rows that have nothing to do with the data one has a row explained, beside rows
// that are not and no choice of all of them, which nobody takes for an answer.
const ChanceLimit = 100

// Fits reports whether any choice of runs fits the claims.
func (f *Finding) Fits() bool { return f.Shape != NoShape }

// Ambiguous reports whether several fit equally well: other choices, or the
// same with other runs on days on which these have the same figures.
func (f *Finding) Ambiguous() bool {
	return f.Fits() && (f.More || len(f.Candidates) > 1 || len(f.Candidates[0].Alike) > 0)
}

// Explained reports whether the claims are accounted for: by a run, or by a
// choice of runs by day of which less than one in ChanceLimit would fit by
// chance. Whichever it was of several that fit, it was not chance.
func (f *Finding) Explained() bool {
	return f.Shape == OneRun || f.Chance != nil && rare(f.Chance)
}

func rare(chance *big.Rat) bool { return chance.Cmp(big.NewRat(1, ChanceLimit)) < 0 }

// Bounds on the work for one bucket, and on what is kept of it.
const (
	maxListed  = 8       // candidates
	maxFits    = 64      // fits of one shape, after which no more are counted
	maxStairs  = 1 << 20 // staircases tried of one number of steps
	maxAlone   = 1 << 17 // the same, for a row that the choice of its bill does not fit
	maxHalf    = 1 << 16 // sums of each half of the days, for mixes
	maxPairs   = 1 << 20 // pairs of halves that meet in the first claim
	maxAnchors = 4       // rows from which the choice of all rows is looked for
	maxWeighed = 1 << 18 // trials on a row of choices that fit an anchor, for each shape and anchor; dates are at most 8n
	maxCounted = 3       // claims by which chance is measured
)

// Infer finds the choice of runs that explains a bucket's claims, each to half
// of its last decimal. It tries the likelier shapes first and stops at the
// first shape of which any fits; within Stairs, those with fewer steps come
// first. Where nothing fits, the candidates are the single runs and the nearest
// date, nearest first: by how many claims fit, then by what is left of each.
//
// The work is bounded. For n days and k runs it looks at k runs, at most 8n
// dates, at staircases of ever more steps while each number of steps comes to no
// more than 2^20 (all of them for a month of seven runs), and at mixes where the
// days can be halved so that each half has at most 2^16. Two choices that differ
// only on days for which the runs have the same figures are one choice; single
// runs are each listed. The same bucket gives the same finding.
func Infer(b Bucket, t settlement.Timetable) *Finding {
	return InferRows([]Bucket{b}, t).Rows[0]
}
