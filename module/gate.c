// SPDX-License-Identifier: GPL-2.0
/*
 * The core skips a program that is running on this CPU already, and keeps that from
 * us: so each that runs says so, and those that are attached are counted.
 *
 * Lifetime: the core pins this module for each program that is attached, and waits
 * for RCU before it frees one.
 */
#include <linux/kprobes.h>
#include <linux/rcupdate.h>

#include "compat/compat.h"

#include "gate.h"

static unsigned int attached(const struct tracepoint *tp)
{
	FSPAN_COMPAT_TRACEPOINT_GUARD;
	const struct tracepoint_func *f = rcu_dereference_raw(tp->funcs);
	unsigned int n = 0;

	if (f)
		while (f[n].func)
			n++;
	return n;
}
NOKPROBE_SYMBOL(attached);

static __always_inline void begin(struct fspan_gate *gate)
{
	unsigned int i;

	gate->verdict = FSPAN_GATE_KEEP;
	gate->ran = 0;
	for (i = 0; i < FSPAN_GATE_NOTES; i++)
		WRITE_ONCE(gate->note[i], 0);	/* or it is a call */
}

static __always_inline void end(const struct fspan_gate *gate, unsigned int programs,
				struct fspan_counts __percpu *counts)
{
	if (unlikely(gate->ran < programs))
		this_cpu_add(counts->n[FSPAN_COUNT_GATE_SKIPPED], programs - gate->ran);
}

void fspan_gate_ask(struct fspan_gate *gate, struct fspan_counts __percpu *counts)
{
	unsigned int programs = attached(&__tracepoint_fspan_gate_tp);

	begin(gate);
	trace_fspan_gate_tp(gate);
	end(gate, programs, counts);
}
NOKPROBE_SYMBOL(fspan_gate_ask);

void fspan_gate_entry_ask(struct fspan_gate *gate, struct fspan_counts __percpu *counts)
{
	unsigned int programs = attached(&__tracepoint_fspan_gate_entry_tp);

	begin(gate);
	trace_fspan_gate_entry_tp(gate);
	end(gate, programs, counts);
}
NOKPROBE_SYMBOL(fspan_gate_entry_ask);
