/* SPDX-License-Identifier: GPL-2.0 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM fspan_pair

#if !defined(_FSPAN_PAIR_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _FSPAN_PAIR_TRACE_H

#include <linux/tracepoint.h>

DECLARE_EVENT_CLASS(fspan_pair,
	TP_PROTO(u64 key, int value),
	TP_ARGS(key, value),
	TP_STRUCT__entry(
		__field(u64, key)
		__field(int, value)
	),
	TP_fast_assign(
		__entry->key = key;
		__entry->value = value;
	),
	TP_printk("key=%llu value=%d", __entry->key, __entry->value)
);

DEFINE_EVENT(fspan_pair, fspan_pair_began, TP_PROTO(u64 key, int value), TP_ARGS(key, value));
DEFINE_EVENT(fspan_pair, fspan_pair_ended, TP_PROTO(u64 key, int value), TP_ARGS(key, value));

#endif

#undef TRACE_INCLUDE_PATH
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_PATH .
#define TRACE_INCLUDE_FILE fspan_pair_trace
#include <trace/define_trace.h>
