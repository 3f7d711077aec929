/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The grammar of /dev/fspan. Pure: text in, struct fspan_spec out. It knows
 * no kernel object, and builds in user space too.
 */
#ifndef FSPAN_PARSE_H
#define FSPAN_PARSE_H

#include "error.h"
#include "spec.h"

/* What the parser stands on: @pos moves, @line stays for the column. */
struct fspan_cursor {
	const char *line;
	const char *pos;
	struct fspan_error *err;
	enum fspan_kind kind;	/* of what is parsed */
	bool point_offset;	/* a point that is not at the start of its function */
	bool gate;
	const char *age;	/* where the attribute stands, NULL: nowhere */
	bool declared;		/* its target is a declaration */
};

/*
 * Parse @line (NUL-terminated, without newline) into @spec, which points into
 * @line. Returns 0, or a negative errno with @err filled in. In both cases
 * fspan_spec_release() is due.
 */
int fspan_parse(const char *line, struct fspan_spec *spec, struct fspan_error *err);
void fspan_spec_release(struct fspan_spec *spec);

/* shared between parse.c and parse_field.c */
int fspan_parse_fail(struct fspan_cursor *c, enum fspan_errcode code, const char *at);
int fspan_parse_number(struct fspan_cursor *c, u64 *val);
int fspan_parse_type(struct fspan_cursor *c, struct fspan_type *type);
int fspan_parse_field(struct fspan_cursor *c, struct fspan_field_spec *field);
/* Of a pair's key: FETCHARG[:TYPE], up to ',' or a blank */
int fspan_parse_key(struct fspan_cursor *c, struct fspan_field_spec *key);
size_t fspan_ident_len(const char *s);

#endif
