package kernel

import (
	"math"
	"math/big"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// fit is a×b + c and whether it is an int64.
func fit(a, b, c int64) (*big.Int, bool) {
	p := new(big.Int).Mul(big.NewInt(a), big.NewInt(b))
	p.Add(p, big.NewInt(c))
	return p, p.IsInt64()
}

const poison = -0x0123456789abcdef

func TestMul64(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := cell().Draw(t, "a"), cell().Draw(t, "b")
		if got, want := big128(Mul64(a, b)), new(big.Int).Mul(big.NewInt(a), big.NewInt(b)); got.Cmp(want) != 0 {
			t.Fatalf("Mul64(%d, %d) = %v, want %v", a, b, got, want)
		}
	})
}

// Where nothing passes int64, the loops agree with big.Int; where
// something does, the checked one stops exactly there and the others wrap.
func TestMul(t *testing.T) { each(t, testMul) }

func testMul(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := length().Draw(t, "n")
		more := rapid.IntRange(0, 2).Draw(t, "more") // operands may be longer than dst
		from := func(label string) []int64 {         // and begin anywhere
			off := rapid.IntRange(0, 4).Draw(t, label+" from")
			return append(make([]int64, off), cells(t, n+more, label)...)[off:]
		}
		a, b, c := from("a"), from("b"), from("c")
		off := rapid.IntRange(1, 5).Draw(t, "dst from")
		room := make([]int64, off+n+1)
		buf := room[off:]
		dst := buf[:n]
		reset := func() {
			for i := range room {
				room[i] = poison
			}
		}
		defer func() {
			if room[off-1] != poison {
				t.Fatal("something wrote before dst")
			}
		}()

		reset()
		Mul(dst, a, b)
		for i := range dst {
			if p, _ := fit(a[i], b[i], 0); dst[i] != a[i]*b[i] {
				t.Fatalf("Mul[%d] = %d", i, dst[i])
			} else if p.IsInt64() && dst[i] != p.Int64() {
				t.Fatalf("Mul[%d] = %d, want %v", i, dst[i], p)
			}
		}

		if buf[n] != poison {
			t.Fatal("Mul wrote past dst")
		}

		k := rapid.SampledFrom(append([]int64{0, 1, -1}, b...)).Draw(t, "k")
		reset()
		Scale(dst, a, k)
		for i := range dst {
			if dst[i] != a[i]*k {
				t.Fatalf("Scale[%d] by %d = %d, want %d", i, k, dst[i], a[i]*k)
			}
		}
		if buf[n] != poison {
			t.Fatal("Scale wrote past dst")
		}

		reset()
		MulAdd(dst, a, b, c)
		for i := range dst {
			if p, ok := fit(a[i], b[i], c[i]); ok && dst[i] != p.Int64() || dst[i] != a[i]*b[i]+c[i] {
				t.Fatalf("MulAdd[%d] = %d, want %v", i, dst[i], p)
			}
		}
		if buf[n] != poison {
			t.Fatal("MulAdd wrote past dst")
		}

		reset()
		copy(dst, c)
		AddScaled(dst, a, k)
		for i := range dst {
			if p, ok := fit(a[i], k, c[i]); ok && dst[i] != p.Int64() || dst[i] != a[i]*k+c[i] {
				t.Fatalf("AddScaled[%d] by %d = %d, want %v", i, k, dst[i], p)
			}
		}
		if buf[n] != poison {
			t.Fatal("AddScaled wrote past dst")
		}

		reset()
		AddOf(dst, a, b, k)
		for i := range dst {
			if p, ok := fit(b[i], k, a[i]); ok && dst[i] != p.Int64() || dst[i] != a[i]+b[i]*k {
				t.Fatalf("AddOf[%d] by %d = %d, want %v", i, k, dst[i], p)
			}
		}
		if buf[n] != poison {
			t.Fatal("AddOf wrote past dst")
		}

		reset()
		MulLinear(dst, a, b, k, c)
		for i := range dst {
			p := new(big.Int).Mul(big.NewInt(b[i]), big.NewInt(k))
			p.Add(p, big.NewInt(c[i]))
			p.Mul(p, big.NewInt(a[i]))
			if p.IsInt64() && dst[i] != p.Int64() || dst[i] != a[i]*(b[i]*k+c[i]) {
				t.Fatalf("MulLinear[%d] by %d = %d, want %v", i, k, dst[i], p)
			}
		}
		if buf[n] != poison {
			t.Fatal("MulLinear wrote past dst")
		}

		reset()
		x, y := [3][]int64{a, b, c}, [3][]int64{c, from("p"), a}
		z := from("z")
		Dot3(dst, &x, &y, z)
		for i := range dst {
			if want := a[i]*c[i] + b[i]*y[1][i] + c[i]*a[i] + z[i]; dst[i] != want {
				t.Fatalf("Dot3[%d] = %d, want %d", i, dst[i], want)
			}
		}
		if buf[n] != poison {
			t.Fatal("Dot3 wrote past dst")
		}

		for _, c := range [][]int64{c, nil} {
			reset()
			want := n
			for i := range n {
				add := int64(0)
				if c != nil {
					add = c[i]
				}
				if _, ok := fit(a[i], b[i], add); !ok {
					want = i
					break
				}
			}
			if got := MulAddChecked(dst, a, b, c); got != want {
				t.Fatalf("MulAddChecked stopped at %d, want %d", got, want)
			}
			for i := range want {
				add := int64(0)
				if c != nil {
					add = c[i]
				}
				if p, _ := fit(a[i], b[i], add); dst[i] != p.Int64() {
					t.Fatalf("MulAddChecked[%d] = %d, want %v", i, dst[i], p)
				}
			}
			for i := want; i <= n; i++ {
				if buf[i] != poison {
					t.Fatalf("MulAddChecked wrote %d, past where it stopped (%d)", i, want)
				}
			}
		}
	})
}

// The sum may leave int64 though the product did not, and come back into it
// though the product did.
func TestMulAddCheckedEdges(t *testing.T) {
	for _, a := range edges {
		for _, b := range edges {
			for _, c := range edges {
				p, ok := fit(a, b, c)
				dst := []int64{poison}
				n := MulAddChecked(dst, []int64{a}, []int64{b}, []int64{c})
				if ok != (n == 1) || ok && dst[0] != p.Int64() {
					t.Errorf("%d × %d + %d: n = %d, %d; want %v", a, b, c, n, dst[0], p)
				}
			}
		}
	}
}

// In place, as schedules use them.
func TestMulInPlace(t *testing.T) { each(t, testMulInPlace) }

func testMulInPlace(t *testing.T) {
	var a, b, c []int64
	for i := range int64(21) {
		a, b, c = append(a, 2*i+3), append(b, i), append(c, 1)
	}
	x := slices.Clone(a)
	Mul(x, x, b)
	y := slices.Clone(c)
	MulAdd(y, a, b, y)
	w := slices.Clone(c)
	MulLinear(w, a, b, 2, w)
	z := slices.Clone(c)
	if n := MulAddChecked(z, a, b, z); n != len(z) {
		t.Fatal(n)
	}
	for i := range a {
		if x[i] != a[i]*b[i] || y[i] != x[i]+1 || z[i] != x[i]+1 || w[i] != a[i]*(2*b[i]+1) {
			t.Fatalf("cell %d: %d, %d, %d, %d", i, x[i], y[i], z[i], w[i])
		}
	}
}

func abs(v int64) uint64 {
	if v < 0 {
		return -uint64(v)
	}
	return uint64(v)
}

func TestMagnitude(t *testing.T) { each(t, testMagnitude) }

func testMagnitude(t *testing.T) {
	if m := Magnitude(nil); m > 1 {
		t.Errorf("of nothing: %d", m)
	}
	for _, e := range edges {
		for pos := range 17 { // in every lane of the unrolled loops, and after them
			v := make([]int64, 17)
			v[pos] = e
			if m := Magnitude(v); m < abs(e) || m > 1<<63 || e != 0 && m/2 > abs(e) {
				t.Errorf("Magnitude of %d in cell %d = %d", e, pos, m)
			}
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		v := cells(t, length().Draw(t, "n"), "v")
		largest := uint64(0)
		for _, x := range v {
			largest = max(largest, abs(x))
		}
		m := Magnitude(v)
		if m < largest || m > 1<<63 || m > max(1, 2*min(largest, 1<<62)) {
			t.Fatalf("Magnitude = %d, largest %d", m, largest)
		}
	})
}

func TestFits(t *testing.T) {
	limit := new(big.Int).SetUint64(1 << 63)
	check := func(fail func(string, ...any), a, b, c uint64) {
		p := new(big.Int).Mul(new(big.Int).SetUint64(a), new(big.Int).SetUint64(b))
		p.Add(p, new(big.Int).SetUint64(c))
		if got, want := Fits(a, b, c), p.Cmp(limit) < 0; got != want {
			fail("Fits(%d, %d, %d) = %v", a, b, c, got)
		}
	}
	us := []uint64{0, 1, 2, 3, 3037000499, 3037000500, 1 << 31, 1 << 32, 1<<62 - 1, 1 << 62, 1<<63 - 1, 1 << 63, 1<<63 + 1, math.MaxUint64}
	for _, a := range us {
		for _, b := range us {
			for _, c := range us {
				check(t.Errorf, a, b, c)
			}
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.Uint64().Draw(t, "a")
		b := rapid.Uint64().Draw(t, "b")
		check(t.Fatalf, a, b, rapid.Uint64().Draw(t, "c"))
		check(t.Fatalf, a>>33, b>>32, rapid.SampledFrom(us).Draw(t, "edge"))
	})
}

// The pair that guards Mul: where Fits says so from the magnitudes, no cell
// passes int64.
func TestFitsProves(t *testing.T) { each(t, testFitsProves) }

func testFitsProves(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 17).Draw(t, "n")
		shift := uint(rapid.IntRange(0, 63).Draw(t, "shift"))
		a, b, c := cells(t, n, "a"), cells(t, n, "b"), cells(t, n, "c")
		for i := range b {
			a[i] >>= shift
			b[i] >>= 63 - shift
		}
		if !Fits(Magnitude(a), Magnitude(b), Magnitude(c)) {
			return
		}
		if got := MulAddChecked(make([]int64, n), a, b, c); got != n {
			t.Fatalf("Fits said yes, and cell %d passes int64", got)
		}
	})
}

// An operand that is too short is a panic before anything is written, also where
// the array behind it goes on and on the loops that do not look.
func TestShortOperand(t *testing.T) { each(t, testShortOperand) }

func testShortOperand(t *testing.T) {
	long := func(n int) []int64 { return make([]int64, 64)[:n] }
	for _, n := range []int{1, 7, 8, 9, 10, 16, 17} {
		dst, full, short := long(n), long(n), long(n-1)
		words := make([]uint64, 1)
		which := make([]uint8, 64)[:n-1]
		three := func(k int) *[3][]int64 {
			a := [3][]int64{full, full, full}
			if k >= 0 {
				a[k] = short
			}
			return &a
		}
		calls := map[string]func(){
			"Mul a": func() { Mul(dst, short, full) }, "Mul b": func() { Mul(dst, full, short) },
			"Scale": func() { Scale(dst, short, 3) }, "Scale by 0": func() { Scale(dst, short, 0) }, "AddScaled": func() { AddScaled(dst, short, 3) }, "AddScaled by 1": func() { AddScaled(dst, short, 1) },
			"AddOf a": func() { AddOf(dst, short, full, 3) }, "AddOf b": func() { AddOf(dst, full, short, 3) }, "AddScaled32": func() { AddScaled32(dst, short, 3) },
			"MulLinear32 a": func() { MulLinear32(dst, short, full, 3, full) }, "MulLinear32 b": func() { MulLinear32(dst, full, short, 3, full) }, "MulLinear32 c": func() { MulLinear32(dst, full, full, 3, short) },
			"Beyond32 a": func() { Beyond32(dst, short, full, full, 1, 1) }, "Beyond32 x": func() { Beyond32(dst, full, short, full, 1, 1) }, "Beyond32 y": func() { Beyond32(dst, full, full, short, 1, 1) },
			"Beyond a": func() { Beyond(dst, short, full, full, 1, 1) }, "Beyond x": func() { Beyond(dst, full, short, full, 1, 1) }, "Beyond y": func() { Beyond(dst, full, full, short, 1, 1) },
			"Peak x": func() { Peak(full, short, full) }, "Peak y": func() { Peak(full, full, short) },
			"StreamLinear32 sum": func() { StreamLinear32(dst, short, full, full, 3, full, 3) }, "StreamLinear32 a": func() { StreamLinear32(dst, full, short, full, 3, full, 3) },
			"StreamLinear32 b": func() { StreamLinear32(dst, full, full, short, 3, full, 3) }, "StreamLinear32 c": func() { StreamLinear32(dst, full, full, full, 3, short, 3) },
			"StreamBytes": func() { StreamBytes(make([]uint8, n), which) },
			"Stream":      func() { Stream(dst, short) }, "StreamScale": func() { StreamScale(dst, short, 3) },
			"StreamMul a": func() { StreamMul(dst, short, full) }, "StreamMul b": func() { StreamMul(dst, full, short) },
			"MulAdd a": func() { MulAdd(dst, short, full, full) }, "MulAdd b": func() { MulAdd(dst, full, short, full) }, "MulAdd c": func() { MulAdd(dst, full, full, short) },
			"MulLinear a": func() { MulLinear(dst, short, full, 3, full) }, "MulLinear b": func() { MulLinear(dst, full, short, 3, full) }, "MulLinear c": func() { MulLinear(dst, full, full, 3, short) },
			"Dot3 c": func() { Dot3(dst, three(-1), three(-1), short) },
			"Gather": func() { Gather(dst, &[Ways][]int64{full}, which) }, "GatherBits": func() { GatherBits(words, &[Ways][]uint64{words}, which, 0, n) },
		}
		for k := range 3 {
			calls["Dot3 a "+string(rune('0'+k))] = func() { Dot3(dst, three(k), three(-1), full) }
			calls["Dot3 b "+string(rune('0'+k))] = func() { Dot3(dst, three(-1), three(k), full) }
		}
		for name, call := range calls {
			for i := range dst {
				dst[i] = poison
			}
			words[0] = ^uint64(0)
			if !panics(call) {
				t.Errorf("%s, %d of %d cells: no panic", name, n-1, n)
			}
			if words[0] != ^uint64(0) || slices.ContainsFunc(dst, func(v int64) bool { return v != poison }) {
				t.Errorf("%s, %d of %d cells: something was written", name, n-1, n)
			}
		}
	}
}

func panics(f func()) (yes bool) {
	defer func() { yes = recover() != nil }()
	f()
	return false
}
