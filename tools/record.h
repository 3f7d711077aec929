/* SPDX-License-Identifier: GPL-2.0 */
/* A span's record from the ring buffer, as a line of text or an object of JSON. */
#ifndef FSPAN_RECORD_H
#define FSPAN_RECORD_H

#include <event-parse.h>

#include "compile.h"

/* A definition with where its event's fields are. */
struct record_format {
	const struct definition *def;
	int id;			/* of the event */
	struct tep_format_field *dur, *ret, *func, *faults, *stack, *comm, *pid;
	struct tep_format_field *field[SPEC_MAX_FIELDS];
	int fault_bit[SPEC_MAX_FIELDS];
};

/* @comm: name of the field that has the task's name. 0, or -1: it has no format. */
int record_format_init(struct record_format *f, const struct definition *def,
		       struct tep_handle *tep, const char *comm);
/* @ts: ns of CLOCK_MONOTONIC at return; @clock: what makes it ns of CLOCK_REALTIME */
void record_print(const struct record_format *f, const void *data, unsigned long long ts,
		  long long clock, int cpu, FILE *out);
void record_print_json(const struct record_format *f, const void *data, unsigned long long ts,
		       long long clock, int cpu, FILE *out);

#endif
