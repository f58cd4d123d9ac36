package tariffs_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
)

// lineCause is what each line of the market and the contract is, said anew.
var lineCause = map[string]tariffs.Cause{
	"LLF": tariffs.CauseLosses, "TLM": tariffs.CauseLosses, "nominated": tariffs.CauseVolumes,
	"system-price": tariffs.CausePrices, "rcrc": tariffs.CausePrices, "cfd-rate": tariffs.CausePrices, "contract-price": tariffs.CausePrices,
}

func causeOf(s *series.Schema, l series.Line) tariffs.Cause {
	if s == series.Meter() {
		return tariffs.CauseVolumes
	}
	c, ok := lineCause[s.Def(l).Name]
	if !ok {
		panic("no cause for " + s.Def(l).Name)
	}
	return c
}

// twoViews draws two views of a site's data that differ in the causes given,
// and the view after each cause, put together cell by cell. Views may have
// holes, and hold no contract.
func (s *site) twoViews(t *rapid.T) (old, new tariffs.Inputs, between [tariffs.NumCauses + 1]tariffs.Inputs, differ [tariffs.NumCauses]bool) {
	most := rapid.SampledFrom([]int64{300_000, 1400, 1}).Draw(t, "most") // 1400: about the de-minimis quantity
	holes := rapid.SampledFrom([]int64{0, 0, 40}).Draw(t, "holes")
	for c := range differ {
		differ[c] = rapid.IntRange(0, 3).Draw(t, "differs") > 0
	}
	bare := rapid.SampledFrom([]string{"", "", "", "old", "new"}).Draw(t, "no contract")
	frames := make([][]*series.Frame, 2+len(between))
	for k := range frames {
		for _, schema := range data() {
			frames[k] = append(frames[k], series.NewFrame(nil, schema, s.span))
		}
	}
	for f, schema := range data() {
		for l := range series.Line(schema.Len()) {
			c := causeOf(schema, l)
			sparse := schema.Def(l).Name == "cfd-rate" || schema == series.Meter() && l != series.AI
			for p := s.span.Lo; p < s.span.Hi; p++ {
				view := func() (int64, bool) {
					v := s.rnd.cell(schema, l, most)
					return v, !(holes > 0 && s.rnd.below(holes) == 0 || sparse && s.rnd.below(3) == 0)
				}
				set := func(k int, v int64, ok bool) {
					if ok && !(schema == series.Contract() && (bare == "old" && k == 0 || bare == "new" && k == 1)) {
						frames[k][f].Set(l, p, v, series.Mark(0).From(settlement.SF))
					}
				}
				v, ok := view()
				w, is := v, ok
				if differ[c] && s.rnd.below(2) == 0 {
					w, is = view()
				}
				set(0, v, ok)
				set(1, w, is)
				for k := range between { // the causes below k are new
					from := 0
					if int(c) < k {
						from = 1
					}
					if v, ok := frames[from][f].Get(l, p); ok {
						set(2+k, v, ok)
					}
				}
			}
		}
	}
	old, new = inputs(frames[0]), inputs(frames[1])
	switch bare {
	case "old":
		old.Contract = nil
	case "new":
		new.Contract = nil
	}
	for k := range between {
		between[k] = inputs(frames[2+k])
	}
	return old, new, between, differ
}

// one is a half-hour as a span.
func one(p settlement.Period) settlement.Span { return settlement.Span{Lo: p, Hi: p + 1} }

// TestAttribution: in each half-hour and for each item the three causes make
// the change exactly; each is the difference of two pricings of inputs put
// together by hand; half-hours that one view lacks are no change.
func TestAttribution(t *testing.T) {
	cells, small := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		s := anySite(t)
		schedule := must(s.tariff.Compile(s.span, s.supply))
		old, new, between, differ := s.twoViews(t)
		a, err := schedule.Attribute(old, new, s.supply, s.span)
		if err != nil {
			t.Fatal(err)
		}
		var at [tariffs.NumCauses + 1]*series.Frame
		var rates [tariffs.NumCauses + 1]decimal.Decimal
		for k, in := range between {
			by := schedule
			vol, charges := priced(by, in, s.supply)
			if by.IsSmall(vol, s.span) {
				by = must(by.Small())
				_, charges = priced(by, in, s.supply)
				small++
			}
			at[k], rates[k] = charges, by.VATRate()
		}
		before, after := at[0], at[tariffs.NumCauses]
		for l := range series.Line(a.Schema().Len()) {
			def := a.Schema().Def(l)
			var sum, days tariffs.Shift
			for p := s.span.Lo; p < s.span.Hi; p++ {
				x := a.Line(l, one(p))
				_, was := before.Get(l, p)
				_, is := after.Get(l, p)
				if (x.HalfHours == 1) != (was && is) || (x.Vanished == 1) != (was && !is) || (x.Appeared == 1) != (!was && is) {
					t.Fatalf("%s, %v: held before %v, after %v, but %+v", def.Name, p, was, is, x)
				}
				want := [5]decimal.Decimal{}
				if was && is {
					var v [tariffs.NumCauses + 1]decimal.Decimal
					for k := range at {
						cell, held := at[k].Get(l, p)
						if !held {
							t.Fatalf("%s, %v: both views charge it, evaluation %d does not", def.Name, p, k)
						}
						v[k] = decimal.New(cell, -int32(def.Scale))
					}
					want = [5]decimal.Decimal{v[0], v[1].Sub(v[0]), v[2].Sub(v[1]), v[3].Sub(v[2]), v[3]}
				}
				same(t, def.Name, x, want)
				cells++
				sum = sum.Plus(x)
			}
			for _, part := range s.span.EachDay() {
				days = days.Plus(a.Line(l, part))
			}
			whole := a.Line(l, s.span)
			for _, y := range []tariffs.Shift{sum, days} {
				same(t, def.Name+" over the span", whole, [5]decimal.Decimal{y.Old, y.Volumes, y.Losses, y.Prices, y.New})
			}
			if !differ[0] && !whole.Volumes.IsZero() || !differ[1] && !whole.Losses.IsZero() || !differ[2] && !whole.Prices.IsZero() {
				if old.Contract != nil && new.Contract != nil {
					t.Fatalf("%s: a cause that did not change anything: %+v", def.Name, whole)
				}
			}
		}
		var net tariffs.Shift
		for l := range series.Line(a.Schema().Len() - 1) {
			net = net.Plus(a.Line(l, s.span))
		}
		same(t, "net", a.Net(s.span), [5]decimal.Decimal{net.Old, net.Volumes, net.Losses, net.Prices, net.New})
		v, rest := a.VAT(s.span), net.Old.Add(net.Volumes)
		vat := [4]decimal.Decimal{net.Old.Mul(rates[0]), rest.Mul(rates[1]), rest.Add(net.Losses).Mul(rates[2]), net.New.Mul(rates[3])}
		same(t, "VAT", v, [5]decimal.Decimal{vat[0], vat[1].Sub(vat[0]), vat[2].Sub(vat[1]), vat[3].Sub(vat[2]), vat[3]})
	})
	if !t.Failed() && (cells < 100_000 || small == 0) {
		t.Errorf("%d cells, %d small bills", cells, small)
	}
}

// same compares the amounts of a shift, and sees to it that they add up.
func same(t *rapid.T, name string, x tariffs.Shift, want [5]decimal.Decimal) {
	for i, got := range []decimal.Decimal{x.Old, x.Volumes, x.Losses, x.Prices, x.New} {
		if !got.Equal(want[i]) {
			t.Fatalf("%s: %+v, want %v", name, x, want)
		}
	}
	if sum := x.Old.Add(x.Volumes).Add(x.Losses).Add(x.Prices); !sum.Equal(x.New) || !x.Change().Equal(x.New.Sub(x.Old)) {
		t.Fatalf("%s: the causes make %s, not %s", name, sum, x.New)
	}
}

// A month's highest demand, a percentage and the Triads move with the readings
// and the loss factors, and nothing else of them does.
func TestAttributionOfDemand(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := anySite(t)
		schedule := must(s.tariff.Compile(s.span, s.supply))
		old, new, _, _ := s.twoViews(t)
		a := must(schedule.Attribute(old, new, s.supply, s.span))
		for l := range series.Line(a.Schema().Len()) {
			x, name := a.Line(l, s.span), a.Schema().Def(l).Name
			losses, prices := !x.Losses.IsZero(), !x.Prices.IsZero()
			switch name {
			case "duos-excess-capacity", "duos-reactive", "ro", "ccl":
				if losses || prices {
					t.Fatalf("%s: %+v", name, x)
				}
			case "tnuos-locational", "capacity-market", "aahedc", "bsuos":
				if prices {
					t.Fatalf("%s: %+v", name, x)
				}
			case "duos-capacity", "tnuos-residual", "duos-fixed", "metering-agents":
				if losses || prices || !x.Volumes.IsZero() {
					t.Fatalf("%s: %+v", name, x)
				}
			}
		}
	})
}

// TestAttributeRefuses: what cannot be charged in between, and days of another
// schedule.
func TestAttributeRefuses(t *testing.T) {
	day := must(settlement.ParseDay("2026-06-15"))
	span := settlement.Days(day, day+1)
	supply := &tariffs.Supply{MPAN: must(settlement.ParseMPAN("1400000000118")), Distributor: 14, Terms: []tariffs.Terms{{LLFC: "H02"}}}
	if err := supply.Validate(); err != nil {
		t.Fatal(err)
	}
	tariff := &tariffs.Tariff{Name: "one", Rates: []tariffs.Rate{
		{Items: []tariffs.Item{tariffs.RCRC}, Price: must(tariffs.ParsePrice("rcrc")), Status: tariffs.Contract},
		{Items: []tariffs.Item{tariffs.VAT}, Price: must(tariffs.ParsePrice("20 %")), Status: tariffs.Contract}}}
	schedule := must(tariff.Compile(span, supply))
	view := func(kwh, price int64) tariffs.Inputs {
		f := []*series.Frame{series.NewFrame(nil, series.Meter(), span), series.NewFrame(nil, series.Market(), span), nil}
		for p := span.Lo; p < span.Hi; p++ {
			f[0].Set(series.AI, p, kwh*1000, 0)
			f[1].Set(series.LLF, p, 1000, 0)
			f[1].Set(series.TLM, p, 1_000_000_000, 0)
			f[1].Set(series.RCRC, p, price, 0)
		}
		return inputs(f)
	}
	// Little energy at a huge price, then much at none: both can be charged, much
	// at the huge price cannot.
	old, new := view(1, 1e12), view(1e8, 0)
	if _, err := schedule.Attribute(old, new, supply, span); !errors.Is(err, tariffs.ErrOverflow) || !strings.Contains(err.Error(), "rcrc") {
		t.Errorf("in between: %v", err)
	}
	for _, s := range []settlement.Span{{}, {Lo: span.Lo, Hi: span.Hi - 1}, (day + 1).Span()} {
		if _, err := schedule.Attribute(old, old, supply, s); !errors.Is(err, tariffs.ErrSpan) {
			t.Errorf("%v: %v", s, err)
		}
	}
	a := must(schedule.Attribute(old, old, supply, span))
	if x := a.Net(span); !x.Old.Equal(x.New) || !x.Volumes.IsZero() || x.HalfHours != 48 {
		t.Errorf("two like views: %+v", x)
	}
	defer func() {
		if recover() == nil {
			t.Error("half-hours outside do not panic")
		}
	}()
	a.Line(0, settlement.Span{Lo: span.Lo - 1, Hi: math.MaxInt32})
}
