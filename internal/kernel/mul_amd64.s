//go:build !noasm

#include "textflag.h"
#include "loops_amd64.h"

// The loops work on eight cells at a time; n is a multiple of eight and
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
