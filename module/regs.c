// SPDX-License-Identifier: GPL-2.0
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/ptrace.h>
#include <linux/string.h>
#ifdef __KERNEL__
#include <linux/kprobes.h>
#include <linux/thread_info.h>
#include <linux/uaccess.h>
#endif

#include "regs.h"

#define REG(name, member) { name, offsetof(struct pt_regs, member) }

static const struct {
	const char *name;
	unsigned int offset;
} regs_table[] = {
#if defined(CONFIG_X86_64)
	REG("r15", r15), REG("r14", r14), REG("r13", r13), REG("r12", r12),
	REG("r11", r11), REG("r10", r10), REG("r9", r9), REG("r8", r8),
	REG("bp", bp), REG("bx", bx), REG("ax", ax), REG("cx", cx),
	REG("dx", dx), REG("si", si), REG("di", di), REG("orig_ax", orig_ax),
	REG("ip", ip), REG("cs", cs), REG("flags", flags), REG("sp", sp), REG("ss", ss),
#define NR_REG_ARGS	6
#define STACK_ARGS	1	/* the return address is below them */
#elif defined(CONFIG_ARM64)
#define X(n) REG("x" #n, regs[n])
	X(0), X(1), X(2), X(3), X(4), X(5), X(6), X(7), X(8), X(9), X(10), X(11), X(12),
	X(13), X(14), X(15), X(16), X(17), X(18), X(19), X(20), X(21), X(22), X(23),
	X(24), X(25), X(26), X(27), X(28), X(29), X(30), REG("lr", regs[30]),
	REG("sp", sp), REG("pc", pc), REG("pstate", pstate),
#define NR_REG_ARGS	8
#define STACK_ARGS	0
#else
#error "fspan knows the registers of x86-64 and arm64"
#endif
};

int fspan_reg_offset(const char *name, size_t len)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(regs_table); i++)
		if (strlen(regs_table[i].name) == len && !strncmp(regs_table[i].name, name, len))
			return regs_table[i].offset;
	return -EINVAL;
}

#ifdef __KERNEL__

unsigned long fspan_reg_stack(struct pt_regs *regs, unsigned int n)
{
	unsigned long sp = kernel_stack_pointer(regs);
	unsigned long addr = sp + n * sizeof(long), val;

	/* another task's stack may come after this one */
	if ((addr & ~(THREAD_SIZE - 1)) != (sp & ~(THREAD_SIZE - 1)) ||
	    copy_from_kernel_nofault(&val, (void *)addr, sizeof(val)))
		return 0;
	return val;
}
NOKPROBE_SYMBOL(fspan_reg_stack);

int fspan_reg_argument_offset(unsigned int n)
{
#if defined(CONFIG_X86_64)
	static const u8 offset[NR_REG_ARGS] = {
		offsetof(struct pt_regs, di), offsetof(struct pt_regs, si),
		offsetof(struct pt_regs, dx), offsetof(struct pt_regs, cx),
		offsetof(struct pt_regs, r8), offsetof(struct pt_regs, r9),
	};

	return n < NR_REG_ARGS ? offset[n] : -EINVAL;
#else
	return n < NR_REG_ARGS ? offsetof(struct pt_regs, regs) + n * sizeof(u64) : -EINVAL;
#endif
}
NOKPROBE_SYMBOL(fspan_reg_argument_offset);

bool fspan_reg_is_of_call(unsigned int offset)
{
	unsigned int i;

#if defined(CONFIG_X86_64)
	if (offset == offsetof(struct pt_regs, ip) || offset == offsetof(struct pt_regs, sp) ||
	    offset == offsetof(struct pt_regs, bp) || offset == offsetof(struct pt_regs, ax))
		return true;
#endif
	for (i = 0; i < NR_REG_ARGS; i++)
		if (offset == fspan_reg_argument_offset(i))
			return true;
	return false;
}

unsigned long fspan_reg_argument(struct pt_regs *regs, unsigned int n)
{
	int offset = fspan_reg_argument_offset(n);

	if (offset >= 0)
		return *(unsigned long *)((void *)regs + offset);
	return fspan_reg_stack(regs, n - NR_REG_ARGS + STACK_ARGS);
}
NOKPROBE_SYMBOL(fspan_reg_argument);

#endif
