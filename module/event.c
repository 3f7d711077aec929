// SPDX-License-Identifier: GPL-2.0
#include <linux/jiffies.h>
#include <linux/kmemleak.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/trace_seq.h>

#include "compat/compat.h"
#include "error.h"
#include "event.h"
#include "eventlock.h"
#include "print.h"

/* events that were removed, the oldest first */
static LIST_HEAD(gone);
static unsigned int ngone;

/*
 * Readers come with the carrier, tp_printk with the call: both are a
 * trace_event_call of our class. They hold trace_event_sem, or are in a
 * handler; the carrier is unregistered, which takes the sem, before it is freed.
 */
static enum print_line_t event_print(struct trace_iterator *iter, int flags,
				     struct trace_event *trace_event)
{
	struct trace_event_call *call = container_of(trace_event, struct trace_event_call, event);
	struct fspan_event *event = container_of(call->class, struct fspan_event, class);
	/* tp_printk does not say how long the record is */
	unsigned int size = iter->ent_size ?: FSPAN_MAX_RECORD;

	trace_seq_printf(&iter->seq, "%s:", event->name);
	fspan_print_record(&iter->seq, &event->layout, iter->ent, size);
	trace_seq_putc(&iter->seq, '\n');
	return trace_handle_return(&iter->seq);
}

static struct trace_event_functions event_funcs = { .trace = event_print };

/* The array of files with @add, without @drop. */
static int change_files(struct fspan_event *event, struct trace_event_file *add,
			struct trace_event_file *drop)
{
	/* event_mutex cannot be named, but it is held */
	struct fspan_files *old = rcu_dereference_protected(event->files, true), *new;
	unsigned int i, n = old ? old->n : 0;
	/* a file that is disabled must not be written to again: this cannot fail */
	gfp_t gfp = add ? GFP_KERNEL : GFP_KERNEL | __GFP_NOFAIL;

	new = NULL;
	if (add || n > 1) {
		new = kzalloc(struct_size(new, file, n + 1), gfp);
		if (!new)
			return -ENOMEM;
		for (i = 0; i < n; i++)
			if (old->file[i] != drop)
				new->file[new->n++] = old->file[i];
		if (add)
			new->file[new->n++] = add;
	}
	rcu_assign_pointer(event->files, new);
	if (old)
		kfree_rcu(old, rcu);
	return 0;
}

int fspan_event_listen(struct fspan_event *event)
{
	int ret = event->published ? event->ops->arm(event->priv) : -ENODEV;

	if (!ret)
		event->listeners++;
	return ret;
}

void fspan_event_unlisten(struct fspan_event *event)
{
	event->left = jiffies;
	if (!--event->listeners)
		event->ops->disarm(event->priv);
}

/* Who takes records may have some when it is gone: see in_grace(). */
static int listen(struct fspan_event *event)
{
	int ret = fspan_event_listen(event);

	if (!ret)
		event->listened = true;
	return ret;
}

/* Under event_mutex. The core waits for RCU before it frees a file or perf's lists. */
static int event_reg(struct trace_event_call *call, enum trace_reg type, void *data)
{
	struct fspan_event *event = container_of(call, struct fspan_event, call);
	int ret;

	switch (type) {
	case TRACE_REG_REGISTER:
		ret = change_files(event, data, NULL);
		if (ret)
			return ret;
		ret = listen(event);
		if (ret)
			change_files(event, NULL, data);
		return ret;
	case TRACE_REG_UNREGISTER:
		change_files(event, NULL, data);
		fspan_event_unlisten(event);
		return 0;
	case TRACE_REG_PERF_REGISTER:
		ret = listen(event);
		if (!ret)
			WRITE_ONCE(event->perf, true);
		return ret;
	case TRACE_REG_PERF_UNREGISTER:
		WRITE_ONCE(event->perf, false);
		fspan_event_unlisten(event);
		return 0;
	default:
		return 0;
	}
}

static void forget(struct fspan_event *event)
{
	unregister_trace_event(&event->carrier.event);
	if (fspan_compat_format_open(&event->call)) {
		/* who holds the file open keeps the memory: it is lost when he closes it */
		kmemleak_not_leak(event);
		return;
	}
	fspan_layout_release(&event->layout);
	kfree(event);
}

/* Forget the oldest, but never one whose format somebody still has open. */
static void trim_gone(unsigned int max)
{
	struct fspan_event *event, *next;

	list_for_each_entry_safe(event, next, &gone, node) {
		if (ngone <= max)
			break;
		if (fspan_compat_format_open(&event->call))
			continue;
		list_del(&event->node);
		ngone--;
		forget(event);
	}
}

void fspan_events_exit(void)
{
	struct fspan_event *event, *next;

	list_for_each_entry_safe(event, next, &gone, node) {
		list_del(&event->node);
		forget(event);
	}
	ngone = 0;
}

static struct fspan_event *find_gone(const char *group, const char *name,
				     const struct fspan_layout *layout)
{
	struct fspan_event *event;

	list_for_each_entry(event, &gone, node)
		if (!strcmp(event->name, name) && !strcmp(event->group, group) &&
		    fspan_layout_same(&event->layout, layout))
			return event;
	return NULL;
}

static struct fspan_event *make_event(const char *group, const char *name,
				      struct fspan_layout *layout, struct fspan_error *err)
{
	struct fspan_event *event = kzalloc(sizeof(*event), GFP_KERNEL);

	if (!event)
		return ERR_PTR(fspan_error_set(err, FSPAN_ERR_NO_MEMORY, 0));
	strscpy(event->group, group, sizeof(event->group));
	strscpy(event->name, name, sizeof(event->name));
	event->tp.name = event->name;
	event->class.system = event->group;
	event->class.reg = event_reg;
	event->class.fields_array = layout->class_fields;
	INIT_LIST_HEAD(&event->class.fields);

	event->carrier.class = &event->class;
	event->carrier.flags = TRACE_EVENT_FL_TRACEPOINT;
	event->carrier.tp = &event->tp;
	event->carrier.print_fmt = layout->print_fmt;
	event->carrier.event.funcs = &event_funcs;
	if (!register_trace_event(&event->carrier.event)) {
		kfree(event);
		return ERR_PTR(fspan_error_set(err, FSPAN_ERR_NO_TYPE_ID, 0));
	}

	event->call.class = &event->class;
	event->call.flags = TRACE_EVENT_FL_TRACEPOINT | TRACE_EVENT_FL_DYNAMIC;
	event->call.tp = &event->tp;
	event->call.print_fmt = layout->print_fmt;
	event->call.event.type = event->carrier.event.type;

	event->layout = *layout;
	memset(layout, 0, sizeof(*layout));
	return event;
}

struct fspan_event *fspan_event_create(const char *group, const char *name,
				       struct fspan_layout *layout,
				       const struct fspan_event_ops *ops, void *priv,
				       struct fspan_error *err)
{
	struct fspan_event *event = find_gone(group, name, layout);

	if (event) {
		list_del(&event->node);
		ngone--;
	} else {
		event = make_event(group, name, layout, err);
		if (IS_ERR(event))
			return event;
	}
	event->listened = false;
	event->left = jiffies;
	event->ops = ops;
	event->priv = priv;
	return event;
}

void fspan_event_put(struct fspan_event *event)
{
	event->ops = NULL;
	event->priv = NULL;
	list_add_tail(&event->node, &gone);
	ngone++;
	trim_gone(FSPAN_MAX_GONE);
}

bool fspan_event_exists(const char *group, const char *name)
{
	struct trace_event_file *file = trace_get_event_file(NULL, group, name);

	if (IS_ERR(file))
		return PTR_ERR(file) == -EBUSY;	/* it is there, on its way out */
	trace_put_event_file(file);
	return true;
}

static int add_call(void *arg)
{
	struct fspan_event *event = arg;
	int ret;

	/* tp_printk prints by the call itself */
	event->call.event.funcs = &event_funcs;
	event->published = true;	/* first: the core may enable what it adds */
	ret = trace_add_event_call(&event->call);
	if (ret < 0)
		event->published = false;
	return ret;
}

static int remove_call(struct fspan_event *event)
{
	int ret;

	/* with funcs the core would unregister the call's id, which is the carrier's */
	event->call.event.funcs = NULL;
	ret = trace_remove_event_call(&event->call);
	if (ret)
		event->call.event.funcs = &event_funcs;
	else
		event->published = false;
	return ret;
}

static int remove_call_fn(void *arg)
{
	return remove_call(arg);
}

/* Has the core all the fields? It stops at the first for which it has no memory. */
static bool has_fields(struct fspan_event *event)
{
	const struct trace_event_fields *field = event->layout.class_fields;
	struct list_head *known;

	list_for_each(known, &event->class.fields) {
		if (!field->type)
			return false;
		field++;
	}
	return !field->type;
}

/*
 * The core tells neither of a second event of the same name, nor that it could
 * not make the event's files or fields: ask for the file, and see whose it is.
 */
int fspan_event_publish(struct fspan_event *event, struct fspan_error *err)
{
	enum fspan_errcode code = FSPAN_OK;
	struct trace_event_file *file;
	int ret;

	if (fspan_event_exists(event->group, event->name))
		return fspan_error_set(err, FSPAN_ERR_EXISTS, 0);
	ret = fspan_eventlock_run(add_call, event);
	if (ret < 0)
		return fspan_error_set(err, ret == -ENOMEM ? FSPAN_ERR_NO_MEMORY :
				       FSPAN_ERR_CORE, 0);
	file = trace_get_event_file(NULL, event->group, event->name);
	if (IS_ERR(file)) {
		code = FSPAN_ERR_NO_MEMORY;
	} else {
		if (file->event_call != &event->call)
			code = FSPAN_ERR_EXISTS;
		else if (!fspan_compat_file_has_dir(file) || !has_fields(event))
			code = FSPAN_ERR_NO_MEMORY;
		else
			fspan_compat_format_note(file);
		trace_put_event_file(file);
	}
	if (!code)
		return 0;
	fspan_event_withdraw(event);
	return fspan_error_set(err, code, 0);
}

void fspan_event_withdraw(struct fspan_event *event)
{
	WARN_ON_ONCE(fspan_eventlock_run_surely(remove_call_fn, event));
}

static bool in_use(struct fspan_event *event)
{
	/* an eprobe on it shows in refcnt only */
	return event->listeners || event->call.perf_refcount || atomic_read(&event->call.refcnt);
}

static int remove_calls(void *arg)
{
	struct list_head *events = arg;
	struct fspan_event *event;

	list_for_each_entry(event, events, node)
		if (in_use(event))
			return -EBUSY;
	list_for_each_entry(event, events, node)
		/* nobody listens, and nobody can begin to: event_mutex is held */
		if (WARN_ON_ONCE(remove_call(event)))
			return -EBUSY;
	return 0;
}

int fspan_events_unpublish(struct list_head *events)
{
	return list_empty(events) ? 0 : fspan_eventlock_run(remove_calls, events);
}
