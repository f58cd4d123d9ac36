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

// TestAccrueByHand: £1000 on actual SF, £50 on its estimates, £20 of a reading of
// SF at the stage of R1, £200 on RF and £7 there with something behind, £30 on data
// that states no run, −£10 of credit on R1, and £100 by time.
func TestAccrueByHand(t *testing.T) {
	gbp := decimal.RequireFromString
	at := func(r settlement.Run, estimated, behind bool) Standing {
		return Standing{Footing{r, estimated}, behind}
	}
	mix := &RunMix{}
	mix.NoRun, mix.NoMarket, mix.ByRun[settlement.SF] = gbp("100"), gbp("1397"), gbp("1297") // the other ways are not looked at
	mix.Stages = map[Standing]decimal.Decimal{
		at(settlement.SF, false, false): gbp("1000"), at(settlement.SF, true, false): gbp("50"), at(settlement.R1, false, true): gbp("20"),
		at(settlement.RF, false, false): gbp("200"), at(settlement.RF, false, true): gbp("7"), at(settlement.Untagged, false, false): gbp("30"),
		at(settlement.R1, false, false): gbp("-10"), at(settlement.R2, false, false): {},
	}
	b := made(t, "13970") // £1397 net
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
		at               Standing
		pounds           string
		expected, spread string
		known, settled   bool
	}{
		{at(settlement.Untagged, false, false), "30", "0", "0", false, false},
		{at(settlement.SF, false, false), "1000", "-1.5", "0.4", true, false},
		{at(settlement.SF, true, false), "50", "-1", "4.5", true, false},
		{at(settlement.R1, false, false), "-10", "-0.01", "0.003", true, false},
		{at(settlement.R1, false, true), "20", "0.02", "0.006", true, false},
		{at(settlement.RF, false, false), "200", "0", "0", false, true},
		{at(settlement.RF, false, true), "7", "0", "0", false, false},
	}
	if len(a.Lines) != len(want) {
		t.Fatalf("%+v", a.Lines)
	}
	for i, w := range want {
		l := a.Lines[i]
		if l.Standing != w.at || !l.Pounds.Equal(gbp(w.pounds)) || !l.Expected.Equal(gbp(w.expected)) || !l.Spread.Equal(gbp(w.spread)) || l.Known != w.known || l.Settled != w.settled {
			t.Errorf("%+v, want %+v", l, w)
		}
	}
	if a.Expected.String() != "-2.49" || a.Spread.String() != "4.909" || a.Unknown.String() != "37" || a.Behind.String() != "27" || a.NoRun.String() != "100" {
		t.Errorf("expected %s ± %s, unknown %s, behind %s, no run %s", a.Expected, a.Spread, a.Unknown, a.Behind, a.NoRun)
	}
	a.Learnt = []settlement.Span{span(t, "2026-05-01", "2026-06-01")}
	out, err := json.Marshal(a)
	for _, part := range []string{`"kind":"accrual"`, `"until":"RF"`, `"expected_gbp":"-2.49"`, `"behind_gbp":"27"`, `"learnt":[{"from":"2026-05-01","to":"2026-06-01"}]`, `"method":"pounds by stage`,
		`"run":"SF","estimated":true,"behind":false,"pounds_gbp":"50","settled":false,"known":true,"mean_ppm":-20000`} {
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
		from, to := Charged{e.s, e.charges, e.in()}, Charged{later.s, later.charges, later.in()}
		moves := Moves(v.span, from, to)
		if was.Conditions.Has(SmallSupply) {
			if moves != nil {
				rt.Fatal("other items are compared")
			}
			return
		}
		sum := decimal.Zero
		for _, m := range moves {
			base := was.Mix.Stages[Standing{m.Footing, false}].Add(was.Mix.Stages[Standing{m.Footing, true}])
			if m.To != settlement.R2 || !m.Old.Equal(base) {
				rt.Fatalf("%+v, want %s", m, base)
			}
			sum = sum.Add(m.New).Sub(m.Old)
			seen++
		}
		if !sum.Equal(is.NetExact.Sub(was.NetExact)) {
			rt.Fatalf("moves come to %s, the bills to %s", sum, is.NetExact.Sub(was.NetExact))
		}
		if back := Moves(v.span, to, from); len(back) != 0 {
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
