// SPDX-License-Identifier: GPL-2.0
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/slab.h>

#include "slots.h"

static struct fspan_slot *slot_at(const struct fspan_slots *slots, unsigned int page,
				  unsigned int i)
{
	return slots->page[page] + i * slots->slot_size;
}

static void close_ring(struct fspan_slots *slots)
{
	unsigned int i, n = slots->npages * slots->per_page;
	struct fspan_slot *slot, *last = slot_at(slots, slots->npages - 1, slots->per_page - 1);

	for (i = 0; i < n; i++) {
		slot = slot_at(slots, i / slots->per_page, i % slots->per_page);
		last->next = slot;
		last = slot;
	}
	/* apart from each other, so that CPUs do not meet */
	for_each_possible_cpu(i) {
		unsigned int first = (u64)n * i / nr_cpu_ids;

		*per_cpu_ptr(slots->hint, i) = slot_at(slots, first / slots->per_page,
						       first % slots->per_page);
	}
}

int fspan_slots_init(struct fspan_slots *slots, unsigned int n, unsigned int call_size,
		     struct fspan_direct *direct)
{
	unsigned int i, j;
	size_t size;

	slots->slot_size = ALIGN(offsetof(struct fspan_slot, call) + call_size, sizeof(u64));
	size = max_t(size_t, PAGE_SIZE, slots->slot_size);
	slots->per_page = min_t(unsigned int, size / slots->slot_size, n);
	size = slots->per_page * slots->slot_size;
	slots->npages = 0;
	slots->page = kvcalloc(DIV_ROUND_UP(n, slots->per_page), sizeof(*slots->page), GFP_KERNEL);
	slots->hint = alloc_percpu(struct fspan_slot *);
	if (!slots->page || !slots->hint)
		goto no_memory;
	for (i = 0; i < DIV_ROUND_UP(n, slots->per_page); i++) {
		slots->page[i] = kzalloc(size, GFP_KERNEL);
		if (!slots->page[i])
			goto no_memory;
		slots->npages++;
		for (j = 0; j < slots->per_page; j++)
			slot_at(slots, i, j)->direct = direct;
	}
	close_ring(slots);
	return 0;

no_memory:
	fspan_slots_release(slots);
	return -ENOMEM;
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

	for (i = 0; i < slots->npages; i++)
		for (j = 0; slots->page[i] && j < slots->per_page; j++)
			/* as above; what is in a slot that is busy has its own .seq */
			if (smp_load_acquire(&slot_at(slots, i, j)->busy))
				fn(slot_at(slots, i, j), arg);
}
