/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Durations of a definition's calls, counted in buckets, for each key and CPU.
 * Kept only while somebody has its file in debugfs open, which is a listener.
 */
#ifndef FSPAN_HIST_H
#define FSPAN_HIST_H

#include <linux/types.h>

#include "spec.h"

struct dentry;
struct fspan_error;
struct fspan_event;
struct fspan_hist_table;

/*
 * Buckets are exact below 32 ns; above, 16 of equal width for each power of two.
 * From 2^43 ns on all are in the last.
 */
#define FSPAN_HIST_BUCKETS	640

/* Zeroed memory is an empty one. The calls are the sum of the buckets. */
struct fspan_hist_cell {
	u64 errors;
	u64 sum;
	u64 max;
	u64 not_min;		/* ~min, so that it grows too */
	u64 bucket[FSPAN_HIST_BUCKETS];
};

struct fspan_hist {
	/* constant */
	enum fspan_hist_by by;
	unsigned int keys;		/* room for so many */
	unsigned int offset;		/* by a field or ret: of the key, in the record */
	u32 fields;			/* a bit for the field that the key is */
	struct fspan_type type;		/* of the key */
	char name[FSPAN_FIELD_LEN];
	struct fspan_event *event;
	struct dentry *file;
	/* written under event_mutex: */
	struct fspan_hist_table __rcu *table;	/* NULL: nobody has the file open */
	unsigned int opens;
};

/*
 * Fill in @hist for the definition @spec, whose event is @event, and make its
 * file, for as long as until release. 0 or a negative errno with @err. @hist must
 * stay until fspan_hist_release(), whose caller has unpublished @event.
 */
int fspan_hist_init(struct fspan_hist *hist, struct fspan_event *event,
		    const struct fspan_spec *spec, struct fspan_error *err);
void fspan_hist_release(struct fspan_hist *hist);

/*
 * Count a call of @func that took @dur ns. @record: has ret and the fields that
 * the key needs. In any context, NMI included, with preemption off; never nested
 * on one CPU.
 */
void fspan_hist_add(const struct fspan_hist *hist, struct fspan_hist_table *table,
		    const void *record, unsigned long func, u64 dur, bool error);

/* The directory hist, in @parent; it goes with that. */
void fspan_hist_dir_init(struct dentry *parent);

/* shared between hist.c and hist_file.c: */

/* NULL: no memory. May sleep. */
struct fspan_hist_table *fspan_hist_table_create(const struct fspan_hist *hist);
/* Of one that is not published any more, or never was: waits for handlers. */
void fspan_hist_table_free(struct fspan_hist_table *table);

/* Which slots have a key by now: a bit for each. */
void fspan_hist_ready(const struct fspan_hist_table *table, unsigned long *ready);
/*
 * The key of slot @at, which is among @ready, and in @sum the calls of all slots
 * among them that have it; NULL if @at is not the first of these.
 */
const void *fspan_hist_key(const struct fspan_hist_table *table, const unsigned long *ready,
			   unsigned int at, unsigned int *len, struct fspan_hist_cell *sum);
/* The calls whose key had no room. */
void fspan_hist_rest(const struct fspan_hist_table *table, struct fspan_hist_cell *sum);
u64 fspan_hist_calls(const struct fspan_hist_cell *cell);
u64 fspan_hist_bucket_low(unsigned int bucket);

#endif
