/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A typed value that a fetch argument can reach: in a register, or in memory at
 * an offset from an address that is itself fetched.
 */
#ifndef FSPAN_VALUE_H
#define FSPAN_VALUE_H

#include "types.h"

#define FETCH_TEXT	256

struct value {
	bool memory;
	char base[FETCH_TEXT];	/* memory: the address as a fetch argument; else the register */
	int offset;		/* in memory from the address; in the register, in bytes */
	bool user;		/* the memory is user space's */
	bool points_to_user;	/* what it points at is */
	struct type type;
	unsigned int bit_offset, bit_size;	/* of a bitfield, from .offset */
	unsigned int derefs;	/* that .base takes */
};

/* The fetch argument of @v: of a pointer, a number, or the place of anything in memory. */
int value_fetch(const struct value *v, char *buf, struct diag *d, int col);
/* What @v points at. */
int value_deref(struct value *v, struct diag *d, int col);
/* Member @name of the struct that @v is, or with @arrow points at. */
int value_member(struct value *v, const char *name, bool arrow, struct diag *d, int col);
int value_index(struct value *v, long index, struct diag *d, int col);
int value_cast(struct value *v, const char *name, int stars, struct diag *d, int col);

#endif
