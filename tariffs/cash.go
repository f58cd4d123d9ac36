package tariffs

import (
	"cmp"
	"slices"

	"github.com/shopspring/decimal"

	"github.com/halfhour/halfhour/series"
)

// AddCash puts determinations on the bill in place of those it has: money of
// days of the bill that no half-hour earned. They stand after gross, and what is
// due is both. No VAT is worked out on them, for no source at hand says how they
// are treated; the bill says so.
//
// from are the frames that the bill was made from, those of each meter by
// themselves: Combine notes the earlier run of two, and a later one of a single
// meter is in none of its marks. Where a determination still stands though the run
// before which it was to be undone speaks in them for any half-hour of its days, the
// bill says DeterminationStanding.
//
// The order of the list does not matter: a determination is followed by the one
// that reverses it, and they stand by their days and IDs. It fails with
// series.ErrDetermination when they cannot stand together, concern days that are
// not the bill's, or the bill takes another back: what it has then is that bill's,
// with every sign turned. A bill that it fails on is as it was.
func (b *Bill) AddCash(list []series.Determination, from ...*series.Frame) error {
	if b.Reversal {
		return &Error{Item: "determinations", Value: b.From.String() + " to " + b.To.String(), Want: "put them on the bill before it is taken back (Bill.Reverse turns their signs)", Err: series.ErrDetermination}
	}
	if err := series.CheckDeterminations(list); err != nil {
		return err
	}
	due := b.Gross
	for i := range list {
		d := &list[i]
		if d.From < b.From || d.To > b.To {
			return &Error{Pos: d.Pos, Item: "determination " + d.ID, Value: d.From.String() + " to " + d.To.String(),
				Want: "days of the bill, " + b.From.String() + " to " + b.To.String(), Err: series.ErrDetermination}
		}
		due = due.Add(cashPounds(d))
	}
	with := *b
	with.Cash, with.Due = slices.Clone(list), due
	with.Conditions &^= CashWithoutVAT | DeterminationStanding
	if len(list) > 0 {
		with.Conditions |= CashWithoutVAT
	}
	slices.SortFunc(with.Cash, func(x, y series.Determination) int {
		return cmp.Or(cmp.Compare(x.From, y.From), cmp.Compare(x.To, y.To),
			cmp.Compare(cmp.Or(x.Reverses, x.ID), cmp.Or(y.Reverses, y.ID)), cmp.Compare(x.Reverses, y.Reverses))
	})
	for _, d := range series.Standing(nil, with.Cash) {
		if slices.ContainsFunc(from, d.Overtaken) {
			with.Conditions |= DeterminationStanding
		}
	}
	if err := with.Verify(); err != nil {
		return err
	}
	*b = with
	return nil
}

// cashPounds is what a determination comes to, in pounds.
func cashPounds(d *series.Determination) decimal.Decimal { return decimal.New(d.Pence, -pennyDec) }

// verifyCash checks that the determinations of the bill can stand together on its
// days, and that with gross they are what is due.
func (b *Bill) verifyCash() error {
	due := b.Gross
	for i := range b.Cash {
		d := &b.Cash[i]
		if d.From < b.From || d.To > b.To {
			return &Error{Item: "determination " + d.ID, Value: d.From.String() + " to " + d.To.String(), Want: "they are not days of the bill: a defect in this program; do not send this bill", Err: ErrLedger}
		}
		due = due.Add(cashPounds(d))
	}
	if err := series.CheckDeterminations(b.Cash); err != nil {
		return &Error{Item: "determinations", Want: "they cannot stand together: a defect in this program; do not send this bill: " + err.Error(), Err: ErrLedger}
	}
	if !b.Due.Equal(due) {
		return ledger("due", b.Due, due)
	}
	return nil
}

// CashDelta is the difference of two determinations of one ID. Where only one
// bill has it, it came, or went.
type CashDelta struct {
	ID       string
	Old, New *series.Determination // of the original and of the rebill; nil where it has none
	Amount   decimal.Decimal       // pounds, to the penny
}

// Kind is "change", "reversal" of one that the rebill does not have, or "booking"
// of one that the original did not have.
func (d *CashDelta) Kind() string { return kind(d.Old != nil, d.New != nil) }

// Changed reports whether anything that a determination states differs between
// the bills.
func (d *CashDelta) Changed() bool {
	if d.Kind() != "change" {
		return true
	}
	was, is := *d.Old, *d.New
	known := was.Known.Equal(is.Known)
	was.Known, was.Pos = is.Known, is.Pos
	return !known || was != is
}

// cashDeltas sets the determinations of two bills against each other, by their
// IDs: those of the rebill in its order, then those it does not have.
func cashDeltas(original, rebill *Bill) (out []CashDelta) {
	at := map[string]int{}
	for i := range rebill.Cash {
		d := &rebill.Cash[i]
		at[d.ID] = len(out)
		out = append(out, CashDelta{ID: d.ID, New: d, Amount: cashPounds(d)})
	}
	for i := range original.Cash {
		d := &original.Cash[i]
		k, both := at[d.ID]
		if !both {
			k, out = len(out), append(out, CashDelta{ID: d.ID})
		}
		out[k].Old, out[k].Amount = d, out[k].Amount.Sub(cashPounds(d))
	}
	return out
}

// verifyCash checks that every determination of both bills stands in the
// adjustment once, with the difference it has, and gives what they come to.
func (a *Adjustment) verifyCash() (sum decimal.Decimal, err error) {
	want := cashDeltas(a.Original, a.Rebill)
	if len(a.Cash) != len(want) {
		return sum, ledger("determinations", decimal.NewFromInt(int64(len(a.Cash))), decimal.NewFromInt(int64(len(want))))
	}
	for i, w := range want {
		if d := a.Cash[i]; d.ID != w.ID || d.Old != w.Old || d.New != w.New || !d.Amount.Equal(w.Amount) {
			return sum, ledger("determination "+w.ID, d.Amount, w.Amount)
		}
		sum = sum.Add(w.Amount)
	}
	return sum, nil
}
