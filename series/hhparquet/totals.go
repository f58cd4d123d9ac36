package hhparquet

import (
	"bufio"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash"
	"io"
	"iter"

	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/compress"
	"github.com/apache/arrow/go/v17/parquet/file"
	"github.com/apache/arrow/go/v17/parquet/metadata"
	"github.com/apache/arrow/go/v17/parquet/schema"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// Total is a row of a file of totals: what an item comes to in a bucket of time, for a
// value of a key.
type Total struct {
	Item      string
	Bucket    string          // as files name it
	Value     string          // of the key; "" is none, and null in the file
	Span      settlement.Span // that the bucket is
	Pounds    series.Total    // × 10^Scale
	Scale     int             // 0 to series.MaxScale
	Missing   bool            // no half-hour is held of those that should be: the pounds are null
	HalfHours int64
	Of        int64
	Meters    int64
	Lacks     int64
}

// The pounds of a file have one type, and one scale for items of every scale: the
// finest holds them all exactly, and other engines add up what they need not convert.
const (
	totalsDigits = 38
	totalsSchema = "totals" // beside the version in the file's metadata
	totalsGroup  = 1 << 16  // rows of a row group at most, and so of what is in memory
)

// totalsColumn is a column of a file of totals, of text or of numbers; of neither, it
// is the pounds.
type totalsColumn struct {
	name     string
	optional bool
	text     func(*Total) string
	number   func(*Total) int64
	instant  bool
}

// totalsColumns are the columns of totals by a bucket and a key.
func totalsColumns(bucket, key string) ([]totalsColumn, error) {
	out := []totalsColumn{
		{name: "item", text: func(t *Total) string { return t.Item }},
		{name: bucket, text: func(t *Total) string { return t.Bucket }},
		{name: key, text: func(t *Total) string { return t.Value }, optional: true},
		{name: "start", number: func(t *Total) int64 { return t.Span.Lo.Time().UnixMicro() }, instant: true},
		{name: "end", number: func(t *Total) int64 { return t.Span.Hi.Time().UnixMicro() }, instant: true},
		{name: "pounds", optional: true},
		{name: "half_hours", number: func(t *Total) int64 { return t.HalfHours }},
		{name: "of", number: func(t *Total) int64 { return t.Of }},
		{name: "meters", number: func(t *Total) int64 { return t.Meters }},
		{name: "lacks", number: func(t *Total) int64 { return t.Lacks }},
	}
	if key == "" {
		out = append(out[:2], out[3:]...)
	}
	seen := map[string]bool{}
	for _, c := range out {
		if seen[c.name] || c.name == "" {
			return nil, &series.Error{Value: c.name, Want: "a bucket and a key that no other column of the totals is called", Err: series.ErrSchema}
		}
		seen[c.name] = true
	}
	return out, nil
}

func (c *totalsColumn) node() (schema.Node, error) {
	repeated := parquet.Repetitions.Required
	if c.optional {
		repeated = parquet.Repetitions.Optional
	}
	switch {
	case c.text != nil:
		return schema.NewPrimitiveNodeLogical(c.name, repeated, schema.StringLogicalType{}, parquet.Types.ByteArray, -1, -1)
	case c.instant:
		return schema.NewPrimitiveNodeLogical(c.name, repeated, schema.NewTimestampLogicalType(true, schema.TimeUnitMicros), parquet.Types.Int64, -1, -1)
	case c.number != nil:
		return schema.NewPrimitiveNode(c.name, repeated, parquet.Types.Int64, -1, -1)
	}
	return schema.NewPrimitiveNodeLogical(c.name, repeated, schema.NewDecimalLogicalType(totalsDigits, series.MaxScale), parquet.Types.FixedLenByteArray, wide, -1)
}

// TotalsWritten is what a file of totals must read back as.
type TotalsWritten struct {
	columns []totalsColumn
	rows    int64
	sums    []hash.Hash // of each column's cells, one after the other
}

// WriteTotals writes totals by a bucket, such as "month", and a key, "" for none, as
// docs/format/hhparquet.md describes, some ten thousand rows at a time: the same bytes
// for the same rows. It fails with series.ErrSchema where two columns would have one
// name, with series.ErrValue for a total that passes 38 digits, and with dst's error.
// What it gives is for Check, which every file should be held to.
func WriteTotals(dst io.Writer, bucket, key string, rows iter.Seq[Total]) (done *TotalsWritten, err error) {
	defer func() {
		if p := recover(); p != nil {
			done, err = nil, fmt.Errorf("%w: the writer failed: %v", ErrReadBack, p)
		}
	}()
	w := &totalsWriter{out: bufio.NewWriterSize(dst, 64<<10)}
	if w.columns, err = totalsColumns(bucket, key); err != nil {
		return nil, err
	}
	var fields schema.FieldList
	for i := range w.columns {
		node, err := w.columns[i].node()
		if err != nil {
			return nil, err
		}
		fields, w.sums = append(fields, node), append(w.sums, sha256.New())
	}
	root, err := schema.NewGroupNode("schema", parquet.Repetitions.Required, fields, -1)
	if err != nil {
		return nil, err
	}
	said := metadata.NewKeyValueMetadata()
	for _, kv := range [][2]string{{keyVersion, version}, {keySchema, totalsSchema}} {
		if err := said.Append(kv[0], kv[1]); err != nil {
			return nil, err
		}
	}
	// Without dictionaries and statistics: the first would make other bytes each time, and
	// nothing of ours asks for the second.
	w.file = file.NewParquetWriter(w.out, root, file.WithWriteMetadata(said), file.WithWriterProps(parquet.NewWriterProperties(
		parquet.WithDictionaryDefault(false), parquet.WithStats(false), parquet.WithCreatedBy("halfhour"), parquet.WithCompression(compress.Codecs.Zstd))))
	for t := range rows {
		if w.batch = append(w.batch, t); len(w.batch) == totalsGroup {
			if err := w.group(); err != nil {
				return nil, err
			}
		}
	}
	if len(w.batch) > 0 {
		if err := w.group(); err != nil {
			return nil, err
		}
	}
	if err := w.file.FlushWithFooter(); err != nil { // Close would keep its error to itself
		return nil, err
	}
	return &w.TotalsWritten, w.out.Flush()
}

// totalsWriter writes row groups.
type totalsWriter struct {
	TotalsWritten
	out   *bufio.Writer // of which the first error stays
	file  *file.Writer
	batch []Total
	cells cells
}

// cells is a column of a row group as the library takes it and gives it back, and
// what of it goes into the column's sum.
type cells struct {
	levels  []int16 // of an optional column
	texts   []parquet.ByteArray
	wide    []parquet.FixedLenByteArray
	numbers []int64
	body    []byte // of the texts and the wide numbers
	summed  []byte
}

// group writes the rows at hand as a row group.
func (w *totalsWriter) group() error {
	g := w.file.AppendRowGroup()
	for i := range w.columns {
		c := &w.columns[i]
		if err := w.cells.take(c, w.batch); err != nil {
			return err
		}
		cw, err := g.NextColumn()
		if err != nil {
			return err
		}
		if err := w.cells.write(cw); err != nil {
			return err
		}
		w.sums[i].Write(w.cells.sum())
	}
	if err := g.Close(); err != nil {
		return err
	}
	w.rows += int64(len(w.batch))
	w.batch = w.batch[:0]
	return w.out.Flush()
}

func (c *cells) reset() {
	c.levels, c.texts, c.wide, c.numbers = c.levels[:0], c.texts[:0], c.wide[:0], c.numbers[:0]
	c.body, c.summed = c.body[:0], c.summed[:0]
}

// take makes the cells of a column of some rows.
func (c *cells) take(col *totalsColumn, rows []Total) error {
	c.reset()
	for i := range rows {
		t, at, held := &rows[i], len(c.body), true
		switch {
		case col.number != nil:
			c.numbers = append(c.numbers, col.number(t))
		case col.text != nil:
			text := col.text(t)
			if held = text != "" || !col.optional; held {
				c.body = append(c.body, text...)
				c.texts = append(c.texts, c.body[at:]) // which stays what it is where body grows
			}
		default:
			if held = !t.Missing; held {
				pounds, ok := rescaled(t)
				if !ok {
					return &series.Error{Value: t.Pounds.Decimal(t.Scale).String(), Want: fmt.Sprintf("a total of at most %d digits with %d decimals for %s of %s %s", totalsDigits, series.MaxScale, t.Item, t.Bucket, t.Value), Err: series.ErrValue}
				}
				c.body = binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(c.body, uint64(pounds.Hi)), pounds.Lo)
				c.wide = append(c.wide, c.body[at:])
			}
		}
		if col.optional {
			c.levels = append(c.levels, int16(b2i(held)))
		}
	}
	return nil
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// rescaled is a row's pounds × 10^series.MaxScale, if they have no more digits than
// the column.
func rescaled(t *Total) (series.Total, bool) {
	up, least := int64(1), series.TotalOf(1)
	for range series.MaxScale - t.Scale {
		up *= 10
	}
	for range totalsDigits - (series.MaxScale - t.Scale) {
		least = least.Mul(10)
	}
	size := t.Pounds.Abs()
	return t.Pounds.Mul(up), size.Hi >= 0 && size.Cmp(least) < 0
}

// write gives the cells to the library.
func (c *cells) write(cw file.ColumnChunkWriter) (err error) {
	levels := c.levels
	if len(levels) == 0 {
		levels = nil
	}
	switch cw := cw.(type) {
	case *file.ByteArrayColumnChunkWriter:
		_, err = cw.WriteBatch(c.texts, levels, nil)
	case *file.FixedLenByteArrayColumnChunkWriter:
		_, err = cw.WriteBatch(c.wide, levels, nil)
	case *file.Int64ColumnChunkWriter:
		_, err = cw.WriteBatch(c.numbers, levels, nil)
	}
	if err != nil {
		return err
	}
	return cw.Close()
}

// sum is what the cells add to the column's sum: each with its length, and with what
// a missing one cannot be taken for.
func (c *cells) sum() []byte {
	for _, level := range c.levels {
		c.summed = append(c.summed, byte(level))
	}
	for _, v := range c.numbers {
		c.summed = binary.LittleEndian.AppendUint64(c.summed, uint64(v))
	}
	for _, v := range c.texts {
		c.summed = append(binary.AppendUvarint(c.summed, uint64(len(v))), v...)
	}
	for _, v := range c.wide {
		c.summed = append(c.summed, v...)
	}
	return c.summed
}
