// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <string.h>

#include "parameters.h"

#if defined(__x86_64__)
#define REGISTERS 6
#else
#define REGISTERS 8
#endif

void parameters_init(struct parameters *p, const struct function *f, bool syscall)
{
	const struct syscall *sc = syscall ? syscall_of(f->name) : NULL;

	memset(p, 0, sizeof(*p));
	p->function = f->name;
	p->module = f->module;
	p->proto = f->proto;
	p->syscall = syscall;
	p->first = f->tracepoint;
	if (sc)
		p->syscall_copy = *sc;
}

int parameters_count(const struct parameters *p)
{
	const struct btf_type *bt;
	int n;

	if (p->syscall)
		return p->syscall_copy.nargs;
	if (!p->proto.btf)
		return 0;
	bt = type_get(p->proto);
	n = btf_vlen(bt);
	/* the ... of a variadic function has no type */
	if (n && !btf_params(bt)[n - 1].type)
		n--;
	return n > p->first ? n - p->first : 0;
}

static const struct btf_param *parameter(const struct parameters *p, int i)
{
	return &btf_params(type_get(p->proto))[p->first + i];
}

const char *parameters_name(const struct parameters *p, int i)
{
	return p->syscall ? p->syscall_copy.arg[i].name :
			    type_string(p->proto, parameter(p, i)->name_off);
}

/*
 * A struct of more than 16 bytes is returned in memory that the caller provides:
 * on x86-64 its address is what comes first, and what is returned.
 */
static bool returned_in_memory(const struct parameters *p)
{
	struct type t = type_skip((struct type){ p->proto.btf, type_get(p->proto)->type }, NULL);

	return t.id && btf_is_composite(type_get(t)) && type_size(t) > 16;
}

/*
 * The argument's register, from 1; beyond REGISTERS it is on the stack, which
 * $argN reaches too. Structs by value: up to 8 bytes take one, up to 16 two.
 */
static int register_of(const struct parameters *p, int param, struct diag *d, int col)
{
	const struct btf_type *bt = type_get(p->proto);
	int i, at = 1;

#if defined(__x86_64__)
	at += returned_in_memory(p);
#endif
	for (i = 0; i <= param; i++) {
		struct type t =
			type_skip((struct type){ p->proto.btf, btf_params(bt)[i].type }, NULL);
		size_t size = type_size(t);
		bool composite = t.id && btf_is_composite(type_get(t));
		int words = size > 8 && size <= 16 ? 2 : 1;

		if ((composite && size > 16) || (t.id && btf_kind(type_get(t)) == BTF_KIND_FLOAT))
			return diag_set(d, col, "this parameter comes behind one that is passed on the stack: where is not known");
		if (at <= REGISTERS && at + words - 1 > REGISTERS)
			return diag_set(d, col, "this parameter is not in registers: where is not known");
		if (i < param)
			at += words;
	}
	return at;
}

static int no_parameter(const struct parameters *p, const char *name, struct diag *d, int col)
{
	struct diag_near near = { .have = name };
	char list[512] = "";
	int i, n = parameters_count(p);

	if (p->syscall)
		diag_set(d, col, "the system call %s has no argument '%s'", p->syscall_copy.name, name);
	else
		diag_set(d, col, "'%s' has no parameter '%s'", p->function, name);
	for (i = 0; i < n; i++) {
		const char *have = parameters_name(p, i);
		size_t len = strlen(list);

		diag_near_add(&near, have);
		snprintf(list + len, sizeof(list) - len, "%s%s", len ? ", " : "", have);
	}
	diag_near_hint(d, &near);
	return diag_hint(d, n ? "it has: %s" : "it has none", list);
}

/* "const char *", "struct sockaddr *", "unsigned int" of the metadata, by name in BTF */
static int metadata_type(const char *text, struct value *v, struct diag *d, int col)
{
	char name[64] = "";
	int stars = 0;
	size_t len;

	v->type = (struct type){ types_kernel(d), 0 };
	if (!v->type.btf) {
		d->col = col;
		return -1;
	}
	for (; *text; text += len) {
		len = strcspn(text, " *");
		if (*text == '*')
			stars++;
		if (!len) {
			len = 1;
			continue;
		}
		if (!strncmp(text, "const", len) || !strncmp(text, "__user", len))
			continue;
		if (strlen(name) + len + 2 > sizeof(name))
			break;
		if (name[0])
			strcat(name, " ");
		strncat(name, text, len);
	}
	/* nothing is known of it: it is as wide as the register */
	if (value_cast(v, name, stars, d, col))
		return value_cast(v, stars ? "void" : "long", stars ? 1 : 0, d, col);
	return 0;
}

static int syscall_argument(const struct parameters *p, const char *name)
{
	int i;

	for (i = 0; i < p->syscall_copy.nargs; i++)
		if (!strcmp(p->syscall_copy.arg[i].name, name))
			return i;
	return -1;
}

int parameters_value(const struct parameters *p, const char *name, struct value *v,
		     struct diag *d, int col)
{
	int i, n = parameters_count(p);

	memset(v, 0, sizeof(*v));
	if (p->syscall) {
		i = syscall_argument(p, name);
		if (i < 0)
			return no_parameter(p, name, d, col);
		strcpy(v->base, "$arg1");
		v->memory = true;
		v->points_to_user = true;
		v->offset = syscall_offset(i);
		return metadata_type(p->syscall_copy.arg[i].type, v, d, col);
	}
	if (!p->proto.btf) {
		if (!types_kernel(d)) {
			d->col = col;
			return -1;
		}
		diag_set(d, col, "BTF has no prototype of '%s': its parameters have no names", p->function);
		if (p->module)
			diag_hint(d, "does the module have BTF, and is it loaded? see /sys/kernel/btf/%s", p->module);
		return diag_hint(d, "use registers: %s=$arg1:u64, +OFF($arg1):TYPE", name);
	}
	for (i = 0; i < n; i++)
		if (!strcmp(type_string(p->proto, parameter(p, i)->name_off), name))
			break;
	if (i == n)
		return no_parameter(p, name, d, col);
	n = register_of(p, p->first + i, d, col);
	if (n < 0)
		return -1;
	snprintf(v->base, sizeof(v->base), "$arg%d", n - p->first);
	v->type = (struct type){ p->proto.btf, parameter(p, i)->type };
	return 0;
}

struct type parameters_return_type(const struct parameters *p)
{
	struct type t = { p->proto.btf, 0 };

	if (t.btf)
		t.id = type_get(p->proto)->type;
	return t;
}

int parameters_return(const struct parameters *p, struct value *v, struct diag *d, int col)
{
	memset(v, 0, sizeof(*v));
	strcpy(v->base, "$retval");
	/* all of them return long, as their metadata does not say */
	if (p->syscall && types_kernel(NULL) && !types_find(types_kernel(NULL), "long", &v->type))
		return 0;
	if (!p->proto.btf) {
		diag_set(d, col, "the type of what '%s' returns is not known", p->function);
		return diag_hint(d, "use x@ret=+OFF($retval):TYPE");
	}
	v->type = parameters_return_type(p);
	if (type_is_void(v->type))
		return diag_set(d, col, "'%s' returns nothing", p->function);
	if (!returned_in_memory(p))
		return 0;
#if defined(__x86_64__)
	v->memory = true;
	return 0;
#else
	return diag_set(d, col, "'%s' returns a struct in memory: where is not known", p->function);
#endif
}

int parameters_syscall_field(const struct parameters *p, const char *name, struct field_text *f,
			     struct diag *d, int col)
{
	static const struct {
		const char *type;
		const char *fetch;
	} known[] = {
		{ "int", "s32" }, { "unsigned int", "u32" }, { "pid_t", "s32" }, { "long", "s64" },
		{ "size_t", "u64" }, { "loff_t", "s64" }, { "off_t", "s64" }, { "clockid_t", "s32" },
		{ "umode_t", "u16" }, { "uid_t", "u32" }, { "gid_t", "u32" }, { "unsigned long", "u64" },
	};
	int i = syscall_argument(p, name);
	const char *type;
	size_t k;

	memset(f, 0, sizeof(*f));
	if (i < 0)
		return no_parameter(p, name, d, col);
	type = p->syscall_copy.arg[i].type;
	snprintf(f->fetch, sizeof(f->fetch), "+%d($arg1)", syscall_offset(i));
	/* const char *buf, of write, is no string */
	if (!strcmp(type, "const char *") && !strstr(name, "buf")) {
		snprintf(f->fetch, sizeof(f->fetch), "+0(+%d($arg1))", syscall_offset(i));
		strcpy(f->type, "ustring");
		return 0;
	}
	for (k = 0; k < sizeof(known) / sizeof(known[0]); k++)
		if (!strcmp(known[k].type, type))
			break;
	if (strchr(type, '*')) {
		strcpy(f->type, "x64");
		f->view.kind = VIEW_POINTER;
	} else if (k < sizeof(known) / sizeof(known[0])) {
		strcpy(f->type, known[k].fetch);
	} else {
		strcpy(f->type, "x64");
		f->view.kind = VIEW_HEX;
	}
	return 0;
}

/* char *, and not const char *, which is no string either if it is called a buffer */
static bool is_buffer(struct type t, const char *name)
{
	const struct btf_type *bt;

	t = type_skip(t, NULL);
	bt = type_get(t);
	if (!t.id || !btf_is_ptr(bt))
		return false;
	t.id = bt->type;
	return type_is_char(t) && (btf_is_int(type_get(t)) || strstr(name, "buf"));
}

int parameters_field(const struct parameters *p, int i, char *name, size_t size,
		     struct field_text *f, struct diag *d)
{
	struct value v;

	/* of several functions one may have fewer, or no prototype */
	if (i >= parameters_count(p))
		return -1;
	if (p->syscall) {
		snprintf(name, size, "%s", p->syscall_copy.arg[i].name);
		return parameters_syscall_field(p, name, f, d, 0);
	}
	snprintf(name, size, "%s", parameters_name(p, i));
	if (!*name)
		return -1;
	if (parameters_value(p, name, &v, d, 0) || field_of_value(&v, NULL, f, d, 0, 0))
		return -1;
	/* char *buf is where a string may be put, and none at entry: nobody asked for it by name */
	if (is_buffer(v.type, name)) {
		field_of_value(&v, "x64", f, d, 0, 0);
		f->view.kind = VIEW_POINTER;
	}
	return 0;
}
