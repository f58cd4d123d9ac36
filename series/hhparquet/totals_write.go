package hhparquet

import (
	"bufio"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"io"
	"math"
	"strconv"

	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/compress"
	"github.com/apache/arrow/go/v17/parquet/file"
	"github.com/apache/arrow/go/v17/parquet/metadata"
	"github.com/apache/arrow/go/v17/parquet/schema"
	"github.com/klauspost/compress/zstd"

	"github.com/halfhour/halfhour/series"
)

// totalsWriter writes row groups. Its pages are encoded here and framed by the
// library's page writer, as those of Writer are.
type totalsWriter struct {
	TotalsWritten
	out    *counted
	made   *metadata.FileMetaDataBuilder
	groups int16
	batch  []Total
	zstd   *zstd.Encoder
	cells  cells
	valid  []uint64
	body   []byte // a page
	packed []byte // a page, compressed
}

// counted knows how much was written. The first error of a bufio.Writer stays.
type counted struct {
	to *bufio.Writer
	n  int64
}

func (c *counted) Write(p []byte) (int, error) {
	n, err := c.to.Write(p)
	c.n += int64(n)
	return n, err
}

func (c *counted) Tell() int64 { return c.n }

// begin writes what stands before the first row group.
func (w *totalsWriter) begin() error {
	var fields schema.FieldList
	options := []parquet.WriterProperty{parquet.WithDictionaryDefault(false), parquet.WithStats(false), parquet.WithCreatedBy("halfhour"), parquet.WithCompression(compress.Codecs.Zstd)}
	for i := range w.columns {
		node, err := w.columns[i].node()
		if err != nil {
			return err
		}
		fields, w.sums = append(fields, node), append(w.sums, sha256.New())
		options = append(options, parquet.WithEncodingFor(w.columns[i].name, w.columns[i].encoding()))
	}
	root, err := schema.NewGroupNode("schema", parquet.Repetitions.Required, fields, -1)
	if err != nil {
		return err
	}
	said := metadata.NewKeyValueMetadata()
	if err := errors.Join(said.Append(keyVersion, totalsVersion), said.Append(keySchema, totalsSchema)); err != nil {
		return err
	}
	w.made = metadata.NewFileMetadataBuilder(schema.NewSchema(root), parquet.NewWriterProperties(options...), said)
	_, err = io.WriteString(w.out, magic)
	return err
}

// group writes the rows at hand as a row group.
func (w *totalsWriter) group() error {
	if w.groups == math.MaxInt16 {
		return &series.Error{Value: strconv.FormatInt(w.rows, 10), Want: "fewer rows: a file has at most 32,767 groups of 32,768", Err: series.ErrLimit}
	}
	start, g := w.out.Tell(), w.made.AppendRowGroup()
	for i := range w.columns {
		c := &w.columns[i]
		if err := w.cells.take(c, w.batch); err != nil {
			return err
		}
		w.cells.addTo(w.sums[i])
		if err := w.page(c, g.NextColumnChunk(), int16(i)); err != nil {
			return err
		}
	}
	g.SetNumRows(len(w.batch))
	if err := g.Finish(w.out.Tell()-start, w.groups); err != nil {
		return err
	}
	w.rows += int64(len(w.batch))
	w.groups++
	w.batch = w.batch[:0]
	return w.out.to.Flush()
}

// page writes the cells of a column as its one page of the row group.
func (w *totalsWriter) page(c *totalsColumn, made *metadata.ColumnChunkMetaDataBuilder, at int16) error {
	n := len(w.batch)
	w.body = w.body[:0]
	if c.optional {
		w.valid = append(w.valid[:0], make([]uint64, (n+63)/64)...)
		for i, level := range w.cells.levels {
			w.valid[i>>6] |= uint64(level) << (i & 63)
		}
		w.body, _ = appendLevels(w.body, w.valid, 0, n)
	}
	if c.number != nil {
		w.body = appendDelta(w.body, w.cells.numbers)
	} else {
		w.body = append(w.body, w.cells.plain...)
	}
	w.packed = w.zstd.EncodeAll(w.body, w.packed[:0])
	pw, err := file.NewPageWriter(w.out, compress.Codecs.Zstd, compress.DefaultCompressionLevel, made, w.groups, at, memory.DefaultAllocator, false, nil, nil)
	if err != nil {
		return err
	}
	page := file.NewDataPageV1(memory.NewBufferBytes(w.packed), int32(n), c.encoding(), parquet.Encodings.RLE, parquet.Encodings.RLE, int32(len(w.body)))
	defer page.Release()
	if _, err := pw.WriteDataPage(page); err != nil {
		return err
	}
	return pw.Close(false, false)
}

// end writes what stands behind the last row group.
func (w *totalsWriter) end() error {
	footer, err := w.made.Finish()
	if err != nil {
		return err
	}
	n, err := footer.WriteTo(w.out, nil)
	if err != nil {
		return err
	}
	w.out.Write(binary.LittleEndian.AppendUint32(nil, uint32(n)))
	io.WriteString(w.out, magic)
	return w.out.to.Flush()
}

// cells is a column of some rows: of an optional one, which have a value; and the
// values, as Parquet writes them plain.
type cells struct {
	levels  []byte
	plain   []byte
	numbers []int64
}

func (c *cells) reset() { c.levels, c.plain, c.numbers = c.levels[:0], c.plain[:0], c.numbers[:0] }

func appendText[T ~string | ~[]byte](c *cells, v T) {
	c.plain = append(binary.LittleEndian.AppendUint32(c.plain, uint32(len(v))), v...)
}

func (c *cells) number(v int64) {
	c.plain, c.numbers = binary.LittleEndian.AppendUint64(c.plain, uint64(v)), append(c.numbers, v)
}

// addTo adds the cells to their column's sum. They are whole row groups, so that the
// bytes of one cannot be taken for another's.
func (c *cells) addTo(h hash.Hash) {
	h.Write(c.levels)
	h.Write(c.plain)
}

// take makes the cells of a column.
func (c *cells) take(col *totalsColumn, rows []Total) error {
	c.reset()
	for i := range rows {
		t, held := &rows[i], byte(1)
		switch {
		case col.number != nil:
			c.number(col.number(t))
		case col.text == nil && t.Missing, col.optional && col.text != nil && col.text(t) == "":
			held = 0
		case col.text != nil:
			appendText(c, col.text(t))
		default:
			pounds, ok := rescaled(t)
			if !ok {
				return &series.Error{Value: t.Pounds.Decimal(t.Scale).String(), Want: fmt.Sprintf("a total of at most %d digits, %d of them decimals, for %s of %s %s", totalsDigits, series.MaxScale, t.Item, t.Bucket, t.Value), Err: series.ErrValue}
			}
			c.plain = binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(c.plain, uint64(pounds.Hi)), pounds.Lo)
		}
		if col.optional {
			c.levels = append(c.levels, held)
		}
	}
	return nil
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
