package hhparquet

import (
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// maxChunks is how many column chunks a file of ours can have: each line with
// marks of its own, each run that has a rank. More are refused before they are kept.
const maxChunks = settlement.NumRanked * (len(keyColumns) + 2*series.MaxLines)

// chunk is where the pages of one column of one row group lie.
type chunk struct{ at, size int }

// footer is what the footer says, as far as a reader needs it. Its texts are
// pieces of the file. It is refilled in place.
type footer struct {
	rows   int64
	keys   [numKeys][]byte
	schema wire    // the list of schema elements
	chunks []chunk // row group by row group, all columns of each
	groups int
}

// read fills the footer from its Thrift form.
func (f *footer) read(w *wire) bool {
	f.rows, f.keys, f.schema, f.chunks, f.groups = 0, [numKeys][]byte{}, wire{}, f.chunks[:0], 0
	for id, kind := range w.fields {
		switch id {
		case 2:
			f.schema = *w
			w.skip(kind, maxDepth)
		case 3:
			f.rows = w.whole(kind)
		case 4:
			f.groups = w.listOf(kind, wireStruct)
			for n := f.groups; n > 0 && !w.bad; n-- {
				f.group(w)
			}
		case 5:
			for n := w.listOf(kind, wireStruct); n > 0 && !w.bad; n-- {
				f.keyValue(w)
			}
		default:
			w.skip(kind, maxDepth)
		}
	}
	return !w.bad
}

// keyValue keeps a value of ours; a key that stands twice is bad.
func (f *footer) keyValue(w *wire) {
	var key, value []byte
	for id, kind := range w.fields {
		switch id {
		case 1:
			key = w.textOf(kind)
		case 2:
			value = w.textOf(kind)
		default:
			w.skip(kind, maxDepth)
		}
	}
	for i, name := range keyNames {
		if string(key) == name {
			if f.keys[i] != nil {
				w.fail()
			}
			f.keys[i] = value
		}
	}
}

// group reads a row group: where its columns lie. Column by column is checked
// later, when the layout is known.
func (f *footer) group(w *wire) {
	for id, kind := range w.fields {
		switch id {
		case 1:
			n := w.listOf(kind, wireStruct)
			if n > maxChunks-len(f.chunks) {
				w.fail()
			}
			for ; n > 0 && !w.bad; n-- {
				f.chunks = append(f.chunks, chunk{at: w.at})
				w.skip(wireStruct, maxDepth)
			}
		default:
			w.skip(kind, maxDepth)
		}
	}
}

// meta is what a column chunk's metadata says.
type meta struct {
	kind, codec, values, size, at int64
	name                          []byte
	dictionary, elsewhere         bool
}

// metaOf reads a column chunk.
func metaOf(w *wire) (m meta) {
	for id, kind := range w.fields {
		switch {
		case id == 1:
			m.elsewhere = true
			w.skip(kind, maxDepth)
		case id == 3 && kind == wireStruct:
			m.read(w)
		default:
			w.skip(kind, maxDepth)
		}
	}
	return m
}

func (m *meta) read(w *wire) {
	for id, kind := range w.fields {
		switch id {
		case 1:
			m.kind = w.whole(kind)
		case 3:
			if w.listOf(kind, wireText) != 1 {
				w.fail()
			}
			m.name = w.text()
		case 4:
			m.codec = w.whole(kind)
		case 5:
			m.values = w.whole(kind)
		case 7:
			m.size = w.whole(kind)
		case 9:
			m.at = w.whole(kind)
		case 11:
			m.dictionary = true
			w.skip(kind, maxDepth)
		default:
			w.skip(kind, maxDepth)
		}
	}
}

// matches says whether the schema of the file is that of the layout.
func (l *layout) matches(w wire) bool {
	n := w.listOf(wireList, wireStruct)
	if n != len(l.cols)+1 {
		return false
	}
	root := elementOf(&w)
	if root.children != int64(len(l.cols)) {
		return false
	}
	for i := range l.cols {
		c := &l.cols[i]
		e := elementOf(&w)
		kind, _, optional := c.physical()
		if w.bad || string(e.name) != c.name || e.children != 0 || e.kind != kind || (e.repetition == 1) != optional || e.repetition > 1 {
			return false
		}
		precision, scale, length := int64(0), int64(0), int64(0)
		switch c.kind {
		case narrowValue:
			precision, scale = 18, int64(c.scale)
		case wideValue:
			precision, scale, length = 38, int64(c.scale), wide
		}
		if e.precision != precision || e.scale != scale || e.length != length {
			return false
		}
	}
	return true
}

// element is what a schema element says.
type element struct {
	kind, length, repetition, children, scale, precision int64
	name                                                 []byte
}

func elementOf(w *wire) (e element) {
	for id, kind := range w.fields {
		switch id {
		case 1:
			e.kind = w.whole(kind)
		case 2:
			e.length = max(0, w.whole(kind)) // v17 writes -1 where there is none
		case 3:
			e.repetition = w.whole(kind)
		case 4:
			e.name = w.textOf(kind)
		case 5:
			e.children = w.whole(kind)
		case 7:
			e.scale = w.whole(kind)
		case 8:
			e.precision = w.whole(kind)
		default:
			w.skip(kind, maxDepth)
		}
	}
	return e
}
