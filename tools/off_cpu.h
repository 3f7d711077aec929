/* SPDX-License-Identifier: GPL-2.0 */
/* When tasks were off the CPU, by the switches that were seen. */
#ifndef FSPAN_OFF_CPU_H
#define FSPAN_OFF_CPU_H

#include <stdbool.h>

struct off_cpu;

struct off_cpu *off_cpu_create(void);
/* In the order of time. */
void off_cpu_switch(struct off_cpu *o, int prev, int next, unsigned long long ts);
/*
 * How long @pid was off between the times; it is on at @end. @least: what is that long ago is
 * not known any more, so it may have been more.
 */
unsigned long long off_cpu_between(const struct off_cpu *o, int pid, unsigned long long begin,
				   unsigned long long end, bool *least);
void off_cpu_free(struct off_cpu *o);

#endif
