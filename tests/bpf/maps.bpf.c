// SPDX-License-Identifier: GPL-2.0
/*
 * Maps and helpers on every call, good pointers and bad: work for those who trace BPF. Nothing
 * that is done later on its behalf, as the freeing of elements: that would be traced too, and
 * so go on for ever.
 */
#include <fspan.bpf.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u64);
	__type(value, __u64);
} hash SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 64);
	__type(key, __u64);
	__type(value, __u64);
} lru SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} ring SEC(".maps");

FSPAN_GATE(maps)
{
	__u64 key = gate->args[0] & 127, value = gate->dur, *v;
	char text[16];

	bpf_map_update_elem(&hash, &key, &value, BPF_ANY);
	bpf_map_update_elem(&lru, &key, &value, BPF_ANY);
	v = bpf_map_lookup_elem(&lru, &key);
	gate->note[0] = v ? *v : 0;
	if (key & 1)
		bpf_map_delete_elem(&hash, &key);
	gate->note[1] = bpf_probe_read_kernel_str(text, sizeof(text), (void *)gate->args[0]);
	gate->note[2] = bpf_probe_read_user(text, sizeof(text), (void *)0x10);
	gate->note[3] = bpf_probe_read_kernel(text, sizeof(text), (void *)0x8000000000000000);
	bpf_ringbuf_output(&ring, &value, sizeof(value), 0);
	return gate->args[0] % 3 ? FSPAN_GATE_KEEP : FSPAN_GATE_DROP;
}

char LICENSE[] SEC("license") = "GPL";
