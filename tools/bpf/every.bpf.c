// SPDX-License-Identifier: GPL-2.0
/*
 * One call in N of each definition; the others are dropped.
 *
 *	fspan gate load every every=100
 */
#include <fspan.bpf.h>

const volatile __u64 every = 100;
const volatile __u64 cookie = 0;	/* only of definitions with this one; 0: of all */

/* by the event's id: calls so far, on all CPUs */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, __u32);
	__type(value, __u64);
} calls SEC(".maps");

FSPAN_GATE(keep_every)
{
	__u64 *n, none = 0;
	__u32 id = gate->id;

	if (cookie && gate->cookie != cookie)
		return FSPAN_GATE_KEEP;
	n = bpf_map_lookup_elem(&calls, &id);
	if (!n) {
		bpf_map_update_elem(&calls, &id, &none, BPF_NOEXIST);
		n = bpf_map_lookup_elem(&calls, &id);
	}
	/* no room, or the map was busy on this CPU: what is not counted is kept */
	if (!n || every < 2)
		return FSPAN_GATE_KEEP;
	return __sync_fetch_and_add(n, 1) % every ? FSPAN_GATE_DROP : FSPAN_GATE_KEEP;
}

char LICENSE[] SEC("license") = "GPL";
