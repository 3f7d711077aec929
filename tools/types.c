// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "file.h"
#include "kept.h"
#include "types.h"

#define MAX_NESTING 16
#define BTF	    "/sys/kernel/btf"
#define KEPT	    "types"

static const struct image *load_kernel(void)
{
	struct image *image = NULL;
	struct stat st;
	const void *data;
	size_t size;
	char *raw;

	if (stat(BTF "/vmlinux", &st))
		return NULL;
	data = kept_map(KEPT, &size);
	if (data)
		image = image_open(data, size, st.st_size);
	if (image)
		return image;
	raw = file_read_data(BTF "/vmlinux", &size);
	image = raw ? image_make(raw, size, NULL) : NULL;
	free(raw);
	if (image) {
		data = image_data(image, &size);
		kept_write(KEPT, data, size);
	}
	return image;
}

const struct image *types_kernel(struct diag *d)
{
	static const struct image *btf;
	static bool tried;

	if (!tried) {
		tried = true;
		btf = load_kernel();
	}
	if (!btf && d) {
		diag_set(d, -1, "the kernel has no BTF: names cannot be looked up in " BTF "/vmlinux");
		diag_hint(d, "write fetch arguments, as in vfs_read(count=$arg3:u64), or use a kernel with CONFIG_DEBUG_INFO_BTF");
	}
	return btf;
}

const struct image *types_module(const char *module)
{
	static struct {
		char name[64];
		const struct image *btf;
	} *known;
	static size_t n;
	const struct image *base = types_kernel(NULL);
	char path[128], *raw;
	size_t i, size;

	if (!base)
		return NULL;
	for (i = 0; i < n; i++)
		if (!strcmp(known[i].name, module))
			return known[i].btf;
	known = reallocarray(known, n + 1, sizeof(*known));
	if (!known)
		abort();
	snprintf(known[n].name, sizeof(known[n].name), "%s", module);
	snprintf(path, sizeof(path), BTF "/%s", module);
	raw = file_read_data(path, &size);
	known[n].btf = raw ? image_make(raw, size, base) : NULL;
	free(raw);
	return known[n++].btf;
}

int types_prototype(const struct image *btf, const char *name, struct type *proto)
{
	unsigned int id = btf ? image_find(btf, name, BTF_KIND_FUNC) : 0;

	if (!id)
		return -1;
	proto->btf = btf;
	proto->id = image_type(btf, id)->type;
	return 0;
}

int types_find(const struct image *btf, const char *name, struct type *t)
{
	static const struct {
		const char *prefix;
		int kinds[3];
	} kinds[] = {
		{ "struct ", { BTF_KIND_STRUCT } }, { "union ", { BTF_KIND_UNION } },
		{ "enum ", { BTF_KIND_ENUM, BTF_KIND_ENUM64 } },
		{ "", { BTF_KIND_TYPEDEF, BTF_KIND_INT, BTF_KIND_ENUM } },
	};
	static const struct {
		const char *name, *btf;
	} spelled[] = {
		{ "unsigned", "unsigned int" }, { "long", "long int" },
		{ "unsigned long", "long unsigned int" }, { "short", "short int" },
		{ "unsigned short", "short unsigned int" }, { "bool", "_Bool" },
		{ "long long", "long long int" }, { "unsigned long long", "long long unsigned int" },
	};
	size_t i, j;

	for (i = 0; i < sizeof(spelled) / sizeof(spelled[0]); i++)
		if (!strcmp(spelled[i].name, name))
			name = spelled[i].btf;
	t->btf = btf;
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		size_t len = strlen(kinds[i].prefix);

		if (strncmp(name, kinds[i].prefix, len))
			continue;
		/* a module's own before the kernel's of that name */
		for (; btf; btf = image_base(btf)) {
			for (j = 0; j < 3 && kinds[i].kinds[j]; j++) {
				t->id = image_find(btf, name + len, kinds[i].kinds[j]);
				if (t->id)
					return 0;
			}
		}
		return -1;
	}
	return -1;
}

const struct btf_type *type_get(struct type t)
{
	return image_type(t.btf, t.id);
}

const char *type_string(struct type t, unsigned int name_off)
{
	return image_string(t.btf, name_off);
}

struct type type_skip(struct type t, const char **name)
{
	const struct btf_type *bt = type_get(t);

	if (name)
		*name = NULL;
	while (t.id && bt) {
		if (btf_is_typedef(bt) && name && !*name)
			*name = type_string(t, bt->name_off);
		if (!btf_is_mod(bt) && !btf_is_typedef(bt) && !btf_is_type_tag(bt))
			break;
		t.id = bt->type;
		bt = type_get(t);
	}
	return t;
}

size_t type_size(struct type t)
{
	const struct btf_type *bt;
	size_t n = 1;
	int depth;

	for (depth = 0; depth < MAX_NESTING; depth++) {
		t = type_skip(t, NULL);
		bt = type_get(t);
		if (!t.id || !bt)
			return 0;
		if (btf_is_int(bt) || btf_is_float(bt) || btf_is_any_enum(bt) ||
		    btf_is_composite(bt))
			return n * bt->size;
		if (btf_is_ptr(bt))
			return n * sizeof(void *);
		if (!btf_is_array(bt))
			return 0;
		n *= btf_array(bt)->nelems;
		t.id = btf_array(bt)->type;
	}
	return 0;
}

/* char is text, and unsigned char by this name; u8, a typedef, is a number */
bool type_is_char(struct type t)
{
	const struct btf_type *bt = type_get(t);
	const char *name;

	while (t.id && (btf_is_mod(bt) || btf_is_type_tag(bt))) {
		t.id = bt->type;
		bt = type_get(t);
	}
	if (!t.id || !btf_is_int(bt) || bt->size != 1)
		return false;
	name = type_string(t, bt->name_off);
	return !strcmp(name, "char") || !strcmp(name, "unsigned char");
}

bool type_is_void(struct type t)
{
	return !type_skip(t, NULL).id;
}

void type_print_name(struct type t, char *buf, size_t size)
{
	const struct btf_type *bt = type_get(t);
	const char *name = t.id ? type_string(t, bt->name_off) : "void";
	const char *kind = "";

	if (t.id && (btf_is_struct(bt) || (btf_kind(bt) == BTF_KIND_FWD && !btf_kflag(bt))))
		kind = "struct ";
	else if (t.id && (btf_is_union(bt) || btf_kind(bt) == BTF_KIND_FWD))
		kind = "union ";
	else if (t.id && btf_is_any_enum(bt))
		kind = "enum ";
	snprintf(buf, size, "%s%s", kind, *name ? name : "{...}");
}

/* @decl is what stands around the variable so far. */
static void print_declaration(struct type t, const char *decl, char *buf, size_t size, int depth)
{
	const struct btf_type *bt = type_get(t);
	char inner[512], name[160];
	int i, n;

	if (t.id && bt && depth < MAX_NESTING) {
		struct type sub = { t.btf, bt->type };
		const struct btf_type *st = type_get(sub);
		const char *qualifier = NULL;

		switch (btf_kind(bt)) {
		case BTF_KIND_PTR:
			while (sub.id && btf_is_mod(st) && btf_kind(st) != BTF_KIND_CONST) {
				sub.id = st->type;
				st = type_get(sub);
			}
			if (sub.id && (btf_is_func_proto(st) || btf_is_array(st)))
				snprintf(inner, sizeof(inner), "(*%s)", decl);
			else
				snprintf(inner, sizeof(inner), "*%s", decl);
			print_declaration(sub, inner, buf, size, depth + 1);
			return;
		case BTF_KIND_ARRAY:
			snprintf(inner, sizeof(inner), "%s[%u]", decl, btf_array(bt)->nelems);
			sub.id = btf_array(bt)->type;
			print_declaration(sub, inner, buf, size, depth + 1);
			return;
		case BTF_KIND_FUNC_PROTO:
			n = snprintf(inner, sizeof(inner), "%s(", decl);
			for (i = 0; i < btf_vlen(bt) && n < (int)sizeof(inner) - 8; i++) {
				struct type p = { t.btf, btf_params(bt)[i].type };

				if (i)
					n += snprintf(inner + n, sizeof(inner) - n, ", ");
				if (n >= (int)sizeof(inner) - 8)
					break;
				if (!p.id)
					snprintf(name, sizeof(name), "...");
				else
					print_declaration(
						p, type_string(t, btf_params(bt)[i].name_off), name,
						sizeof(name), depth + 1);
				n += snprintf(inner + n, sizeof(inner) - n, "%s", name);
			}
			if (n < (int)sizeof(inner) - 1)
				snprintf(inner + n, sizeof(inner) - n, "%s)", btf_vlen(bt) ? "" : "void");
			print_declaration(sub, inner, buf, size, depth + 1);
			return;
		case BTF_KIND_CONST:
			qualifier = "const ";
			break;
		case BTF_KIND_VOLATILE:
			qualifier = "volatile ";
			break;
		case BTF_KIND_RESTRICT:
		case BTF_KIND_TYPE_TAG:
			qualifier = "";
			break;
		default:
			break;
		}
		if (qualifier) {
			print_declaration(sub, decl, inner, sizeof(inner), depth + 1);
			/* of a pointer it is the variable's matter: said by nobody here */
			snprintf(buf, size, "%s%s", sub.id && btf_is_ptr(st) ? "" : qualifier, inner);
			return;
		}
	}
	type_print_name(t, name, sizeof(name));
	snprintf(buf, size, "%s%s%s", name, *decl ? " " : "", decl);
}

void type_print(struct type t, const char *var, char *buf, size_t size)
{
	print_declaration(t, var ? var : "", buf, size, 0);
}

struct walk {
	int (*fn)(const struct member *m, void *arg);
	void *arg;
};

static int walk_members(struct type t, unsigned int base, const struct walk *w, int depth)
{
	const struct btf_type *bt;
	int i, ret;

	t = type_skip(t, NULL);
	bt = type_get(t);
	if (!t.id || !btf_is_composite(bt) || depth > MAX_NESTING)
		return 0;
	for (i = 0; i < btf_vlen(bt); i++) {
		const struct btf_member *bm = &btf_members(bt)[i];
		struct member m = {
			.name = type_string(t, bm->name_off),
			.type = { t.btf, bm->type },
			.bit_offset = base + btf_member_bit_offset(bt, i),
			.bit_size = btf_member_bitfield_size(bt, i),
		};

		ret = *m.name ? w->fn(&m, w->arg)
			      : walk_members(m.type, m.bit_offset, w, depth + 1);
		if (ret)
			return ret;
	}
	return 0;
}

int type_members(struct type t, int (*fn)(const struct member *m, void *arg), void *arg)
{
	const struct walk w = { fn, arg };

	return walk_members(t, 0, &w, 0);
}

struct search {
	const char *name;
	struct member *found;
};

static int is_it(const struct member *m, void *arg)
{
	struct search *s = arg;

	if (strcmp(m->name, s->name))
		return 0;
	*s->found = *m;
	return 1;
}

int type_member(struct type t, const char *name, struct member *m)
{
	struct search s = { name, m };

	return type_members(t, is_it, &s) ? 0 : -1;
}
