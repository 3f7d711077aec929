// SPDX-License-Identifier: GPL-2.0
#include <linux/cpumask.h>
#include <linux/string.h>

#include "counts.h"

void fspan_counts_sum(struct fspan_counts __percpu *c, struct fspan_counts *sum)
{
	int cpu, i;

	memset(sum, 0, sizeof(*sum));
	/*
	 * Later steps first: what happens meanwhile may then show as in flight,
	 * but never as more written than entered.
	 */
	for (i = FSPAN_NR_COUNTS - 1; i >= 0; i--)
		for_each_possible_cpu(cpu)
			sum->n[i] += READ_ONCE(per_cpu_ptr(c, cpu)->n[i]);
}
