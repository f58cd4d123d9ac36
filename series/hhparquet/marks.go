package hhparquet

import (
	"slices"

	"github.com/halfhour/halfhour/internal/kernel"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// marks fills the marks of a source: where the file says nothing, a value is
// plainly of its run, and a cell without a value has no mark.
func (r *Reader) marks(f *series.Frame, g, k int) error {
	pg := r.pager(g, r.layout.markAt[k])
	col := f.Source(k)
	plain := series.Mark(0).From(r.runs[g])
	for pg.next() {
		kind, values, err := pg.cells(r.values)
		if err != nil {
			return err
		}
		lo, hi, skip := r.within(f, pg.page)
		fillMarks(col, lo, hi, plain)
		if kind == none {
			continue
		}
		foreign, err := pg.foreign(r.values[:values])
		if err != nil {
			return err
		}
		r.placeMarks(col.Marks[lo:hi], skip, kind)
		if foreign {
			r.tally.Foreign += foreigners(col, lo, hi, r.runs[g])
		}
	}
	return pg.err
}

// foreigners counts the values that another run than theirs supplied.
func foreigners(col series.Column, lo, hi int, run settlement.Run) (n int) {
	for i := kernel.NextSet(col.Valid, lo, hi); i < hi; i = kernel.NextSet(col.Valid, i+1, hi) {
		if col.Marks[i].Run() != run {
			n++
		}
	}
	return n
}

// foreign says whether some mark of the page at hand is of another run than its row
// group's.
func (p *pager) foreign(marks []int64) (foreign bool, err error) {
	for _, v := range marks {
		m := series.Mark(v)
		if v < 0 || v > 255 || m.Run() >= settlement.NumRanked {
			return false, p.broken("mark %d", v)
		}
		foreign = foreign || m.Run() != p.r.runs[p.run]
	}
	return foreign, nil
}

// Reconciled says whether the loaded file is a reconciled frame, as WriteFrame writes
// one: whether another run supplied what its row group untagged holds. It reads all the
// marks of that and nothing else.
func (r *Reader) Reconciled() (reconciled bool, err error) {
	r.loaded()
	defer r.saved(&err)
	g := slices.Index(r.runs, settlement.Untagged)
	if g < 0 {
		return false, nil
	}
	r.need = r.need[:0]
	for range r.cal.pages {
		r.need = append(r.need, true)
	}
	for _, at := range r.layout.markAt {
		pg := r.pager(g, at)
		for pg.next() {
			_, values, err := pg.cells(r.values)
			if err != nil {
				return false, err
			}
			if foreign, err := pg.foreign(r.values[:values]); foreign || err != nil {
				return foreign, err
			}
		}
		if pg.err != nil {
			return false, pg.err
		}
	}
	return false, nil
}

func fillMarks(col series.Column, lo, hi int, plain series.Mark) {
	for i := kernel.NextSet(col.Valid, lo, hi); i < hi; {
		end := kernel.NextClear(col.Valid, i, hi)
		marks := col.Marks[i:end]
		marks[0] = plain
		for n := 1; n < len(marks); n *= 2 { // as fast as memory is copied
			copy(marks[n:], marks[:n])
		}
		i = kernel.NextSet(col.Valid, end, hi)
	}
}

// placeMarks puts a page's marks from skip on into marks.
func (r *Reader) placeMarks(marks []series.Mark, skip int, kind some) {
	if kind == all {
		for i := range marks {
			marks[i] = series.Mark(r.values[skip+i])
		}
		return
	}
	values := r.values[kernel.CountSet(r.valid, 0, skip):]
	for i := kernel.NextSet(r.valid, skip, skip+len(marks)); i < skip+len(marks); i = kernel.NextSet(r.valid, i+1, skip+len(marks)) {
		marks[i-skip] = series.Mark(values[0])
		values = values[1:]
	}
}
