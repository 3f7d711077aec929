/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A pair: it begins in one function or tracepoint and ends in another, in whatever task or
 * interrupt, and a key says which end belongs to which begin. Where it begins are the
 * recorder's own hooks; what began is in a table until it ends.
 *
 * A begin whose key is in the table takes its place: the older one did not end. A begin that
 * finds no room takes that of one that is older than age=, or is missed.
 */
#ifndef FSPAN_PAIR_H
#define FSPAN_PAIR_H

#include "fetch.h"
#include "record.h"
#include "table.h"
#include "target.h"

struct fspan_pair {
	struct fspan_recorder *rec;
	struct fspan_op key[2];		/* at begin, at end */
	unsigned int max;
	u64 age;
	struct fspan_table *table;	/* constant while anything is armed */
	struct list_head begins;	/* tracepoints; functions are rec->hooks */
	struct list_head ends;
	struct fspan_hooks end_hooks;
	struct fspan_targets end_targets;
	bool meet;			/* a function is both */
};

extern const struct fspan_hook_ops fspan_pair_begin_ops, fspan_pair_end_ops;

/* Of @rec, whose hooks it prepares too. An ERR_PTR with @err. Free it disarmed. */
struct fspan_pair *fspan_pair_create(struct fspan_recorder *rec, const struct fspan_spec *spec,
				     const char *line, struct fspan_error *err);
void fspan_pair_free(struct fspan_pair *pair);

/* Find both ends; release them in any case. @begins: of the functions where it begins. */
int fspan_pair_find(struct fspan_pair *pair, struct fspan_targets *begins,
		    const struct fspan_spec *spec, struct fspan_error *err);
void fspan_pair_release(struct fspan_pair *pair, struct fspan_targets *begins);

/*
 * All or nothing. After disarm nobody is in a callback, and what has not ended is counted
 * as missed. Under fspan_arm_mutex, as the rest.
 */
int fspan_pair_arm(struct fspan_pair *pair);
void fspan_pair_disarm(struct fspan_pair *pair);
/* @mod is here, or goes. */
int fspan_pair_coming(struct fspan_pair *pair, struct fspan_targets *begins, struct module *mod);
void fspan_pair_going(struct fspan_pair *pair, const char *module);

#endif
