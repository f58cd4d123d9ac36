package series

import (
	"encoding/binary"
	"math/bits"

	"github.com/halfhour/halfhour/settlement"
)

// Mark is one byte that travels with every half-hour of a source: in the high
// four bits the settlement run that supplied it, in the low four how far it is
// to be trusted.
type Mark uint8

// The flags of a mark.
const (
	Estimated Mark = 1 << iota // the source flags the value as an estimate
	Assumed                    // the value is not a confirmed publication: a tariff states it
	Rounded                    // the source was finer than the line, and the reader was told to round
	Merged                     // the day was put together from several incomplete runs
)

// Flags are the bits below the run.
const Flags Mark = 0x0f

// From is the mark with the run that supplied the half-hour.
func (m Mark) From(r settlement.Run) Mark { return m&Flags | Mark(r)<<4 }

// Run is the run that supplied the half-hour.
func (m Mark) Run() settlement.Run { return settlement.Run(m >> 4) }

// Has reports whether every flag of f is set.
func (m Mark) Has(f Mark) bool { return m&f == f }

// AnyOf is the union of the flags of marks.
func AnyOf(marks []Mark) Mark {
	b := bytesOf(marks)
	var m, n uint64
	for len(b) >= 32 {
		k := (*[32]byte)(b)
		m |= binary.NativeEndian.Uint64(k[0:8]) | binary.NativeEndian.Uint64(k[8:16])
		n |= binary.NativeEndian.Uint64(k[16:24]) | binary.NativeEndian.Uint64(k[24:32])
		b = b[32:]
	}
	m |= n
	m |= m >> 32
	m |= m >> 16
	all := Mark(m | m>>8)
	for _, k := range b {
		all |= Mark(k)
	}
	return all & Flags
}

// Count is how many marks carry the flag.
func Count(marks []Mark, flag Mark) int {
	n, b, each := 0, bytesOf(marks), uint64(flag)*0x0101010101010101
	for len(b) >= 32 {
		k := (*[32]byte)(b)
		n += notZero(k[0:8], each) + notZero(k[8:16], each) + notZero(k[16:24], each) + notZero(k[24:32], each)
		b = b[32:]
	}
	for _, k := range b {
		if Mark(k)&flag != 0 {
			n++
		}
	}
	return n
}

// notZero is how many of eight bytes share a bit with those of each.
func notZero(b []byte, each uint64) int {
	const low = 0x7f7f7f7f7f7f7f7f
	w := binary.LittleEndian.Uint64(b) & each
	return bits.OnesCount64((w&low + low | w) &^ low) // the high bit of each byte that is not 0
}
