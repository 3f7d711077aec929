// SPDX-License-Identifier: GPL-2.0
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/slab.h>

#include "slots.h"

#define NEXT	7
#define TRIES	64	/* a set that is so full is short of slots anyway */

static DEFINE_PER_CPU(u32, random);

static __always_inline struct fspan_slot *slot_at(const struct fspan_slots *slots,
						  unsigned int page, unsigned int i)
{
	return slots->page[page] + i * slots->slot_size;
}

/* Before it is tried, which is dear where others do. */
static __always_inline bool is_free(const struct fspan_slot *slot)
{
	return !READ_ONCE(slot->busy);
}

/* Busy slots come in long runs, and free ones too: so not one after the other for long. */
struct fspan_slot *fspan_slot_search(struct fspan_slots *slots, struct fspan_slot *slot)
{
	/* pairs with make_slots(): as many as are whole */
	unsigned int i, at, n = smp_load_acquire(&slots->npages) * slots->per_page;
	u32 x;

	for (i = 0; i < NEXT; i++) {
		slot = READ_ONCE(slot->next);
		if (is_free(slot) && fspan_slot_try(slot))
			goto found;
	}
	for (i = 0; i < TRIES; i++) {
		x = __this_cpu_read(random) * 1664525 + 1013904223;
		__this_cpu_write(random, x);
		at = (u64)x * n >> 32;
		slot = slot_at(slots, at / slots->per_page, at % slots->per_page);
		if (is_free(slot) && fspan_slot_try(slot))
			goto found;
	}
	return NULL;
found:
	__this_cpu_write(*slots->hint, slot);
	return slot;
}
NOKPROBE_SYMBOL(fspan_slot_search);

struct fspan_slot *fspan_slot_find(struct fspan_slots *slots, u32 number)
{
	u32 page = number / slots->per_page;

	/* as above */
	if (page >= smp_load_acquire(&slots->npages))
		return NULL;
	return slot_at(slots, page, number % slots->per_page);
}
NOKPROBE_SYMBOL(fspan_slot_find);

/* Put the slots of the last @npages pages into the ring, of which they are the first or more. */
static void add_to_ring(struct fspan_slots *slots, unsigned int npages)
{
	unsigned int i, page = slots->npages - npages, n = npages * slots->per_page;
	struct fspan_slot *first = slot_at(slots, page, 0), *slot, *last = first;

	for (i = 1; i < n; i++, last = slot) {
		slot = slot_at(slots, page + i / slots->per_page, i % slots->per_page);
		WRITE_ONCE(last->next, slot);
	}
	slot = slot_at(slots, 0, 0);
	WRITE_ONCE(last->next, page ? slot->next : first);
	if (page)
		/* who comes by finds them whole */
		smp_store_release(&slot->next, first);
	/* apart from each other, so that CPUs do not meet; they move it too, within the ring */
	for_each_possible_cpu(i) {
		unsigned int at = (u64)n * i / nr_cpu_ids;

		WRITE_ONCE(*per_cpu_ptr(slots->hint, i),
			   slot_at(slots, page + at / slots->per_page, at % slots->per_page));
	}
}

/* More pages; those that could be had are counted in any case. */
static int make_slots(struct fspan_slots *slots, unsigned int n, struct fspan_batch *batch)
{
	size_t size = slots->per_page * slots->slot_size;
	struct fspan_slot *slot;
	unsigned int i, j;

	for (i = 0; i < n; i++) {
		slots->page[slots->npages] = kzalloc(size, GFP_KERNEL);
		if (!slots->page[slots->npages])
			return -ENOMEM;
		for (j = 0; j < slots->per_page; j++) {
			slot = slot_at(slots, slots->npages, j);
			slot->batch = batch;
			slot->number = slots->npages * slots->per_page + j;
			slot->next = slot;	/* may be found before it is in the ring */
		}
		/* pairs with fspan_slot_search() */
		smp_store_release(&slots->npages, slots->npages + 1);
	}
	return 0;
}

int fspan_slots_init(struct fspan_slots *slots, unsigned int n, unsigned int call_size,
		     struct fspan_batch *batch)
{
	size_t size;

	slots->slot_size = ALIGN(offsetof(struct fspan_slot, call) + call_size, sizeof(u64));
	size = max_t(size_t, PAGE_SIZE, slots->slot_size);
	slots->per_page = min_t(unsigned int, size / slots->slot_size, n);
	slots->npages = 0;
	n = DIV_ROUND_UP(n, slots->per_page);
	/* never moved, so that who searches needs no lock */
	slots->page = kvcalloc(n << FSPAN_MAX_DOUBLED, sizeof(*slots->page), GFP_KERNEL);
	slots->hint = alloc_percpu(struct fspan_slot *);
	if (!slots->page || !slots->hint || make_slots(slots, n, batch)) {
		fspan_slots_release(slots);
		return -ENOMEM;
	}
	add_to_ring(slots, n);
	return 0;
}

int fspan_slots_double(struct fspan_slots *slots, struct fspan_batch *batch)
{
	unsigned int n = slots->npages;

	if (make_slots(slots, n, batch) && slots->npages == n)
		return -ENOMEM;
	add_to_ring(slots, slots->npages - n);
	return 0;
}

bool fspan_slots_release(struct fspan_slots *slots)
{
	unsigned int i, j, left = 0;

	free_percpu(slots->hint);
	slots->hint = NULL;
	for (i = 0; i < slots->npages; i++) {
		if (!slots->page[i])
			continue;
		for (j = 0; j < slots->per_page; j++)
			/* pairs with fspan_slot_give(): he who gave it back is done with it */
			if (smp_load_acquire(&slot_at(slots, i, j)->busy))
				break;
		if (j < slots->per_page) {
			left++;
			continue;
		}
		kfree(slots->page[i]);
		slots->page[i] = NULL;
	}
	if (left)
		return false;
	kvfree(slots->page);
	slots->page = NULL;
	slots->npages = 0;
	return true;
}

void fspan_slots_each(struct fspan_slots *slots, void (*fn)(struct fspan_slot *slot, void *arg),
		      void *arg)
{
	unsigned int i, j;

	/* pairs with make_slots(), as there may be more meanwhile */
	for (i = 0; i < smp_load_acquire(&slots->npages); i++)
		for (j = 0; slots->page[i] && j < slots->per_page; j++)
			/* as above; what is in a slot that is busy has its own .seq */
			if (smp_load_acquire(&slot_at(slots, i, j)->busy))
				fn(slot_at(slots, i, j), arg);
}
NOKPROBE_SYMBOL(fspan_slots_each);

unsigned int fspan_slots_unseen(struct fspan_slots *slots)
{
	unsigned int i, j, n = 0;

	for (i = 0; i < slots->npages; i++)
		for (j = 0; j < slots->per_page; j++)
			/* as above; nobody takes again what is given back meanwhile */
			n += smp_load_acquire(&slot_at(slots, i, j)->busy) ||
			     slot_at(slots, i, j)->unseen;
	return n;
}
