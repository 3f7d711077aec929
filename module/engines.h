/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The engines, for engine.c. @module: only its functions, NULL: all. All but what is said
 * of calls under fspan_arm_mutex.
 */
#ifndef FSPAN_ENGINES_H
#define FSPAN_ENGINES_H

#include <linux/sched.h>

#include "counts.h"
#include "engine.h"
#include "gate.h"

/*
 * Is the call one that nobody wants? Then it is counted as that. What an interrupt calls is
 * the interrupted task's. Busy, RCU watches; @regs of the entry. @admit: what the ops have, or
 * what comes to the same.
 */
static __always_inline bool
fspan_declined(struct fspan_hook *hook, struct fspan_hooks *hooks, struct pt_regs *regs,
	       bool (*admit)(struct fspan_hook *hook, struct fspan_hooks *hooks,
			     struct pt_regs *regs))
{
	if (likely(!hooks->choosy))
		return false;
	if (current->tgid == hooks->left_out) {
		fspan_count(hooks->counts, FSPAN_COUNT_DROPPED_ENTRY);
		return true;
	}
	return hooks->gate && fspan_gate_entry_open() && !admit(hook, hooks, regs);
}

/* Arm what is not armed. 0, or a negative errno with some of them armed. */
int fspan_kretprobe_arm(struct fspan_hooks *hooks, const char *module);
/* Afterwards nobody is in an ops callback of them. */
void fspan_kretprobe_disarm(struct fspan_hooks *hooks, const char *module);
void fspan_kretprobe_each_call(struct fspan_hook *hook, fspan_call_fn fn, void *arg);
/* See fspan_engine_caller() and fspan_engine_current(). */
unsigned long fspan_kretprobe_caller(const struct fspan_call *call);
struct fspan_call *fspan_kretprobe_current(struct fspan_hook **hook);
/* What @address, to which the current task returns from @place, was before kretprobes came. */
unsigned long fspan_kretprobe_original(unsigned long place, unsigned long address);

#ifdef FSPAN_HAVE_DIRECT
/* Arm those that can be; the others stay as they are. 0, -ENOMEM or -EINTR. */
int fspan_direct_arm(struct fspan_hooks *hooks, const char *module);
void fspan_direct_disarm(struct fspan_hooks *hooks, const char *module);
/* The calls of what is disarmed that have not returned. */
void fspan_direct_each_left(fspan_left_fn fn, void *arg);
struct fspan_call *fspan_direct_current(struct fspan_hook **hook);
/* The trampoline. */
unsigned long fspan_direct_caller(void);
/* Without what it needs of the kernel it arms nothing. */
void fspan_direct_init(void);
void fspan_direct_exit(void);
#else
static inline int fspan_direct_arm(struct fspan_hooks *hooks, const char *module)
{
	return 0;
}

static inline void fspan_direct_disarm(struct fspan_hooks *hooks, const char *module) {}

static inline void fspan_direct_each_left(fspan_left_fn fn, void *arg) {}

static inline struct fspan_call *fspan_direct_current(struct fspan_hook **hook)
{
	return NULL;
}

static inline unsigned long fspan_direct_caller(void)
{
	return 0;
}

static inline void fspan_direct_init(void) {}

static inline void fspan_direct_exit(void) {}
#endif

#ifdef FSPAN_HAVE_FPROBE
/* Arm those that can be, if that is asked for, or they are many. 0, -ENOMEM or -EINTR. */
int fspan_fprobe_arm(struct fspan_hooks *hooks, const char *module);
void fspan_fprobe_disarm(struct fspan_hooks *hooks, const char *module);
struct fspan_call *fspan_fprobe_current(struct fspan_hook **hook);
/* Calls that the core kept from what is armed. */
u64 fspan_fprobe_missed(const struct fspan_hooks *hooks);
void fspan_fprobe_init(void);
#else
static inline int fspan_fprobe_arm(struct fspan_hooks *hooks, const char *module)
{
	struct fspan_hook *hook;

	if (hooks->engine == FSPAN_ENGINE_FPROBE)
		list_for_each_entry(hook, &hooks->list, node)
			hook->why = NULL;	/* there is none */
	return 0;
}

static inline void fspan_fprobe_disarm(struct fspan_hooks *hooks, const char *module) {}

static inline struct fspan_call *fspan_fprobe_current(struct fspan_hook **hook)
{
	return NULL;
}

static inline u64 fspan_fprobe_missed(const struct fspan_hooks *hooks)
{
	return 0;
}

static inline void fspan_fprobe_init(void) {}
#endif

#endif
