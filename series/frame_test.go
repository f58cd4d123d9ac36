package series

import (
	"slices"
	"sort"
	"testing"

	"github.com/apache/arrow/go/v17/arrow/memory"
	"pgregory.net/rapid"

	"github.com/halfhour/halfhour/settlement"
)

// part is the memory of one slice of a frame.
type part struct {
	name   string
	lo, hi uintptr
}

func parts(f *Frame) []part {
	var p []part
	for l := range f.Schema().Len() {
		v := f.Line(Line(l)).Values
		p = append(p, part{"values", at(v), at(v) + uintptr(8*cap(v))})
	}
	for k := range f.Schema().Sources() {
		c := f.Source(k)
		p = append(p, part{"valid", at(c.Valid), at(c.Valid) + uintptr(8*cap(c.Valid))},
			part{"marks", at(c.Marks), at(c.Marks) + uintptr(cap(c.Marks))})
	}
	return p
}

// checkLayout: every part on a 64-byte boundary, none over another even by its
// capacity, and lines of a source share their bitmap and marks.
func checkLayout(t *testing.T, frames ...*Frame) {
	t.Helper()
	var all []part
	for _, f := range frames {
		for l := range f.Schema().Len() {
			c, src := f.Line(Line(l)), f.Source(f.Schema().SourceOf(Line(l)))
			if len(c.Values) != f.Len() || len(c.Marks) != f.Len() || len(c.Valid) != (f.Len()+63)/64 {
				t.Fatalf("lengths %d, %d, %d for %d half-hours", len(c.Values), len(c.Valid), len(c.Marks), f.Len())
			}
			if at(c.Valid) != at(src.Valid) || at(c.Marks) != at(src.Marks) {
				t.Fatalf("line %d does not share its source's bitmap and marks", l)
			}
		}
		if f.Len() > 0 {
			all = append(all, parts(f)...)
		}
	}
	sort.Slice(all, func(i, j int) bool { return all[i].lo < all[j].lo })
	for i, p := range all {
		if p.lo%64 != 0 {
			t.Errorf("%s starts at %#x", p.name, p.lo)
		}
		if i > 0 && all[i-1].hi > p.lo {
			t.Errorf("%s [%#x, %#x) reaches into %s at %#x", all[i-1].name, all[i-1].lo, all[i-1].hi, p.name, p.lo)
		}
	}
}

func TestFrameLayout(t *testing.T) {
	for _, s := range schemas {
		for _, n := range lengths {
			f := NewFrame(nil, s, spanOfLen(n))
			checkLayout(t, f)
			checkParts(t, f)
		}
	}
}

// checkParts writes another byte in every part of each frame, all of it, and
// reads them back.
func checkParts(t *testing.T, frames ...*Frame) {
	t.Helper()
	for pass := range 2 {
		id := 1
		for _, f := range frames {
			for l := range f.Schema().Len() {
				for i, v := range f.Line(Line(l)).Values {
					if pass == 0 {
						f.Line(Line(l)).Values[i] = int64(id) * 0x0101010101010101
					} else if v != int64(id)*0x0101010101010101 {
						t.Fatalf("line %d [%d] was overwritten: %#x", l, i, v)
					}
				}
				id++
			}
			for k := range f.Schema().Sources() {
				c := f.Source(k)
				for i := range c.Marks {
					if pass == 0 {
						c.Marks[i] = Mark(id)
					} else if c.Marks[i] != Mark(id) {
						t.Fatalf("mark %d of source %d was overwritten", i, k)
					}
				}
				id++
				for w := range c.Valid {
					if pass == 0 {
						c.Valid[w] = uint64(id) * 0x0101010101010101
					} else if c.Valid[w] != uint64(id)*0x0101010101010101 {
						t.Fatalf("word %d of source %d was overwritten", w, k)
					}
				}
				id++
			}
		}
	}
}

func TestFrameStartsEmpty(t *testing.T) {
	f := NewFrame(nil, Meter(), spanOfLen(130))
	for range 2 {
		for l := range f.Schema().Len() {
			c := f.Line(Line(l))
			if c.CountValid(0, f.Len()) != 0 || c.NextInvalid(0, f.Len()) != 0 ||
				c.Sum(0, f.Len()) != (Total{}) || slices.Max(append(c.Marks, 0)) != 0 {
				t.Fatal("a new frame, or one that was Reset, holds something")
			}
		}
		fill(f, 3)
		f.Reset(spanOfLen(70))
	}
}

func TestFrameSetGet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.OneOf(rapid.SampledFrom(lengths[1:]), rapid.IntRange(1, 300)).Draw(t, "n")
		f := NewFrame(nil, Meter(), spanOfLen(n))
		type key struct {
			l Line
			i int
		}
		type cell struct {
			v int64
			m Mark
		}
		model := map[key]cell{}
		for range rapid.IntRange(0, 80).Draw(t, "writes") {
			k := key{Line(rapid.IntRange(0, 3).Draw(t, "line")), rapid.IntRange(0, n-1).Draw(t, "i")}
			c := cell{anyCell().Draw(t, "v"), Mark(rapid.ByteMax(0x7f).Draw(t, "m"))}
			model[k] = c
			f.Set(k.l, f.Span().Lo+settlement.Period(k.i), c.v, c.m)
		}
		for l := AI; l <= RE; l++ {
			col, sum := f.Line(l), Total{}
			for i := range n {
				want, held := model[key{l, i}]
				v, ok := f.Get(l, f.Span().Lo+settlement.Period(i))
				if v != want.v || ok != held || col.Marks[i] != want.m {
					t.Fatalf("line %d [%d] = %d, %v, %v; want %v, %v", l, i, v, ok, col.Marks[i], want, held)
				}
				sum = sum.Add(TotalOf(want.v))
			}
			if got := col.Sum(0, n); got != sum {
				t.Fatalf("Sum = %v, want %v", got, sum)
			}
			if n%64 != 0 && col.Valid[len(col.Valid)-1]>>(n%64) != 0 {
				t.Fatal("a bit past the end is set")
			}
		}
		for _, p := range []settlement.Period{f.Span().Lo - 1, f.Span().Hi} {
			if _, ok := f.Get(AI, p); ok {
				t.Fatal("Get answers outside the span")
			}
		}
	})
}

func TestFrameSetRefuses(t *testing.T) {
	f := NewFrame(nil, Meter(), spanOfLen(48))
	for _, p := range []settlement.Period{f.Span().Lo - 1, f.Span().Hi} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("Set at %d of %v did not panic", p, f.Span())
				}
			}()
			f.Set(AI, p, 1, 0)
		}()
	}
	for l := range f.Schema().Len() {
		if c := f.Line(Line(l)); c.CountValid(0, 48) != 0 || c.Sum(0, 48) != (Total{}) {
			t.Error("a Set that panicked wrote something")
		}
	}
	mustPanic(t, panicShared, func() { NewFrame(nil, shared, spanOfLen(1)).Set(0, start, 1, 0) })
}

func TestFrameLimits(t *testing.T) {
	mustPanic(t, panicTooBig, func() { NewFrame(nil, single, spanOfLen(MaxPeriods+1)) })
	if f := NewFrame(nil, single, settlement.Span{Lo: 5, Hi: 3}); f.Len() != 0 {
		t.Error("a span that ends before it starts is not empty")
	}
}

// Reset keeps the memory where the new span fits, empties it, and gives back to
// the allocator exactly what it took.
func TestFrameReset(t *testing.T) {
	for _, s := range schemas {
		pool := memory.NewCheckedAllocator(memory.NewGoAllocator())
		f := NewFrame(pool, s, spanOfLen(500))
		was := at(f.Line(0).Values)
		for _, n := range []int{500, 65, 1, 0, 64, 499, 500} {
			fill(f, 9)
			f.Reset(spanOfLen(n))
			if n > 0 && at(f.Line(0).Values) != was {
				t.Errorf("Reset to %d left the memory", n)
			}
			checkLayout(t, f)
			if same(f, NewFrame(nil, s, spanOfLen(n))) != "" {
				t.Errorf("Reset to %d left something", n)
			}
		}
		f.Reset(spanOfLen(900))
		checkLayout(t, f)
		f.Reset(spanOfLen(3)) // give it back while it is not all in use
		f.Release()
		pool.AssertSize(t, 0)
	}
}

func TestFrameReleased(t *testing.T) {
	f := NewFrame(nil, Meter(), spanOfLen(48))
	f.Release()
	f.Release() // a second time does nothing
	mustPanic(t, panicReleased, f.Writable)
	mustPanic(t, panicReleased, func() { f.Set(AI, start, 1, 0) })
	mustPanic(t, panicReleased, func() { f.Reset(spanOfLen(48)) })
	mustPanic(t, panicReleased, func() { f.Record() })
}

func TestSetDoesNotAllocate(t *testing.T) {
	f := NewFrame(nil, Meter(), spanOfLen(48))
	if n := testing.AllocsPerRun(20, func() { f.Set(RE, start+7, 9, Estimated) }); n != 0 {
		t.Errorf("Set allocates %v times", n)
	}
	if n := testing.AllocsPerRun(20, func() { f.Reset(spanOfLen(40)) }); n != 0 {
		t.Errorf("Reset allocates %v times", n)
	}
}
