/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A trace event made at run time: its call, format and id, who has it enabled,
 * and what is kept of it when it is gone.
 *
 * Its id stays taken after the removal, by a second call of the same layout
 * that is not among the core's events: records that are still in a buffer are
 * then decoded as what they are, and never as another event. The same name
 * with the same layout gets the same event again; other names may get its
 * memory only after FSPAN_MAX_GONE later removals.
 */
#ifndef FSPAN_EVENT_H
#define FSPAN_EVENT_H

#include <linux/list.h>
#include <linux/trace_events.h>
#include <linux/tracepoint.h>

#include "layout.h"

struct fspan_error;
struct fspan_event;

#define FSPAN_MAX_GONE	1024	/* events that are remembered after their removal */

/*
 * Called under event_mutex: arm for each listener that comes, who is refused if it
 * fails; disarm when the last one leaves.
 */
struct fspan_event_ops {
	int (*arm)(void *priv);
	void (*disarm)(void *priv);
};

/* The instances that have the event enabled. */
struct fspan_files {
	struct rcu_head rcu;
	unsigned int n;
	struct trace_event_file *file[];
};

struct fspan_event {
	struct trace_event_call call;
	struct fspan_files __rcu *files;	/* written under event_mutex */
	bool perf;				/* perf or BPF listens */
	unsigned int listeners;			/* under event_mutex: files, perf, histogram */
	bool published;				/* the core has it; under event_mutex */
	unsigned long left;			/* jiffies when the last one left */
	bool listened;				/* somebody took records, ever */
	const struct fspan_event_ops *ops;
	void *priv;

	struct trace_event_call carrier;	/* of the id: see above */
	struct trace_event_class class;
	struct tracepoint tp;			/* gives the name, is never registered */
	struct fspan_layout layout;
	struct list_head node;			/* a batch to remove, or those gone */
	char group[FSPAN_NAME_LEN];
	char name[FSPAN_NAME_LEN];
};

/*
 * Make an event, with an id, unknown to the core as yet. Takes @layout over,
 * and leaves it empty, if it succeeds. Gives an ERR_PTR with @err otherwise.
 * All functions here need the caller's lock, and none under event_mutex.
 */
struct fspan_event *fspan_event_create(const char *group, const char *name,
				       struct fspan_layout *layout,
				       const struct fspan_event_ops *ops, void *priv,
				       struct fspan_error *err);
/* Undo fspan_event_create(), or bury an event that is not published any more. */
void fspan_event_put(struct fspan_event *event);

/* Make it an event of the core. 0 or a negative errno with @err. */
int fspan_event_publish(struct fspan_event *event, struct fspan_error *err);
/* Undo that. Until it is known that the event stays, arm refuses whoever wants to listen. */
void fspan_event_withdraw(struct fspan_event *event);
/*
 * Remove all events of the list @events (by .node) from the core: all, or none
 * with -EBUSY if one of them is in use.
 */
int fspan_events_unpublish(struct list_head *events);
bool fspan_event_exists(const char *group, const char *name);

/*
 * Be a listener that takes no records. Both under event_mutex, by fspan_eventlock_run().
 * -ENODEV if the event is not published, or what ops->arm says.
 */
int fspan_event_listen(struct fspan_event *event);
void fspan_event_unlisten(struct fspan_event *event);

/* At unload: free what is remembered. */
void fspan_events_exit(void);

#endif
