package kernel

// The loops of Mul and those like it in Go: what the others are held to, and all
// there is where the machine has no others.

func mulGo(dst, a, b []int64) {
	for len(dst) >= 8 && len(a) >= 8 && len(b) >= 8 {
		d, x, y := (*[8]int64)(dst), (*[8]int64)(a), (*[8]int64)(b)
		d[0] = x[0] * y[0]
		d[1] = x[1] * y[1]
		d[2] = x[2] * y[2]
		d[3] = x[3] * y[3]
		d[4] = x[4] * y[4]
		d[5] = x[5] * y[5]
		d[6] = x[6] * y[6]
		d[7] = x[7] * y[7]
		dst, a, b = dst[8:], a[8:], b[8:]
	}
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		dst[i] = a[i] * b[i]
	}
}

func scaleGo(dst, a []int64, k int64) {
	for len(dst) >= 8 && len(a) >= 8 {
		d, x := (*[8]int64)(dst), (*[8]int64)(a)
		d[0] = x[0] * k
		d[1] = x[1] * k
		d[2] = x[2] * k
		d[3] = x[3] * k
		d[4] = x[4] * k
		d[5] = x[5] * k
		d[6] = x[6] * k
		d[7] = x[7] * k
		dst, a = dst[8:], a[8:]
	}
	a = a[:len(dst)]
	for i := range dst {
		dst[i] = a[i] * k
	}
}

func mulAddGo(dst, a, b, c []int64) {
	a, b, c = a[:len(dst)], b[:len(dst)], c[:len(dst)]
	for i := range dst {
		dst[i] = a[i]*b[i] + c[i]
	}
}

func addScaledGo(dst, a []int64, k int64) {
	for len(dst) >= 8 && len(a) >= 8 {
		d, x := (*[8]int64)(dst), (*[8]int64)(a)
		d[0] += x[0] * k
		d[1] += x[1] * k
		d[2] += x[2] * k
		d[3] += x[3] * k
		d[4] += x[4] * k
		d[5] += x[5] * k
		d[6] += x[6] * k
		d[7] += x[7] * k
		dst, a = dst[8:], a[8:]
	}
	a = a[:len(dst)]
	for i := range dst {
		dst[i] += a[i] * k
	}
}

func mulLinearGo(dst, a, b []int64, k int64, c []int64) {
	for len(dst) >= 8 && len(a) >= 8 && len(b) >= 8 && len(c) >= 8 {
		d, x, y, z := (*[8]int64)(dst), (*[8]int64)(a), (*[8]int64)(b), (*[8]int64)(c)
		d[0] = x[0] * (y[0]*k + z[0])
		d[1] = x[1] * (y[1]*k + z[1])
		d[2] = x[2] * (y[2]*k + z[2])
		d[3] = x[3] * (y[3]*k + z[3])
		d[4] = x[4] * (y[4]*k + z[4])
		d[5] = x[5] * (y[5]*k + z[5])
		d[6] = x[6] * (y[6]*k + z[6])
		d[7] = x[7] * (y[7]*k + z[7])
		dst, a, b, c = dst[8:], a[8:], b[8:], c[8:]
	}
	a, b, c = a[:len(dst)], b[:len(dst)], c[:len(dst)]
	for i := range dst {
		dst[i] = a[i] * (b[i]*k + c[i])
	}
}
