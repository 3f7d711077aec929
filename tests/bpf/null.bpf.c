// SPDX-License-Identifier: GPL-2.0
/* Takes for granted that a key is in the map. */
#include <fspan.bpf.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, __u64);
} map SEC(".maps");

FSPAN_GATE(null)
{
	__u32 id = gate->id;
	__u64 *n = bpf_map_lookup_elem(&map, &id);

	++*n;
	return FSPAN_GATE_KEEP;
}

char LICENSE[] SEC("license") = "GPL";
