package halfhour

import (
	"context"

	"github.com/halfhour/halfhour/revisions"
	"github.com/halfhour/halfhour/tariffs"
)

// Rebilled is a job billed in two views.
type Rebilled struct {
	Original    *Result
	Rebill      *Result
	Adjustments []*tariffs.Adjustment // one for each span, in order
}

// Rebill bills a job as it was billed before, in the view original, and as it
// is billed now, in the view rebill, and gives what has to be corrected. The
// job's own view is not looked at. The sources are read once. Both bills are made
// from the job's data and tariff: where the tariff was corrected, bill each with
// its own and use Bill.Sub.
//
// It fails as Run does.
func Rebill(ctx context.Context, job Job, original, rebill revisions.Reconciler) (*Rebilled, error) {
	var out Rebilled
	p, err := job.parts(ctx)
	if err != nil {
		return nil, err
	}
	if out.Original, err = p.bills(ctx, original); err != nil {
		return nil, err
	}
	if out.Rebill, err = p.bills(ctx, rebill); err != nil {
		return nil, err
	}
	for i, b := range out.Rebill.Bills {
		a, err := b.Sub(out.Original.Bills[i])
		if err != nil {
			return nil, err
		}
		out.Adjustments = append(out.Adjustments, a)
	}
	return &out, nil
}
