/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory for the calls in flight of the direct engine: a fixed number of slots, which the
 * functions of a set share.
 */
#ifndef FSPAN_SLOTS_H
#define FSPAN_SLOTS_H

#include "engine.h"

struct fspan_direct;

struct fspan_slot {
	struct fspan_slot *next;	/* all are in a ring */
	struct fspan_direct *direct;	/* whose it is */
	union {
		struct fspan_hook *hook;	/* the function */
		unsigned long func;	/* its address, when hooks may be gone: disarmed */
	};
	unsigned long caller;		/* where it returns to */
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
		     struct fspan_direct *direct);
/* Of a set that is disarmed: free all that no call has, and the rest on a later try. */
bool fspan_slots_release(struct fspan_slots *slots);
/* Call @fn for each slot that a call has. */
void fspan_slots_each(struct fspan_slots *slots, void (*fn)(struct fspan_slot *slot, void *arg),
		      void *arg);

/*
 * Take one, or NULL. With preemption off, and not nested on one CPU, while the set is armed;
 * other CPUs may be after the same.
 */
static __always_inline struct fspan_slot *fspan_slot_take(struct fspan_slots *slots)
{
	struct fspan_slot *slot = __this_cpu_read(*slots->hint);
	int i;

	/* not all of many: a set that is so full is short of slots anyway */
	for (i = 0; i < 64; i++, slot = slot->next) {
		if (READ_ONCE(slot->busy) || cmpxchg_acquire(&slot->busy, 0, 1))
			continue;
		if (i)
			__this_cpu_write(*slots->hint, slot);
		return slot;
	}
	return NULL;
}

/* Give it back: the last that is done with it. */
static __always_inline void fspan_slot_give(struct fspan_slot *slot)
{
	/* pairs with who takes it next, and who looks whether all are back */
	smp_store_release(&slot->busy, 0);
}

#endif
