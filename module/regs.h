/* SPDX-License-Identifier: GPL-2.0 */
/* Registers, arguments and the stack at a probe, by architecture. */
#ifndef FSPAN_REGS_H
#define FSPAN_REGS_H

#include <linux/types.h>

#ifdef __KERNEL__
#include <linux/ptrace.h>
#endif

struct pt_regs;

/* Offset in struct pt_regs of the register that kprobe_events calls @name, or -EINVAL. */
int fspan_reg_offset(const char *name, size_t len);

#ifdef __KERNEL__
/* Offset in struct pt_regs of the register that has argument @n, -EINVAL: it is in none. */
int fspan_reg_argument_offset(unsigned int n);
/* Is it of a call: has it an argument, or tells where? Others are callers' own. */
bool fspan_reg_is_of_call(unsigned int offset);
/* Argument @n, from 0, at the first instruction of a function. Any context. */
unsigned long fspan_reg_argument(struct pt_regs *regs, unsigned int n);
/* The first six of them. */
static __always_inline void fspan_reg_arguments(const struct pt_regs *regs, u64 *args)
{
#if defined(CONFIG_X86_64)
	args[0] = regs->di;
	args[1] = regs->si;
	args[2] = regs->dx;
	args[3] = regs->cx;
	args[4] = regs->r8;
	args[5] = regs->r9;
#else
	unsigned int i;

	for (i = 0; i < 6; i++)
		args[i] = regs->regs[i];
#endif
}
/* Word @n of the kernel stack, 0 beyond its end. Any context. */
unsigned long fspan_reg_stack(struct pt_regs *regs, unsigned int n);
#endif

#endif
