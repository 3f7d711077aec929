/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tracepoints as places where something is done, as points are in functions: the same
 * callback, the same counters. Of the arguments those in registers are known.
 */
#ifndef FSPAN_TRACEPOINT_H
#define FSPAN_TRACEPOINT_H

#include <linux/list.h>
#include <linux/module.h>

#include "engine.h"

#define FSPAN_TRACEPOINT_ARGS	5	/* behind what the core passes first */

struct tracepoint;

struct fspan_tracepoint {
	struct list_head node;
	struct tracepoint *tp;		/* NULL: its module is gone */
	bool armed;
	char module[MODULE_NAME_LEN];	/* empty: the kernel's own */
	const char *name;		/* in this memory, behind the hook */
	struct fspan_hook hook;		/* for the callback; .addr is 0 */
};

/*
 * Add the tracepoint of the event @text of @len bytes, "GRP:NAME", to @list. Its hits are
 * @hooks' ops->hit, counted in @hooks. 0, -ENOENT: there is none, -EOPNOTSUPP, -ENOMEM.
 * May sleep; not under event_mutex. Free them disarmed.
 */
int fspan_tracepoint_add(struct list_head *list, struct fspan_hooks *hooks, const char *text,
			 size_t len);
void fspan_tracepoints_free(struct list_head *list);

/*
 * All or nothing; disarm what is armed. Those who are in a callback are still there, until
 * fspan_tracepoints_wait(). All under fspan_arm_mutex.
 */
int fspan_tracepoints_arm(struct list_head *list);
void fspan_tracepoints_disarm(struct list_head *list);
void fspan_tracepoints_wait(void);
/* @module is here, or goes; @armed: the others are. */
void fspan_tracepoints_coming(struct list_head *list, struct module *mod, bool armed);
void fspan_tracepoints_going(struct list_head *list, const char *module);

#endif
