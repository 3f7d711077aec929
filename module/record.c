// SPDX-License-Identifier: GPL-2.0
/*
 * Runs with preemption off, in any context, NMI included, never nested on one
 * CPU: the engine sees to that. So one record under way for each CPU is enough.
 */
#include <linux/percpu.h>
#include <linux/sched.h>

#include "record_call.h"
#include "site.h"

static_assert(FSPAN_MAX_NOTES == FSPAN_GATE_NOTES);
static_assert(FSPAN_MAX_FIELDS == FSPAN_GATE_FIELDS);
static_assert(FSPAN_GATE_ARGS == 6);	/* as fspan_reg_arguments() has them */

static const u64 no_notes[FSPAN_MAX_NOTES];

bool fspan_may_be_error(const struct fspan_type *t, unsigned long retval)
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
NOKPROBE_SYMBOL(fspan_may_be_error);

bool fspan_record_admit(struct fspan_hook *hook, struct fspan_hooks *hooks, struct pt_regs *regs)
{
	return fspan_call_admit(hook, hooks, regs);
}
NOKPROBE_SYMBOL(fspan_record_admit);

/* A program that comes later does not see this call: its arguments are not known. */
void fspan_enter_gated(const struct fspan_recorder *rec, struct fspan_call *call,
		       struct pt_regs *regs)
{
	call->fields |= rec->prog->scalars;
	fspan_reg_arguments(regs, (void *)call->data + rec->args);
}
NOKPROBE_SYMBOL(fspan_enter_gated);

static __always_inline void tell(struct fspan_recorder *rec, const struct fspan_hook *hook,
				 const struct fspan_call *call, struct fspan_hist_table *table,
				 u64 dur, unsigned long retval, const void *record)
{
	if (table)
		fspan_hist_add(&rec->hist, table, record, hook->addr, dur,
			       rec->ret && fspan_is_error(&rec->ret_type, retval));
	if (trace_fspan_span_tp_enabled())
		fspan_tell_span(rec, call, hook->addr, dur, retval, record);
}

void fspan_tell(struct fspan_recorder *rec, const struct fspan_hook *hook,
		const struct fspan_call *call, struct fspan_hist_table *table, u64 dur,
		unsigned long retval, const void *record)
{
	tell(rec, hook, call, table, dur, retval, record);
}
NOKPROBE_SYMBOL(fspan_tell);

static void offer(const struct fspan_recorder *rec, const void *record, unsigned int size,
		  struct pt_regs *regs)
{
	fspan_count(rec->hooks.counts, FSPAN_COUNT_WRITTEN);
	fspan_write(&rec->hooks, record, size, regs);
}
NOKPROBE_SYMBOL(offer);

void fspan_leave_made(struct fspan_recorder *rec, struct fspan_hook *hook,
		      struct fspan_call *call, struct fspan_hist_table *table, u64 dur,
		      unsigned long retval, struct pt_regs *regs)
{
	struct fspan_values values = { .returned = true, .retval = retval, .note = no_notes };
	struct fspan_scratch *s = this_cpu_ptr(fspan_scratch);
	struct fspan_gate *gate = &s->gate;
	struct fspan_made made;

	if (call->gated) {
		fspan_put_gate(rec, gate, hook->addr);
		fspan_copy(gate->args, (void *)call->data + rec->args, sizeof(gate->args));
		gate->start = fspan_call_began(rec, call, dur);
		gate->end = gate->start + dur;
		gate->dur = dur;
		gate->ret = rec->ret ? fspan_type_load(&rec->ret_type,
						       (void *)call->data + rec->ret) : retval;
	}
	made = fspan_make(rec, s, call->data, call->fields, &call->faults, &values, call->gated);
	if (!made.record)
		return;
	if (made.stack)
		made.size = rec->hooks.declared ?
			    fspan_put_stack(rec, s, made.size, 0, fspan_site_caller()) :
			    fspan_put_stack(rec, s, made.size, hook->addr,
					    fspan_engine_caller(hook, call));
	tell(rec, hook, call, table, dur, retval, made.record);
	if (call->fields == FSPAN_ALL_FIELDS)
		offer(rec, made.record, made.size, regs);
	else
		fspan_count(rec->hooks.counts, FSPAN_COUNT_WRITTEN);
}
NOKPROBE_SYMBOL(fspan_leave_made);

void fspan_leave_unrecorded(struct fspan_recorder *rec, struct fspan_hook *hook,
			    struct fspan_call *call, struct fspan_hist_table *table, u64 dur,
			    unsigned long retval)
{
	if (unlikely(!table)) {
		fspan_missed(&rec->hooks, FSPAN_COUNT_MISSED_DISARMED);
		return;
	}
	if (likely(rec->hist.by < FSPAN_HIST_BY_RET && !call->gated)) {
		fspan_count(rec->hooks.counts, FSPAN_COUNT_WRITTEN);
		tell(rec, hook, call, table, dur, retval, NULL);
		return;
	}
	fspan_put_span(rec, call->data, hook->addr, dur, retval);
	fspan_leave_made(rec, hook, call, table, dur, retval, NULL);
}
NOKPROBE_SYMBOL(fspan_leave_unrecorded);

void fspan_record_enter(struct fspan_hook *hook, struct fspan_call *call, struct pt_regs *regs)
{
	fspan_call_enter(hook->hooks, call, regs);
}
NOKPROBE_SYMBOL(fspan_record_enter);

void fspan_record_leave(struct fspan_hook *hook, struct fspan_call *call, struct pt_regs *regs,
			unsigned long retval)
{
	fspan_call_leave(hook, hook->hooks, call, regs, retval);
}
NOKPROBE_SYMBOL(fspan_record_leave);

/*
 * Of what has no call: a point, or what a program emits, which has no @regs. The scratch
 * data are all definitions': what aligns this one's fields is cleared.
 */
static u32 enter_scratch(const struct fspan_recorder *rec, struct fspan_scratch *s,
			 struct pt_regs *regs)
{
	u64 *word = (void *)s->data, *end = word + rec->prog->image_size / sizeof(*word) + 1;

	for (; word < end; word++) {
		*word = 0;
		barrier();	/* or the compiler makes a call of it, which costs more */
	}
	return fspan_program_enter(rec->prog, FSPAN_ALL_FIELDS, s->data, regs);
}
NOKPROBE_SYMBOL(enter_scratch);

void fspan_record_hit(struct fspan_hook *hook, struct pt_regs *regs)
{
	struct fspan_recorder *rec = container_of(hook->hooks, struct fspan_recorder, hooks);
	struct fspan_values values = { .returned = true, .note = no_notes };
	struct fspan_scratch *s = this_cpu_ptr(fspan_scratch);
	bool declared = rec->hooks.declared;
	unsigned long place = declared ? instruction_pointer(regs) :
					 hook->addr + rec->hooks.offset;
	u32 faults = enter_scratch(rec, s, regs);
	bool gated = rec->hooks.gate && fspan_gate_open();
	struct fspan_gate *gate = &s->gate;
	struct fspan_made made;

	if (gated) {
		fspan_put_gate(rec, gate, place);
		fspan_reg_arguments(regs, gate->args);
		gate->start = ktime_get_mono_fast_ns();
		gate->end = gate->start;
		gate->dur = 0;
		gate->ret = 0;
	}
	made = fspan_make(rec, s, s->data, FSPAN_ALL_FIELDS, &faults, &values, gated);
	if (!made.record)
		return;
	if (made.stack)
		made.size = fspan_put_stack(rec, s, made.size, declared ? 0 : place,
					    declared ? place : 0);
	/* of registers that were made up nothing can be unwound */
	offer(rec, made.record, made.size, declared ? NULL : regs);
}
NOKPROBE_SYMBOL(fspan_record_hit);

static bool emit(struct fspan_recorder *rec, const u64 *note, unsigned long ip)
{
	struct fspan_values values = { .returned = true, .note = note };
	struct fspan_scratch *s;
	struct fspan_made made;
	u32 faults;

	fspan_count(rec->hooks.counts, FSPAN_COUNT_ENTERED);
	if (!fspan_busy_begin()) {
		fspan_missed(&rec->hooks, FSPAN_COUNT_MISSED_RECURSION);
		return false;
	}
	s = this_cpu_ptr(fspan_scratch);
	faults = enter_scratch(rec, s, NULL);
	made = fspan_make(rec, s, s->data, FSPAN_ALL_FIELDS, &faults, &values, false);
	if (made.stack)
		made.size = fspan_put_stack(rec, s, made.size, 0, ip);
	offer(rec, made.record, made.size, NULL);
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
	struct fspan_scratch *s = this_cpu_ptr(fspan_scratch);
	struct fspan_gate *gate = &s->gate;
	u32 fields = call->fields & rec->prog->scalars & rec->prog->entry_fields;

	memset(gate, 0, sizeof(*gate));
	fspan_put_gate(rec, gate, hook->addr);
	gate->dur = fspan_clock_age(&rec->hooks.clock, call->start);
	gate->start = fspan_call_began(rec, call, gate->dur);
	if (call->gated)
		memcpy(gate->args, (void *)call->data + rec->args, sizeof(gate->args));
	fspan_copy(s->record, call->data, rec->prog->image_size);
	gate->faults = call->faults;
	fspan_program_fill(rec->prog, fields, call->data, &gate->faults, &values, s->record,
			   rec->prog->image_size);
	fspan_program_numbers(rec->prog, fields, s->record, gate->field);
	memcpy(to, gate, size);
}
NOKPROBE_SYMBOL(fspan_record_describe);

const struct fspan_hook_ops fspan_record_ops = {
	.admit	= fspan_record_admit,
	.enter	= fspan_record_enter,
	.leave	= fspan_record_leave,
	.hit	= fspan_record_hit,
};

void fspan_recorder_arm(struct fspan_recorder *rec)
{
	struct fspan_hooks *hooks = &rec->hooks;

	/* what has a key also ends by its age, in ns */
	fspan_clock_choose(&hooks->clock, !rec->pair && !hooks->declared);
	rec->min_passed = fspan_clock_least(&hooks->clock, rec->min_dur);
}

void fspan_recorder_init(struct fspan_recorder *rec, struct fspan_event *event,
			 struct fspan_program *prog, const struct fspan_spec *spec)
{
	const struct fspan_layout *l = &event->layout;
	unsigned int i;

	rec->event = event;
	rec->hooks.event = event;
	rec->prog = prog;
	rec->min_dur = spec->min_dur;
	rec->min_passed = spec->min_dur;
	rec->failed = spec->failed;
	rec->stack = spec->stack;
	rec->dur = l->dur;
	rec->ret = l->ret;
	rec->func = l->func;
	rec->stack_at = l->stack;
	rec->ret_type = l->ret_type;
	rec->ret_word = l->ret && l->ret_type.size == sizeof(u64) && !l->ret_type.bit_width;
	rec->plain = !prog->fill && !spec->stack;
	rec->simple = rec->plain && rec->ret_word && !rec->func && !prog->faults && !spec->failed &&
		      !spec->gate;
	rec->cookie = spec->cookie;
	rec->id = event->call.event.type;
	rec->args = prog->data_size;
	rec->hooks.call_size = sizeof(struct fspan_call) + prog->data_size;
	if (spec->gate)
		rec->hooks.call_size += FSPAN_GATE_ARGS * sizeof(u64);
	for (i = 0; i < prog->nops; i++)
		rec->hooks.registers |= prog->ops[i].fetch.base == FSPAN_BASE_REG &&
					!fspan_reg_is_of_call(prog->ops[i].fetch.num);
}
