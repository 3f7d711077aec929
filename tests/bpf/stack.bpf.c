// SPDX-License-Identifier: GPL-2.0
#include <fspan.bpf.h>

FSPAN_GATE(stack)
{
	return gate->args[0] == 20 ? FSPAN_GATE_STACK : FSPAN_GATE_KEEP;
}

char LICENSE[] SEC("license") = "GPL";
