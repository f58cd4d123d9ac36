package hhparquet

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"math/big"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/file"
	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// readTotals reads a file of totals with the library alone, each cell as text; null is
// "null".
func readTotals(t interface{ Fatal(...any) }, raw []byte) (names []string, rows [][]string) {
	f, err := file.NewParquetReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	columns := f.MetaData().Schema
	rows = make([][]string, f.NumRows())
	for i := range columns.NumColumns() {
		names = append(names, columns.Column(i).Name())
		at := 0
		for g := range f.NumRowGroups() {
			chunk, err := f.RowGroup(g).Column(i)
			if err != nil {
				t.Fatal(err)
			}
			n := int(f.RowGroup(g).NumRows())
			defs, values := make([]int16, n), []string(nil)
			switch r := chunk.(type) {
			case *file.Int64ColumnChunkReader:
				room := make([]int64, n)
				_, held, err := r.ReadBatch(int64(n), room, defs, nil)
				for _, v := range room[:held] {
					values = append(values, fmt.Sprint(v))
				}
				if err != nil {
					t.Fatal(err)
				}
			case *file.ByteArrayColumnChunkReader:
				room := make([]parquet.ByteArray, n)
				_, held, err := r.ReadBatch(int64(n), room, defs, nil)
				for _, v := range room[:held] {
					values = append(values, string(v))
				}
				if err != nil {
					t.Fatal(err)
				}
			case *file.FixedLenByteArrayColumnChunkReader:
				if got := columns.Column(i).LogicalType().String(); got != "Decimal(precision=38, scale=14)" {
					t.Fatal(got)
				}
				room := make([]parquet.FixedLenByteArray, n)
				_, held, err := r.ReadBatch(int64(n), room, defs, nil)
				for _, v := range room[:held] {
					number := new(big.Int).SetBytes(v)
					if v[0]&0x80 != 0 {
						number.Sub(number, new(big.Int).Lsh(big.NewInt(1), 128))
					}
					values = append(values, decimal.NewFromBigInt(number, -14).String())
				}
				if err != nil {
					t.Fatal(err)
				}
			default:
				t.Fatal(fmt.Sprintf("%T", chunk))
			}
			for k := range n {
				cell := "null"
				if columns.Column(i).MaxDefinitionLevel() == defs[k] || columns.Column(i).MaxDefinitionLevel() == 0 {
					cell, values = values[0], values[1:]
				}
				rows[at] = append(rows[at], cell)
				at++
			}
		}
	}
	return names, rows
}

func manyTotals(t *rapid.T, n int) []Total {
	var out []Total
	for range n {
		scale := rapid.SampledFrom([]int{8, 11, 12, 13, 14, 0}).Draw(t, "scale")
		hi := rapid.SampledFrom([]int64{0, -1, 1 << 10, -1 << 12}).Draw(t, "hi")
		one := Total{
			Item: rapid.SampledFrom([]string{"energy-unit", "ro"}).Draw(t, "item"), Bucket: "2025-10", Value: rapid.SampledFrom([]string{"", "", "York", "Ä, \"x\""}).Draw(t, "value"),
			Span: settlement.Span{Lo: 976_000, Hi: 976_000 + settlement.Period(rapid.IntRange(1, 1490).Draw(t, "length"))}, Pounds: series.Total{Hi: hi, Lo: rapid.Uint64().Draw(t, "lo")}, Scale: scale,
			HalfHours: rapid.Int64().Draw(t, "held"), Of: rapid.Int64().Draw(t, "of"), Meters: rapid.Int64Range(0, 9).Draw(t, "meters"), Lacks: rapid.Int64Range(0, 3).Draw(t, "lacks"),
		}
		one.Missing = rapid.IntRange(0, 3).Draw(t, "missing") == 0
		out = append(out, one)
	}
	return out
}

// TestTotals: what was written is what another implementation reads, exactly, at every
// scale; equal rows make equal bytes.
func TestTotals(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := manyTotals(t, rapid.IntRange(0, 40).Draw(t, "rows"))
		key := rapid.SampledFrom([]string{"", "site"}).Draw(t, "key")
		var raw, again bytes.Buffer
		done, err := WriteTotals(&raw, "month", key, slices.Values(rows))
		if err != nil {
			t.Fatal(err)
		}
		if err := done.Check(bytes.NewReader(raw.Bytes())); err != nil {
			t.Fatal(err)
		}
		if _, err := WriteTotals(&again, "month", key, slices.Values(rows)); err != nil || !bytes.Equal(again.Bytes(), raw.Bytes()) {
			t.Fatal(err, "other bytes")
		}
		names, got := readTotals(t, raw.Bytes())
		want := "item,month,site,start,end,pounds,half_hours,of,meters,lacks"
		if key == "" {
			want = strings.Replace(want, ",site", "", 1)
		}
		if strings.Join(names, ",") != want || len(got) != len(rows) {
			t.Fatal(names, len(got))
		}
		for i, r := range rows {
			cells := []string{r.Item, r.Bucket}
			if value := "null"; key != "" {
				if r.Value != "" {
					value = r.Value
				}
				cells = append(cells, value)
			}
			pounds := r.Pounds.Decimal(r.Scale).String()
			if r.Missing {
				pounds = "null"
			}
			cells = append(cells, fmt.Sprint(r.Span.Lo.Time().UnixMicro()), fmt.Sprint(r.Span.Hi.Time().UnixMicro()), pounds,
				fmt.Sprint(r.HalfHours), fmt.Sprint(r.Of), fmt.Sprint(r.Meters), fmt.Sprint(r.Lacks))
			if !slices.Equal(cells, got[i]) {
				t.Fatalf("row %d is %q, want %q", i, got[i], cells)
			}
		}
	})
}

// TestTotalsGroups: more rows than a row group holds, and damage anywhere in the pages,
// which is found.
func TestTotalsGroups(t *testing.T) {
	n := 2*totalsGroup + 7
	rows := func(yield func(Total) bool) {
		for i := range n {
			if !yield(Total{Item: "ro", Bucket: fmt.Sprint(i % 12), Value: fmt.Sprint(i / 1000), Pounds: series.TotalOf(int64(i) - 5), Scale: 8, HalfHours: int64(i)}) {
				return
			}
		}
	}
	var raw bytes.Buffer
	done, err := WriteTotals(&raw, "month", "meter", rows)
	if err != nil {
		t.Fatal(err)
	}
	if err := done.Check(bytes.NewReader(raw.Bytes())); err != nil {
		t.Fatal(err)
	}
	_, got := readTotals(t, raw.Bytes())
	if last := strings.Join(got[n-1], " "); len(got) != n || last != "ro 10 65 0 0 0.00065537 65542 0 0 0" {
		t.Errorf("%d rows; the last is %s", len(got), last)
	}
	for at := 40; at < raw.Len()-3000; at += raw.Len() / 20 {
		bad := bytes.Clone(raw.Bytes())
		bad[at] ^= 16
		if err := done.Check(bytes.NewReader(bad)); !errors.Is(err, ErrReadBack) {
			t.Errorf("byte %d changed: %v", at, err)
		}
	}
	if err := done.Check(bytes.NewReader(raw.Bytes()[:raw.Len()/2])); !errors.Is(err, ErrReadBack) {
		t.Errorf("half a file: %v", err)
	}
	n--
	other, err := WriteTotals(io.Discard, "month", "meter", rows)
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Check(bytes.NewReader(raw.Bytes())); !errors.Is(err, ErrReadBack) || !strings.Contains(err.Error(), "65543 rows of 10 columns, not 65542 of 10") {
		t.Errorf("another file: %v", err)
	}
}

// TestTotalsMemory: what is written is not held: ten more row groups allocate less for
// each row than a row is long.
func TestTotalsMemory(t *testing.T) {
	allocated := func(n int) uint64 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		done, err := WriteTotals(io.Discard, "month", "meter", func(yield func(Total) bool) {
			for i := range n {
				if !yield(Total{Item: "energy-unit", Bucket: "2025-10", Value: "1400000000000", Pounds: series.Total{Lo: uint64(i)}, Scale: 11, HalfHours: int64(i)}) {
					return
				}
			}
		})
		if err != nil || done == nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		return after.TotalAlloc - before.TotalAlloc
	}
	allocated(1) // what is made once
	few, many := allocated(2*totalsGroup), allocated(12*totalsGroup)
	if each := (many - few) / (10 * totalsGroup); each > 20 {
		t.Errorf("%d bytes are allocated for each row, at most 20", each)
	}
	t.Logf("%d bytes for two row groups, %d for twelve", few, many)
}

// full takes so many bytes and then fails.
type full int

func (f *full) Write(p []byte) (int, error) {
	if *f -= full(len(p)); *f < 0 {
		return 0, io.ErrShortWrite
	}
	return len(p), nil
}

// TestTotalsRefuses: totals that 38 digits do not hold, columns of one name, and where
// the file is written to fails.
func TestTotalsRefuses(t *testing.T) {
	most := series.TotalOf(1)
	for range 38 {
		most = most.Mul(10)
	}
	for _, c := range []struct {
		pounds series.Total
		scale  int
		fits   bool
	}{
		{most.Sub(series.TotalOf(1)), 14, true}, {series.Total{}.Sub(most.Sub(series.TotalOf(1))), 14, true}, {most, 14, false}, {series.Total{}.Sub(most), 14, false},
		{series.TotalOf(math.MaxInt64), 0, true}, {series.Total{Hi: 54210, Lo: 0}, 0, true}, {series.Total{Hi: 54211, Lo: 0}, 0, false}, {series.Total{Hi: math.MinInt64}, 14, false}, {series.Total{Hi: math.MinInt64}, 8, false},
	} {
		_, err := WriteTotals(io.Discard, "day", "site", slices.Values([]Total{{Item: "ro", Bucket: "2025-10-01", Value: "York", Pounds: c.pounds, Scale: c.scale}}))
		if (err == nil) != c.fits || err != nil && (!errors.Is(err, series.ErrValue) || !strings.Contains(err.Error(), "for ro of 2025-10-01 York")) {
			t.Errorf("%v at %d decimals: %v", c.pounds.Big(), c.scale, err)
		}
	}
	for _, key := range []string{"item", "day", "pounds", "start", "end", "of", "lacks"} {
		if _, err := WriteTotals(io.Discard, "day", key, slices.Values([]Total(nil))); !errors.Is(err, series.ErrSchema) {
			t.Errorf("a key %s: %v", key, err)
		}
	}
	rows := slices.Repeat([]Total{{Item: "ro", Bucket: "2025-10-01"}}, 100)
	var all bytes.Buffer
	if _, err := WriteTotals(&all, "day", "", slices.Values(rows)); err != nil {
		t.Fatal(err)
	}
	for at := range all.Len() {
		room := full(at)
		if _, err := WriteTotals(&room, "day", "", slices.Values(rows)); !errors.Is(err, io.ErrShortWrite) {
			t.Fatalf("where %d of %d bytes are taken: %v", at, all.Len(), err)
		}
	}
}

// TestTotalsVersion: a file of totals says the version of its own format, as
// docs/format/hhparquet.md states it, whatever the version of a cube's.
func TestTotalsVersion(t *testing.T) {
	var raw bytes.Buffer
	if _, err := WriteTotals(&raw, "month", "", slices.Values([]Total{{Item: "ro", Bucket: "2025-10"}})); err != nil {
		t.Fatal(err)
	}
	f, err := file.NewParquetReader(bytes.NewReader(raw.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	said := f.MetaData().KeyValueMetadata()
	for key, want := range map[string]string{"halfhour.version": "1", "halfhour.schema": "totals"} {
		if i := slices.Index(said.Keys(), key); i < 0 || said.Values()[i] != want {
			t.Errorf("want %s of %s: %q %q", want, key, said.Keys(), said.Values())
		}
	}
}

// TestTotalsScale: a scale that the column of pounds cannot hold is refused, of missing
// pounds, too.
func TestTotalsScale(t *testing.T) {
	for scale, want := range map[int]error{-1: series.ErrSchema, 0: nil, series.MaxScale: nil, series.MaxScale + 1: series.ErrSchema} {
		for _, missing := range []bool{false, true} {
			rows := []Total{{Item: "ro", Bucket: "2025-10", Pounds: series.TotalOf(1), Scale: scale, Missing: missing}}
			if _, err := WriteTotals(io.Discard, "month", "", slices.Values(rows)); !errors.Is(err, want) {
				t.Errorf("scale %d, missing %v: %v", scale, missing, err)
			}
		}
	}
}
