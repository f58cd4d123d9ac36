package hhparquet

import (
	"encoding/binary"

	"github.com/halfhour/halfhour/internal/kernel"
)

// Whether a cell has a value is one bit, Parquet's definition level, and in a
// run of bit-packed levels the bits lie as they do in a column's bitmap. A page
// has one run: repeated where all its cells have a value or none has, and
// bit-packed otherwise.
//
//	bytes that follow (4) | 2 × cells      | 0 or 1
//	bytes that follow (4) | 2 × bytes + 1  | bitmap

// some says which cells of a page have a value.
type some uint8

const (
	none some = iota
	all
	mixed
)

// appendLevels writes the levels of the cells lo <= i < hi of a bitmap.
func appendLevels(dst []byte, valid []uint64, lo, hi int) ([]byte, some) {
	at := len(dst)
	dst = append(dst, 0, 0, 0, 0)
	kind := mixed
	switch kernel.CountSet(valid, lo, hi) {
	case hi - lo:
		kind = all
	case 0:
		kind = none
	}
	if kind != mixed {
		dst = append(binary.AppendUvarint(dst, uint64(hi-lo)<<1), byte(kind))
	} else {
		size := (hi - lo + 7) / 8
		dst = binary.AppendUvarint(dst, uint64(size)<<1|1)
		for i := lo; i < hi; i += 8 {
			dst = append(dst, byte(kernel.Bits(valid, i, min(i+8, hi))))
		}
	}
	binary.LittleEndian.PutUint32(dst[at:], uint32(len(dst)-at-4))
	return dst, kind
}

// decodeLevels reads the levels of n cells and gives what follows them. Where
// they are mixed, their bits are in valid, from bit 0, and bits past n are 0.
func decodeLevels(b []byte, n int, valid []uint64) (rest []byte, kind some, ok bool) {
	if len(b) < 4 {
		return nil, none, false
	}
	size := binary.LittleEndian.Uint32(b)
	if uint64(size) > uint64(len(b)-4) {
		return nil, none, false
	}
	w := wire{b: b[4 : 4+size]}
	rest = b[4+size:]
	head := w.uvarint()
	if head&1 == 0 {
		level := w.byte()
		ok = !w.bad && w.at == len(w.b) && head>>1 == uint64(n) && level <= 1
		return rest, some(level), ok
	}
	bytes := w.b[w.at:]
	if w.bad || head>>1 != uint64(len(bytes)) || len(bytes) != (n+7)/8 {
		return nil, none, false
	}
	words := valid[:(n+63)/64]
	clear(words)
	for i, v := range bytes {
		words[i>>3] |= uint64(v) << (8 * (uint(i) & 7))
	}
	if past := uint(n) & 63; past != 0 && words[len(words)-1]>>past != 0 {
		return nil, none, false
	}
	count := kernel.CountSet(words, 0, n)
	return rest, mixed, count > 0 && count < n // a page of one kind has the other form
}
