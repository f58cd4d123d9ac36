package tariffs

import (
	"errors"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"github.com/halfhour/halfhour/settlement"
)

// TestExplain: over random tariffs, the half-hours of a day explain to what
// the day does, and the products of an item with its own half-hours to its
// cells.
func TestExplain(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := randomSpec(rt)
		e := s.run(tb{t, rt})
		b, err := e.s.Bill(e.sup, e.s.Span(), View{Name: "latest"}, e.vol, e.charges, e.in())
		if err != nil {
			rt.Skip(err) // a half-hour is missing
		}
		day := e.s.Span().From() + settlement.Day(rapid.IntRange(0, len(s.days)-1).Draw(rt, "day"))
		for item := range Item(NumItems) {
			whole, err := e.s.Explain(item, day.Span(), b, e.sup, e.vol, e.charges, e.in())
			if _, charged := e.s.Line(item); !charged {
				if !errors.Is(err, ErrItem) {
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
				if product, native := productOf(one); native && !product.Equal(one.Exact) {
					rt.Fatalf("%s %s: products come to %s, the cell to %s", item, p, product, one.Exact)
				}
			}
			if !sum.Equal(whole.Exact) {
				rt.Fatalf("%s on %s: half-hours come to %s, the day to %s", item, day, sum, whole.Exact)
			}
			if item != VAT && (whole.Line == nil || whole.Line.Item != item || day < whole.Line.From || day >= whole.Line.To) {
				rt.Fatalf("%s on %s: line %+v", item, day, whole.Line)
			}
		}
	})
}

// productOf adds up the products of an explanation; native is false when some
// of the amount is allotted.
func productOf(x *Explanation) (sum decimal.Decimal, native bool) {
	for _, t := range x.Terms {
		if !t.Product.Valid {
			return sum, false
		}
		sum = sum.Add(t.Product.Decimal)
	}
	return sum, x.Item != VAT
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
		"an item not charged":  {GreenPremium, sp, ErrItem},
		"a day of another one": {VAT, (sp.From() - 1).Span(), ErrSpan},
	} {
		if _, err := e.s.Explain(c.item, c.span, b, e.sup, e.vol, e.charges, e.in()); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}
