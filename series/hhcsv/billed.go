package hhcsv

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// maxBilled is the most rows a supplier's bill may have: thirty items by day
// over more than a year.
const maxBilled = 20_000

// pence are the decimals that an amount has at least, however it is written:
// nobody bills tens of pence.
const pence = 2

// ReadBilled reads what a supplier billed: one item over some local days a row.
// name is what errors and positions call the source.
//
// The headings are from, to, item and at least one of quantity and amount, in
// any order and case, and no others. To is the first day no longer billed. A
// figure is a plain decimal of at most series.PrintScale decimals; an empty one
// is not stated. Items are given as they stand: which there are is not known
// here. The same days and item may not stand twice.
//
// It passes over the source as Read does, with the same limit of errors, and
// stops with series.ErrLimit after 20,000 rows.
func ReadBilled(name string, open series.Opener) series.AllBilled {
	return func(yield func(series.Billed, error) bool) {
		b := &billed{yield: yield, rows: map[billedRow]int{}}
		b.scan = scan{name: name, yield: func(_ series.Reading, err error) bool { return yield(series.Billed{}, err) }}
		b.through(open, maxLongLine, b)
	}
}

// billed is one pass over a bill.
type billed struct {
	scan
	yield    func(series.Billed, error) bool
	from, to int // fields
	item     int
	quantity int
	amount   int
	rows     map[billedRow]int // line on which each stands
}

// billedRow is what may not stand twice.
type billedRow struct {
	from, to settlement.Day
	item     string
}

func (b *billed) bind(names []string, at map[string]int) *misfit {
	columns := map[string]*int{"from": &b.from, "to": &b.to, "item": &b.item, "quantity": &b.quantity, "amount": &b.amount}
	if bad := place(columns, names, at, "from, to, item, quantity or amount"); bad != nil {
		return bad
	}
	if b.from == none || b.to == none || b.item == none || b.quantity == none && b.amount == none {
		return &misfit{none, "", "columns headed from, to, item and at least one of quantity and amount; found " + list(names)}
	}
	return nil
}

// place gives every column its field, none where it is left out. A heading of no
// column is a misfit.
func place(columns map[string]*int, names []string, at map[string]int, headings string) *misfit {
	for name, field := range columns {
		*field = none
		if i, ok := at[name]; ok {
			*field = i
		}
	}
	for i, name := range names {
		if columns[strings.ToLower(name)] == nil {
			return &misfit{i, name, headings + "; remove the column, nothing in it would be read"}
		}
	}
	return nil
}

func (b *billed) done() {}

// take reads a row: all of it or nothing.
func (b *billed) take() bool {
	before := b.errs
	row := series.Billed{Pos: series.Pos{Source: b.name, Line: b.lines.num}, Item: strings.Clone(b.row.fields[b.item])}
	var goOn bool
	if row.From, row.To, goOn = b.readDays(b.from, b.to); !goOn || !b.figure(&row.Quantity, b.quantity, 0) || !b.figure(&row.Amount, b.amount, pence) {
		return false
	}
	key := billedRow{row.From, row.To, row.Item}
	switch first, again := b.rows[key]; {
	case b.errs != before:
		return true
	case row.Item == "":
		return b.fail(b.item, "", "an item by its standard name, such as duos-red, or msp, gsp or nbp", series.ErrValue)
	case !row.Quantity.Stated && !row.Amount.Stated:
		return b.fail(none, "", "a quantity, an amount or both: a row without any is left out", series.ErrFormat)
	case again:
		return b.fail(b.item, row.Item, fmt.Sprintf("each item and days once; line %d states them already: add the figures up", first), series.ErrFormat)
	case len(b.rows) == maxBilled:
		b.fail(none, "", fmt.Sprintf("at most %d rows: split the file", maxBilled), series.ErrLimit)
		b.stopped = true
		return false
	}
	b.rows[key] = b.lines.num
	if !b.yield(row, nil) {
		b.stopped = true
	}
	return !b.stopped
}

// readDays reads the days of a row from two of its fields.
func (s *scan) readDays(from, to int) (first, end settlement.Day, goOn bool) {
	var err error
	if first, err = settlement.ParseDay(s.row.fields[from]); err != nil {
		return first, end, s.failSettlement(from, err)
	}
	if end, err = settlement.ParseDay(s.row.fields[to]); err != nil {
		return first, end, s.failSettlement(to, err)
	}
	switch text := s.row.fields[to]; {
	case end <= first:
		return first, end, s.fail(to, text, fmt.Sprintf("a day after %s: to is the first day no longer in the row, so one day ends on the next", first), series.ErrValue)
	case end-first > maxRowDays:
		return first, end, s.fail(to, text, fmt.Sprintf("at most %d days in a row, not %d", maxRowDays, int(end-first)), series.ErrValue)
	}
	return first, end, true
}

// figure reads a figure and how many decimals it was printed with.
func (b *billed) figure(dst *series.Printed, field, least int) (goOn bool) {
	if field == none || b.row.fields[field] == "" {
		return true
	}
	text := b.row.fields[field]
	v, finer, err := series.ParseFixed(text, series.PrintScale, true)
	_, fraction, _ := strings.Cut(text, ".")
	switch {
	case err != nil:
		want := "a plain decimal number"
		var e *series.Error
		if errors.As(err, &e) {
			want = e.Want
		}
		return b.fail(field, text, want, series.ErrValue)
	case finer || len(fraction) > series.PrintScale:
		return b.fail(field, text, "at most "+strconv.Itoa(series.PrintScale)+" decimals, as a bill prints them", series.ErrValue)
	}
	*dst = series.Printed{Value: v, Decimals: max(len(fraction), least), Stated: true}
	return true
}
