// SPDX-License-Identifier: GPL-2.0
/*
 * A hash of chains, each with a lock of its own, and free entries by CPU. Locks are raw, and
 * leaves: nothing is called under them. Interrupts are off while one is held.
 */
#include <linux/err.h>
#include <linux/hash.h>
#include <linux/kprobes.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "engine.h"
#include "table.h"

#define NMI_TRIES	1000	/* for a lock that another CPU has, or one below on this */
#define LOOK_FOR_STALE	8	/* chains, for one that wants room */
#define MAX_CHAIN	64	/* a key may be what a user process says: walks are bounded */

struct chain {
	raw_spinlock_t lock;
	struct hlist_head head;
};

/* Anybody adds; to remove is for one at a time, under the lock. */
struct pool {
	raw_spinlock_t lock;
	struct llist_head free;
};

struct fspan_table {
	unsigned int max;
	unsigned int bits;		/* of the number of chains */
	size_t entry_size;
	u64 age;
	atomic_t hand;			/* where the search for stale ones goes on */
	void *entries;
	struct chain *chains;
	struct pool __percpu *pools;
};

/* @wait: nobody below on this CPU may have it */
static __always_inline bool lock_or_not(raw_spinlock_t *lock, bool wait)
{
	unsigned int i;

	if (likely(wait && !in_nmi())) {
		raw_spin_lock(lock);
		return true;
	}
	for (i = 0; i < NMI_TRIES; i++) {
		if (raw_spin_trylock(lock))
			return true;
		cpu_relax();
	}
	return false;
}

static __always_inline bool lock(raw_spinlock_t *lock)
{
	return lock_or_not(lock, true);
}

static struct fspan_entry *entry_at(const struct fspan_table *t, unsigned int at)
{
	return t->entries + at * t->entry_size;
}

static struct chain *chain_of(const struct fspan_table *t, u64 key)
{
	return &t->chains[t->bits ? hash_64(key, t->bits) : 0];
}
NOKPROBE_SYMBOL(chain_of);

static void unlink(struct fspan_entry *e)
{
	hlist_del(&e->node);
	WRITE_ONCE(e->in, false);
}
NOKPROBE_SYMBOL(unlink);

static struct fspan_entry *find(struct chain *c, u64 key, unsigned int *length)
{
	struct fspan_entry *e;

	*length = 0;
	hlist_for_each_entry(e, &c->head, node) {
		if (e->key == key)
			return e;
		++*length;
	}
	return NULL;
}
NOKPROBE_SYMBOL(find);

static struct fspan_entry *get_free(struct pool *pool)
{
	struct llist_node *node = NULL;
	unsigned long flags;

	if (llist_empty(&pool->free))
		return NULL;
	local_irq_save(flags);
	if (lock(&pool->lock)) {
		node = llist_del_first(&pool->free);
		raw_spin_unlock(&pool->lock);
	}
	local_irq_restore(flags);
	return node ? container_of(node, struct fspan_entry, free) : NULL;
}
NOKPROBE_SYMBOL(get_free);

/* Only who is refused looks, so whoever wants room comes by all of them in time. */
static struct fspan_entry *get_stale(struct fspan_table *t, u64 now)
{
	struct fspan_entry *e, *found = NULL;
	unsigned long flags;
	unsigned int i;

	for (i = 0; i < LOOK_FOR_STALE && !found; i++) {
		struct chain *c = &t->chains[atomic_inc_return(&t->hand) & (BIT(t->bits) - 1)];

		if (hlist_empty(&c->head))
			continue;
		local_irq_save(flags);
		if (lock(&c->lock)) {
			hlist_for_each_entry(e, &c->head, node) {
				if ((s64)(now - e->since) <= (s64)t->age)
					continue;
				found = e;
				unlink(e);
				break;
			}
			raw_spin_unlock(&c->lock);
		}
		local_irq_restore(flags);
	}
	return found;
}
NOKPROBE_SYMBOL(get_stale);

struct fspan_entry *fspan_table_get(struct fspan_table *t, u64 now, bool *stale)
{
	struct fspan_entry *e = get_free(this_cpu_ptr(t->pools));
	int cpu;

	*stale = false;
	if (likely(e))
		return e;
	for_each_possible_cpu(cpu) {
		e = get_free(per_cpu_ptr(t->pools, cpu));
		if (e)
			return e;
	}
	if (t->age)
		e = get_stale(t, now);
	*stale = e;
	return e;
}
NOKPROBE_SYMBOL(fspan_table_get);

struct fspan_entry *fspan_table_insert(struct fspan_table *t, struct fspan_entry *e, u64 key)
{
	struct chain *c = chain_of(t, key);
	struct fspan_entry *old;
	unsigned int length;
	unsigned long flags;

	/* all else is written, to who copies it just now */
	smp_store_release(&e->key, key);
	local_irq_save(flags);
	if (!lock(&c->lock)) {
		local_irq_restore(flags);
		return ERR_PTR(-EBUSY);
	}
	old = find(c, key, &length);
	if (unlikely(old))
		unlink(old);
	if (likely(length < MAX_CHAIN)) {
		hlist_add_head(&e->node, &c->head);
		/* and has the key, to him */
		smp_store_release(&e->in, true);
	} else {
		old = ERR_PTR(-ENOSPC);
	}
	raw_spin_unlock(&c->lock);
	local_irq_restore(flags);
	return old;
}
NOKPROBE_SYMBOL(fspan_table_insert);

/* @out: and take it out */
static __always_inline struct fspan_entry *look_up(struct fspan_table *t, u64 key, bool wait,
						   bool out)
{
	struct chain *c = chain_of(t, key);
	struct fspan_entry *e = ERR_PTR(-EBUSY);
	unsigned int length;
	unsigned long flags;

	/* most ends are of nothing that began: what one may see began before it */
	if (hlist_empty(&c->head))
		return NULL;
	local_irq_save(flags);
	if (lock_or_not(&c->lock, wait)) {
		e = find(c, key, &length);
		if (e && out)
			unlink(e);
		raw_spin_unlock(&c->lock);
	}
	local_irq_restore(flags);
	return e;
}

struct fspan_entry *fspan_table_take(struct fspan_table *t, u64 key)
{
	return look_up(t, key, true, true);
}
NOKPROBE_SYMBOL(fspan_table_take);

struct fspan_entry *fspan_table_take_nested(struct fspan_table *t, u64 key)
{
	return look_up(t, key, false, true);
}
NOKPROBE_SYMBOL(fspan_table_take_nested);

struct fspan_entry *fspan_table_find(struct fspan_table *t, u64 key)
{
	return look_up(t, key, true, false);
}
NOKPROBE_SYMBOL(fspan_table_find);

void fspan_table_put(struct fspan_table *t, struct fspan_entry *e)
{
	llist_add(&e->free, &this_cpu_ptr(t->pools)->free);
}
NOKPROBE_SYMBOL(fspan_table_put);

size_t fspan_table_entry_size(const struct fspan_table *t)
{
	return t->entry_size;
}

int fspan_table_copy(struct fspan_table *t, unsigned int at, struct fspan_entry *copy)
{
	struct fspan_entry *e = entry_at(t, at);
	unsigned long flags;
	struct chain *c;
	int found = 0;

	if (at >= t->max)
		return -ENOENT;
	if (!READ_ONCE(e->in))
		return 0;
	preempt_disable();
	if (fspan_busy_begin()) {
		c = chain_of(t, READ_ONCE(e->key));
		raw_spin_lock_irqsave(&c->lock, flags);
		/*
		 * It may have been taken, and be in another chain by now, whose key is seen then;
		 * or be about to come here, as it is.
		 */
		if (smp_load_acquire(&e->in) && chain_of(t, smp_load_acquire(&e->key)) == c) {
			memcpy(copy, e, t->entry_size);
			found = 1;
		}
		raw_spin_unlock_irqrestore(&c->lock, flags);
		fspan_busy_end();
	}
	preempt_enable();
	return found;
}

void fspan_table_destroy(struct fspan_table *t)
{
	free_percpu(t->pools);
	kvfree(t->chains);
	kvfree(t->entries);
	kfree(t);
}

struct fspan_table *fspan_table_create(unsigned int max, size_t data_size, u64 age)
{
	struct fspan_table *t = kzalloc(sizeof(*t), GFP_KERNEL);
	unsigned int i, cpu;

	if (!t)
		return NULL;
	t->max = max;
	t->bits = order_base_2(max);
	t->age = age;
	t->entry_size = ALIGN(sizeof(struct fspan_entry) + data_size, sizeof(u64));
	t->entries = kvcalloc(max, t->entry_size, GFP_KERNEL);
	t->chains = kvcalloc(BIT(t->bits), sizeof(*t->chains), GFP_KERNEL);
	t->pools = alloc_percpu(struct pool);
	if (!t->entries || !t->chains || !t->pools) {
		fspan_table_destroy(t);
		return NULL;
	}
	for (i = 0; i < BIT(t->bits); i++) {
		raw_spin_lock_init(&t->chains[i].lock);
		INIT_HLIST_HEAD(&t->chains[i].head);
	}
	for_each_possible_cpu(cpu) {
		raw_spin_lock_init(&per_cpu_ptr(t->pools, cpu)->lock);
		init_llist_head(&per_cpu_ptr(t->pools, cpu)->free);
	}
	/* dealt out to those that are there; what one has not another has */
	cpu = cpumask_first(cpu_online_mask);
	for (i = 0; i < max; i++) {
		llist_add(&entry_at(t, i)->free, &per_cpu_ptr(t->pools, cpu)->free);
		cpu = cpumask_next(cpu, cpu_online_mask);
		if (cpu >= nr_cpu_ids)
			cpu = cpumask_first(cpu_online_mask);
	}
	return t;
}
