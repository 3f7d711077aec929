// SPDX-License-Identifier: GPL-2.0
/*
 * Only the first error of each process: what returns no negative errno is dropped, and
 * so is what fails after it, in any definition.
 *
 *	fspan gate load first-error
 */
#include <fspan.bpf.h>
#include <linux/errno.h>

const volatile __u64 cookie = 0;	/* only of definitions with this one; 0: of all */

/* processes that had their error; if there are too many, the oldest may have another */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, __u32);
	__type(value, __u64);
} failed SEC(".maps");

FSPAN_GATE(first_error)
{
	__u32 process = bpf_get_current_pid_tgid() >> 32;
	__u64 when = gate->end;

	if (cookie && gate->cookie != cookie)
		return FSPAN_GATE_KEEP;
	if (gate->ret >= 0 || gate->ret < -4095)
		return FSPAN_GATE_DROP;
	/*
	 * Of two at the same time one finds it there; if the map is busy, it is kept. An int,
	 * as before 6.4 the upper half of what this helper returns is not known.
	 */
	if ((int)bpf_map_update_elem(&failed, &process, &when, BPF_NOEXIST) == -EEXIST)
		return FSPAN_GATE_DROP;
	return FSPAN_GATE_KEEP;
}

/* its number will be another process's */
SEC("raw_tp/sched_process_exit") int forget(void *ctx)
{
	__u64 id = bpf_get_current_pid_tgid();
	__u32 process = id >> 32;

	if (process == (__u32)id)
		bpf_map_delete_elem(&failed, &process);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
