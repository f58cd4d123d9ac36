package hhparquet

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/file"
)

// Check reads the file that was written with the library's column readers, a column of
// a row group at a time, and fails with ErrReadBack unless every cell is what it was.
func (w *TotalsWritten) Check(src parquet.ReaderAtSeeker) (err error) {
	bad := func(format string, args ...any) error {
		return fmt.Errorf("%w: "+format, append([]any{ErrReadBack}, args...)...)
	}
	defer func() {
		if p := recover(); p != nil {
			err = bad("the reader failed: %v", p)
		}
	}()
	f, err := file.NewParquetReader(src, file.WithReadProps(parquet.NewReaderProperties(memory.NewGoAllocator())))
	if err != nil {
		return bad("%w", err)
	}
	if f.NumRows() != w.rows || f.MetaData().Schema.NumColumns() != len(w.columns) {
		return bad("%d rows of %d columns, not %d of %d", f.NumRows(), f.MetaData().Schema.NumColumns(), w.rows, len(w.columns))
	}
	var c cells
	for i := range w.columns {
		h := sha256.New()
		for g := range f.NumRowGroups() {
			chunk, err := f.RowGroup(g).Column(i)
			if err != nil {
				return bad("%w", err)
			}
			if err := c.read(chunk, w.columns[i].optional); err != nil {
				return bad("column %s: %w", w.columns[i].name, err)
			}
			c.addTo(h)
		}
		if !bytes.Equal(h.Sum(nil), w.sums[i].Sum(nil)) {
			return bad("column %s is not what it was", w.columns[i].name)
		}
	}
	return nil
}

// read takes in a column of a row group.
func (c *cells) read(chunk file.ColumnChunkReader, optional bool) error {
	c.reset()
	var levels [batchSize]int16
	for chunk.HasNext() {
		var n int64
		var held int
		var err error
		switch r := chunk.(type) {
		case *file.Int64ColumnChunkReader:
			var room [batchSize]int64
			n, held, err = r.ReadBatch(batchSize, room[:], levels[:], nil)
			for _, v := range room[:held] {
				c.number(v)
			}
		case *file.ByteArrayColumnChunkReader:
			var room [batchSize]parquet.ByteArray
			n, held, err = r.ReadBatch(batchSize, room[:], levels[:], nil)
			for _, v := range room[:held] {
				appendText(c, v)
			}
		case *file.FixedLenByteArrayColumnChunkReader:
			var room [batchSize]parquet.FixedLenByteArray
			n, held, err = r.ReadBatch(batchSize, room[:], levels[:], nil)
			for _, v := range room[:held] {
				c.plain = append(c.plain, v...)
			}
		default:
			return fmt.Errorf("a column of another type: %T", chunk)
		}
		switch {
		case err != nil:
			return err
		case n == 0:
			return errors.New("no progress")
		}
		for _, level := range levels[:n] {
			if optional {
				c.levels = append(c.levels, byte(level))
			}
		}
	}
	return chunk.Err()
}
