// SPDX-License-Identifier: GPL-2.0
/* Two programs at the gate and one at the entry gate: what they see, as notes. */
#include <fspan.bpf.h>

FSPAN_GATE(first)
{
	gate->note[0] = gate->args[0] + 10 * gate->args[1] + 100 * gate->args[5];
	gate->note[1] = gate->cookie;
	gate->note[2] = gate->id;
	gate->note[3] = gate->func;
	gate->note[4] = gate->nfields | gate->ran << 8;
	if (gate->end - gate->start == gate->dur)
		gate->note[4] |= 1 << 16;
	gate->note[5] = gate->field[0];
	gate->note[6] = gate->faults;
	gate->note[7] = gate->ret;
	/* what is not there to be written harms nobody */
	gate->dur = 0;
	gate->nfields = 1000;
	gate->id = 0;
	gate->field[31] = ~0ULL;
	return gate->args[0] == 20 ? FSPAN_GATE_STACK : gate->args[0] == 21 ? FSPAN_GATE_DROP : 0;
}

/* attached after it: sees what it said, and what it says is added */
FSPAN_GATE(second)
{
	if (gate->args[0] == 22)
		gate->note[6] = gate->verdict | gate->ran << 8 | gate->nfields << 16;
	return gate->args[0] == 20 ? FSPAN_GATE_DROP : gate->args[0] == 21 ? FSPAN_GATE_STACK : 0;
}

FSPAN_GATE_ENTRY(entered)
{
	/* nothing of the end is known, nor of the fields */
	if (gate->start || gate->end || gate->dur || gate->ret || gate->faults || gate->nfields)
		return FSPAN_GATE_DROP;
	return gate->args[0] == 13 && gate->cookie == 7 ? FSPAN_GATE_DROP : FSPAN_GATE_KEEP;
}

char LICENSE[] SEC("license") = "GPL";
