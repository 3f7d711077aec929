// SPDX-License-Identifier: GPL-2.0
/*
 * A call by the direct engine: what the trampoline calls at entry and at return. The engine
 * and the recorder in one piece, since each instruction counts here: see record_call.h.
 *
 * In any context in which a function may be called, NMI included. Until the recorder is busy
 * nothing is called that could itself be traced.
 */
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/sched/task_stack.h>

#include "batch.h"
#include "direct.h"
#include "record_call.h"
#include "trampoline.h"

#define MIN_STACK	2048	/* bytes that must be left of it */
#define WORDS	((FSPAN_STACK_WORDS + 1) * sizeof(long))	/* with the return address */

/* Of what returns on this CPU: with preemption off, by who holds fspan_busy. */
static DEFINE_PER_CPU(struct pt_regs, return_regs);

/* Is the stack where @sp is the task's, with room, and the words above it? The usual case. */
static __always_inline bool on_task_stack(unsigned long sp)
{
	unsigned long depth = sp - (unsigned long)task_stack_page(current);

	return depth - MIN_STACK < THREAD_SIZE - WORDS - MIN_STACK;
}

/* Otherwise the ops are the recorder's own. */
static __always_inline void enter(struct fspan_hook *hook, struct fspan_hooks *hooks,
				  struct fspan_call *call, struct pt_regs *regs)
{
	if (likely(!hooks->tree))
		fspan_call_enter(hooks, call, regs);
	else
		hooks->ops->enter(hook, call, regs);
}

static __always_inline void leave(struct fspan_hook *hook, struct fspan_hooks *hooks,
				  struct fspan_call *call, struct pt_regs *regs,
				  unsigned long retval)
{
	if (likely(!hooks->tree))
		fspan_call_leave(hook, hooks, call, regs, retval);
	else
		hooks->ops->leave(hook, call, regs, retval);
}

/* The slot of the call of @hook, as fspan_direct_enter() gives it, with @flags. */
static __always_inline unsigned long follow(struct fspan_hook *hook, struct fspan_hooks *hooks,
					    struct pt_regs *regs, unsigned long flags)
{
	struct fspan_slot *slot = fspan_slot_take(&hook->batch->slots);

	if (unlikely(!slot)) {
		fspan_batch_want_room(hook->batch, hooks);
		fspan_missed(hooks, FSPAN_COUNT_MISSED_INSTANCE);
		return 0;
	}
	fspan_batch_enter(hook, hooks, slot, regs, enter);
	return (unsigned long)slot | flags;
}

/*
 * An interrupt's stack may end above, with nothing behind: of what is called so near to its
 * end nothing takes arguments from there, and BTF has to agree. Of a task's little may be left.
 */
static noinline unsigned long follow_elsewhere(struct fspan_hook *hook, struct fspan_hooks *hooks,
					       struct pt_regs *regs)
{
	if (regs->sp - (unsigned long)task_stack_page(current) >= MIN_STACK) {
		if (offset_in_page(regs->sp) <= PAGE_SIZE - WORDS)
			return follow(hook, hooks, regs, 0);
		if (hook->prototype == FSPAN_PROTOTYPE_PLAIN)
			return follow(hook, hooks, regs, FSPAN_STACK_NOT_COPIED);
	}
	fspan_missed(hooks, FSPAN_COUNT_MISSED_INSTANCE);
	return 0;
}
NOKPROBE_SYMBOL(follow_elsewhere);

static __always_inline unsigned long called(struct fspan_hook *hook, struct pt_regs *regs)
{
	struct fspan_hooks *hooks = hook->hooks;
	unsigned long followed;

	if (unlikely(!fspan_batch_begin(hook, hooks, regs, fspan_call_admit)))
		return 0;
	followed = likely(on_task_stack(regs->sp)) ? follow(hook, hooks, regs, 0) :
						     follow_elsewhere(hook, hooks, regs);
	fspan_busy_end();
	return followed;
}

notrace unsigned long fspan_direct_enter(struct pt_regs *regs, unsigned long site)
{
	unsigned long followed = 0;
	struct fspan_place *place;

	preempt_disable_notrace();
	fspan_direct_for_each_place(place, site) {
		if (likely(place->addr == site)) {
			followed = called(place->hook, regs);
			break;
		}
	}
	preempt_enable_notrace();
	return followed;
}
NOKPROBE_SYMBOL(fspan_direct_enter);

/* The rest of them is always the same. */
static __always_inline struct pt_regs *regs_of(const struct fspan_returned *returned)
{
	struct pt_regs *regs = this_cpu_ptr(&return_regs);

	regs->bp = returned->bp;
	regs->ax = returned->ax;
	regs->sp = (unsigned long)(returned + 1);
	return regs;
}

notrace void fspan_direct_leave(const struct fspan_returned *returned, struct fspan_slot *slot)
{
	struct fspan_hooks *hooks;

	preempt_disable_notrace();
	/* where RCU does not watch, which it did at the entry, the set may just be freed */
	hooks = likely(fspan_compat_rcu_watching()) ? READ_ONCE(slot->batch->hooks) : NULL;
	if (likely(hooks && fspan_batch_returned(hooks))) {
		leave(slot->hook, hooks, &slot->call, regs_of(returned), returned->ax);
		fspan_busy_end();
	} else if (!hooks && !READ_ONCE(slot->batch->hooks)) {
		slot->unseen = true;
	}
	fspan_slot_end(slot);
	preempt_enable_notrace();
}
NOKPROBE_SYMBOL(fspan_direct_leave);

void fspan_direct_call_init(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		struct pt_regs *regs = per_cpu_ptr(&return_regs, cpu);

		regs->ip = (unsigned long)fspan_trampoline_plain;
		regs->cs = __KERNEL_CS;
	}
}
