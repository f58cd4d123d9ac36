package tariffs

import (
	"fmt"
	"sync"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// supplies are some on a few terms.
func supplies(t *testing.T, e *engine, terms int) []*Supply {
	t.Helper()
	var out []*Supply
	for i := range 4 * terms {
		s := *e.sup
		s.Terms = []Terms{{LLFC: fmt.Sprintf("%03d", i%terms/2), CCLShare: decimal.New(int64(1+i%terms), -1), CCLRelief: decimal.New(92, -2)}}
		s.Capacity = []Capacity{{From: e.meter.Span().From(), KVA: decimal.NewFromInt(int64(100 + i))}}
		if err := s.Validate(); err != nil {
			t.Fatal(err)
		}
		out = append(out, &s)
	}
	return out
}

// TestSchedules: supplies on the same terms share a schedule, on others they do not,
// whoever asks first and however many are kept.
func TestSchedules(t *testing.T) {
	e := flat(t, 0, 1000, 1_000_000_000, rate(t, ManagementFee, "0.01 GBP/kWh"))
	const terms = 5
	all := supplies(t, e, terms)
	for _, limit := range []int{1, 3, terms} {
		c := NewSchedules(e.meter.Span(), limit)
		var wg sync.WaitGroup
		for w := range 4 {
			wg.Go(func() {
				for i := range all {
					sup := all[(i*7+w)%len(all)]
					_, s, err := c.Of(e.tariff, sup)
					if err != nil {
						t.Error(err)
						return
					}
					if !sup.alike(s.cal.sup) || s.Span() != e.meter.Span() {
						t.Error("a schedule for other terms")
					}
				}
			})
		}
		wg.Wait()
		if c.count > limit {
			t.Errorf("%d schedules kept, at most %d wanted", c.count, limit)
		}
	}
	c := NewSchedules(e.meter.Span(), terms)
	first := map[string]*Schedule{}
	for _, sup := range all {
		_, s, _ := c.Of(e.tariff, sup)
		terms := sup.Terms[0].CCLShare.String()
		was, seen := first[terms]
		if seen && was != s {
			t.Error("two schedules for the same terms")
		}
		first[terms] = s
	}
	for _, s := range first {
		if s.Schema() != first["0.1"].Schema() {
			t.Error("schedules of the same items have two schemas")
		}
	}
	other := *e.tariff
	if _, s, _ := c.Of(&other, all[0]); s == first["0.1"] {
		t.Error("one schedule for two tariffs")
	}
}

func TestAllocsSchedules(t *testing.T) {
	e := flat(t, 0, 1000, 1_000_000_000, rate(t, ManagementFee, "0.01 GBP/kWh"))
	all := supplies(t, e, 2)
	c := NewSchedules(e.meter.Span(), 2)
	ask := func() {
		for _, sup := range all {
			if _, s, err := c.Of(e.tariff, sup); err != nil || !sup.alike(s.cal.sup) {
				t.Fatal(err)
			}
		}
	}
	ask()
	if n := testing.AllocsPerRun(20, ask); n != 0 {
		t.Errorf("%v allocations for %d supplies, want 0", n, len(all))
	}
}

// TestKeptMarket: a market is shared until a tariff fills what it lacks, or its line
// loss factors are another class's.
func TestKeptMarket(t *testing.T) {
	e := flat(t, 0, 1000, 1_000_000_000, rate(t, ManagementFee, "0.01 GBP/kWh"))
	tariff := *e.tariff
	tariff.Factors = []Factor{{Line: series.LLF, Value: decimal.New(1050, -3), When: When{From: e.meter.Span().From()}, Status: Confirmed}}
	span := e.meter.Span()
	full := series.NewFrame(nil, series.Market(), span)
	for p := span.Lo; p < span.Hi; p++ {
		full.Set(series.LLF, p, 1100, series.Mark(0).From(settlement.SF))
	}
	half := series.NewFrame(nil, series.Market(), span)
	half.Set(series.LLF, span.Lo, 1100, 0)
	for _, c := range []struct {
		shared      *series.Frame
		others      bool
		copied      bool
		first, next int64
	}{
		{full, false, false, 1100, 1100},
		{half, false, true, 1100, 1050},
		{full, true, true, 1050, 1050},
		{half, true, true, 1050, 1050},
	} {
		kept, _, err := NewSchedules(span, 1).Of(&tariff, e.sup)
		if err != nil {
			t.Fatal(err)
		}
		m := kept.Market(c.shared, c.others)
		first, _ := m.Get(series.LLF, span.Lo)
		next, _ := m.Get(series.LLF, span.Lo+1)
		if m != kept.Market(c.shared, c.others) || (m != c.shared) != c.copied || first != c.first || next != c.next {
			t.Errorf("others %v: copied %v, factors %d and %d; want %v, %d and %d", c.others, m != c.shared, first, next, c.copied, c.first, c.next)
		}
	}
	if _, held := half.Get(series.LLF, span.Lo+1); held {
		t.Error("the shared market was written")
	}
}
