package hhparquet

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/klauspost/compress/zstd"
	"pgregory.net/rapid"

	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/settlement"
)

// slacked is b with readable bytes behind it.
func slacked(b []byte) []byte { return append(bytes.Clone(b), make([]byte, slack)...)[:len(b)] }

func TestDelta(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		width := rapid.IntRange(0, 63).Draw(t, "width")
		values := rapid.SliceOfN(rapid.Map(rapid.Int64(), func(v int64) int64 { return v >> width }), 0, 300).Draw(t, "values")
		b := appendDelta(nil, values)
		got := make([]int64, len(values))
		if !decodeDelta(got, slacked(b)) || !slices.Equal(got, values) {
			t.Fatalf("%v, want %v", got, values)
		}
		for _, n := range []int{len(values) - 1, len(values) + 1} {
			if n >= 0 && decodeDelta(make([]int64, n), slacked(b)) {
				t.Fatalf("%d values were read of %d", n, len(values))
			}
		}
		if decodeDelta(got, slacked(append(b, 0))) || decodeDelta(got, slacked(b[:len(b)-1])) {
			t.Fatal("a byte more or less is read")
		}
	})
	for _, values := range [][]int64{
		{}, {0}, {math.MinInt64}, {math.MinInt64, math.MaxInt64, math.MinInt64, 0, -1, math.MaxInt64},
		slices.Repeat([]int64{5}, 1490), slices.Repeat([]int64{math.MaxInt64, math.MinInt64}, 100), slices.Repeat([]int64{0, 1 << 57}, 65),
	} {
		got := make([]int64, len(values))
		if !decodeDelta(got, slacked(appendDelta(nil, values))) || !slices.Equal(got, values) {
			t.Errorf("%v", values)
		}
	}
}

func TestLevels(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, maxRows).Draw(t, "cells")
		shift := rapid.IntRange(0, 130).Draw(t, "shift")
		bm := make([]uint64, (n+shift+63)/64+1)
		dense := rapid.SampledFrom([]int{0, 1, 10, 90, 100}).Draw(t, "per cent")
		seed := rapid.Uint32().Draw(t, "seed")
		for i := shift; i < shift+n; i++ {
			if seed = seed*1664525 + 1013904223; int(seed>>8)%100 < dense {
				bm[i>>6] |= 1 << (uint(i) & 63)
			}
		}
		b, wrote := appendLevels([]byte("before"), bm, shift, shift+n)
		b = append(b, "behind"...)
		valid := make([]uint64, (maxRows+63)/64)
		rest, read, ok := decodeLevels(b[len("before"):], n, valid)
		if !ok || wrote != read || string(rest) != "behind" {
			t.Fatalf("%v, %v for %v, %q", ok, read, wrote, rest)
		}
		for i := range n {
			want := bm[(i+shift)>>6]>>(uint(i+shift)&63)&1 != 0
			got := read == all || read == mixed && valid[i>>6]>>(uint(i)&63)&1 != 0
			if got != want {
				t.Fatalf("cell %d", i)
			}
		}
		if _, _, ok := decodeLevels(b[len("before"):], n+8, valid[:cap(valid)]); ok && n+8 <= maxRows {
			t.Fatal("other cells than there are")
		}
	})
}

// TestLevelsHaveOneForm refuses a page of one kind in the form of a mixed one,
// and bits past its cells.
func TestLevelsHaveOneForm(t *testing.T) {
	for _, c := range []struct {
		bits byte
		ok   bool
	}{{0b0101, true}, {0b1111, false}, {0, false}, {0b10101, false}} {
		if _, _, ok := decodeLevels([]byte{2, 0, 0, 0, 1<<1 | 1, c.bits}, 4, make([]uint64, 1)); ok != c.ok {
			t.Errorf("%04b of four cells: %v", c.bits, ok)
		}
	}
}

// TestLinesOfOneSourceAgree gives a line the page of another run: as much of
// every day, but other half-hours than the other line of its source.
func TestLinesOfOneSourceAgree(t *testing.T) {
	s := series.Must(series.NewSchema("pair", series.Def{Name: "a", Unit: series.GBP, Source: "x"}, series.Def{Name: "b", Unit: series.GBP, Source: "x"}))
	runs := []settlement.Run{settlement.SF, settlement.R1, settlement.R2, settlement.R3}
	c := series.NewCube(nil, s, runs, settlement.Day(20_000).Span())
	for i := range c.Span().Len() {
		for k, run := range runs { // every other half-hour, the others, all, none
			if k < 2 && i%2 == k || k == 2 {
				c.Frame(run).Source(0).Valid[0] |= 1 << i
				c.Frame(run).Source(0).Marks[i] = series.Mark(0).From(run)
			}
		}
	}
	var b bytes.Buffer
	if _, err := NewWriter().Write(&b, settlement.MPAN{}, c); err != nil {
		t.Fatal(err)
	}
	r := NewReader(Limits{})
	for to := range runs {
		for from := range runs {
			if err := r.LoadBytes("pair", bytes.Clone(b.Bytes()), nil); err != nil {
				t.Fatal(err)
			}
			r.covered = to < 2 && from < 2 // else the coverage finds it first
			r.vouched[to] = true           // and else the digest
			n, at := len(r.layout.cols), r.layout.lineAt[1]
			r.foot.chunks[to*n+at] = r.foot.chunks[from*n+at]
			_, mine := r.part(to, 0)
			_, other := r.part(from, 0)
			end := digestWidth + endWidth*(at-len(keyColumns))
			copy(mine[end:end+endWidth], other[end:])
			if _, err := r.Into(c, Want{}); (err == nil) != (from == to) {
				t.Errorf("line b of %s from %s: %v", runs[to], runs[from], err)
			}
		}
	}
}

// TestCoverageText is read only where it says each day of each source once.
func TestCoverageText(t *testing.T) {
	s := series.Must(series.NewSchema("pair", series.Def{Name: "a", Unit: series.GBP, Source: "x"}, series.Def{Name: "b", Unit: series.GBP, Source: "y z"}))
	runs := []settlement.Run{settlement.SF, settlement.R1}
	const whole = "SF x w3;SF y z n1 p2;R1 x n3;R1 y z w1 n1 w1"
	days, ok := readCoverage(nil, []byte(whole), s, runs, 3)
	if !ok || string(days) != "wwwnppnnnwnw" {
		t.Errorf("%s, %v", days, ok)
	}
	for n := range whole {
		if _, ok := readCoverage(nil, []byte(whole[:n]), s, runs, 3); ok {
			t.Errorf("%q is read", whole[:n])
		}
	}
	for _, text := range []string{
		whole + " ", whole + ";", whole + " w1", whole + ";R1 y z w3", "SF x w3;SF y z n1 p2;R1 x n3;R1 y z w1 n1 w2",
		"SF x w3;SF y z n1 p2;R1 x n3;R1 y z w1 n1 w", "SF x w4;SF y z p2;R1 x n3;R1 y z w3", "SF x w99999999999999999999;SF y z w3;R1 x w3;R1 y z w3",
		"SF y z w3;SF x w3;R1 x w3;R1 y z w3", "", " ", ";", "SF", "unknown ",
	} {
		if _, ok := readCoverage(nil, []byte(text), s, runs, 3); ok {
			t.Errorf("%q is read", text)
		}
	}
}

func TestWide(t *testing.T) {
	values := []int64{0, 1, -1, math.MaxInt64, math.MinInt64}
	b := appendWide(nil, values)
	got := make([]int64, len(values))
	if !decodeWide(got, b) || !slices.Equal(got, values) {
		t.Fatal(got)
	}
	for i := range b { // the high half may only be the sign
		if b[i] ^= 0x10; i%wide < 8 && decodeWide(got, b) {
			t.Errorf("a number of more than 64 bits is read, byte %d", i)
		}
		b[i] ^= 0x10
	}
}

// made is a file for the tests to change: its cube holds days in pieces.
func made(t *testing.T) []byte {
	t.Helper()
	lo := settlement.Day(20_000).Month().First().First() - 30
	c := series.NewCube(nil, series.Meter(), []settlement.Run{settlement.SF, settlement.R1}, settlement.Span{Lo: lo, Hi: lo + 200})
	for i := range 200 {
		c.Frame(settlement.SF).Set(series.AI, lo+settlement.Period(i), int64(i), series.Mark(0).From(settlement.SF))
		if i%3 == 0 && i > 90 && i < 120 {
			c.Frame(settlement.R1).Set(series.AI, lo+settlement.Period(i), 5, series.Mark(0).From(settlement.R1))
		}
	}
	var b bytes.Buffer
	if _, err := NewWriter().Write(&b, settlement.MPAN{}, c); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// resealed replaces text in the file's metadata by as much text, and puts the
// metadata's check right: a forger's file, not a damaged one.
func resealed(t *testing.T, raw []byte, old, with string) []byte {
	t.Helper()
	size := int(binary.LittleEndian.Uint32(raw[len(raw)-ending:]))
	end := len(raw) - ending - size
	at := bytes.Index(raw[end:], []byte(old))
	if at < 0 || len(old) != len(with) {
		t.Fatalf("%q cannot become %q", old, with)
	}
	forged := bytes.Clone(raw)
	copy(forged[end+at:], with)
	var f footer
	if !f.read(&wire{b: forged[end : len(forged)-ending]}) {
		return forged
	}
	copy(f.keys[atCheck], fmt.Sprintf("%08x", checkOf(&f.keys)))
	return forged
}

// TestForgeries changes what the metadata says in a way no checksum notices.
func TestForgeries(t *testing.T) {
	raw := made(t)
	first := settlement.Day(20_000).Month().First().First() - 30
	for _, c := range []struct{ old, with string }{
		{keyVersion, keyVersion}, // nothing: the file itself is read
		{keyMPAN, keySpan},       // a key that stands twice
		{"SF AI w", "SF AI n"},
		{"SF AI w", "SF AI p"},
		{"R1 AI n2 p1", "R1 AI p2 n1"},
		{"R1 AI n2 p1", "R1 AI n2 w1"},
		{"R1 AI n2 p1", "R1 AI n3 p1"},
		{"R1 AI n2 p1", "R1 AE n2 p1"},
		{"R1 AI n2 p1", "R1 AI n0 p1"},
		{"R1 AI n2 p1", "R1 AI x2 p1"},
		{"SF,R1", "R1,SF"},
		{"SF,R1", "SF,SF"},
		{"SF,R1", "SF;R1"},
		{"SF,R1", "SF,DR"},
		{"SF,R1", "SF,RF"}, // the coverage is of R1
		{"AI,kWh,3", "AI,kWh,2"},
		{"AI,kWh,3", "AI,kW4,3"},
		{"AI,kWh,3", "AH,kWh,3"},
		{fmt.Sprint(int(first)) + "..", fmt.Sprint(int(first)+1) + ".."},
		{fmt.Sprint(int(first)) + "..", fmt.Sprint(int(first)) + ".x"},
	} {
		r := NewReader(Limits{})
		err := r.LoadBytes("forged", resealed(t, raw, c.old, c.with), nil)
		if err == nil {
			cube := series.NewCube(nil, r.Schema(), r.Runs(), r.Span())
			_, err = r.Into(cube, Want{})
			if err != nil && cube.Frame(settlement.SF).Line(series.AI).CountValid(0, r.Span().Len()) > 0 {
				t.Errorf("%s for %s: the cube is not empty after %v", c.with, c.old, err)
			}
		}
		if (err == nil) != (c.old == c.with) {
			t.Errorf("%s for %s: %v", c.with, c.old, err)
		}
	}
}

// TestRowCounts changes each number in the footer that counts the rows, and
// says of a column that it is longer than it is.
func TestRowCounts(t *testing.T) {
	raw := made(t)
	size := int(binary.LittleEndian.Uint32(raw[len(raw)-ending:]))
	foot := len(raw) - ending - size
	groups := 0
	for _, rows := range []int64{200, 400} { // of a row group and its columns; of the file
		was, is := binary.AppendVarint(nil, rows), binary.AppendVarint(nil, rows+1)
		for at := foot; ; at++ {
			i := bytes.Index(raw[at:], was)
			if i < 0 {
				break
			}
			at += i
			forged := bytes.Clone(raw)
			copy(forged[at:], is)
			if NewReader(Limits{}).LoadBytes("forged", forged, nil) != nil {
				groups++
			}
		}
	}
	if want := 1 + 2*len(keyColumns) + 2*8; groups < want { // the row groups' own are only for others
		t.Errorf("%d wrong counts were refused, want %d", groups, want)
	}
	r := NewReader(Limits{})
	for i := range 2 * (len(keyColumns) + 8) {
		if err := r.LoadBytes("made", raw, nil); err != nil {
			t.Fatal(err)
		}
		col := r.layout.cols[i%len(r.layout.cols)]
		r.foot.chunks[i].size++
		_, err := r.Into(series.NewCube(nil, r.Schema(), r.Runs(), r.Span()), Want{})
		if (err != nil) != (col.kind > keyPeriod) {
			t.Errorf("column %s, a byte longer: %v", col.name, err)
		}
	}
}

func TestOtherVersion(t *testing.T) {
	raw := made(t)
	at := bytes.LastIndex(raw, []byte(keyVersion)) + len(keyVersion)
	at += bytes.IndexByte(raw[at:], '2')
	raw[at] = '3'
	err := NewReader(Limits{}).LoadBytes("later", raw, nil)
	if located, ok := err.(*series.Error); !ok || located.Err != ErrVersion || located.Value != "3" {
		t.Errorf("%v", err)
	}
}

// TestBombs has pages that decompress to more than a page, or to less than they
// say, or that no checksum guards.
func TestBombs(t *testing.T) {
	e, err := zstd.NewWriter(nil, zstd.WithEncoderCRC(true), zstd.WithZeroFrames(true))
	if err != nil {
		t.Fatal(err)
	}
	bare, err := zstd.NewWriter(nil, zstd.WithEncoderCRC(false))
	if err != nil {
		t.Fatal(err)
	}
	var stream bytes.Buffer // its frame does not say how long it is
	s, err := zstd.NewWriter(&stream)
	if err != nil {
		t.Fatal(err)
	}
	for range 64 {
		if _, err := s.Write(make([]byte, 1<<20)); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	r := NewReader(Limits{})
	if err := r.LoadBytes("made", made(t), nil); err != nil {
		t.Fatal(err)
	}
	p := r.pager(0, r.layout.lineAt[0])
	ok := e.EncodeAll(make([]byte, 100), nil)
	if _, err := p.unpack(ok, 100); err != nil {
		t.Fatal(err)
	}
	for name, packed := range map[string][]byte{
		"64 MiB": e.EncodeAll(make([]byte, 64<<20), nil), "64 MiB of a stream": stream.Bytes(), "more than it says": e.EncodeAll(make([]byte, 101), nil),
		"less than it says": e.EncodeAll(make([]byte, 99), nil), "no checksum": bare.EncodeAll(make([]byte, 100), nil),
		"two frames": append(bytes.Clone(ok), ok...), "nothing": {}, "no frame": make([]byte, 100), "frame cut": ok[:len(ok)-1],
		"skippable frame": append([]byte{0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 1, 2, 3, 4}, ok...),
	} {
		n := testing.AllocsPerRun(1, func() {
			if _, err := p.unpack(packed, 100); err == nil {
				t.Errorf("%s: unpacked", name)
			}
		})
		if n > 100 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

// TestUnknownCoverage has a file whose days would take too many words: it says
// so, and latest reads everything.
func TestUnknownCoverage(t *testing.T) {
	span := settlement.Days(15_000, 20_000)
	runs := []settlement.Run{settlement.II, settlement.SF, settlement.R1, settlement.R2}
	c := series.NewCube(nil, series.Meter(), runs, span)
	for _, run := range runs {
		for d, part := range span.EachDay() {
			for l := series.AI; l <= series.RE; l++ {
				if (int(d)+int(l)+int(run))%2 == 0 {
					c.Frame(run).Set(l, part.Lo+1, int64(d), series.Mark(0).From(run))
				}
			}
		}
	}
	var b bytes.Buffer
	if _, err := NewWriter().Write(&b, settlement.MPAN{}, c); err != nil {
		t.Fatal(err)
	}
	r := NewReader(Limits{})
	if err := r.LoadBytes("sparse", b.Bytes(), nil); err != nil {
		t.Fatal(err)
	}
	if r.covered || string(r.foot.keys[atCoverage]) != unknown {
		t.Fatalf("coverage of %d bytes", len(r.foot.keys[atCoverage]))
	}
	every, err := r.Into(c, Want{})
	if err != nil {
		t.Fatal(err)
	}
	if latest, err := r.Into(c, Want{Latest: true}); err != nil || latest != every {
		t.Fatalf("%+v, want %+v (%v)", latest, every, err)
	}
}
