/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How entry and return of functions are caught. The parts above know this
 * interface only: a set of functions, armed and disarmed in one call, and
 * what is called when one of them is entered and returns.
 */
#ifndef FSPAN_ENGINE_H
#define FSPAN_ENGINE_H

#include <linux/kprobes.h>
#include <linux/list.h>
#include <linux/module.h>

#include "counts.h"

struct fspan_hooks;

/* One call in flight. In memory of the engine, zeroed before its first use. */
struct fspan_call {
	u64 start;		/* ns, CLOCK_MONOTONIC */
	u32 seq;		/* odd: in flight */
	u32 faults;		/* fields that faulted at entry */
	u32 fields;		/* those that were taken there at all */
	pid_t pid;
	bool listed;		/* in the hook's table */
	u64 data[];		/* of the fetch program */
};

/* One function of a set. */
struct fspan_hook {
	struct list_head node;
	struct fspan_hooks *hooks;
	unsigned long addr;		/* of the function */
	char module[MODULE_NAME_LEN];	/* empty: the kernel's own */
	bool armed;
	struct kretprobe rp;		/* of a point, only .kp */
	/* every call that ever got an instance: for fspan_hook_for_each_call() */
	struct fspan_call **calls;
	atomic_t ncalls;
	char name[];
};

/*
 * Called with preemption off, in any context, NMI included, never nested on
 * one CPU. May not sleep, allocate, print or take a lock.
 */
struct fspan_hook_ops {
	/* entered: fill @call */
	void (*enter)(struct fspan_hook *hook, struct fspan_call *call, struct pt_regs *regs);
	/* returned to @caller with @retval */
	void (*leave)(struct fspan_hook *hook, struct fspan_call *call, struct pt_regs *regs,
		      unsigned long retval, unsigned long caller);
	/* of a point: reached */
	void (*hit)(struct fspan_hook *hook, struct pt_regs *regs);
};

struct fspan_hooks {
	const struct fspan_hook_ops *ops;
	struct fspan_counts __percpu *counts;
	struct list_head list;		/* of struct fspan_hook */
	unsigned int n;
	bool point;
	bool armed;
	unsigned int offset;		/* of a point, in its function */
	unsigned int call_size;		/* of struct fspan_call with its data */
	unsigned int max;		/* calls at once in each function, 0: by default */
	u64 core_missed;		/* by hooks that are gone or disarmed */
};

/* Guards the lists and states of all sets; taken under event_mutex. */
extern struct mutex fspan_arm_mutex;

/*
 * Can the @n functions be probed? Clears .addr of those that cannot. All in
 * one go, since each removal of a probe waits for RCU.
 */
void fspan_engine_check(struct fspan_hook **hook, unsigned int n, bool point,
			unsigned int offset);
/*
 * Arm all of @hooks: all or nothing. -ENOMEM, -EINTR at a fatal signal, or
 * what kprobes say. After disarm nobody is in an ops callback any more; calls
 * in flight are counted as missed.
 */
int fspan_engine_arm(struct fspan_hooks *hooks);
void fspan_engine_disarm(struct fspan_hooks *hooks);
/* The same for those of @module only (coming and going) of an armed set. */
int fspan_engine_arm_module(struct fspan_hooks *hooks, const char *module);
void fspan_engine_disarm_module(struct fspan_hooks *hooks, const char *module);
/* Calls that kprobes kept from us, over the life of @hooks. */
u64 fspan_engine_core_missed(struct fspan_hooks *hooks);
unsigned int fspan_engine_max(const struct fspan_hooks *hooks);

#endif
