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
#define FSPAN_STACK_NOT_COPIED	1	/* in what fspan_direct_enter() gives */

#ifndef __ASSEMBLER__

struct fspan_slot;
struct pt_regs;

/* Below the slot that is there: what the function left in these, then the slot. */
struct fspan_returned {
	unsigned long bp, ax, dx;
};

/*
 * Not to be called from C. The first is for sets whose fields take no registers but those
 * of the call: it does not keep the others.
 */
void fspan_trampoline(void);
void fspan_trampoline_all(void);
/* The return addresses, without and with copies on the stack. */
void fspan_trampoline_plain(void);
void fspan_trampoline_copied(void);
/* Where fspan_direct_leave() returns to: in a stack trace, right below who called the function. */
void fspan_trampoline_left(void);

/*
 * Entered: @regs as they are there, as far as they were kept, @site is B. The call's slot,
 * with FSPAN_STACK_NOT_COPIED if words are not to be copied; 0: it is not followed.
 */
unsigned long fspan_direct_enter(struct pt_regs *regs, unsigned long site);
void fspan_direct_leave(const struct fspan_returned *returned, struct fspan_slot *slot);

#endif
#endif
