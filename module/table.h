/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What began in one context and ends in another: entries by a key of 64 bits. All memory
 * is taken when the table is made, and that is its bound: what finds no room is refused.
 *
 * An entry belongs to whoever got it, until it is inserted; to the table, until it is taken
 * out; then to him who took it, until he puts it back. So what is in it is written and read
 * without a lock.
 *
 * All but create, destroy and take_nested are for callers that hold fspan_busy (engine.h) on
 * their CPU, in any context: task, softirq, hard interrupt, with raw locks held, on RT. So
 * nobody on this CPU comes between, an NMI neither. In an NMI, and what looks like one, as a
 * breakpoint's handler does on x86, a lock that another CPU has is waited for only for a
 * little: -EBUSY.
 */
#ifndef FSPAN_TABLE_H
#define FSPAN_TABLE_H

#include <linux/list.h>
#include <linux/llist.h>
#include <linux/types.h>

struct fspan_table;

struct fspan_entry {
	union {
		struct hlist_node node;		/* in the table */
		struct llist_node free;
	};
	u64 key;
	u64 since;		/* ns, CLOCK_MONOTONIC: of the insertion, as its caller says */
	bool in;		/* the table; under its lock */
	u64 data[];		/* zeroed before its first use */
};

/*
 * Room for @max entries with @data_size bytes of data each. One that is older than @age ns
 * (0: no age is enough) gives way if there is no other room. May sleep. NULL: no memory.
 */
struct fspan_table *fspan_table_create(unsigned int max, size_t data_size, u64 age);
/* Nobody may be in it, or come, any more: entries that are in it, or out, go too. */
void fspan_table_destroy(struct fspan_table *table);

/*
 * An entry to be filled in. NULL: there is no room. @stale: it was in the table until now,
 * too old at the time @now.
 */
struct fspan_entry *fspan_table_get(struct fspan_table *table, u64 now, bool *stale);
/*
 * Insert @entry, with .since, by @key. Gives the entry that had this key, which is taken
 * out; NULL: none had. Not inserted: ERR_PTR(-EBUSY), or ERR_PTR(-ENOSPC) if there are too
 * many whose keys are alike to the hash.
 */
struct fspan_entry *fspan_table_insert(struct fspan_table *table, struct fspan_entry *entry,
				       u64 key);
/* Take the entry of @key out. NULL: there is none; ERR_PTR(-EBUSY). */
struct fspan_entry *fspan_table_take(struct fspan_table *table, u64 key);
/*
 * The same for who interrupts one that holds fspan_busy, with preemption off: that one may
 * have the lock, so it is waited for only for a little too.
 */
struct fspan_entry *fspan_table_take_nested(struct fspan_table *table, u64 key);
/*
 * The entry of @key, which stays in the table: for a key that nobody else inserts or takes out
 * meanwhile. NULL: there is none; ERR_PTR(-EBUSY).
 */
struct fspan_entry *fspan_table_find(struct fspan_table *table, u64 key);
/* Give back what was got or taken. Never fails; nested too. */
void fspan_table_put(struct fspan_table *table, struct fspan_entry *entry);

/*
 * For who looks: copy entry @at, from 0, to @copy, as large as an entry with its data.
 * 1: it was in the table; 0: it is not; -ENOENT: there are no more. From a task; takes fspan_busy
 * itself.
 */
int fspan_table_copy(struct fspan_table *table, unsigned int at, struct fspan_entry *copy);
size_t fspan_table_entry_size(const struct fspan_table *table);

#endif
