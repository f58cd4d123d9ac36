package hhparquet

import (
	"encoding/binary"
	"math/bits"
)

// Values are written as Parquet's DELTA_BINARY_PACKED, always in blocks of 128
// in four parts of 32:
//
//	128 | 4 | count | first value | block | block | …
//	block: smallest difference | four widths | part | part | part | part
//	part:  32 differences less the smallest, each in width bits
//
// Differences wrap as two's complement does, so any int64 may follow any other.
const (
	blockSize = 128
	parts     = 4
	partSize  = blockSize / parts
	slack     = 8 // bytes readable past the end of what is unpacked
)

// appendDelta encodes values. It is here because the library's encoder of v17
// fails, or writes what its buffer held before, on a page without values that
// follows one with values.
func appendDelta(dst []byte, values []int64) []byte {
	dst = binary.AppendUvarint(dst, blockSize)
	dst = binary.AppendUvarint(dst, parts)
	dst = binary.AppendUvarint(dst, uint64(len(values)))
	if len(values) == 0 {
		return append(dst, 0)
	}
	last := values[0]
	dst = binary.AppendVarint(dst, last)
	var diffs [blockSize]int64
	for rest := values[1:]; len(rest) > 0; {
		n := min(len(rest), blockSize)
		least := int64(0)
		for i, v := range rest[:n] {
			d := v - last
			last, diffs[i] = v, d
			if i == 0 || d < least {
				least = d
			}
		}
		rest = rest[n:]
		dst = appendBlock(dst, diffs[:n], least)
	}
	return dst
}

func appendBlock(dst []byte, diffs []int64, least int64) []byte {
	dst = binary.AppendVarint(dst, least)
	at := len(dst)
	dst = append(dst, 0, 0, 0, 0)
	for p := 0; len(diffs) > 0; p++ {
		part := diffs[:min(partSize, len(diffs))]
		diffs = diffs[len(part):]
		var most uint64
		for _, d := range part {
			most |= uint64(d - least)
		}
		width := bits.Len64(most)
		dst[at+p] = byte(width)
		dst = appendPart(dst, part, least, uint(width))
	}
	return dst
}

// appendPart packs up to 32 differences in 4 × width bytes, the lowest bit first.
func appendPart(dst []byte, part []int64, least int64, width uint) []byte {
	var low, high uint64 // bits not written yet: low first
	held, end := uint(0), len(dst)+4*int(width)
	for _, d := range part {
		x := uint64(d - least)
		low |= x << held
		high = x >> (64 - held) // 0 where held is 0
		if held += width; held >= 64 {
			dst = binary.LittleEndian.AppendUint64(dst, low)
			low, held = high, held-64
		}
	}
	for len(dst) < end {
		dst = append(dst, byte(low))
		low >>= 8
	}
	return dst[:end]
}

// decodeDelta fills dst, exactly, and is false where the bytes are not the
// encoding of that many values to their last byte. b has slack readable bytes
// behind its end.
func decodeDelta(dst []int64, b []byte) bool {
	w := wire{b: b}
	if w.uvarint() != blockSize || w.uvarint() != parts || w.uvarint() != uint64(len(dst)) {
		return false
	}
	v := w.varint()
	if len(dst) == 0 {
		return !w.bad && w.at == len(b)
	}
	dst[0] = v
	for dst = dst[1:]; len(dst) > 0 && !w.bad; {
		least := w.varint()
		if len(b)-w.at < parts {
			return false
		}
		widths := b[w.at : w.at+parts]
		w.at += parts
		for _, width := range widths {
			n := min(partSize, len(dst))
			if n == 0 {
				if width != 0 {
					return false
				}
				continue
			}
			size := 4 * int(width)
			if width > 64 || len(b)-w.at < size {
				return false
			}
			v = unpack(dst[:n], b[w.at:w.at+size:w.at+size+slack], uint(width), least, v)
			dst = dst[n:]
			w.at += size
		}
	}
	return !w.bad && w.at == len(b)
}

// unpack adds up the differences of a part, and gives the last value.
func unpack(dst []int64, b []byte, width uint, least, v int64) int64 {
	b = b[:cap(b)]
	switch {
	case width == 0:
		for i := range dst {
			v += least
			dst[i] = v
		}
		return v
	case width <= 28 && len(dst) == partSize:
		return unpackPairs((*[partSize]int64)(dst), b, width, least, v)
	case width <= 57:
		return unpackEach(dst, b, width, least, v)
	}
	mask, bit := uint64(1)<<width-1, uint(0)
	for i := range dst {
		at, shift := bit>>3, bit&7
		x := binary.LittleEndian.Uint64(b[at:])>>shift | uint64(b[at+8])<<(64-shift)
		v += int64(x&mask) + least
		dst[i] = v
		bit += width
	}
	return v
}

// unpackPairs is for a whole part: with at most 7 bits before them, two
// differences of up to 28 bits lie in 8 bytes. One addition waits for the last.
func unpackPairs(dst *[partSize]int64, b []byte, width uint, least, v int64) int64 {
	w := width & 63
	mask, bit := uint64(1)<<w-1, uint(0)
	for i := 0; i < partSize; i += 2 {
		x := binary.LittleEndian.Uint64(b[bit>>3:]) >> (bit & 7)
		first := v + (least + int64(x&mask))
		v = first + (least + int64(x>>w&mask))
		dst[i], dst[i+1] = first, v
		bit += 2 * w
	}
	return v
}

// unpackEach is for differences of up to 57 bits: each lies in 8 bytes.
func unpackEach(dst []int64, b []byte, width uint, least, v int64) int64 {
	mask, bit := uint64(1)<<(width&63)-1, uint(0)
	for i := range dst {
		x := binary.LittleEndian.Uint64(b[bit>>3:]) >> (bit & 7)
		v += least + int64(x&mask)
		dst[i] = v
		bit += width
	}
	return v
}
