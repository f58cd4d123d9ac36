//go:build !noasm

#include "textflag.h"

// The low 64 bits of four products: with the halves of X and Y,
// X×Y + (high X × low Y + low X × high Y) << 32, into TO. S and T are lost.
#define PRODUCT(X, Y, TO, S, T) \
	VPSRLQ   $32, X, S  \
	VPSRLQ   $32, Y, T  \
	VPMULUDQ Y, S, S    \
	VPMULUDQ X, T, T    \
	VPADDQ   S, T, S    \
	VPSLLQ   $32, S, S  \
	VPMULUDQ X, Y, TO   \
	VPADDQ   S, TO, TO

// The same of X and the number in every lane of Y14, whose high half is Y15.
#define SCALED(X, TO, S, T) \
	VPSRLQ   $32, X, S  \
	VPMULUDQ Y14, S, S  \
	VPMULUDQ X, Y15, T  \
	VPADDQ   S, T, S    \
	VPSLLQ   $32, S, S  \
	VPMULUDQ X, Y14, TO \
	VPADDQ   S, TO, TO

// Eight cells at a time, in Y4 and Y7: the products of two columns, a column ×
// the number, a column added, and what is in them put into one.
#define PRODUCTS(A, B) \
	VMOVDQU (A), Y0   \
	VMOVDQU (B), Y1   \
	VMOVDQU 32(A), Y2 \
	VMOVDQU 32(B), Y3 \
	PRODUCT(Y0, Y1, Y4, Y5, Y6) \
	PRODUCT(Y2, Y3, Y7, Y8, Y9)

#define SCALE(A) \
	VMOVDQU (A), Y0   \
	VMOVDQU 32(A), Y2 \
	SCALED(Y0, Y4, Y5, Y6) \
	SCALED(Y2, Y7, Y8, Y9)

#define ADD(A) \
	VPADDQ (A), Y4, Y4   \
	VPADDQ 32(A), Y7, Y7

#define PUT(A) \
	VMOVDQU Y4, (A)   \
	VMOVDQU Y7, 32(A)

// The same past the caches; A is a multiple of 32.
#define STREAM(A) \
	VMOVNTDQ Y4, (A)   \
	VMOVNTDQ Y7, 32(A)

#define NEXT(A) ADDQ $64, A

// Every loop below works on eight cells at a time; n is a multiple of eight and
// not 0.

// func mulAVX2(dst, a, b *int64, n int)
TEXT ·mulAVX2(SB), NOSPLIT, $0-32
	MOVQ dst+0(FP), DI
	MOVQ a+8(FP), SI
	MOVQ b+16(FP), DX
	MOVQ n+24(FP), CX
loop:
	PRODUCTS(SI, DX)
	PUT(DI)
	NEXT(DI)
	NEXT(SI)
	NEXT(DX)
	SUBQ $8, CX
	JNZ  loop
	VZEROUPPER
	RET

// func streamMulAVX2(dst, a, b *int64, n int)
TEXT ·streamMulAVX2(SB), NOSPLIT, $0-32
	MOVQ dst+0(FP), DI
	MOVQ a+8(FP), SI
	MOVQ b+16(FP), DX
	MOVQ n+24(FP), CX
loop:
	PRODUCTS(SI, DX)
	STREAM(DI)
	NEXT(DI)
	NEXT(SI)
	NEXT(DX)
	SUBQ $8, CX
	JNZ  loop
	VZEROUPPER
	RET

// func mulAddAVX2(dst, a, b, c *int64, n int)
TEXT ·mulAddAVX2(SB), NOSPLIT, $0-40
	MOVQ dst+0(FP), DI
	MOVQ a+8(FP), SI
	MOVQ b+16(FP), DX
	MOVQ c+24(FP), BX
	MOVQ n+32(FP), CX
loop:
	PRODUCTS(SI, DX)
	ADD(BX)
	PUT(DI)
	NEXT(DI)
	NEXT(SI)
	NEXT(DX)
	NEXT(BX)
	SUBQ $8, CX
	JNZ  loop
	VZEROUPPER
	RET

// func scaleAVX2(dst, a *int64, k int64, n int)
TEXT ·scaleAVX2(SB), NOSPLIT, $0-32
	MOVQ dst+0(FP), DI
	MOVQ a+8(FP), SI
	VPBROADCASTQ k+16(FP), Y14
	MOVQ n+24(FP), CX
	VPSRLQ $32, Y14, Y15
loop:
	SCALE(SI)
	PUT(DI)
	NEXT(DI)
	NEXT(SI)
	SUBQ $8, CX
	JNZ  loop
	VZEROUPPER
	RET

// func streamScaleAVX2(dst, a *int64, k int64, n int)
TEXT ·streamScaleAVX2(SB), NOSPLIT, $0-32
	MOVQ dst+0(FP), DI
	MOVQ a+8(FP), SI
	VPBROADCASTQ k+16(FP), Y14
	MOVQ n+24(FP), CX
	VPSRLQ $32, Y14, Y15
loop:
	SCALE(SI)
	STREAM(DI)
	NEXT(DI)
	NEXT(SI)
	SUBQ $8, CX
	JNZ  loop
	VZEROUPPER
	RET

// func addScaledAVX2(dst, a *int64, k int64, n int)
TEXT ·addScaledAVX2(SB), NOSPLIT, $0-32
	MOVQ dst+0(FP), DI
	MOVQ a+8(FP), SI
	VPBROADCASTQ k+16(FP), Y14
	MOVQ n+24(FP), CX
	VPSRLQ $32, Y14, Y15
loop:
	SCALE(SI)
	ADD(DI)
	PUT(DI)
	NEXT(DI)
	NEXT(SI)
	SUBQ $8, CX
	JNZ  loop
	VZEROUPPER
	RET

// func addOfAVX2(dst, a, b *int64, k int64, n int)
TEXT ·addOfAVX2(SB), NOSPLIT, $0-40
	MOVQ dst+0(FP), DI
	MOVQ a+8(FP), SI
	MOVQ b+16(FP), DX
	VPBROADCASTQ k+24(FP), Y14
	MOVQ n+32(FP), CX
	VPSRLQ $32, Y14, Y15
loop:
	SCALE(DX)
	ADD(SI)
	PUT(DI)
	NEXT(DI)
	NEXT(SI)
	NEXT(DX)
	SUBQ $8, CX
	JNZ  loop
	VZEROUPPER
	RET

// func mulLinearAVX2(dst, a, b *int64, k int64, c *int64, n int)
TEXT ·mulLinearAVX2(SB), NOSPLIT, $0-48
	MOVQ dst+0(FP), DI
	MOVQ a+8(FP), SI
	MOVQ b+16(FP), DX
	VPBROADCASTQ k+24(FP), Y14
	MOVQ c+32(FP), BX
	MOVQ n+40(FP), CX
	VPSRLQ $32, Y14, Y15
loop:
	SCALE(DX)
	ADD(BX)
	VMOVDQU (SI), Y0
	VMOVDQU 32(SI), Y2
	VMOVDQA Y4, Y1
	VMOVDQA Y7, Y3
	PRODUCT(Y0, Y1, Y4, Y5, Y6)
	PRODUCT(Y2, Y3, Y7, Y8, Y9)
	PUT(DI)
	NEXT(DI)
	NEXT(SI)
	NEXT(DX)
	NEXT(BX)
	SUBQ $8, CX
	JNZ  loop
	VZEROUPPER
	RET

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

// func magnitudeAVX2(v *int64, n int) uint64
TEXT ·magnitudeAVX2(SB), NOSPLIT, $0-24
	MOVQ v+0(FP), SI
	MOVQ n+8(FP), CX
	VPXOR Y15, Y15, Y15
	VPXOR Y14, Y14, Y14
	VPXOR Y13, Y13, Y13
loop:
	VMOVDQU  (SI), Y0
	VMOVDQU  32(SI), Y1
	VPCMPGTQ Y0, Y15, Y2 // all ones where negative
	VPCMPGTQ Y1, Y15, Y3
	VPXOR    Y0, Y2, Y0
	VPXOR    Y1, Y3, Y1
	VPOR     Y0, Y14, Y14
	VPOR     Y1, Y13, Y13
	ADDQ $64, SI
	SUBQ $8, CX
	JNZ  loop
	VPOR Y13, Y14, Y14
	VEXTRACTI128 $1, Y14, X0
	VPOR X0, X14, X0
	VPSRLDQ $8, X0, X1
	VPOR X0, X1, X0
	VMOVQ X0, AX
	MOVQ AX, ret+16(FP)
	VZEROUPPER
	RET

// func dot3AVX2(dst *int64, a, b *[3]*int64, c *int64, n int)
TEXT ·dot3AVX2(SB), NOSPLIT, $0-40
	MOVQ dst+0(FP), DI
	MOVQ a+8(FP), AX
	MOVQ b+16(FP), BX
	MOVQ 0(AX), R8
	MOVQ 8(AX), R9
	MOVQ 16(AX), R10
	MOVQ 0(BX), R11
	MOVQ 8(BX), R12
	MOVQ 16(BX), R13
	MOVQ c+24(FP), SI
	MOVQ n+32(FP), CX
loop:
	PRODUCTS(R8, R11)
	ADD(SI)
	VMOVDQA Y4, Y10
	VMOVDQA Y7, Y11
	PRODUCTS(R9, R12)
	VPADDQ Y4, Y10, Y10
	VPADDQ Y7, Y11, Y11
	PRODUCTS(R10, R13)
	VPADDQ Y10, Y4, Y4
	VPADDQ Y11, Y7, Y7
	PUT(DI)
	NEXT(DI)
	NEXT(SI)
	NEXT(R8)
	NEXT(R9)
	NEXT(R10)
	NEXT(R11)
	NEXT(R12)
	NEXT(R13)
	SUBQ $8, CX
	JNZ  loop
	VZEROUPPER
	RET

// func streamLinear32AVX2(dst, sum, a, b *int64, k int64, c *int64, unit int64, n int)
TEXT ·streamLinear32AVX2(SB), NOSPLIT, $0-64
	MOVQ dst+0(FP), DI
	MOVQ sum+8(FP), R8
	MOVQ a+16(FP), SI
	MOVQ b+24(FP), DX
	VPBROADCASTQ k+32(FP), Y13
	MOVQ c+40(FP), BX
	VPBROADCASTQ unit+48(FP), Y14
	MOVQ n+56(FP), CX
	VPSRLQ $32, Y14, Y15
loop:
	VPMULDQ  (DX), Y13, Y4
	VPMULDQ  32(DX), Y13, Y7
	ADD(BX)
	VPMULDQ  (SI), Y4, Y4
	VPMULDQ  32(SI), Y7, Y7
	STREAM(DI)
	VMOVDQA  Y4, Y0
	VMOVDQA  Y7, Y2
	SCALED(Y0, Y4, Y5, Y6)
	SCALED(Y2, Y7, Y8, Y9)
	ADD(R8)
	PUT(R8)
	NEXT(DI)
	NEXT(R8)
	NEXT(SI)
	NEXT(DX)
	NEXT(BX)
	SUBQ $8, CX
	JNZ  loop
	VZEROUPPER
	RET

// func streamAVX2(dst, src *int64, n int)
TEXT ·streamAVX2(SB), NOSPLIT, $0-24
	MOVQ dst+0(FP), DI
	MOVQ src+8(FP), SI
	MOVQ n+16(FP), CX
loop:
	VMOVDQU (SI), Y4
	VMOVDQU 32(SI), Y7
	STREAM(DI)
	NEXT(DI)
	NEXT(SI)
	SUBQ $8, CX
	JNZ  loop
	VZEROUPPER
	RET

// func fence()
TEXT ·fence(SB), NOSPLIT, $0-0
	SFENCE
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

// func addAVX2(dst, a *int64, n int)
TEXT ·addAVX2(SB), NOSPLIT, $0-24
	MOVQ dst+0(FP), DI
	MOVQ a+8(FP), SI
	MOVQ n+16(FP), CX
loop:
	VMOVDQU (SI), Y4
	VMOVDQU 32(SI), Y7
	ADD(DI)
	PUT(DI)
	NEXT(DI)
	NEXT(SI)
	SUBQ $8, CX
	JNZ  loop
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
