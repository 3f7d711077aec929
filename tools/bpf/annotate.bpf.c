// SPDX-License-Identifier: GPL-2.0
/*
 * Annotate: the caller's cgroup into note[0], which a field cgroup=$note0:u64 shows.
 * ls -di /sys/fs/cgroup/PATH says which one it is.
 *
 *	fspan gate load annotate
 */
#include <fspan.bpf.h>

const volatile __u64 cookie = 0;	/* only of definitions with this one; 0: of all */

FSPAN_GATE(annotate)
{
	if (!cookie || gate->cookie == cookie)
		gate->note[0] = bpf_get_current_cgroup_id();
	return FSPAN_GATE_KEEP;
}

char LICENSE[] SEC("license") = "GPL";
