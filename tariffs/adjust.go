package tariffs

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/shopspring/decimal"

	"github.com/halfhour/halfhour/settlement"
)

// Adjustment is what billing a supply again changes. It corrects either way:
// Lines are the differences, each for the service period of the line it
// corrects; Ledger takes the original back and books the new bill. Both come to
// the same net, VAT, gross and due, to the penny.
//
// A difference is round(new) − round(old), never round(new − old), and VAT is
// the new bill's less the original's, never worked out on the difference. So an
// original and the adjustments that follow it sum to the last bill exactly,
// line by line, however many there are.
type Adjustment struct {
	Original *Bill
	Rebill   *Bill
	Lines    []Delta // every line of either bill, in the catalogue's order
	Net      decimal.Decimal
	NetExact decimal.Decimal
	VAT      decimal.Decimal
	VATExact decimal.Decimal
	Gross    decimal.Decimal
	Cash     []CashDelta     // every determination of either bill
	Due      decimal.Decimal // Gross and Cash
}

// Delta is the difference of two lines of one Key. Where only one bill has the
// line it is a reversal, of the whole of Old, or a booking, of the whole of New.
type Delta struct {
	Key      Key
	Old, New *Line // of the original and of the rebill; nil where it has none
	Exact    decimal.Decimal
	Amount   decimal.Decimal
}

// Key names a line among the lines of its bill. It does not hold a figure, so
// it stays the same when the supply is billed again.
type Key struct {
	Item     Item
	From, To settlement.Day // To exclusive
	Unit     string
	Divisor  int64
	Nth      int // 0; of lines alike in all the rest, which comes before
}

// String is the key as files write it: item, period, unit, and divisor and place
// where they are not 1.
func (k Key) String() string {
	s := fmt.Sprintf("%s/%s/%s/%s", k.Item, k.From, k.To, k.Unit)
	if k.Divisor != 1 {
		s += fmt.Sprintf("/%d", k.Divisor)
	}
	if k.Nth > 0 {
		s += fmt.Sprintf("#%d", k.Nth+1)
	}
	return s
}

// Keys are the keys of the bill's lines, in their order.
func (b *Bill) Keys() []Key {
	keys, seen := make([]Key, len(b.Lines)), map[Key]int{}
	for i := range b.Lines {
		l := &b.Lines[i]
		k := Key{Item: l.Item, From: l.From, To: l.To, Unit: l.Unit, Divisor: l.Divisor}
		seen[k]++
		k.Nth = seen[k] - 1
		keys[i] = k
	}
	return keys
}

// Sub is what the bill changes of an original of the same supply, days and
// tariff. Lines are matched by item, period, unit and divisor: quantities of
// lines that differ in any of them cannot be compared.
//
// Bills at two rates of VAT share no line: the whole original is reversed at
// its own rate and the whole rebill booked at the new one. That is so where a
// supply passes the de-minimis quantity, or its qualifying use is corrected, and
// the bills say so; otherwise Sub fails, as it does with ErrRebill, saying what
// differs, when the bills are not of one supply, span or tariff.
func (b *Bill) Sub(original *Bill) (*Adjustment, error) {
	if err := b.corrects(original); err != nil {
		return nil, err
	}
	a := &Adjustment{Original: original, Rebill: b, Lines: deltas(original, b), Cash: cashDeltas(original, b)}
	for i := range a.Lines {
		a.Net = a.Net.Add(a.Lines[i].Amount)
		a.NetExact = a.NetExact.Add(a.Lines[i].Exact)
	}
	a.VAT, a.VATExact = b.VAT.Sub(original.VAT), b.VATExact.Sub(original.VATExact)
	a.Gross = a.Net.Add(a.VAT)
	a.Due = a.Gross
	for i := range a.Cash {
		a.Due = a.Due.Add(a.Cash[i].Amount)
	}
	return a, a.Verify()
}

// corrects refuses bills that cannot be set against each other.
func (b *Bill) corrects(original *Bill) error {
	differs := func(what, want string, old, now any) error {
		return &Error{Item: what, Value: fmt.Sprint(now), Want: fmt.Sprintf("the original's is %v: %s", old, want), Err: ErrRebill}
	}
	const whole = "credit the original in full (Bill.Reverse) and bill anew"
	reasons := (b.Conditions | original.Conditions) & (SmallSupply | QualifyingUse)
	switch {
	case original.Reversal || b.Reversal:
		return differs("reversal", "adjust a bill, not one that takes a bill back", original.Reversal, b.Reversal)
	case original.MPAN != b.MPAN:
		return differs("mpan", "adjust a bill of the same supply", original.MPAN, b.MPAN)
	case !slices.Equal(original.Related, b.Related):
		return differs("related MPANs", "adjust a bill of the same supply", original.Related, b.Related)
	case original.Export != b.Export:
		return differs("direction", "adjust a bill of the same supply", original.direction(), b.direction())
	case original.From != b.From || original.To != b.To:
		return differs("days", "adjust a bill of the same days", original.days(), b.days())
	case original.Tariff != b.Tariff:
		return differs("tariff", whole, fmt.Sprintf("%q", original.Tariff), b.Tariff)
	case original.VATDown != b.VATDown:
		return differs("VAT cut to the penny", "a credit follows the rounding of the original; "+whole, original.VATDown, b.VATDown)
	case !original.VATRate.Equal(b.VATRate) && reasons == 0:
		return differs("rate of VAT", "neither bill is small or of qualifying use; "+whole, original.VATRate, b.VATRate)
	}
	return nil
}

func (b *Bill) days() string { return b.From.String() + " to " + (b.To - 1).String() }

// deltas sets the lines of two bills against each other.
func deltas(original, rebill *Bill) []Delta {
	was, is := original.Keys(), rebill.Keys()
	match := map[Key]*Line{}
	if original.VATRate.Equal(rebill.VATRate) {
		for i, k := range is {
			match[k] = &rebill.Lines[i]
		}
	}
	var out []Delta
	taken := map[*Line]bool{}
	for i, k := range was {
		out = append(out, delta(k, &original.Lines[i], match[k]))
		taken[match[k]] = true
	}
	for i, k := range is {
		if now := &rebill.Lines[i]; !taken[now] {
			out = append(out, delta(k, nil, now))
		}
	}
	slices.SortStableFunc(out, func(x, y Delta) int {
		return cmp.Or(cmp.Compare(x.Key.Item, y.Key.Item), cmp.Compare(x.Key.From, y.Key.From), cmp.Compare(x.Key.To, y.Key.To))
	})
	return out
}

func delta(k Key, was, is *Line) Delta {
	d := Delta{Key: k, Old: was, New: is}
	if is != nil {
		d.Exact, d.Amount = is.Exact, is.Amount
	}
	if was != nil {
		d.Exact, d.Amount = d.Exact.Sub(was.Exact), d.Amount.Sub(was.Amount)
	}
	return d
}

// Kind is "change", "reversal" or "booking".
func (d *Delta) Kind() string { return kind(d.Old != nil, d.New != nil) }

// kind is what a line is that the original has, the rebill has, or both.
func kind(old, now bool) string {
	switch {
	case !old:
		return "booking"
	case !now:
		return "reversal"
	}
	return "change"
}

// Quantity is the new quantity less the old.
func (d *Delta) Quantity() decimal.Decimal {
	var q decimal.Decimal
	if d.New != nil {
		q = d.New.Quantity
	}
	if d.Old != nil {
		q = q.Sub(d.Old.Quantity)
	}
	return q
}

// Changed reports whether a figure of the line differs between the bills.
func (d *Delta) Changed() bool {
	return d.Kind() != "change" || !d.Exact.IsZero() || !d.Amount.IsZero() || !d.Quantity().IsZero() ||
		d.Old.Rate.Valid != d.New.Rate.Valid || !d.Old.Rate.Decimal.Equal(d.New.Rate.Decimal)
}

// Ledger is the adjustment as two bills: the original taken back, and the new.
func (a *Adjustment) Ledger() (reversal, booking *Bill) { return a.Original.Reverse(), a.Rebill }

// Verify checks the adjustment: both bills; that every line of both stands in
// it, once; that each difference is that of its lines; that so do their
// determinations; and that net, VAT and gross, printed and exact, and what is due
// bring the original to the rebill. The error wraps ErrLedger.
func (a *Adjustment) Verify() error {
	if err := a.Original.Verify(); err != nil {
		return err
	}
	if err := a.Rebill.Verify(); err != nil {
		return err
	}
	net, exact, old, now := decimal.Zero, decimal.Zero, 0, 0
	lines := map[*Line]bool{}
	for i := range a.Lines {
		d := &a.Lines[i]
		for _, l := range []*Line{d.Old, d.New} {
			if lines[l] = true; l != nil && l.Item != d.Key.Item {
				return ledger(d.Key.String(), d.Amount, l.Amount)
			}
		}
		if want := delta(d.Key, d.Old, d.New); !d.Amount.Equal(want.Amount) || !d.Exact.Equal(want.Exact) {
			return ledger(d.Key.String(), d.Amount, want.Amount)
		}
		if d.Old != nil {
			old++
		}
		if d.New != nil {
			now++
		}
		net, exact = net.Add(d.Amount), exact.Add(d.Exact)
	}
	for _, b := range []*Bill{a.Original, a.Rebill} {
		for i := range b.Lines {
			if !lines[&b.Lines[i]] {
				return ledger(b.Keys()[i].String(), decimal.Zero, b.Lines[i].Amount)
			}
		}
	}
	if old != len(a.Original.Lines) || now != len(a.Rebill.Lines) {
		return ledger("lines", decimal.NewFromInt(int64(old+now)), decimal.NewFromInt(int64(len(a.Original.Lines)+len(a.Rebill.Lines))))
	}
	return a.sums(net, exact)
}

// sums checks that what the lines come to brings one bill to the other.
func (a *Adjustment) sums(net, exact decimal.Decimal) error {
	from, to := a.Original, a.Rebill
	cash, err := a.verifyCash()
	if err != nil {
		return err
	}
	for _, c := range []struct {
		what           string
		got, lines     decimal.Decimal
		before, become decimal.Decimal
	}{
		{"net", a.Net, net, from.Net, to.Net},
		{"exact net", a.NetExact, exact, from.NetExact, to.NetExact},
		{"vat", a.VAT, a.VAT, from.VAT, to.VAT},
		{"exact vat", a.VATExact, a.VATExact, from.VATExact, to.VATExact},
		{"gross", a.Gross, net.Add(a.VAT), from.Gross, to.Gross},
		{"due", a.Due, a.Gross.Add(cash), from.Due, to.Due},
	} {
		if !c.got.Equal(c.lines) || !c.before.Add(c.got).Equal(c.become) {
			return ledger("adjustment's "+c.what, c.got, c.become.Sub(c.before))
		}
	}
	return nil
}

// Reverse is the bill that takes this one back: every quantity, amount and
// determination with its sign turned, rates and rounding as they were. It verifies like any bill,
// for every rounding treats a charge and its credit alike.
func (b *Bill) Reverse() *Bill {
	r := *b
	r.Reversal = !b.Reversal
	r.Volumes.MSP, r.Volumes.GSP.Decimal, r.Volumes.NBP.Decimal = b.Volumes.MSP.Neg(), b.Volumes.GSP.Decimal.Neg(), b.Volumes.NBP.Decimal.Neg()
	r.Lines = slices.Clone(b.Lines)
	for i := range r.Lines {
		l := &r.Lines[i]
		l.Quantity, l.Exact, l.Amount = l.Quantity.Neg(), l.Exact.Neg(), l.Amount.Neg()
		l.Parts = slices.Clone(l.Parts)
		for k := range l.Parts {
			p := &l.Parts[k]
			p.Quantity, p.Exact = p.Quantity.Neg(), p.Exact.Neg()
		}
	}
	if b.Mix != nil {
		r.Mix = b.Mix.reverse()
	}
	r.Net, r.NetExact, r.VAT, r.VATExact, r.Gross = b.Net.Neg(), b.NetExact.Neg(), b.VAT.Neg(), b.VATExact.Neg(), b.Gross.Neg()
	r.Cash, r.Due = slices.Clone(b.Cash), b.Due.Neg()
	for i := range r.Cash {
		r.Cash[i].Pence = -r.Cash[i].Pence
	}
	return &r
}
