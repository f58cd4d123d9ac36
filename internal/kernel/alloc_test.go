package kernel

import "testing"

var sink struct {
	i  int
	b  bool
	u  uint64
	hi int64
}

// No loop here allocates.
func TestNoAllocation(t *testing.T) { each(t, testNoAllocation) }

func testNoAllocation(t *testing.T) {
	const n = 257
	a, b, c, dst := make([]int64, n), make([]int64, n), make([]int64, n), make([]int64, n)
	bm, other, which := make([]uint64, 5), make([]uint64, 5), make([]uint8, n)
	for i := range a {
		a[i], b[i], c[i] = int64(i)-3, int64(i)<<40, 1
	}
	for name, f := range map[string]func(){
		"Sum":            func() { sink.hi, sink.u = Sum(a) },
		"Mul":            func() { Mul(dst, a, b) },
		"Scale":          func() { Scale(dst, a, 3) },
		"MulAdd":         func() { MulAdd(dst, a, b, c) },
		"AddScaled":      func() { AddScaled(dst, a, 3) },
		"MulLinear":      func() { MulLinear(dst, a, b, 3, c) },
		"AddOf":          func() { AddOf(dst, a, b, 3) },
		"AddScaled32":    func() { AddScaled32(dst, a, 3) },
		"MulLinear32":    func() { MulLinear32(dst, a, c, 3, c) },
		"Beyond":         func() { Beyond(dst, a, c, c, 3, 3) },
		"Beyond32":       func() { Beyond32(dst, a, c, c, 3, 3) },
		"Peak":           func() { sink.u, _, sink.b = Peak(a, c, c) },
		"Stream":         func() { Stream(dst, a); Fence() },
		"StreamBytes":    func() { StreamBytes(which, which[:]) },
		"StreamLinear32": func() { StreamLinear32(dst, b, c, c, 3, c, 3) },
		"StreamMul":      func() { StreamMul(dst, a, b) },
		"StreamScale":    func() { StreamScale(dst, a, 3) },
		"Dot3":           func() { Dot3(dst, &[3][]int64{a, b, c}, &[3][]int64{c, b, a}, c) },
		"MulAddChecked":  func() { sink.i = MulAddChecked(dst, a, b, c) },
		"Mul64":          func() { sink.hi, sink.u = Mul64(a[9], b[9]) },
		"Magnitude":      func() { sink.u = Magnitude(a) },
		"Fits":           func() { sink.b = Fits(1<<40, 1<<20, 7) },
		"Mask":           func() { sink.u = Mask(1, 70, 100) },
		"NextSet":        func() { sink.i = NextSet(bm, 3, n) },
		"NextClear":      func() { sink.i = NextClear(bm, 3, n) },
		"CountSet":       func() { sink.i = CountSet(bm, 3, n) },
		"SetRange":       func() { SetRange(bm, 3, n) },
		"ClearRange":     func() { ClearRange(bm, 3, n) },
		"CopyRange":      func() { CopyRange(bm, other, 3, n) },
		"Bits":           func() { sink.u = Bits(bm, 3, 67) },
		"Gather":         func() { Gather(dst, &[Ways][]int64{a}, which) },
		"GatherBits":     func() { GatherBits(bm, &[Ways][]uint64{other}, which, 0, n) },
		"GatherSum":      func() { sink.hi, sink.u = GatherSum(&[Ways][]int64{a}, which) },
		"AndRange":       func() { AndRange(bm, other, 3, n) },
	} {
		if got := testing.AllocsPerRun(20, f); got != 0 {
			t.Errorf("%s allocates %v times", name, got)
		}
	}
}
