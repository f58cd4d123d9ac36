package tariffs

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/halfhour/halfhour/internal/kernel"
	"github.com/halfhour/halfhour/series"
)

// sameTotals compares TotalByMonth with the totals of the cells that Charge
// makes, or how the two fail.
func sameTotals(t interface {
	Helper()
	Fatalf(string, ...any)
}, e *engine, work *Work) {
	t.Helper()
	cells := series.NewFrame(nil, e.s.Schema(), e.s.Span())
	var want, got series.Totals
	wantErr, gotErr := e.s.Charge(cells, e.vol, e.in(), e.sup), e.s.TotalByMonth(&got, work, e.vol, e.in(), e.sup)
	if wantErr != nil || gotErr != nil {
		if wantErr == nil || gotErr == nil || wantErr.Error() != gotErr.Error() {
			t.Fatalf("Charge: %v; TotalByMonth: %v", wantErr, gotErr)
		}
		return
	}
	for l := range series.Line(e.s.Schema().Len()) {
		for c, i := cells.Line(l), 0; i < c.Len(); i++ {
			if v, ok := c.At(i); !ok && v != 0 {
				t.Fatalf("%s: half-hour %d is not held and has %d", e.s.Schema().Def(l).Name, i, v)
			}
		}
	}
	cells.TotalByMonth(&want)
	for l := range series.Line(e.s.Schema().Len()) {
		for m, month := range want.Months() {
			if want.Sum(l, m) != got.Sum(l, m) || want.Held(l, m) != got.Held(l, m) {
				t.Fatalf("%s, %s: %s of %d half-hours, want %s of %d", e.s.Schema().Def(l).Name, month,
					got.Sum(l, m).Big(), got.Held(l, m), want.Sum(l, m).Big(), want.Held(l, m))
			}
		}
	}
}

// TestTotalByMonth: both routes come to the same, for tariffs of every kind, days
// of 46 and 50 half-hours, half-hours without a volume and readings of any size,
// one meter after another in the same room.
func TestTotalByMonth(t *testing.T) {
	var summed, wide, refused, gaps, columns int
	rapid.Check(t, func(rt *rapid.T) {
		s := randomSpec(rt)
		e := s.run(tb{t, rt})
		var work Work
		sameTotals(rt, e, &work)
		for i := range e.s.columns {
			if e.s.columns[i].sums && e.s.columns[i].price != nil {
				columns++
			}
		}
		for range rapid.IntRange(0, 3).Draw(rt, "meters") {
			seed, shift := stream(rapid.Uint64().Draw(rt, "seed")), uint(rapid.IntRange(0, 48).Draw(rt, "shift"))
			gap := rapid.Bool().Draw(rt, "gap")
			active := e.meter.Line(e.s.metered())
			for i := range active.Values {
				if seed.next(4) == 0 && holds(active, i) {
					active.Values[i] = (seed.next(1000) - 100) << shift
				}
				if gap && seed.next(50) == 0 {
					active.Values[i] = 0
					active.Valid[i>>6] &^= 1 << (i & 63)
				}
			}
			if e.s.Adjust(e.vol, e.in()) != nil {
				continue
			}
			sameTotals(rt, e, &work)
			c := charging{dst: e.charges, vol: e.vol, in: e.in(), sup: e.sup, most: e.s.extremes(e.vol, 0, e.vol.Len())}
			switch err := e.s.Charge(e.charges, e.vol, e.in(), e.sup); {
			case err != nil:
				refused++
			case !e.s.fits(&c.most):
			default:
				if _, fits := e.s.bound(&c, 0, e.vol.Len()); !fits {
					wide++
				}
				summed++
			}
			if gap {
				gaps++
			}
		}
	})
	t.Logf("%d meters summed (VAT of %d in more than 64 bits), %d refused, %d with gaps; %d priced columns summed", summed, wide, refused, gaps, columns)
	if !t.Failed() && (summed == 0 || wide == 0 || refused == 0 || gaps == 0 || columns == 0) {
		t.Error("a way of totalling was not tried")
	}
}

// TestTotalByMonthAtLimits: where the extremes do not prove that the cells can be
// held, they are made, up to the largest and one past it, and with standing
// charges of half-hours without a volume.
func TestTotalByMonthAtLimits(t *testing.T) {
	e := flat(t, 0, 1000, 1_000_000_000, rate(t, ManagementFee, "0.00000001 GBP/kWh"), rate(t, ManagementFee, "14.40 GBP/month"))
	e.charge(t)
	at := e.meter.Span().Lo + 3
	standing, _ := e.charges.Get(0, at)
	var work Work
	for _, v := range []int64{0, 1, math.MaxInt64 / 3, math.MaxInt64 - standing, math.MaxInt64 - standing + 1, math.MinInt64} {
		e.setVolume(MSP, at, v)
		sameTotals(t, e, &work)
		most := e.s.extremes(e.vol, 0, e.vol.Len())
		if fits := e.s.fits(&most); fits != (v < math.MaxInt64/2 && v >= 0) {
			t.Errorf("%d: proved to fit is %v", v, fits)
		}
	}
	e.setVolume(MSP, at, 0)
	kernel.ClearRange(e.vol.Line(MSP).Valid, 3, 7)
	sameTotals(t, e, &work)
	e.setVolume(MSP, at+20, math.MaxInt64-standing) // now nothing is proved, and the gap is still there
	sameTotals(t, e, &work)
}
