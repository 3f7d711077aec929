/* SPDX-License-Identifier: GPL-2.0 */
/*
 * fprobes have two shapes. Before "fprobe: Rewrite fprobe on function-graph tracer", 6.14, each
 * is an ftrace_ops of its own and has a rethook, with a pool of instances made beforehand, and
 * handlers get all registers. Since, all are one user of the function graph tracer; what is of a
 * call lies on its task's shadow stack, and handlers get what a call passes.
 */
#ifndef FSPAN_COMPAT_FPROBE_H
#define FSPAN_COMPAT_FPROBE_H

#include <linux/fprobe.h>
#include <linux/ftrace.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 14, 0)

#define FSPAN_COMPAT_FPROBE_REGS struct ftrace_regs

/* May more calls be in flight than when it was registered? */
#define FSPAN_COMPAT_FPROBE_GROWS true
/* Has it all registers at the entry? */
#define FSPAN_COMPAT_FPROBE_ALL_REGS false

static inline void fspan_compat_fprobe_room(struct fprobe *fp, unsigned int n) {}

/* Where the registers are that there are; the others there are nobody's, and cleared. */
static __always_inline struct pt_regs *fspan_compat_fprobe_fill(struct pt_regs *regs)
{
	regs->cs = __KERNEL_CS;
	regs->ss = __KERNEL_DS;
	regs->flags = 0;
	regs->orig_ax = -1;
	regs->bx = 0;
	regs->r10 = 0;
	regs->r11 = 0;
	regs->r12 = 0;
	regs->r13 = 0;
	regs->r14 = 0;
	regs->r15 = 0;
	return regs;
}

static __always_inline struct pt_regs *fspan_compat_fprobe_entry_regs(struct ftrace_regs *fregs)
{
	/* all of them, if another user of the function wants them */
	return ftrace_get_regs(fregs) ?: fspan_compat_fprobe_fill(&arch_ftrace_regs(fregs)->regs);
}

/* ip, sp, bp, ax and dx. What tells whether there are more is not written. */
static __always_inline struct pt_regs *fspan_compat_fprobe_exit_regs(struct ftrace_regs *fregs)
{
	struct pt_regs *regs = fspan_compat_fprobe_fill(&arch_ftrace_regs(fregs)->regs);

	regs->di = 0;
	regs->si = 0;
	regs->cx = 0;
	regs->r8 = 0;
	regs->r9 = 0;
	return regs;
}

#else

#define FSPAN_COMPAT_FPROBE_REGS struct pt_regs
#define FSPAN_COMPAT_FPROBE_GROWS false
#define FSPAN_COMPAT_FPROBE_ALL_REGS true

/*
 * For @n calls in flight. More than that: a call that is turned away has an instance till it
 * is, and one that returns a little longer than it has ours.
 */
static inline void fspan_compat_fprobe_room(struct fprobe *fp, unsigned int n)
{
	fp->nr_maxactive = n + 4 * num_possible_cpus();
}

static __always_inline struct pt_regs *fspan_compat_fprobe_entry_regs(struct pt_regs *regs)
{
	return regs;
}

static __always_inline struct pt_regs *fspan_compat_fprobe_exit_regs(struct pt_regs *regs)
{
	return regs;
}

#endif

#endif
