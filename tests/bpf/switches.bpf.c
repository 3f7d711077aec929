// SPDX-License-Identifier: GPL-2.0
/* No gate's: it counts switches of tasks. */
#include <fspan.bpf.h>

volatile __u64 switches;

SEC("tp/sched/sched_switch") int count(void *record)
{
	__sync_fetch_and_add(&switches, 1);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
