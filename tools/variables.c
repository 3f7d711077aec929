// SPDX-License-Identifier: GPL-2.0
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <tracefs.h>

#include "cgroup.h"
#include "file.h"
#include "options.h"
#include "variables.h"

struct variable {
	const struct btf_type *type;	/* without const, volatile, typedefs */
	char *at;			/* in what will be the map */
	size_t size;
};

/* Each constant that has a name of the user's. @fn returns non-zero to end. */
static int each(struct bpf_object *obj,
		int (*fn)(const char *name, const struct variable *v, void *arg), void *arg)
{
	struct btf *btf = bpf_object__btf(obj);
	struct bpf_map *map = bpf_object__find_map_by_name(obj, ".rodata");
	int id = btf ? btf__find_by_name_kind(btf, ".rodata", BTF_KIND_DATASEC) : -1, ret = 0;
	const struct btf_type *sec;
	size_t size = 0;
	char *data;
	int i;

	/* ours to write until it is loaded, as skeletons do */
	data = map ? (char *)bpf_map__initial_value(map, &size) : NULL;
	if (id < 0 || !data)
		return 0;
	sec = btf__type_by_id(btf, id);
	for (i = 0; i < btf_vlen(sec) && !ret; i++) {
		const struct btf_var_secinfo *in = &btf_var_secinfos(sec)[i];
		const struct btf_type *var = btf__type_by_id(btf, in->type);
		struct variable v = { .at = data + in->offset, .size = in->size };
		int type = btf__resolve_type(btf, in->type);

		if (type < 0 || in->offset + in->size > size ||
		    btf_var(var)->linkage != BTF_VAR_GLOBAL_ALLOCATED)
			continue;
		v.type = btf__type_by_id(btf, type);
		ret = fn(btf__name_by_offset(btf, var->name_off), &v, arg);
	}
	return ret;
}

struct wanted {
	const char *name;
	struct variable v;
};

static int is_wanted(const char *name, const struct variable *v, void *arg)
{
	struct wanted *w = arg;

	if (strcmp(name, w->name))
		return 0;
	w->v = *v;
	return 1;
}

bool variables_has(struct bpf_object *obj, const char *name)
{
	struct wanted w = { .name = name };

	return each(obj, is_wanted, &w);
}

struct names {
	struct diag_near near;
	char list[512];
};

static int add_name(const char *name, const struct variable *v, void *arg)
{
	struct names *n = arg;
	size_t len = strlen(n->list);

	(void)v;
	diag_near_add(&n->near, name);
	snprintf(n->list + len, sizeof(n->list) - len, "%s%s", len ? ", " : "", name);
	return 0;
}

/* The id of an event, of group fspan without a group. */
static int event_id(const char *name, unsigned long long *id, struct diag *d, int col)
{
	char *text = file_readf("%s/events/%s%s/id", tracefs_tracing_dir() ?: "",
				strchr(name, '/') ? "" : "fspan/", name);

	if (!text) {
		diag_set(d, col, "'%s' is no number, and no event: %s", name, strerror(errno));
		return diag_hint(d, "a value is a number, a time as in 10ms, the path of a cgroup, or an event, [GROUP/]EVENT");
	}
	*id = strtoull(text, NULL, 10);
	free(text);
	return 0;
}

/* @val: as wide as can be. @negative: it is that of a negative number. */
static int value_of(const char *text, unsigned long long *val, bool *negative, struct diag *d,
		    int col)
{
	char *end, path[PATH_MAX];

	*negative = false;
	if (!strcmp(text, "true") || !strcmp(text, "false")) {
		*val = text[0] == 't';
		return 0;
	}
	if (isdigit((unsigned char)text[0]) || text[0] == '-') {
		errno = 0;
		*val = text[0] == '-' ? (unsigned long long)strtoll(text, &end, 0) :
					strtoull(text, &end, 0);
		*negative = text[0] == '-' && *val;
		if (end != text && !*end && !errno)
			return 0;
		if (!errno && options_duration(text, 0, val))
			return 0;
		if (errno)
			return diag_set(d, col, "'%s' is too large a number", text);
	}
	if (text[0] != '/')
		return event_id(text, val, d, col);
	if (cgroup_find(text, path, sizeof(path), d, col))
		return -1;
	*val = cgroup_id(path);
	return 0;
}

static bool fits(unsigned long long val, bool negative, const struct btf_type *t, size_t size)
{
	bool is_signed = btf_is_int(t) && btf_int_encoding(t) & BTF_INT_SIGNED;
	unsigned int bits = 8 * size - is_signed;

	if (btf_is_int(t) && btf_int_encoding(t) & BTF_INT_BOOL)
		bits = 1;
	if (negative)
		return is_signed && (long long)val >= -1LL - (long long)(~0ULL >> (64 - bits));
	return bits >= 64 || !(val >> bits);
}

static bool is_text(const struct bpf_object *obj, const struct btf_type *t)
{
	const struct btf *btf = bpf_object__btf(obj);
	int id;

	if (!btf_is_array(t))
		return false;
	id = btf__resolve_type(btf, btf_array(t)->type);
	return id > 0 && btf__resolve_size(btf, id) == 1;
}

int variables_set(struct bpf_object *obj, const char *assignment, struct diag *d)
{
	const char *text = strchr(assignment, '=');
	struct wanted w = {};
	unsigned long long val;
	bool negative;
	char name[128];
	int col;

	d->text = assignment;
	if (!text || text == assignment)
		return diag_set(d, 0, "'%s' is no VAR=VALUE", assignment);
	snprintf(name, sizeof(name), "%.*s", (int)(text - assignment), assignment);
	col = ++text - assignment;
	w.name = name;
	if (!each(obj, is_wanted, &w)) {
		struct names n = { .near.have = name };

		each(obj, add_name, &n);
		diag_set(d, 0, "the program has no constant '%s'", name);
		diag_near_hint(d, &n.near);
		return diag_hint(d, *n.list ? "it has: %s" : "it has none: one is const volatile, and global", n.list);
	}
	if (is_text(obj, w.v.type)) {
		if (strlen(text) >= w.v.size)
			return diag_set(d, col, "this has room for %zu letters", w.v.size - 1);
		memset(w.v.at, 0, w.v.size);
		strcpy(w.v.at, text);
		return 0;
	}
	if ((!btf_is_int(w.v.type) && !btf_is_any_enum(w.v.type)) || w.v.size > 8)
		return diag_set(d, 0, "'%s' is neither a number nor an array of char", name);
	if (value_of(text, &val, &negative, d, col))
		return -1;
	if (!fits(val, negative, w.v.type, w.v.size))
		return diag_set(d, col, "'%s' does not fit into %zu byte%s", text, w.v.size, w.v.size > 1 ? "s" : "");
	/* little endian, as all that fspan runs on */
	memcpy(w.v.at, &val, w.v.size);
	return 0;
}
