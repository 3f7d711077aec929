// SPDX-License-Identifier: GPL-2.0
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compile.h"
#include "field.h"
#include "parameters.h"

#define MAX_FUNCTIONS	8192	/* of one definition: the module's limit */
#define LIST_MAX 256 /* functions that are named one by one; more are left to the module's glob */

/* Text that grows. */
static void append(char **s, const char *fmt, ...)
{
	char *more, *all;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&more, fmt, ap) < 0)
		abort();
	va_end(ap);
	if (asprintf(&all, "%s%s", *s ?: "", more) < 0)
		abort();
	free(*s);
	free(more);
	*s = all;
}

bool definition_has_field(const struct definition *def, const char *name)
{
	int i;

	for (i = 0; i < def->nfields; i++)
		if (!strcmp(def->field[i].name, name))
			return true;
	return false;
}

void definition_add_field(struct definition *def, const char *name, const char *fetch)
{
	append(&def->fields, " %s=%s", name, fetch);
}

bool definitions_cross(const struct definitions *defs)
{
	size_t i;

	for (i = 0; i < defs->n; i++)
		if (defs->d[i].pair)
			return true;
	return false;
}

const char *definitions_emitted(const struct definitions *defs)
{
	const char *event = NULL;
	size_t i;

	for (i = 0; i < defs->n; i++) {
		if (!defs->d[i].emitted)
			continue;
		if (event)
			return NULL;
		event = defs->d[i].event;
	}
	return event;
}

static bool is_name(const char *s)
{
	if (!isalpha((unsigned char)*s) && *s != '_')
		return false;
	while (isalnum((unsigned char)*s) || *s == '_')
		s++;
	return !*s;
}

/* What the expression is about, for a field that has no name. */
static const char *name_of(const struct expr *e, char *buf, size_t size)
{
	char inner[64];

	switch (e->kind) {
	case EXPR_INDEX:
		snprintf(buf, size, "%s_%ld", name_of(e->sub, inner, sizeof(inner)), e->index);
		break;
	case EXPR_DEREF:
	case EXPR_CAST:
		return name_of(e->sub, buf, size);
	case EXPR_FETCH:
		/* a variable's name, $arg1; what is no name has none */
		snprintf(buf, size, "%s", e->name + 1);
		if (e->name[0] != '$' || !is_name(buf))
			snprintf(buf, size, "value");
		break;
	default:
		snprintf(buf, size, "%s", e->name);
	}
	return buf;
}

static bool is_reserved(const char *name)
{
	static const char * const names[] = { "dur", "ret", "func", "stack", "faults" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(names[i], name))
			return true;
	return !strncmp(name, "common_", 7);
}

/* A name that is free in @def, from @want. @suffix: "_ret" or "" */
static void choose_name(const struct definition *def, const char *want, const char *suffix,
			char *name)
{
	char full[FIELD_NAME + 4];
	int n = 1;

	/* common_ is what the kernel's own fields begin with */
	snprintf(name, FIELD_NAME - 1, "%s%s", strncmp(want, "common_", 7) ? "" : "_", want);
	snprintf(full, sizeof(full), "%s%s", name, suffix);
	if (is_reserved(full))
		strcat(name, "_");
	for (;;) {
		snprintf(full, sizeof(full), "%s%s", name, suffix);
		if (!definition_has_field(def, full))
			return;
		snprintf(name, FIELD_NAME, "%s%.26s_%hhu", strncmp(want, "common_", 7) ? "" : "_", want,
			 (unsigned char)++n);
	}
}

/* @at: "", "ret", of a pair "end" */
static int add_field(struct definition *def, const char *name, const char *at,
		     const struct field_text *f)
{
	struct shown_field *shown = &def->field[def->nfields++];

	snprintf(shown->name, sizeof(shown->name), "%s%s%s", name, *at ? "_" : "", at);
	shown->view = f->view;
	append(&def->fields, " %s%s%s=%s%s%s", name, *at ? "@" : "", at, f->fetch,
	       f->type[0] ? ":" : "", f->type);
	return 0;
}

/* The value of @e in function @p. */
int compile_evaluate(const struct expr *e, const struct parameters *p, struct value *v,
		     struct diag *d)
{
	if (e->sub && compile_evaluate(e->sub, p, v, d))
		return -1;
	switch (e->kind) {
	case EXPR_NAME:
		return parameters_value(p, e->name, v, d, e->col);
	case EXPR_RET:
		return parameters_return(p, v, d, e->col);
	case EXPR_FETCH:
		return diag_set(d, e->col, "a fetch argument cannot be part of an expression");
	case EXPR_MEMBER:
	case EXPR_ARROW:
		return value_member(v, e->name, e->kind == EXPR_ARROW, d, e->col);
	case EXPR_INDEX:
		return value_index(v, e->index, d, e->col);
	case EXPR_DEREF:
		return value_deref(v, d, e->col);
	case EXPR_CAST:
		return value_cast(v, e->name, e->stars, d, e->col);
	}
	return -1;
}

static bool from_return(const struct expr *e)
{
	while (e->sub)
		e = e->sub;
	return e->kind == EXPR_RET ||
	       (e->kind == EXPR_FETCH && strstr(e->name, "$retval"));
}

/* The field that @sf means in @p; NULL: there is no function. */
static int make_field(const struct spec_field *sf, const struct parameters *p,
		      struct field_text *f, struct diag *d)
{
	const struct expr *e = sf->expr;
	struct value v;
	const char *param;

	if (e->kind == EXPR_FETCH) {
		if (sf->type && field_check_type(types_kernel(NULL), sf->type, d, sf->type_col))
			return -1;
		return field_of_fetch(e->name, sf->type, f, d, sf->type_col);
	}
	if (!p) {
		diag_set(d, e->col, "a record that a program emits has no parameters");
		return diag_hint(d, "its fields are what the program gives, $note0 to $note7, and $comm $pid $cpu $cgroup");
	}
	if (e->kind == EXPR_NAME && !sf->type && p->syscall)
		return parameters_syscall_field(p, e->name, f, d, e->col);
	if (compile_evaluate(e, p, &v, d))
		return -1;
	if (sf->type && field_check_type(v.type.btf, sf->type, d, sf->type_col))
		return -1;
	if (sf->at_ret && !v.memory && !from_return(e) && !(sf->type && strstr(sf->type, "string")) &&
	    field_of_value(&v, sf->type, f, d, sf->col, sf->type_col) == 0 && f->fetch[0] == '$') {
		param = f->fetch;
		diag_set(d, sf->ret_col, "a parameter has the same value at return: %s is its register at entry", param);
		return diag_hint(d, "memory that it points at can be read at return, as in *x@ret or x->y@ret");
	}
	if (field_of_value(&v, sf->type, f, d, sf->col, sf->type_col))
		return -1;
	if (f->view.kind == VIEW_BE32 && e->name && strstr(e->name, "addr"))
		f->view.kind = VIEW_IPV4;
	return 0;
}

/* Are the same values called by other names? */
static bool other_names(const struct view *a, const struct view *b)
{
	return (a->kind == VIEW_ENUM || b->kind == VIEW_ENUM) &&
	       (a->kind != b->kind || a->type.btf != b->type.btf || a->type.id != b->type.id);
}

/* The field that @sf means in all @n functions @p. */
static int make_common_field(const struct spec_field *sf, const struct parameters *p, size_t n,
			     struct field_text *f, struct diag *d)
{
	struct field_text other;
	size_t k;

	if (make_field(sf, n ? &p[0] : NULL, f, d))
		return -1;
	for (k = 1; k < n; k++) {
		if (make_field(sf, &p[k], &other, d)) {
			char what[sizeof(d->what)];

			snprintf(what, sizeof(what), "in %s: %.400s", p[k].function, d->what);
			strcpy(d->what, what);
			return diag_hint(d, "name only functions that have it, or use --each");
		}
		if (!strcmp(f->fetch, other.fetch) && !strcmp(f->type, other.type)) {
			if (other_names(&f->view, &other.view))
				f->view = (struct view){ .kind = VIEW_PLAIN };
			continue;
		}
		diag_set(d, sf->col, "this is not the same in %s and %s", p[0].function,
			 p[k].function);
		return diag_hint(d, "use --each for an event for each function");
	}
	return 0;
}

/* A field by the name that the user gave it, or by that of its expression. @at: as above */
static int add_named_field(struct definition *def, const struct spec_field *sf, const char *at,
			   const struct field_text *f, struct diag *d)
{
	char name[FIELD_NAME + 1], want[64], suffix[5], full[FIELD_NAME + 4];

	snprintf(suffix, sizeof(suffix), "%s%.3s", *at ? "_" : "", at);
	if (!sf->name) {
		choose_name(def, name_of(sf->expr, want, sizeof(want)), suffix, name);
		return add_field(def, name, at, f);
	}
	if (strlen(sf->name) >= FIELD_NAME)
		return diag_set(d, sf->name_col, "a field's name has at most %d letters", FIELD_NAME - 1);
	snprintf(full, sizeof(full), "%.31s%s", sf->name, suffix);
	if (is_reserved(full)) {
		diag_set(d, sf->name_col, "the name '%s' is reserved", sf->name);
		return diag_hint(d, "reserved are: dur ret func stack faults common_*");
	}
	if (definition_has_field(def, full))
		return diag_set(d, sf->name_col, "two fields are called '%s'", sf->name);
	return add_field(def, sf->name, at, f);
}

/* Explicit fields: in each function the same, or they cannot be one event. */
static int explicit_fields(const struct spec *spec, const struct parameters *p, size_t n,
			   struct definition *def, const char **ret_type, struct diag *d)
{
	struct field_text f;
	int i;

	for (i = 0; i < spec->nfields; i++) {
		const struct spec_field *sf = &spec->fields[i];
		bool at_ret = sf->at_ret || from_return(sf->expr);

		if (n && sf->expr->kind == EXPR_RET && !sf->name) {
			/* it is there anyhow: this says of which type */
			if (sf->type && field_check_return(sf->type, d, sf->type_col))
				return -1;
			*ret_type = sf->type;
			if (!sf->type && p[0].proto.btf &&
			    type_is_void(parameters_return_type(&p[0])))
				return diag_set(d, sf->col, "'%s' returns nothing", p[0].function);
			continue;
		}
		if (make_common_field(sf, p, n, &f, d) ||
		    add_named_field(def, sf, at_ret ? "ret" : "", &f, d))
			return -1;
	}
	return 0;
}

/* No parentheses: all parameters that all functions have at the same place. */
static void all_fields(const struct parameters *p, size_t n, struct definition *def)
{
	char name[FIELD_NAME + 1], want[64];
	struct field_text f, other;
	struct diag unused;
	int i, count = parameters_count(&p[0]);
	size_t k;

	for (i = 0; i < count && def->nfields < SPEC_MAX_FIELDS; i++) {
		/* one that cannot be a field is left out: nobody asked for it by name */
		if (parameters_field(&p[0], i, want, sizeof(want), &f, &unused))
			continue;
		for (k = 1; k < n; k++) {
			char theirs[64];

			if (parameters_field(&p[k], i, theirs, sizeof(theirs), &other, &unused) ||
			    strcmp(want, theirs) || strcmp(f.fetch, other.fetch) ||
			    strcmp(f.type, other.type))
				break;
			if (other_names(&f.view, &other.view))
				f.view = (struct view){ .kind = VIEW_PLAIN };
		}
		if (k < n)
			continue;
		if (f.view.kind == VIEW_BE32 && strstr(want, "addr"))
			f.view.kind = VIEW_IPV4;
		choose_name(def, want, "", name);
		add_field(def, name, "", &f);
	}
}

/* System calls of many prototypes: their registers, which are shown by each one's own names. */
static void frame_fields(struct definition *def)
{
	struct field_text f = { .type = "u64" };
	char name[4];
	int i;

	def->frames = true;
	for (i = 0; i < SYSCALL_ARGS; i++) {
		snprintf(name, sizeof(name), "a%d", i);
		snprintf(f.fetch, sizeof(f.fetch), "+%d($arg1)", syscall_offset(i));
		add_field(def, name, "", &f);
	}
}

static void shown_return(const struct field_text *f, struct shown_return *r)
{
	r->view = f->view;
	r->is_signed = f->type[0] != 'u' && f->type[0] != 'x';
	r->size = !f->type[0] ? 8 : !strcmp(f->type, "void") ? 0 : !strcmp(f->type, "bool") ? 1 :
		  atoi(f->type + 1) / 8;
}

static void choose_return(const struct parameters *p, size_t n, const char *type,
			  struct definition *def)
{
	struct field_text f, other;
	bool same = true;
	size_t k;

	if (p[0].syscall) {
		snprintf(f.type, sizeof(f.type), "s64");
		f.view = (struct view){ .kind = VIEW_ERRNO };
		if (type)
			field_of_return((struct type){}, type, &f);
	} else {
		field_of_return(parameters_return_type(&p[0]), type, &f);
		for (k = 1; k < n && same; k++) {
			field_of_return(parameters_return_type(&p[k]), type, &other);
			same = !strcmp(f.type, other.type) && f.view.kind == other.view.kind &&
			       !other_names(&f.view, &other.view);
		}
	}
	if (!same) {
		/* the whole register, and each function's own part of it when it is shown */
		def->returns = calloc(n, sizeof(*def->returns));
		if (!def->returns)
			abort();
		for (k = 0; k < n; k++) {
			field_of_return(parameters_return_type(&p[k]), type, &f);
			shown_return(&f, &def->returns[k]);
		}
		field_of_return((struct type){}, type, &f);
	}
	strcpy(def->ret_type, f.type);
	def->ret = f.view;
}

/* The event's name: the user's, or the function's made a C identifier. */
static void name_event(struct definition *def, const struct spec *spec, const char *function,
		       bool each)
{
	const char *from = function;
	size_t i, at = 0;

	if (spec->name && !each) {
		snprintf(def->event, sizeof(def->event), "%s", spec->name);
		return;
	}
	/* with room for the function's */
	if (spec->name)
		at = snprintf(def->event, sizeof(def->event), "%.40s_", spec->name);
	for (i = 0; from[i] && at < 62; i++) {
		char c = from[i];
		bool ident =
			(c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');

		if (!at && c >= '0' && c <= '9')
			def->event[at++] = '_';
		if (ident ||
		    (c == '_' && !(at && def->event[at - 1] == '_' && i && from[i - 1] != '_')))
			def->event[at++] = c;
		else if (at && def->event[at - 1] != '_')
			def->event[at++] = '_';
	}
	while (at > 1 && def->event[at - 1] == '_')
		at--;
	if (!at)
		at = sprintf(def->event, spec->targets[0].syscall ? "syscalls" : "all");
	def->event[at] = '\0';
}

static void name_target(struct definition *def, const struct spec *spec,
			const struct functions *list, size_t first, size_t n)
{
	size_t i;

	if (n > LIST_MAX && !list->cut && spec->ntargets == 1 && !spec->targets[0].syscall) {
		const struct spec_target *t = &spec->targets[0];

		append(&def->target, "%s%s%s", t->module ?: "", t->module ? ":" : "", t->name);
	} else {
		for (i = first; i < first + n; i++)
			append(&def->target, "%s%s%s%s", i > first ? "," : "", list->f[i].module ?: "",
			       list->f[i].module ? ":" : "", list->f[i].name);
	}
	def->many = strpbrk(def->target, ",*?[");
	def->nfunctions = n;
	def->functions = calloc(n, sizeof(*def->functions));
	if (!def->functions)
		abort();
	for (i = 0; i < n; i++)
		def->functions[i] = strdup(list->f[first + i].name);
}

static struct definition *new_definition(const struct spec *spec, struct definitions *defs)
{
	struct definition *def;

	defs->d = reallocarray(defs->d, defs->n + 1, sizeof(*defs->d));
	if (!defs->d)
		abort();
	def = &defs->d[defs->n++];
	memset(def, 0, sizeof(*def));
	def->fields = strdup("");
	snprintf(def->spec, sizeof(def->spec), "%s", spec->text);
	return def;
}

/* Of what a program emits: its name and fields are all there is. */
static int make_emitted(const struct spec *spec, struct definitions *defs, struct diag *d)
{
	struct definition *def = new_definition(spec, defs);
	const char *ret_type;

	def->emitted = true;
	def->target = strdup("");
	snprintf(def->event, sizeof(def->event), "%s", spec->name);
	return explicit_fields(spec, NULL, 0, def, &ret_type, d);
}

/* What a pair's ends are found by: a number. */
static int make_key(const struct spec_field *sf, const struct parameters *p, size_t n,
		    struct field_text *f, struct diag *d)
{
	if (make_common_field(sf, p, n, f, d))
		return -1;
	if (!strchr(f->type, '[') && !strstr(f->type, "string") && strcmp(f->fetch, "$comm"))
		return 0;
	diag_set(d, sf->col, "a pair's key is a number or a pointer");
	return diag_hint(d, "what is different in all that are under way: the request, the task");
}

/* One end: where it is into the target, its key to @key, its fields. */
static int make_end(const struct spec *spec, bool end, struct definition *def, char **key,
		    struct diag *d)
{
	struct functions all = {}, one;
	struct parameters *p;
	struct field_text f;
	int i, ret = -1;
	size_t k;

	p = calloc(spec->ntargets, sizeof(*p));
	all.f = calloc(spec->ntargets, sizeof(*all.f));
	if (!p || !all.f)
		abort();
	for (i = 0; i < spec->ntargets; i++) {
		memset(&one, 0, sizeof(one));
		if (functions_find_end(&spec->targets[i], &one, d)) {
			functions_free(&one);
			goto out;
		}
		all.f[all.n++] = one.f[0];
		free(one.f);
		parameters_init(&p[i], &all.f[i], false);
	}
	for (k = 0; k < all.n; k++)
		append(&def->target, "%s%s%s%s", k ? "," : end ? " ~ " : "", all.f[k].module ?: "",
		       all.f[k].module ? ":" : "", all.f[k].name);
	append(&def->functions[0], "%s%s", end ? "~" : "", all.f[0].name);
	if (!end)
		name_event(def, spec, all.f[0].name, false);
	for (i = 0; i < spec->nfields; i++) {
		const struct spec_field *sf = &spec->fields[i];

		if (sf->at_ret || from_return(sf->expr)) {
			diag_set(d, sf->at_ret ? sf->ret_col : sf->col, "a pair has no return");
			diag_hint(d, "fields of its end are in the parentheses behind '~'");
			goto out;
		}
		if (!i) {
			if (make_key(sf, p, all.n, &f, d))
				goto out;
			append(key, "%s%s%s%s", end ? "," : " key=", f.fetch,
			       f.type[0] ? ":" : "", f.type);
			/* it is the same at the end */
			if (end)
				continue;
		} else if (make_common_field(sf, p, all.n, &f, d)) {
			goto out;
		}
		if (def->nfields == SPEC_MAX_FIELDS) {
			diag_set(d, sf->col, "more than %d fields", SPEC_MAX_FIELDS);
			goto out;
		}
		if (add_named_field(def, sf, end ? "end" : "", &f, d))
			goto out;
	}
	ret = 0;
out:
	functions_free(&all);
	free(p);
	return ret;
}

static int make_pair(const struct spec *spec, struct definitions *defs, struct diag *d)
{
	struct definition *def = new_definition(spec, defs);
	char *key = NULL;
	int ret;

	def->pair = true;
	def->nfunctions = 1;
	def->functions = calloc(1, sizeof(*def->functions));
	if (!def->functions)
		abort();
	ret = make_end(spec, false, def, &key, d);
	if (!ret)
		ret = make_end(spec->end, true, def, &key, d);
	if (!ret)
		append(&def->target, "%s", key);
	free(key);
	return ret;
}

/* A definition of @n functions from @first on. */
static int make_definition(const struct spec *spec, const struct functions *list, size_t first,
			   size_t n, bool each, struct definitions *defs, struct diag *d)
{
	struct definition *def = new_definition(spec, defs);
	struct parameters *p = calloc(n, sizeof(*p));
	const char *ret_type = NULL;
	size_t k;
	int ret = 0;

	if (!p)
		abort();
	for (k = 0; k < n; k++)
		parameters_init(&p[k], &list->f[first + k], spec->targets[0].syscall);
	if (!spec->all)
		ret = explicit_fields(spec, p, n, def, &ret_type, d);
	else if (spec->targets[0].syscall && n > 1)
		frame_fields(def);
	else if (!p[0].syscall && !p[0].proto.btf)
		ret = 0;	/* of no type known: duration and return value */
	else
		all_fields(p, n, def);
	if (!ret)
		choose_return(p, n, ret_type, def);
	name_event(def, spec, n > 1 && spec->ntargets == 1 ? spec->targets[0].name :
		   p[0].syscall ? p[0].syscall_copy.name : list->f[first].name, each);
	name_target(def, spec, list, first, n);
	free(p);
	return ret;
}

/* All functions of all targets in one list, each once. */
static int find_targets(const struct spec *spec, struct functions *all, struct diag *d)
{
	struct functions list;
	struct syscall *calls;
	size_t k, n, j;
	int i;

	for (i = 0; i < spec->ntargets; i++) {
		const struct spec_target *t = &spec->targets[i];

		if (t->syscall != spec->targets[0].syscall)
			return diag_set(d, t->col, "system calls and functions cannot be one event: use two specs");
		memset(&list, 0, sizeof(list));
		if (t->syscall) {
			if (syscalls_find(t, &calls, &n, d))
				return -1;
			list.f = calloc(n, sizeof(*list.f));
			if (!list.f)
				abort();
			for (k = 0; k < n; k++)
				list.f[k].name = strdup(calls[k].function);
			list.n = n;
			free(calls);
		} else if (functions_find(t, &list, d)) {
			functions_free(&list);
			return -1;
		}
		all->waits |= list.waits;
		all->f = reallocarray(all->f, all->n + list.n, sizeof(*all->f));
		if (!all->f)
			abort();
		for (k = 0; k < list.n; k++) {
			for (j = 0; spec->ntargets > 1 && j < all->n; j++)
				if (!strcmp(all->f[j].name, list.f[k].name))
					break;
			if (spec->ntargets > 1 && j < all->n) {
				free(list.f[k].name);
				free(list.f[k].module);
				continue;
			}
			all->f[all->n++] = list.f[k];
		}
		free(list.f);
		if (all->n > MAX_FUNCTIONS)
			return diag_set(d, t->col, "%zu functions match '%s', one definition has at most %d",
					all->n, t->name, MAX_FUNCTIONS);
	}
	return 0;
}

/* What is in the register when one returns that returns nothing may look like an errno. */
static int leave_out_void(const struct spec *spec, struct functions *all, struct diag *d)
{
	struct parameters p;
	size_t k, n = 0;

	for (k = 0; k < all->n; k++) {
		parameters_init(&p, &all->f[k], spec->targets[0].syscall);
		if (p.proto.btf && type_is_void(parameters_return_type(&p))) {
			free(all->f[k].name);
			free(all->f[k].module);
		} else {
			all->f[n++] = all->f[k];
		}
	}
	all->cut = n < all->n;
	all->n = n;
	if (!n)
		return diag_set(d, spec->targets[0].col, "'%s' returns nothing that could fail: drop --failed",
				spec->targets[0].name);
	return 0;
}

int compile(const struct spec *spec, bool each, bool failed, struct definitions *defs,
	    struct diag *d)
{
	struct functions all = {};
	int ret;
	size_t i;

	d->text = spec->text;
	if (!spec->ntargets)
		return make_emitted(spec, defs, d);
	if (spec->end)
		return make_pair(spec, defs, d);
	ret = find_targets(spec, &all, d);
	if (!ret && failed)
		ret = leave_out_void(spec, &all, d);
	if (ret)
		goto out;
	each = each && all.n > 1;
	for (i = 0; each && i < all.n && !ret; i++)
		ret = make_definition(spec, &all, i, 1, true, defs, d);
	if (!each)
		ret = make_definition(spec, &all, 0, all.n, false, defs, d);
out:
	functions_free(&all);
	return ret;
}

void definitions_cut(struct definitions *defs, size_t n)
{
	while (defs->n > n) {
		struct definition *def = &defs->d[--defs->n];
		size_t k;

		for (k = 0; k < def->nfunctions; k++)
			free(def->functions[k]);
		free(def->functions);
		free(def->returns);
		free(def->target);
		free(def->fields);
	}
}

void definitions_free(struct definitions *defs)
{
	definitions_cut(defs, 0);
	free(defs->d);
	memset(defs, 0, sizeof(*defs));
}
