package series

import (
	"cmp"
	"math/big"
	"math/bits"

	"github.com/shopspring/decimal"
)

// Total is a signed 128-bit sum of cells, at the scale of its line. 2^63
// cells cannot overflow it, so adding never fails and never rounds.
type Total struct {
	Hi int64
	Lo uint64
}

// TotalOf is v as a total.
func TotalOf(v int64) Total { return Total{v >> 63, uint64(v)} }

// Add is t + u.
func (t Total) Add(u Total) Total {
	lo, carry := bits.Add64(t.Lo, u.Lo, 0)
	hi, _ := bits.Add64(uint64(t.Hi), uint64(u.Hi), carry)
	return Total{int64(hi), lo}
}

// Sub is t - u.
func (t Total) Sub(u Total) Total {
	lo, borrow := bits.Sub64(t.Lo, u.Lo, 0)
	hi, _ := bits.Sub64(uint64(t.Hi), uint64(u.Hi), borrow)
	return Total{int64(hi), lo}
}

// Mul is t × n. It wraps where that passes 127 bits: the caller knows it does not.
func (t Total) Mul(n int64) Total {
	hi, lo := bits.Mul64(t.Lo, uint64(n))
	return Total{int64(hi) + t.Hi*n + int64(t.Lo)*(n>>63), lo}
}

// Cmp is -1, 0 or +1 as t is less than, equal to or more than u.
func (t Total) Cmp(u Total) int {
	if t.Hi != u.Hi {
		return cmp.Compare(t.Hi, u.Hi)
	}
	return cmp.Compare(t.Lo, u.Lo)
}

// Abs is t without its sign.
func (t Total) Abs() Total {
	if t.Hi < 0 {
		return Total{}.Sub(t)
	}
	return t
}

// Big is the total as an integer.
func (t Total) Big() *big.Int {
	b := new(big.Int).SetInt64(t.Hi)
	b.Lsh(b, 64)
	return b.Add(b, new(big.Int).SetUint64(t.Lo))
}

// Decimal is t × 10^-scale, exactly.
func (t Total) Decimal(scale int) decimal.Decimal {
	return decimal.NewFromBigInt(t.Big(), -int32(scale))
}
