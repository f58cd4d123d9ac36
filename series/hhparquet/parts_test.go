package hhparquet_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"strconv"
	"testing"

	"github.com/apache/arrow/go/v17/parquet/file"

	"github.com/halfhour/halfhour/internal/sample"
	"github.com/halfhour/halfhour/series/hhparquet"
)

// piece is the bytes from <= i < to of a file.
type piece struct{ from, to int }

// parts finds the pages of each run and month as docs/format/hhparquet.md says they
// are found, with the library's reader of metadata, and holds them to their digests.
func parts(t testing.TB, raw []byte) (of [][][]piece) {
	t.Helper()
	f, err := file.NewParquetReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	const keys = 4 // run, start, day and period are in no part
	cols := f.MetaData().Schema.NumColumns() - keys
	text := *f.MetaData().KeyValueMetadata().FindValue("halfhour.parts")
	width := 64 + 6*cols
	months := len(text) / width / f.NumRowGroups()
	if len(text) != width*months*f.NumRowGroups() {
		t.Fatalf("%d digits for records of %d", len(text), width)
	}
	for g := range f.NumRowGroups() {
		run := make([][]piece, months)
		from := make([]int, cols) // the end of the page before
		for m := range months {
			record := text[(g*months+m)*width:][:width]
			h := sha256.New()
			for c := range cols {
				chunk, err := f.MetaData().RowGroup(g).ColumnChunk(keys + c)
				if err != nil {
					t.Fatal(err)
				}
				end, err := strconv.ParseInt(record[64+6*c:][:6], 16, 64)
				if err != nil {
					t.Fatal(err)
				}
				at := int(chunk.DataPageOffset())
				p := piece{at + from[c], at + int(end)}
				h.Write(raw[p.from:p.to])
				run[m] = append(run[m], p)
				if from[c] = int(end); m == months-1 && end != chunk.TotalCompressedSize() {
					t.Fatalf("the last page of column %d ends at %d of %d", c, end, chunk.TotalCompressedSize())
				}
			}
			if record[:64] != fmt.Sprintf("%x", h.Sum(nil)) {
				t.Fatalf("row group %d, month %d: the digest is not that of its pages", g, m)
			}
		}
		of = append(of, run)
	}
	return of
}

// outside is the bytes of a file that are neither "PAR1" at its begin, nor of its
// tail, nor of a part that is read.
func outside(t testing.TB, raw []byte, read func(run, month int) bool) []bool {
	t.Helper()
	out := make([]bool, len(raw))
	for i := 4; i < footerAt(raw); i++ {
		out[i] = true
	}
	for g, months := range parts(t, raw) {
		for m, pages := range months {
			if read(g, m) {
				for _, p := range pages {
					clear(out[p.from:p.to])
				}
			}
		}
	}
	return out
}

// TestPartsAreAsTheFormatSays has a meter-year, and the tail of its sum.
func TestPartsAreAsTheFormatSays(t *testing.T) {
	raw, sum := write(t, sample.MPAN(), meterCube(t, sample.Span(), sample.All))
	of := parts(t, raw)
	if len(of) != len(sample.Runs()) || len(of[0]) != 12 || len(of[0][0]) != 8 {
		t.Fatalf("%d runs of %d months of %d pages", len(of), len(of[0]), len(of[0][0]))
	}
	end := raw[footerAt(raw):]
	if want := (hhparquet.Sum{Size: int64(len(raw)), Digest: sha256.Sum256(raw), Tail: hhparquet.Tail{Size: int64(len(end)), Digest: sha256.Sum256(end)}}); sum != want {
		t.Errorf("%+v, want %+v", sum, want)
	}
	t.Logf("%d bytes, a tail of %d", len(raw), len(end))
}
