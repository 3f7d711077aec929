// SPDX-License-Identifier: GPL-2.0
/* An index that is no constant. */
#include <fspan.bpf.h>

FSPAN_GATE(any_index)
{
	__u32 i = gate->nfields;

	return i < FSPAN_GATE_FIELDS && gate->field[i] ? FSPAN_GATE_KEEP : FSPAN_GATE_DROP;
}

char LICENSE[] SEC("license") = "GPL";
