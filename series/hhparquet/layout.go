package hhparquet

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/schema"

	"github.com/halfhour/halfhour/series"
)

// Keys of a file's metadata. The values are in docs/format/hhparquet.md.
const (
	keyVersion  = "halfhour.version"
	keySchema   = "halfhour.schema"
	keyLines    = "halfhour.lines"
	keyMPAN     = "halfhour.mpan"
	keySpan     = "halfhour.span"
	keyRuns     = "halfhour.runs"
	keyCoverage = "halfhour.coverage"
	keyParts    = "halfhour.parts"
	keyCheck    = "halfhour.check"
	numKeys     = 9
)

// version is of the format. A reader refuses every other.
const version = "2"

// maxNarrow is the finest scale of a line that is written as an INT64, and
// narrow the first value that its 18 digits do not hold. Finer lines have 16
// bytes a value.
const (
	maxNarrow = 12
	narrow    = 1_000_000_000_000_000_000
	wide      = 16
)

// kind is what a column of the file holds.
type kind uint8

const (
	keyRun    kind = iota // code of the run
	keyStart              // UTC microseconds
	keyDay                // local day
	keyPeriod             // number in the local day
	narrowValue
	wideValue
	mark
)

// column is one column of the file.
type column struct {
	name   string
	kind   kind
	line   series.Line // of a value
	source int         // of a value or a mark
	scale  int
}

// layout is the columns of a file for a schema.
type layout struct {
	schema *series.Schema
	text   string // the schema's lines as the metadata has them
	cols   []column
	lineAt []int // column of each line
	markAt []int // column of each source's marks
}

var keyColumns = [...]column{{name: "run", kind: keyRun}, {name: "start", kind: keyStart}, {name: "day", kind: keyDay}, {name: "period", kind: keyPeriod}}

// layoutFor lays a schema out: what stands in every file, then each line, and
// after the first line of each source that source's marks. It refuses names
// that the metadata or the columns could not tell apart.
func layoutFor(s *series.Schema) (*layout, error) {
	l := &layout{schema: s, cols: append([]column(nil), keyColumns[:]...), lineAt: make([]int, s.Len()), markAt: make([]int, s.Sources())}
	var text []string
	for i := range s.Len() {
		line := series.Line(i)
		def, source := s.Def(line), s.SourceOf(line)
		if strings.ContainsAny(s.Name()+def.Name+def.Source, ",;\x00\n") {
			return nil, &series.Error{Value: def.Name, Want: "names of lines and sources without comma, semicolon or line end", Err: series.ErrSchema}
		}
		k := narrowValue
		if def.Scale > maxNarrow {
			k = wideValue
		}
		l.lineAt[i] = len(l.cols)
		l.cols = append(l.cols, column{def.Name, k, line, source, def.Scale})
		if s.FirstLine(source) == line {
			l.markAt[source] = len(l.cols)
			l.cols = append(l.cols, column{name: def.Source + "_mark", kind: mark, source: source})
		}
		text = append(text, strings.Join([]string{def.Name, def.Unit.String(), strconv.Itoa(def.Scale), def.Source}, ","))
	}
	l.text = strings.Join(text, ";")
	names := map[string]bool{}
	for _, c := range l.cols {
		if names[c.name] {
			return nil, &series.Error{Value: c.name, Want: "each column of the file once: rename the line or the source", Err: series.ErrSchema}
		}
		names[c.name] = true
	}
	return l, nil
}

// known are the schemas a file may have that are written in the code: a file of
// one of them is of that very schema.
func known() []*series.Schema {
	return []*series.Schema{series.Meter(), series.Market(), series.Contract()}
}

// layoutOfText is the layout of a file by its metadata.
func layoutOfText(name, lines string) (*layout, error) {
	bad := func() error {
		return &series.Error{Value: lines, Want: "lines as name,unit,scale,source", Err: series.ErrSchema}
	}
	var defs []series.Def
	for part := range strings.SplitSeq(lines, ";") {
		fields := strings.SplitN(part, ",", 5) // one past what is right
		if len(fields) != 4 || len(defs) == series.MaxLines {
			return nil, bad()
		}
		unit, err := series.ParseUnit(fields[1])
		if err != nil {
			return nil, err
		}
		scale, err := strconv.Atoi(fields[2])
		if err != nil || fields[2] != strconv.Itoa(scale) {
			return nil, bad()
		}
		defs = append(defs, series.Def{Name: fields[0], Unit: unit, Scale: scale, Source: fields[3]})
	}
	s, err := series.NewSchema(name, defs...)
	if err != nil {
		return nil, err
	}
	for _, k := range known() {
		if sameSchema(k, s) {
			s = k
		}
	}
	return layoutFor(s)
}

// sameSchema says whether two schemas have one name and the same lines.
func sameSchema(a, b *series.Schema) bool { return a.Name() == b.Name() && a.SameLines(b) }

// parquet is the schema in Parquet's terms.
func (l *layout) parquet() (*schema.Schema, error) {
	var fields schema.FieldList
	for _, c := range l.cols {
		node, err := c.node()
		if err != nil {
			return nil, fmt.Errorf("column %s: %w", c.name, err)
		}
		fields = append(fields, node)
	}
	root, err := schema.NewGroupNode("schema", parquet.Repetitions.Required, fields, -1)
	if err != nil {
		return nil, err
	}
	return schema.NewSchema(root), nil
}

func (c *column) node() (schema.Node, error) {
	required, optional := parquet.Repetitions.Required, parquet.Repetitions.Optional
	switch c.kind {
	case keyRun:
		return schema.NewPrimitiveNodeLogical(c.name, required, schema.StringLogicalType{}, parquet.Types.ByteArray, -1, -1)
	case keyStart:
		return schema.NewPrimitiveNodeLogical(c.name, required, schema.NewTimestampLogicalType(true, schema.TimeUnitMicros), parquet.Types.Int64, -1, -1)
	case keyDay:
		return schema.NewPrimitiveNodeLogical(c.name, required, schema.DateLogicalType{}, parquet.Types.Int32, -1, -1)
	case keyPeriod:
		return schema.NewPrimitiveNode(c.name, required, parquet.Types.Int32, -1, -1)
	case narrowValue:
		return schema.NewPrimitiveNodeLogical(c.name, optional, schema.NewDecimalLogicalType(18, int32(c.scale)), parquet.Types.Int64, -1, -1)
	case wideValue:
		return schema.NewPrimitiveNodeLogical(c.name, optional, schema.NewDecimalLogicalType(38, int32(c.scale)), parquet.Types.FixedLenByteArray, wide, -1)
	}
	return schema.NewPrimitiveNode(c.name, optional, parquet.Types.Int32, -1, -1)
}

// Numbers of Parquet's own enumerations.
const (
	typeInt32     = 1
	typeInt64     = 2
	typeByteArray = 6
	typeFixed     = 7

	encodingPlain = 0
	encodingRLE   = 3
	encodingDelta = 5

	codecZstd = 6
)

// physical is the column's type, whether it may be null and its encoding, as
// Parquet numbers them.
func (c *column) physical() (kind, encoding int64, optional bool) {
	switch c.kind {
	case keyRun:
		return typeByteArray, encodingPlain, false
	case keyStart:
		return typeInt64, encodingDelta, false
	case keyDay, keyPeriod:
		return typeInt32, encodingDelta, false
	case narrowValue:
		return typeInt64, encodingDelta, true
	case wideValue:
		return typeFixed, encodingPlain, true
	}
	return typeInt32, encodingDelta, true
}
