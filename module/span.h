/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Definitions: made from a line, owned or not, removed. All functions but
 * fspan_spans_init/exit are for callers that hold fspan_span_mutex, which is
 * never taken under event_mutex.
 */
#ifndef FSPAN_SPAN_H
#define FSPAN_SPAN_H

#include <linux/list.h>
#include <linux/mutex.h>

#include "record.h"
#include "target.h"

struct fspan_error;
struct fspan_owner;

struct fspan_span {
	struct list_head node;
	struct fspan_recorder rec;
	struct fspan_targets targets;
	const struct fspan_owner *owner;	/* NULL: it stays */
	bool emitter;		/* of kind b: programs find it by its id */
	bool automatic;		/* of a declaration: goes with that, if it is not used */
	bool dead;		/* its owner is gone: never armed again; under fspan_arm_mutex */
	char line[];		/* as it was written */
};

extern struct mutex fspan_span_mutex;
extern struct list_head fspan_spans;
extern unsigned int fspan_max_events;

/* Define what @spec, parsed from @line, says. 0 or a negative errno with @err. */
int fspan_span_define(const struct fspan_spec *spec, const char *line,
		      const struct fspan_owner *owner, struct fspan_error *err);
/* Remove the definition @spec names; one of another owner is refused. */
/* Is what is defined by this name of just this @line? */
bool fspan_span_is(const struct fspan_spec *spec, const char *line);
int fspan_span_remove(const struct fspan_spec *spec, const struct fspan_owner *owner,
		      struct fspan_error *err);
/* Remove all that have no owner, and the dead that nobody uses: all, or none with -EBUSY. */
int fspan_spans_clear(void);
/* Disarm what @owner has for good. Gives how many. */
unsigned int fspan_spans_kill(const struct fspan_owner *owner);
/*
 * Remove those that were defined for declarations that are gone. True: some are in use, to
 * be removed by fspan_spans_reap().
 */
bool fspan_spans_undeclare(void);
/*
 * Remove the dead whose time has come. Returns how long to wait for the next,
 * in jiffies, 0: there is none.
 */
unsigned long fspan_spans_reap(void);

int fspan_spans_init(void);
void fspan_spans_exit(void);

#endif
