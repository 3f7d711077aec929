/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What differs between kernels. The rest of the module is written as for the
 * newest one, and this directory is all that knows of versions.
 */
#ifndef FSPAN_COMPAT_H
#define FSPAN_COMPAT_H

#include <linux/btf.h>
#include <linux/btf_ids.h>
#include <linux/context_tracking.h>
#include <linux/ftrace.h>
#include <linux/module.h>
#include <linux/syscore_ops.h>
#include <linux/trace_events.h>
#include <linux/trace.h>
#include <linux/tracepoint.h>
#include <linux/uaccess.h>
#include <linux/version.h>

/*
 * "module: replace module_layout with module_memory", 6.4. Where the text of
 * @mod is, or -EFAULT if @mod is no longer there.
 */
static inline int fspan_compat_module_text(struct module *mod, unsigned long *from,
					   unsigned long *size)
{
	void *base;
	unsigned int len;

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 4, 0)
	void *const *basep = &mod->mem[MOD_TEXT].base;
	unsigned int *lenp = &mod->mem[MOD_TEXT].size;
#else
	void *const *basep = &mod->core_layout.base;
	unsigned int *lenp = &mod->core_layout.text_size;
#endif
	if (copy_from_kernel_nofault(&base, basep, sizeof(base)) ||
	    copy_from_kernel_nofault(&len, lenp, sizeof(len)))
		return -EFAULT;
	*from = (unsigned long)base;
	*size = len;
	return 0;
}

/* "tracing: Add trace_array_get_by_name() systems parameter", 6.8 */
static inline struct trace_array *fspan_compat_instance_get(const char *name)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 8, 0)
	return trace_array_get_by_name(name, NULL);
#else
	return trace_array_get_by_name(name);
#endif
}

/*
 * "tracing: Guard __DECLARE_TRACE() use of __DO_TRACE_CALL() with SRCU-fast", 7.0. Keeps
 * the probes of a tracepoint, until the end of the block; before it a handler that runs
 * with preemption off does. A declaration.
 */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(7, 0, 0)
#define FSPAN_COMPAT_TRACEPOINT_GUARD guard(srcu_fast_notrace)(&tracepoint_srcu)
#else
#define FSPAN_COMPAT_TRACEPOINT_GUARD
#endif

/*
 * The same commit: a tracepoint's probe is called with preemption on, and turns it off itself.
 * Before, only that of a tracepoint that may fault is ("tracing: Introduce faultable
 * tracepoints", 6.13). A record's preempt depth is what it is at the probe, less one.
 */
static __always_inline bool fspan_compat_probe_preemptible(void)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(7, 0, 0)
	return true;
#else
	return preemptible();
#endif
}

/*
 * What rcu_is_watching() says, in place of a call. Preemption off. "rcu: Rename
 * rcu_dynticks_curr_cpu_in_eqs() into rcu_is_watching_curr_cpu()", 6.12
 */
static __always_inline bool fspan_compat_rcu_watching(void)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
	return rcu_is_watching_curr_cpu();
#else
	return !rcu_dynticks_curr_cpu_in_eqs();
#endif
}

/* "sched: Add TIF_NEED_RESCHED_LAZY infrastructure", 6.13 */
static __always_inline unsigned long fspan_compat_resched_flags(const struct task_struct *task)
{
#ifdef _TIF_NEED_RESCHED_LAZY
	unsigned long flags = _TIF_NEED_RESCHED | _TIF_NEED_RESCHED_LAZY;
#else
	unsigned long flags = _TIF_NEED_RESCHED;
#endif
	return READ_ONCE(task_thread_info(task)->flags) & flags;
}

/* "sched: Make migrate_disable() independent of SMP" has it on all, before it has SMP */
static __always_inline bool fspan_compat_migration_disabled(const struct task_struct *task)
{
#ifdef CONFIG_SMP
	return task->migration_disabled;
#else
	return false;
#endif
}

#ifdef CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS
/* "ftrace,bpf: Use single direct ops for bpf trampolines", 7.0: what ops_func takes */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(7, 0, 0)
#define FSPAN_COMPAT_OPS_FUNC_ARGS struct ftrace_ops *ops, unsigned long ip, enum ftrace_ops_cmd cmd
#else
#define FSPAN_COMPAT_OPS_FUNC_ARGS struct ftrace_ops *ops, enum ftrace_ops_cmd cmd
#endif

/* "ftrace: Replace uses of _ftrace_direct_multi APIs", 6.4 */
static inline int fspan_compat_direct_register(struct ftrace_ops *ops, unsigned long addr)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 4, 0)
	return register_ftrace_direct(ops, addr);
#else
	return register_ftrace_direct_multi(ops, addr);
#endif
}

/* and frees the filter */
static inline int fspan_compat_direct_unregister(struct ftrace_ops *ops, unsigned long addr)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 4, 0)
	return unregister_ftrace_direct(ops, addr, true);
#else
	int ret = unregister_ftrace_direct_multi(ops, addr);

	ftrace_free_filter(ops);
	return ret;
#endif
}
#endif

/* "bpf: Add __bpf_kfunc tag", 6.3; "bpf: Add __bpf_kfunc_{start,end}_defs macros", 6.7 */
#ifndef __bpf_kfunc
#define __bpf_kfunc __used noinline
#endif
#ifdef __bpf_kfunc_start_defs
#define FSPAN_KFUNCS_BEGIN __bpf_kfunc_start_defs();
#define FSPAN_KFUNCS_END __bpf_kfunc_end_defs();
#else
#define FSPAN_KFUNCS_BEGIN
#define FSPAN_KFUNCS_END
#endif
/* "bpf: treewide: Annotate BPF kfuncs in BTF", 6.9 */
#ifndef BTF_KFUNCS_START
#define BTF_KFUNCS_START(name) BTF_SET8_START(name)
#define BTF_KFUNCS_END(name) BTF_SET8_END(name)
#endif

/* "syscore: Pass context data to callbacks", 6.19: Kbuild looks for it */
#ifdef FSPAN_COMPAT_SYSCORE_DATA
#define FSPAN_COMPAT_SYSCORE_ARGS void *unused
#define FSPAN_COMPAT_SYSCORE(name, begin, end) \
	struct syscore name = { \
		.ops = &(const struct syscore_ops){ .suspend = begin, .resume = end } \
	}
#define fspan_compat_syscore_register register_syscore
#define fspan_compat_syscore_unregister unregister_syscore
#else
#define FSPAN_COMPAT_SYSCORE_ARGS void
#define FSPAN_COMPAT_SYSCORE(name, begin, end) \
	struct syscore_ops name = { .suspend = begin, .resume = end }
#define fspan_compat_syscore_register register_syscore_ops
#define fspan_compat_syscore_unregister unregister_syscore_ops
#endif

/*
 * "eventfs: Implement removal of meta data from eventfs", 6.6, "eventfs: Remove eventfs_file
 * and just use eventfs_inode", 6.7 and a later 6.6.y: Kbuild looks for its name. Could the
 * core make the directory of the event?
 */
static inline bool fspan_compat_file_has_dir(struct trace_event_file *file)
{
	return file->FSPAN_COMPAT_FILE_DIR;
}

/*
 * "tracing: Have format file honor EVENT_FILE_FL_FREED", 6.11. Before it an
 * open format file reaches the event after its removal, so that the event must
 * not be freed while one is open. @file: one of the event's files, alive.
 */
void fspan_compat_format_note(struct trace_event_file *file);
/* May the memory of @call, which was removed, still be read through a format file? */
bool fspan_compat_format_open(struct trace_event_call *call);

#endif
