package bench

// PlainRead touches every cell as fast as a plain Go loop does: what budgets of
// reading are ratios to.
func PlainRead(v []int64) int64 {
	var a, b, c, d int64
	for len(v) >= 8 {
		x := v[:8:8]
		a += x[0] + x[4]
		b += x[1] + x[5]
		c += x[2] + x[6]
		d += x[3] + x[7]
		v = v[8:]
	}
	for _, x := range v {
		a += x
	}
	return a + b + c + d
}
