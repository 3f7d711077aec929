/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Fields compiled to a program: what is taken at entry into the call's data,
 * what at return, and how both become a record. Runs in any context, NMI
 * included, with preemption off; reads memory that may not be there.
 */
#ifndef FSPAN_FETCH_H
#define FSPAN_FETCH_H

#include <linux/types.h>

#include "spec.h"

struct fspan_error;
struct fspan_layout;
struct pt_regs;

#define FSPAN_ALL_FIELDS	(~0U)

struct fspan_op {
	struct fspan_fetch fetch;
	struct fspan_type type;
	bool at_ret;
	bool string;
	u32 fault_bit;
	unsigned int data;	/* offset in the call's data */
	unsigned int data_size;	/* of what an array has there */
	unsigned int record;	/* offset in the record */
};

/* What is known when a record is made, beside the call's data. */
struct fspan_values {
	bool returned;			/* no: only what is known at entry is filled in */
	unsigned long retval;
	const u64 *note;		/* FSPAN_MAX_NOTES of them */
};

struct fspan_program {
	unsigned int nops;
	unsigned int data_size;		/* of the call's data, in bytes */
	unsigned int string_size;
	unsigned int faults;		/* offset in the record, 0: none */
	/* a bit for each field: */
	u32 entry_fields;		/* known at entry */
	u32 scalars;			/* a number, and no note */
	struct fspan_op ops[];
};

/*
 * Compile @spec for @layout. Symbols are looked up. Returns the program
 * (fspan_program_free() it) or an ERR_PTR with @err.
 */
struct fspan_program *fspan_program_create(const struct fspan_spec *spec,
					   const struct fspan_layout *layout,
					   const char *line, struct fspan_error *err);
void fspan_program_free(struct fspan_program *prog);

/*
 * Take what is known at entry from @regs into @data; gives the fields that faulted.
 * @only, here and below: a bit for each field that is wanted.
 */
u32 fspan_program_enter(const struct fspan_program *prog, u32 only, void *data,
			struct pt_regs *regs);
/*
 * Fill the fields of @record from @data, and what is read now. @size is the record's so
 * far; strings are put behind it. Gives the new size. @faults: fields that faulted, so far.
 */
unsigned int fspan_program_fill(const struct fspan_program *prog, u32 only, const void *data,
				u32 *faults, const struct fspan_values *values,
				void *record, unsigned int size);
/* The number in a field of @type at @p, sign-extended. */
u64 fspan_type_load(const struct fspan_type *type, const void *p);
/* The fields of @record, each a number, and 0 for what is none. */
void fspan_program_numbers(const struct fspan_program *prog, const void *record, u64 *number);

#endif
