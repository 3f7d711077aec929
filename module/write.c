// SPDX-License-Identifier: GPL-2.0
#include <linux/kprobes.h>
#include <linux/perf_event.h>
#include <linux/percpu.h>
#include <linux/string.h>

#include "compat/compat.h"
#include "event.h"
#include "fetch.h"
#include "write.h"

/* not on the stack, where it would be cleared for each record */
static DEFINE_PER_CPU(struct trace_event_buffer, reserved);

/*
 * What the core said of the context of a record: that depends on the preempt count alone,
 * where context_is_known() says so.
 */
struct context {
	int preempt_count;
	unsigned int trace_ctx;
};

static DEFINE_PER_CPU(struct context, context) = { .preempt_count = -1 };

/*
 * Nothing but the preempt count tells this context from others: the usual one. An RT kernel
 * counts more than that.
 */
static __always_inline bool context_is_known(void)
{
	return !IS_ENABLED(CONFIG_PREEMPT_RT) && !irqs_disabled() &&
	       !test_preempt_need_resched() && !fspan_compat_resched_flags() &&
	       !fspan_compat_migration_disabled();
}

/* As ring_buffer_event_data() does for all but time stamps, which are none of ours. */
static __always_inline void *event_data(struct ring_buffer_event *event)
{
	if (unlikely(event->type_len > RINGBUF_TYPE_DATA_TYPE_LEN_MAX))
		return ring_buffer_event_data(event);
	return event->type_len ? &event->array[0] : &event->array[1];
}

/*
 * What trace_event_buffer_reserve() does, which looks at the context for each record. Of a
 * file that takes only some tasks it is asked itself.
 */
static __always_inline void *reserve(struct trace_event_buffer *buffer,
				     struct trace_event_file *file, unsigned long size)
{
	struct context *c = this_cpu_ptr(&context);
	int count = preempt_count();
	void *entry;

	if (unlikely(!context_is_known() || c->preempt_count != count ||
		     (file->flags & EVENT_FILE_FL_PID_FILTER))) {
		entry = trace_event_buffer_reserve(buffer, file, size);
		/* an interrupt may have asked to schedule before the core looked */
		if (entry && context_is_known()) {
			c->preempt_count = count;
			c->trace_ctx = buffer->trace_ctx;
		}
		return entry;
	}
	buffer->trace_file = file;
	buffer->trace_ctx = c->trace_ctx;
	buffer->event = trace_event_buffer_lock_reserve(&buffer->buffer, file,
							file->event_call->event.type, size,
							c->trace_ctx);
	return likely(buffer->event) ? event_data(buffer->event) : NULL;
}

/*
 * The core's own way, so that filters, triggers and options do what they do for other
 * events. Behind a filter the entry is on a page of its own, and copied at commit.
 */
static __always_inline void to_instance(struct trace_event_file *file,
					struct fspan_counts __percpu *counts,
					const void *record, unsigned long size,
					struct pt_regs *regs)
{
	struct trace_event_buffer *buffer = this_cpu_ptr(&reserved);
	void *entry;

	if (trace_trigger_soft_disabled(file))
		return;
	entry = reserve(buffer, file, size);
	if (unlikely(!entry)) {
		fspan_count(counts, FSPAN_COUNT_REFUSED);
		return;
	}
	buffer->entry = entry;
	buffer->regs = regs;
	/* the core has filled in the head */
	fspan_copy(entry + sizeof(struct trace_entry), record + sizeof(struct trace_entry),
		   size - sizeof(struct trace_entry));
	trace_event_buffer_commit(buffer);
}

static noinline void to_perf(const struct fspan_event *event, const void *record,
			     unsigned int size, struct pt_regs *regs)
{
#ifdef CONFIG_PERF_EVENTS
	struct trace_event_call *call = (struct trace_event_call *)&event->call;
	struct hlist_head *head = this_cpu_ptr(call->perf_events);
	unsigned int perf_size = ALIGN(size + sizeof(u32), sizeof(u64)) - sizeof(u32);
	struct pt_regs *here;
	void *entry;
	int rctx;

	if (!bpf_prog_array_valid(call) && hlist_empty(head))
		return;
	entry = perf_trace_buf_alloc(perf_size, &here, &rctx);
	if (!entry)
		return;
	if (!regs) {
		perf_fetch_caller_regs(here);
		regs = here;
	}
	memcpy(entry, record, size);
	perf_trace_run_bpf_submit(entry, perf_size, rctx, call, 1, regs, head, NULL);
#endif
}
NOKPROBE_SYMBOL(to_perf);

void fspan_write(const struct fspan_event *event, struct fspan_counts __percpu *counts,
		 const void *record, unsigned int size, struct pt_regs *regs)
{
	struct fspan_files *files = rcu_dereference_sched(event->files);
	unsigned int i;

	if (unlikely(READ_ONCE(event->perf)))
		to_perf(event, record, size, regs);
	if (files)
		for (i = 0; i < files->n; i++)
			to_instance(files->file[i], counts, record, size, regs);
}
NOKPROBE_SYMBOL(fspan_write);
