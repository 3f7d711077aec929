/* SPDX-License-Identifier: GPL-2.0 */
/* A span's record from the ring buffer, as a line of text or an object of JSON. */
#ifndef FSPAN_RECORD_H
#define FSPAN_RECORD_H

#include <event-parse.h>
#include <json.h>

#include "compile.h"

/* A definition with where its event's fields are. */
struct record_format {
	const struct definition *def;
	int id;			/* of the event */
	struct tep_format_field *dur, *ret, *func, *faults, *stack, *comm, *pid;
	struct tep_format_field *flags;
	struct tep_format_field *span_id, *parent, *depth;	/* of --tree, else NULL */
	struct tep_format_field *field[SPEC_MAX_FIELDS];
	int fault_bit[SPEC_MAX_FIELDS];
};

/* What a tree knows of one of its spans. */
struct record_place {
	int indent;
	unsigned long long begin;	/* ns of CLOCK_MONOTONIC */
	unsigned long long self;	/* ns, without those in it */
	bool has_off;			/* is there a column for the time off the CPU? */
	bool off_known, off_least;	/* it may have been more */
	unsigned long long off;
};

/* Names of fields: of the task's name, and of --tree the prefix of theirs. */
struct record_names {
	const char *comm;
	const char *tree;		/* NULL: there are none */
};

/* 0, or -1: it has no format. */
int record_format_init(struct record_format *f, const struct definition *def,
		       struct tep_handle *tep, const struct record_names *names);
/* A number of the record's. */
unsigned long long record_number(struct tep_format_field *field, const void *data);
/*
 * @ts: ns of CLOCK_MONOTONIC at return; @clock: what makes it ns of CLOCK_REALTIME. @place: in
 * a tree, where the time shown is that of the entry; or NULL.
 */
void record_print(const struct record_format *f, const void *data, unsigned long long ts,
		  long long clock, int cpu, const struct record_place *place, FILE *out);
struct json_object *record_json(const struct record_format *f, const void *data,
				unsigned long long ts, long long clock, int cpu,
				const struct record_place *place);
/* A line. Takes @o over. */
void record_print_json(struct json_object *o, FILE *out);

#endif
