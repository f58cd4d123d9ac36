package series

import (
	"math"
	"testing"
	"unsafe"

	"pgregory.net/rapid"

	"github.com/halfhour/halfhour/settlement"
)

// shared is a schema with a source of three lines between two of one.
var shared = Must(NewSchema("shared",
	Def{"a", KWh, 3, "one"}, Def{"b", GBP, 14, "many"}, Def{"c", GBP, 8, "many"}, Def{"d", Ratio, 0, "last"}, Def{"e", GBPPerMWh, 2, "many"}))

// single has one line.
var single = Must(NewSchema("single", Def{"x", KWh, 3, "x"}))

var schemas = []*Schema{Meter(), Market(), shared, single}

// lengths are those at which words, cache lines and chunks begin and end.
var lengths = []int{0, 1, 2, 7, 8, 9, 46, 48, 50, 63, 64, 65, 127, 128, 129, 255, 256, 257, 513}

var extremes = []int64{math.MinInt64, math.MaxInt64, 1<<55 - 1, 1 << 55, 1<<55 + 1, -1 << 55, -1<<55 - 1, -1, 0, 1}

const start settlement.Period = 1_000_003 // a whole number of nothing

func spanOfLen(n int) settlement.Span {
	return settlement.Span{Lo: start, Hi: start + settlement.Period(n)}
}

func day(t interface {
	Helper()
	Fatal(...any)
}, s string) settlement.Day {
	t.Helper()
	d, err := settlement.ParseDay(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// fill writes every part of the frame with its own pattern, holes included, and
// keeps the rules of a column.
func fill(f *Frame, seed int64) {
	for k := range f.Schema().Sources() {
		c := f.Source(k)
		for i := range c.Marks {
			c.Marks[i] = 0
			if c.Valid[i>>6] &^= 1 << (i & 63); (int64(i)*7+seed+int64(k))%5 != 0 {
				c.Valid[i>>6] |= 1 << (i & 63)
				c.Marks[i] = Mark(int64(i)*3+seed+int64(k)*5) & 0x7f // a run with a rank
			}
		}
	}
	for l := range f.Schema().Len() {
		c := f.Line(Line(l))
		for i := range c.Values {
			c.Values[i] = 0
			if _, ok := c.At(i); ok {
				c.Values[i] = int64(l+1)<<40 + int64(i)<<8 + seed
			}
		}
	}
	if n := f.Len(); n > 1 {
		f.Line(0).Values[0], f.Line(0).Values[n-1] = 0, 0
		for i, x := range []int64{math.MinInt64, math.MaxInt64} {
			if at := 1 + i; at < n {
				if _, ok := f.Line(0).At(at); ok {
					f.Line(0).Values[at] = x
				}
			}
		}
	}
}

func same(a, b *Frame) string {
	if a.Schema() != b.Schema() || a.Span() != b.Span() {
		return "another schema or span"
	}
	for l := range a.Schema().Len() {
		x, y := a.Line(Line(l)), b.Line(Line(l))
		if x.Len() != y.Len() {
			return "another length"
		}
		for i := range x.Values {
			xv, xok := x.At(i)
			if yv, yok := y.At(i); xv != yv || xok != yok || x.Marks[i] != y.Marks[i] {
				return "line " + a.Schema().Def(Line(l)).Name + " differs"
			}
		}
	}
	return ""
}

func mustPanic(t *testing.T, want string, f func()) {
	t.Helper()
	defer func() {
		t.Helper()
		if got := recover(); got != want {
			t.Errorf("panicked with %v, want %q", got, want)
		}
	}()
	f()
}

func at[T any](s []T) uintptr { return uintptr(unsafe.Pointer(unsafe.SliceData(s))) }

func anyCell() *rapid.Generator[int64] {
	return rapid.OneOf(rapid.SampledFrom(extremes), rapid.Int64(), rapid.Int64Range(-9, 9))
}
