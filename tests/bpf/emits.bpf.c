// SPDX-License-Identifier: GPL-2.0
/* Emits a record from a gate, which no kernel lets a raw tracepoint's program do. */
#include <fspan.bpf.h>

FSPAN_GATE(emits)
{
	__u64 note = 1;

	fspan_emit(1, &note, sizeof(note));
	return FSPAN_GATE_KEEP;
}

char LICENSE[] SEC("license") = "GPL";
