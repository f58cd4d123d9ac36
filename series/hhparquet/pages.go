package hhparquet

import (
	"encoding/binary"
	"fmt"

	"github.com/halfhour/halfhour/internal/kernel"
)

// pager goes through the pages of one column chunk that are needed.
type pager struct {
	r        *Reader
	run, col int
	month    int    // of the page at hand
	page     page   // its half-hours
	raw      []byte // its bytes, which are those that were written
	err      error
}

func (r *Reader) pager(run, col int) pager {
	return pager{r: r, run: run, col: col, month: -1}
}

// next goes to the next page that is needed. It is false where there is none, and on
// an error, which is then in err.
func (p *pager) next() bool {
	for p.month++; p.month < len(p.r.cal.pages); p.month++ {
		if p.r.need[p.month] {
			p.page = p.r.cal.pages[p.month]
			p.raw, p.err = p.r.page(p.run, p.col, p.month)
			return p.err == nil
		}
		p.r.tally.Skipped++
	}
	return false
}

func (p *pager) column() *column { return &p.r.layout.cols[p.col] }

// header is what a page says of itself.
type header struct {
	kind, unpacked, packed, values, encoding, levels int64
}

// packed gives what the page at hand holds, compressed, and its length decompressed.
func (p *pager) packed() (packed []byte, size int, err error) {
	w := wire{b: p.raw}
	h := headerOf(&w)
	_, encoding, optional := p.column().physical()
	switch {
	case w.bad || h.kind != 0 || h.values != int64(p.page.hi-p.page.lo) || h.encoding != encoding || optional && h.levels != encodingRLE:
	case h.unpacked <= 0 || h.unpacked > maxPage:
	case h.packed <= 0 || h.packed != int64(len(w.b)-w.at):
	default:
		return w.b[w.at:], int(h.unpacked), nil
	}
	return nil, 0, p.broken("header of a page")
}

func (p *pager) broken(format string, args ...any) error {
	return p.r.broken("run %s, column %s: %s", p.r.runs[p.run], p.column().name, fmt.Sprintf(format, args...))
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

// cells reads the values of the page at hand, those that are there, into dst, and
// gives how many there are and which. Where they are mixed, the reader's valid has
// their bits.
func (p *pager) cells(dst []int64) (kind some, values int, err error) {
	packed, size, err := p.packed()
	if err != nil {
		return none, 0, err
	}
	body, err := p.unpack(packed, size)
	if err != nil {
		return none, 0, err
	}
	n := p.page.hi - p.page.lo
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
	if p.column().kind == wideValue {
		ok = decodeWide(dst[:values], rest)
	} else {
		ok = decodeDelta(dst[:values], rest)
	}
	if !ok {
		return none, 0, p.broken("values of a page")
	}
	p.r.tally.Pages++
	p.r.tally.Values += values
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
