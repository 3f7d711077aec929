// SPDX-License-Identifier: GPL-2.0
/* Writes behind the end of the gate's struct: refused when it is attached. */
#include <fspan.bpf.h>

FSPAN_GATE(bounds)
{
	*(volatile __u64 *)(gate + 1) = 1;
	return FSPAN_GATE_KEEP;
}

char LICENSE[] SEC("license") = "GPL";
