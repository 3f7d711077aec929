/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The gates: writable raw tracepoints to which eBPF programs are attached, see
 * include/uapi/linux/fspan.h. A branch that is patched in is all that they cost
 * while there is no program.
 *
 * The core skips a program that is running on this CPU already, and keeps that from
 * us: so each that runs says so, and those that are attached are counted.
 *
 * Lifetime: the core pins this module for each program that is attached, and waits
 * for RCU before it frees one.
 */
#ifndef FSPAN_GATE_H
#define FSPAN_GATE_H

#include <linux/rcupdate.h>
#include <trace/events/fspan_core.h>

#include "compat/compat.h"
#include "counts.h"

static __always_inline bool fspan_gate_open(void)
{
	return trace_fspan_gate_tp_enabled();
}

static __always_inline bool fspan_gate_entry_open(void)
{
	return trace_fspan_gate_entry_tp_enabled();
}

static __always_inline unsigned int fspan_gate_programs(const struct tracepoint *tp)
{
	FSPAN_COMPAT_TRACEPOINT_GUARD;
	const struct tracepoint_func *f = rcu_dereference_raw(tp->funcs);
	unsigned int n = 1;

	if (unlikely(!f))
		return 0;
	while (unlikely(f[n].func))
		n++;
	return n;
}

/* All were asked just now; one that came meanwhile may be among those that did not run. */
static __always_inline void fspan_gate_end(const struct tracepoint *tp,
					   const struct fspan_gate *gate,
					   struct fspan_counts __percpu *const *counts)
{
	unsigned int programs = fspan_gate_programs(tp);

	if (unlikely(gate->ran < programs))
		this_cpu_add((*counts)->n[FSPAN_COUNT_GATE_SKIPPED], programs - gate->ran);
}

/*
 * Ask all programs about @gate, in which everything but the verdict and the notes
 * is filled in; these say what came of it. In any context, with preemption off. No
 * program can make us touch memory that is not @gate's: what is read back of it is
 * the verdict, the notes and .ran.
 */
static __always_inline void fspan_gate_ask(struct fspan_gate *gate,
					   struct fspan_counts __percpu *const *counts)
{
	unsigned int i;

	gate->verdict = FSPAN_GATE_KEEP;
	gate->ran = 0;
	for (i = 0; i < FSPAN_GATE_NOTES; i++)
		WRITE_ONCE(gate->note[i], 0);	/* or it is a call */
	trace_fspan_gate_tp(gate);
	fspan_gate_end(&__tracepoint_fspan_gate_tp, gate, counts);
}

/* The same at entry, where there are no notes. */
static __always_inline void fspan_gate_entry_ask(struct fspan_gate *gate,
						 struct fspan_counts __percpu *const *counts)
{
	gate->verdict = FSPAN_GATE_KEEP;
	gate->ran = 0;
	trace_fspan_gate_entry_tp(gate);
	fspan_gate_end(&__tracepoint_fspan_gate_entry_tp, gate, counts);
}

#endif
