/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where the fields of an event's record are, and what its format file says:
 * offsets, the core's array of fields, the print format. It knows nothing of
 * how the values are fetched, so that two definitions with the same fields
 * have the same layout.
 */
#ifndef FSPAN_LAYOUT_H
#define FSPAN_LAYOUT_H

#include <linux/trace_events.h>

#include "spec.h"

/*
 * A record must fit a page of the ring buffer with its headers; a string has
 * up to FSPAN_MAX_STRING bytes of that with its NUL, less if there are many.
 */
#define FSPAN_MAX_RECORD	3840
#define FSPAN_MAX_STRING	512
#define FSPAN_MIN_STRING	32
#define FSPAN_MAX_STACK		64	/* entries */

/* stands for a string that could not be read */
#define FSPAN_FAULT_TEXT	"(fault)"

struct fspan_error;

struct fspan_field {
	char name[FSPAN_FIELD_LEN];
	struct fspan_type type;
	unsigned int offset;		/* in the record */
	unsigned int size;		/* there: of a string, 4 */
	bool faults;			/* has a bit in faults: that of its index */
	char type_name[32];		/* for the format file */
};

struct fspan_layout {
	unsigned int nfields;
	struct fspan_field *fields;	/* the user's, and one more for ret */
	struct fspan_type ret_type;
	/* offsets of the fields that are always there, 0: not in this record */
	unsigned int dur;
	unsigned int ret;
	unsigned int func;
	unsigned int faults;
	unsigned int stack;
	unsigned int fixed_size;	/* of the record before strings and stack */
	unsigned int string_size;	/* at most, for each string */
	bool print_stack;
	const char *ret_type_name;
	struct trace_event_fields *class_fields;
	char *print_fmt;
};

/*
 * Lay out @spec; @func: the record says which function. Returns 0 or a
 * negative errno with @err. Release in any case.
 */
int fspan_layout_init(struct fspan_layout *layout, const struct fspan_spec *spec, bool func,
		      struct fspan_error *err);
void fspan_layout_release(struct fspan_layout *layout);
/* Would a record of @a be read rightly as one of @b? */
bool fspan_layout_same(const struct fspan_layout *a, const struct fspan_layout *b);

#endif
