/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory for calls in flight: slots, which the functions of a batch share. All but take and
 * give under fspan_arm_mutex.
 */
#ifndef FSPAN_SLOTS_H
#define FSPAN_SLOTS_H

#include "engine.h"

struct fspan_batch;

struct fspan_slot {
	struct fspan_slot *next;	/* all are in a ring */
	struct fspan_batch *batch;	/* whose it is */
	union {
		struct fspan_hook *hook;	/* the function */
		unsigned long func;	/* its address, when hooks may be gone: disarmed */
	};
	union {
		unsigned long caller;	/* fprobe: where it returns to */
		bool unseen;		/* direct: it returned when the batch was disarmed */
	};
	struct task_struct *task;	/* that is in it; only for fprobe */
	u32 number;			/* of all in the batch */
	u32 busy;
	struct fspan_call call;
};

struct fspan_slots {
	unsigned int npages;
	unsigned int per_page;		/* slots; a page may be a larger piece of memory */
	size_t slot_size;
	void **page;			/* those with calls in flight outlive the set */
	struct fspan_slot *__percpu *hint;	/* likely free */
};

int fspan_slots_init(struct fspan_slots *slots, unsigned int n, unsigned int call_size,
		     struct fspan_batch *batch);
/* As many again, or -ENOMEM; the set may be armed. */
int fspan_slots_double(struct fspan_slots *slots, struct fspan_batch *batch);
/* Of a set that is disarmed: free all that no call has, and the rest on a later try. */
bool fspan_slots_release(struct fspan_slots *slots);
/* Call @fn for each slot that a call has. Without the mutex too, while the set is armed. */
void fspan_slots_each(struct fspan_slots *slots, void (*fn)(struct fspan_slot *slot, void *arg),
		      void *arg);

/* Of a batch that was just disarmed: the calls that returned unseen, or will. */
unsigned int fspan_slots_unseen(struct fspan_slots *slots);

static __always_inline bool fspan_slot_try(struct fspan_slot *slot)
{
	u32 free = 0;

	return try_cmpxchg_acquire(&slot->busy, &free, 1);
}

/* Where @slot is taken: look at the next, then here and there. NULL: there is none. */
struct fspan_slot *fspan_slot_search(struct fspan_slots *slots, struct fspan_slot *slot);

/*
 * Take one, or NULL. With preemption off, and not nested on one CPU, while the set is armed;
 * other CPUs may be after the same.
 */
static __always_inline struct fspan_slot *fspan_slot_take(struct fspan_slots *slots)
{
	struct fspan_slot *slot = __this_cpu_read(*slots->hint);

	if (unlikely(!fspan_slot_try(slot)))
		return fspan_slot_search(slots, slot);
	/* who asks whether there was one is not to look at this one */
	if (!slot)
		__builtin_unreachable();
	return slot;
}

/* That with the number, which may be nonsense: then NULL. Preemption off, the set armed. */
struct fspan_slot *fspan_slot_find(struct fspan_slots *slots, u32 number);

/* Give it back: the last that is done with it. */
static __always_inline void fspan_slot_give(struct fspan_slot *slot)
{
	/* pairs with who takes it next, and who looks whether all are back */
	smp_store_release(&slot->busy, 0);
}

/*
 * Its call is whole, or is over: for copy_call(). Only who has the slot writes this, and x86,
 * which alone has engines with slots, keeps stores in order: so it takes one instruction.
 */
static __always_inline void fspan_slot_step(struct fspan_slot *slot)
{
	barrier();
	slot->call.seq++;
	barrier();
}

/* Its call is over. */
static __always_inline void fspan_slot_end(struct fspan_slot *slot)
{
	fspan_slot_step(slot);
	fspan_slot_give(slot);
}

#endif
