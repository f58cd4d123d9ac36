package hhparquet

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/compress"
	"github.com/apache/arrow/go/v17/parquet/file"
	"github.com/apache/arrow/go/v17/parquet/metadata"
	"github.com/klauspost/compress/zstd"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// Writer writes files one after the other with memory it keeps. It is for one
// goroutine.
type Writer struct {
	zstd   *zstd.Encoder
	layout *layout
	out    output
	cal    calendar
	cuts   [][]int  // of each column of a row group: where it begins and its pages end
	body   []byte   // a page
	packed []byte   // a page, compressed
	dense  []int64  // values of a page
	plain  []uint64 // bitmap of a page's marks
	back   *Reader
	copy   *series.Cube // what was read back
}

// output is a file in memory, and knows how long it is.
type output struct{ bytes.Buffer }

func (o *output) Tell() int64 { return int64(o.Len()) }

// NewWriter makes a writer.
func NewWriter() *Writer {
	// Entropy coding is left out: packed differences hardly have any to spare,
	// and undoing it takes longer than everything else.
	e, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest),
		zstd.WithEncoderCRC(true), zstd.WithZeroFrames(true), zstd.WithNoEntropyCompression(true))
	if err != nil {
		panic(err) // options are constants
	}
	return &Writer{zstd: e, back: NewReader(Limits{})}
}

// content is what a file is to hold.
type content struct {
	mpan   settlement.MPAN
	schema *series.Schema
	span   settlement.Span
	runs   []settlement.Run
	frames []*series.Frame
}

// Write writes a cube, a row group for each of its runs, and gives the file's
// sum for the manifest. mpan is zero for what belongs to no meter.
//
// The file is made in memory and read back, by this package into a cube that
// must equal c and by the library's column readers into totals that must equal
// c's, before its first byte goes to dst: ErrReadBack says that it did not.
// Equal cubes make equal bytes. It fails with series.ErrValue where a line of at
// most 12 decimals passes 18 digits, series.ErrEmpty for an empty span,
// series.ErrSchema for names a file cannot have, series.ErrLimit past
// DefaultBytes, and with dst's error. Whether dst's own Close succeeds is the
// caller's to ask.
func (w *Writer) Write(dst io.Writer, mpan settlement.MPAN, c *series.Cube) (Sum, error) {
	in := content{mpan: mpan, schema: c.Schema(), span: c.Span(), runs: c.Runs()}
	for _, run := range in.runs {
		in.frames = append(in.frames, c.Frame(run))
	}
	return w.write(dst, &in)
}

// WriteFrame is Write of one frame, such as a reconciled one: its row group is
// settlement.Untagged, and every mark keeps the run that spoke.
func (w *Writer) WriteFrame(dst io.Writer, mpan settlement.MPAN, f *series.Frame) (Sum, error) {
	return w.write(dst, &content{mpan, f.Schema(), f.Span(), []settlement.Run{settlement.Untagged}, []*series.Frame{f}})
}

func (w *Writer) write(dst io.Writer, in *content) (Sum, error) {
	if in.span.Empty() || len(in.runs) == 0 {
		return Sum{}, &series.Error{Value: in.span.String(), Want: "a run and a half-hour at least", Err: series.ErrEmpty}
	}
	if w.layout == nil || w.layout.schema != in.schema {
		l, err := layoutFor(in.schema)
		if err != nil {
			return Sum{}, err
		}
		w.layout = l
	}
	w.cal.set(in.span)
	if err := w.build(in); err != nil {
		return Sum{}, err
	}
	raw := w.out.Bytes()
	if len(raw) > DefaultBytes {
		return Sum{}, &series.Error{Value: strconv.Itoa(len(raw)), Want: "at most " + strconv.Itoa(DefaultBytes) + " bytes: write a shorter span", Err: series.ErrLimit}
	}
	s := sumOf(raw)
	if err := w.readBack(in, raw, &s); err != nil {
		return Sum{}, err
	}
	_, err := deliver(dst, raw)
	return s, err
}

// build makes the file in w.out. Its pages are encoded here and framed by the
// library's page writer, which writes the metadata, too.
func (w *Writer) build(in *content) error {
	w.out.Reset()
	w.out.WriteString(magic)
	sch, err := w.layout.parquet()
	if err != nil {
		return err
	}
	options := []parquet.WriterProperty{
		parquet.WithDictionaryDefault(false), parquet.WithStats(false), parquet.WithCreatedBy("halfhour"),
		parquet.WithCompression(compress.Codecs.Zstd), parquet.WithEncoding(parquet.Encodings.DeltaBinaryPacked),
	}
	for i := range w.layout.cols {
		if _, encoding, _ := w.layout.cols[i].physical(); encoding == encodingPlain {
			options = append(options, parquet.WithEncodingFor(w.layout.cols[i].name, parquet.Encodings.Plain))
		}
	}
	made := metadata.NewFileMetadataBuilder(sch, parquet.NewWriterProperties(options...), nil)
	w.cuts = slices.Grow(w.cuts[:0], len(w.layout.cols))[:len(w.layout.cols)]
	var parts []byte
	for g := range in.runs {
		start := w.out.Tell()
		group := made.AppendRowGroup()
		for i := range w.layout.cols {
			if err := w.column(in, g, i, group.NextColumnChunk()); err != nil {
				return err
			}
		}
		parts = w.layout.appendParts(parts, w.out.Bytes(), w.cuts)
		group.SetNumRows(in.span.Len())
		if err := group.Finish(w.out.Tell()-start, int16(g)); err != nil {
			return err
		}
	}
	for i, v := range w.keys(in, parts) {
		if err := made.AppendKeyValueMetadata(keyNames[i], v); err != nil {
			return err
		}
	}
	meta, err := made.Finish()
	if err != nil {
		return err
	}
	n, err := meta.WriteTo(&w.out, nil)
	if err != nil {
		return err
	}
	if n > maxFooter {
		return &series.Error{Value: strconv.FormatInt(n, 10), Want: "a footer of at most " + strconv.Itoa(maxFooter) + " bytes: write fewer lines or a shorter span", Err: series.ErrLimit}
	}
	w.out.Write(binary.LittleEndian.AppendUint32(nil, uint32(n)))
	w.out.WriteString(magic)
	return nil
}

// keys are the values of the file's metadata.
func (w *Writer) keys(in *content, parts []byte) [numKeys]string {
	mpan := ""
	if !in.mpan.IsZero() {
		mpan = in.mpan.String()
	}
	var runs []string
	for _, run := range in.runs {
		runs = append(runs, run.String())
	}
	values := [numKeys]string{
		atVersion: version, atSchema: in.schema.Name(), atLines: w.layout.text, atMPAN: mpan,
		atSpan: strconv.Itoa(int(in.span.Lo)) + ".." + strconv.Itoa(int(in.span.Hi)), atRuns: strings.Join(runs, ","),
		atCoverage: coverage(&w.cal, in.schema, in.runs, in.frames), atParts: string(parts),
	}
	var raw [numKeys][]byte
	for i, v := range values {
		raw[i] = []byte(v)
	}
	values[atCheck] = fmt.Sprintf("%08x", checkOf(&raw))
	return values
}

// column writes a column of a row group.
func (w *Writer) column(in *content, g, i int, made *metadata.ColumnChunkMetaDataBuilder) error {
	c := &w.layout.cols[i]
	pw, err := file.NewPageWriter(&w.out, compress.Codecs.Zstd, compress.DefaultCompressionLevel, made, int16(g), int16(i), memory.DefaultAllocator, false, nil, nil)
	if err != nil {
		return err
	}
	_, encoding, _ := c.physical()
	cuts := append(w.cuts[i][:0], w.out.Len())
	for _, p := range w.cal.pages {
		w.body = w.body[:0]
		if err := w.page(in, g, c, p); err != nil {
			return err
		}
		w.packed = w.zstd.EncodeAll(w.body, w.packed[:0])
		data := file.NewDataPageV1(memory.NewBufferBytes(w.packed), int32(p.hi-p.lo), parquet.Encoding(encoding), parquet.Encodings.RLE, parquet.Encodings.RLE, int32(len(w.body)))
		if _, err := pw.WriteDataPage(data); err != nil {
			return err
		}
		data.Release()
		cuts = append(cuts, w.out.Len())
	}
	w.cuts[i] = cuts
	if c.kind <= keyDay {
		made.SetStats(keyStats(c.kind, in.runs[g], in.span))
	}
	return pw.Close(false, false)
}

// page encodes a page into w.body.
func (w *Writer) page(in *content, g int, c *column, p page) error {
	f := in.frames[g]
	switch c.kind {
	case narrowValue, wideValue:
		return w.valuePage(f, in.runs[g], c, p)
	case mark:
		w.markPage(f.Source(c.source), series.Mark(0).From(in.runs[g]), p)
	case keyRun:
		code := in.runs[g].String()
		for range p.hi - p.lo {
			w.body = binary.LittleEndian.AppendUint32(w.body, uint32(len(code)))
			w.body = append(w.body, code...)
		}
	default:
		w.dense = w.dense[:0]
		for i := p.lo; i < p.hi; i++ {
			w.dense = append(w.dense, keyAt(c.kind, in.span.Lo+settlement.Period(i)))
		}
		w.body = appendDelta(w.body, w.dense)
	}
	return nil
}

// keyAt is what the columns of a half-hour's place in time say.
func keyAt(k kind, p settlement.Period) int64 {
	day, number := p.Split()
	switch k {
	case keyStart:
		return p.Time().UnixMicro()
	case keyDay:
		return int64(day)
	}
	return int64(number)
}

// keyStats let other engines pass over row groups by run and by time.
func keyStats(k kind, run settlement.Run, span settlement.Span) metadata.EncodedStatistics {
	least, most := []byte(run.String()), []byte(run.String())
	switch first, last := keyAt(k, span.Lo), keyAt(k, span.Hi-1); k {
	case keyStart:
		least, most = binary.LittleEndian.AppendUint64(nil, uint64(first)), binary.LittleEndian.AppendUint64(nil, uint64(last))
	case keyDay:
		least, most = binary.LittleEndian.AppendUint32(nil, uint32(first)), binary.LittleEndian.AppendUint32(nil, uint32(last))
	}
	return metadata.EncodedStatistics{HasMin: true, Min: least, HasMax: true, Max: most, HasNullCount: true, Signed: k != keyRun}
}

// valuePage encodes the cells of a line that are valid.
func (w *Writer) valuePage(f *series.Frame, run settlement.Run, c *column, p page) error {
	col := f.Line(c.line)
	var which some
	w.body, which = appendLevels(w.body, col.Valid, p.lo, p.hi)
	values := col.Values[p.lo:p.hi]
	if which != all {
		w.dense = w.dense[:0]
		for i, v := range values {
			if _, held := col.At(p.lo + i); held {
				w.dense = append(w.dense, v)
			}
		}
		values = w.dense
	}
	if c.kind == wideValue {
		w.body = appendWide(w.body, values)
		return nil
	}
	for i := p.lo; i < p.hi; i++ {
		if v := col.Values[i]; v <= -narrow || v >= narrow {
			return &series.Error{
				Value: strconv.FormatInt(v, 10),
				Want:  "at most 18 digits for " + c.name + " of " + run.String() + " in " + (f.Span().Lo + settlement.Period(i)).String(),
				Err:   series.ErrValue,
			}
		}
	}
	w.body = appendDelta(w.body, values)
	return nil
}

// markPage encodes the marks that do not follow from the run and the validity.
func (w *Writer) markPage(col series.Column, plain series.Mark, p page) {
	n := p.hi - p.lo
	w.dense = w.dense[:0]
	w.plain = append(w.plain[:0], make([]uint64, (n+63)/64)...)
	for i, m := range col.Marks[p.lo:p.hi] {
		usual := series.Mark(0)
		if at := p.lo + i; col.Valid[at>>6]>>(uint(at)&63)&1 != 0 {
			usual = plain
		}
		if m != usual {
			w.plain[i>>6] |= 1 << (uint(i) & 63)
			w.dense = append(w.dense, int64(m))
		}
	}
	w.body, _ = appendLevels(w.body, w.plain, 0, n)
	w.body = appendDelta(w.body, w.dense)
}
