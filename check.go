package halfhour

import (
	"context"

	"github.com/halfhour/halfhour/revisions"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
)

// Checked is a supplier's bill held against the data.
type Checked struct {
	Runs []settlement.Run // that speak in the data: what a row can be explained by
	Rows []CheckedRow
}

// CheckedRow is a row and what explains it.
type CheckedRow struct {
	series.Billed
	Figures []CheckedFigure    // the amount, then the quantity, each if stated; a finding's claims
	Finding *revisions.Finding // never nil
	Reason  string             // why nothing can be compared, if nothing can
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
// to; the job's own view is not used. A row is explained for itself, and its
// amount and quantity by the same choice of runs (revisions.Infer, with the
// timetable of Great Britain).
//
// A row's item is one of the thirty, or msp, gsp or nbp: the energy at the
// meter, the grid supply point and the national balancing point. What is not
// put together from days (duos-excess-capacity, tnuos-locational) is explained
// by single runs only. The amount of a vat row is compared with the VAT of the
// bills of its days, a run each; where none has it, a mix of days is held to
// explain what lies within the rounding of the bill's lines.
//
// Spans are the bills the rows are of, by which a bill is found to be small
// enough for the reduced rate of VAT; without spans all rows are of one bill.
// Check fails as Run does, but not over missing half-hours: a row with days
// that no run holds is unexplained. Errors of rows are located and returned
// together, up to series.MaxErrors.
func Check(ctx context.Context, job Job, billed series.AllBilled) (*Checked, error) {
	k := &checking{ctx: ctx, spans: job.Spans, ledgers: map[ledgerKey]*ledger{}}
	if err := k.read(billed); err != nil {
		return nil, err
	}
	job.Spans, job.gaps = k.spans, true
	if err := k.views(job); err != nil {
		return nil, err
	}
	for i := range k.res.Rows {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		k.explain(i)
	}
	return &k.res, nil
}

// explain infers what explains a row.
func (k *checking) explain(i int) {
	row := &k.res.Rows[i]
	row.Finding = &revisions.Finding{}
	if row.Reason != "" {
		return
	}
	table := settlement.GB()
	bucket := revisions.Bucket{From: row.From, To: row.To, Whole: undivided[row.Item]}
	for n, l := range k.of[i] {
		f := &row.Figures[n]
		bucket.Claims = append(bucket.Claims, revisions.Claim{
			Of:    l.amounts,
			Total: series.TotalOf(f.Value).Mul(pow10(f.Scale - series.PrintScale)),
			Unit:  pow10(f.Scale - f.Decimals),
		})
	}
	row.Finding = revisions.Infer(bucket, table)
	if l := k.of[i][0]; l.days != nil && !row.Finding.Fits() {
		bucket.Whole = false
		bucket.Claims[0].Of, bucket.Claims[0].Unit = l.days.amounts, bucket.Claims[0].Unit+l.slack
		if f := revisions.Infer(bucket, table); f.Fits() {
			row.Finding = f
		}
	}
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
