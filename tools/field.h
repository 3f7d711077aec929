/* SPDX-License-Identifier: GPL-2.0 */
/* A value as a field of an event: fetch argument, type, and how it is shown. */
#ifndef FSPAN_FIELD_H
#define FSPAN_FIELD_H

#include "value.h"
#include "view.h"

struct field_text {
	char fetch[FETCH_TEXT];
	char type[24];
	struct view view;
};

/* @type: what the user wrote behind ':', or NULL. */
int field_of_value(const struct value *v, const char *type, struct field_text *f,
		   struct diag *d, int col, int type_col);
/* The same for a fetch argument as it stands, of which no type is known. */
int field_of_fetch(const char *fetch, const char *type, struct field_text *f,
		   struct diag *d, int type_col);
/*
 * Type of a function's return: .type "" if the module's default will do, "void".
 * @type: what the user wrote, which field_check_return() has passed, or NULL.
 */
void field_of_return(struct type t, const char *type, struct field_text *f);
int field_check_return(const char *type, struct diag *d, int col);
/* Is @type one that may be written behind ':'? */
int field_check_type(const struct image *btf, const char *type, struct diag *d, int col);

#endif
