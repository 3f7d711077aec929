// SPDX-License-Identifier: GPL-2.0
/*
 * A record for each packet (IPv4) that an interface receives. Nothing is dropped.
 *
 *	fspan add 'packet=(from=$note0:ipv4, to=$note1:ipv4, protocol=$note2:u8, bytes=$note3:u32)'
 *	fspan gate load packets event=packet --dev eth0
 */
#include <fspan.bpf.h>
#include <bpf/bpf_endian.h>
#ifndef __VMLINUX_H__
#include <linux/if_ether.h>
#include <linux/ip.h>
#endif

const volatile __u32 event = 0;		/* its id; a name is turned into that by fspan */

SEC("xdp") int packets(struct xdp_md *ctx)
{
	void *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = (void *)(long)ctx->data;
	struct iphdr *ip = (void *)(eth + 1);
	__u64 note[4] = {};

	if ((void *)(ip + 1) > end || eth->h_proto != bpf_htons(0x0800 /* ETH_P_IP */))
		return XDP_PASS;
	note[0] = ip->saddr;
	note[1] = ip->daddr;
	note[2] = ip->protocol;
	note[3] = end - (void *)eth;
	fspan_emit(event, note, sizeof(note));
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
