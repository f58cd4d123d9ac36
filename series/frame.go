package series

import (
	"sync/atomic"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/halfhour/halfhour/internal/kernel"
	"github.com/halfhour/halfhour/settlement"
)

// Limits of one allocation.
const (
	MaxPeriods = 20 * 366 * 50 // half-hours of a frame: twenty years, every day taken as the longest
	maxBytes   = 1 << 34       // bytes of one frame or cube: 16 GiB
)

// Panics of this package: mistakes in the calling program, never in data.
const (
	panicBorrowed = "series: an arrow.Record still shares this memory: release the record first"
	panicReadOnly = "series: the frame was read from an arrow.Record and cannot be written: copy it"
	panicMark     = "series: a mark's run must have a rank"
	panicShared   = "series: Set needs a schema where every source has one line"
	panicTooBig   = "series: more memory than one frame or cube may hold"
	panicInCube   = "series: the frame is a run of a cube: reset or release the cube"
	panicReleased = "series: the frame was released"
	panicTake     = "series: Take is from a frame of the same schema and span"
	panicEach     = "series: more half-hours than MaxEach"
)

// Frame is line × period: the columns of one meter, or of one bill, in one
// allocation of Arrow memory. It has one owner.
type Frame struct {
	schema *Schema
	span   settlement.Span
	cols   []Column
	mem    *block
	offset int          // of this frame in the block
	rec    arrow.Record // set when the memory is a record's
	cube   *Cube        // set when the frame is a run of a cube
}

// block is memory that frames, cubes and the records made from them share.
type block struct {
	alloc memory.Allocator
	whole []byte       // as it was allocated, and as it is given back
	buf   []byte       // the part in use; nil once released
	lent  atomic.Int32 // records that still look at it
	dead  bool         // it was released
}

// layout is where the parts of one frame lie. Every part starts on a 64-byte
// boundary:
//
//	values of line 0 | … | values of line L-1 | bitmap, marks of source 0 | … | of source S-1
type layout struct{ values, valid, marks, total int }

func layoutOf(s *Schema, n int) layout {
	l := layout{values: align(8 * n), valid: align((n + 7) / 8), marks: align(n)}
	l.total = s.Len()*l.values + s.Sources()*(l.valid+l.marks)
	return l
}

func (l layout) lineAt(i Line) int               { return int(i) * l.values }
func (l layout) sourceAt(s *Schema, src int) int { return s.Len()*l.values + src*(l.valid+l.marks) }

func align(n int) int { return (n + 63) &^ 63 }

// NewFrame makes a frame with every cell invalid. alloc is where its memory
// comes from; nil is the Go heap.
func NewFrame(alloc memory.Allocator, s *Schema, span settlement.Span) *Frame {
	f := &Frame{schema: s, mem: &block{alloc: orHeap(alloc)}, cols: make([]Column, s.Len())}
	f.mem.resize(need(s, span, 1))
	f.bind(span, 0)
	return f
}

func orHeap(a memory.Allocator) memory.Allocator {
	if a == nil {
		return memory.NewGoAllocator()
	}
	return a
}

// need is the bytes of n frames; it panics past the limits.
func need(s *Schema, span settlement.Span, n int) int {
	if span.Len() < 0 || span.Len() > MaxPeriods {
		panic(panicTooBig)
	}
	total := n * layoutOf(s, span.Len()).total
	if total > maxBytes {
		panic(panicTooBig)
	}
	return total
}

// resize makes room for size zeroed bytes, in place where they fit.
func (b *block) resize(size int) {
	if b == nil || b.dead {
		panic(panicReleased)
	}
	if b.lent.Load() != 0 {
		panic(panicBorrowed)
	}
	if b.whole == nil || len(b.whole) < size {
		b.free()
		b.whole = b.alloc.Allocate(size)
	}
	b.buf = b.whole[:size]
	clear(b.buf)
}

func (b *block) release() {
	if b == nil {
		return
	}
	if b.lent.Load() != 0 {
		panic(panicBorrowed)
	}
	b.free()
	b.dead = true
}

func (b *block) free() {
	whole := b.whole
	b.whole, b.buf = nil, nil
	if whole != nil {
		b.alloc.Free(whole)
	}
}

// bind points the columns at their places in the block.
func (f *Frame) bind(span settlement.Span, offset int) {
	f.span, f.offset = span, offset
	n, l := span.Len(), layoutOf(f.schema, span.Len())
	base := f.mem.buf[offset : offset+l.total]
	for i := range f.cols {
		at := l.lineAt(Line(i))
		f.cols[i].Values = arrow.Int64Traits.CastFromBytes(base[at : at+8*n : at+8*n])
		at = l.sourceAt(f.schema, f.schema.SourceOf(Line(i)))
		f.cols[i].Valid = arrow.Uint64Traits.CastFromBytes(base[at : at+l.valid : at+l.valid])[:(n+63)/64]
		f.cols[i].Marks = marksOf(base[at+l.valid : at+l.valid+n : at+l.valid+n])
	}
}

// Schema, Span and Len say what the frame holds.
func (f *Frame) Schema() *Schema       { return f.schema }
func (f *Frame) Span() settlement.Span { return f.span }
func (f *Frame) Len() int              { return f.span.Len() }

// Line is the view of one line. Kernels write through it; whoever does keeps
// the Column's rules.
func (f *Frame) Line(l Line) Column { return f.cols[l] }

// Source is the validity and the marks of a source; Values is nil.
func (f *Frame) Source(k int) Column {
	c := f.cols[f.schema.FirstLine(k)]
	return Column{Valid: c.Valid, Marks: c.Marks}
}

// Get is the value of a line at a period and whether there is one. A period
// outside the span has none.
func (f *Frame) Get(l Line, p settlement.Period) (int64, bool) {
	if !f.span.Contains(p) {
		return 0, false
	}
	return f.cols[l].At(f.span.Index(p))
}

// Set writes one cell. It panics outside the span, on a frame that is not
// Writable, and where the line shares its source with others: such sources are
// written whole.
func (f *Frame) Set(l Line, p settlement.Period, v int64, m Mark) {
	f.Writable()
	if !f.schema.single {
		panic(panicShared)
	}
	if m.Run() >= settlement.NumRanked {
		panic(panicMark)
	}
	i, c := f.span.Index(p), f.cols[l]
	c.Values[i] = v
	c.Valid[i>>6] |= 1 << (uint(i) & 63)
	c.Marks[i] = m
}

// Take copies the half-hours lo <= i < hi of a source from another frame of the
// same schema and span: values, validity and marks.
func (f *Frame) Take(from *Frame, source, lo, hi int) {
	if from.schema != f.schema || from.span != f.span {
		panic(panicTake)
	}
	for l, of := range f.schema.of {
		if of == source {
			copy(f.cols[l].Values[lo:hi], from.cols[l].Values[lo:hi])
		}
	}
	to, of := f.Source(source), from.Source(source)
	kernel.CopyRange(to.Valid, of.Valid, lo, hi)
	copy(to.Marks[lo:hi], of.Marks[lo:hi])
}

// TakeEach copies half-hours of a source from the runs of a cube of the same
// schema and span: index lo+i from run which[i]. Where the cube does not hold
// that run the half-hour is left empty. At most MaxEach at once.
func (f *Frame) TakeEach(c *Cube, source, lo int, which []uint8) {
	if c.schema != f.schema || c.span != f.span {
		panic(panicTake)
	}
	if len(which) > MaxEach {
		panic(panicEach)
	}
	hi := lo + len(which)
	var cells [kernel.Ways][]int64
	for l, of := range f.schema.of {
		if of == source {
			c.each(&cells, Line(l), lo, hi)
			kernel.Gather(f.cols[l].Values[lo:hi], &cells, which)
		}
	}
	var valid [kernel.Ways][]uint64
	var marks [kernel.Ways][]Mark
	for r := range marks {
		marks[r] = noMarks[:]
		if from := c.Frame(settlement.Run(r)); from != nil {
			col := from.Source(source)
			valid[r], marks[r] = col.Valid, col.Marks[lo:hi]
		}
	}
	to := f.Source(source)
	kernel.GatherBits(to.Valid, &valid, which, lo, hi)
	kernel.Gather(to.Marks[lo:hi], &marks, which)
}

// MaxEach is how many half-hours TakeEach and AddEach take at once: as many as
// keep a line of six runs in the caches of one core, and enough for its cells to
// be read as a stream.
const MaxEach = 4096

// What a run holds that is not there.
var (
	noCells [MaxEach]int64
	noMarks [MaxEach]Mark
)

// each is the cells lo <= i < hi of a line in every run; none where the cube
// does not hold the run.
func (c *Cube) each(cells *[kernel.Ways][]int64, l Line, lo, hi int) {
	for r := range cells {
		cells[r] = noCells[:hi-lo]
		if f := c.Frame(settlement.Run(r)); f != nil {
			cells[r] = f.cols[l].Values[lo:hi]
		}
	}
}

// Writable panics when the frame must not be written: its memory belongs to a
// record, a record still looks at it (at any run, in a cube), or it was released.
func (f *Frame) Writable() {
	switch {
	case f.rec != nil:
		panic(panicReadOnly)
	case f.mem == nil || f.mem.dead:
		panic(panicReleased)
	case f.mem.lent.Load() != 0:
		panic(panicBorrowed)
	}
}

// Reset empties the frame for another span, reusing its memory where it is
// large enough. It panics while a record made from the frame lives, and on a
// frame that belongs to a cube: reset the cube.
func (f *Frame) Reset(span settlement.Span) {
	if f.rec != nil {
		panic(panicReadOnly)
	}
	if f.cube != nil {
		panic(panicInCube)
	}
	f.mem.resize(need(f.schema, span, 1))
	f.bind(span, 0)
}

// Release gives the memory back. Columns taken from the frame are dead.
func (f *Frame) Release() {
	if f.cube != nil {
		panic(panicInCube)
	}
	if f.rec != nil {
		f.rec.Release()
		f.rec, f.cols = nil, nil
		return
	}
	f.mem.release()
	f.cols = nil
}
