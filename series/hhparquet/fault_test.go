package hhparquet_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"hash/crc32"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/halfhour/halfhour/internal/sample"
	"github.com/halfhour/halfhour/series"
	"github.com/halfhour/halfhour/series/hhparquet"
	"github.com/halfhour/halfhour/settlement"
)

// usual is how much damage every run of the tests reads.
const usual = 20_000

var campaign = flag.Int("campaign", usual, "damaged files to read in TestRandomDamage; more than usual makes TestExtremeNumbers whole, too. docs/format/hhparquet.md has the last long run")

// small is a cube with something of everything, and its file: narrow and wide
// lines, a shared source, days whole, in pieces and empty, marks, two months.
func small(t testing.TB) (*series.Cube, []byte, hhparquet.Sum) {
	t.Helper()
	s := series.Must(series.NewSchema("small",
		series.Def{Name: "a", Unit: series.KWh, Scale: 3, Source: "a"}, series.Def{Name: "b", Unit: series.GBP, Scale: 14, Source: "b"},
		series.Def{Name: "c", Unit: series.GBP, Scale: 12, Source: "b"}))
	span := settlement.Days(day(t, "2025-05-30"), day(t, "2025-06-02"))
	c := series.NewCube(nil, s, []settlement.Run{settlement.SF, settlement.RF}, span)
	for _, run := range c.Runs() {
		f := c.Frame(run)
		for i := range span.Len() {
			if run == settlement.RF && i >= 48 && i%5 != 0 {
				continue
			}
			for k := range s.Sources() {
				col := f.Source(k)
				col.Valid[i>>6] |= 1 << (uint(i) & 63)
				col.Marks[i] = series.Mark(0).From(run)
				if i%17 == 3 {
					col.Marks[i] |= series.Estimated
				}
			}
			f.Line(0).Values[i], f.Line(1).Values[i], f.Line(2).Values[i] = int64(1000+i*i%97), int64(-i*1_000_000_007), int64(i)
		}
	}
	raw, sum := write(t, sample.MPAN(), c)
	return c, raw, sum
}

// outcome of reading a damaged file.
type outcome int

const (
	refused outcome = iota
	unhurt          // read, and what was written
	silent          // read, and something else
)

// hunt reads damaged files and watches what reading does.
type hunt struct {
	t      testing.TB
	ask    hhparquet.Want
	want   *series.Cube // what the file as it was written gives
	r      *hhparquet.Reader
	got    *series.Cube
	counts [3]int
	cases  int
	most   uint64        // bytes that one file had allocated
	slow   time.Duration // that one file took
}

func newHunt(t testing.TB, want *series.Cube) *hunt {
	return &hunt{t: t, ask: hhparquet.Want{Span: want.Span()}, want: want, r: hhparquet.NewReader(hhparquet.Limits{}), got: series.NewCube(nil, want.Schema(), want.Runs(), want.Span())}
}

// asking is a hunt that reads a part of a file, and wants of it what is read of raw.
func asking(t testing.TB, raw []byte, of *series.Cube, ask hhparquet.Want) *hunt {
	t.Helper()
	r := hhparquet.NewReader(hhparquet.Limits{})
	if err := r.LoadBytes("whole", raw, nil); err != nil {
		t.Fatal(err)
	}
	want := series.NewCube(nil, of.Schema(), of.Runs(), ask.Span)
	if _, err := r.Into(want, ask); err != nil {
		t.Fatal(err)
	}
	h := newHunt(t, want)
	h.ask = ask
	return h
}

// read reads one file, verified or not. Every hundredth is measured.
func (h *hunt) read(raw []byte, sum *hhparquet.Sum) outcome {
	h.cases++
	measured := h.cases%100 == 1
	var before, after runtime.MemStats
	if measured {
		runtime.ReadMemStats(&before)
	}
	start := time.Now()
	err := h.r.LoadBytes("damaged", raw, sum)
	var o outcome
	if err == nil {
		_, err = h.r.Into(h.got, h.ask)
	}
	h.slow = max(h.slow, time.Since(start))
	if measured {
		runtime.ReadMemStats(&after)
		h.most = max(h.most, after.TotalAlloc-before.TotalAlloc)
	}
	switch {
	case err != nil:
		if strings.Contains(err.Error(), "the reader failed") {
			h.t.Fatalf("a panic: %v", err)
		}
		var located *series.Error
		if !errors.As(err, &located) {
			h.t.Fatalf("an error without a place: %v", err)
		}
		if sum != nil && !errors.Is(err, hhparquet.ErrDigest) {
			h.t.Fatalf("verified, and parsed all the same: %v", err)
		}
	case h.r.MPAN() == sample.MPAN() && h.r.Span().Covers(h.want.Span()) && equal(h.want, h.got):
		o = unhurt
	default:
		o = silent
	}
	h.counts[o]++
	return o
}

func equal(a, b *series.Cube) bool {
	for _, run := range a.Runs() {
		for l := range a.Schema().Len() {
			x, y := a.Frame(run).Line(series.Line(l)), b.Frame(run).Line(series.Line(l))
			for i := range x.Len() {
				u, held := x.At(i)
				if v, is := y.At(i); u != v || held != is || x.Marks[i] != y.Marks[i] {
					return false
				}
			}
		}
	}
	return true
}

func (h *hunt) report(what string) {
	h.t.Helper()
	h.t.Logf("%s: %d files, %d refused, %d read as written, %d silently wrong; at most %d bytes allocated for one, %v",
		what, h.cases, h.counts[refused], h.counts[unhurt], h.counts[silent], h.most, h.slow)
	if h.most > 1<<20 {
		h.t.Errorf("a file of a few kilobytes had %d bytes allocated", h.most)
	}
}

func TestTruncation(t *testing.T) {
	c, raw, sum := small(t)
	for _, want := range []*hhparquet.Sum{nil, &sum} {
		h := newHunt(t, c)
		for n := range raw {
			if h.read(raw[:n], want) != refused {
				t.Fatalf("a file cut at %d of %d bytes was read", n, len(raw))
			}
		}
		h.report("cut at every byte")
	}
}

func TestEveryBit(t *testing.T) {
	c, raw, sum := small(t)
	verified, bare := newHunt(t, c), newHunt(t, c)
	unread := outside(t, raw, func(run, month int) bool { return true })
	where := map[string]int{}
	damaged := bytes.Clone(raw)
	for bit := range 8 * len(raw) {
		damaged[bit/8] ^= 1 << (bit % 8)
		if o := verified.read(damaged, &sum); o == silent || (o == unhurt) != unread[bit/8] {
			t.Fatalf("bit %d of a verified file, which is looked at or not (%v): outcome %d", bit, !unread[bit/8], o)
		}
		if bare.read(damaged, nil) == silent {
			where[part(raw, bit/8)]++
		}
		damaged[bit/8] ^= 1 << (bit % 8)
	}
	verified.report("every bit, with the manifest's sum")
	bare.report("every bit, without")
	for p, n := range where {
		t.Logf("silently wrong in the %s: %d", p, n)
	}
	if bare.counts[silent] > 0 {
		t.Error("a flipped bit is read as other data: in a small file every one was noticed")
	}
}

// TestEveryBitOfWhatIsRead reads a part of a verified file: every bit of what it
// takes is held to a digest, and no other is looked at.
func TestEveryBitOfWhatIsRead(t *testing.T) {
	c, _, _ := small(t)
	span := c.Span()
	may, june := settlement.Span{Lo: span.Lo, Hi: span.Lo + 96}, settlement.Span{Lo: span.Lo + 96, Hi: span.Hi}
	landed := c.Part(span) // RF holds May whole and nothing of June
	rf := landed.Frame(settlement.RF)
	for k := range c.Schema().Sources() {
		rf.Take(landed.Frame(settlement.SF), k, 0, 96)
	}
	copy(rf.Line(0).Values[96:], make([]int64, 48))
	copy(rf.Line(1).Values[96:], make([]int64, 48))
	copy(rf.Line(2).Values[96:], make([]int64, 48))
	for k := range c.Schema().Sources() {
		col := rf.Source(k)
		col.Valid[1] &= 1<<32 - 1
		col.Valid[2] = 0
		clear(col.Marks[96:])
	}
	raw, sum := write(t, sample.MPAN(), landed)
	const sfRun, rfRun, mayMonth, juneMonth = 0, 1, 0, 1
	for _, a := range []struct {
		name string
		ask  hhparquet.Want
		read func(run, month int) bool
	}{
		{"everything", hhparquet.Want{Span: span}, func(run, month int) bool { return true }},
		{"the latest", hhparquet.Want{Span: span, Latest: true}, func(run, month int) bool {
			return run == rfRun && month == mayMonth || run == sfRun && month == juneMonth
		}},
		{"a line in May", hhparquet.Want{Span: may, Lines: []series.Line{0}}, func(run, month int) bool { return month == mayMonth }},
		{"the latest of June", hhparquet.Want{Span: june, Latest: true}, func(run, month int) bool { return run == sfRun && month == juneMonth }},
	} {
		h, unread := asking(t, raw, landed, a.ask), outside(t, raw, a.read)
		damaged, step := bytes.Clone(raw), 1
		if raced { // there is one goroutine
			step = 15
		}
		for bit := 0; bit < 8*len(raw); bit += step {
			damaged[bit/8] ^= 1 << (bit % 8)
			if o := h.read(damaged, &sum); o == silent || (o == unhurt) != unread[bit/8] {
				t.Fatalf("%s: bit %d, which is looked at or not (%v): outcome %d", a.name, bit, !unread[bit/8], o)
			}
			damaged[bit/8] ^= 1 << (bit % 8)
		}
		h.report("every bit, " + a.name)
	}
}

func part(raw []byte, at int) string {
	if at >= footerAt(raw) {
		return "footer"
	}
	return "pages"
}

func footerAt(raw []byte) int {
	return len(raw) - 8 - int(binary.LittleEndian.Uint32(raw[len(raw)-8:]))
}

// TestExtremeNumbers writes the ends of every integer over each place of the
// file: lengths, counts and offsets that would take a reader out of its memory.
func TestExtremeNumbers(t *testing.T) {
	c, raw, _ := small(t)
	h := newHunt(t, c)
	var splats [][]byte
	for _, v := range []int64{1<<31 - 1, -1 << 31, 1<<63 - 1, -1 << 63, 1 << 30, 1 << 20, -1, 1 << 16} {
		splats = append(splats, binary.AppendVarint(nil, v), binary.AppendUvarint(nil, uint64(v)), binary.LittleEndian.AppendUint32(nil, uint32(v)))
	}
	splats = append(splats, []byte{0xff}, []byte{0}, bytes.Repeat([]byte{0xff}, 12), bytes.Repeat([]byte{0xfc}, 300), bytes.Repeat([]byte{0x1c}, 300))
	for at := range raw {
		for i, s := range splats {
			if (at+i)%4 != 0 && *campaign == usual {
				continue
			}
			damaged := bytes.Clone(raw)
			copy(damaged[at:], s)
			h.read(damaged, nil)
		}
	}
	h.report("extreme numbers at every byte")
}

// TestRandomDamage mixes damage; -campaign makes it long.
func TestRandomDamage(t *testing.T) {
	c, raw, sum := small(t)
	h, verified := newHunt(t, c), newHunt(t, c)
	rng := rand.New(rand.NewPCG(1, 2))
	for range *campaign {
		damaged := bytes.Clone(raw)
		for range 1 + rng.IntN(3) {
			damage(rng, &damaged)
		}
		h.read(damaged, nil)
		if verified.read(damaged, &sum) == silent {
			t.Fatal("a verified file is read as other data")
		}
	}
	h.report("random damage")
	verified.report("random damage, with the manifest's sum")
	if h.counts[refused] < h.cases/2 {
		t.Error("damage is mostly not noticed")
	}
}

func damage(rng *rand.Rand, b *[]byte) {
	raw := *b
	if len(raw) < 16 {
		return
	}
	at := rng.IntN(len(raw))
	if rng.IntN(3) == 0 { // lengths and offsets are at the end
		at = len(raw) - 1 - rng.IntN(len(raw)/4)
	}
	switch rng.IntN(7) {
	case 0:
		raw[at] ^= 1 << rng.IntN(8)
	case 1:
		raw[at] = byte(rng.Uint32())
	case 2:
		*b = raw[:at]
	case 3:
		copy(raw[at:], binary.AppendVarint(nil, 1<<rng.IntN(63)-1))
	case 4: // a piece of the file somewhere else
		n := min(1+rng.IntN(200), len(raw)-at)
		copy(raw[rng.IntN(len(raw)):], bytes.Clone(raw[at:at+n]))
	case 5: // bytes lost in the middle
		*b = append(raw[:at], raw[min(len(raw), at+1+rng.IntN(8)):]...)
	case 6:
		for range 4 {
			raw[rng.IntN(len(raw))] ^= 1 << rng.IntN(8)
		}
	}
}

func FuzzReader(f *testing.F) {
	c, raw, _ := small(f)
	f.Add(raw)
	f.Add(raw[:len(raw)/2])
	meter, _ := write(f, sample.MPAN(), meterCube(f, settlement.Days(day(f, "2025-10-25"), day(f, "2025-10-28")), sample.All))
	f.Add(meter)
	h := newHunt(f, c)
	f.Fuzz(func(t *testing.T, raw []byte) {
		h.t = t
		h.read(raw, nil)
	})
}

// hostile is a file of nothing but a footer.
func hostile(footer []byte) []byte {
	raw := append([]byte("PAR1"), footer...)
	return append(binary.LittleEndian.AppendUint32(raw, uint32(len(footer))), "PAR1"...)
}

// emptyChunks is one row group of n column chunks that say nothing.
func emptyChunks(n int) []byte {
	b := binary.AppendUvarint([]byte{0x49, 0x1c, 0x19, 0xfc}, uint64(n))
	return hostile(append(b, make([]byte, n+2)...))
}

// keyed is metadata alone, with a check that is right.
func keyed(lines string) []byte {
	b, sum := []byte{0x59, 0x9c}, crc32.New(crc32.MakeTable(crc32.Castagnoli))
	text := func(s string) { b = append(binary.AppendUvarint(append(b, 0x18), uint64(len(s))), s...) }
	for _, kv := range [][2]string{{"version", "2"}, {"schema", "small"}, {"lines", lines}, {"mpan", ""}, {"span", ""}, {"runs", ""}, {"coverage", ""}, {"parts", ""}, {"check", ""}} {
		key, value := kv[0], kv[1]
		if key == "check" {
			value = fmt.Sprintf("%08x", sum.Sum32())
		}
		sum.Write(append([]byte(value), 0)) // a hash never fails
		text("halfhour." + key)
		text(value)
		b = append(b, 0)
	}
	return hostile(append(b, 0))
}

// TestGreed has footers of a megabyte that name more than a file can have: what is
// refused costs its own length a few times over, and the reader keeps none of it.
func TestGreed(t *testing.T) {
	for name, c := range map[string]struct {
		raw  []byte
		most uint64 // bytes allocated
		kept int64
	}{
		"a million empty chunks":  {emptyChunks(1_000_000), 64 << 10, 64 << 10},
		"as many as there may be": {emptyChunks(4112), 512 << 10, 256 << 10},
		"a megabyte of commas":    {keyed(strings.Repeat(",", 1<<20-400)), 4 << 20, 64 << 10},
		"a megabyte of lines":     {keyed(strings.Repeat("a,kWh,3,a;", 100_000)), 4 << 20, 64 << 10},
	} {
		r := hhparquet.NewReader(hhparquet.Limits{})
		var before, after, kept runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		err := r.LoadBytes("greedy", c.raw, nil)
		runtime.ReadMemStats(&after)
		if err == nil {
			t.Errorf("%s: read", name)
		}
		text := err.Error()
		err = nil
		runtime.GC()
		runtime.ReadMemStats(&kept)
		took, held := after.TotalAlloc-before.TotalAlloc, int64(kept.HeapAlloc)-int64(before.HeapAlloc)
		t.Logf("%s, %d bytes: %d allocated, %d kept; %s", name, len(c.raw), took, held, text)
		if took > c.most || held > c.kept {
			t.Errorf("%s: %d bytes allocated, %d kept", name, took, held)
		}
		runtime.KeepAlive(r)
		runtime.KeepAlive(c.raw)
	}
}
