package hhparquet

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/file"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// readBack reads the file that was made, twice: by our reader, and every cell
// must be what it was; and by the library's column readers, which share no code
// with it, and every line's count and total must be.
func (w *Writer) readBack(in *content, raw []byte, s *Sum) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v", ErrReadBack, p)
		}
	}()
	r := w.back
	if err := r.LoadBytes("written file", raw, s); err != nil {
		return fmt.Errorf("%w: %w", ErrReadBack, err)
	}
	if r.MPAN() != in.mpan || r.Span() != in.span || !slices.Equal(r.Runs(), in.runs) || !sameSchema(r.Schema(), in.schema) {
		return fmt.Errorf("%w: it says it is of another meter, span, schema or other runs", ErrReadBack)
	}
	if w.copy == nil || w.copy.Schema() != in.schema || !slices.Equal(w.copy.Runs(), in.runs) {
		w.copy = series.NewCube(nil, in.schema, in.runs, in.span)
	}
	if _, err := r.Into(w.copy, Want{}); err != nil {
		return fmt.Errorf("%w: %w", ErrReadBack, err)
	}
	for g, run := range in.runs {
		for l := range in.schema.Len() {
			was, is := in.frames[g].Line(series.Line(l)), w.copy.Frame(run).Line(series.Line(l))
			if !slices.Equal(was.Values, is.Values) || !slices.Equal(was.Valid, is.Valid) || !slices.Equal(was.Marks, is.Marks) {
				return fmt.Errorf("%w: %s of %s is not what it was (a cell without a value holds 0)", ErrReadBack, in.schema.Def(series.Line(l)).Name, run)
			}
		}
	}
	return w.libraryAgrees(in, raw)
}

// libraryAgrees reads every column with the library's column readers, in this
// goroutine.
func (w *Writer) libraryAgrees(in *content, raw []byte) error {
	f, err := file.NewParquetReader(bytes.NewReader(raw), file.WithReadProps(parquet.NewReaderProperties(memory.NewGoAllocator())))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrReadBack, err)
	}
	for g, run := range in.runs {
		group := f.RowGroup(g)
		for i := range w.layout.cols {
			c := &w.layout.cols[i]
			chunk, err := group.Column(i)
			if err != nil {
				return fmt.Errorf("%w: %w", ErrReadBack, err)
			}
			if err := libraryColumn(chunk, in, g, c); err != nil {
				return fmt.Errorf("%w: column %s of %s: %w", ErrReadBack, c.name, run, err)
			}
		}
	}
	return nil
}

// libraryColumn compares a column with what was written: keys cell by cell,
// lines by count and total. Of marks it wants that they can be read.
func libraryColumn(chunk file.ColumnChunkReader, in *content, g int, c *column) error {
	n, values := 0, 0
	var total series.Total
	for chunk.HasNext() {
		levels, got, sum, err := batch(chunk, func(i int, v int64, code []byte) error {
			switch {
			case c.kind == keyRun && string(code) != in.runs[g].String(),
				c.kind > keyRun && c.kind <= keyPeriod && v != keyAt(c.kind, in.span.Lo+settlement.Period(n+i)):
				return fmt.Errorf("cell %d is %d %q", n+i, v, code)
			}
			return nil
		})
		if err != nil {
			return err
		}
		if levels == 0 {
			return fmt.Errorf("no progress after %d cells", n)
		}
		n, values, total = n+levels, values+got, total.Add(sum)
	}
	if err := chunk.Err(); err != nil {
		return err
	}
	want, whole := in.span.Len(), total // of a key, whose cells were looked at
	switch c.kind {
	case narrowValue, wideValue:
		col := in.frames[g].Line(c.line)
		want, whole = col.CountValid(0, col.Len()), col.Sum(0, col.Len())
	case mark:
		want = values
	}
	if n != in.span.Len() || values != want || total != whole {
		return fmt.Errorf("%d cells with %d values and a total of %v, not %d, %d and %v", n, values, total, in.span.Len(), want, whole)
	}
	return nil
}

// batchSize is how many cells the library is asked for at once.
const batchSize = 4096

// batch reads some cells, passes the values to see, and gives how many cells
// and values there were and the values' total.
func batch(chunk file.ColumnChunkReader, see func(i int, v int64, code []byte) error) (levels, values int, sum series.Total, err error) {
	var defs [batchSize]int16
	var got int64
	each := func(i int, v int64) {
		sum = sum.Add(series.TotalOf(v))
		if err == nil {
			err = see(i, v, nil)
		}
	}
	switch r := chunk.(type) {
	case *file.Int64ColumnChunkReader:
		var room [batchSize]int64
		got, values, err = r.ReadBatch(batchSize, room[:], defs[:], nil)
		for i, v := range room[:values] {
			each(i, v)
		}
	case *file.Int32ColumnChunkReader:
		var room [batchSize]int32
		got, values, err = r.ReadBatch(batchSize, room[:], defs[:], nil)
		for i, v := range room[:values] {
			each(i, int64(v))
		}
	case *file.FixedLenByteArrayColumnChunkReader:
		var room [batchSize]parquet.FixedLenByteArray
		got, values, err = r.ReadBatch(batchSize, room[:], defs[:], nil)
		for i, v := range room[:values] {
			var n [1]int64
			if !decodeWide(n[:], v) {
				return 0, 0, sum, fmt.Errorf("cell %d is no 16-byte number", i)
			}
			each(i, n[0])
		}
	case *file.ByteArrayColumnChunkReader:
		var room [batchSize]parquet.ByteArray
		got, values, err = r.ReadBatch(batchSize, room[:], defs[:], nil)
		for i, v := range room[:values] {
			if err == nil {
				err = see(i, 0, v)
			}
		}
	}
	return int(got), values, sum, err
}
