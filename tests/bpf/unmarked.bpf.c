// SPDX-License-Identifier: GPL-2.0
/* A program that does not say that it ran. */
#include <fspan.bpf.h>

SEC("raw_tp.w/fspan_gate_tp") int unmarked(struct bpf_raw_tracepoint_args *ctx)
{
	struct fspan_gate *gate = (struct fspan_gate *)ctx->args[0];

	gate->note[0] = 1;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
