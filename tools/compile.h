/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From a spec, with BTF, to what /dev/fspan takes, and to how its fields are
 * shown. Offsets are those of the running kernel.
 */
#ifndef FSPAN_COMPILE_H
#define FSPAN_COMPILE_H

#include "functions.h"
#include "spec.h"
#include "view.h"

#define FIELD_NAME	32	/* 31 letters, as the module has it */

struct shown_field {
	char name[FIELD_NAME + 4];	/* in the event: with _ret or _end */
	struct view view;
};

/* How what one of several functions returns is shown: its type may be narrower than the event's. */
struct shown_return {
	struct view view;
	int size;		/* bytes; 0: it returns nothing */
	bool is_signed;
};

struct definition {
	char event[64];
	char spec[256];		/* as the user wrote it, cut */
	char *target;		/* FUNCTION, F,G or a glob; "" if it has none */
	char *fields;		/* NAME=FETCHARG:TYPE ... */
	char ret_type[24];	/* "void", "s32"; empty: the module's default */
	struct view ret;
	bool many;		/* has the field func */
	bool pair;		/* of two ends: no return; the first function is "BEGIN ~ END" */
	bool emitted;		/* by an eBPF program: no function, no duration, no return */
	bool frames;		/* a0-a5 are the registers of system calls of many prototypes */
	int nfields;
	struct shown_field field[SPEC_MAX_FIELDS];
	size_t nfunctions;
	char **functions;
	struct shown_return *returns;	/* of each; NULL: all as the event has it */
};

struct definitions {
	struct definition *d;
	size_t n;
};

/*
 * Append what @spec means to @defs; @each: an event for each function; @failed: only calls that
 * fail are wanted, so not of functions that return nothing. 0, or -1 with @d.
 */
int compile(const struct spec *spec, bool each, bool failed, struct definitions *defs,
	    struct diag *d);
void definitions_free(struct definitions *defs);
/* Drop all but the first @n. */
void definitions_cut(struct definitions *defs, size_t n);
/* Is there a pair among them, which may end in any task? */
bool definitions_cross(const struct definitions *defs);
/* One more field, behind all that are there. */
void definition_add_field(struct definition *def, const char *name, const char *fetch);
bool definition_has_field(const struct definition *def, const char *name);
/* The event of the only one that a program emits; NULL: there is none, or several. */
const char *definitions_emitted(const struct definitions *defs);

/* The value of @e in the function that @p has the parameters of. 0, or -1 with @d. */
struct parameters;
struct value;
int compile_evaluate(const struct expr *e, const struct parameters *p, struct value *v,
		     struct diag *d);

/* For completion: what may follow the last '->' or '.' of @text, an unfinished spec. */
int compile_complete(const char *text, void (*fn)(const char *word, void *arg), void *arg);

#endif
