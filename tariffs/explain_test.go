package tariffs

import (
	"errors"
	"math/big"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"github.com/halfhour/halfhour/settlement"
)

// TestExplain: over random tariffs, the half-hours of a day explain to what
// the day does, and each explanation's figures to its cells: products of energy
// and of percentages, amounts allotted to days and to half-hours.
func TestExplain(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := randomSpec(rt)
		e := s.run(tb{t, rt})
		b, err := e.s.Bill(e.sup, e.s.Span(), View{Name: "latest"}, e.vol, e.charges, e.in())
		if errors.Is(err, ErrMissing) {
			rt.Skip(err) // a half-hour is missing
		}
		if err != nil {
			rt.Fatal(err)
		}
		day := e.s.Span().From() + settlement.Day(rapid.IntRange(0, len(s.days)-1).Draw(rt, "day"))
		for item := range Item(NumItems) {
			whole, err := e.s.Explain(item, day.Span(), b, e.sup, e.vol, e.charges, e.in())
			if _, charged := e.s.Line(item); !charged {
				if !errors.Is(err, ErrUncharged) {
					rt.Fatalf("%s is not charged: %v", item, err)
				}
				continue
			}
			if err != nil {
				rt.Fatal(err)
			}
			sum := decimal.Zero
			for p := day.First(); p < (day + 1).First(); p++ {
				one, err := e.s.Explain(item, settlement.Span{Lo: p, Hi: p + 1}, b, e.sup, e.vol, e.charges, e.in())
				if err != nil {
					rt.Fatal(err)
				}
				sum = sum.Add(one.Exact)
				recompute(rt, e, one)
			}
			if !sum.Equal(whole.Exact) {
				rt.Fatalf("%s on %s: half-hours come to %s, the day to %s", item, day, sum, whole.Exact)
			}
			recompute(rt, e, whole)
			seen := 0
			for i := range b.Lines {
				if l := &b.Lines[i]; l.Item == item && l.From <= day && day < l.To {
					if seen >= len(whole.Lines) || whole.Lines[seen] != l {
						rt.Fatalf("%s on %s: lines %+v lack %+v", item, day, whole.Lines, l)
					}
					seen++
				}
			}
			if seen != len(whole.Lines) || (item == VAT) != (whole.Due != nil) {
				rt.Fatalf("%s on %s: %d lines, want %d; due %v", item, day, len(whole.Lines), seen, whole.Due)
			}
		}
	})
}

// recompute works the amounts of an explanation out of the figures it gives,
// in fractions.
func recompute(rt *rapid.T, e *engine, x *Explanation) {
	sum, held := decimal.Zero, 0
	for i := range x.Terms {
		t := &x.Terms[i]
		sum, held = sum.Add(t.Amount), held+t.HalfHours
		want := t.Product.Decimal
		switch {
		case t.Allotted != nil:
			a := t.Allotted
			whole := new(big.Rat).Mul(a.Quantity.Rat(), a.Rate.Rat())
			part := func(n int64) decimal.Decimal { return ticks(whole, n, a.Per, a.Unit != "") }
			if day := part(a.UpTo).Sub(part(a.Before)); !day.Equal(a.Day) || t.Product.Valid {
				rt.Fatalf("%s %s: the day comes to %s of %+v", x.Item, x.Label(), day, a)
			}
			want = a.Day
			if a.HalfHour > 0 {
				part := func(n int) decimal.Decimal { return ticks(a.Day.Rat(), int64(n), int64(a.Of), false) }
				want = part(a.HalfHour).Sub(part(a.HalfHour - 1))
			}
			if a.Of != x.Span.From().Len() || (a.HalfHour > 0) != (x.Span.Len() == 1) || a.From > x.Span.From() || a.To <= x.Span.From() {
				rt.Fatalf("%s %s: %+v", x.Item, x.Label(), a)
			}
		case t.Basis == Percent:
			if !t.Product.Decimal.Equal(t.Quantity.Decimal.Mul(t.Price.GBP)) || !t.Quantity.Decimal.Equal(based(rt, e, x)) {
				rt.Fatalf("%s %s: %+v", x.Item, x.Label(), t)
			}
			upTo := t.Earlier.Decimal.Add(t.Quantity.Decimal)
			want = ticks(upTo.Mul(t.Price.GBP).Rat(), 1, 1, false).Sub(ticks(t.Earlier.Decimal.Mul(t.Price.GBP).Rat(), 1, 1, false))
		default:
			low, high := t.Quantity.Decimal.Mul(t.Low), t.Quantity.Decimal.Mul(t.High)
			if (t.Low.Equal(t.High) || x.Span.Len() == 1) && (!low.Equal(want) || !high.Equal(want)) || t.Low.GreaterThan(t.High) {
				rt.Fatalf("%s %s: %s to %s of %s is not %s", x.Item, x.Label(), t.Low, t.High, t.Quantity.Decimal, want)
			}
			if n := t.Indexed + t.StoodIn; t.Price.Index != "" && n != t.HalfHours || t.Price.Index == "" && n != 0 {
				rt.Fatalf("%s %s: %d half-hours by index or stand-in, of %d", x.Item, x.Label(), n, t.HalfHours)
			}
		}
		if !want.Equal(t.Amount) {
			rt.Fatalf("%s %s: %s, want %s of %+v", x.Item, x.Label(), t.Amount, want, t)
		}
		says := strings.Join(t.Says(), " ")
		if (t.Allotted != nil && x.Span.Len() == 1 || t.Earlier.Valid) && !strings.Contains(says, "GBP "+t.Amount.String()) {
			rt.Fatalf("%s %s: %s does not say %s", x.Item, x.Label(), says, t.Amount)
		}
		if x.Item == DUoSExcessCapacity {
			excess := parameter(x, "month's highest excess")
			if q := t.Allotted.Quantity; q.IsPositive() && excess != q.String()+" kVA" || q.IsZero() && excess != "" && !strings.HasPrefix(excess, "0 kVA") {
				rt.Fatalf("%s: excess %s, charged %s", x.Label(), excess, q)
			}
		}
	}
	if !sum.Equal(x.Exact) {
		rt.Fatalf("%s %s: the terms come to %s, the half-hours hold %s", x.Item, x.Label(), sum, x.Exact)
	}
}

// based is the pounds that a percentage is of, from the explanations of what it
// is of.
func based(rt *rapid.T, e *engine, x *Explanation) decimal.Decimal {
	lo, hi := e.s.Span().Index(x.Span.Lo), e.s.Span().Index(x.Span.Hi)
	sum := decimal.Zero
	add := func(item Item) {
		if l, ok := e.s.Line(item); ok {
			sum = sum.Add(e.charges.Line(l).Sum(lo, hi).Decimal(e.s.Schema().Def(l).Scale))
		}
	}
	if x.Item == VAT {
		for item := range VAT {
			add(item)
		}
		return sum
	}
	for _, p := range x.Parameters {
		if p.Name == "of" {
			item, err := ParseItem(strings.Split(p.Value, ",")[0])
			if err != nil {
				rt.Fatal(err)
			}
			add(item)
		}
	}
	return sum
}

// parameter is the value of the first parameter of a name.
func parameter(x *Explanation, name string) string {
	for _, p := range x.Parameters {
		if p.Name == name {
			return p.Value
		}
	}
	return ""
}

// ticks is amount × n ÷ per to £0.00000001: half up, or half away from zero.
func ticks(amount *big.Rat, n, per int64, away bool) decimal.Decimal {
	v := new(big.Rat).Mul(amount, big.NewRat(n*100_000_000, per))
	negative := away && v.Sign() < 0
	if negative {
		v.Neg(v)
	}
	v.Add(v, big.NewRat(1, 2))
	q := new(big.Int).Div(v.Num(), v.Denom()) // floor
	if negative {
		q.Neg(q)
	}
	return decimal.NewFromBigInt(q, -8)
}

func TestExplainErrors(t *testing.T) {
	e := worked(t)
	b := e.bill(t, e.s.Span())
	sp := e.s.Span()
	for name, c := range map[string]struct {
		item Item
		span settlement.Span
		want error
	}{
		"two half-hours":       {RO, settlement.Span{Lo: sp.Lo, Hi: sp.Lo + 2}, ErrSpan},
		"none":                 {RO, settlement.Span{Lo: sp.Lo, Hi: sp.Lo}, ErrSpan},
		"another day":          {RO, (sp.From() + 1).Span(), ErrSpan},
		"an item not charged":  {GreenPremium, sp, ErrUncharged},
		"a day of another one": {VAT, (sp.From() - 1).Span(), ErrSpan},
	} {
		if _, err := e.s.Explain(c.item, c.span, b, e.sup, e.vol, e.charges, e.in()); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}
