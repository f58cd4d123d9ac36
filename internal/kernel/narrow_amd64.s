//go:build !noasm

#include "textflag.h"
#include "loops_amd64.h"

// The loops work on eight cells at a time; n is a multiple of eight and
// not 0.

// func mulLinear32AVX2(dst, a, b *int64, k int64, c *int64, n int)
TEXT ·mulLinear32AVX2(SB), NOSPLIT, $0-48
	MOVQ dst+0(FP), DI
	MOVQ a+8(FP), SI
	MOVQ b+16(FP), DX
	VPBROADCASTQ k+24(FP), Y14
	MOVQ c+32(FP), BX
	MOVQ n+40(FP), CX
loop:
	VPMULDQ (DX), Y14, Y4
	VPMULDQ 32(DX), Y14, Y7
	ADD(BX)
	VPMULDQ (SI), Y4, Y4
	VPMULDQ 32(SI), Y7, Y7
	PUT(DI)
	NEXT(DI)
	NEXT(SI)
	NEXT(DX)
	NEXT(BX)
	SUBQ $8, CX
	JNZ  loop
	VZEROUPPER
	RET

// The bits of a cell's magnitude, into OR. S is lost; Y15 is 0.
#define MAGNITUDE(X, OR, S) \
	VPCMPGTQ X, Y15, S \
	VPXOR    X, S, S   \
	VPOR     S, OR, OR

// Four half-hours of peakAVX2: the more of x and y, the squares where a is above 0,
// the highest of them into Y12; into Y14 where a is and the more is not.
#define PEAK(OFF) \
	VMOVDQU   OFF(SI), Y0 \
	VMOVDQU   OFF(DX), Y1 \
	VMOVDQU   OFF(BX), Y2 \
	MAGNITUDE(Y0, Y13, Y3) \
	MAGNITUDE(Y1, Y13, Y4) \
	MAGNITUDE(Y2, Y13, Y5) \
	VPCMPGTQ  Y2, Y1, Y6     \
	VPBLENDVB Y6, Y1, Y2, Y1 \
	VPCMPGTQ  Y15, Y0, Y7 \
	VPCMPGTQ  Y15, Y1, Y8        \
	VPANDN    Y7, Y8, Y8  \
	VPOR      Y8, Y14, Y14       \
	VPMULDQ   Y0, Y0, Y0         \
	VPMULDQ   Y1, Y1, Y1         \
	VPADDQ    Y0, Y1, Y1         \
	VPAND     Y7, Y1, Y1         \
	VPCMPGTQ  Y12, Y1, Y2        \
	VPBLENDVB Y2, Y1, Y12, Y12

// func peakAVX2(a, x, y *int64, n int) (square, most uint64, lacks bool)
//
// Squares of numbers within 2^31 add up to less than 2^63, so that they can be
// compared as though they had a sign.
TEXT ·peakAVX2(SB), NOSPLIT, $0-49
	MOVQ a+0(FP), SI
	MOVQ x+8(FP), DX
	MOVQ y+16(FP), BX
	MOVQ n+24(FP), CX
	VPXOR Y12, Y12, Y12
	VPXOR Y13, Y13, Y13
	VPXOR Y14, Y14, Y14
	VPXOR Y15, Y15, Y15
loop:
	PEAK(0)
	PEAK(32)
	NEXT(SI)
	NEXT(DX)
	NEXT(BX)
	SUBQ $8, CX
	JNZ  loop
	VPTEST Y14, Y14
	SETNE  lacks+48(FP)
	VEXTRACTI128 $1, Y13, X0
	VPOR         X0, X13, X0
	VPSRLDQ      $8, X0, X1
	VPOR         X0, X1, X0
	VMOVQ        X0, most+40(FP)
	VEXTRACTI128 $1, Y12, X0
	VPCMPGTQ     X12, X0, X1
	VPBLENDVB    X1, X0, X12, X0
	VPSRLDQ      $8, X0, X2
	VPCMPGTQ     X0, X2, X1
	VPBLENDVB    X1, X2, X0, X0
	VMOVQ        X0, square+32(FP)
	VZEROUPPER
	RET

// func addScaled32AVX2(dst, a *int64, k int64, n int)
TEXT ·addScaled32AVX2(SB), NOSPLIT, $0-32
	MOVQ dst+0(FP), DI
	MOVQ a+8(FP), SI
	VPBROADCASTQ k+16(FP), Y14
	MOVQ n+24(FP), CX
loop:
	VPMULDQ (SI), Y14, Y4
	VPMULDQ 32(SI), Y14, Y7
	ADD(DI)
	PUT(DI)
	NEXT(DI)
	NEXT(SI)
	SUBQ $8, CX
	JNZ  loop
	VZEROUPPER
	RET

// Four half-hours of beyond32AVX2.
#define BEYOND(OFF) \
	VMOVDQU   OFF(SI), Y0    \
	VMOVDQU   OFF(DX), Y1    \
	VMOVDQU   OFF(BX), Y2    \
	VPCMPGTQ  Y2, Y1, Y6     \
	VPBLENDVB Y6, Y1, Y2, Y1 \
	VPCMPGTQ  Y15, Y0, Y7    \
	VPMULDQ   Y1, Y13, Y1    \
	VPMULDQ   Y0, Y14, Y0    \
	VPSUBQ    Y0, Y1, Y1     \
	VPCMPGTQ  Y15, Y1, Y2    \
	VPAND     Y7, Y1, Y1     \
	VPAND     Y2, Y1, Y1     \
	VMOVDQU   Y1, OFF(DI)

// func beyond32AVX2(dst, a, x, y *int64, p, q int64, n int)
TEXT ·beyond32AVX2(SB), NOSPLIT, $0-56
	MOVQ dst+0(FP), DI
	MOVQ a+8(FP), SI
	MOVQ x+16(FP), DX
	MOVQ y+24(FP), BX
	VPBROADCASTQ p+32(FP), Y13
	VPBROADCASTQ q+40(FP), Y14
	MOVQ n+48(FP), CX
	VPXOR Y15, Y15, Y15
loop:
	BEYOND(0)
	BEYOND(32)
	NEXT(DI)
	NEXT(SI)
	NEXT(DX)
	NEXT(BX)
	SUBQ $8, CX
	JNZ  loop
	VZEROUPPER
	RET
