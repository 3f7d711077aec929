/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a span's entry and return do, in place of a call, for who has no instruction to spare.
 * What is seldom wanted is in record.c. As there: preemption off, in any context, never
 * nested on one CPU.
 */
#ifndef FSPAN_RECORD_CALL_H
#define FSPAN_RECORD_CALL_H

#include "made.h"
#include "regs.h"
#include "told.h"
#include "write.h"

/* A negative errno, of the width of the type, or of an int that was not extended. */
bool fspan_may_be_error(const struct fspan_type *t, unsigned long retval);
/* The gate sees the arguments at return. */
void fspan_enter_gated(const struct fspan_recorder *rec, struct fspan_call *call,
		       struct pt_regs *regs);
/* @table, of all three: the histogram that counts the call, if one does. */
void fspan_tell(struct fspan_recorder *rec, const struct fspan_hook *hook,
		const struct fspan_call *call, struct fspan_hist_table *table, u64 dur,
		unsigned long retval, const void *record);
/* A span whose image is not all of its record. */
void fspan_leave_made(struct fspan_recorder *rec, struct fspan_hook *hook,
		      struct fspan_call *call, struct fspan_hist_table *table, u64 dur,
		      unsigned long retval, struct pt_regs *regs);
/* Only a histogram listened when it was entered. */
void fspan_leave_unrecorded(struct fspan_recorder *rec, struct fspan_hook *hook,
			    struct fspan_call *call, struct fspan_hist_table *table, u64 dur,
			    unsigned long retval);

static __always_inline bool fspan_is_error(const struct fspan_type *t, unsigned long retval)
{
	if (likely((u32)retval < (u32)-MAX_ERRNO && t->size >= sizeof(u32)))
		return false;
	return fspan_may_be_error(t, retval);
}

/* What every record of a span has, into its image. */
static __always_inline void fspan_put_span(const struct fspan_recorder *rec, void *image,
				     unsigned long func, u64 dur, unsigned long retval)
{
	*(u64 *)(image + rec->dur) = dur;
	if (rec->func)
		*(unsigned long *)(image + rec->func) = func;
	if (likely(rec->ret_word))
		*(u64 *)(image + rec->ret) = retval;
	else if (rec->ret)
		fspan_type_store(&rec->ret_type, retval, image + rec->ret);
}

/* A record is for instances, perf and BPF; a histogram needs no more than its key. */
static __always_inline u32 fspan_fields_wanted(const struct fspan_recorder *rec)
{
	if (likely(!rcu_access_pointer(rec->hist.table)) ||
	    rcu_access_pointer(rec->event->files) || READ_ONCE(rec->event->perf))
		return FSPAN_ALL_FIELDS;
	return rec->hist.fields;
}

/* What the programs at the entry gate say. */
static __always_inline bool fspan_call_admit(struct fspan_hook *hook, struct fspan_hooks *hooks,
					     struct pt_regs *regs)
{
	struct fspan_recorder *rec = container_of(hooks, struct fspan_recorder, hooks);
	struct fspan_gate *gate = &this_cpu_ptr(fspan_scratch)->entry;

	gate->cookie = rec->cookie;
	gate->id = rec->id;
	gate->func = hook->addr;
	fspan_reg_arguments(regs, gate->args);
	fspan_gate_entry_ask(gate, &hooks->counts);
	if (likely(!(gate->verdict & FSPAN_GATE_DROP)))
		return true;
	fspan_count(hooks->counts, FSPAN_COUNT_DROPPED_ENTRY);
	return false;
}

static __always_inline void fspan_call_enter(struct fspan_hooks *hooks, struct fspan_call *call,
					     struct pt_regs *regs)
{
	struct fspan_recorder *rec = container_of(hooks, struct fspan_recorder, hooks);

	call->fields = fspan_fields_wanted(rec);
	if (unlikely(hooks->gate)) {
		call->gated = fspan_gate_open();
		if (call->gated)
			fspan_enter_gated(rec, call, regs);
	}
	call->faults = fspan_program_enter(rec->prog, call->fields, call->data, regs);
	/* last, so that the span has little of us in it */
	call->start = fspan_clock_read(&hooks->clock);
}

/* @hook is one of @hooks. */
static __always_inline void fspan_call_leave(struct fspan_hook *hook, struct fspan_hooks *hooks,
					     struct fspan_call *call, struct pt_regs *regs,
					     unsigned long retval)
{
	struct fspan_recorder *rec = container_of(hooks, struct fspan_recorder, hooks);
	u64 dur = fspan_clock_passed(&hooks->clock, call->start);
	struct fspan_hist_table *table;
	void *image = call->data;

	if (dur < rec->min_passed) {
		fspan_count(hooks->counts, FSPAN_COUNT_DROPPED_DUR);
		return;
	}
	if (unlikely(!rec->simple) && rec->failed && !fspan_is_error(&rec->ret_type, retval)) {
		fspan_count(hooks->counts, FSPAN_COUNT_DROPPED_FAILED);
		return;
	}
	dur = fspan_clock_ns(&hooks->clock, dur);
	table = rcu_dereference_sched(rec->hist.table);
	if (likely(rec->simple && !table && call->fields == FSPAN_ALL_FIELDS)) {
		*(u64 *)(image + rec->dur) = dur;
		*(u64 *)(image + rec->ret) = retval;
		if (trace_fspan_span_tp_enabled())
			fspan_tell(rec, hook, call, NULL, dur, retval, image);
	} else {
		/* listeners may have changed since: each takes what was fetched for it */
		if (table && (rec->hist.fields & ~call->fields))
			table = NULL;
		if (call->fields != FSPAN_ALL_FIELDS) {
			fspan_leave_unrecorded(rec, hook, call, table, dur, retval);
			return;
		}
		fspan_put_span(rec, image, hook->addr, dur, retval);
		if (!rec->plain || call->gated) {
			fspan_leave_made(rec, hook, call, table, dur, retval, regs);
			return;
		}
		if (rec->prog->faults)
			*(u32 *)(image + rec->prog->faults) = call->faults;
		if (table || trace_fspan_span_tp_enabled())
			fspan_tell(rec, hook, call, table, dur, retval, image);
	}
	fspan_count(hooks->counts, FSPAN_COUNT_WRITTEN);
	fspan_write_here(hooks, image, rec->prog->image_size, regs);
}

#endif
