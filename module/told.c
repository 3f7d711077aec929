// SPDX-License-Identifier: GPL-2.0
#include <linux/kprobes.h>
#include <linux/percpu.h>
#include <linux/string.h>

#define CREATE_TRACE_POINTS
#include "told.h"
#include "event.h"

#define MAX_LINE	256	/* of a definition, in the record */

static DEFINE_PER_CPU(unsigned int, telling);

void fspan_tell_missed_slow(const struct fspan_hooks *hooks, enum fspan_count reason)
{
	static const char * const names[FSPAN_NR_COUNTS] = {
		[FSPAN_COUNT_MISSED_INSTANCE]	= "instance",
		[FSPAN_COUNT_MISSED_RECURSION]	= "recursion",
		[FSPAN_COUNT_MISSED_DISARMED]	= "disarmed",
		[FSPAN_COUNT_MISSED_EXITED]	= "exited",
		[FSPAN_COUNT_MISSED_KEY]	= "key",
		[FSPAN_COUNT_MISSED_REUSED]	= "reused",
		[FSPAN_COUNT_MISSED_STALE]	= "stale",
	};

	if (__this_cpu_inc_return(telling) == 1)
		trace_fspan_missed(hooks->event->group, hooks->event->name, names[reason]);
	__this_cpu_dec(telling);
}
NOKPROBE_SYMBOL(fspan_tell_missed_slow);

void fspan_tell_defined(const struct fspan_hooks *hooks, const char *line)
{
	char text[MAX_LINE];

	strscpy(text, line, sizeof(text));
	trace_fspan_defined(hooks->event->group, hooks->event->name, text);
}

void fspan_tell_removed(const struct fspan_hooks *hooks)
{
	trace_fspan_removed(hooks->event->group, hooks->event->name);
}

void fspan_tell_armed(const struct fspan_hooks *hooks)
{
	trace_fspan_armed(hooks->event->group, hooks->event->name, hooks->n);
}

void fspan_tell_disarmed(struct fspan_hooks *hooks)
{
	u64 core, missed = 0;
	struct fspan_counts sum;
	int i;

	if (!trace_fspan_disarmed_enabled())
		return;
	core = fspan_engine_core_missed(hooks);
	fspan_counts_sum(hooks->counts, &sum);
	for (i = FSPAN_COUNT_MISSED_INSTANCE; i <= FSPAN_COUNT_MISSED_STALE; i++)
		missed += sum.n[i];
	trace_fspan_disarmed(hooks->event->group, hooks->event->name,
			     sum.n[FSPAN_COUNT_ENTERED] + core, sum.n[FSPAN_COUNT_WRITTEN],
			     missed + core);
}
