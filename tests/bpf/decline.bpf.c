// SPDX-License-Identifier: GPL-2.0
#include <fspan.bpf.h>

FSPAN_GATE_ENTRY(decline)
{
	return FSPAN_GATE_DROP;
}

char LICENSE[] SEC("license") = "GPL";
