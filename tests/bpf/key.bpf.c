// SPDX-License-Identifier: GPL-2.0
/* A key in the gate's struct. */
#include <fspan.bpf.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, __u64);
} map SEC(".maps");

FSPAN_GATE(key)
{
	return bpf_map_lookup_elem(&map, &gate->id) ? FSPAN_GATE_KEEP : FSPAN_GATE_DROP;
}

char LICENSE[] SEC("license") = "GPL";
