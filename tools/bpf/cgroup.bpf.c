// SPDX-License-Identifier: GPL-2.0
/*
 * Only callers in this cgroup, and in those below it. The others are declined at
 * entry: their return is not even hooked.
 *
 *	fspan gate load cgroup cgroup=/sys/fs/cgroup/demo
 */
#include <fspan.bpf.h>

#define DEPTH 32	/* of the tree of cgroups */

const volatile __u64 cgroup = 0;	/* its id; a path is turned into that by fspan */
const volatile __u64 cookie = 0;	/* only of definitions with this one; 0: of all */

FSPAN_GATE_ENTRY(only_cgroup)
{
	__u64 id;
	int level;

	if (cookie && gate->cookie != cookie)
		return FSPAN_GATE_KEEP;
	if (bpf_get_current_cgroup_id() == cgroup)
		return FSPAN_GATE_KEEP;
	for (level = 0; level < DEPTH; level++) {
		id = bpf_get_current_ancestor_cgroup_id(level);
		if (id == cgroup)
			return FSPAN_GATE_KEEP;
		if (!id)
			break;
	}
	return FSPAN_GATE_DROP;
}

char LICENSE[] SEC("license") = "GPL";
