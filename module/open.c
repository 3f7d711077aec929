// SPDX-License-Identifier: GPL-2.0
#include <linux/err.h>
#include <linux/kprobes.h>
#include <linux/timekeeping.h>

#include "open.h"
#include "told.h"

static void lost(struct fspan_hooks *hooks, enum fspan_count reason)
{
	fspan_count(hooks->counts, FSPAN_COUNT_RETURNED);
	fspan_missed(hooks, reason);
}
NOKPROBE_SYMBOL(lost);

struct fspan_entry *fspan_open_get(struct fspan_hooks *hooks, struct fspan_table *table, u64 key)
{
	struct fspan_entry *entry;
	bool stale;

	entry = fspan_table_get(table, ktime_get_mono_fast_ns(), &stale);
	if (unlikely(stale))
		lost(hooks, FSPAN_COUNT_MISSED_STALE);
	if (likely(entry))
		return entry;
	/* of this key there may be one: that gives way in any case */
	entry = fspan_table_take(table, key);
	if (!IS_ERR_OR_NULL(entry)) {
		lost(hooks, FSPAN_COUNT_MISSED_REUSED);
		return entry;
	}
	fspan_missed(hooks, FSPAN_COUNT_MISSED_INSTANCE);
	return NULL;
}
NOKPROBE_SYMBOL(fspan_open_get);

void fspan_open_insert(struct fspan_hooks *hooks, struct fspan_table *table,
		       struct fspan_entry *entry, u64 key)
{
	struct fspan_entry *old;

	entry->since = fspan_open_call(entry)->start;
	/* before others can see it end */
	fspan_count(hooks->counts, FSPAN_COUNT_HOOKED);
	old = fspan_table_insert(table, entry, key);
	if (likely(!old))
		return;
	/* -EBUSY, of an NMI: an older one of this key stays, which its end may then be taken for */
	lost(hooks, !IS_ERR(old) ? FSPAN_COUNT_MISSED_REUSED :
	     PTR_ERR(old) == -ENOSPC ? FSPAN_COUNT_MISSED_INSTANCE : FSPAN_COUNT_MISSED_RECURSION);
	fspan_table_put(table, IS_ERR(old) ? entry : old);
}
NOKPROBE_SYMBOL(fspan_open_insert);

void fspan_open_forget(struct fspan_hooks *hooks, struct fspan_table *table, u64 key,
		       enum fspan_count reason, bool nested)
{
	struct fspan_entry *entry = nested ? fspan_table_take_nested(table, key) :
					     fspan_table_take(table, key);

	/* -EBUSY: it stays until its key begins again, or it is too old */
	if (IS_ERR_OR_NULL(entry))
		return;
	lost(hooks, reason);
	fspan_table_put(table, entry);
}
NOKPROBE_SYMBOL(fspan_open_forget);
