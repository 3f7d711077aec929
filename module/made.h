/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From a call's data to a finished record: strings, the gate, the stack. Runs with
 * preemption off, in any context, NMI included, never nested on one CPU.
 */
#ifndef FSPAN_MADE_H
#define FSPAN_MADE_H

#include "record.h"

/* One for each CPU: there is one record under way. */
struct fspan_scratch {
	u8 record[FSPAN_MAX_RECORD] __aligned(8);
	u8 data[KRETPROBE_MAX_DATA_SIZE] __aligned(8);	/* of a point */
	unsigned long stack[FSPAN_MAX_STACK + 16];	/* and our own frames */
	struct fspan_gate gate;
	struct fspan_gate entry;	/* of the entry gate: what is not known then stays 0 */
};

extern struct fspan_scratch __percpu *fspan_scratch;

/* A record as it is offered. */
struct fspan_made {
	void *record;		/* NULL: the gate dropped it */
	unsigned int size;
	bool stack;		/* is wanted, and still to be put there */
};

/*
 * The record of what was taken into @data, with @fields of it. A plain one is its image.
 * What has no fixed size is made in the scratch record, behind a copy of the image.
 * @gated: the gate, in which the times are filled in, is asked as soon as the numbers
 * are known.
 */
struct fspan_made fspan_make(const struct fspan_recorder *rec, struct fspan_scratch *s, void *data,
			     u32 fields, u32 *faults, struct fspan_values *values, bool gated);
/* Say in @gate what it is about: at entry, at return, and of a point. */
static __always_inline void fspan_put_gate(const struct fspan_recorder *rec,
					   struct fspan_gate *gate, unsigned long func)
{
	gate->cookie = rec->cookie;
	gate->id = rec->id;
	gate->nfields = rec->prog->nops;
	gate->func = func;
}

/*
 * Put the stack behind the scratch record of @size; gives the new size. The callers,
 * @function itself first, if there is one. Our own frames are above @caller, the address
 * to which it returns, or if that is 0 above what is in @function's first instructions; if
 * the unwinder did not come by that, the stack is what was found.
 */
unsigned int fspan_put_stack(const struct fspan_recorder *rec, struct fspan_scratch *s,
			     unsigned int size, unsigned long function, unsigned long caller);

/*
 * A span has ended: to who hooked the tracepoint of all of them. @func: as fspan_put_gate()
 * has it; @record: NULL, if only a histogram listens. Keep it behind a branch that is patched.
 */
void fspan_tell_span(const struct fspan_recorder *rec, const struct fspan_call *call,
		     unsigned long func, u64 dur, unsigned long retval, const void *record);

int fspan_made_init(void);
void fspan_made_exit(void);

#endif
