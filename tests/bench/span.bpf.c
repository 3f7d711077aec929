// SPDX-License-Identifier: GPL-2.0
/*
 * The span of a call as a BPF program of one's own makes it: what is known at entry goes into
 * storage of the task, and one record of all into a ring buffer at return.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "span.h"

char _license[] SEC("license") = "GPL";

const volatile int mode;
unsigned long long lost;

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct span);
} calls SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4 << 20);
} spans SEC(".maps");

SEC("fentry")
int enter(unsigned long long *ctx)
{
	struct span *s;

	if (mode == MODE_EMPTY)
		return 0;
	s = bpf_task_storage_get(&calls, bpf_get_current_task_btf(), NULL,
				 BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!s)
		return 0;
	s->a = ctx[0];
	s->b = ctx[1];
	s->c = ctx[2];
	s->start = bpf_ktime_get_ns();
	return 0;
}

SEC("fexit")
int leave(unsigned long long *ctx)
{
	struct span *s, *r;
	unsigned long long dur, ret;

	if (mode == MODE_EMPTY)
		return 0;
	s = bpf_task_storage_get(&calls, bpf_get_current_task_btf(), NULL, 0);
	if (!s || !s->start)
		return 0;
	dur = bpf_ktime_get_ns() - s->start;
	if (mode == MODE_REJECT && dur < 10000000000ull)
		return 0;
	bpf_get_func_ret(ctx, &ret);
	r = bpf_ringbuf_reserve(&spans, sizeof(*r), 0);
	if (!r) {
		__sync_fetch_and_add(&lost, 1);
		return 0;
	}
	r->a = s->a;
	r->b = s->b;
	r->c = s->c;
	r->start = s->start;
	r->dur = dur;
	r->ret = ret;
	r->pid = bpf_get_current_pid_tgid();
	r->cpu = bpf_get_smp_processor_id();
	bpf_ringbuf_submit(r, mode == MODE_POLLED ? BPF_RB_NO_WAKEUP : BPF_RB_FORCE_WAKEUP);
	s->start = 0;
	return 0;
}
