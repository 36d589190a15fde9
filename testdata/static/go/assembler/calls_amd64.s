#include "textflag.h"

// func sessionOf(pid uintptr) uintptr
TEXT ·sessionOf(SB), NOSPLIT, $0-16
	MOVQ pid+0(FP), DI
	MOVQ $124, AX
	SYSCALL
	MOVQ AX, ret+8(FP)
	RET

// func groupOf(pid uintptr) uintptr
TEXT ·groupOf(SB), NOSPLIT, $0-16
	MOVQ pid+0(FP), DI
	MOVQ $100, AX
	ADDQ $21, AX
	SYSCALL
	MOVQ AX, ret+8(FP)
	RET
