package halfhour_test

import (
	"context"
	"testing"

	"github.com/halfhour/halfhour"
	"github.com/halfhour/halfhour/internal/sample"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
)

// TestExplainAlone: an earlier run that lacks another day of the bill is
// explained over the day alone, and says so; one that lacks the day is left out.
func TestExplainAlone(t *testing.T) {
	d := settlement.Period(sample.Span().Lo + 48*10).Day()
	job := func() halfhour.Job {
		j := job(t, settlement.Days(d, d+3))
		whole := j.Meter
		j.Meter = func(yield func(series.Reading, error) bool) {
			for r, err := range whole {
				if lacks := r.Run == settlement.II && r.Period.Day() == d+1; !lacks && !yield(r, err) {
					return
				}
			}
		}
		return j
	}
	for _, item := range []tariffs.Item{tariffs.RO, tariffs.DUoSExcessCapacity, tariffs.VAT} {
		for at, held := range map[settlement.Span]bool{d.Span(): true, {Lo: d.First(), Hi: d.First() + 1}: true, (d + 1).Span(): false} {
			all, err := halfhour.Explain(context.Background(), job(), item, at)
			if err != nil {
				t.Fatal(err)
			}
			last := all[len(all)-1]
			if last.View.Name == "II" != held || (last.Note != "") != held || len(all) < 3 {
				t.Errorf("%s at %s: last of %d is view %s, note %q", item, at, len(all), last.View.Name, last.Note)
			}
			for _, x := range all[:len(all)-1] {
				if x.Note != "" {
					t.Errorf("%s at %s, view %s: note %q", item, at, x.View.Name, x.Note)
				}
			}
		}
	}
}
