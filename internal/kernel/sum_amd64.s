//go:build !noasm

#include "textflag.h"

// func halvesAVX2(v *int64, n int) (s, h int64)
//
// Sixteen cells at a time; n is a multiple of sixteen and not 0. A cell with its
// sign bit turned over is the cell plus 2^63, and not negative: its high half can be
// shifted down without a sign, for which AVX2 has no instruction in 64 bits. What
// that added comes off at the end: n × 2^31 from the high halves, and from the sum
// n × 2^63, which wraps to nothing as n is even. Every instruction on X and Y is of
// AVX: one of SSE among them costs each call a fifth of a microsecond.
TEXT ·halvesAVX2(SB), NOSPLIT, $0-32
	MOVQ         v+0(FP), SI
	MOVQ         n+8(FP), CX
	MOVQ         CX, DX
	SHLQ         $31, DX
	MOVQ         $1, AX
	SHLQ         $63, AX
	VMOVQ        AX, X4
	VPBROADCASTQ X4, Y4
	VPXOR        Y0, Y0, Y0
	VPXOR        Y1, Y1, Y1
	VPXOR        Y2, Y2, Y2
	VPXOR        Y3, Y3, Y3
loop:
	VPXOR  (SI), Y4, Y5
	VPXOR  32(SI), Y4, Y6
	VPXOR  64(SI), Y4, Y7
	VPXOR  96(SI), Y4, Y8
	VPADDQ Y5, Y0, Y0
	VPADDQ Y6, Y1, Y1
	VPADDQ Y7, Y0, Y0
	VPADDQ Y8, Y1, Y1
	VPSRLQ $32, Y5, Y5
	VPSRLQ $32, Y6, Y6
	VPSRLQ $32, Y7, Y7
	VPSRLQ $32, Y8, Y8
	VPADDQ Y5, Y2, Y2
	VPADDQ Y6, Y3, Y3
	VPADDQ Y7, Y2, Y2
	VPADDQ Y8, Y3, Y3
	ADDQ   $128, SI
	SUBQ   $16, CX
	JNZ    loop
	VPADDQ       Y1, Y0, Y0
	VPADDQ       Y3, Y2, Y2
	VEXTRACTI128 $1, Y0, X1
	VEXTRACTI128 $1, Y2, X3
	VPADDQ       X1, X0, X0
	VPADDQ       X3, X2, X2
	VPSRLDQ      $8, X0, X1
	VPSRLDQ      $8, X2, X3
	VPADDQ       X1, X0, X0
	VPADDQ       X3, X2, X2
	VMOVQ        X0, AX
	VMOVQ        X2, BX
	SUBQ         DX, BX
	MOVQ         AX, s+16(FP)
	MOVQ         BX, h+24(FP)
	VZEROUPPER
	RET
