/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Spans that have begun, by key, until they end: a table of them, with what each is counted
 * as. One definition's: @hooks are those of its begins.
 *
 * All for callers that hold fspan_busy, in any context, but for nested ones of forget.
 */
#ifndef FSPAN_OPEN_H
#define FSPAN_OPEN_H

#include <linux/time64.h>

#include "engine.h"
#include "table.h"

#define FSPAN_OPEN_MAX	1024			/* begun and not ended: without max= */
#define FSPAN_OPEN_AGE	(10ULL * NSEC_PER_SEC)	/* without age= */

static inline struct fspan_call *fspan_open_call(struct fspan_entry *entry)
{
	return (void *)entry->data;
}

/*
 * Room for one that begins with @key, at the expense of who has to give way for it: one of
 * this key, or one that is too old. NULL: it is missed.
 */
struct fspan_entry *fspan_open_get(struct fspan_hooks *hooks, struct fspan_table *table, u64 key);
/* @entry, of which the call is filled in, can be ended from now on; in place of an older one. */
void fspan_open_insert(struct fspan_hooks *hooks, struct fspan_table *table,
		       struct fspan_entry *entry, u64 key);
/* What is open with @key, if anything is, is counted as @reason: its end is not followed. */
void fspan_open_forget(struct fspan_hooks *hooks, struct fspan_table *table, u64 key,
		       enum fspan_count reason, bool nested);

#endif
