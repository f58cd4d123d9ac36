package kernel

import "testing"

// BenchmarkLoops times each loop that is there twice on cells that stay in the
// first cache.
func BenchmarkLoops(b *testing.B) {
	const n = 1024
	a, p, c, dst := make([]int64, n), make([]int64, n), make([]int64, n), make([]int64, n)
	for i := range a {
		a[i], p[i], c[i] = int64(i)*31, int64(i)<<20, 7
	}
	has := vector
	defer func() { vector = has }()
	for _, of := range []struct {
		name string
		loop func()
	}{
		{"Mul", func() { Mul(dst, a, p) }},
		{"Scale", func() { Scale(dst, a, 31) }},
		{"MulAdd", func() { MulAdd(dst, a, p, c) }},
		{"AddScaled", func() { AddScaled(dst, a, 31) }},
		{"MulLinear", func() { MulLinear(dst, a, p, 31, c) }},
		{"Dot3", func() { Dot3(dst, &[3][]int64{a, p, c}, &[3][]int64{p, c, a}, c) }},
		{"AddOf", func() { AddOf(dst, a, p, 31) }},
		{"AddScaled32", func() { AddScaled32(dst, c, 31) }},
		{"MulLinear32", func() { MulLinear32(dst, c, a, 31, c) }},
		{"Beyond32", func() { Beyond32(dst, a, c, c, 100, 33) }},
		{"Peak", func() { sink.u, _, _ = Peak(a, c, c) }},
		{"Stream", func() { Stream(dst, a) }},
		{"Magnitude", func() { sink.u = Magnitude(a) }},
	} {
		for _, vector = range []bool{false, true} {
			name := of.name + "/go"
			if vector {
				if name = of.name + "/vector"; !has {
					continue
				}
			}
			b.Run(name, func(b *testing.B) {
				for b.Loop() {
					of.loop()
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/cell")
			})
		}
	}
}
