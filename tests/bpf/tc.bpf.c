// SPDX-License-Identifier: GPL-2.0
/* Of a type that has to be attached by another tool. */
#include <fspan.bpf.h>

SEC("tc") int classify(struct __sk_buff *skb)
{
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
