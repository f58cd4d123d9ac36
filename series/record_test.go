package series

import (
	"errors"
	"slices"
	"strconv"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/halfhour/halfhour/settlement"
)

// checkShared: the record's buffers are the frame's, by address, and it says of
// every column what it is.
func checkShared(t *testing.T, f *Frame, rec arrow.Record) {
	t.Helper()
	s, n := f.Schema(), f.Len()
	if int(rec.NumRows()) != n || int(rec.NumCols()) != s.Len()+s.Sources() {
		t.Fatalf("%d rows, %d columns", rec.NumRows(), rec.NumCols())
	}
	for l := range s.Len() {
		c, d, field, a := f.Line(Line(l)), s.Def(Line(l)), rec.Schema().Field(l), rec.Column(l)
		md := map[string]string{}
		for i, k := range field.Metadata.Keys() {
			md[k] = field.Metadata.Values()[i]
		}
		if field.Name != d.Name || !field.Nullable || field.Type.ID() != arrow.INT64 ||
			md["halfhour.unit"] != d.Unit.String() || md["halfhour.scale"] != strconv.Itoa(d.Scale) || md["halfhour.source"] != d.Source {
			t.Errorf("field %d is %v", l, field)
		}
		if n == 0 {
			continue
		}
		b := a.Data().Buffers()
		if at(b[1].Bytes()) != at(c.Values) || b[1].Len() != 8*n || at(a.(*array.Int64).Int64Values()) != at(c.Values) {
			t.Errorf("the values of %s are not the frame's", d.Name)
		}
		if at(b[0].Bytes()) != at(c.Valid) || b[0].Len() < (n+7)/8 {
			t.Errorf("the bitmap of %s is not the frame's", d.Name)
		}
		if a.NullN() != n-c.CountValid(0, n) {
			t.Errorf("%s has %d nulls", d.Name, a.NullN())
		}
		for i := range n {
			if v, ok := c.At(i); ok == a.IsNull(i) || ok && a.(*array.Int64).Value(i) != v {
				t.Fatalf("%s [%d] differs", d.Name, i)
			}
		}
	}
	for k := range s.Sources() {
		field, a := rec.Schema().Field(s.Len()+k), rec.Column(s.Len()+k).(*array.Uint8)
		if field.Name != "marks:"+s.SourceName(k) || a.NullN() != 0 {
			t.Errorf("marks field is %v", field)
		}
		if n > 0 && at(a.Uint8Values()) != at(f.Source(k).Marks) {
			t.Errorf("the marks of %s are not the frame's", s.SourceName(k))
		}
	}
	md := rec.Schema().Metadata()
	for k, want := range map[string]string{"halfhour.version": "1", "halfhour.schema": s.Name(),
		"halfhour.span.lo": strconv.Itoa(int(f.Span().Lo)), "halfhour.span.hi": strconv.Itoa(int(f.Span().Hi))} {
		if got, _ := md.GetValue(k); got != want {
			t.Errorf("metadata %s = %q, want %q", k, got, want)
		}
	}
}

func TestRecordSharesMemory(t *testing.T) {
	for _, s := range schemas {
		for _, n := range lengths {
			pool := memory.NewCheckedAllocator(memory.NewGoAllocator())
			f := NewFrame(pool, s, spanOfLen(n))
			fill(f, int64(n))
			rec := f.Record()
			checkShared(t, f, rec)
			back, err := FromRecord(rec, s)
			if err != nil {
				t.Fatalf("%s × %d: %v", s.Name(), n, err)
			}
			if d := same(f, back); d != "" {
				t.Errorf("%s × %d: %s", s.Name(), n, d)
			}
			for l := range s.Len() {
				a, b := f.Line(Line(l)), back.Line(Line(l))
				if n > 0 && (at(a.Values) != at(b.Values) || at(a.Valid) != at(b.Valid) || at(a.Marks) != at(b.Marks)) {
					t.Errorf("%s × %d: line %d was copied", s.Name(), n, l)
				}
			}
			mine, err := CopyRecord(pool, rec, s)
			if err != nil {
				t.Fatal(err)
			}
			if d := same(f, mine); d != "" {
				t.Errorf("copy of %s × %d: %s", s.Name(), n, d)
			}
			if n > 0 && at(mine.Line(0).Values) == at(f.Line(0).Values) {
				t.Error("CopyRecord shares memory")
			}
			mine.Writable()
			mine.Release()

			// Whoever holds the memory last, the frame cannot go before.
			rec.Release()
			mustPanic(t, panicBorrowed, f.Release)
			back.Release()
			f.Release()
			pool.AssertSize(t, 0)
		}
	}
}

func TestRecordLends(t *testing.T) {
	f := NewFrame(nil, Meter(), spanOfLen(100))
	fill(f, 1)
	a, b := f.Record(), f.Record()
	column := a.Column(0)
	column.Retain()
	for _, rel := range []func(){a.Release, b.Release, column.Release} {
		mustPanic(t, panicBorrowed, func() { f.Reset(spanOfLen(1)) })
		mustPanic(t, panicBorrowed, func() { f.Set(AI, start, 1, 0) })
		mustPanic(t, panicBorrowed, f.Release)
		mustPanic(t, panicBorrowed, f.Writable)
		rel()
	}
	f.Writable()
	f.Set(AI, start, 1, 0)
	f.Reset(spanOfLen(7))
	f.Release()
}

func TestFromRecordIsReadOnly(t *testing.T) {
	f := NewFrame(nil, Meter(), spanOfLen(100))
	fill(f, 1)
	rec := f.Record()
	back, err := FromRecord(rec, Meter())
	if err != nil {
		t.Fatal(err)
	}
	rec.Release()
	mustPanic(t, panicReadOnly, back.Writable)
	mustPanic(t, panicReadOnly, func() { back.Set(AI, start, 1, 0) })
	mustPanic(t, panicReadOnly, func() { back.Reset(spanOfLen(1)) })
	again := back.Record() // lent on
	back.Release()
	back.Release()
	mustPanic(t, panicReleased, func() { back.Set(AI, start, 1, 0) })
	mustPanic(t, panicReleased, back.Writable)
	mustPanic(t, panicReleased, func() { back.Record() })
	mustPanic(t, panicReleased, func() { back.Reset(spanOfLen(1)) })
	mustPanic(t, panicBorrowed, f.Release)
	again.Release()
	f.Release()
}

// rebuilt is the record of a frame with its columns and schema changed.
func rebuilt(f *Frame, change func(fields []arrow.Field, cols []arrow.Array, md map[string]string)) arrow.Record {
	rec := f.Record()
	fields := slices.Clone(rec.Schema().Fields())
	cols := slices.Clone(rec.Columns())
	md := map[string]string{}
	for i, k := range rec.Schema().Metadata().Keys() {
		md[k] = rec.Schema().Metadata().Values()[i]
	}
	change(fields, cols, md)
	meta := arrow.MetadataFrom(md)
	return array.NewRecord(arrow.NewSchema(fields, &meta), cols, int64(cols[0].Len()))
}

// ints is an int64 column over its own memory, shift bytes off a boundary.
func ints(v []int64, valid []bool, shift int) arrow.Array {
	room := memory.NewGoAllocator().Allocate(8*len(v) + 64)
	values := room[shift : shift+8*len(v)]
	copy(arrow.Int64Traits.CastFromBytes(values), v)
	var bm []byte
	if valid != nil {
		bm = memory.NewGoAllocator().Allocate(align((len(v) + 7) / 8))
		clear(bm)
		for i, ok := range valid {
			if ok {
				bm[i>>3] |= 1 << (i & 7)
			}
		}
	}
	var bmBuf *memory.Buffer
	if bm != nil {
		bmBuf = memory.NewBufferBytes(bm)
	}
	return array.NewInt64Data(array.NewData(arrow.PrimitiveTypes.Int64, len(v), []*memory.Buffer{bmBuf, memory.NewBufferBytes(values)}, nil, -1, 0))
}

func cellsOf(c Column) (v []int64, ok []bool) {
	for i := range c.Values {
		x, held := c.At(i)
		v, ok = append(v, x), append(ok, held)
	}
	return v, ok
}

// What FromRecord cannot share, CopyRecord takes, with the same cells.
func TestFromRecordCannotShare(t *testing.T) {
	f := NewFrame(nil, Meter(), spanOfLen(100))
	fill(f, 1)
	full := NewFrame(nil, Meter(), spanOfLen(100))
	for l := AI; l <= RE; l++ {
		for i := range 100 {
			full.Set(l, start+settlement.Period(i), int64(i)-50, Mark(i)&0x7f)
		}
	}
	for k := range f.Schema().Sources() { // nothing in the last rows, so that no bit gives a slice away
		c := f.Source(k)
		clear(c.Marks[90:])
		c.Valid[1] &= 1<<(90-64) - 1
		clear(f.Line(Line(k)).Values[90:])
	}
	tail := NewFrame(nil, Meter(), spanOfLen(90)) // rows 10.. of f, as if they started the span
	for l := range tail.Schema().Len() {
		src, dst := f.Line(Line(l)), tail.Line(Line(l))
		copy(dst.Values, src.Values[10:])
		copy(dst.Marks, src.Marks[10:])
		for i := range 90 {
			if _, ok := src.At(i + 10); ok {
				dst.Valid[i>>6] |= 1 << (i & 63)
			}
		}
	}
	v, ok := cellsOf(f.Line(AE))
	dirty := slices.Clone(v)
	dirty[slices.Index(ok, false)] = 77
	type fields = []arrow.Field
	for name, c := range map[string]struct {
		of, want *Frame
		change   func(fields, []arrow.Array, map[string]string)
	}{
		"sliced": {f, tail, func(_ fields, cols []arrow.Array, md map[string]string) {
			for i := range cols {
				cols[i] = array.NewSlice(cols[i], 10, 100)
			}
			md[KeyHi] = strconv.Itoa(int(start) + 90)
		}},
		"values off a boundary": {f, f, func(_ fields, cols []arrow.Array, _ map[string]string) { cols[AE] = ints(v, ok, 8) }},
		"null over a value":     {f, f, func(_ fields, cols []arrow.Array, _ map[string]string) { cols[AE] = ints(dirty, ok, 0) }},
		"no bitmap": {full, full, func(_ fields, cols []arrow.Array, _ map[string]string) {
			x, _ := cellsOf(full.Line(AE))
			cols[AE] = ints(x, nil, 0)
		}},
		"bits past the end": {f, f, func(_ fields, cols []arrow.Array, _ map[string]string) {
			cols[AE] = ints(v, append(slices.Clone(ok), true), 0)
		}},
	} {
		rec := rebuilt(c.of, c.change)
		if got, err := FromRecord(rec, Meter()); !errors.Is(err, ErrZeroCopy) || got != nil {
			t.Errorf("%s: FromRecord: %v", name, err)
		}
		mine, err := CopyRecord(nil, rec, Meter())
		if err != nil {
			t.Errorf("%s: CopyRecord: %v", name, err)
			continue
		}
		if d := same(mine, c.want); d != "" {
			t.Errorf("%s: CopyRecord: %s", name, d)
		}
		if n := mine.Len() % 64; mine.Line(AE).Valid[len(mine.Line(AE).Valid)-1]>>n != 0 {
			t.Errorf("%s: CopyRecord took bits past the end", name)
		}
	}
	// A column rebuilt as it was, on a boundary, can be shared: the refusals
	// above are not about its being another buffer.
	rec := rebuilt(f, func(_ fields, cols []arrow.Array, _ map[string]string) { cols[AE] = ints(v, ok, 0) })
	if got, err := FromRecord(rec, Meter()); err != nil || same(got, f) != "" {
		t.Errorf("an equal column elsewhere: %v", err)
	}
}

// Lines of one source are null in the same rows. An equal bitmap elsewhere is
// fine; another is an error in every way of reading.
func TestFromRecordBitmapsOfASource(t *testing.T) {
	pool := memory.NewCheckedAllocator(memory.NewGoAllocator())
	f := NewFrame(nil, shared, spanOfLen(130))
	fill(f, 1)
	v, ok := cellsOf(f.Line(2))
	rec := rebuilt(f, func(_ []arrow.Field, cols []arrow.Array, _ map[string]string) { cols[2] = ints(v, ok, 0) })
	if got, err := FromRecord(rec, shared); err != nil || same(got, f) != "" {
		t.Errorf("equal bitmaps: %v", err)
	}
	for _, i := range []int{0, 64, 129} {
		other, vals := slices.Clone(ok), slices.Clone(v)
		other[i], vals[i] = !other[i], 0
		rec := rebuilt(f, func(_ []arrow.Field, cols []arrow.Array, _ map[string]string) { cols[2] = ints(vals, other, 0) })
		if _, err := FromRecord(rec, shared); !errors.Is(err, ErrZeroCopy) {
			t.Errorf("another bitmap at %d: FromRecord: %v", i, err)
		}
		if _, err := CopyRecord(pool, rec, shared); !errors.Is(err, ErrRecord) {
			t.Errorf("another bitmap at %d: CopyRecord: %v", i, err)
		}
	}
	pool.AssertSize(t, 0)
}

func TestRecordOfAnotherKind(t *testing.T) {
	f := NewFrame(nil, Meter(), spanOfLen(100))
	fill(f, 1)
	type fields = []arrow.Field
	set := func(f fields, i int, k, v string) {
		md := map[string]string{}
		for j, key := range f[i].Metadata.Keys() {
			md[key] = f[i].Metadata.Values()[j]
		}
		md[k] = v
		f[i].Metadata = arrow.MetadataFrom(md)
	}
	for name, change := range map[string]func(fields, []arrow.Array, map[string]string){
		"unit":           func(f fields, _ []arrow.Array, _ map[string]string) { set(f, 1, KeyUnit, "kVArh") },
		"scale":          func(f fields, _ []arrow.Array, _ map[string]string) { set(f, 1, KeyScale, "6") },
		"no metadata":    func(f fields, _ []arrow.Array, _ map[string]string) { f[1].Metadata = arrow.Metadata{} },
		"absent":         func(f fields, _ []arrow.Array, _ map[string]string) { f[1].Name = "other" },
		"twice":          func(f fields, _ []arrow.Array, _ map[string]string) { f[1].Name = "AI" },
		"marks absent":   func(f fields, _ []arrow.Array, _ map[string]string) { f[5].Name = "other" },
		"no version":     func(_ fields, _ []arrow.Array, md map[string]string) { delete(md, KeyVersion) },
		"version":        func(_ fields, _ []arrow.Array, md map[string]string) { md[KeyVersion] = "2" },
		"no span":        func(_ fields, _ []arrow.Array, md map[string]string) { delete(md, KeyLo) },
		"span in words":  func(_ fields, _ []arrow.Array, md map[string]string) { md[KeyHi] = "soon" },
		"span too long":  func(_ fields, _ []arrow.Array, md map[string]string) { md[KeyHi] = strconv.Itoa(int(start) + 101) },
		"span backwards": func(_ fields, _ []arrow.Array, md map[string]string) { md[KeyLo], md[KeyHi] = md[KeyHi], md[KeyLo] },
		"span past 32 bits": func(_ fields, _ []arrow.Array, md map[string]string) {
			md[KeyLo], md[KeyHi] = "9000000000", "9000000100"
		},
		"type": func(f fields, cols []arrow.Array, _ map[string]string) { f[1].Type, cols[1] = f[4].Type, cols[4] },
		"marks type": func(f fields, cols []arrow.Array, _ map[string]string) {
			f[4].Type, cols[4] = f[0].Type, cols[0]
		},
		"marks with a null": func(f fields, cols []arrow.Array, _ map[string]string) {
			b := array.NewUint8Builder(memory.NewGoAllocator())
			b.AppendValues(make([]uint8, 99), nil)
			b.AppendNull()
			f[4].Nullable, cols[4] = true, b.NewArray()
		},
	} {
		rec := rebuilt(f, change)
		if got, err := FromRecord(rec, Meter()); !errors.Is(err, ErrRecord) || got != nil {
			t.Errorf("%s: FromRecord: %v", name, err)
		}
		if got, err := CopyRecord(nil, rec, Meter()); !errors.Is(err, ErrRecord) || got != nil {
			t.Errorf("%s: CopyRecord: %v", name, err)
		}
	}
	rec := f.Record()
	for _, s := range []*Schema{Market(), shared, single} {
		if _, err := FromRecord(rec, s); !errors.Is(err, ErrRecord) {
			t.Errorf("as %s: %v", s.Name(), err)
		}
	}
	// Part of a record no longer holds the span it states.
	if _, err := CopyRecord(nil, rec.NewSlice(1, 99), Meter()); !errors.Is(err, ErrRecord) {
		t.Errorf("a slice of the record: %v", err)
	}
	// Columns in another order are the same record.
	swapped := rebuilt(f, func(f fields, cols []arrow.Array, _ map[string]string) {
		f[0], f[3], cols[0], cols[3] = f[3], f[0], cols[3], cols[0]
	})
	if got, err := FromRecord(swapped, Meter()); err != nil || same(got, f) != "" {
		t.Errorf("columns in another order: %v", err)
	}
}

// A mark whose run has no rank would index past every count of runs.
func TestRecordRefusesRunsWithoutRank(t *testing.T) {
	f := NewFrame(nil, Meter(), spanOfLen(70))
	f.Line(RI).Marks[69] = Mark(0).From(settlement.DR)
	rec := f.Record()
	defer rec.Release()
	if _, err := FromRecord(rec, Meter()); !errors.Is(err, ErrRecord) {
		t.Errorf("FromRecord: %v", err)
	}
	if _, err := CopyRecord(nil, rec, Meter()); !errors.Is(err, ErrRecord) {
		t.Errorf("CopyRecord: %v", err)
	}
}
