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
 * Preempted here, and on the way back, a task is known to RCU tasks alone. Nothing is
 * indirect, and nothing that is called returns to another place than it was called from
 * but fspan_go, and that by its own return: so a return thunk does what it should.
 */
SYM_FUNC_START(fspan_trampoline)
	ANNOTATE_NOENDBR
	subq	$REGS, %rsp
	movq	%r15, R15(%rsp)
	movq	%r14, R14(%rsp)
	movq	%r13, R13(%rsp)
	movq	%r12, R12(%rsp)
	movq	%rbp, RBP(%rsp)
	movq	%rbx, RBX(%rsp)
	movq	%r11, R11(%rsp)
	movq	%r10, R10(%rsp)
	movq	%r9, R9(%rsp)
	movq	%r8, R8(%rsp)
	movq	%rax, RAX(%rsp)
	movq	%rcx, RCX(%rsp)
	movq	%rdx, RDX(%rsp)
	movq	%rsi, RSI(%rsp)
	movq	%rdi, RDI(%rsp)
	movq	$-1, ORIG_RAX(%rsp)
	movq	REGS(%rsp), %rsi
	movq	%rsi, RIP(%rsp)
	movq	$__KERNEL_CS, CS(%rsp)
	pushfq
	popq	EFLAGS(%rsp)
	leaq	REGS+8(%rsp), %rax
	movq	%rax, RSP(%rsp)
	movq	$__KERNEL_DS, SS(%rsp)
	movq	%rsp, %rdi
	call	fspan_direct_enter
	movq	R10(%rsp), %r10
	movq	R9(%rsp), %r9
	movq	R8(%rsp), %r8
	movq	RCX(%rsp), %rcx
	movq	RDX(%rsp), %rdx
	movq	RSI(%rsp), %rsi
	movq	RDI(%rsp), %rdi
	addq	$REGS, %rsp
	/* as it was: what callees keep was stored, but never changed */
	UNWIND_HINT_FUNC
	testq	%rax, %rax
	jnz	.Lfollow
	RET

.Lfollow:
	popq	%r11
	UNWIND_HINT_FUNC
	testb	$FSPAN_STACK_COPIED, %al
	jnz	.Lcopy
	pushq	%rax
	call	fspan_go
SYM_INNER_LABEL(fspan_trampoline_plain, SYM_L_GLOBAL)
	ANNOTATE_NOENDBR
	subq	$REGS, %rsp
	movq	%rax, RAX(%rsp)
	movq	%rdx, RDX(%rsp)
	movq	%rbp, RBP(%rsp)
	leaq	fspan_trampoline_plain(%rip), %rcx
	movq	%rcx, RIP(%rsp)
	movq	$__KERNEL_CS, CS(%rsp)
	movq	$0, EFLAGS(%rsp)
	leaq	REGS(%rsp), %rcx
	movq	%rcx, RSP(%rsp)
	movq	%rsp, %rdi
	movq	REGS(%rsp), %rsi
	call	fspan_direct_leave
	movq	RAX(%rsp), %rax
	movq	RDX(%rsp), %rdx
	addq	$REGS+8, %rsp
	UNWIND_HINT_FUNC
	RET

.Lcopy:
	decq	%rax
	pushq	%rax
	.rept	FSPAN_STACK_WORDS
	pushq	8+8*FSPAN_STACK_WORDS(%rsp)
	.endr
	call	fspan_go
SYM_INNER_LABEL(fspan_trampoline_copied, SYM_L_GLOBAL)
	ANNOTATE_NOENDBR
	addq	$8*FSPAN_STACK_WORDS, %rsp
	jmp	fspan_trampoline_plain
SYM_FUNC_END(fspan_trampoline)
_ASM_NOKPROBE(fspan_trampoline)

/* Go to %r11, which returns to where this was called from. */
SYM_FUNC_START_LOCAL(fspan_go)
	pushq	%r11
	UNWIND_HINT_FUNC
	RET
SYM_FUNC_END(fspan_go)
_ASM_NOKPROBE(fspan_go)

	.section .note.GNU-stack, "", @progbits
