package hhparquet

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/halfhour/halfhour/settlement"
)

// A part is a month of a run: a page of each column of lines and marks. The
// metadata has a record for each part, run by run and month by month, of one width
// and in hexadecimal:
//
//	SHA-256 of the pages, one after the other (64) | end (6) | end (6) | …
//
// where a page ends in its column chunk, in the order of the columns. So where a page
// lies is known before any is looked at, a part is held to its digest before anything
// of it is parsed, and a part that is not wanted costs nothing. What key columns hold
// is in no part: this package never reads it.
const (
	digestWidth = 2 * sha256.Size
	endWidth    = 6
)

// partWidth is the length of a part's record.
func (l *layout) partWidth() int {
	return digestWidth + endWidth*(len(l.cols)-len(keyColumns))
}

// appendParts adds the records of a row group: raw is the file so far, and
// cuts are for each column where it begins and where each of its pages ends.
func (l *layout) appendParts(dst, raw []byte, cuts [][]int) []byte {
	cuts = cuts[len(keyColumns):]
	h := sha256.New()
	for m := range len(cuts[0]) - 1 {
		h.Reset()
		for _, at := range cuts {
			h.Write(raw[at[m]:at[m+1]])
		}
		dst = hex.AppendEncode(dst, h.Sum(nil))
		for _, at := range cuts {
			dst = fmt.Appendf(dst, "%0*x", endWidth, at[m+1]-at[0])
		}
	}
	return dst
}

// part is the number of a month of a row group among all, and its record.
func (r *Reader) part(g, m int) (n int, record []byte) {
	n = g*len(r.cal.pages) + m
	width := r.layout.partWidth()
	return n, r.foot.keys[atParts][n*width : (n+1)*width]
}

// page gives the bytes of a page, of month m of a column of a row group. There is no
// other way to them: its part is held to its digest first, once for each file.
func (r *Reader) page(g, col, m int) ([]byte, error) {
	n, record := r.part(g, m)
	if !r.vouched[n] {
		r.hash.Reset()
		for c := len(keyColumns); c < len(r.layout.cols); c++ {
			page, err := r.locate(g, c, m)
			if err != nil {
				return nil, err
			}
			r.hash.Write(page)
		}
		r.text = hex.AppendEncode(r.text[:0], r.hash.Sum(r.digest[:0]))
		if !bytes.Equal(r.text, record[:digestWidth]) {
			first := r.cal.span.Lo + settlement.Period(r.cal.pages[m].lo)
			return nil, r.fail("run "+r.runs[g].String()+", "+first.Day().Month().String(), otherBytes, ErrDigest)
		}
		r.vouched[n] = true
	}
	return r.locate(g, col, m)
}

// locate is where a page lies, by the metadata.
func (r *Reader) locate(g, col, m int) ([]byte, error) {
	chunk := r.foot.chunks[g*len(r.layout.cols)+col]
	from, ok := 0, true
	if m > 0 {
		from, ok = r.pageEnd(g, col, m-1)
	}
	to, fits := r.pageEnd(g, col, m)
	last := m == len(r.cal.pages)-1
	if !ok || !fits || from >= to || to-from > maxPacked || to > chunk.size || last && to < chunk.size {
		return nil, r.broken("where the pages of column %s of run %s lie", r.layout.cols[col].name, r.runs[g])
	}
	return r.raw[chunk.at+from : chunk.at+to], nil
}

func (r *Reader) pageEnd(g, col, m int) (int, bool) {
	_, record := r.part(g, m)
	at := digestWidth + endWidth*(col-len(keyColumns))
	end, ok := hexOf(record[at : at+endWidth])
	return int(end), ok
}
