// SPDX-License-Identifier: GPL-2.0
/*
 * A table of keys that all CPUs share, into which keys only ever come, and for
 * each CPU an array of cells, one for each key, which that CPU alone writes.
 */
#include <linux/bitmap.h>
#include <linux/jhash.h>
#include <linux/kernel.h>
#include <linux/kprobes.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/topology.h>

#include "hist.h"

#define SUB_BITS	4	/* 16 buckets for each power of two */
#define EXACT		(2U << SUB_BITS)	/* below: a bucket for each value */
#define MAX_LOG		42	/* of the last power of two that has buckets */
#define MAX_PROBES	128	/* slots that are looked at: 8 lines of cache */

static_assert(FSPAN_HIST_BUCKETS == EXACT + ((MAX_LOG - SUB_BITS) << SUB_BITS));

/* What is in a slot: nothing, a key being written, or READY and the hash of the key. */
#define TAG_EMPTY	0U
#define TAG_WRITING	1U
#define TAG_READY	0x80000000U

struct slot {
	u8 len;
	u8 key[FSPAN_MAX_KEY];
};

struct fspan_hist_table {
	unsigned int keys;
	u32 *tag;
	struct slot *slot;
	/* by CPU: one for each key, and one for those without room */
	struct fspan_hist_cell *cell[];
};

static unsigned int bucket_of(u64 ns)
{
	unsigned int log;

	if (ns < EXACT)
		return ns;
	log = fls64(ns) - 1;
	if (log > MAX_LOG)
		return FSPAN_HIST_BUCKETS - 1;
	return ((log - SUB_BITS) << SUB_BITS) + (ns >> (log - SUB_BITS));
}
NOKPROBE_SYMBOL(bucket_of);

u64 fspan_hist_bucket_low(unsigned int i)
{
	unsigned int shift = i < EXACT ? 0 : (i >> SUB_BITS) - 1;

	return (u64)(i - (shift << SUB_BITS)) << shift;
}

static bool same_key(const struct slot *slot, const void *key, unsigned int len)
{
	return slot->len == len && !memcmp(slot->key, key, len);
}

/* The @i-th slot where a key of @hash may be. */
static unsigned int probe(const struct fspan_hist_table *t, u32 hash, unsigned int i)
{
	unsigned int at = reciprocal_scale(hash, t->keys) + i;

	return at < t->keys ? at : at - t->keys;
}
NOKPROBE_SYMBOL(probe);

static unsigned int nr_probes(const struct fspan_hist_table *t)
{
	return min_t(unsigned int, t->keys, MAX_PROBES);
}

/*
 * The slot of @key, new or not, or the number of slots if there is no room. An
 * NMI may come on top of one who writes a slot: that is not waited for, and two
 * CPUs may so put one key into two slots. Whoever reads adds them up.
 */
static unsigned int find_slot(struct fspan_hist_table *t, const void *key, unsigned int len)
{
	u32 hash = jhash(key, len, 0), tag, have;
	unsigned int i, at;

	tag = hash | TAG_READY;
	for (i = 0; i < nr_probes(t); i++) {
		at = probe(t, hash, i);
		/* pairs with smp_store_release() below: who sees the tag sees the key */
		have = smp_load_acquire(&t->tag[at]);
		if (have == tag && same_key(&t->slot[at], key, len))
			return at;
		if (have != TAG_EMPTY || cmpxchg(&t->tag[at], TAG_EMPTY, TAG_WRITING) != TAG_EMPTY)
			continue;
		t->slot[at].len = len;
		memcpy(t->slot[at].key, key, len);
		/* pairs with smp_load_acquire() above, and where keys are listed */
		smp_store_release(&t->tag[at], tag);
		return at;
	}
	return t->keys;
}
NOKPROBE_SYMBOL(find_slot);

/* Put the call's key into @key; gives its length. */
static unsigned int take_key(const struct fspan_hist *hist, const void *record,
			     unsigned long func, void *key)
{
	const void *value = record + hist->offset;
	unsigned int len = hist->type.size * (hist->type.count ?: 1);
	u32 loc;

	switch (hist->by) {
	case FSPAN_HIST_BY_FUNC:
		*(unsigned long *)key = func;
		return sizeof(func);
	case FSPAN_HIST_BY_PID:
		*(pid_t *)key = current->pid;
		return sizeof(pid_t);
	case FSPAN_HIST_BY_COMM:
		value = current->comm;
		break;
	default:
		break;
	}
	if (hist->type.format == FSPAN_FORMAT_STRING) {
		loc = *(const u32 *)value;
		value = record + (loc & 0xffff);
		len = loc >> 16;
	} else if (hist->type.format == FSPAN_FORMAT_COMM) {
		len = TASK_COMM_LEN;
	}
	len = min_t(unsigned int, len, FSPAN_MAX_KEY);
	memcpy(key, value, len);
	return fspan_type_is_text(&hist->type) ? strnlen(key, len) : len;
}
NOKPROBE_SYMBOL(take_key);

static noinline unsigned int slot_of_call(const struct fspan_hist *hist,
					  struct fspan_hist_table *t, const void *record,
					  unsigned long func)
{
	u64 key[FSPAN_MAX_KEY / sizeof(u64)];

	return find_slot(t, key, take_key(hist, record, func, key));
}
NOKPROBE_SYMBOL(slot_of_call);

void fspan_hist_add(const struct fspan_hist *hist, struct fspan_hist_table *t,
		    const void *record, unsigned long func, u64 dur, bool error)
{
	struct fspan_hist_cell *cell;
	unsigned int at = 0;
	u64 *bucket;

	if (hist->by != FSPAN_HIST_BY_NOTHING)
		at = slot_of_call(hist, t, record, func);
	cell = &t->cell[smp_processor_id()][at];
	WRITE_ONCE(cell->sum, cell->sum + dur);
	WRITE_ONCE(cell->max, max(cell->max, dur));
	WRITE_ONCE(cell->not_min, max(cell->not_min, ~dur));
	bucket = &cell->bucket[bucket_of(dur)];
	/* who sees the call sees the above, and who sees the error sees the call */
	smp_store_release(bucket, *bucket + 1);
	/* both pair with smp_load_acquire() where cells are summed */
	smp_store_release(&cell->errors, cell->errors + error);
}
NOKPROBE_SYMBOL(fspan_hist_add);

void fspan_hist_table_free(struct fspan_hist_table *t)
{
	int cpu;

	if (!t)
		return;
	synchronize_rcu();	/* handlers run with preemption off */
	for_each_possible_cpu(cpu)
		kvfree(t->cell[cpu]);
	kvfree(t->slot);
	kvfree(t->tag);
	kvfree(t);
}

/*
 * For every possible CPU, so that one which comes later needs nothing: 5 KiB for
 * each and each key. Too much is refused, rather than that others are killed for it.
 */
struct fspan_hist_table *fspan_hist_table_create(const struct fspan_hist *hist)
{
	const gfp_t gfp = GFP_KERNEL | __GFP_RETRY_MAYFAIL | __GFP_NOWARN;
	struct fspan_hist_table *t = kvzalloc(struct_size(t, cell, nr_cpu_ids), gfp);
	size_t size;
	int cpu;

	if (!t)
		return NULL;
	t->keys = hist->keys;
	t->tag = kvcalloc(t->keys, sizeof(*t->tag), gfp);
	t->slot = kvcalloc(t->keys, sizeof(*t->slot), gfp);
	if (!t->tag || !t->slot)
		goto free_table;
	size = array_size(t->keys + 1, sizeof(*t->cell[0]));
	for_each_possible_cpu(cpu) {
		t->cell[cpu] = kvzalloc_node(size, gfp, cpu_to_node(cpu));
		if (!t->cell[cpu])
			goto free_table;
		cond_resched();
	}
	/* the one that all calls have */
	if (hist->by == FSPAN_HIST_BY_NOTHING)
		find_slot(t, "", 0);
	return t;

free_table:
	fspan_hist_table_free(t);
	return NULL;
}

/* All CPUs' cells number @at. Read in the other order than they are written. */
static void add_cells(struct fspan_hist_cell *sum, const struct fspan_hist_table *t,
		      unsigned int at)
{
	unsigned int i;
	int cpu;

	for_each_possible_cpu(cpu) {
		const struct fspan_hist_cell *c = &t->cell[cpu][at];

		/* in the opposite order of who adds a call, whose stores these pair with */
		sum->errors += smp_load_acquire(&c->errors);
		for (i = 0; i < FSPAN_HIST_BUCKETS; i++)
			/* as above */
			sum->bucket[i] += smp_load_acquire(&c->bucket[i]);
		sum->sum += READ_ONCE(c->sum);
		sum->max = max(sum->max, READ_ONCE(c->max));
		sum->not_min = max(sum->not_min, READ_ONCE(c->not_min));
	}
}

void fspan_hist_ready(const struct fspan_hist_table *t, unsigned long *ready)
{
	unsigned int i;

	bitmap_zero(ready, t->keys);
	for (i = 0; i < t->keys; i++)
		/* pairs with smp_store_release() of who put the key in */
		if (smp_load_acquire(&t->tag[i]) & TAG_READY)
			__set_bit(i, ready);
}

const void *fspan_hist_key(const struct fspan_hist_table *t, const unsigned long *ready,
			   unsigned int at, unsigned int *len, struct fspan_hist_cell *sum)
{
	const struct slot *slot = &t->slot[at];
	u32 hash = jhash(slot->key, slot->len, 0);
	bool found = false;
	unsigned int i, j;

	memset(sum, 0, sizeof(*sum));
	for (i = 0; i < nr_probes(t); i++) {
		j = probe(t, hash, i);
		if (!test_bit(j, ready) || !same_key(&t->slot[j], slot->key, slot->len))
			continue;
		if (!found && j != at)
			return NULL;
		found = true;
		add_cells(sum, t, j);
	}
	*len = slot->len;
	return slot->key;
}

void fspan_hist_rest(const struct fspan_hist_table *t, struct fspan_hist_cell *sum)
{
	memset(sum, 0, sizeof(*sum));
	add_cells(sum, t, t->keys);
}

u64 fspan_hist_calls(const struct fspan_hist_cell *c)
{
	u64 calls = 0;
	unsigned int i;

	for (i = 0; i < FSPAN_HIST_BUCKETS; i++)
		calls += c->bucket[i];
	return calls;
}
