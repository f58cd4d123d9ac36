package hhparquet

import (
	"encoding/binary"
	"fmt"

	"github.com/halfhour/halfhour/internal/kernel"
)

// pager goes through the pages of one column chunk.
type pager struct {
	r   *Reader
	w   wire
	col *column
	run int
}

func (r *Reader) pager(run, col int) pager {
	c := r.foot.chunks[run*len(r.layout.cols)+col]
	return pager{r, wire{b: r.raw[c.at : c.at+c.size]}, &r.layout.cols[col], run}
}

// header is what a page says of itself.
type header struct {
	kind, unpacked, packed, values, encoding, levels int64
}

// next gives the next page, compressed, and its length decompressed. It must
// have so many cells.
func (p *pager) next(cells int) (packed []byte, size int, err error) {
	h := headerOf(&p.w)
	_, encoding, optional := p.col.physical()
	switch {
	case p.w.bad || h.kind != 0 || h.values != int64(cells) || h.encoding != encoding || optional && h.levels != encodingRLE:
	case h.unpacked <= 0 || h.unpacked > maxPage:
	case h.packed <= 0 || h.packed > int64(len(p.w.b)-p.w.at):
	default:
		p.w.at += int(h.packed)
		return p.w.b[p.w.at-int(h.packed) : p.w.at], int(h.unpacked), nil
	}
	return nil, 0, p.broken("header of a page")
}

// done says that nothing follows the last page.
func (p *pager) done() error {
	if p.w.at != len(p.w.b) {
		return p.broken("%d bytes after the last page", len(p.w.b)-p.w.at)
	}
	return nil
}

func (p *pager) broken(format string, args ...any) error {
	return p.r.broken("run %s, column %s: %s", p.r.runs[p.run], p.col.name, fmt.Sprintf(format, args...))
}

func headerOf(w *wire) (h header) {
	h.kind, h.levels = -1, encodingRLE
	for id, kind := range w.fields {
		switch {
		case id == 1:
			h.kind = w.whole(kind)
		case id == 2:
			h.unpacked = w.whole(kind)
		case id == 3:
			h.packed = w.whole(kind)
		case id == 5 && kind == wireStruct:
			h.data(w)
		default:
			w.skip(kind, maxDepth)
		}
	}
	return h
}

func (h *header) data(w *wire) {
	for id, kind := range w.fields {
		switch id {
		case 1:
			h.values = w.whole(kind)
		case 2:
			h.encoding = w.whole(kind)
		case 3:
			h.levels = w.whole(kind)
		default:
			w.skip(kind, maxDepth)
		}
	}
}

// Of a zstd frame: its magic number, and the bit of the byte after it that says
// the content has a checksum.
const (
	frameMagic = 0xfd2fb528
	frameSum   = 1 << 2
)

// unpack decompresses a page into the reader's body, behind which there are
// slack bytes.
func (p *pager) unpack(packed []byte, size int) ([]byte, error) {
	if len(packed) < 5 || binary.LittleEndian.Uint32(packed) != frameMagic || packed[4]&frameSum == 0 {
		return nil, p.broken("a page that is no zstd frame with a checksum")
	}
	body := p.r.body
	out, err := p.r.zstd.DecodeAll(packed, body[:0:maxPage])
	if err != nil {
		return nil, p.broken("a page: %v", err)
	}
	if len(out) != size || &out[0] != &body[0] {
		return nil, p.broken("a page of %d bytes, not %d", len(out), size)
	}
	return body[:size], nil
}

// cells reads the values of a page of n cells, those that are there, into dst,
// and gives how many there are and which. Where they are mixed, the reader's
// valid has their bits.
func (p *pager) cells(packed []byte, size, n int, dst []int64) (kind some, values int, err error) {
	body, err := p.unpack(packed, size)
	if err != nil {
		return none, 0, err
	}
	rest, kind, ok := decodeLevels(body, n, p.r.valid)
	if !ok {
		return none, 0, p.broken("which cells of a page have a value")
	}
	switch kind {
	case all:
		values = n
	case mixed:
		values = kernel.CountSet(p.r.valid, 0, n)
	}
	if p.col.kind == wideValue {
		ok = decodeWide(dst[:values], rest)
	} else {
		ok = decodeDelta(dst[:values], rest)
	}
	if !ok {
		return none, 0, p.broken("values of a page")
	}
	return kind, values, nil
}

// decodeWide reads 16-byte numbers, the highest byte first, that fit an int64.
func decodeWide(dst []int64, b []byte) bool {
	if len(b) != wide*len(dst) {
		return false
	}
	for i := range dst {
		high, low := int64(binary.BigEndian.Uint64(b)), int64(binary.BigEndian.Uint64(b[8:]))
		if high != low>>63 {
			return false
		}
		dst[i] = low
		b = b[wide:]
	}
	return true
}

func appendWide(dst []byte, values []int64) []byte {
	for _, v := range values {
		dst = binary.BigEndian.AppendUint64(dst, uint64(v>>63))
		dst = binary.BigEndian.AppendUint64(dst, uint64(v))
	}
	return dst
}
