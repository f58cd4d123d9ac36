package tariffs

import (
	"encoding/json"
	"fmt"

	"github.com/shopspring/decimal"

	"github.com/halfhour/halfhour/series"
)

// Change is an amount under two views. What the Shift has is before rounding.
type Change struct {
	Was, Is decimal.Decimal // printed
	Shift
}

// Printed is the change to the penny: round(new) − round(old), so that a first
// bill and every change after it make the last bill.
func (c *Change) Printed() decimal.Decimal { return c.Is.Sub(c.Was) }

// ItemChange is the change of an item.
type ItemChange struct {
	Item Item
	Change
}

// BillChange is one bill under two views: what each item changed by, and what
// that came from.
type BillChange struct {
	Old, New *Bill
	Items    []ItemChange // every item charged, in the catalogue's order
	Net      Change
	VAT      Change
	Gross    Change
}

// Bills sets the attribution beside the two bills of its span and views. It
// fails with ErrLedger, a defect of this library or bills of something else,
// when it does not come to what they say: item by item, printed and exact.
func (a *Attribution) Bills(old, new *Bill) (*BillChange, error) {
	c := &BillChange{Old: old, New: new, Items: []ItemChange{},
		Net: Change{old.Net, new.Net, a.Net(a.span)},
		VAT: Change{old.VAT, new.VAT, a.VAT(a.span)}}
	c.Gross = Change{old.Gross, new.Gross, c.Net.Plus(c.VAT.Shift)}
	was, is := old.items(), new.items()
	for l := range series.Line(a.Schema().Len() - 1) { // VAT is the last
		item, err := ParseItem(a.Schema().Def(l).Name)
		if err != nil {
			return nil, err
		}
		x := ItemChange{item, Change{was[item].Amount, is[item].Amount, a.Line(l, a.span)}}
		if !x.Old.Equal(was[item].Exact) || !x.New.Equal(is[item].Exact) {
			return nil, ledger(item.String(), was[item].Exact, x.Old)
		}
		c.Items = append(c.Items, x)
	}
	return c, c.verify()
}

// items are the bill's lines added up by item.
func (b *Bill) items() map[Item]Line {
	out := map[Item]Line{}
	for i := range b.Lines {
		l := &b.Lines[i]
		sum := out[l.Item]
		sum.Exact, sum.Amount = sum.Exact.Add(l.Exact), sum.Amount.Add(l.Amount)
		out[l.Item] = sum
	}
	return out
}

// verify checks that the items make the net and the causes the change.
func (c *BillChange) verify() error {
	var sum Change
	for i := range c.Items {
		x := &c.Items[i]
		sum = Change{sum.Was.Add(x.Was), sum.Is.Add(x.Is), sum.Plus(x.Shift)}
	}
	for _, x := range []struct {
		what      string
		got, want decimal.Decimal
	}{
		{"net", sum.Was, c.Old.Net}, {"net", sum.Is, c.New.Net}, {"exact net", sum.Old, c.Old.NetExact}, {"exact net", sum.New, c.New.NetExact},
		{"exact vat", c.VAT.Old, c.Old.VATExact}, {"exact vat", c.VAT.New, c.New.VATExact},
		{"causes", c.Net.Old.Add(c.Net.Volumes).Add(c.Net.Losses).Add(c.Net.Prices), c.New.NetExact},
	} {
		if !x.got.Equal(x.want) {
			return &Error{Item: x.what, Value: x.got.String(), Want: fmt.Sprintf("it comes to %s: a defect in this program; do not use this comparison", x.want), Err: ErrLedger}
		}
	}
	return nil
}

// shiftJSON are amounts before rounding.
type shiftJSON struct {
	Old     string `json:"old_exact_gbp"`
	New     string `json:"new_exact_gbp"`
	Change  string `json:"change_exact_gbp"`
	Volumes string `json:"volumes_gbp"`
	Losses  string `json:"losses_gbp"`
	Prices  string `json:"prices_gbp"`
}

type changeJSON struct {
	Item    string `json:"item,omitempty"`
	Old     string `json:"old_gbp"`
	New     string `json:"new_gbp"`
	Printed string `json:"change_gbp"`
	shiftJSON
}

func (x Shift) json() shiftJSON {
	return shiftJSON{x.Old.String(), x.New.String(), x.Change().String(), x.Volumes.String(), x.Losses.String(), x.Prices.String()}
}

func (c *Change) json(item string) changeJSON {
	return changeJSON{item, pounds(c.Was), pounds(c.Is), pounds(c.Printed()), c.Shift.json()}
}

// MarshalJSON writes a shift, a change or that of an item in the forms
// docs/format/compare-json.md describes.
func (x Shift) MarshalJSON() ([]byte, error)      { return json.Marshal(x.json()) }
func (c Change) MarshalJSON() ([]byte, error)     { return json.Marshal(c.json("")) }
func (c ItemChange) MarshalJSON() ([]byte, error) { return json.Marshal(c.json(c.Item.String())) }
