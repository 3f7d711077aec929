/* SPDX-License-Identifier: GPL-2.0 */
/* From a finished record to all who have its event enabled. */
#ifndef FSPAN_WRITE_H
#define FSPAN_WRITE_H

#include "counts.h"

struct fspan_event;
struct pt_regs;

/*
 * Offer @record of @size bytes to every instance, to perf and to BPF. Whoever takes it
 * fills in its head; those instances that do not are counted. In any context, with
 * preemption off; never nested on one CPU.
 */
void fspan_write(const struct fspan_event *event, struct fspan_counts __percpu *counts,
		 const void *record, unsigned int size, struct pt_regs *regs);

#endif
