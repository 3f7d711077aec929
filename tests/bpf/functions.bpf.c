// SPDX-License-Identifier: GPL-2.0
/* fspan's functions, from the entry of vfs_read: good calls and bad ones. */
#include <fspan.bpf.h>

const volatile __u32 event = 0;

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct fspan_gate);
} room SEC(".maps");

SEC("fentry/vfs_read") int at_read(void *ctx)
{
	__u64 note[FSPAN_GATE_NOTES] = {};
	struct fspan_gate *span;
	__u32 zero = 0, id = 0;
	char comm[16] = "";

	bpf_get_current_comm(comm, sizeof(comm));
	if (bpf_strncmp(comm, sizeof(comm), "workload"))
		return 0;
	span = bpf_map_lookup_elem(&room, &zero);
	if (!span)
		return 0;
	note[0] = fspan_current(span, sizeof(*span));
	note[1] = span->id;
	note[2] = span->cookie;
	note[3] = span->field[0];
	/* as little as is asked for */
	span->cookie = 1;
	note[4] = (fspan_current(span, 8) & 0xffff) | (span->cookie == 1) << 16;
	note[5] = fspan_emit(id, note, sizeof(note));
	note[6] = fspan_emit(event, note, 7);
	fspan_emit(event, note, 56);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
