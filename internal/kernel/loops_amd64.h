// What the vector loops are made of.

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
