// SPDX-License-Identifier: GPL-2.0
/* The current span: at the end of a read from a pipe, and of a task that ends. */
#include <fspan.bpf.h>

const volatile __u32 event = 0;

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct fspan_gate);
} room SEC(".maps");

static __always_inline int emit_current(__u64 where)
{
	struct fspan_gate *span;
	__u32 zero = 0;
	__u64 note[3];

	span = bpf_map_lookup_elem(&room, &zero);
	if (!span)
		return 0;
	note[0] = fspan_current(span, sizeof(*span));
	note[1] = span->id;
	note[2] = where;
	fspan_emit(event, note, sizeof(note));
	return 0;
}

SEC("fentry/touch_atime") int at_atime(void *ctx)
{
	return emit_current(0);
}

/* when the tracepoint sched_process_exit is behind it */
SEC("fentry/exit_files") int at_exit(void *ctx)
{
	return emit_current(1);
}

char LICENSE[] SEC("license") = "GPL";
