package halfhour

import (
	"context"
	"slices"

	"github.com/halfhour/halfhour/revisions"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
)

// Checked is a supplier's bill held against the data.
type Checked struct {
	Runs []settlement.Run // that speak in the data: what a row can be explained by
	Rows []CheckedRow
	Days []CheckedDays // what rows have in common

	// Conditions are, of each of Runs, what a reader must know of the bills it makes
	// of the spans; where it holds too little for one, of the choice of runs alone.
	Conditions []tariffs.Condition
}

// CheckedDays is what the rows of a bill on the same days, and on days among
// them, rest on together.
type CheckedDays struct {
	*revisions.Joint
	Of []int // by number, the checked rows that its rows are
}

// CheckedRow is a row and what explains it.
type CheckedRow struct {
	series.Billed
	Figures []CheckedFigure    // the amount, then the quantity, each if stated; a finding's claims
	Finding *revisions.Finding // never nil
	Reason  string             // why nothing can be compared, if nothing can
}

// Rounding reports whether the row is of VAT that is compared with the rate on the
// exact charges, and fits within the rounding of a bill's lines only: no bill is
// made of several runs by day.
func (r *CheckedRow) Rounding() bool {
	return r.Item == tariffs.VAT.String() && r.Finding.Fits() && len(r.Finding.Candidates[0].Parts) > 1
}

// CheckedFigure is a figure of a row. What a candidate makes of it is at Scale
// decimals.
type CheckedFigure struct {
	series.Printed
	Name  string // amount or quantity
	Unit  series.Unit
	Scale int
}

// Unexplained is how many rows are not explained.
func (c *Checked) Unexplained() (n int) {
	for i := range c.Rows {
		if !c.Rows[i].Finding.Explained() {
			n++
		}
	}
	return n
}

// Check finds the run, or the mix of runs by day, that explains each row of a
// supplier's bill. It works out what every run's view of the job's data comes
// to; the job's own view is not used. A row's amount and quantity are explained by
// the same choice of runs, and rows of the same bill and days by one choice where
// there is one (revisions.InferRows, with the job's calendar).
//
// A row's item is one of the thirty, or msp, gsp or nbp: the energy at the
// meter, the grid supply point and the national balancing point. What is not
// put together from days (duos-excess-capacity, tnuos-locational) is explained
// by single runs only. The amount of a vat row is compared with the VAT of the
// bills of its days, a run each, to the penny. Where none has it, and the other
// rows do not all rest on one run, a choice of several runs is held to explain what
// lies within the rounding of the bill's lines (CheckedRow.Rounding).
//
// Spans are the bills the rows are of, by which a bill is found to be small
// enough for the reduced rate of VAT; without spans all rows are of one bill.
// Check fails as Run does, but not over missing half-hours: a row with days
// that no run holds is unexplained. Errors of rows are located and returned
// together, up to series.MaxErrors.
func Check(ctx context.Context, job Job, billed series.AllBilled) (*Checked, error) {
	if err := series.CheckDeterminations(job.Determinations); err != nil {
		return nil, err
	}
	k := &checking{ctx: ctx, spans: job.Spans, ledgers: map[ledgerKey]*ledger{}}
	if err := k.read(billed); err != nil {
		return nil, err
	}
	job.Spans, job.gaps = k.spans, true
	if err := k.views(job); err != nil {
		return nil, err
	}
	if err := k.explain(job.calendar()); err != nil {
		return nil, err
	}
	return &k.res, nil
}

// explain infers what explains the rows: the days with the fewest first, each
// with the rows inside them.
func (k *checking) explain(t settlement.Timetable) error {
	var days []*CheckedDays
	bills := map[*CheckedDays]int{}
	known := map[[3]int]bool{}
	for i := range k.res.Rows {
		row := &k.res.Rows[i]
		row.Finding = &revisions.Finding{}
		if key := [3]int{k.bill[i], int(row.From), int(row.To)}; row.Reason == "" && !known[key] {
			known[key] = true
			d := &CheckedDays{Joint: &revisions.Joint{From: row.From, To: row.To}}
			days, bills[d] = append(days, d), k.bill[i]
		}
	}
	slices.SortStableFunc(days, func(a, b *CheckedDays) int { return int(a.To-a.From) - int(b.To-b.From) })
	for _, d := range days {
		if err := k.ctx.Err(); err != nil {
			return err
		}
		for i := range k.res.Rows {
			if row := &k.res.Rows[i]; row.Reason == "" && k.bill[i] == bills[d] && d.From <= row.From && row.To <= d.To {
				d.Of = append(d.Of, i)
			}
		}
		d.Joint = k.infer(d.Of, t)
		for n, i := range d.Of {
			row, f := &k.res.Rows[i], d.Rows[n]
			own := row.From == d.From && row.To == d.To
			if own || f.Joint && !row.Finding.Explained() || f.Fits() && row.Finding.Against {
				row.Finding = f
			}
		}
		if len(d.Of) > 1 {
			k.res.Days = append(k.res.Days, *d)
		}
	}
	return nil
}

// infer infers rows together. VAT that is that of no bill may still be that of
// days, of which no bill is made: within what the rounding of the lines may add.
// Where the other rows all rest on a run there is a bill, which has its VAT to the
// penny.
func (k *checking) infer(of []int, t settlement.Timetable) *revisions.Joint {
	buckets := make([]revisions.Bucket, len(of))
	for n, i := range of {
		buckets[n] = k.bucket(i)
	}
	j := revisions.InferRows(buckets, t)
	retry := false
	for n, i := range of {
		if l := k.of[i][0]; l.days != nil && !j.Rows[n].Fits() {
			retry = true
			buckets[n].Whole = false
			c := &buckets[n].Claims[0]
			c.Of, c.Runs, c.Slack = l.days.amounts, l.amounts, l.slack
		}
	}
	if !retry || k.ofRun(j, of) {
		return j
	}
	again, better, worse := revisions.InferRows(buckets, t), false, false
	for n, i := range of {
		switch {
		case k.of[i][0].days == nil || j.Rows[n].Fits():
		case again.Rows[n].Fits():
			better = true
		default:
			worse, buckets[n] = true, k.bucket(i)
		}
	}
	switch {
	case !better:
		return j
	case worse: // what fits neither is held against the VAT of bills, beside what the others rest on now
		return revisions.InferRows(buckets, t)
	}
	return again
}

// ofRun reports whether a run fits all rows that can be held against it, but for
// VAT.
func (k *checking) ofRun(j *revisions.Joint, of []int) bool {
	if len(j.Choices) == 0 || j.Choices[0].Shape != revisions.OneRun {
		return false
	}
	for n, i := range of {
		if k.of[i][0].days == nil && j.Held[n] && !j.Fits[n] {
			return false
		}
	}
	return true
}

// bucket is a row's claims.
func (k *checking) bucket(i int) revisions.Bucket {
	row := &k.res.Rows[i]
	b := revisions.Bucket{From: row.From, To: row.To, Whole: undivided[row.Item]}
	for n, l := range k.of[i] {
		f := &row.Figures[n]
		b.Claims = append(b.Claims, revisions.Claim{
			Of:    l.amounts,
			Total: series.TotalOf(f.Value).Mul(pow10(f.Scale - series.PrintScale)),
			Unit:  pow10(f.Scale - f.Decimals),
		})
	}
	return b
}

// undivided are the items that are not put together from days.
var undivided = map[string]bool{
	tariffs.VAT.String(): true, tariffs.DUoSExcessCapacity.String(): true, tariffs.TNUoSLocational.String(): true,
}

func pow10(n int) int64 {
	p := int64(1)
	for range n {
		p *= 10
	}
	return p
}
