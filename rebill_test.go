package halfhour_test

import (
	"context"
	"errors"
	"testing"

	"github.com/halfhour/halfhour"
	"github.com/halfhour/halfhour/internal/sample"
	"github.com/halfhour/halfhour/revisions"
	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
)

// months are the spans of the sample's months.
func months() (spans []settlement.Span) {
	for _, part := range sample.Span().Months() {
		spans = append(spans, part)
	}
	return spans
}

// TestRebillRuns: over the sample's year, billed at each run in turn, the first
// bills and all adjustments are the last bills.
func TestRebillRuns(t *testing.T) {
	j := job(t, months()...)
	var first, last *halfhour.Result
	sum := map[settlement.Day]tariffs.Adjustment{}
	runs := sample.Runs()
	for i, r := range runs[1:] {
		got, err := halfhour.Rebill(context.Background(), j, revisions.UpTo(runs[i]), revisions.UpTo(r))
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			first = got.Original
		}
		last = got.Rebill
		for _, a := range got.Adjustments {
			s := sum[a.Original.From]
			s.Net, s.VAT, s.Gross, s.NetExact = s.Net.Add(a.Net), s.VAT.Add(a.VAT), s.Gross.Add(a.Gross), s.NetExact.Add(a.NetExact)
			sum[a.Original.From] = s
		}
	}
	moved := 0
	for i, b := range last.Bills {
		was, s := first.Bills[i], sum[b.From]
		if !was.Net.Add(s.Net).Equal(b.Net) || !was.VAT.Add(s.VAT).Equal(b.VAT) || !was.Gross.Add(s.Gross).Equal(b.Gross) || !was.NetExact.Add(s.NetExact).Equal(b.NetExact) {
			t.Errorf("%s: %s and %s are not %s", b.From, was.Gross, s.Gross, b.Gross)
		}
		if !s.Net.IsZero() {
			moved++
		}
	}
	if moved != 12 {
		t.Errorf("%d months moved", moved)
	}
}

func TestRebillFails(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := halfhour.Rebill(ctx, job(t, months()...), revisions.UpTo(settlement.II), revisions.Latest()); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled run gives %v", err)
	}
	if _, err := halfhour.Rebill(context.Background(), job(t, months()...), revisions.AsOf(sample.Span().From(), settlement.GB()), revisions.Latest()); !errors.Is(err, tariffs.ErrMissing) {
		t.Errorf("nothing was known then, and yet: %v", err)
	}
}
