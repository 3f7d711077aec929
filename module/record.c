// SPDX-License-Identifier: GPL-2.0
/*
 * Runs with preemption off, in any context, NMI included, never nested on one
 * CPU: the engine sees to that. So one record under way for each CPU is enough.
 */
#include <linux/perf_event.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/stacktrace.h>
#include <linux/timekeeping.h>

#include "record.h"

struct scratch {
	u8 record[FSPAN_MAX_RECORD];
	u8 data[KRETPROBE_MAX_DATA_SIZE];	/* of a point */
	unsigned long stack[FSPAN_MAX_STACK + 16];	/* and our own frames */
};

static struct scratch __percpu *scratch;

static void to_instance(const struct fspan_recorder *rec, struct trace_event_file *file,
			const void *record, unsigned int size, struct pt_regs *regs)
{
	struct trace_event_buffer fbuffer;
	void *entry;

	if (trace_trigger_soft_disabled(file))
		return;
	entry = trace_event_buffer_reserve(&fbuffer, file, size);
	if (!entry) {
		fspan_count(rec->hooks.counts, FSPAN_COUNT_REFUSED);
		return;
	}
	/* the core has filled in the head */
	memcpy(entry + sizeof(struct trace_entry), record + sizeof(struct trace_entry),
	       size - sizeof(struct trace_entry));
	fbuffer.regs = regs;
	trace_event_buffer_commit(&fbuffer);
}
NOKPROBE_SYMBOL(to_instance);

static void to_perf(const struct fspan_recorder *rec, const void *record, unsigned int size,
		    struct pt_regs *regs)
{
#ifdef CONFIG_PERF_EVENTS
	struct trace_event_call *call = &rec->event->call;
	struct hlist_head *head = this_cpu_ptr(call->perf_events);
	unsigned int perf_size = ALIGN(size + sizeof(u32), sizeof(u64)) - sizeof(u32);
	struct pt_regs *unused;
	void *entry;
	int rctx;

	if (!bpf_prog_array_valid(call) && hlist_empty(head))
		return;
	entry = perf_trace_buf_alloc(perf_size, &unused, &rctx);
	if (!entry)
		return;
	memcpy(entry, record, size);
	perf_trace_run_bpf_submit(entry, perf_size, rctx, call, 1, regs, head, NULL);
#endif
}
NOKPROBE_SYMBOL(to_perf);

static void to_all(const struct fspan_recorder *rec, const void *record, unsigned int size,
		   struct pt_regs *regs)
{
	struct fspan_files *files = rcu_dereference_sched(rec->event->files);
	unsigned int i;

	if (files)
		for (i = 0; i < files->n; i++)
			to_instance(rec, files->file[i], record, size, regs);
	if (READ_ONCE(rec->event->perf))
		to_perf(rec, record, size, regs);
}
NOKPROBE_SYMBOL(to_all);

/*
 * The callers, the function itself first. Our own frames are above @caller, the
 * address to which the function returns; if the unwinder did not come by it,
 * the stack is what was found.
 */
static unsigned int put_stack(const struct fspan_recorder *rec, struct scratch *s,
			      unsigned int size, unsigned long function, unsigned long caller)
{
	unsigned int n, i, at = ALIGN(size, sizeof(long)), len;
	unsigned long *dst = (void *)s->record + at;

	n = stack_trace_save(s->stack, ARRAY_SIZE(s->stack), 0);
	for (i = 0; i < n; i++)
		if (s->stack[i] == caller)
			break;
	if (i == n)
		i = 0;
	n = min_t(unsigned int, n - i, FSPAN_MAX_STACK);
	dst[0] = function;
	memcpy(dst + 1, s->stack + i, n * sizeof(long));
	n++;
	len = n * sizeof(long);
	memset(s->record + size, 0, at - size);
	*(u32 *)(s->record + rec->stack_at) = len << 16 | at;
	for (; n < FSPAN_PRINT_STACK; n++)
		dst[n] = 0;
	return at + n * sizeof(long);
}
NOKPROBE_SYMBOL(put_stack);

/* A negative errno, of the width of the type, or of an int that was not extended. */
static bool is_error(const struct fspan_type *t, unsigned long retval)
{
	switch (t->size) {
	case 1:
		return (s8)retval < 0;
	case 2:
		return (s16)retval < 0 && (s16)retval >= -MAX_ERRNO;
	case 4:
		return (s32)retval < 0 && (s32)retval >= -MAX_ERRNO;
	default:
		return IS_ERR_VALUE(retval) ||
		       (!(retval >> 32) && (s32)retval < 0 && (s32)retval >= -MAX_ERRNO);
	}
}

static void put_ret(const struct fspan_recorder *rec, void *record, unsigned long retval)
{
	void *p = record + rec->ret;

	if (rec->ret_type.bit_width)
		retval = (retval >> rec->ret_type.bit_shift) &
			 (~0UL >> (64 - rec->ret_type.bit_width));
	else if (rec->ret_type.format == FSPAN_FORMAT_BOOL)
		retval = !!(u8)retval;
	memcpy(p, &retval, rec->ret_type.size);	/* little-endian */
}

/* A record is for instances, perf and BPF; a histogram needs no more than its key. */
static u32 fields_wanted(const struct fspan_recorder *rec)
{
	if (!rcu_access_pointer(rec->event->files) && !READ_ONCE(rec->event->perf) &&
	    rcu_access_pointer(rec->hist.table))
		return rec->hist.fields;
	return FSPAN_ALL_FIELDS;
}
NOKPROBE_SYMBOL(fields_wanted);

static void record_enter(struct fspan_hook *hook, struct fspan_call *call, struct pt_regs *regs)
{
	struct fspan_recorder *rec = container_of(hook->hooks, struct fspan_recorder, hooks);

	call->fields = fields_wanted(rec);
	call->faults = fspan_program_enter(rec->prog, call->fields, call->data, regs);
	/* last, so that the span has little of us in it */
	call->start = ktime_get_mono_fast_ns();
}
NOKPROBE_SYMBOL(record_enter);

static void record_leave(struct fspan_hook *hook, struct fspan_call *call, struct pt_regs *regs,
			 unsigned long retval, unsigned long caller)
{
	u64 dur = ktime_get_mono_fast_ns() - call->start;
	struct fspan_recorder *rec = container_of(hook->hooks, struct fspan_recorder, hooks);
	struct fspan_hist_table *table;
	struct scratch *s;
	unsigned int size;
	bool whole;

	/* the fast clock may step back over CPUs by a little */
	if ((s64)dur < 0)
		dur = 0;
	if (dur < rec->min_dur) {
		fspan_count(rec->hooks.counts, FSPAN_COUNT_DROPPED_DUR);
		return;
	}
	if (rec->failed && !is_error(&rec->ret_type, retval)) {
		fspan_count(rec->hooks.counts, FSPAN_COUNT_DROPPED_FAILED);
		return;
	}
	/* those who listen may have changed since the entry: each takes what was fetched for it */
	whole = call->fields == FSPAN_ALL_FIELDS;
	table = rcu_dereference_sched(rec->hist.table);
	if (rec->hist.fields & ~call->fields)
		table = NULL;
	if (!whole && !table) {
		fspan_count(rec->hooks.counts, FSPAN_COUNT_MISSED_DISARMED);
		return;
	}
	s = this_cpu_ptr(scratch);
	if (whole) {
		memset(s->record, 0, rec->fixed_size);
		*(u64 *)(s->record + rec->dur) = dur;
		if (rec->func)
			*(unsigned long *)(s->record + rec->func) = hook->addr;
	}
	if (rec->ret)
		put_ret(rec, s->record, retval);
	size = fspan_program_fill(rec->prog, call->fields, call->data, call->faults, regs, retval,
				  s->record, rec->fixed_size);
	if (table)
		fspan_hist_add(&rec->hist, table, s->record, hook->addr, dur,
			       rec->ret && is_error(&rec->ret_type, retval));
	fspan_count(rec->hooks.counts, FSPAN_COUNT_WRITTEN);
	if (!whole)
		return;
	if (rec->stack)
		size = put_stack(rec, s, size, hook->addr, caller);
	to_all(rec, s->record, size, regs);
}
NOKPROBE_SYMBOL(record_leave);

static void record_hit(struct fspan_hook *hook, struct pt_regs *regs)
{
	struct fspan_recorder *rec = container_of(hook->hooks, struct fspan_recorder, hooks);
	struct scratch *s = this_cpu_ptr(scratch);
	unsigned int size;
	u32 faults;

	memset(s->record, 0, rec->fixed_size);
	faults = fspan_program_enter(rec->prog, FSPAN_ALL_FIELDS, s->data, regs);
	size = fspan_program_fill(rec->prog, FSPAN_ALL_FIELDS, s->data, faults, regs, 0,
				  s->record, rec->fixed_size);
	if (rec->stack)
		size = put_stack(rec, s, size, hook->addr + rec->hooks.offset, 0);
	fspan_count(rec->hooks.counts, FSPAN_COUNT_WRITTEN);
	to_all(rec, s->record, size, regs);
}
NOKPROBE_SYMBOL(record_hit);

const struct fspan_hook_ops fspan_record_ops = {
	.enter	= record_enter,
	.leave	= record_leave,
	.hit	= record_hit,
};

void fspan_recorder_init(struct fspan_recorder *rec, struct fspan_event *event,
			 struct fspan_program *prog, const struct fspan_spec *spec)
{
	const struct fspan_layout *l = &event->layout;

	rec->event = event;
	rec->prog = prog;
	rec->min_dur = spec->min_dur;
	rec->failed = spec->failed;
	rec->stack = spec->stack;
	rec->dur = l->dur;
	rec->ret = l->ret;
	rec->func = l->func;
	rec->stack_at = l->stack;
	rec->fixed_size = l->fixed_size;
	rec->ret_type = l->ret_type;
	rec->hooks.call_size = sizeof(struct fspan_call) + prog->data_size;
}

int fspan_record_init(void)
{
	scratch = alloc_percpu(struct scratch);
	return scratch ? 0 : -ENOMEM;
}

void fspan_record_exit(void)
{
	free_percpu(scratch);
}
