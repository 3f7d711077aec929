/* SPDX-License-Identifier: GPL-2.0 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM fspan_core

#if !defined(_TRACE_FSPAN_CORE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _TRACE_FSPAN_CORE_H

#include <linux/tracepoint.h>
#include <uapi/linux/fspan.h>

/*
 * The gates: bare, so that no trace event belongs to them, and writable by eBPF
 * programs. Newer kernels append "_tp" to the names of bare tracepoints; with that
 * written out where they do not, programs find one name everywhere.
 */
#ifndef FSPAN_BARE
#ifdef DECLARE_TRACE_EVENT	/* came with the suffix */
#define FSPAN_BARE(name) name
#else
#define FSPAN_BARE(name) name##_tp
#endif
#endif

/* there is no DECLARE_TRACE_WRITABLE until BPF's own header defines it */
#undef FSPAN_GATE
#ifdef DECLARE_TRACE_WRITABLE
#define FSPAN_GATE(name, proto, args, size) \
	DECLARE_TRACE_WRITABLE(name, PARAMS(proto), PARAMS(args), size)
#else
#define FSPAN_GATE(name, proto, args, size) \
	DECLARE_TRACE(name, PARAMS(proto), PARAMS(args))
#endif

FSPAN_GATE(FSPAN_BARE(fspan_gate),
	TP_PROTO(struct fspan_gate *gate),
	TP_ARGS(gate),
	sizeof(struct fspan_gate)
);

FSPAN_GATE(FSPAN_BARE(fspan_gate_entry),
	TP_PROTO(struct fspan_gate *gate),
	TP_ARGS(gate),
	sizeof(struct fspan_gate)
);

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH trace/events
#include <trace/define_trace.h>
