package series

import (
	"fmt"
	"math/bits"
	"strconv"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/halfhour/halfhour/internal/kernel"
	"github.com/halfhour/halfhour/settlement"
)

// Metadata keys of a record made from a frame. A field carries its unit, scale
// and source; the schema carries the layout's version, the schema's name and
// the span as period numbers (UTC half-hours since 1970).
const (
	KeyVersion = "halfhour.version"
	KeySchema  = "halfhour.schema"
	KeyLo      = "halfhour.span.lo"
	KeyHi      = "halfhour.span.hi"
	KeyUnit    = "halfhour.unit"
	KeyScale   = "halfhour.scale"
	KeySource  = "halfhour.source"
)

const (
	recordVersion = "1"
	marksPrefix   = "marks:" // a source's marks are a uint8 column after the lines
)

// lease is the allocator of a lent buffer: freeing it only ends the loan.
type lease struct{ of *block }

func (l lease) Allocate(int) []byte           { panic("series: a lease does not allocate") }
func (l lease) Reallocate(int, []byte) []byte { panic("series: a lease does not allocate") }
func (l lease) Free([]byte)                   { l.of.lent.Add(-1) }

// Record is the frame as an arrow.Record over the same memory: one nullable
// int64 column for each line, then one uint8 column of marks for each source.
// Until the record is released the frame cannot be Reset, Set or released, and
// Writable panics; kernels that write through Line are on their honour. The
// caller must Release the record.
func (f *Frame) Record() arrow.Record {
	if f.rec != nil {
		f.rec.Retain()
		return f.rec
	}
	if f.mem == nil || f.mem.dead {
		panic(panicReleased)
	}
	f.mem.lent.Add(1)
	whole := memory.NewBufferWithAllocator(f.mem.buf, lease{f.mem})
	defer whole.Release()

	n, l := f.Len(), layoutOf(f.schema, f.Len())
	cols := make([]arrow.Array, 0, f.schema.Len()+f.schema.Sources())
	for i := range f.schema.Len() {
		src := f.offset + l.sourceAt(f.schema, f.schema.SourceOf(Line(i)))
		valid := memory.SliceBuffer(whole, src, l.valid)
		values := memory.SliceBuffer(whole, f.offset+l.lineAt(Line(i)), 8*n)
		nulls := n - f.cols[i].CountValid(0, n)
		data := array.NewData(arrow.PrimitiveTypes.Int64, n, []*memory.Buffer{valid, values}, nil, nulls, 0)
		cols = append(cols, array.NewInt64Data(data))
		data.Release()
		valid.Release()
		values.Release()
	}
	for k := range f.schema.Sources() {
		marks := memory.SliceBuffer(whole, f.offset+l.sourceAt(f.schema, k)+l.valid, n)
		data := array.NewData(arrow.PrimitiveTypes.Uint8, n, []*memory.Buffer{nil, marks}, nil, 0, 0)
		cols = append(cols, array.NewUint8Data(data))
		data.Release()
		marks.Release()
	}
	rec := array.NewRecord(f.schema.arrow(f.span), cols, int64(n))
	for _, c := range cols {
		c.Release()
	}
	return rec
}

// arrow is the schema of a record of the span.
func (s *Schema) arrow(span settlement.Span) *arrow.Schema {
	fields := make([]arrow.Field, 0, s.Len()+s.Sources())
	for _, d := range s.defs {
		fields = append(fields, arrow.Field{Name: d.Name, Type: arrow.PrimitiveTypes.Int64, Nullable: true,
			Metadata: arrow.NewMetadata([]string{KeyUnit, KeyScale, KeySource},
				[]string{d.Unit.String(), strconv.Itoa(d.Scale), d.Source})})
	}
	for _, name := range s.sources {
		fields = append(fields, arrow.Field{Name: marksPrefix + name, Type: arrow.PrimitiveTypes.Uint8})
	}
	md := arrow.NewMetadata([]string{KeyVersion, KeySchema, KeyLo, KeyHi},
		[]string{recordVersion, s.name, strconv.Itoa(int(span.Lo)), strconv.Itoa(int(span.Hi))})
	return arrow.NewSchema(fields, &md)
}

// FromRecord is a frame over the memory of a record that Record made, or one
// like it. It retains the record until the frame is released, and the frame
// cannot be written.
//
// ErrRecord means the record does not hold this schema: a column is absent,
// or of another type, unit or scale. ErrZeroCopy means it does, but its memory
// cannot be used as it lies (a slice that does not start at 0, buffers off a
// 64-byte boundary, bitmaps that differ inside a source, a null over a value
// other than 0): use CopyRecord.
func FromRecord(rec arrow.Record, s *Schema) (*Frame, error) {
	in, err := openRecord(rec, s)
	if err != nil {
		return nil, err
	}
	n := in.span.Len()
	f := &Frame{schema: s, span: in.span, rec: rec, cols: make([]Column, s.Len())}
	for i := range f.cols {
		data := in.lines[i].Data()
		valid, values := data.Buffers()[0], data.Buffers()[1]
		marks := in.marks[s.SourceOf(Line(i))].Data()
		words := (n + 63) / 64
		switch {
		case data.Offset() != 0 || marks.Offset() != 0:
			return nil, notShared(s, i, "a record that starts at row 0")
		case !aligned(values) || !aligned(valid) || !aligned(marks.Buffers()[1]):
			return nil, notShared(s, i, "buffers on 64-byte boundaries")
		case n > 0 && (values == nil || marks.Buffers()[1] == nil || values.Len() < 8*n || marks.Buffers()[1].Len() < n):
			return nil, &Error{Value: s.defs[i].Name, Want: "buffers as long as the record", Err: ErrRecord}
		case n > 0 && (valid == nil || cap(valid.Buf()) < 8*words):
			return nil, notShared(s, i, "a validity bitmap in whole 64-bit words")
		}
		c := &f.cols[i]
		if n == 0 {
			continue
		}
		c.Values = arrow.Int64Traits.CastFromBytes(values.Bytes())[:n]
		c.Valid = arrow.Uint64Traits.CastFromBytes(valid.Buf()[: 8*words : 8*words])
		c.Marks = marksOf(marks.Buffers()[1].Bytes()[:n])
		if want := f.cols[s.FirstLine(s.SourceOf(Line(i)))]; !sameBits(c.Valid, want.Valid, n) || c.Valid[words-1]&^kernel.Mask(words-1, 0, n) != 0 {
			return nil, notShared(s, i, "one bitmap for the lines of a source, clear past the end")
		}
		if at := c.dirty(); at >= 0 {
			return nil, notShared(s, i, "0 wherever a value is null (row "+strconv.Itoa(at)+" is not)")
		}
	}
	rec.Retain()
	return f, nil
}

// CopyRecord is FromRecord into memory of the frame's own: it takes any record
// of the schema, wherever its buffers lie. Lines of one source must still be
// null in the same rows.
func CopyRecord(alloc memory.Allocator, rec arrow.Record, s *Schema) (*Frame, error) {
	in, err := openRecord(rec, s)
	if err != nil {
		return nil, err
	}
	f := NewFrame(alloc, s, in.span)
	for i, a := range in.lines {
		c, src := f.cols[i], s.SourceOf(Line(i))
		first := s.FirstLine(src) == Line(i)
		for k, v := range a.Int64Values() {
			held := a.IsValid(k)
			switch _, there := c.At(k); {
			case !first && held != there:
				f.Release()
				return nil, &Error{Value: s.defs[i].Name, Want: fmt.Sprintf("the lines of source %s null in the same rows (row %d is not)", s.sources[src], k), Err: ErrRecord}
			case held:
				c.Values[k] = v
				c.Valid[k>>6] |= 1 << (uint(k) & 63)
			}
		}
	}
	for k, a := range in.marks {
		copy(bytesOf(f.Source(k).Marks), a.Uint8Values())
	}
	return f, nil
}

// opened is a record whose columns were found and checked.
type opened struct {
	span  settlement.Span
	lines []*array.Int64
	marks []*array.Uint8
}

func openRecord(rec arrow.Record, s *Schema) (*opened, error) {
	span, err := spanOf(rec)
	if err != nil {
		return nil, err
	}
	in := &opened{span: span}
	for _, d := range s.defs {
		field, col := column(rec, d.Name)
		a, ok := col.(*array.Int64)
		unit, _ := field.Metadata.GetValue(KeyUnit)
		scale, _ := field.Metadata.GetValue(KeyScale)
		if !ok || unit != d.Unit.String() || scale != strconv.Itoa(d.Scale) {
			return nil, &Error{Value: d.Name, Want: fmt.Sprintf("one int64 column in %s at scale %d", d.Unit, d.Scale), Err: ErrRecord}
		}
		in.lines = append(in.lines, a)
	}
	for _, name := range s.sources {
		_, col := column(rec, marksPrefix+name)
		a, ok := col.(*array.Uint8)
		if !ok || a.NullN() != 0 {
			return nil, &Error{Value: marksPrefix + name, Want: "one uint8 column without nulls", Err: ErrRecord}
		}
		for row, m := range a.Uint8Values() {
			if Mark(m).Run() >= settlement.NumRanked {
				return nil, &Error{Value: strconv.Itoa(int(m)), Want: fmt.Sprintf("a mark in row %d of %s whose high four bits are a run with a rank, 0 to %d", row, marksPrefix+name, settlement.NumRanked-1), Err: ErrRecord}
			}
		}
		in.marks = append(in.marks, a)
	}
	return in, nil
}

// column is the only column of that name, or nil.
func column(rec arrow.Record, name string) (arrow.Field, arrow.Array) {
	at := rec.Schema().FieldIndices(name)
	if len(at) != 1 {
		return arrow.Field{}, nil
	}
	return rec.Schema().Field(at[0]), rec.Column(at[0])
}

// spanOf reads the span a record says it covers and checks it against its rows.
func spanOf(rec arrow.Record) (settlement.Span, error) {
	md := rec.Schema().Metadata()
	version, _ := md.GetValue(KeyVersion)
	if version != recordVersion {
		return settlement.Span{}, &Error{Value: version, Want: KeyVersion + " = " + recordVersion + " in the schema's metadata", Err: ErrRecord}
	}
	lo, _ := md.GetValue(KeyLo)
	hi, _ := md.GetValue(KeyHi)
	a, err1 := strconv.ParseInt(lo, 10, 32)
	b, err2 := strconv.ParseInt(hi, 10, 32)
	if err1 != nil || err2 != nil || b-a != rec.NumRows() || b-a < 0 || b-a > MaxPeriods {
		return settlement.Span{}, &Error{Value: lo + ".." + hi, Want: fmt.Sprintf("%s and %s as period numbers %d apart", KeyLo, KeyHi, rec.NumRows()), Err: ErrRecord}
	}
	return settlement.Span{Lo: settlement.Period(a), Hi: settlement.Period(b)}, nil
}

func notShared(s *Schema, line int, want string) error {
	return &Error{Value: s.defs[line].Name, Want: want + "; CopyRecord takes it as it is", Err: ErrZeroCopy}
}

func aligned(b *memory.Buffer) bool {
	return b == nil || b.Len() == 0 || addressOf(b.Bytes())%64 == 0
}

func sameBits(a, b []uint64, n int) bool {
	for w := range (n + 63) / 64 {
		if a[w] != b[w] {
			return false
		}
	}
	return true
}

// dirty is the first invalid cell that does not hold 0, or -1.
func (c Column) dirty() int {
	for w, word := range c.Valid {
		for m := ^word; m != 0; m &= m - 1 {
			i := w<<6 + bits.TrailingZeros64(m)
			if i >= len(c.Values) {
				break
			}
			if c.Values[i] != 0 {
				return i
			}
		}
	}
	return -1
}
