/* SPDX-License-Identifier: GPL-2.0 */
/* An open /dev/fspan that owns what it defines, and what becomes of that. */
#ifndef FSPAN_OWNER_H
#define FSPAN_OWNER_H

#include <linux/types.h>

struct fspan_error;
struct fspan_owner;

/*
 * Own from here on, and the new tracing instance @instance too, if that is not
 * empty. @others: leave out the calls of this process. An ERR_PTR with @err, at @col. Both
 * under fspan_span_mutex.
 */
struct fspan_owner *fspan_owner_create(const char *instance, bool others, unsigned int col,
				       struct fspan_error *err);
/* The owner is gone: disarm all that it has; what is in use is removed later. */
void fspan_owner_destroy(struct fspan_owner *owner);
pid_t fspan_owner_pid(const struct fspan_owner *owner);
/* The process whose calls are left out, or FSPAN_NO_PID; @owner may be NULL. */
pid_t fspan_owner_left_out(const struct fspan_owner *owner);

/* Look after a while for what fspan_spans_reap() may remove. */
void fspan_reap_later(void);

void fspan_owners_exit(void);

#endif
