package bench

import (
	"encoding/binary"
	"hash"

	"github.com/halfhour/halfhour/series"
)

// HashFrame adds a frame's cells and validity to a hash.
func HashFrame(h hash.Hash64, f *series.Frame) {
	var b [8]byte
	word := func(v uint64) {
		binary.LittleEndian.PutUint64(b[:], v)
		h.Write(b[:])
	}
	for l := range series.Line(f.Schema().Len()) {
		for _, v := range f.Line(l).Values {
			word(uint64(v))
		}
		for _, v := range f.Line(l).Valid {
			word(v)
		}
	}
}

// HashTotals is a fingerprint of totals.
func HashTotals(h hash.Hash64, s *series.Schema, t *series.Totals) {
	var b [16]byte
	for l := range series.Line(s.Len()) {
		for m := range t.Months() {
			sum := t.Sum(l, m)
			binary.LittleEndian.PutUint64(b[:8], uint64(sum.Hi))
			binary.LittleEndian.PutUint64(b[8:], sum.Lo)
			h.Write(b[:])
		}
	}
}
