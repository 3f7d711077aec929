/* SPDX-License-Identifier: GPL-2.0 */
/* What BTF says of the kernel's functions and types. */
#ifndef FSPAN_TYPES_H
#define FSPAN_TYPES_H

#include <stdbool.h>
#include <stddef.h>

#include "diag.h"
#include "image.h"

/* A type: BTF of a module goes on from the kernel's, so that both are needed. */
struct type {
	const struct image *btf;
	unsigned int id;	/* 0: void */
};

/* BTF of the kernel, or NULL with @d (may be NULL): there is none. Loaded once. */
const struct image *types_kernel(struct diag *d);
/* BTF of a loaded module, or NULL: it has none. Loaded once. */
const struct image *types_module(const char *module);

/* The prototype of function @name: 0, or -1. */
int types_prototype(const struct image *btf, const char *name, struct type *proto);
/* The struct, union, enum, typedef or integer "struct x", "u32"; 0, or -1. */
int types_find(const struct image *btf, const char *name, struct type *t);

const struct btf_type *type_get(struct type t);
const char *type_string(struct type t, unsigned int name_off);
/* Without typedef, const, volatile, restrict and tags; @name: that of the outermost typedef */
struct type type_skip(struct type t, const char **name);
/* In bytes; 0 if it has none. */
size_t type_size(struct type t);
bool type_is_char(struct type t);
bool type_is_void(struct type t);
/* As C writes it: "struct file *"; with @var a declaration. */
void type_print(struct type t, const char *var, char *buf, size_t size);
/* "struct file", or "struct {...}" */
void type_print_name(struct type t, char *buf, size_t size);

struct member {
	const char *name;
	struct type type;
	unsigned int bit_offset;	/* from the start of the struct */
	unsigned int bit_size;		/* 0: not a bitfield */
};

/* A member by name, those of anonymous members too. 0, or -1. */
int type_member(struct type t, const char *name, struct member *m);
/* Each member, those of anonymous members too, offsets from @t. fn returns non-zero to end. */
int type_members(struct type t, int (*fn)(const struct member *m, void *arg), void *arg);

#endif
