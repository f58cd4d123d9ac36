package hhparquet

import (
	"math/bits"

	"github.com/halfhour/halfhour/internal/kernel"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// Want is what to read of a file into a cube. Which runs, the cube says.
type Want struct {
	Span  settlement.Span // of the cube; zero is the file's
	Lines []series.Line   // nil is all of them

	// Latest leaves out what a reconciliation of the latest run does not look
	// at: of each source, the days of a run that a later run of the cube holds
	// whole. Months are left out or read as a whole, so some such days may be
	// there. It rests on the file's coverage, which is checked for all that is
	// read.
	Latest bool
}

// Tally counts what reading took.
type Tally struct {
	Values  int // values decoded, of lines and marks
	Pages   int // pages decompressed
	Skipped int // pages passed over
	Foreign int // values that by their marks another run than the row group's supplied
}

const panicLines = "hhparquet: a line that the file's schema does not have"

// Into empties the cube and fills it from the loaded file: values, validity and
// marks. The cube's schema must have the file's lines (else series.ErrSchema).
// Runs and half-hours the file does not hold stay empty. On an error the cube
// is empty.
//
// It allocates nothing once the reader has seen a file of the kind.
func (r *Reader) Into(dst *series.Cube, want Want) (t Tally, err error) {
	r.loaded()
	r.tally = Tally{}
	for _, l := range want.Lines {
		if l < 0 || int(l) >= r.layout.schema.Len() {
			panic(panicLines)
		}
	}
	if want.Span == (settlement.Span{}) {
		want.Span = r.cal.span
	}
	if dst.Span() == want.Span {
		dst.Empty()
	} else {
		dst.Reset(want.Span)
	}
	defer func() {
		if err != nil {
			dst.Reset(want.Span)
		}
	}()
	defer r.saved(&err)
	if dst.Schema() != r.same {
		if !sameSchema(dst.Schema(), r.layout.schema) {
			return Tally{}, r.fail(r.layout.schema.Name(), "a file with the lines of "+dst.Schema().Name(), series.ErrSchema)
		}
		r.same = dst.Schema()
	}
	for g, run := range r.runs {
		f := dst.Frame(run)
		if f == nil {
			continue
		}
		for k := range r.layout.schema.Sources() {
			if err := r.source(dst, f, g, k, &want); err != nil {
				return r.tally, err
			}
		}
	}
	return r.tally, nil
}

// source reads the lines of a source that are wanted, and its marks, of the
// run that is row group g.
func (r *Reader) source(dst *series.Cube, f *series.Frame, g, k int, want *Want) error {
	need, pages, read := r.choose(dst, g, k, want), len(r.cal.pages), false
	for i := range r.layout.lineAt {
		l := series.Line(i)
		if r.layout.schema.SourceOf(l) != k || !wanted(want.Lines, l) {
			continue
		}
		if !need {
			r.tally.Skipped += pages
		} else if err := r.line(f, g, l, !read); err != nil {
			return err
		}
		read = true
	}
	switch {
	case !read:
		return nil
	case !need:
		r.tally.Skipped += pages
		return nil
	}
	return r.marks(f, g, k)
}

func wanted(lines []series.Line, l series.Line) bool {
	if lines == nil {
		return true
	}
	for _, w := range lines {
		if w == l {
			return true
		}
	}
	return false
}

// choose fills need, which pages of a source of a run are to be read, and says
// whether any are.
func (r *Reader) choose(dst *series.Cube, g, k int, want *Want) (any bool) {
	r.need = r.need[:0]
	lo, hi := int(want.Span.Lo-r.cal.span.Lo), int(want.Span.Hi-r.cal.span.Lo)
	for _, p := range r.cal.pages {
		need := p.lo < hi && lo < p.hi
		if need && want.Latest && r.covered {
			need = r.speaks(dst, g, k, p, lo, hi)
		}
		r.need = append(r.need, need)
		any = any || need
	}
	return any
}

// speaks says whether a run may matter to the latest on some wanted day of a
// page: it says something that day, and no later run of the cube holds it whole.
func (r *Reader) speaks(dst *series.Cube, g, k int, p page, lo, hi int) bool {
	from, to := r.cal.within(max(p.lo, lo), min(p.hi, hi))
	for d := from; d < to; d++ {
		if r.day(g, k, d) == dayNone {
			continue
		}
		later := g + 1
		for later < len(r.runs) && (dst.Frame(r.runs[later]) == nil || r.day(later, k, d) != dayWhole) {
			later++
		}
		if later == len(r.runs) {
			return true
		}
	}
	return false
}

// day is the coverage of a day by a source of a run.
func (r *Reader) day(g, k, d int) byte {
	return r.days[(g*r.layout.schema.Sources()+k)*r.cal.numDays()+d]
}

// line reads the needed pages of a line. The first line of a source sets which
// cells are valid; the others must agree.
func (r *Reader) line(f *series.Frame, g int, l series.Line, first bool) error {
	pg := r.pager(g, r.layout.lineAt[l])
	col := f.Line(l)
	for pg.next() {
		p := pg.page
		lo, hi, skip := r.within(f, p)
		dst, direct := r.values, skip == 0 && hi-lo == p.hi-p.lo
		if direct {
			dst = col.Values[lo:hi]
		}
		kind, _, err := pg.cells(dst)
		if err != nil {
			return err
		}
		if !r.covers(g, r.layout.schema.SourceOf(l), p, kind) {
			return pg.broken("half-hours with a value are not those %s states", keyCoverage)
		}
		if !first && !r.agrees(col.Valid, lo, hi, skip, kind) {
			return pg.broken("half-hours with a value are not those of the source's other lines")
		}
		r.place(col, lo, hi, skip, kind, direct)
	}
	return pg.err
}

// within is where a page lies in a frame, as far as it does, and how many of its
// cells are before that.
func (r *Reader) within(f *series.Frame, p page) (lo, hi, skip int) {
	shift := int(r.cal.span.Lo - f.Span().Lo)
	lo, hi = max(0, p.lo+shift), min(f.Len(), p.hi+shift)
	return lo, hi, lo - shift - p.lo
}

// place puts a page's cells from skip on at lo <= i < hi of a column.
func (r *Reader) place(col series.Column, lo, hi, skip int, kind some, direct bool) {
	switch kind {
	case all:
		if !direct {
			copy(col.Values[lo:hi], r.values[skip:])
		}
		kernel.SetRange(col.Valid, lo, hi)
		return
	case none:
		return
	}
	values := r.values
	if direct { // they stand at the beginning of their own place
		values = values[:copy(values, col.Values[lo:hi])]
		clear(col.Values[lo:hi])
	}
	values = values[kernel.CountSet(r.valid, 0, skip):]
	for i := lo; i < hi; i += 64 {
		n := min(64, hi-i)
		set := kernel.Bits(r.valid, skip+i-lo, skip+i-lo+n)
		for rest := set; rest != 0; rest &= rest - 1 {
			at := i + bits.TrailingZeros64(rest)
			col.Values[at] = values[0]
			col.Valid[at>>6] |= 1 << (uint(at) & 63)
			values = values[1:]
		}
	}
}

// agrees says whether lo <= i < hi of a bitmap is what the page from skip on has.
func (r *Reader) agrees(valid []uint64, lo, hi, skip int, kind some) bool {
	switch kind {
	case all:
		return kernel.NextClear(valid, lo, hi) == hi
	case none:
		return kernel.NextSet(valid, lo, hi) == hi
	}
	for i := lo; i < hi; i += 64 {
		n := min(64, hi-i)
		if kernel.Bits(valid, i, i+n) != kernel.Bits(r.valid, skip+i-lo, skip+i-lo+n) {
			return false
		}
	}
	return true
}

// covers says whether a page holds of each day what the coverage says.
func (r *Reader) covers(g, k int, p page, kind some) bool {
	if !r.covered {
		return true
	}
	for d := p.from; d < p.to; d++ {
		code := r.day(g, k, d)
		switch {
		case kind == all && code == dayWhole, kind == none && code == dayNone:
		case kind == mixed && code == cover(r.valid, int(r.cal.days[d])-p.lo, int(r.cal.days[d+1])-p.lo):
		default:
			return false
		}
	}
	return true
}
