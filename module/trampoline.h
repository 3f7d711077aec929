/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a traced function calls first, instead of ftrace, and what it returns to. Found
 * when it is entered:
 *
 *	B, in the function	R, in its caller	words that the caller passed
 *
 * and while the function runs, as if it had been called with R just so:
 *
 *	return address, here	copies of words		call	R	words
 */
#ifndef FSPAN_TRAMPOLINE_H
#define FSPAN_TRAMPOLINE_H

#define FSPAN_STACK_WORDS	6	/* that are copied; even, as the stack is aligned so */
#define FSPAN_STACK_COPIED	1	/* in what fspan_direct_enter() gives */

#ifndef __ASSEMBLER__

struct fspan_slot;
struct pt_regs;

/* Not to be called from C. */
void fspan_trampoline(void);
/* The return addresses, without and with copies on the stack. */
void fspan_trampoline_plain(void);
void fspan_trampoline_copied(void);

/*
 * Entered: @regs as they are there, @site is B. The call's slot, with FSPAN_STACK_COPIED if
 * words are to be copied; 0: it is not followed.
 */
unsigned long fspan_direct_enter(struct pt_regs *regs, unsigned long site);
/* Returned: of @regs there are ip, sp, bp, ax, cs and flags. */
void fspan_direct_leave(struct pt_regs *regs, struct fspan_slot *slot);

#endif
#endif
