/* SPDX-License-Identifier: GPL-2.0 */
/* From a finished record to all who have its event enabled. */
#ifndef FSPAN_WRITE_H
#define FSPAN_WRITE_H

#include <linux/percpu.h>
#include <linux/ring_buffer.h>

#include "compat/compat.h"
#include "engine.h"
#include "event.h"
#include "fetch.h"

struct pt_regs;

/*
 * Offer @record of @size bytes, of the event of @hooks, to every instance, to perf and to
 * BPF. Whoever takes it fills in its head; those instances that do not are counted. In any
 * context, with preemption off; never nested on one CPU.
 */
void fspan_write(const struct fspan_hooks *hooks, const void *record, unsigned int size,
		 struct pt_regs *regs);

/* What follows is for fspan_write_here() alone: the same, in place of a call. */

struct fspan_writer {
	/* not on the stack, where it would be cleared for each record */
	struct trace_event_buffer buffer;
	/*
	 * What the core said of the context of a record: that depends on the preempt count
	 * alone, where fspan_context_is_known() says so.
	 */
	int preempt_count;
	unsigned int trace_ctx;
};

DECLARE_PER_CPU(struct fspan_writer, fspan_writer);

void fspan_to_perf(const struct fspan_event *event, const void *record, unsigned int size,
		   struct pt_regs *regs);

/*
 * Nothing but the preempt count tells this context from others: the usual one. An RT kernel
 * counts more than that.
 */
static __always_inline bool fspan_context_is_known(void)
{
	const struct task_struct *task = current;

	return !IS_ENABLED(CONFIG_PREEMPT_RT) && !irqs_disabled() &&
	       !test_preempt_need_resched() && !fspan_compat_resched_flags(task) &&
	       !fspan_compat_migration_disabled(task);
}

/* As ring_buffer_event_data() does for what is short, as most records are. */
static __always_inline void *fspan_event_data(struct ring_buffer_event *event)
{
	unsigned int len = event->type_len - 1;

	return likely(len < RINGBUF_TYPE_DATA_TYPE_LEN_MAX) ? &event->array[0] :
							      ring_buffer_event_data(event);
}

/*
 * What trace_event_buffer_reserve() does, which looks at the context for each record. Of a
 * file that takes only some tasks it is asked itself. False: there is no room.
 */
static __always_inline bool fspan_reserve(struct fspan_writer *w, struct trace_event_file *file,
					  int type, unsigned long size)
{
	struct trace_event_buffer *buffer = &w->buffer;
	int count = preempt_count();

	if (likely(fspan_context_is_known() && w->preempt_count == count &&
		   !(file->flags & EVENT_FILE_FL_PID_FILTER))) {
		buffer->trace_file = file;
		buffer->trace_ctx = w->trace_ctx;
		buffer->event = trace_event_buffer_lock_reserve(&buffer->buffer, file, type,
								size, w->trace_ctx);
		return buffer->event;
	}
	if (!trace_event_buffer_reserve(buffer, file, size))
		return false;
	/* an interrupt may have asked to schedule before the core looked */
	if (fspan_context_is_known()) {
		w->preempt_count = count;
		w->trace_ctx = buffer->trace_ctx;
	}
	return true;
}

/*
 * The core's own way, so that filters, triggers and options do what they do for other
 * events. Behind a filter the entry is on a page of its own, and copied at commit.
 */
static __always_inline void fspan_to_instance(const struct fspan_hooks *hooks,
					      struct trace_event_file *file, const void *record,
					      unsigned long size, struct pt_regs *regs)
{
	struct fspan_writer *w = this_cpu_ptr(&fspan_writer);
	void *entry;

	if (trace_trigger_soft_disabled(file))
		return;
	if (unlikely(!fspan_reserve(w, file, hooks->event->call.event.type, size))) {
		fspan_count(hooks->counts, FSPAN_COUNT_REFUSED);
		return;
	}
	entry = fspan_event_data(w->buffer.event);
	w->buffer.entry = entry;
	w->buffer.regs = regs;
	/* the core has filled in the head */
	fspan_copy(entry + sizeof(struct trace_entry), record + sizeof(struct trace_entry),
		   size - sizeof(struct trace_entry));
	trace_event_buffer_commit(&w->buffer);
}

static __always_inline void fspan_write_here(const struct fspan_hooks *hooks, const void *record,
					     unsigned int size, struct pt_regs *regs)
{
	const struct fspan_event *event = hooks->event;
	struct fspan_files *files = rcu_dereference_sched(event->files);
	unsigned int i;

	/* a byte, which is read as a whole */
	if (unlikely(data_race(event->perf)))
		fspan_to_perf(event, record, size, regs);
	if (!files)
		return;
	i = 0;
	do {
		fspan_to_instance(hooks, files->file[i], record, size, regs);
	} while (unlikely(++i < files->n));
}

#endif
