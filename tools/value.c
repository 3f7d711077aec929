// SPDX-License-Identifier: GPL-2.0
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "value.h"

#define MAX_DEREFS	8	/* of the module */

int value_fetch(const struct value *v, char *buf, struct diag *d, int col)
{
	int n;

	if (!v->memory) {
		strcpy(buf, v->base);
		return 0;
	}
	if (v->derefs + 1 > MAX_DEREFS)
		return diag_set(d, col, "more than %d pointers are to be followed", MAX_DEREFS);
	n = snprintf(buf, FETCH_TEXT, "%s%d(%s)",
		     v->user ? (v->offset < 0 ? "-u" : "+u") : (v->offset < 0 ? "-" : "+"),
		     v->offset < 0 ? -v->offset : v->offset, v->base);
	return n >= FETCH_TEXT ? diag_set(d, col, "this expression is too long") : 0;
}

/* The second half of a struct by value is in the register that follows; a return has none. */
static int next_register(struct value *v, struct diag *d, int col)
{
	int n;

	if (v->memory || v->offset < 8)
		return 0;
	if (sscanf(v->base, "$arg%d", &n) != 1)
		return diag_set(d, col, "of what is returned only the first 8 bytes are known");
	snprintf(v->base, sizeof(v->base), "$arg%d", n + v->offset / 8);
	v->offset %= 8;
	return 0;
}

static void describe(struct type t, char *buf, size_t size)
{
	type_print(t, NULL, buf, size);
}

int value_deref(struct value *v, struct diag *d, int col)
{
	struct type t = type_skip(v->type, NULL);
	const struct btf_type *bt = type_get(t);
	char text[FETCH_TEXT], name[200];

	if (t.id && btf_is_array(bt)) {
		v->type.id = btf_array(bt)->type;
		return 0;
	}
	describe(v->type, name, sizeof(name));
	if (!t.id || !btf_is_ptr(bt))
		return diag_set(d, col, "this is no pointer but '%s'", name);
	if (v->bit_size)
		return diag_set(d, col, "a bitfield is no address");
	if (value_fetch(v, text, d, col))
		return -1;
	v->derefs += v->memory;
	v->memory = true;
	v->user = v->points_to_user;
	v->offset = 0;
	v->bit_size = 0;
	strcpy(v->base, text);
	v->type.id = bt->type;
	return 0;
}

struct members {
	char text[1024];
	size_t n, more;
	struct diag_near near;
};

static int note_member(const struct member *m, void *arg)
{
	struct members *all = arg;
	size_t len = strlen(all->text);

	diag_near_add(&all->near, m->name);
	if (len + strlen(m->name) + 3 < 400)
		sprintf(all->text + len, "%s%s", len ? ", " : "", m->name);
	else
		all->more++;
	all->n++;
	return 0;
}

static int no_member(struct type t, const char *name, struct diag *d, int col)
{
	struct members all = { .near = { .have = name } };
	char type[200];

	describe(t, type, sizeof(type));
	diag_set(d, col, "'%s' has no member '%s'", type, name);
	type_members(t, note_member, &all);
	diag_near_hint(d, &all.near);
	if (!all.n)
		return diag_hint(d, "its members are not in this BTF");
	diag_hint(d, all.more ? "it has: %s, and %zu more" : "it has: %s", all.text, all.more);
	return diag_hint(d, "all with their types: fspan show --members '%s'", type);
}

/* A struct that is only declared here may be defined in the kernel's BTF. */
static struct type definition_of(struct type t)
{
	const struct btf_type *bt = type_get(t);
	struct type found;
	char name[160];

	if (!t.id || btf_kind(bt) != BTF_KIND_FWD)
		return t;
	type_print_name(t, name, sizeof(name));
	return types_find(t.btf, name, &found) ? t : found;
}

int value_member(struct value *v, const char *name, bool arrow, struct diag *d, int col)
{
	struct type t = type_skip(v->type, NULL);
	const struct btf_type *bt = type_get(t);
	bool pointer = t.id && (btf_is_ptr(bt) || btf_is_array(bt));
	char type[200];
	struct member m;

	describe(v->type, type, sizeof(type));
	if (arrow && !pointer) {
		diag_set(d, col, "'%s' is no pointer", type);
		return t.id && btf_is_composite(bt) ? diag_hint(d, "use '.%s'", name) : -1;
	}
	if (!arrow && pointer) {
		diag_set(d, col, "'%s' is a pointer", type);
		return diag_hint(d, "use '->%s'", name);
	}
	if (arrow && value_deref(v, d, col))
		return -1;
	if (arrow)
		describe(v->type, type, sizeof(type));
	t = definition_of(type_skip(v->type, NULL));
	bt = type_get(t);
	if (!t.id)
		goto no_struct;
	if (btf_kind(bt) == BTF_KIND_FWD)
		return no_member(t, name, d, col);
	if (!btf_is_composite(bt))
		goto no_struct;
	if (type_member(t, name, &m))
		return no_member(t, name, d, col);
	v->type = m.type;
	v->points_to_user = v->user;
	v->offset += m.bit_offset / 8;
	v->bit_offset = m.bit_offset % 8;
	v->bit_size = m.bit_size;
	return next_register(v, d, col);

no_struct:
	diag_set(d, col, "'%s' has no members", type);
	if (!t.id)
		diag_hint(d, "say what it points at: ((struct T *)x)->%s", name);
	return -1;
}

int value_index(struct value *v, long index, struct diag *d, int col)
{
	struct type t = type_skip(v->type, NULL);
	const struct btf_type *bt = type_get(t);
	size_t size;

	if (t.id && btf_is_array(bt) && btf_array(bt)->nelems && index >= btf_array(bt)->nelems)
		return diag_set(d, col, "the array has only %u elements", btf_array(bt)->nelems);
	if (value_deref(v, d, col))
		return -1;
	size = type_size(v->type);
	if (!size)
		return diag_set(d, col, "what is pointed at has no size: cast it first");
	if ((unsigned long)index >
	    (INT_MAX - (unsigned long)(v->offset < 0 ? 0 : v->offset)) / size)
		return diag_set(d, col, "this index is too large");
	v->offset += index * size;
	return next_register(v, d, col);
}

static int not_a_type(const struct image *btf, const char *name, struct diag *d, int col)
{
	struct diag_near near = { .have = name };
	unsigned int id, n = image_end(btf);

	diag_set(d, col, "no type '%s' in BTF", name);
	for (id = 1; id < n; id++) {
		struct type t = { btf, id };
		const struct btf_type *bt = type_get(t);
		char have[160];

		if (!btf_is_composite(bt) && !btf_is_any_enum(bt))
			continue;
		type_print_name(t, have, sizeof(have));
		diag_near_add(&near, have);
	}
	diag_near_hint(d, &near);
	return -1;
}

/* A pointer to @t, or none if BTF has no such type. */
static int pointer_to(struct type *t)
{
	unsigned int id, n = image_end(t->btf);

	for (id = 1; id < n; id++) {
		const struct btf_type *bt = image_type(t->btf, id);

		if (btf_is_ptr(bt) && bt->type == t->id) {
			t->id = id;
			return 0;
		}
	}
	return -1;
}

int value_cast(struct value *v, const char *name, int stars, struct diag *d, int col)
{
	struct type t = { v->type.btf, 0 };
	const struct btf_type *bt;
	size_t have = type_size(v->type);

	if (strcmp(name, "void") && types_find(v->type.btf, name, &t))
		return not_a_type(v->type.btf, name, d, col);
	while (stars--)
		if (pointer_to(&t))
			return diag_set(d, col, "no pointer to '%s' in BTF", name);
	bt = type_get(type_skip(t, NULL));
	if (!t.id || btf_is_composite(bt) || btf_is_array(bt))
		return diag_set(d, col, "a value cannot be cast to '%s': cast a pointer, (%s *)", name, name);
	/*
	 * A narrower one is the low part, here on little-endian machines its first
	 * bytes; of a wider one nobody says what the rest of a register holds.
	 */
	if (have && type_size(t) > have)
		return diag_set(d, col, "the value has %zu bytes, '%s' has %zu", have, name, type_size(t));
	v->type = t;
	return 0;
}
