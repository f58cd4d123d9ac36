package hhparquet

import (
	"bufio"
	"fmt"
	"hash"
	"io"
	"iter"
	"strconv"

	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/schema"
	"github.com/klauspost/compress/zstd"

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
	totalsDigits  = 38
	totalsSchema  = "totals" // beside the version in the file's metadata
	totalsVersion = "1"      // of this format: that of cubes has its own
	totalsGroup   = 1 << 15  // rows of a row group at most, and so of what is in memory
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

// encoding is how the values of a column are written.
func (c *totalsColumn) encoding() parquet.Encoding {
	if c.number != nil {
		return parquet.Encodings.DeltaBinaryPacked
	}
	return parquet.Encodings.Plain
}

// TotalsWritten is what a file of totals must read back as.
type TotalsWritten struct {
	columns []totalsColumn
	rows    int64
	sums    []hash.Hash // of the cells of each column
}

// WriteTotals writes totals by a bucket, such as "month", and a key, "" for none, as
// docs/format/hhparquet.md describes, some ten thousand rows at a time: the same bytes
// for the same rows. It fails with series.ErrSchema where two columns would have one
// name or a total a scale that is none of 0 to series.MaxScale, with series.ErrValue for a
// total that passes 38 digits, and with dst's error.
// What it gives is for Check, which every file should be held to.
func WriteTotals(dst io.Writer, bucket, key string, rows iter.Seq[Total]) (*TotalsWritten, error) {
	w := &totalsWriter{out: &counted{to: bufio.NewWriterSize(dst, 64<<10)}}
	var err error
	if w.columns, err = totalsColumns(bucket, key); err != nil {
		return nil, err
	}
	if w.zstd, err = zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderCRC(true), zstd.WithZeroFrames(true), zstd.WithWindowSize(1<<20), zstd.WithLowerEncoderMem(true)); err != nil {
		return nil, err
	}
	if err := w.begin(); err != nil {
		return nil, err
	}
	for t := range rows {
		if t.Scale < 0 || t.Scale > series.MaxScale { // which rescaled could not bring to that of the column
			return nil, &series.Error{Value: strconv.Itoa(t.Scale), Want: fmt.Sprintf("a scale of 0 to %d for %s of %s %s", series.MaxScale, t.Item, t.Bucket, t.Value), Err: series.ErrSchema}
		}
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
	return &w.TotalsWritten, w.end()
}
