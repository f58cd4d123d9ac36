package hhparquet

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// TestForgedParts changes every digit of the records of parts, and puts the
// metadata's check right: what is read is refused, what is not read is not looked at.
func TestForgedParts(t *testing.T) {
	raw := made(t)
	r := NewReader(Limits{})
	load := func(file []byte) *series.Cube {
		if err := r.LoadBytes("forged", file, nil); err != nil {
			t.Fatal(err)
		}
		return series.NewCube(nil, r.Schema(), r.Runs(), r.Span())
	}
	load(raw)
	width, months := r.layout.partWidth(), len(r.cal.pages)
	if n, _ := r.part(1, months-1); n != 3 || len(r.foot.keys[atParts]) != 4*width {
		t.Fatalf("%d digits for %d parts of %d", len(r.foot.keys[atParts]), n+1, width)
	}
	for at := range 4 * width {
		for _, digit := range []byte("0fFg\x00") {
			forged := bytes.Clone(raw)
			load(forged)
			was := r.foot.keys[atParts][at]
			r.foot.keys[atParts][at] = digit
			copy(r.foot.keys[atCheck], fmt.Sprintf("%08x", checkOf(&r.foot.keys)))
			c := load(forged)
			_, err := r.Into(c, Want{})
			panicked(t, err)
			inDigest := at%width < digestWidth
			if (err == nil) != (digit == was) || err != nil && inDigest && !errors.Is(err, ErrDigest) {
				t.Fatalf("digit %d is %q, not %q: %v", at, digit, was, err)
			}
			if err != nil && c.Frame(settlement.SF).Line(series.AI).CountValid(0, r.Span().Len()) > 0 {
				t.Fatalf("digit %d: the cube is not empty", at)
			}
			load(forged)
			// R1 holds nothing of the first month, which the latest passes over.
			_, err = r.Into(c, Want{Latest: true})
			if at/width == months && inDigest && err != nil {
				t.Fatalf("digit %d of the digest of a part that is not read: %v", at, err)
			}
			panicked(t, err)
		}
	}
}

func panicked(t *testing.T, err error) {
	t.Helper()
	if err != nil && strings.Contains(err.Error(), "the reader failed") {
		t.Fatalf("a panic: %v", err)
	}
}

// TestChunksLieOneAfterTheOther has a byte before the footer that no column chunk
// has, and chunks that begin a byte early.
func TestChunksLieOneAfterTheOther(t *testing.T) {
	raw := made(t)
	r := NewReader(Limits{})
	if err := r.LoadBytes("made", raw, nil); err != nil {
		t.Fatal(err)
	}
	end, chunks := r.end, slices.Clone(r.foot.chunks)
	if err := r.LoadBytes("longer", slices.Insert(bytes.Clone(raw), end, 0), nil); !errors.Is(err, series.ErrFormat) {
		t.Errorf("a byte before the footer: %v", err)
	}
	tried := 0
	for _, c := range chunks {
		was, is := binary.AppendVarint(nil, int64(c.at)), binary.AppendVarint(nil, int64(c.at-1))
		if len(was) < 2 || len(was) != len(is) { // one byte is found in too many places
			continue
		}
		if !bytes.Contains(raw[end:], was) {
			t.Fatalf("no column chunk begins at %d", c.at)
		}
		tried++
		forged := bytes.ReplaceAll(raw[end:], was, is)
		if err := r.LoadBytes("early", append(bytes.Clone(raw[:end]), forged...), nil); !errors.Is(err, series.ErrFormat) {
			t.Errorf("a chunk that begins at %d, not %d: %v", c.at-1, c.at, err)
		}
	}
	if tried < len(chunks)/2 {
		t.Errorf("%d chunks of %d were tried", tried, len(chunks))
	}
}

// TestLongPages has a page that is as long in the file as one may be, and a byte
// longer: no more is hashed.
func TestLongPages(t *testing.T) {
	r := NewReader(Limits{})
	if err := r.LoadBytes("made", bytes.Clone(made(t)), nil); err != nil {
		t.Fatal(err)
	}
	col, last := r.layout.lineAt[0], len(r.cal.pages)-1
	from, _ := r.pageEnd(0, col, last-1)
	_, record := r.part(0, last)
	r.raw = make([]byte, 1<<20)
	for _, size := range []int{1, maxPacked, maxPacked + 1} {
		copy(record[digestWidth+endWidth*(col-len(keyColumns)):], fmt.Sprintf("%06x", from+size))
		r.foot.chunks[col].size = from + size
		if page, err := r.locate(0, col, last); (err == nil) != (size <= maxPacked) || err == nil && len(page) != size {
			t.Errorf("a page of %d bytes: %d, %v", size, len(page), err)
		}
	}
}

// TestWholeIsHashedOnce has the parts of a file vouched for by the digest of all of
// it, and by nothing but their own where the sum has a tail.
func TestWholeIsHashedOnce(t *testing.T) {
	raw := made(t)
	sum := sumOf(raw)
	for _, tail := range []Tail{sum.Tail, {}} {
		r := NewReader(Limits{})
		if err := r.LoadBytes("made", raw, &Sum{sum.Size, sum.Digest, tail}); err != nil {
			t.Fatal(err)
		}
		if slices.Contains(r.vouched, tail != Tail{}) || len(r.vouched) != 4 {
			t.Errorf("a tail of %d bytes: %v", tail.Size, r.vouched)
		}
	}
}
