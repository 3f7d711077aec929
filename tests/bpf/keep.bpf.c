// SPDX-License-Identifier: GPL-2.0
#include <fspan.bpf.h>

FSPAN_GATE(keep)
{
	return FSPAN_GATE_KEEP;
}

char LICENSE[] SEC("license") = "GPL";
