// SPDX-License-Identifier: GPL-2.0
/* Constants of all types that can be set, as notes. */
#include <fspan.bpf.h>

const volatile __u64 wide = 0;
const volatile int number = 0;
const volatile __u8 byte = 0;
const volatile _Bool flag = 0;
const volatile char text[8] = "";
const volatile __u32 list[4] = {};
static const volatile __u32 hidden = 0;
__u32 variable;

FSPAN_GATE(constants)
{
	gate->note[0] = wide;
	gate->note[1] = number;
	gate->note[2] = byte;
	gate->note[3] = flag;
	gate->note[4] = text[0] | text[1] << 8 | text[7] << 16;
	gate->note[5] = list[0] + hidden + variable;
	return FSPAN_GATE_KEEP;
}

char LICENSE[] SEC("license") = "GPL";
