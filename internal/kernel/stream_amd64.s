//go:build !noasm

#include "textflag.h"
#include "loops_amd64.h"

// The loops work on eight cells at a time; n is a multiple of eight and
// not 0.

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
