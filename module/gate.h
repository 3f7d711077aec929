/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The gates: writable raw tracepoints to which eBPF programs are attached, see
 * include/uapi/linux/fspan.h. A branch that is patched in is all that they cost
 * while there is no program.
 */
#ifndef FSPAN_GATE_H
#define FSPAN_GATE_H

#include <trace/events/fspan_core.h>

#include "counts.h"

static __always_inline bool fspan_gate_open(void)
{
	return trace_fspan_gate_tp_enabled();
}

static __always_inline bool fspan_gate_entry_open(void)
{
	return trace_fspan_gate_entry_tp_enabled();
}

/*
 * Ask all programs about @gate, in which everything but the verdict and the notes
 * is filled in; these say what came of it. In any context, with preemption off. No
 * program can make us touch memory that is not @gate's: what is read back of it is
 * the verdict, the notes and .ran.
 */
void fspan_gate_ask(struct fspan_gate *gate, struct fspan_counts __percpu *counts);
void fspan_gate_entry_ask(struct fspan_gate *gate, struct fspan_counts __percpu *counts);

#endif
