package halfhour_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/halfhour/halfhour"
	"github.com/halfhour/halfhour/revisions"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
)

// delivered is the sample meter's active import of one day, each half-hour with
// one value, received so many days after.
func delivered(job halfhour.Job, source string, after int, run settlement.Run, value int64) halfhour.Delivery {
	span := job.Spans[0]
	return halfhour.Delivery{
		Delivery: revisions.Delivery{Received: (span.From() + settlement.Day(after)).First().Time(), Source: source},
		Readings: func(yield func(series.Reading, error) bool) {
			for p := span.Lo; p < span.Hi; p++ {
				if !yield(series.Reading{MPAN: job.Supply.MPAN, Line: series.AI, Period: p, Run: run, Value: value}, nil) {
					return
				}
			}
		},
	}
}

// TestDeliveries: without an instant every run has closed; tags stated are kept;
// the cut-offs may be the program's own; what comes later is counted, not read.
func TestDeliveries(t *testing.T) {
	day, err := settlement.ParseDay("2025-10-07")
	if err != nil {
		t.Fatal(err)
	}
	j := job(t, settlement.Days(day, day+1))
	j.Meter = nil
	j.Deliveries = []halfhour.Delivery{
		delivered(j, "c", 200, settlement.R2, 3000),
		delivered(j, "b", 41, settlement.Untagged, 2000),
		delivered(j, "a", 2, settlement.Untagged, 1000),
	}
	msp := func(j halfhour.Job, by revisions.Reconciler) string {
		t.Helper()
		j.View = by
		res, err := halfhour.Run(context.Background(), j)
		if err != nil {
			t.Fatal(err)
		}
		return res.Bills[0].Volumes.MSP.String()
	}
	at := func(after int) halfhour.Job {
		k := j
		k.KnownAt = (day + settlement.Day(after)).First().Time()
		return k
	}
	soon := j
	soon.Cutoff = func(d settlement.Day, r settlement.Run) (time.Time, bool) {
		return (d + settlement.Day(20*int(r))).First().Time(), r < settlement.DF
	}
	for name, x := range map[string][2]string{
		"SF":             {msp(j, revisions.UpTo(settlement.SF)), "48"},
		"R1":             {msp(j, revisions.UpTo(settlement.R1)), "96"},
		"R2 stated":      {msp(j, revisions.UpTo(settlement.R2)), "144"},
		"RF unstated":    {msp(j, revisions.Latest()), "144"}, // R2 had seen the 96
		"newest":         {msp(j, revisions.Newest()), "144"},
		"newest, early":  {msp(at(42), revisions.Newest()), "96"},
		"latest, early":  {msp(at(42), revisions.Latest()), "48"},
		"other cut-offs": {msp(soon, revisions.UpTo(settlement.SF)), "48"},
		"and after them": {msp(soon, revisions.UpTo(settlement.R1)), "96"},
	} {
		if x[0] != x[1] {
			t.Errorf("%s: %s kWh, want %s", name, x[0], x[1])
		}
	}
	late := at(42)
	res, err := halfhour.Run(context.Background(), late)
	if err != nil {
		t.Fatal(err)
	}
	if len(res.Later) != 1 || res.Later[0].Source != "c" || res.Tally.Kept != 96 || !res.Bills[0].Conditions.Has(tariffs.NewerReadings) {
		t.Errorf("later %v, tally %+v, conditions %s", res.Later, res.Tally, res.Bills[0].Conditions)
	}
	want, err := json.Marshal(res.Bills)
	if err != nil {
		t.Fatal(err)
	}
	late.Deliveries = append(late.Deliveries[1:], late.Deliveries...)
	if res, err = halfhour.Run(context.Background(), late); err != nil {
		t.Fatal(err)
	}
	if got, _ := json.Marshal(res.Bills); string(got) != string(want) {
		t.Errorf("given twice and in another order: %s\nwant %s", got, want)
	}
	j.Meter = series.Join()
	defer func() {
		if recover() == nil {
			t.Error("a job with both a source and deliveries is no job")
		}
	}()
	_, _ = halfhour.Run(context.Background(), j)
}
