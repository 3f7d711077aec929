// SPDX-License-Identifier: GPL-2.0
/* fspan show: prototypes, members, and what can be probed; words for completion. */
#include <fnmatch.h>
#include <json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "compile.h"
#include "parameters.h"
#include "selection.h"
#include "symbols.h"
#include "view.h"

static void prototype_text(const struct function *f, char *buf, size_t size)
{
	if (f->proto.btf)
		type_print(f->proto, f->name, buf, size);
	else
		snprintf(buf, size, "%s(?)", f->name);
}

/* What is said of a function: "" if it can be probed at ftrace's place. */
static const char *note(const struct function *f)
{
	const char *refusal = functions_refusal(f->name);

	if (refusal)
		return "cannot be probed: it is on the kprobe blacklist";
	if (!functions_traceable(f->name))
		return "no ftrace site: probed by a breakpoint, which is slower";
	return "";
}

/* Without ; and the newline */
static void print_function(const struct function *f, bool long_form)
{
	char text[1024];
	struct parameters p;
	int i;

	prototype_text(f, text, sizeof(text));
	printf("%s;%s%s%s\n", text, f->module ? "  [" : "", f->module ?: "", f->module ? "]" : "");
	if (!long_form)
		return;
	if (*note(f))
		printf("    %s\n", note(f));
	else
		printf("    can be probed\n");
	if (!f->proto.btf) {
		printf("    BTF has no prototype of it: use registers, as in %s(x=$arg1:u64)\n", f->name);
		return;
	}
	parameters_init(&p, f, false);
	for (i = 0; i < parameters_count(&p); i++) {
		struct field_text field;
		struct diag d = {};
		char name[128];

		if (!parameters_field(&p, i, name, sizeof(name), &field, &d))
			printf("    %-20s %s:%s\n", name, field.fetch, field.type);
		else
			printf("    %-20s %s\n", name, *d.what ? d.what : "has no name");
	}
}

static struct json_object *json_function(const struct function *f)
{
	struct json_object *o = json_object_new_object(), *array = json_object_new_array();
	struct parameters p;
	char text[1024];
	int i;

	prototype_text(f, text, sizeof(text));
	json_object_object_add(o, "name", json_object_new_string(f->name));
	if (f->module)
		json_object_object_add(o, "module", json_object_new_string(f->module));
	json_object_object_add(o, "prototype", json_object_new_string(text));
	json_object_object_add(o, "probe", json_object_new_boolean(!functions_refusal(f->name)));
	json_object_object_add(o, "ftrace", json_object_new_boolean(functions_traceable(f->name)));
	parameters_init(&p, f, false);
	for (i = 0; i < parameters_count(&p); i++)
		json_object_array_add(array, json_object_new_string(
			type_string(p.proto, btf_params(type_get(p.proto))[i].name_off)));
	json_object_object_add(o, "parameters", array);
	return o;
}

static int show_functions(const char *what, struct json_object *array)
{
	struct functions list = {};
	struct spec spec;
	struct diag d;
	size_t i;
	int ret;

	ret = spec_parse(what, &spec, &d);
	if (!ret && (!spec.all || spec.ntargets != 1 || spec.name)) {
		ret = diag_set(&d, 0, "a function or a glob is wanted, without fields");
		diag_hint(&d, "what a spec becomes: fspan add --dry-run '%s'", what);
	}
	if (!ret)
		ret = functions_find(&spec.targets[0], &list, &d);
	if (ret) {
		diag_print(&d, stderr);
		functions_free(&list);
		spec_free(&spec);
		return 2;
	}
	for (i = 0; i < list.n; i++) {
		if (array)
			json_object_array_add(array, json_function(&list.f[i]));
		else
			print_function(&list.f[i], !spec.targets[0].glob);
	}
	functions_free(&list);
	spec_free(&spec);
	return 0;
}

static void print_syscall(const struct syscall *sc)
{
	int k;

	printf("syscall:%s(", sc->name);
	for (k = 0; k < sc->nargs; k++) {
		const char *type = sc->arg[k].type;
		bool pointer = type[strlen(type) - 1] == '*';

		printf("%s%s%s%s", k ? ", " : "", type, pointer ? "" : " ", sc->arg[k].name);
	}
	printf(");\n");
}

static struct json_object *json_syscall(const struct syscall *sc)
{
	struct json_object *o = json_object_new_object(), *array = json_object_new_array();
	int k;

	json_object_object_add(o, "name", json_object_new_string(sc->name));
	json_object_object_add(o, "function", json_object_new_string(sc->function));
	for (k = 0; k < sc->nargs; k++) {
		struct json_object *arg = json_object_new_object();

		json_object_object_add(arg, "name", json_object_new_string(sc->arg[k].name));
		json_object_object_add(arg, "type", json_object_new_string(sc->arg[k].type));
		json_object_array_add(array, arg);
	}
	json_object_object_add(o, "parameters", array);
	return o;
}

static int show_syscalls(const char *what, struct json_object *array)
{
	struct spec spec;
	struct syscall *calls;
	struct diag d;
	size_t n, i;

	if (spec_parse(what, &spec, &d) || syscalls_find(&spec.targets[0], &calls, &n, &d)) {
		diag_print(&d, stderr);
		spec_free(&spec);
		return 2;
	}
	for (i = 0; i < n; i++) {
		if (array)
			json_object_array_add(array, json_syscall(&calls[i]));
		else
			print_syscall(&calls[i]);
	}
	free(calls);
	spec_free(&spec);
	return 0;
}

static int show_member(const struct member *m, void *arg)
{
	struct json_object *array = arg;
	char text[512];

	type_print(m->type, m->name, text, sizeof(text));
	if (array) {
		struct json_object *o = json_object_new_object();

		json_object_object_add(o, "name", json_object_new_string(m->name));
		json_object_object_add(o, "declaration", json_object_new_string(text));
		json_object_object_add(o, "offset", json_object_new_int(m->bit_offset / 8));
		if (m->bit_size) {
			json_object_object_add(o, "bit", json_object_new_int(m->bit_offset % 8));
			json_object_object_add(o, "bits", json_object_new_int(m->bit_size));
		}
		json_object_array_add(array, o);
	} else if (m->bit_size) {
		printf("  %6u.%u  %s:%u;\n", m->bit_offset / 8, m->bit_offset % 8, text, m->bit_size);
	} else {
		printf("  %6u    %s;\n", m->bit_offset / 8, text);
	}
	return 0;
}

static void show_enumerator(struct type t, int i, struct json_object *array)
{
	const struct btf_type *bt = type_get(t);
	unsigned long long val = view_enum_value(bt, i);
	struct json_object *o;

	if (!array) {
		printf(btf_kflag(bt) ? "  %6lld    %s\n" : "  %6llu    %s\n", val, view_enum_name(t, i));
		return;
	}
	o = json_object_new_object();
	json_object_object_add(o, "name", json_object_new_string(view_enum_name(t, i)));
	json_object_object_add(o, "value", btf_kflag(bt) ? json_object_new_int64(val) :
							   json_object_new_uint64(val));
	json_object_array_add(array, o);
}

static int show_type(const char *what, struct json_object *array)
{
	const struct image *btf;
	struct diag d = {};
	struct value v = {};
	char name[128];
	struct type t;
	int i;

	btf = types_kernel(&d);
	snprintf(name, sizeof(name), "%s", what);
	/* "struct file *" is meant as well as "struct file" */
	for (i = strlen(name); i && strchr(" *", name[i - 1]); i--)
		name[i - 1] = '\0';
	d.text = what;
	if (!btf) {
		d.text = NULL;
	} else if (!types_find(btf, name, &t)) {
		char kind[160];

		t = type_skip(t, NULL);
		type_print_name(t, kind, sizeof(kind));
		if (!array)
			printf("%s, %zu bytes\n", kind, type_size(t));
		if (type_get(t) && btf_is_any_enum(type_get(t)))
			for (i = 0; i < btf_vlen(type_get(t)); i++)
				show_enumerator(t, i, array);
		type_members(t, show_member, array);
		return 0;
	} else {
		v.type.btf = btf;
		value_cast(&v, name, 0, &d, 0);
	}
	diag_print(&d, stderr);
	return 2;
}

static void print_word(const char *word, void *arg)
{
	(void)arg;
	puts(word);
}

static void print_preset(const char *name, void *arg)
{
	(void)arg;
	printf("@%s\n", name);
}

int cmd_show(const struct verb *verb, int argc, char **argv)
{
	struct json_object *array = NULL;
	struct options o;
	int i, ret = options_parse(verb, argc, argv, &o);

	if (ret >= 0)
		return ret;
	if (!o.nspecs || o.command)
		return cmd_usage(verb, "a function, as in fspan show vfs_read, or a glob");
	if (o.complete) {
		if (o.specs[0][0] == '@') {
			selection_presets(print_preset, NULL);
			return 0;
		}
		return compile_complete(o.specs[0], print_word, NULL) ? 1 : 0;
	}
	if (o.json)
		array = json_object_new_array();
	ret = 0;
	for (i = 0; i < o.nspecs && !ret; i++) {
		if (o.members)
			ret = show_type(o.specs[i], array);
		else if (!strncmp(o.specs[i], "syscall:", 8))
			ret = show_syscalls(o.specs[i], array);
		else
			ret = show_functions(o.specs[i], array);
	}
	if (array && !ret)
		cmd_print_json(array);
	else if (array)
		json_object_put(array);
	return ret;
}
