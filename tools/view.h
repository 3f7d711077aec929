/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How a value is shown: what the event's field does not know, since tracefs has
 * numbers only. Text for people, or a value for JSON.
 */
#ifndef FSPAN_VIEW_H
#define FSPAN_VIEW_H

#include <json.h>
#include <stdbool.h>
#include <stddef.h>

#include "types.h"

enum view_kind {
	VIEW_PLAIN,	/* as the event's own type says */
	VIEW_BOOL,
	VIEW_CHAR,
	VIEW_HEX,
	VIEW_POINTER,	/* hex, but an error pointer by name */
	VIEW_ERRNO,	/* a negative errno by name */
	VIEW_ENUM,	/* by name, or as flags */
	VIEW_SYMBOL,
	VIEW_PORT,	/* 16 bits in network order */
	VIEW_BE32,	/* 32 bits in network order */
	VIEW_IPV4,
	VIEW_IPV6,	/* 16 bytes */
	VIEW_MAC,	/* 6 bytes */
};

struct view {
	enum view_kind kind;
	struct type type;	/* of an enum */
	unsigned int bits;	/* of a signed bitfield: its sign is to be extended, else 0 */
};

/* A scalar of @size bytes, sign-extended in @val if it is signed. */
void view_print(const struct view *v, unsigned long long val, int size, bool is_signed,
		char *buf, size_t len);
struct json_object *view_json(const struct view *v, unsigned long long val, int size,
			      bool is_signed);
/* Bytes in memory: an address, or text. Gives false if @v is not of bytes. */
bool view_print_bytes(const struct view *v, const void *bytes, size_t n, char *buf, size_t len);

/* "ENOENT" for 2, or NULL; the kernel's internal ones too */
const char *view_errno_name(long long err);
/* The value, sign-extended if it is signed, and name of enumerator @i, of either kind of enum */
unsigned long long view_enum_value(const struct btf_type *bt, int i);
const char *view_enum_name(struct type t, int i);
/* 1.234ms, 12.3us, 890ns, 1.50s */
void view_duration(unsigned long long ns, char *buf, size_t len);

#endif
