// SPDX-License-Identifier: GPL-2.0
/*
 * A record for each TCP connection (IPv4) that is opened: a program on another
 * function, without a gate, which emits records of its own.
 *
 *	fspan add 'connection=(to=$note0:ipv4, port=$note1:port, error=$note2:errno)'
 *	fspan gate load connections event=connection
 */
#include <fspan.bpf.h>
#include <bpf/bpf_tracing.h>
#ifndef __VMLINUX_H__
#include <linux/in.h>
#endif

const volatile __u32 event = 0;		/* its id; a name is turned into that by fspan */

/* int tcp_v4_connect(struct sock *sk, struct sockaddr *uaddr, int addr_len) */
SEC("fexit/tcp_v4_connect")
int BPF_PROG(connected, void *sk, struct sockaddr_in *to, int len, int ret)
{
	__u64 note[3] = {};
	struct sockaddr_in in = {};

	if (bpf_probe_read_kernel(&in, sizeof(in), to))
		return 0;
	note[0] = in.sin_addr.s_addr;
	note[1] = in.sin_port;
	note[2] = ret;
	fspan_emit(event, note, sizeof(note));
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
