/* SPDX-License-Identifier: GPL-2.0 */
/* What span.bpf.c and bpfspan.c share. */
#ifndef BENCH_SPAN_H
#define BENCH_SPAN_H

enum { MODE_EMPTY, MODE_REJECT, MODE_POLLED, MODE_WAKEUP };

struct span {
	unsigned long long a, b, c, start, dur;
	long long ret;
	unsigned int pid, cpu;
};

#endif
