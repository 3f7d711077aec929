// SPDX-License-Identifier: GPL-2.0
/* Takes its time, and then keeps the call. */
#include <fspan.bpf.h>

volatile __u32 n;

FSPAN_GATE_ENTRY(lengthy)
{
	__u32 i;

	for (i = 0; i < 20000; i++)
		n++;
	return FSPAN_GATE_KEEP;
}

char LICENSE[] SEC("license") = "GPL";
