// SPDX-License-Identifier: GPL-2.0
#include <linux/percpu.h>
#include <linux/stacktrace.h>

#include "made.h"

#define PROBE_SIZE	16	/* how far behind a place that is probed its handler returns */

struct fspan_scratch __percpu *fspan_scratch;

unsigned int fspan_put_stack(const struct fspan_recorder *rec, struct fspan_scratch *s,
			     unsigned int size, unsigned long function, unsigned long caller)
{
	unsigned int n, i, own = !!function, at = ALIGN(size, sizeof(long)), len;
	unsigned long *dst = (void *)s->record + at;

	n = stack_trace_save(s->stack, ARRAY_SIZE(s->stack), 0);
	for (i = 0; i < n && s->stack[i] != caller; i++)
		if (!caller && function && s->stack[i] - function <= PROBE_SIZE)
			break;
	if (i == n)
		i = 0;
	else if (!caller || fspan_engine_is_own(caller))
		i++;	/* @function has it, or it is no function's */
	n = min_t(unsigned int, n - i, FSPAN_MAX_STACK);
	dst[0] = function;
	memcpy(dst + own, s->stack + i, n * sizeof(long));
	n += own;
	len = n * sizeof(long);
	memset(s->record + size, 0, at - size);
	*(u32 *)(s->record + rec->stack_at) = len << 16 | at;
	return at + len;
}
NOKPROBE_SYMBOL(fspan_put_stack);

/* Ask the gate about the record whose image is in @data. */
static void ask_gate(const struct fspan_recorder *rec, struct fspan_gate *gate, const void *data,
		     u32 faults, struct fspan_values *values, struct fspan_made *made)
{
	gate->faults = faults;
	fspan_program_numbers(rec->prog, FSPAN_ALL_FIELDS, data, gate->field);
	fspan_gate_ask(gate, &rec->hooks.counts);
	values->note = gate->note;
	if (gate->verdict & FSPAN_GATE_DROP) {
		fspan_count(rec->hooks.counts, FSPAN_COUNT_DROPPED_GATE);
		made->record = NULL;
	}
	made->stack |= !!(gate->verdict & FSPAN_GATE_STACK);
}
NOKPROBE_SYMBOL(ask_gate);

struct fspan_made fspan_make(const struct fspan_recorder *rec, struct fspan_scratch *s, void *data,
			     u32 fields, u32 *faults, struct fspan_values *values, bool gated)
{
	const struct fspan_program *prog = rec->prog;
	bool whole = fields == FSPAN_ALL_FIELDS;
	struct fspan_made made = { .record = data, .size = prog->image_size, .stack = rec->stack };

	if (likely(rec->plain && !gated)) {
		if (prog->faults)
			*(u32 *)(data + prog->faults) = *faults;
		return made;
	}
	if (gated) {
		fspan_program_fill(prog, fields & prog->scalars, data, faults, values, data,
				   made.size);
		ask_gate(rec, &s->gate, data, *faults, values, &made);
		if (!made.record)
			return made;
		fields &= ~prog->scalars;
	}
	made.stack &= whole;
	if (made.stack || (fields & prog->strings)) {
		fspan_copy(s->record, data, made.size);
		made.record = s->record;
	}
	made.size = fspan_program_fill(prog, fields, data, faults, values, made.record,
				       made.size);
	return made;
}
NOKPROBE_SYMBOL(fspan_make);

void fspan_tell_span(const struct fspan_recorder *rec, const struct fspan_call *call,
		     unsigned long func, u64 dur, unsigned long retval, const void *record)
{
	/* whoever asked a gate has done with it */
	struct fspan_gate *gate = &this_cpu_ptr(fspan_scratch)->gate;
	u64 ret = retval;

	memset(gate, 0, sizeof(*gate));
	fspan_put_gate(rec, gate, func);
	gate->start = fspan_call_began(rec, call, dur);
	gate->end = gate->start + dur;
	gate->dur = dur;
	gate->faults = call->faults;
	if (rec->ret)
		fspan_type_store(&rec->ret_type, retval, &ret);
	gate->ret = rec->ret ? fspan_type_load(&rec->ret_type, &ret) : retval;
	if (record)
		fspan_program_numbers(rec->prog, call->fields, record, gate->field);
	trace_fspan_span_tp(rec->event->name, dur, gate->ret, gate);
}
NOKPROBE_SYMBOL(fspan_tell_span);

int fspan_made_init(void)
{
	fspan_scratch = alloc_percpu(struct fspan_scratch);
	return fspan_scratch ? 0 : -ENOMEM;
}

void fspan_made_exit(void)
{
	free_percpu(fspan_scratch);
}
