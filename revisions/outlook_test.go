package revisions

import (
	"testing"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// TestOutlook: each day awaits the runs after the one that speaks for it; one
// that was put together, or is missing, awaits them all.
func TestOutlook(t *testing.T) {
	from, err := settlement.ParseDay("2025-12-01")
	if err != nil {
		t.Fatal(err)
	}
	whole := settlement.Days(from, from+4)
	runs := []settlement.Run{settlement.II, settlement.SF, settlement.RF}
	c := series.NewCube(nil, series.Meter(), runs, whole)
	for p := whole.Lo; p < whole.Hi; p++ {
		switch p.Day() - from {
		case 0:
			c.Frame(settlement.RF).Set(series.AI, p, 1, 0)
		case 1:
			c.Frame(settlement.SF).Set(series.AI, p, 1, 0)
		case 2:
			if p.Number() > 1 {
				c.Frame(settlement.SF).Set(series.AI, p, 1, 0)
			}
		}
	}
	_, rep := Latest().Reconcile(c)
	gb := settlement.GB()
	for _, x := range []struct {
		span         settlement.Span
		source       string
		days, final  int
		awaited, iis int
	}{
		{whole, "AI", 4, 1, 6, 2}, {(from + 1).Span(), "AI", 1, 0, 4, 0}, {(from + 2).Span(), "AI", 1, 0, 6, 1},
		{from.Span(), "AI", 1, 1, 0, 0}, {from.Span(), "none", 1, 0, 6, 1}, {settlement.Days(from+3, from+9), "AI", 1, 0, 6, 1},
	} {
		o := rep.Outlook(x.source, x.span, gb, 0)
		iis := 0
		for _, a := range o.Awaited {
			if a.Run == settlement.II {
				iis = a.Days
			}
		}
		if o.Days != x.days || o.Final != x.final || len(o.Awaited) != x.awaited || iis != x.iis {
			t.Errorf("%s of %s: %+v", x.source, x.span, o)
		}
	}
	due, _ := gb.Due(from+1, settlement.R1)
	if o := rep.Outlook("AI", (from + 1).Span(), gb, 0); o.Next != due || o.Awaited[0].Run != settlement.R1 || o.Awaited[0].Next != 1 || o.Awaited[1].Next != 0 {
		t.Errorf("%+v", o)
	}
}
