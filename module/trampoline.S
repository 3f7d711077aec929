/* SPDX-License-Identifier: GPL-2.0 */
#include <linux/linkage.h>
#include <linux/objtool.h>
#include <asm/asm.h>
#include <asm/ptrace-abi.h>
#include <asm/segment.h>
#include <asm/unwind_hints.h>

#include "trampoline.h"

#define REGS	(SS + 8 + 8)	/* struct pt_regs, aligned */

	.text

/*
 * Entered: 0 in %rax, with all as it was, but what no callee keeps and no argument is in; or
 * the call is followed. What callees keep is stored, but never changed.
 */
.macro ENTER all
	leaq	-REGS(%rsp), %rsp	/* the flags are still the caller's */
	.if \all
	movq	%r15, R15(%rsp)
	movq	%r14, R14(%rsp)
	movq	%r13, R13(%rsp)
	movq	%r12, R12(%rsp)
	movq	%rbx, RBX(%rsp)
	movq	%r11, R11(%rsp)
	movq	%r10, R10(%rsp)
	movq	$-1, ORIG_RAX(%rsp)
	movq	$__KERNEL_CS, CS(%rsp)
	pushfq
	popq	EFLAGS(%rsp)
	movq	$__KERNEL_DS, SS(%rsp)
	.endif
	movq	%rbp, RBP(%rsp)
	movq	%rax, RAX(%rsp)
	movq	%r9, R9(%rsp)
	movq	%r8, R8(%rsp)
	movq	%rcx, RCX(%rsp)
	movq	%rdx, RDX(%rsp)
	movq	%rsi, RSI(%rsp)
	movq	%rdi, RDI(%rsp)
	movq	REGS(%rsp), %rsi
	movq	%rsi, RIP(%rsp)
	leaq	REGS+8(%rsp), %rax
	movq	%rax, RSP(%rsp)
	movq	%rsp, %rdi
	call	fspan_direct_enter
	movq	R9(%rsp), %r9
	movq	R8(%rsp), %r8
	movq	RCX(%rsp), %rcx
	movq	RDX(%rsp), %rdx
	movq	RSI(%rsp), %rsi
	movq	RDI(%rsp), %rdi
	addq	$REGS, %rsp
	UNWIND_HINT_FUNC
	testq	%rax, %rax
.endm

/* Go to %r11, which returns to where this was called from. */
SYM_FUNC_START_LOCAL(fspan_go)
	pushq	%r11
	UNWIND_HINT_FUNC
	RET
SYM_FUNC_END(fspan_go)
_ASM_NOKPROBE(fspan_go)

/*
 * Preempted here, and on the way back, a task is known to RCU tasks alone. Nothing is
 * indirect, and nothing that is called returns to another place than it was called from
 * but fspan_go, and that by its own return: so a return thunk does what it should.
 */
SYM_FUNC_START_LOCAL(fspan_trampoline_follow)
	popq	%r11
	UNWIND_HINT_FUNC
	testb	$FSPAN_STACK_NOT_COPIED, %al
	jnz	.Lplain
	pushq	%rax
	.rept	FSPAN_STACK_WORDS
	pushq	8+8*FSPAN_STACK_WORDS(%rsp)
	.endr
	call	fspan_go
SYM_INNER_LABEL(fspan_trampoline_copied, SYM_L_GLOBAL)
	ANNOTATE_NOENDBR
	addq	$8*FSPAN_STACK_WORDS, %rsp
.Lleave:
	/* struct fspan_returned */
	pushq	%rdx
	pushq	%rax
	pushq	%rbp
	movq	%rsp, %rdi
	movq	3*8(%rsp), %rsi
	call	fspan_direct_leave
SYM_INNER_LABEL(fspan_trampoline_left, SYM_L_GLOBAL)
	ANNOTATE_NOENDBR
	popq	%rbp
	popq	%rax
	popq	%rdx
	addq	$8, %rsp
	UNWIND_HINT_FUNC
	RET

.Lplain:
	decq	%rax
	pushq	%rax
	call	fspan_go
SYM_INNER_LABEL(fspan_trampoline_plain, SYM_L_GLOBAL)
	ANNOTATE_NOENDBR
	jmp	.Lleave
SYM_FUNC_END(fspan_trampoline_follow)
_ASM_NOKPROBE(fspan_trampoline_follow)

SYM_FUNC_START(fspan_trampoline)
	ANNOTATE_NOENDBR
	ENTER	all=0
	jnz	fspan_trampoline_follow
	RET
SYM_FUNC_END(fspan_trampoline)
_ASM_NOKPROBE(fspan_trampoline)

SYM_FUNC_START(fspan_trampoline_all)
	ANNOTATE_NOENDBR
	ENTER	all=1
	jnz	fspan_trampoline_follow
	RET
SYM_FUNC_END(fspan_trampoline_all)
_ASM_NOKPROBE(fspan_trampoline_all)

	.section .note.GNU-stack, "", @progbits
