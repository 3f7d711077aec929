// SPDX-License-Identifier: GPL-2.0
/*
 * What is done at the begin and at the end of a pair. As all of the recorder with preemption
 * off, in any context, never nested on one CPU.
 */
#include <linux/err.h>
#include <linux/kprobes.h>
#include <linux/sched.h>
#include <linux/timekeeping.h>

#include "made.h"
#include "open.h"
#include "pair.h"
#include "record_call.h"

static const u64 no_notes[FSPAN_MAX_NOTES];

static void pair_begin(struct fspan_hook *hook, struct pt_regs *regs)
{
	struct fspan_recorder *rec = container_of(hook->hooks, struct fspan_recorder, hooks);
	struct fspan_pair *pair = rec->pair;
	struct fspan_entry *entry;
	struct fspan_call *call;
	u64 key;

	if (!fspan_op_number(&pair->key[0], regs, &key)) {
		fspan_missed(&rec->hooks, FSPAN_COUNT_MISSED_KEY);
		return;
	}
	if (rec->hooks.gate && fspan_gate_entry_open() &&
	    !fspan_record_admit(hook, &rec->hooks, regs)) {
		/* its end is not to be that of an older one */
		fspan_open_forget(&rec->hooks, pair->table, key, FSPAN_COUNT_MISSED_REUSED, false);
		return;
	}
	entry = fspan_open_get(&rec->hooks, pair->table, key);
	if (unlikely(!entry))
		return;
	call = fspan_open_call(entry);
	call->pid = current->pid;
	fspan_call_enter(&rec->hooks, call, regs);
	fspan_open_insert(&rec->hooks, pair->table, entry, key);
}
NOKPROBE_SYMBOL(pair_begin);

static void put_gate(const struct fspan_recorder *rec, struct fspan_gate *gate,
		     const struct fspan_call *call, u64 dur, unsigned long place)
{
	fspan_put_gate(rec, gate, place);
	fspan_copy(gate->args, (void *)call->data + rec->args, sizeof(gate->args));
	gate->start = call->start;
	gate->end = call->start + dur;
	gate->dur = dur;
	gate->ret = 0;
}
NOKPROBE_SYMBOL(put_gate);

/*
 * @place: of the function where it ended, 0: that was a tracepoint, and @regs but arguments
 * and the address that its probe returns to
 */
static void leave(struct fspan_recorder *rec, struct fspan_call *call, u64 dur,
		  struct pt_regs *regs, unsigned long place)
{
	struct fspan_values values = { .returned = true, .note = no_notes };
	struct fspan_counts __percpu *counts = rec->hooks.counts;
	struct fspan_scratch *s = this_cpu_ptr(fspan_scratch);
	bool all = call->fields == FSPAN_ALL_FIELDS;
	struct fspan_hist_table *table;
	struct fspan_made made;
	u32 at_end;

	if (dur < rec->min_dur) {
		fspan_count(counts, FSPAN_COUNT_DROPPED_DUR);
		return;
	}
	/* those who listen may have changed since: each takes what was fetched for it */
	table = rcu_dereference_sched(rec->hist.table);
	if (table && (rec->hist.fields & ~call->fields))
		table = NULL;
	if (unlikely(!all && !table)) {
		fspan_missed(&rec->hooks, FSPAN_COUNT_MISSED_DISARMED);
		return;
	}
	at_end = call->fields & rec->prog->at_end;
	if (at_end)
		fspan_program_enter_ops(rec->prog, at_end, call->data, regs);
	*(u64 *)((void *)call->data + rec->dur) = dur;
	if (call->gated)
		put_gate(rec, &s->gate, call, dur, place);
	made = fspan_make(rec, s, call->data, call->fields, &call->faults, &values, call->gated);
	if (!made.record)
		return;
	if (made.stack)
		made.size = fspan_put_stack(rec, s, made.size, place,
					    place ? 0 : instruction_pointer(regs));
	if (table)
		fspan_hist_add(&rec->hist, table, made.record, 0, dur, false);
	if (trace_fspan_span_tp_enabled())
		fspan_tell_span(rec, call, place, dur, 0, made.record);
	fspan_count(counts, FSPAN_COUNT_WRITTEN);
	if (all)
		fspan_write(&rec->hooks, made.record, made.size, place ? regs : NULL);
}
NOKPROBE_SYMBOL(leave);

static void pair_end(struct fspan_hook *hook, struct pt_regs *regs)
{
	u64 now = ktime_get_mono_fast_ns(), key, dur;
	struct fspan_pair *pair = container_of(hook->hooks, struct fspan_pair, end_hooks);
	struct fspan_hooks *ends = &pair->end_hooks;
	struct fspan_entry *entry;

	if (!fspan_op_number(&pair->key[1], regs, &key)) {
		fspan_missed(ends, FSPAN_COUNT_MISSED_KEY);
		return;
	}
	entry = fspan_table_take(pair->table, key);
	if (!entry) {
		fspan_count(ends->counts, FSPAN_COUNT_END_ALONE);
		return;
	}
	if (IS_ERR(entry)) {
		fspan_missed(ends, FSPAN_COUNT_MISSED_RECURSION);
		return;
	}
	fspan_count(pair->rec->hooks.counts, FSPAN_COUNT_RETURNED);
	/* the fast clock may step back over CPUs by a little */
	dur = now - fspan_open_call(entry)->start;
	if ((s64)dur < 0)
		dur = 0;
	leave(pair->rec, fspan_open_call(entry), dur, regs, hook->addr);
	fspan_table_put(pair->table, entry);
}
NOKPROBE_SYMBOL(pair_end);

const struct fspan_hook_ops fspan_pair_begin_ops = { .hit = pair_begin };
const struct fspan_hook_ops fspan_pair_end_ops = { .hit = pair_end };
