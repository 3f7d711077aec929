/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the module says of itself, in its own trace events and by the one tracepoint that
 * carries every span: see include/trace/events/fspan_core.h. While nobody listens each is a branch
 * that is patched out.
 */
#ifndef FSPAN_TOLD_H
#define FSPAN_TOLD_H

#include <trace/events/fspan_core.h>

#include "engine.h"

void fspan_tell_missed_slow(const struct fspan_hooks *hooks, enum fspan_count reason);

/*
 * Count a call that is missed, and tell of it. In any context, with preemption off; not where
 * RCU does not watch. What is missed while one is told is only counted.
 */
static __always_inline void fspan_missed(const struct fspan_hooks *hooks, enum fspan_count reason)
{
	fspan_count(hooks->counts, reason);
	if (trace_fspan_missed_enabled())
		fspan_tell_missed_slow(hooks, reason);
}

/* All may sleep. */
void fspan_tell_defined(const struct fspan_hooks *hooks, const char *line);
void fspan_tell_removed(const struct fspan_hooks *hooks);
void fspan_tell_armed(const struct fspan_hooks *hooks);
/* Under fspan_arm_mutex. */
void fspan_tell_disarmed(struct fspan_hooks *hooks);

#endif
