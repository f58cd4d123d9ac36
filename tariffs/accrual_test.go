package tariffs

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// TestAccrueByHand: £1000 on actual SF, £50 on its estimates, £200 on RF, £30 on
// data that states no run, −£10 of credit on R1, and £100 by time.
func TestAccrueByHand(t *testing.T) {
	gbp := decimal.RequireFromString
	mix := &RunMix{}
	mix.ByRun[settlement.SF], mix.Estimated[settlement.SF] = gbp("1050"), gbp("50")
	mix.ByRun[settlement.RF], mix.ByRun[settlement.Untagged], mix.ByRun[settlement.R1] = gbp("200"), gbp("30"), gbp("-10")
	mix.NoRun = gbp("100")
	b := made(t, "13700") // £1370 net
	b.Mix = mix
	if err := b.Verify(); err != nil {
		t.Fatal(err)
	}
	a := b.Accrue(settlement.RF, map[Footing]Drift{
		{settlement.SF, false}: {-1500, 400, 12}, // −0.15 % ± 0.04 %
		{settlement.SF, true}:  {-20000, 90000, 12},
		{settlement.R1, false}: {1000, 300, 11},
		{settlement.RF, false}: {999999, 999999, 1}, // nothing comes after it
	})
	want := []struct {
		footing          Footing
		pounds           string
		expected, spread string
		known            bool
	}{
		{Footing{settlement.Untagged, false}, "30", "0", "0", false},
		{Footing{settlement.SF, false}, "1000", "-1.5", "0.4", true},
		{Footing{settlement.SF, true}, "50", "-1", "4.5", true},
		{Footing{settlement.R1, false}, "-10", "-0.01", "0.003", true},
		{Footing{settlement.RF, false}, "200", "0", "0", true},
	}
	if len(a.Lines) != len(want) {
		t.Fatalf("%+v", a.Lines)
	}
	for i, w := range want {
		l := a.Lines[i]
		if l.Footing != w.footing || !l.Pounds.Equal(gbp(w.pounds)) || !l.Expected.Equal(gbp(w.expected)) || !l.Spread.Equal(gbp(w.spread)) || l.Known != w.known {
			t.Errorf("%+v, want %+v", l, w)
		}
	}
	if a.Expected.String() != "-2.51" || a.Spread.String() != "4.903" || a.Unknown.String() != "30" || a.NoRun.String() != "100" {
		t.Errorf("expected %s ± %s, unknown %s, no run %s", a.Expected, a.Spread, a.Unknown, a.NoRun)
	}
	out, err := json.Marshal(a)
	for _, part := range []string{`"kind":"accrual"`, `"until":"RF"`, `"expected_gbp":"-2.51"`, `"run":"SF","estimated":true,"pounds_gbp":"50","known":true,"mean_ppm":-20000`} {
		if err != nil || !strings.Contains(string(out), part) {
			t.Errorf("no %s in %s, %v", part, out, err)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("a bill without a mix is accrued")
		}
	}()
	made(t, "1").Accrue(settlement.RF, nil)
}

// TestMoves: where every half-hour moves to a later run, the moves are the
// difference of the exact bills, and each footing is that of the earlier mix;
// and the footings of an accrual are the exact net.
func TestMoves(t *testing.T) {
	seen := 0
	rapid.Check(t, func(rt *rapid.T) {
		v := newVersions(tb{t, rt}, rt)
		was, e := v.charged()
		later := &engine{tariff: e.tariff, sup: v.sup, meter: series.NewFrame(nil, series.Meter(), v.span), market: e.market}
		for p := v.span.Lo; p < v.span.Hi; p++ {
			i := v.span.Index(p)
			later.meter.Set(series.AI, p, e.meter.Line(series.AI).Values[i]+int64(i%7)*1000, series.Mark(0).From(settlement.R2))
		}
		later.charge(tb{t, rt})
		is := later.bill(tb{t, rt}, v.span)
		moves := e.s.Moves(v.span, e.charges, later.s, later.charges)
		if was.Conditions.Has(SmallSupply) {
			if moves != nil {
				rt.Fatal("other items are compared")
			}
			return
		}
		sum := decimal.Zero
		for _, m := range moves {
			base := was.Mix.Estimated[m.Run]
			if !m.Estimated {
				base = was.Mix.ByRun[m.Run].Sub(base)
			}
			if m.To != settlement.R2 || !m.Old.Equal(base) {
				rt.Fatalf("%+v, want %s", m, base)
			}
			sum = sum.Add(m.New).Sub(m.Old)
			seen++
		}
		if !sum.Equal(is.NetExact.Sub(was.NetExact)) {
			rt.Fatalf("moves come to %s, the bills to %s", sum, is.NetExact.Sub(was.NetExact))
		}
		if back := later.s.Moves(v.span, later.charges, e.s, e.charges); len(back) != 0 {
			rt.Fatalf("an earlier run follows: %+v", back)
		}
		a := was.Accrue(settlement.RF, nil)
		if !a.Unknown.Add(a.NoRun).Equal(was.NetExact) || !a.Expected.IsZero() {
			rt.Fatalf("%s and %s are not %s", a.Unknown, a.NoRun, was.NetExact)
		}
	})
	if !t.Failed() && seen == 0 {
		t.Error("nothing moved")
	}
}
