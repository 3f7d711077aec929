/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the engines have in common whose calls are in slots: direct and fprobe. All but what is
 * said of calls under fspan_arm_mutex.
 */
#ifndef FSPAN_BATCH_H
#define FSPAN_BATCH_H

#include <linux/rcupdate.h>
#include <linux/sched.h>

#include "compat/compat.h"
#include "engines.h"
#include "slots.h"
#include "told.h"

/* A function may begin with one, whatever the kernel made of it. */
#define FSPAN_ENDBR_SIZE	4

/* The functions of one module, or of the kernel, that a set has with one engine. */
struct fspan_batch {
	struct list_head node;		/* of the set; then the engine's own */
	struct list_head armed;		/* of fspan_batches */
	struct fspan_hooks *hooks;	/* NULL: disarmed */
	enum fspan_engine engine;
	char module[MODULE_NAME_LEN];
	struct fspan_slots slots;
	bool grows;			/* there may be more slots than at first */
	bool wanting;			/* calls found no slot */
};

/* All that are armed; RCU. */
extern struct list_head fspan_batches;

/* Arm by one engine what it takes of @module. @list and @ip: room for all functions. */
typedef int (*fspan_batch_arm_fn)(struct fspan_hooks *hooks, const char *module,
				  struct fspan_hook **list, unsigned long *ip);
/* For @module, or for one after the other. */
int fspan_batches_arm(struct fspan_hooks *hooks, const char *module, fspan_batch_arm_fn arm);
/* Call @disarm for those of @engine. */
void fspan_batches_disarm(struct fspan_hooks *hooks, const char *module, enum fspan_engine engine,
			  void (*disarm)(struct fspan_batch *batch));
/* May calls of the set get more room while it is armed? */
bool fspan_batches_grow(const struct fspan_hooks *hooks);

/* Make slots for @batch, of @engine, and take the @n hooks of @list for it. */
int fspan_batch_arm(struct fspan_batch *batch, struct fspan_hooks *hooks, const char *module,
		    struct fspan_hook **list, unsigned int n);
/* Nothing finds it any more: when this is back, nobody is in a callback of its hooks. */
void fspan_batch_disarm(struct fspan_batch *batch);
void fspan_batch_unhook(struct fspan_hook *hook);
void fspan_batch_unhook_all(struct fspan_hooks *hooks, struct fspan_batch *batch);
void fspan_batch_each_call(struct fspan_hook *hook, fspan_call_fn fn, void *arg);

/* Of what is called when tasks end; @users have it so. */
struct fspan_at_exit {
	void (*probe)(void *unused, struct task_struct *task);
	unsigned int users;
};

/* Does the kernel tell of it? */
bool fspan_at_exit_found(void);
int fspan_at_exit_get(struct fspan_at_exit *exit);
void fspan_at_exit_put(struct fspan_at_exit *exit);

void fspan_batches_init(void);
void fspan_batches_exit(void);

/*
 * What follows is for handlers: preemption off, in any context in which a function may be
 * called.
 */

/* In any context. Who said max= has what he said; and there is not always memory. */
void fspan_batch_want_room(struct fspan_batch *batch, const struct fspan_hooks *hooks);

/*
 * The function of @hook, one of @hooks, is called: is the call to be followed? Then the
 * recorder is busy. Until it is, nothing is called that could itself be traced. @admit: see
 * fspan_declined().
 */
static __always_inline bool
fspan_batch_begin(struct fspan_hook *hook, struct fspan_hooks *hooks, struct pt_regs *regs,
		  bool (*admit)(struct fspan_hook *hook, struct fspan_hooks *hooks,
				struct pt_regs *regs))
{
	fspan_count(hooks->counts, FSPAN_COUNT_ENTERED);
	if (unlikely(!fspan_compat_rcu_watching())) {
		fspan_count(hooks->counts, FSPAN_COUNT_MISSED_RCU);
		return false;
	}
	if (unlikely(!fspan_busy_begin())) {
		fspan_missed(hooks, FSPAN_COUNT_MISSED_RECURSION);
		return false;
	}
	if (fspan_declined(hook, hooks, regs, admit)) {
		fspan_busy_end();
		return false;
	}
	return true;
}

/* It is followed: @enter is what the ops have, or what comes to the same. */
static __always_inline void
fspan_batch_enter(struct fspan_hook *hook, struct fspan_hooks *hooks, struct fspan_slot *slot,
		  struct pt_regs *regs,
		  void (*enter)(struct fspan_hook *hook, struct fspan_hooks *hooks,
				struct fspan_call *call, struct pt_regs *regs))
{
	fspan_count(hooks->counts, FSPAN_COUNT_HOOKED);
	slot->hook = hook;
	slot->call.pid = current->pid;
	enter(hook, hooks, &slot->call, regs);
	fspan_slot_step(slot);
}

/* It returns; RCU watches, so that @hooks stay. If this says so the recorder is busy. */
static __always_inline bool fspan_batch_returned(struct fspan_hooks *hooks)
{
	fspan_count(hooks->counts, FSPAN_COUNT_RETURNED);
	if (likely(fspan_busy_begin()))
		return true;
	fspan_missed(hooks, FSPAN_COUNT_MISSED_RECURSION);
	return false;
}

/* Its task ends in it. @hooks: NULL, if its set is disarmed. */
static inline void fspan_batch_exited(struct fspan_hooks *hooks, struct fspan_slot *slot)
{
	if (hooks) {
		fspan_missed(hooks, FSPAN_COUNT_MISSED_EXITED);
		fspan_count(hooks->counts, FSPAN_COUNT_RETURNED);
	} else {
		slot->unseen = true;
	}
	fspan_slot_end(slot);
}

#endif
