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
#include "regs.h"

static_assert(FSPAN_MAX_NOTES == FSPAN_GATE_NOTES);
static_assert(FSPAN_MAX_FIELDS == FSPAN_GATE_FIELDS);

struct scratch {
	u8 record[FSPAN_MAX_RECORD];
	u8 data[KRETPROBE_MAX_DATA_SIZE];	/* of a point */
	unsigned long stack[FSPAN_MAX_STACK + 16];	/* and our own frames */
	struct fspan_gate gate;
};

static struct scratch __percpu *scratch;
static const u64 no_notes[FSPAN_MAX_NOTES];

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
 * The callers, @function itself first, if there is one. Our own frames are above @caller,
 * the address to which it returns; if the unwinder did not come by that, the stack is
 * what was found.
 */
static unsigned int put_stack(const struct fspan_recorder *rec, struct scratch *s,
			      unsigned int size, unsigned long function, unsigned long caller)
{
	unsigned int n, i, own = !!function, at = ALIGN(size, sizeof(long)), len;
	unsigned long *dst = (void *)s->record + at;

	n = stack_trace_save(s->stack, ARRAY_SIZE(s->stack), 0);
	for (i = 0; i < n; i++)
		if (s->stack[i] == caller)
			break;
	if (i == n)
		i = 0;
	n = min_t(unsigned int, n - i, FSPAN_MAX_STACK);
	dst[0] = function;
	memcpy(dst + own, s->stack + i, n * sizeof(long));
	n += own;
	len = n * sizeof(long);
	memset(s->record + size, 0, at - size);
	*(u32 *)(s->record + rec->stack_at) = len << 16 | at;
	return at + len;
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

/* What @gate says at entry, and of a point. */
static void describe(const struct fspan_recorder *rec, struct fspan_gate *gate,
		     unsigned long func)
{
	gate->cookie = rec->cookie;
	gate->id = rec->id;
	gate->nfields = rec->prog->nops;
	gate->func = func;
}

static void take_args(u64 *args, struct pt_regs *regs)
{
	unsigned int i;

	for (i = 0; i < FSPAN_GATE_ARGS; i++)
		args[i] = fspan_reg_argument(regs, i);
}
NOKPROBE_SYMBOL(take_args);

/* Make @values->note the notes of the gate; false: it says to drop the call. */
static bool ask_gate(const struct fspan_recorder *rec, struct scratch *s, u32 faults,
		     struct fspan_values *values, bool *stack)
{
	struct fspan_gate *gate = &s->gate;

	gate->faults = faults;
	fspan_program_numbers(rec->prog, s->record, gate->field);
	fspan_gate_ask(gate, rec->hooks.counts);
	values->note = gate->note;
	if (gate->verdict & FSPAN_GATE_DROP) {
		fspan_count(rec->hooks.counts, FSPAN_COUNT_DROPPED_GATE);
		return false;
	}
	*stack |= !!(gate->verdict & FSPAN_GATE_STACK);
	return true;
}
NOKPROBE_SYMBOL(ask_gate);

static bool record_admit(struct fspan_hook *hook, struct pt_regs *regs)
{
	struct fspan_recorder *rec = container_of(hook->hooks, struct fspan_recorder, hooks);
	struct fspan_gate *gate = &this_cpu_ptr(scratch)->gate;

	describe(rec, gate, hook->addr);
	take_args(gate->args, regs);
	gate->nfields = 0;
	gate->start = 0;
	gate->end = 0;
	gate->dur = 0;
	gate->ret = 0;
	gate->faults = 0;
	fspan_gate_entry_ask(gate, rec->hooks.counts);
	if (!(gate->verdict & FSPAN_GATE_DROP))
		return true;
	fspan_count(rec->hooks.counts, FSPAN_COUNT_DROPPED_ENTRY);
	return false;
}
NOKPROBE_SYMBOL(record_admit);

static void record_enter(struct fspan_hook *hook, struct fspan_call *call, struct pt_regs *regs)
{
	struct fspan_recorder *rec = container_of(hook->hooks, struct fspan_recorder, hooks);

	call->fields = fields_wanted(rec);
	/* a program that comes later does not see this call: its arguments are not known */
	call->gated = rec->hooks.gate && fspan_gate_open();
	if (call->gated) {
		take_args((void *)call->data + rec->args, regs);
		call->fields |= rec->prog->scalars;
	}
	call->faults = fspan_program_enter(rec->prog, call->fields, call->data, regs);
	/* last, so that the span has little of us in it */
	call->start = ktime_get_mono_fast_ns();
}
NOKPROBE_SYMBOL(record_enter);

static bool ask_at_return(const struct fspan_recorder *rec, struct scratch *s,
			  const struct fspan_hook *hook, struct fspan_call *call, u64 dur,
			  struct fspan_values *values, bool *stack)
{
	struct fspan_gate *gate = &s->gate;

	describe(rec, gate, hook->addr);
	memcpy(gate->args, (void *)call->data + rec->args, sizeof(gate->args));
	gate->start = call->start;
	gate->end = call->start + dur;
	gate->dur = dur;
	gate->ret = rec->ret ? fspan_type_load(&rec->ret_type, s->record + rec->ret) :
		    values->retval;
	fspan_program_fill(rec->prog, call->fields & rec->prog->scalars, call->data,
			   &call->faults, values, s->record, rec->fixed_size);
	return ask_gate(rec, s, call->faults, values, stack);
}
NOKPROBE_SYMBOL(ask_at_return);

static void record_leave(struct fspan_hook *hook, struct fspan_call *call, struct pt_regs *regs,
			 unsigned long retval)
{
	u64 dur = ktime_get_mono_fast_ns() - call->start;
	struct fspan_recorder *rec = container_of(hook->hooks, struct fspan_recorder, hooks);
	struct fspan_values values = { .returned = true, .retval = retval, .note = no_notes };
	u32 fields = call->fields;
	bool whole, stack = rec->stack;
	struct fspan_hist_table *table;
	struct scratch *s;
	unsigned int size;

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
	whole = fields == FSPAN_ALL_FIELDS;
	table = rcu_dereference_sched(rec->hist.table);
	if (rec->hist.fields & ~fields)
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
	if (call->gated) {
		if (!ask_at_return(rec, s, hook, call, dur, &values, &stack))
			return;
		fields &= ~rec->prog->scalars;
	}
	size = fspan_program_fill(rec->prog, fields, call->data, &call->faults, &values,
				  s->record, rec->fixed_size);
	if (table)
		fspan_hist_add(&rec->hist, table, s->record, hook->addr, dur,
			       rec->ret && is_error(&rec->ret_type, retval));
	fspan_count(rec->hooks.counts, FSPAN_COUNT_WRITTEN);
	if (!whole)
		return;
	if (stack)
		size = put_stack(rec, s, size, hook->addr, fspan_engine_caller(call));
	to_all(rec, s->record, size, regs);
}
NOKPROBE_SYMBOL(record_leave);

static void record_hit(struct fspan_hook *hook, struct pt_regs *regs)
{
	struct fspan_recorder *rec = container_of(hook->hooks, struct fspan_recorder, hooks);
	struct fspan_values values = { .returned = true, .note = no_notes };
	struct scratch *s = this_cpu_ptr(scratch);
	unsigned long place = hook->addr + rec->hooks.offset;
	u32 faults, fields = FSPAN_ALL_FIELDS;
	bool stack = rec->stack;
	unsigned int size;

	memset(s->record, 0, rec->fixed_size);
	faults = fspan_program_enter(rec->prog, fields, s->data, regs);
	if (rec->hooks.gate && fspan_gate_open()) {
		struct fspan_gate *gate = &s->gate;

		describe(rec, gate, place);
		take_args(gate->args, regs);
		gate->start = ktime_get_mono_fast_ns();
		gate->end = gate->start;
		gate->dur = 0;
		gate->ret = 0;
		fspan_program_fill(rec->prog, rec->prog->scalars, s->data, &faults, &values,
				   s->record, rec->fixed_size);
		if (!ask_gate(rec, s, faults, &values, &stack))
			return;
		fields &= ~rec->prog->scalars;
	}
	size = fspan_program_fill(rec->prog, fields, s->data, &faults, &values, s->record,
				  rec->fixed_size);
	if (stack)
		size = put_stack(rec, s, size, place, 0);
	fspan_count(rec->hooks.counts, FSPAN_COUNT_WRITTEN);
	to_all(rec, s->record, size, regs);
}
NOKPROBE_SYMBOL(record_hit);

static bool emit(struct fspan_recorder *rec, const u64 *note, unsigned long ip)
{
	const struct fspan_values values = { .returned = true, .note = note };
	struct scratch *s;
	unsigned int size;
	u32 faults;

	fspan_count(rec->hooks.counts, FSPAN_COUNT_ENTERED);
	if (!fspan_busy_begin()) {
		fspan_count(rec->hooks.counts, FSPAN_COUNT_MISSED_RECURSION);
		return false;
	}
	s = this_cpu_ptr(scratch);
	memset(s->record, 0, rec->fixed_size);
	/* nothing of it needs registers */
	faults = fspan_program_enter(rec->prog, FSPAN_ALL_FIELDS, s->data, NULL);
	size = fspan_program_fill(rec->prog, FSPAN_ALL_FIELDS, s->data, &faults, &values,
				  s->record, rec->fixed_size);
	if (rec->stack)
		size = put_stack(rec, s, size, 0, ip);
	fspan_count(rec->hooks.counts, FSPAN_COUNT_WRITTEN);
	to_all(rec, s->record, size, NULL);
	fspan_busy_end();
	return true;
}
NOKPROBE_SYMBOL(emit);

int fspan_record_emit(struct fspan_recorder *rec, const u64 *note, unsigned long ip)
{
	if (!READ_ONCE(rec->hooks.armed))
		return 0;
	return emit(rec, note, ip) ? 0 : -EBUSY;
}
NOKPROBE_SYMBOL(fspan_record_emit);

void fspan_record_describe(const struct fspan_hook *hook, const struct fspan_call *call,
			   struct fspan_gate *to, size_t size)
{
	struct fspan_recorder *rec = container_of(hook->hooks, struct fspan_recorder, hooks);
	const struct fspan_values values = { .returned = false };
	struct scratch *s = this_cpu_ptr(scratch);
	struct fspan_gate *gate = &s->gate;
	u32 fields = call->fields & rec->prog->scalars & rec->prog->entry_fields;

	memset(gate, 0, sizeof(*gate));
	describe(rec, gate, hook->addr);
	gate->start = call->start;
	gate->dur = ktime_get_mono_fast_ns() - call->start;
	if (call->gated)
		memcpy(gate->args, (void *)call->data + rec->args, sizeof(gate->args));
	memset(s->record, 0, rec->fixed_size);
	gate->faults = call->faults;
	fspan_program_fill(rec->prog, fields, call->data, &gate->faults, &values, s->record,
			   rec->fixed_size);
	fspan_program_numbers(rec->prog, s->record, gate->field);
	memcpy(to, gate, size);
}
NOKPROBE_SYMBOL(fspan_record_describe);

const struct fspan_hook_ops fspan_record_ops = {
	.admit	= record_admit,
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
	rec->cookie = spec->cookie;
	rec->id = event->call.event.type;
	rec->args = prog->data_size;
	rec->hooks.call_size = sizeof(struct fspan_call) + prog->data_size;
	if (spec->gate)
		rec->hooks.call_size += FSPAN_GATE_ARGS * sizeof(u64);
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
