/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What became of the calls of a definition, per CPU, so that the sum is exact:
 *   entered = written + dropped_* + missed_* + in flight
 * in flight is hooked - returned. Of a pair, begins are what is entered; its ends have
 * counts of their own. To entered and missed_recursion come those
 * that kprobes themselves kept from us (struct fspan_hooks .core_missed).
 */
#ifndef FSPAN_COUNTS_H
#define FSPAN_COUNTS_H

#include <linux/percpu.h>
#include <linux/types.h>

enum fspan_count {
	FSPAN_COUNT_ENTERED,
	FSPAN_COUNT_HOOKED,		/* has an instance, will be seen to return */
	FSPAN_COUNT_RETURNED,		/* or is known never to */
	FSPAN_COUNT_WRITTEN,		/* passed everything, was offered to all who listen */
	FSPAN_COUNT_DROPPED_DUR,
	FSPAN_COUNT_DROPPED_FAILED,
	FSPAN_COUNT_DROPPED_ENTRY,	/* by the entry gate */
	FSPAN_COUNT_DROPPED_GATE,
	FSPAN_COUNT_MISSED_INSTANCE,	/* more calls at once than max= */
	FSPAN_COUNT_MISSED_RECURSION,
	FSPAN_COUNT_MISSED_RCU,		/* RCU was not watching */
	FSPAN_COUNT_MISSED_DISARMED,	/* those who listened at its entry had left at its return */
	FSPAN_COUNT_MISSED_EXITED,	/* its task ended inside */
	FSPAN_COUNT_MISSED_KEY,		/* of a pair: its key could not be read */
	FSPAN_COUNT_MISSED_REUSED,	/* its key began again */
	FSPAN_COUNT_MISSED_STALE,	/* it was too old, and its place was wanted */
	FSPAN_COUNT_END_ALONE,		/* ends of a pair that did not begin */
	FSPAN_COUNT_REFUSED,		/* records that a ring buffer did not take */
	FSPAN_COUNT_GATE_SKIPPED,	/* programs that the core did not run */
	FSPAN_COUNT_TREE_FULL,		/* it has no place in the tree: no room for its task */
	FSPAN_NR_COUNTS
};

struct fspan_counts {
	u64 n[FSPAN_NR_COUNTS];
};

static __always_inline void fspan_count(struct fspan_counts __percpu *c, enum fspan_count which)
{
	this_cpu_inc(c->n[which]);
}

/* @n calls that are in flight return unseen. With preemption on too. */
static inline void fspan_count_unseen(struct fspan_counts __percpu *c, u64 n)
{
	this_cpu_add(c->n[FSPAN_COUNT_RETURNED], n);
	this_cpu_add(c->n[FSPAN_COUNT_MISSED_DISARMED], n);
}

void fspan_counts_sum(struct fspan_counts __percpu *c, struct fspan_counts *sum);

#endif
