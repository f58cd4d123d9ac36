package tariffs

import (
	"fmt"

	"github.com/shopspring/decimal"

	"github.com/halfhour/halfhour/series"
)

// Verify checks both ledgers from the bill alone: every line is its quantity ×
// rate ÷ divisor (windowed lines: the sum of their parts), to the penny; the
// lines sum to the net, the unrounded lines to the exact net; VAT is due on
// the printed net; gross is net and VAT; the pounds of the mix, by run, by run of
// the market data and by stage, are the exact net; the determinations can stand
// together and with gross are what is due. The error wraps ErrLedger.
func (b *Bill) Verify() error {
	net, exact := decimal.Zero, decimal.Zero
	for i := range b.Lines {
		l := &b.Lines[i]
		if err := l.verify(); err != nil {
			return err
		}
		net, exact = net.Add(l.Amount), exact.Add(l.Exact)
	}
	switch {
	case !net.Equal(b.Net) || !exact.Equal(b.NetExact):
		return ledger("net", b.Net, net)
	case !b.VAT.Equal(roundVAT(b.Net, b.VATRate, b.VATDown)) || !b.VATExact.Equal(b.NetExact.Mul(b.VATRate)):
		return ledger("vat", b.VAT, roundVAT(b.Net, b.VATRate, b.VATDown))
	case !b.Gross.Equal(b.Net.Add(b.VAT)):
		return ledger("gross", b.Gross, b.Net.Add(b.VAT))
	}
	if b.Mix != nil {
		if err := b.Mix.verify(b.NetExact); err != nil {
			return err
		}
	}
	return b.verifyCash()
}

func (l *Line) verify() error {
	product, quantity := decimal.Zero, decimal.Zero
	for _, p := range l.Parts {
		if p.Rate.Valid && !p.Exact.Equal(p.Quantity.Mul(p.Rate.Decimal)) {
			return ledger(l.Item.String()+" "+p.Window, p.Exact, p.Quantity.Mul(p.Rate.Decimal))
		}
		product, quantity = product.Add(p.Exact), quantity.Add(p.Quantity)
	}
	switch {
	case l.Divisor < 1:
		return ledger(l.Item.String()+" divisor", decimal.NewFromInt(l.Divisor), decimal.NewFromInt(1))
	case len(l.Parts) == 0:
		product = l.Quantity.Mul(l.Rate.Decimal)
	case !l.Quantity.Equal(quantity):
		return ledger(l.Item.String()+" quantity", l.Quantity, quantity)
	case l.Rate.Valid != (len(l.Parts) == 1 && l.Parts[0].Rate.Valid) || l.Rate.Valid && !l.Rate.Decimal.Equal(l.Parts[0].Rate.Decimal):
		return ledger(l.Item.String()+" rate", l.Rate.Decimal, l.Parts[0].Rate.Decimal)
	}
	if l.Divisor == 1 && !l.Allotted && !product.Equal(l.Exact) {
		return ledger(l.Item.String(), l.Exact, product)
	}
	// What is allotted has half-hours of whole ticks: within one of the quotient,
	// and a percentage within half of one a day.
	most := decimal.New(l.Divisor, -tickScale)
	if l.Unit == poundUnit {
		most = decimal.New(5*max(2, int64(l.To-l.From)), -tickScale-1)
	}
	if gap := l.Exact.Mul(decimal.NewFromInt(l.Divisor)).Sub(product).Abs(); gap.GreaterThan(most) {
		return ledger(l.Item.String(), l.Exact, product)
	}
	if want := roundPenny(product, l.Divisor); !l.Amount.Equal(want) {
		return ledger(l.Item.String(), l.Amount, want)
	}
	return nil
}

// VerifyCells checks the exact ledger against the cells the bill was made
// from: item by item they sum to the lines before rounding. VAT's cells are
// allotted by the day, so they may be half a tick a day from the rate on the
// exact net. The error wraps ErrLedger.
func (s *Schedule) VerifyCells(b *Bill, charges *series.Frame) error {
	if b.From >= b.To || b.From < s.cal.span.From() || b.To > s.cal.span.To() {
		return &Error{Item: "days", Value: b.From.String() + " to " + b.To.String(), Want: "they are not days of the schedule: a defect in this program; do not send this bill", Err: ErrLedger}
	}
	lo, hi := s.cal.span.Index(b.From.First()), s.cal.span.Index(b.To.First())
	lines := map[Item]decimal.Decimal{}
	for i := range b.Lines {
		lines[b.Lines[i].Item] = lines[b.Lines[i].Item].Add(b.Lines[i].Exact)
	}
	for i := range s.columns {
		c := &s.columns[i]
		if got := charges.Line(c.line).Sum(lo, hi).Decimal(defs[c.item].Scale); !got.Equal(lines[c.item]) {
			return ledger("half-hours of "+c.item.String(), lines[c.item], got)
		}
		delete(lines, c.item)
	}
	for item, exact := range lines {
		return ledger("half-hours of "+item.String(), exact, decimal.Zero) // charged by nobody
	}
	vat := charges.Line(series.Line(s.schema.Len()-1)).Sum(lo, hi).Decimal(tickScale)
	if vat.Sub(b.VATExact).Abs().GreaterThan(decimal.New(5*int64(b.To-b.From), -tickScale-1)) {
		return ledger("half-hours of vat", b.VATExact, vat)
	}
	return nil
}

func ledger(what string, got, want decimal.Decimal) error {
	return &Error{Item: what, Value: got.String(), Want: fmt.Sprintf("it comes to %s: a defect in this program; do not send this bill", want), Err: ErrLedger}
}
