/* SPDX-License-Identifier: GPL-2.0 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM fspan_core

#if !defined(_TRACE_FSPAN_CORE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _TRACE_FSPAN_CORE_H

#include <linux/tracepoint.h>
#include <uapi/linux/fspan.h>

/*
 * Bare tracepoints, so that no trace event belongs to them. Newer kernels append "_tp" to
 * the names of these; with that written out where they do not, programs find one name
 * everywhere.
 */
#ifndef FSPAN_BARE
#ifdef DECLARE_TRACE_EVENT	/* came with the suffix */
#define FSPAN_BARE(name) name
#else
#define FSPAN_BARE(name) name##_tp
#endif
#endif

/* so that the name is made before the suffix is */
#undef FSPAN_DECLARE
#define FSPAN_DECLARE(name, proto, args) DECLARE_TRACE(name, PARAMS(proto), PARAMS(args))

/* there is no DECLARE_TRACE_WRITABLE until BPF's own header defines it */
#undef FSPAN_GATE
#ifdef DECLARE_TRACE_WRITABLE
#define FSPAN_GATE(name, proto, args, size) \
	DECLARE_TRACE_WRITABLE(name, PARAMS(proto), PARAMS(args), size)
#else
#define FSPAN_GATE(name, proto, args, size) \
	FSPAN_DECLARE(name, PARAMS(proto), PARAMS(args))
#endif

/* The gates: writable by eBPF programs. */
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

/*
 * Every finished span, whichever event it is of, for tracers that hook tracepoints by name.
 * @name: of the event. @span: what a gate sees; its args are 0. With preemption off.
 */
FSPAN_DECLARE(FSPAN_BARE(fspan_span),
	TP_PROTO(const char *name, u64 dur, s64 ret, const struct fspan_gate *span),
	TP_ARGS(name, dur, ret, span)
);

/*
 * What happens to definitions: in a recording they say what is in it, and what is not. Strings
 * are arrays of char, since what assigns a string takes other arguments in newer kernels.
 */
#ifndef FSPAN_STRING_FIELD
#define FSPAN_STRING_FIELD(field, text)	__dynamic_array(char, field, strlen(text) + 1)
#define FSPAN_STRING_COPY(field, text) \
	memcpy(__get_dynamic_array(field), text, __get_dynamic_array_len(field))
#endif

TRACE_EVENT(fspan_defined,
	TP_PROTO(const char *group, const char *event, const char *line),
	TP_ARGS(group, event, line),
	TP_STRUCT__entry(
		FSPAN_STRING_FIELD(group, group)
		FSPAN_STRING_FIELD(event, event)
		FSPAN_STRING_FIELD(line, line)
	),
	TP_fast_assign(
		FSPAN_STRING_COPY(group, group);
		FSPAN_STRING_COPY(event, event);
		FSPAN_STRING_COPY(line, line);
	),
	TP_printk("%s/%s: %s", __get_str(group), __get_str(event), __get_str(line))
);

TRACE_EVENT(fspan_removed,
	TP_PROTO(const char *group, const char *event),
	TP_ARGS(group, event),
	TP_STRUCT__entry(
		FSPAN_STRING_FIELD(group, group)
		FSPAN_STRING_FIELD(event, event)
	),
	TP_fast_assign(
		FSPAN_STRING_COPY(group, group);
		FSPAN_STRING_COPY(event, event);
	),
	TP_printk("%s/%s", __get_str(group), __get_str(event))
);

TRACE_EVENT(fspan_armed,
	TP_PROTO(const char *group, const char *event, unsigned int functions),
	TP_ARGS(group, event, functions),
	TP_STRUCT__entry(
		FSPAN_STRING_FIELD(group, group)
		FSPAN_STRING_FIELD(event, event)
		__field(unsigned int, functions)
	),
	TP_fast_assign(
		FSPAN_STRING_COPY(group, group);
		FSPAN_STRING_COPY(event, event);
		__entry->functions = functions;
	),
	TP_printk("%s/%s functions=%u", __get_str(group), __get_str(event), __entry->functions)
);

/* The sums are over the life of the definition, as in profile. */
TRACE_EVENT(fspan_disarmed,
	TP_PROTO(const char *group, const char *event, u64 entered, u64 written, u64 missed),
	TP_ARGS(group, event, entered, written, missed),
	TP_STRUCT__entry(
		FSPAN_STRING_FIELD(group, group)
		FSPAN_STRING_FIELD(event, event)
		__field(u64, entered)
		__field(u64, written)
		__field(u64, missed)
	),
	TP_fast_assign(
		FSPAN_STRING_COPY(group, group);
		FSPAN_STRING_COPY(event, event);
		__entry->entered = entered;
		__entry->written = written;
		__entry->missed = missed;
	),
	TP_printk("%s/%s entered=%llu written=%llu missed=%llu", __get_str(group),
		  __get_str(event), __entry->entered, __entry->written, __entry->missed)
);

TRACE_EVENT(fspan_missed,
	TP_PROTO(const char *group, const char *event, const char *reason),
	TP_ARGS(group, event, reason),
	TP_STRUCT__entry(
		FSPAN_STRING_FIELD(group, group)
		FSPAN_STRING_FIELD(event, event)
		FSPAN_STRING_FIELD(reason, reason)
	),
	TP_fast_assign(
		FSPAN_STRING_COPY(group, group);
		FSPAN_STRING_COPY(event, event);
		FSPAN_STRING_COPY(reason, reason);
	),
	TP_printk("%s/%s reason=%s", __get_str(group), __get_str(event), __get_str(reason))
);

/* What this process defined is disarmed by now. */
TRACE_EVENT(fspan_owner_gone,
	TP_PROTO(int pid, unsigned int definitions),
	TP_ARGS(pid, definitions),
	TP_STRUCT__entry(
		__field(int, pid)
		__field(unsigned int, definitions)
	),
	TP_fast_assign(
		__entry->pid = pid;
		__entry->definitions = definitions;
	),
	TP_printk("pid=%d definitions=%u", __entry->pid, __entry->definitions)
);

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH trace/events
#include <trace/define_trace.h>
