package halfhour

import (
	"context"
	"errors"
	"fmt"

	"github.com/halfhour/halfhour/revisions"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
	"github.com/halfhour/halfhour/tariffs"
)

// checking is a check at work.
type checking struct {
	ctx     context.Context
	spans   []settlement.Span // the bills
	bill    []int             // of each row
	of      [][]*ledger       // of each row's figures
	ledgers map[ledgerKey]*ledger
	order   []*ledger
	res     Checked
}

// ledger is what the runs come to for one figure of one item, over the bill
// its rows are of.
type ledger struct {
	key     ledgerKey
	item    tariffs.Item
	volume  tariffs.Volume // of a quantity
	span    settlement.Span
	unit    int64 // brings the figures to the decimals they are compared at
	amounts *revisions.Amounts

	days  *ledger // of a vat row: the same, put together from days
	slack int64   // of a vat row: twice what the rounding of the lines, and a cut of the VAT, may put between the two
}

// ledgerKey tells ledgers apart.
type ledgerKey struct {
	item   string
	amount bool
	bill   int
	row    int // of vat, which is due on a bill of the row's days: its number, from 1
}

var measured = map[string]tariffs.Volume{"msp": tariffs.MSP, "gsp": tariffs.GSP, "nbp": tariffs.NBP}

// read takes in the rows.
func (k *checking) read(billed series.AllBilled) error {
	var errs series.Errors
	var whole settlement.Span
	for row, err := range billed {
		if err == nil {
			err = k.check(&row)
		}
		if err != nil {
			if !errs.Add(err) {
				break
			}
			continue
		}
		span := settlement.Days(row.From, row.To)
		if len(k.res.Rows) == 0 {
			whole = span
		}
		whole.Lo, whole.Hi = min(whole.Lo, span.Lo), max(whole.Hi, span.Hi)
		k.res.Rows = append(k.res.Rows, CheckedRow{Billed: row})
	}
	switch {
	case len(errs) > 0:
		return errs
	case len(k.res.Rows) == 0:
		return &series.Error{Want: "at least one row of a bill: is this the right file?", Err: series.ErrEmpty}
	case len(k.spans) == 0:
		k.spans = []settlement.Span{whole}
	}
	for i := range k.res.Rows {
		k.bill = append(k.bill, k.billOf(&k.res.Rows[i].Billed))
	}
	return nil
}

// check refuses a row that cannot be of the job.
func (k *checking) check(row *series.Billed) error {
	bad := func(value, want string) error {
		return &series.Error{Pos: row.Pos, Value: value, Want: want, Err: series.ErrValue}
	}
	_, volume := measured[row.Item]
	_, err := tariffs.ParseItem(row.Item)
	switch {
	case !volume && err != nil:
		return &tariffs.Error{Pos: row.Pos, Value: row.Item, Want: "one of the thirty items, such as energy-unit, duos-red or vat, or msp, gsp or nbp", Err: tariffs.ErrItem}
	case !row.From.Valid() || !row.To.Valid() || row.From >= row.To:
		return bad(fmt.Sprintf("%s to %s", row.From, row.To), "days in order; to is the first day no longer billed")
	case volume && row.Amount.Stated:
		return bad(row.Item, "no amount: it is energy; its price is another item's")
	case !row.Quantity.Stated && !row.Amount.Stated:
		return bad(row.Item, "a quantity, an amount or both")
	case len(k.spans) > 0 && k.billOf(row) < 0:
		return bad(fmt.Sprintf("%s to %s", row.From, row.To), "days of one of the spans billed")
	}
	return nil
}

// billOf is the span that holds a row's days, or -1.
func (k *checking) billOf(row *series.Billed) int {
	for i, s := range k.spans {
		if s.Covers(settlement.Days(row.From, row.To)) {
			return i
		}
	}
	return -1
}

// views works out every run's view and enters it in the ledgers. A run that
// speaks nowhere is left out, for its view is that of the run before, and so is
// one whose view holds no energy at all.
func (k *checking) views(job Job) error {
	d, err := job.prepare(k.ctx)
	if err != nil {
		return err
	}
	if err := k.open(d.schedule); err != nil {
		return err
	}
	for _, r := range d.landed(revisions.Latest()) {
		if err := k.ctx.Err(); err != nil {
			return err
		}
		b, err := d.view(revisions.UpTo(r))
		if err != nil {
			return err
		}
		if latest(b.in, d.whole) != r || b.volumes.Line(tariffs.MSP).CountValid(0, d.whole.Len()) == 0 {
			continue
		}
		var all tariffs.Condition
		for i, span := range k.spans {
			c, err := b.conditions(revisions.UpTo(r), i, span)
			if err != nil {
				return err
			}
			all |= c
		}
		k.res.Runs, k.res.Conditions = append(k.res.Runs, r), append(k.res.Conditions, all)
		for _, l := range k.order {
			if err := l.enter(r, b); err != nil {
				return err
			}
		}
	}
	if len(k.res.Runs) == 0 {
		return &tariffs.Error{Value: k.spans[0].String(), Want: fmt.Sprintf("the source holds no active energy of MPAN %s in the days billed: is it the right file?", job.Supply.MPAN), Err: tariffs.ErrMissing}
	}
	return nil
}

// open makes the ledgers that the rows need.
func (k *checking) open(s *tariffs.Schedule) error {
	var errs series.Errors
	k.of = make([][]*ledger, len(k.res.Rows))
	for i := range k.res.Rows {
		row := &k.res.Rows[i]
		item, err := tariffs.ParseItem(row.Item)
		if _, charged := s.Line(item); err == nil && !charged {
			row.Reason = "the tariff does not charge it"
			continue
		}
		if row.Amount.Stated {
			k.keep(i, "amount", row.Amount, s)
		}
		if row.Quantity.Stated && !k.keep(i, "quantity", row.Quantity, s) &&
			!errs.Add(&series.Error{Pos: row.Pos, Value: row.Item, Want: "no quantity: the item is not charged on energy", Err: series.ErrValue}) {
			break
		}
	}
	if len(errs) > 0 {
		return errs
	}
	return nil
}

// keep adds a figure of row i to the ledger it is compared with. It is not ok
// for a quantity of what is not charged on energy.
func (k *checking) keep(i int, name string, p series.Printed, s *tariffs.Schedule) (ok bool) {
	row := &k.res.Rows[i]
	l := &ledger{key: ledgerKey{row.Item, name == "amount", k.bill[i], 0}, span: k.spans[k.bill[i]], volume: tariffs.NoVolume}
	l.item, _ = tariffs.ParseItem(row.Item)
	var def series.Def
	if l.key.amount {
		line, _ := s.Line(l.item)
		def = s.Schema().Def(line)
	} else {
		if l.volume, ok = measured[row.Item]; !ok {
			l.volume = s.ChargedOn(l.item)
		}
		if l.volume == tariffs.NoVolume {
			return false
		}
		def = tariffs.Volumes().Def(l.volume)
	}
	f := CheckedFigure{Printed: p, Name: name, Unit: def.Unit, Scale: max(def.Scale, series.PrintScale)}
	l.unit = pow10(f.Scale - def.Scale)
	if l.key.amount && l.item == tariffs.VAT {
		bill := *l
		bill.key.row, bill.span, bill.days = i+1, settlement.Days(row.From, row.To), k.once(l)
		l = &bill
	}
	row.Figures = append(row.Figures, f)
	k.of[i] = append(k.of[i], k.once(l))
	return true
}

// once gives the ledger there is for a key.
func (k *checking) once(l *ledger) *ledger {
	if k.ledgers[l.key] == nil {
		l.amounts = revisions.NewAmounts(l.span.From(), l.span.To())
		k.ledgers[l.key] = l
		k.order = append(k.order, l)
	}
	return k.ledgers[l.key]
}

// enter enters a run's view.
func (l *ledger) enter(r settlement.Run, b *billing) error {
	if l.key.row > 0 {
		return l.enterVAT(r, b)
	}
	day := revisions.DayOf(b.volumes, max(l.volume, 0))
	switch _, volume := measured[l.key.item]; {
	case l.key.amount:
		c, err := b.charged(l.span)
		if err != nil {
			return err
		}
		line, _ := c.schedule.Line(l.item)
		day = revisions.DayOf(c.charges, line)
	case !volume:
		day = func(d settlement.Day) (series.Total, bool) {
			return b.usual.schedule.Quantity(l.item, b.volumes, d.Span())
		}
	}
	l.amounts.Add(r, func(d settlement.Day) (series.Total, bool) {
		sum, held := day(d)
		return sum.Mul(l.unit), held
	})
	return nil
}

// enterVAT enters the VAT of a bill as if it all were the first day's: it is
// due on the printed lines, and no day has a part of it.
func (l *ledger) enterVAT(r settlement.Run, b *billing) error {
	_, bill, err := b.bill(revisions.UpTo(r), l.key.bill, l.span)
	missing := errors.Is(err, tariffs.ErrMissing)
	if err != nil && !missing {
		return err
	}
	if !missing {
		slack := int64(len(bill.Lines)) * bill.VATRate.Shift(vatScale-pence).Ceil().IntPart()
		if bill.VATDown {
			slack += pow10(vatScale - pence) // a cut is up to a penny, of which a figure's last decimal has half
		}
		l.slack = max(l.slack, slack)
	}
	l.amounts.Add(r, func(d settlement.Day) (series.Total, bool) {
		switch {
		case missing:
			return series.Total{}, false
		case d != l.span.From():
			return series.Total{}, true
		}
		return series.TotalOf(bill.VAT.Shift(vatScale).IntPart()), true
	})
	return nil
}

const (
	vatScale = 8 // decimals of the charges' VAT line
	pence    = 2
)
