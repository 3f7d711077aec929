// SPDX-License-Identifier: GPL-2.0
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "field.h"

#define MAX_ARRAY 64	/* of the module */

/* Types of our own: how the bytes are taken, and shown. */
static const struct own_type {
	const char *name;
	const char *type;	/* of the module; NULL: a number of the value's size */
	size_t bytes;		/* in memory; 0: a number */
	enum view_kind view;
} own_types[] = {
	{ "hex", NULL, 0, VIEW_HEX }, { "dec", NULL, 0, VIEW_PLAIN }, { "errno", NULL, 0, VIEW_ERRNO },
	{ "ipv4", "u32", 4, VIEW_IPV4 }, { "ipv6", "u8[16]", 16, VIEW_IPV6 },
	{ "mac", "u8[6]", 6, VIEW_MAC }, { "port", "u16", 2, VIEW_PORT },
};

static const struct own_type *own_type(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(own_types) / sizeof(own_types[0]); i++)
		if (!strcmp(own_types[i].name, name))
			return &own_types[i];
	return NULL;
}

static bool take_number(const char **s, unsigned long *n)
{
	char *end;

	if (!isdigit((unsigned char)**s))
		return false;
	*n = strtoul(*s, &end, 0);	/* 010 is 8, as for the module */
	*s = end;
	return *n <= 64;
}

/* bWIDTH@SHIFT/SIZE */
static bool is_bitfield(const char *type)
{
	unsigned long width, shift, size;
	const char *s = type + 1;

	return take_number(&s, &width) && *s++ == '@' && take_number(&s, &shift) && *s++ == '/' &&
	       take_number(&s, &size) && !*s && width && width + shift <= size &&
	       (size == 8 || size == 16 || size == 32 || size == 64);
}

static bool is_array(const char *s)
{
	unsigned long n;

	return *s++ == '[' && take_number(&s, &n) && n && n <= MAX_ARRAY && !strcmp(s, "]");
}

static bool is_string(const char *type)
{
	return !strcmp(type, "string") || !strcmp(type, "ustring");
}

/* A type of /dev/fspan, with [N]: gives the length of its name, or 0. */
static size_t module_type(const char *type)
{
	static const char * const names[] = {
		"u8", "u16", "u32", "u64", "s8", "s16", "s32", "s64", "x8", "x16", "x32", "x64",
		"char", "bool", "symbol", "string", "ustring",
	};
	size_t len = strcspn(type, "["), i;

	if (type[0] == 'b' && isdigit((unsigned char)type[1]))
		return is_bitfield(type) ? strlen(type) : 0;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strlen(names[i]) == len && !strncmp(names[i], type, len))
			break;
	if (i == sizeof(names) / sizeof(names[0]))
		return 0;
	/* text is an array itself */
	return !type[len] || (is_array(type + len) && !strstr(names[i], "string")) ? len : 0;
}

static enum view_kind view_of_module_type(const char *type)
{
	switch (type[0]) {
	case 'x':
		return VIEW_HEX;
	case 'c':
		return VIEW_CHAR;
	case 'b':
		return isdigit((unsigned char)type[1]) ? VIEW_PLAIN : VIEW_BOOL;
	case 's':
		return !strcmp(type, "symbol") ? VIEW_SYMBOL : VIEW_PLAIN;
	default:
		return VIEW_PLAIN;
	}
}

static int find_enum(const struct image *btf, const char *name, struct type *t)
{
	char full[160];

	if (!btf)
		return -1;
	snprintf(full, sizeof(full), "enum %s", strncmp(name, "enum ", 5) ? name : name + 5);
	return types_find(btf, full, t);
}

int field_check_type(const struct image *btf, const char *type, struct diag *d, int col)
{
	struct type t;

	if (module_type(type) || own_type(type) || !find_enum(btf, type, &t))
		return 0;
	diag_set(d, col, "unknown type '%s'", type);
	return diag_hint(d, "u8-u64 s8-s64 x8-x64 char bool symbol string ustring, with [N] an array; hex dec errno ipv4 ipv6 port mac; or an enum's name");
}

static bool is_pointer(const struct value *v)
{
	struct type t = type_skip(v->type, NULL);

	return t.id && btf_is_ptr(type_get(t));
}

static bool is_aggregate(const struct value *v)
{
	struct type t = type_skip(v->type, NULL);

	return t.id && (btf_is_array(type_get(t)) || btf_is_composite(type_get(t)));
}

/* The fetch argument of what is at the place that @v is, or points at. */
static int fetch_place(const struct value *v, bool user, char *buf, struct diag *d, int col)
{
	struct value place = *v;
	char base[FETCH_TEXT];

	if (v->memory && is_aggregate(v))
		return value_fetch(v, buf, d, col);
	if (value_fetch(v, base, d, col))
		return -1;
	place.derefs += v->memory;
	place.memory = true;
	place.offset = 0;
	place.user = v->points_to_user || user;
	strcpy(place.base, base);
	return value_fetch(&place, buf, d, col);
}

/* A number of @size bytes in a register at an offset: cut out as a bitfield. */
static int fetch_number(const struct value *v, char letter, size_t size, struct field_text *f,
			struct diag *d, int col)
{
	if (value_fetch(v, f->fetch, d, col))
		return -1;
	if (v->bit_size && !v->memory) {
		unsigned int shift = v->offset * 8 + v->bit_offset;

		if (shift + v->bit_size > 64)
			return diag_set(d, col, "this bitfield cannot be read in one piece");
		snprintf(f->type, sizeof(f->type), "b%u@%u/64", v->bit_size, shift);
		if (letter == 's')
			f->view.bits = v->bit_size;
		return 0;
	}
	if (v->bit_size) {
		unsigned int bits = v->bit_offset + v->bit_size, container = 8;
		unsigned int shift = v->bit_offset;
		struct value whole = *v;

		/* a container that is aligned, as the compiler reads it */
		while (container < 64) {
			unsigned int back = (unsigned int)v->offset % (container / 8);

			if (back * 8 + bits <= container)
				break;
			container *= 2;
		}
		whole.offset -= (unsigned int)v->offset % (container / 8);
		shift += (v->offset - whole.offset) * 8;
		if (shift + v->bit_size > container)
			return diag_set(d, col, "this bitfield cannot be read in one piece");
		snprintf(f->type, sizeof(f->type), "b%u@%u/%u", v->bit_size, shift, container);
		if (letter == 's')
			f->view.bits = v->bit_size;
		return value_fetch(&whole, f->fetch, d, col);
	}
	if (!v->memory && v->offset) {
		if (v->offset + size > 8)
			return diag_set(d, col, "this goes beyond its register");
		snprintf(f->type, sizeof(f->type), "b%hhu@%hhu/64", (unsigned char)(size * 8),
			 (unsigned char)(v->offset * 8));
		if (letter == 's')
			f->view.bits = size * 8;
		return 0;
	}
	snprintf(f->type, sizeof(f->type), "%c%zu", letter, size * 8);
	return 0;
}

static bool number_size(size_t size)
{
	return size == 1 || size == 2 || size == 4 || size == 8;
}

static bool signed_int(const struct btf_type *bt)
{
	return btf_is_int(bt) && btf_int_encoding(bt) & BTF_INT_SIGNED;
}

/* One of the module's types but strings and arrays: its letter and bytes. */
static int module_number(const struct value *v, const char *type, struct field_text *f,
			 struct diag *d, int col, int type_col)
{
	bool number = strchr("usx", type[0]) && isdigit((unsigned char)type[1]);
	bool cut = v->bit_size || (!v->memory && v->offset);
	size_t size = number ? strtoul(type + 1, NULL, 10) / 8 : 1;

	/* of a bitfield, and of what is not the first in its register, a part of what is fetched */
	if (cut && (number || !strcmp(type, "bool") || !strcmp(type, "char")))
		return fetch_number(v, number ? type[0] : 'u', size, f, d, col);
	if (cut)
		return diag_set(d, type_col, "'%s' is no type for a part of a word: u8 to u64 are, hex, dec",
				type);
	strcpy(f->type, type);
	return value_fetch(v, f->fetch, d, col);
}

static int with_type(const struct value *v, const char *type, struct field_text *f,
		     struct diag *d, int col, int type_col)
{
	const struct own_type *own = own_type(type);
	size_t size = type_size(v->type);
	char letter = 's';
	struct type t;

	/* it is in a register, which has no bytes to point at */
	if (!v->memory && is_aggregate(v) && !(own && own->bytes && own->bytes <= 4))
		return diag_set(d, type_col, "name a member of it");
	if (own && own->bytes) {
		f->view.kind = own->view;
		if (is_pointer(v) || own->bytes > 4 || (v->memory && is_aggregate(v))) {
			strcpy(f->type, own->type);
			return fetch_place(v, false, f->fetch, d, col);
		}
		return module_number(v, own->type, f, d, col, type_col);
	}
	if (own) {
		f->view.kind = own->view;
		if (!number_size(size))
			return diag_set(d, type_col, "'%s' is for numbers: this has %zu bytes", type, size);
		t = type_skip(v->type, NULL);
		if (own->view == VIEW_HEX)
			letter = 'x';
		else if (own->view == VIEW_PLAIN && !(t.id && signed_int(type_get(t))))
			letter = 'u';
		return fetch_number(v, letter, size, f, d, col);
	}
	if (!find_enum(v->type.btf, type, &t)) {
		f->view.kind = VIEW_ENUM;
		f->view.type = t;
		return fetch_number(v, 'u', number_size(size) ? size : 4, f, d, col);
	}
	if (strlen(type) >= sizeof(f->type))
		return diag_set(d, type_col, "unknown type '%s'", type);
	f->view.kind = view_of_module_type(type);
	if (is_string(type) || strchr(type, '[')) {
		strcpy(f->type, type);
		return fetch_place(v, !strcmp(type, "ustring"), f->fetch, d, col);
	}
	return module_number(v, type, f, d, col, type_col);
}

/* A number's letter and view; NULL typedef name: none. False: it is no number. */
static bool number_view(struct type t, const char *name, char *letter, struct view *view)
{
	const struct btf_type *bt = type_get(t);

	if (btf_is_any_enum(bt)) {
		view->kind = VIEW_ENUM;
		view->type = t;
		*letter = btf_kflag(bt) ? 's' : 'u';
		return true;
	}
	if (!btf_is_int(bt))
		return false;
	*letter = signed_int(bt) ? 's' : 'u';
	if (btf_int_encoding(bt) & BTF_INT_BOOL)
		view->kind = VIEW_BOOL;
	else if (name && (!strcmp(name, "__be16") || !strcmp(name, "__sum16")))
		view->kind = name[2] == 'b' ? VIEW_PORT : VIEW_HEX;
	else if (name && !strcmp(name, "__be32"))
		view->kind = VIEW_BE32;
	return true;
}

static int array_field(const struct value *v, struct type t, struct field_text *f,
		       struct diag *d, int col)
{
	const struct btf_array *a = btf_array(type_get(t));
	struct type e = { t.btf, a->type }, base;
	const char *name;
	size_t size = type_size(e);
	char letter;

	if (!v->memory) {
		diag_set(d, col, "an array in a register is no field");
		return diag_hint(d, "take one, [0]");
	}
	if (value_fetch(v, f->fetch, d, col))
		return -1;
	if (type_is_char(e)) {
		if (a->nelems && a->nelems <= MAX_ARRAY)
			snprintf(f->type, sizeof(f->type), "char[%u]", a->nelems);
		else
			strcpy(f->type, "string");
		return 0;
	}
	base = type_skip(e, &name);
	if (!a->nelems || a->nelems > MAX_ARRAY) {
		diag_set(d, col, "an array of %u elements is no field", a->nelems);
		return diag_hint(d, "take one, [0], or up to %d by a type: :u32[%d]", MAX_ARRAY, MAX_ARRAY);
	}
	if (btf_is_ptr(type_get(base))) {
		letter = 'x';
		size = 8;
	} else if (!number_view(base, name, &letter, &f->view) || !number_size(size)) {
		diag_set(d, col, "this array's elements are no numbers");
		return diag_hint(d, "take a member of one: [0].MEMBER");
	}
	snprintf(f->type, sizeof(f->type), "%c%zu[%u]", letter, size * 8, a->nelems);
	return 0;
}

static int struct_field(const struct value *v, struct type t, struct field_text *f,
			struct diag *d, int col)
{
	const char *outer;
	char name[200];

	type_print_name(t, name, sizeof(name));
	if (!strcmp(name, "struct in6_addr"))
		return with_type(v, "ipv6", f, d, col, col);
	if (!strcmp(name, "struct in_addr"))
		return with_type(v, "ipv4", f, d, col, col);
	/* by its typedef, if that is all the name it has */
	type_skip(v->type, &outer);
	if (strstr(name, "{...}") && outer)
		snprintf(name, sizeof(name), "%s", outer);
	diag_set(d, col, "'%s' is no field of its own", name);
	diag_hint(d, "name a member of it");
	return diag_hint(d, "its members: fspan show --members '%s'", name);
}

static int pointer_field(const struct value *v, const struct btf_type *bt, struct field_text *f,
			 struct diag *d, int col)
{
	struct type to = { v->type.btf, bt->type };

	if (type_is_char(to)) {
		strcpy(f->type, v->points_to_user ? "ustring" : "string");
		return fetch_place(v, false, f->fetch, d, col);
	}
	to = type_skip(to, NULL);
	if (to.id && btf_is_func_proto(type_get(to))) {
		strcpy(f->type, "symbol");
		f->view.kind = VIEW_SYMBOL;
	} else {
		strcpy(f->type, "x64");
		f->view.kind = VIEW_POINTER;
	}
	return value_fetch(v, f->fetch, d, col);
}

int field_of_value(const struct value *v, const char *type, struct field_text *f,
		   struct diag *d, int col, int type_col)
{
	const struct btf_type *bt;
	const char *name;
	struct type t;
	char letter;
	size_t size;

	memset(f, 0, sizeof(*f));
	if (type)
		return with_type(v, type, f, d, col, type_col);
	t = type_skip(v->type, &name);
	bt = type_get(t);
	if (!t.id)
		return diag_set(d, col, "void is no value: cast the pointer, (struct T *)");
	if (btf_is_ptr(bt))
		return pointer_field(v, bt, f, d, col);
	if (btf_is_array(bt))
		return array_field(v, t, f, d, col);
	if (btf_is_composite(bt))
		return struct_field(v, t, f, d, col);
	size = type_size(t);
	if (!number_view(t, name, &letter, &f->view) || !number_size(size))
		return diag_set(d, col, "a value of this type (%zu bytes) cannot be fetched", size);
	/* char of this name: unsigned since 6.2, as unsigned char, a number, always was */
	if (type_is_char(v->type) && !strcmp(type_string(t, bt->name_off), "char"))
		f->view.kind = VIEW_CHAR;
	return fetch_number(v, letter, size, f, d, col);
}

int field_of_fetch(const char *fetch, const char *type, struct field_text *f, struct diag *d,
		   int type_col)
{
	const struct own_type *own = type ? own_type(type) : NULL;
	struct type t;

	memset(f, 0, sizeof(*f));
	if (strlen(fetch) >= sizeof(f->fetch))
		return diag_set(d, -1, "a fetch argument has at most %zu letters", sizeof(f->fetch) - 1);
	strcpy(f->fetch, fetch);
	if (!type)
		return 0;
	if (own) {
		f->view.kind = own->view;
		strcpy(f->type, own->type ?: own->view == VIEW_HEX ? "x64" : "s64");
	} else if (!module_type(type) && !find_enum(types_kernel(NULL), type, &t)) {
		f->view.kind = VIEW_ENUM;
		f->view.type = t;
		strcpy(f->type, "u32");
	} else if (strlen(type) >= sizeof(f->type)) {
		return diag_set(d, type_col, "unknown type '%s'", type);
	} else {
		f->view.kind = view_of_module_type(type);
		strcpy(f->type, type);
	}
	return 0;
}

int field_check_return(const char *type, struct diag *d, int col)
{
	const struct own_type *own = own_type(type);

	if (field_check_type(types_kernel(NULL), type, d, col))
		return -1;
	/* it is one register: no text, and no bytes to point at */
	if (is_string(type) || strchr(type, '[') || (own && own->bytes > 4) ||
	    (type[0] == 'b' && isdigit((unsigned char)type[1]))) {
		diag_set(d, col, "'%s' is no type for a return value, which is a number", type);
		return diag_hint(d, "what it points at is a field of its own, as in s=ret:string");
	}
	return 0;
}

void field_of_return(struct type t, const char *type, struct field_text *f)
{
	const struct own_type *own = type ? own_type(type) : NULL;
	const struct btf_type *bt;
	const char *name;
	size_t size;
	char letter;

	memset(f, 0, sizeof(*f));
	f->view.kind = VIEW_ERRNO;
	if (type && !own && !module_type(type) &&
	    !find_enum(types_kernel(NULL), type, &f->view.type)) {
		strcpy(f->type, "u32");
		f->view.kind = VIEW_ENUM;
		return;
	}
	if (type && !own && module_type(type)) {
		snprintf(f->type, sizeof(f->type), "%s", type);
		f->view.kind = view_of_module_type(type);
		return;
	}
	if (!t.btf) {
		if (own)
			f->view.kind = own->view;
		return;
	}
	t = type_skip(t, &name);
	bt = type_get(t);
	size = type_size(t);
	if (!t.id) {
		strcpy(f->type, "void");
	} else if (btf_is_ptr(bt) || (btf_is_composite(bt) && size > 16)) {
		strcpy(f->type, "x64");
		f->view.kind = VIEW_POINTER;
	} else if (btf_is_composite(bt)) {
		/* what of it is in the register: no number, and no errno */
		snprintf(f->type, sizeof(f->type), "x%zu", number_size(size) ? size * 8 : 64);
		f->view.kind = VIEW_HEX;
	} else if (number_view(t, name, &letter, &f->view) && number_size(size)) {
		if (letter == 'u' && f->view.kind == VIEW_ERRNO)
			f->view.kind = VIEW_PLAIN;
		if (f->view.kind == VIEW_BOOL)
			strcpy(f->type, "bool");
		else
			snprintf(f->type, sizeof(f->type), "%c%zu", letter, size * 8);
	}
	if (own && own->view == VIEW_HEX && number_size(size)) {
		snprintf(f->type, sizeof(f->type), "x%zu", size * 8);
		f->view.kind = VIEW_HEX;
	} else if (own) {
		f->view.kind = own->view;
	}
}
