// SPDX-License-Identifier: GPL-2.0
#include <linux/kprobes.h>
#include <linux/perf_event.h>
#include <linux/string.h>

#include "write.h"

DEFINE_PER_CPU(struct fspan_writer, fspan_writer) = { .preempt_count = -1 };

void fspan_to_perf(const struct fspan_event *event, const void *record, unsigned int size,
		   struct pt_regs *regs)
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
NOKPROBE_SYMBOL(fspan_to_perf);

void fspan_write(const struct fspan_hooks *hooks, const void *record, unsigned int size,
		 struct pt_regs *regs)
{
	fspan_write_here(hooks, record, size, regs);
}
NOKPROBE_SYMBOL(fspan_write);
