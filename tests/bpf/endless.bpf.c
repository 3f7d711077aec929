// SPDX-License-Identifier: GPL-2.0
/* Never ends. */
#include <fspan.bpf.h>

volatile __u32 n;

FSPAN_GATE(endless)
{
	for (;;)
		n++;
	return FSPAN_GATE_KEEP;
}

char LICENSE[] SEC("license") = "GPL";
