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

// TestAccrueByHand: £1000 on actual SF, of £1200 and a credit of £200; £50 on its
// estimates, £20 of a reading of SF at the stage of R1, £200 on RF and £7 there with
// something behind, £30 on data that states no run, −£10 of credit on R1, £60 and as
// much of credit on R3, and £100 by time.
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
	credit := ItemPounds{Item: CfDILR, Pounds: Pounds{Stages: map[Standing]decimal.Decimal{at(settlement.SF, false, false): gbp("-200"), at(settlement.R3, false, false): gbp("-60")}}}
	rest := ItemPounds{Item: EnergyUnit}
	rest.add(&mix.Pounds, 1)
	rest.add(&credit.Pounds, -1)
	mix.Items = []ItemPounds{rest, credit}
	b := made(t, "13970") // £1397 net
	b.Mix = mix
	if err := b.Verify(); err != nil {
		t.Fatal(err)
	}
	drifts := map[Footing]Drift{
		{settlement.SF, false}: {-1500, 400, 12}, // −0.15 % ± 0.04 %
		{settlement.SF, true}:  {-20000, 90000, 12},
		{settlement.R3, false}: {500000, 0, 1}, // seen once
		{settlement.R1, false}: {1000, 300, 11},
		{settlement.RF, false}: {999999, 999999, 1}, // nothing comes after it
	}
	a := b.Accrue(settlement.RF, drifts)
	want := []struct {
		at               Standing
		pounds, gross    string
		expected, spread string // no spread is none that is known
		known, settled   bool
	}{
		{at(settlement.Untagged, false, false), "30", "30", "0", "", false, false},
		{at(settlement.SF, false, false), "1000", "1400", "-1.5", "0.56", true, false},
		{at(settlement.SF, true, false), "50", "50", "-1", "4.5", true, false},
		{at(settlement.R1, false, false), "-10", "10", "-0.01", "0.003", true, false},
		{at(settlement.R1, false, true), "20", "20", "0.02", "0.006", true, false},
		{at(settlement.R3, false, false), "0", "120", "0", "", true, false},
		{at(settlement.RF, false, false), "200", "200", "0", "0", false, true},
		{at(settlement.RF, false, true), "7", "7", "0", "", false, false},
	}
	text := func(d decimal.NullDecimal) string {
		if s := known(d); s != nil {
			return *s
		}
		return ""
	}
	if len(a.Lines) != len(want) {
		t.Fatalf("%+v", a.Lines)
	}
	for i, w := range want {
		l := a.Lines[i]
		if l.Standing != w.at || !l.Pounds.Equal(gbp(w.pounds)) || !l.Gross.Equal(gbp(w.gross)) || !l.Expected.Equal(gbp(w.expected)) || text(l.Spread) != w.spread || l.Known != w.known || l.Settled != w.settled {
			t.Errorf("%+v, want %+v", l, w)
		}
	}
	if a.Expected.String() != "-2.49" || a.Spread.Valid || a.Unknown.String() != "37" || a.Behind.String() != "27" || a.NoRun.String() != "100" {
		t.Errorf("expected %s ± %v, unknown %s, behind %s, no run %s", a.Expected, a.Spread, a.Unknown, a.Behind, a.NoRun)
	}
	a.Learnt = []settlement.Span{span(t, "2026-05-01", "2026-06-01")}
	out, err := json.Marshal(a)
	for _, part := range []string{`"kind":"accrual"`, `"until":"RF"`, `"expected_gbp":"-2.49"`, `"behind_gbp":"27"`, `"learnt":[{"from":"2026-05-01","to":"2026-06-01"}]`, `"method":"pounds by stage`,
		`"run":"SF","estimated":true,"behind":false,"pounds_gbp":"50","gross_gbp":"50","settled":false,"known":true,"mean_ppm":-20000,"spread_ppm":90000,"seen":12,"expected_gbp":"-1","spread_gbp":"4.5"`,
		`"run":"R3","estimated":false,"behind":false,"pounds_gbp":"0","gross_gbp":"120","settled":false,"known":true,"mean_ppm":500000,"spread_ppm":null,"seen":1,"expected_gbp":"0","spread_gbp":null`,
		`"spread_gbp":null,"footings"`, `"silent":[]`} {
		if err != nil || !strings.Contains(string(out), part) {
			t.Errorf("no %s in %s, %v", part, out, err)
		}
	}
	// Where every line's is known, so is that of all.
	for footing, d := range map[Footing]Drift{{settlement.Untagged, false}: {0, 1000, 2}, {settlement.R3, false}: {0, 1000, 2}} {
		drifts[footing] = d
	}
	delete(mix.Stages, at(settlement.RF, false, true))
	delete(rest.Stages, at(settlement.RF, false, true))
	if a := b.Accrue(settlement.RF, drifts); text(a.Spread) != "5.219" { // 0.03 + 0.56 + 4.5 + 0.003 + 0.006 + 0.12
		t.Errorf("%v", a.Spread)
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
			gross := decimal.Zero
			for i := range was.Mix.Items {
				of := was.Mix.Items[i].Stages
				gross = gross.Add(of[Standing{m.Footing, false}].Add(of[Standing{m.Footing, true}]).Abs())
			}
			if m.To != settlement.R2 || !m.Old.Equal(base) || !m.Gross.Equal(gross) {
				rt.Fatalf("%+v, want %s, gross %s", m, base, gross)
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
		net, gross := a.NoRun, decimal.Zero
		for _, l := range a.Lines {
			net, gross = net.Add(l.Pounds), gross.Add(l.Gross)
		}
		if !net.Equal(was.NetExact) || !a.Unknown.Equal(gross) || !a.Expected.IsZero() || a.Spread.Valid {
			rt.Fatalf("lines of %s, gross %s: %+v", net, gross, a)
		}
	})
	if !t.Failed() && seen == 0 {
		t.Error("nothing moved")
	}
}
