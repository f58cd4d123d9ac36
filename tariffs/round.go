package tariffs

import (
	"math/big"
	"math/bits"

	"github.com/shopspring/decimal"

	"github.com/halfhour/halfhour/internal/kernel"
)

// Every rounding of a bill is in this file. Nothing else rounds, but a reader
// that was told to (series.ParseFixed), and it marks what it rounded.
//
//	(a) roundNBP    the NBP volume of a half-hour: half-even, 6 decimals of kWh
//	(a) roundShare  the chargeable part of a volume, the same way
//	(b) rootKVA     the month's winning kVA: to the nearest of 9 decimals
//	(c) allotted    an allocated total, cumulatively, to ticks of £0.00000001: half up
//	(c) quantityUpTo the same of a quantity × rate, half away from zero
//	(c) addAllotted the same for a day's half-hours, without a division for each
//	(c) accrueDay   the VAT of a day's half-hours, the same way
//	(c) accruedDay  their sum, straight from the sum of the charges
//	(d) roundPenny  a printed line: half away from zero, £0.01
//	(e) roundVAT    VAT on the sum of the printed lines: half away from zero, £0.01,
//	                or cut to the penny where the contract says so
//	(f) InPercent   what share a part is of a whole, to be read: half away from zero,
//	                one decimal of a per cent; no amount is made from it
//
// Half away from zero is what a customer does by hand, and it treats a charge
// and the credit that undoes it alike. Half-even is for volumes, where a bias
// of half a unit, 17,520 times a year, would show.

const (
	tlmUnit  = 1_000_000_000 // TLM is held at 9 decimals
	nbpHalf  = tlmUnit / 2
	pennyDec = 2
)

// roundNBP sets dst to GSP × TLM, both from the grid supply point at 6
// decimals and the multiplier at 9, rounded half-even to 6 decimals of kWh. It
// returns the index of the first product that cannot be held, or len(dst). most
// bounds gsp.
func roundNBP(dst, gsp, tlm []int64, most uint64) int {
	gsp, tlm = gsp[:len(dst)], tlm[:len(dst)]
	if kernel.Fits(most, kernel.Magnitude(tlm), 0) {
		for i := range dst {
			p := gsp[i] * tlm[i]
			q := p / tlmUnit
			r := p - q*tlmUnit
			sign := p >> 63
			// Up is -1 where |r|, and one more where q is odd, is above the half: no
			// branch, for which way a volume is rounded cannot be foreseen.
			up := (nbpHalf - ((r ^ sign) - sign + q&1)) >> 63
			dst[i] = q + (-up ^ sign) - sign
		}
		return len(dst)
	}
	for i := range dst {
		hi, lo := bits.Mul64(magnitude(gsp[i]), magnitude(tlm[i]))
		if hi >= tlmUnit/2 { // the quotient would pass 2^63
			return i
		}
		q, r := bits.Div64(hi, lo, tlmUnit)
		if r > nbpHalf || r == nbpHalf && q&1 != 0 {
			if q++; q == 1<<63 {
				return i
			}
		}
		if (gsp[i] < 0) != (tlm[i] < 0) {
			dst[i] = -int64(q)
		} else {
			dst[i] = int64(q)
		}
	}
	return len(dst)
}

// whole is a share of the whole, in thousandths.
const whole = 1000

// roundShare sets dst to so many thousandths of each volume × unit, rounded
// half-even. It returns the index of the first that cannot be held, or
// len(dst).
func roundShare(dst, from []int64, thousandths, unit int64) int {
	for i, v := range from[:len(dst)] {
		hi, lo := bits.Mul64(magnitude(v), uint64(thousandths*unit))
		if hi >= whole/2 {
			return i
		}
		q, r := bits.Div64(hi, lo, whole)
		if r > whole/2 || r == whole/2 && q&1 != 0 {
			q++
		}
		if q >= 1<<63 {
			return i
		}
		if dst[i] = int64(q); v < 0 {
			dst[i] = -dst[i]
		}
	}
	return len(dst)
}

// demandScale is how many decimals of kVA a month's winner has. Apparent power
// is compared as squares and rooted once, for the winner.
const demandScale = 9

// rootKVA is 2√square, the apparent power in kVA of a half-hour in which the
// squares of active and reactive energy come to square (at 6 decimals), at
// demandScale: to the nearest, for a root of a whole number is never half-way.
func rootKVA(square uint64) int64 {
	// 2√square × 10^-3 × 10^9, doubled to see which half it is in, is the root
	// of 16 × square × 10^12.
	hi, lo := bits.Mul64(square, 16_000_000_000_000)
	root := uint64(0)
	for bit := uint64(1) << 63; bit > 0; bit >>= 1 {
		r := root | bit
		if h, l := bits.Mul64(r, r); h < hi || h == hi && l <= lo {
			root = r
		}
	}
	return int64((root + 1) / 2)
}

// assumedKVA is the apparent power in kVA, at demandScale, of a half-hour of
// so much active energy (at 3 decimals) at a power factor of 0.95: 2 × active
// ÷ 0.95, to the nearest.
func assumedKVA(active int64) int64 {
	hi, lo := bits.Mul64(uint64(active), 400_000_000) // doubled, as above
	q, _ := bits.Div64(hi, lo, 95)
	return int64((q + 1) / 2)
}

// quantityUpTo is quantity × rate × k ÷ den, half away from zero: what the
// first k parts of an amount come to in ticks. ok is false when it, or
// quantity × rate, cannot be held. k is at most 961 (the days of a month times
// as many), den at most 10^9.
func quantityUpTo(quantity, rate, k, den int64) (ticks int64, ok bool) {
	over, m := bits.Mul64(magnitude(quantity), magnitude(rate))
	hi, lo := bits.Mul64(m, uint64(2*k))
	lo, carry := bits.Add64(lo, uint64(den), 0)
	if hi += carry; over != 0 || hi >= uint64(den) {
		return 0, false
	}
	q, _ := bits.Div64(hi, lo, uint64(2*den))
	if (quantity < 0) != (rate < 0) {
		return -int64(q), q < 1<<63
	}
	return int64(q), q < 1<<63
}

func magnitude(v int64) uint64 {
	if v < 0 {
		return -uint64(v)
	}
	return uint64(v)
}

// allotted is the share of a total that its first k parts of n have: the
// total × k ÷ n, half up. Differences of it are the parts, and they sum to the
// total exactly at every level. |total| × n must be below 2^63.
func allotted(total, k, n int64) int64 {
	q, r := total*k/n, total*k%n
	if r < 0 {
		q, r = q-1, r+n
	}
	if 2*r >= n {
		q++
	}
	return q
}

// addAllotted adds a day's ticks to its half-hours, cumulatively, each tick
// worth unit of the cells' scale.
func addAllotted(cells []int64, ticks, unit int64) {
	n := int64(len(cells))
	each, over := ticks/n, ticks%n
	if over < 0 {
		each, over = each-1, over+n
	}
	// The running total is rounded half up: carry is twice what it is over a
	// whole tick, plus the half.
	carry := n
	for i := range cells {
		t := each
		if carry += 2 * over; carry >= 2*n {
			carry -= 2 * n
			t++
		}
		cells[i] += t * unit
	}
}

// roundPenny is exact × 1 ÷ divisor, to the penny, half away from zero.
func roundPenny(exact decimal.Decimal, divisor int64) decimal.Decimal {
	return quotient(exact, divisor, pennyDec)
}

// roundVAT is rate × the sum of the printed lines, to the penny: half away from
// zero, or cut. A credit is cut as the charge it undoes was.
func roundVAT(net, rate decimal.Decimal, down bool) decimal.Decimal {
	if down {
		return net.Mul(rate).Truncate(pennyDec)
	}
	return quotient(net.Mul(rate), 1, pennyDec)
}

// quotient is d ÷ divisor at so many decimals, half away from zero, exactly:
// no intermediate digits are dropped.
func quotient(d decimal.Decimal, divisor int64, decimals int32) decimal.Decimal {
	num, den := new(big.Int).Set(d.Coefficient()), big.NewInt(divisor)
	ten := big.NewInt(10)
	if e := d.Exponent() + decimals; e >= 0 {
		num.Mul(num, new(big.Int).Exp(ten, big.NewInt(int64(e)), nil))
	} else {
		den.Mul(den, new(big.Int).Exp(ten, big.NewInt(int64(-e)), nil))
	}
	q, r := new(big.Int).QuoRem(num, den, new(big.Int))
	if r.Lsh(r.Abs(r), 1).CmpAbs(den) >= 0 {
		q.Add(q, big.NewInt(int64(num.Sign())))
	}
	return decimal.NewFromBigInt(q, -decimals)
}

// accrueDay turns the charges of a day's half-hours into their VAT in ticks,
// in place: the running total × num ÷ per, half up, less the one before. bound
// is at least every |charge × num| and below 2^61, per below 2^40.
//
// A day whose running total fits takes a division for each half-hour. For others
// each charge is divided by itself and only the remainders run on.
func accrueDay(cells []int64, num, per, bound int64) {
	by, of := divideBy(uint64(per)), uint64(per)
	if bound < fitsDay {
		before := maxDay*uint64(bound)/of + 1
		total := before*of + of/2 // keeps dividends positive
		for i, c := range cells {
			total += uint64(c * num)
			upTo := by.divide(total)
			cells[i] = int64(upTo - before)
			before = upTo
		}
		return
	}
	zero := uint64(bound)/of + 1
	shift := zero * of // the same
	rest, ticks := of/2, uint64(0)
	for i, c := range cells {
		x := uint64(c*num) + shift
		q := by.divide(x)
		rest += x - q*of // at most fifty remainders
		upTo := by.divide(rest)
		cells[i] = int64(q - zero + upTo - ticks)
		ticks = upTo
	}
}

// fitsDay bounds the charges × num of which fifty, and as much again to keep them
// positive, stay below 2^63.
const fitsDay = 1 << 56

// divisor divides what is below 2^63 by d, of 2 or more and below 2^63, as a
// multiplication: by ⌈2^(64+s) ÷ d⌉ where 2^s < d < 2^(s+1). Rounding that up adds less
// than x ÷ 2^(64+s) to x ÷ d, which is less than 1 ÷ d, and so much is always left to
// the next whole number.
type divisor struct {
	multiplier uint64
	shift      uint
}

func divideBy(d uint64) divisor {
	s := uint(bits.Len64(d) - 1)
	if d == 1<<s {
		return divisor{1 << 63, s - 1}
	}
	q, _ := bits.Div64(1<<s, 0, d) // never whole: d is no power of two
	return divisor{q + 1, s}
}

func (d divisor) divide(x uint64) uint64 {
	q, _ := bits.Mul64(x, d.multiplier)
	return q >> (d.shift & 63) // below 64, which the compiler need not be told twice
}

// accruedDay is what the cells of accrueDay come to for a day whose charges come
// to hi × 2^64 + lo: each is a difference of rounded running totals, so only the
// last is left. |hi × 2^64 + lo| × num is below 2^67: fifty times what accrueDay
// admits.
func accruedDay(hi int64, lo uint64, num, per int64) int64 {
	over, x := bits.Mul64(lo, uint64(num))
	over += uint64(hi * num)
	whole, _ := bits.Div64(8, 0, uint64(per)) // 2^67 and more of it keeps the dividend positive
	whole++
	up, shift := bits.Mul64(whole, uint64(per))
	x, carry := bits.Add64(x, shift, 0)
	over += up + carry
	x, carry = bits.Add64(x, uint64(per/2), 0)
	q, _ := bits.Div64(over+carry, x, uint64(per))
	return int64(q - whole)
}

// floorHalfUp is sum × num ÷ per, half up.
func floorHalfUp(sum *big.Int, num int64, per *big.Int) *big.Int {
	x := new(big.Int).Mul(sum, big.NewInt(num))
	x.Add(x, new(big.Int).Rsh(per, 1))
	q, m := new(big.Int).QuoRem(x, per, new(big.Int))
	if m.Sign() < 0 {
		q.Sub(q, big.NewInt(1))
	}
	return q
}

// InPercent is the share that part is of whole in per cent, to one decimal, half
// away from zero. It is not ok where the whole is nothing.
func InPercent(part, whole decimal.Decimal) (share decimal.Decimal, ok bool) {
	if whole.IsZero() {
		return decimal.Zero, false
	}
	return part.Shift(2).DivRound(whole, 1), true
}
