/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * fspan: what an eBPF program for a gate includes. doc/gate.md is the way from an
 * empty file to a running program.
 *
 *	#include <fspan.bpf.h>
 *
 *	FSPAN_GATE(big)
 *	{
 *		return gate->ret > 4096 ? FSPAN_GATE_KEEP : FSPAN_GATE_DROP;
 *	}
 *	char LICENSE[] SEC("license") = "GPL";
 *
 *	clang -O2 -g -target bpf -mcpu=v3 -I/usr/include/$(uname -m)-linux-gnu -c big.bpf.c
 *	fspan gate load big.bpf.o
 *
 * It needs the headers of libbpf, and no vmlinux.h; one that a program wants is to be
 * included before.
 */
#ifndef _FSPAN_BPF_H
#define _FSPAN_BPF_H

#ifndef __VMLINUX_H__
#include <linux/bpf.h>
#endif
#include <bpf/bpf_helpers.h>
#include <linux/fspan.h>

/*
 * FSPAN_GATE(NAME) { ... }: NAME decides about a call that has returned, or about a
 * point; FSPAN_GATE_ENTRY(NAME) about a call that was entered. The body has
 * struct fspan_gate *gate, and returns bits FSPAN_GATE_*, which are added to what
 * other programs ask for.
 *
 * The verifier knows the struct by its size alone. An index into args, field or note
 * must be a constant, and what a helper takes the address of (the key of a map) must
 * be a copy in a variable of one's own.
 */
#define FSPAN_GATE(name)	_FSPAN_GATE("raw_tp.w/fspan_gate_tp", name)
#define FSPAN_GATE_ENTRY(name)	_FSPAN_GATE("raw_tp.w/fspan_gate_entry_tp", name)

#define _FSPAN_GATE(section, name)						\
static __always_inline __u32 name##_body(struct fspan_gate *gate);		\
SEC(section) int name(struct bpf_raw_tracepoint_args *ctx)			\
{										\
	struct fspan_gate *gate = (struct fspan_gate *)ctx->args[0];		\
										\
	gate->ran++;								\
	gate->verdict |= name##_body(gate);					\
	return 0;								\
}										\
static __always_inline __u32 name##_body(struct fspan_gate *gate)

/*
 * For programs of the types fentry, fexit, tp_btf, tc and xdp, where the module has BTF;
 * <linux/fspan.h> describes them. Without it a program that calls them is not loaded.
 */
extern int fspan_emit(__u32 id, const __u64 *note, __u32 note__sz) __ksym __weak;
extern int fspan_current(struct fspan_gate *span, __u32 span__sz) __ksym __weak;

#endif /* _FSPAN_BPF_H */
