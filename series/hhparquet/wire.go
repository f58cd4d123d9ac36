package hhparquet

import "encoding/binary"

// wire reads Thrift's compact protocol from bytes nobody has vouched for. It
// never allocates: texts are pieces of the bytes. What does not fit sets bad,
// and everything read after that is zero, so a caller asks once, at the end.
type wire struct {
	b   []byte
	at  int
	bad bool
}

// Types of the compact protocol.
const (
	wireTrue   = 1
	wireFalse  = 2
	wireByte   = 3
	wireI16    = 4
	wireI32    = 5
	wireI64    = 6
	wireDouble = 7
	wireText   = 8
	wireList   = 9
	wireSet    = 10
	wireMap    = 11
	wireStruct = 12
)

const maxDepth = 16 // of structures in structures; a footer has 6

func (w *wire) fail() { w.bad, w.at = true, len(w.b) }

func (w *wire) byte() byte {
	if w.at >= len(w.b) {
		w.fail()
		return 0
	}
	w.at++
	return w.b[w.at-1]
}

func (w *wire) uvarint() uint64 {
	if w.at < len(w.b) && w.b[w.at] < 0x80 { // most take one byte
		w.at++
		return uint64(w.b[w.at-1])
	}
	v, n := binary.Uvarint(w.b[w.at:])
	if n <= 0 {
		w.fail()
		return 0
	}
	w.at += n
	return v
}

// varint is a number in zigzag.
func (w *wire) varint() int64 {
	v := w.uvarint()
	return int64(v>>1) ^ -int64(v&1)
}

// text is a length and as many bytes.
func (w *wire) text() []byte {
	n := w.uvarint()
	if n > uint64(len(w.b)-w.at) {
		w.fail()
		return nil
	}
	w.at += int(n)
	return w.b[w.at-int(n) : w.at]
}

// field is the number and type of the next field of a structure, type 0 at its
// end. last is the number of the field before.
func (w *wire) field(last *int) (id int, kind byte) {
	h := w.byte()
	kind = h & 15
	if w.bad || kind == 0 {
		return 0, 0
	}
	if d := int(h >> 4); d != 0 {
		*last += d
	} else if v := w.varint(); v >= 0 && v < 1<<15 {
		*last = int(v)
	} else {
		w.fail()
		return 0, 0
	}
	return *last, kind
}

// fields yields the fields of a structure, to its end. Whoever ranges over them
// reads or skips each value.
func (w *wire) fields(yield func(id int, kind byte) bool) {
	last := 0
	for {
		id, kind := w.field(&last)
		if kind == 0 || !yield(id, kind) {
			return
		}
	}
}

// list is how many elements follow, and of what type. Each takes a byte at
// least, so a list never says more than there are bytes left.
func (w *wire) list() (n int, kind byte) {
	h := w.byte()
	size := uint64(h >> 4)
	if size == 15 {
		size = w.uvarint()
	}
	if size > uint64(len(w.b)-w.at) {
		w.fail()
		return 0, 0
	}
	return int(size), h & 15
}

// skip passes over a value.
func (w *wire) skip(kind byte, depth int) {
	switch kind {
	case wireTrue, wireFalse:
	case wireByte:
		w.byte()
	case wireI16, wireI32, wireI64:
		w.uvarint()
	case wireDouble:
		if len(w.b)-w.at < 8 {
			w.fail()
			return
		}
		w.at += 8
	case wireText:
		w.text()
	case wireList, wireSet:
		w.skipList(depth)
	case wireStruct:
		if depth == 0 {
			w.fail()
			return
		}
		for _, kind := range w.fields {
			w.skip(kind, depth-1)
		}
	default: // maps have no place in a Parquet file
		w.fail()
	}
}

func (w *wire) skipList(depth int) {
	n, kind := w.list()
	if depth == 0 {
		w.fail()
		return
	}
	for ; n > 0 && !w.bad; n-- {
		if kind == wireTrue || kind == wireFalse { // in a list they have a byte of their own
			w.byte()
			continue
		}
		w.skip(kind, depth-1)
	}
}

// whole reads a number of one of the integer types, or passes over what is not
// one and is bad.
func (w *wire) whole(kind byte) int64 {
	if kind != wireI16 && kind != wireI32 && kind != wireI64 {
		w.fail()
		return 0
	}
	return w.varint()
}

// textOf reads a text, and is bad where there is another type.
func (w *wire) textOf(kind byte) []byte {
	if kind != wireText {
		w.fail()
		return nil
	}
	return w.text()
}

// listOf reads the head of a list of one type.
func (w *wire) listOf(kind, elem byte) int {
	if kind != wireList {
		w.fail()
		return 0
	}
	n, got := w.list()
	if n > 0 && got != elem {
		w.fail()
		return 0
	}
	return n
}
