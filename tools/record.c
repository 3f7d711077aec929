// SPDX-License-Identifier: GPL-2.0
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "record.h"
#include "symbols.h"
#include "syscalls.h"
#include "text.h"

#define TEXT 4096

static struct tep_format_field *tree_field(struct tep_event *event, const char *prefix,
					   const char *name)
{
	char full[32];

	snprintf(full, sizeof(full), "%s%s", prefix, name);
	return tep_find_field(event, full);
}

int record_format_init(struct record_format *f, const struct definition *def,
		       struct tep_handle *tep, const struct record_names *names)
{
	struct tep_event *event = tep_find_event_by_name(tep, "fspan", def->event);
	struct tep_format_field *field;
	int i, bit = 0;

	memset(f, 0, sizeof(*f));
	f->def = def;
	if (!event)
		return -1;
	f->id = event->id;
	f->dur = tep_find_field(event, "dur");
	f->ret = tep_find_field(event, "ret");
	f->func = tep_find_field(event, "func");
	f->faults = tep_find_field(event, "faults");
	f->stack = tep_find_field(event, "stack");
	f->comm = tep_find_field(event, names->comm);
	f->pid = tep_find_common_field(event, "common_pid");
	f->flags = tep_find_common_field(event, "common_flags");
	if (names->tree) {
		f->span_id = tree_field(event, names->tree, "id");
		f->parent = tree_field(event, names->tree, "parent");
		f->depth = tree_field(event, names->tree, "depth");
		if (!f->span_id || !f->parent || !f->depth || !f->dur || !f->flags)
			return -1;
	}
	for (i = 0; i < def->nfields; i++)
		f->field[i] = tep_find_field(event, def->field[i].name);
	/* bit N is that of the Nth field of the user's, in the order of the format */
	for (field = event->format.fields; field; field = field->next) {
		if (field == f->dur || field == f->ret || field == f->func)
			continue;
		for (i = 0; i < def->nfields; i++)
			if (f->field[i] == field)
				f->fault_bit[i] = bit;
		bit++;
	}
	return 0;
}

unsigned long long record_number(struct tep_format_field *field, const void *data)
{
	unsigned long long v = 0;

	tep_read_number_field(field, data, &v);
	if (field->flags & TEP_FIELD_IS_SIGNED && field->size < 8 &&
	    v >> (8 * field->size - 1) & 1)
		v |= ~0ULL << 8 * field->size;
	return v;
}

/* What a __data_loc field points at. */
static const void *dynamic(struct tep_format_field *field, const void *data, unsigned int *len)
{
	unsigned long long loc = 0;

	tep_read_number_field(field, data, &loc);
	*len = loc >> 16 & 0xffff;
	return (const char *)data + (loc & 0xffff);
}

static bool faulted(const struct record_format *f, int i, const void *data)
{
	return f->faults && record_number(f->faults, data) >> f->fault_bit[i] & 1;
}

static bool is_text(const struct tep_format_field *field)
{
	return field->flags & TEP_FIELD_IS_STRING || (field->flags & TEP_FIELD_IS_ARRAY &&
						      !strncmp(field->type, "char", 4));
}

static const char *text(struct tep_format_field *field, const void *data, unsigned int *len)
{
	const char *s;

	if (field->flags & TEP_FIELD_IS_DYNAMIC) {
		s = dynamic(field, data, len);
	} else {
		s = (const char *)data + field->offset;
		*len = field->size;
	}
	*len = strnlen(s, *len);
	return s;
}

static unsigned long long element(const struct tep_format_field *field, const void *data, int i,
				  int size)
{
	const void *p = (const char *)data + field->offset + i * size;
	bool is_signed = field->flags & TEP_FIELD_IS_SIGNED;

	switch (size) {
	case 1: return is_signed ? (unsigned long long)*(int8_t *)p : *(uint8_t *)p;
	case 2: return is_signed ? (unsigned long long)*(int16_t *)p : *(uint16_t *)p;
	case 4: return is_signed ? (unsigned long long)*(int32_t *)p : *(uint32_t *)p;
	default: return *(uint64_t *)p;
	}
}

static void print_field(const struct record_format *f, int i, const void *data, char *buf,
			size_t size)
{
	struct tep_format_field *field = f->field[i];
	const struct view *view = &f->def->field[i].view;
	bool is_signed = field->flags & TEP_FIELD_IS_SIGNED;
	unsigned int len;
	const char *s;

	if (faulted(f, i, data)) {
		snprintf(buf, size, "(fault)");
	} else if (is_text(field)) {
		s = text(field, data, &len);
		text_quote(s, len, buf, size);
	} else if (field->flags & TEP_FIELD_IS_ARRAY) {
		int n = field->arraylen, esize, k;
		size_t at = 0;

		if (view_print_bytes(view, (const char *)data + field->offset, field->size, buf,
				     size))
			return;
		esize = n ? field->size / n : 1;
		for (k = 0; k < n && at + 40 < size; k++) {
			buf[at++] = k ? ',' : '{';
			view_print(view, element(field, data, k, esize), esize, is_signed, buf + at,
				   size - at - 1);
			at += strlen(buf + at);
		}
		strcpy(buf + at, "}");
	} else {
		view_print(view, record_number(field, data), field->size, is_signed, buf, size);
	}
}

static struct json_object *json_field(const struct record_format *f, int i, const void *data)
{
	struct tep_format_field *field = f->field[i];
	const struct view *view = &f->def->field[i].view;
	bool is_signed = field->flags & TEP_FIELD_IS_SIGNED;
	char buf[TEXT];
	unsigned int len;
	const char *s;

	if (faulted(f, i, data))
		return NULL;
	if (is_text(field)) {
		s = text(field, data, &len);
		return text_json(s, len);
	}
	if (field->flags & TEP_FIELD_IS_ARRAY) {
		struct json_object *array;
		int n = field->arraylen, k;

		if (view_print_bytes(view, (const char *)data + field->offset, field->size, buf,
				     sizeof(buf)))
			return json_object_new_string(buf);
		array = json_object_new_array();
		for (k = 0; k < n; k++)
			json_object_array_add(
				array, view_json(view, element(field, data, k, field->size / n),
						 field->size / n, is_signed));
		return array;
	}
	return view_json(view, record_number(field, data), field->size, is_signed);
}

static const char *without_prefix(const char *name)
{
	const struct syscall *sc = syscall_of(name);

	return sc ? sc->name : name;
}

/* Which function it was, by the name that the user knows it by. */
static void function_name(const struct record_format *f, const void *data, char *buf, size_t size)
{
	char name[256];

	if (f->func) {
		symbols_print_address(record_number(f->func, data), true, name, sizeof(name));
		snprintf(buf, size, "%s", without_prefix(name));
	} else if (f->def->emitted) {
		snprintf(buf, size, "%s", f->def->event);
	} else {
		snprintf(buf, size, "%s", without_prefix(f->def->functions[0]));
	}
}

/* What is said of the value returned, which the event has as @val: by the function's own type. */
struct returned {
	const struct view *view;
	unsigned long long val;
	int size;		/* 0: nothing */
	bool is_signed;
};

static struct returned returned(const struct record_format *f, const void *data)
{
	struct returned r = { .view = &f->def->ret };
	char name[256];
	size_t i;

	if (!f->ret)
		return r;
	r.val = record_number(f->ret, data);
	r.size = f->ret->size;
	r.is_signed = f->ret->flags & TEP_FIELD_IS_SIGNED;
	if (!f->def->returns || !f->func)
		return r;
	symbols_print_address(record_number(f->func, data), true, name, sizeof(name));
	for (i = 0; i < f->def->nfunctions; i++)
		if (!strcmp(f->def->functions[i], name))
			break;
	if (i == f->def->nfunctions)
		return r;
	r.view = &f->def->returns[i].view;
	r.size = f->def->returns[i].size;
	r.is_signed = f->def->returns[i].is_signed;
	if (r.size && r.size < 8) {
		r.val &= (1ULL << 8 * r.size) - 1;
		if (r.is_signed && r.val >> (8 * r.size - 1))
			r.val |= ~0ULL << 8 * r.size;
	}
	return r;
}

/* The registers of a system call, by the names that it has for them. */
static void print_frame(const struct record_format *f, const void *data, FILE *out)
{
	char name[256];
	const struct syscall *sc;
	int i;

	symbols_print_address(record_number(f->func, data), true, name, sizeof(name));
	sc = syscall_of(name);
	for (i = 0; sc && i < sc->nargs; i++) {
		unsigned long long v = record_number(f->field[i], data);
		const char *type = sc->arg[i].type;

		fprintf(out, "%s%s=", i ? ", " : "", sc->arg[i].name);
		if (strchr(type, '*'))
			fprintf(out, v ? "0x%llx" : "NULL", v);
		else if (!strcmp(type, "int") || !strcmp(type, "pid_t"))
			fprintf(out, "%d", (int)v);
		else if (!strncmp(type, "unsigned int", 12) || !strcmp(type, "umode_t"))
			fprintf(out, "%u", (unsigned int)v);
		else
			fprintf(out, (long long)v < 0 || v > 1 << 20 ? "0x%llx" : "%llu", v);
	}
}

static void print_time(unsigned long long ts, long long clock, FILE *out)
{
	long long now = (long long)ts + clock;
	time_t s = now / 1000000000;
	struct tm tm;

	localtime_r(&s, &tm);
	fprintf(out, "%02d:%02d:%02d.%06lld ", tm.tm_hour, tm.tm_min, tm.tm_sec, now % 1000000000 / 1000);
}

static void print_stack(const struct record_format *f, const void *data, FILE *out)
{
	unsigned int len, i;
	const unsigned long *ip = dynamic(f->stack, data, &len);
	char name[256];

	for (i = 0; i < len / sizeof(long); i++) {
		symbols_print_address(ip[i], true, name, sizeof(name));
		fprintf(out, "        %s\n", name);
	}
}

/* A tree's columns: the time in the function itself, and off the CPU. */
static void print_place(const struct record_place *place, FILE *out)
{
	char buf[64] = "-";

	view_duration(place->self, buf, sizeof(buf));
	fprintf(out, "%8s  ", buf);
	if (place->has_off) {
		strcpy(buf, place->off_known && place->off_least ? ">" : "-");
		if (place->off_known)
			view_duration(place->off, buf + place->off_least, sizeof(buf) - 1);
		fprintf(out, "%8s  ", buf);
	}
	fprintf(out, "%*s", 2 * place->indent, "");
}

void record_print(const struct record_format *f, const void *data, unsigned long long ts,
		  long long clock, int cpu, const struct record_place *place, FILE *out)
{
	char buf[TEXT], comm[TEXT_SIZE(16)] = "?", who[sizeof(comm) + 16];
	struct returned ret;
	unsigned int len;
	const char *s;
	int i, n = 0;

	print_time(place ? place->begin : ts, clock, out);
	if (f->comm) {
		s = text(f->comm, data, &len);
		text_plain(s, len, comm, sizeof(comm));
	}
	snprintf(who, sizeof(who), "%s-%d", comm, (int)record_number(f->pid, data));
	fprintf(out, "%-20s [%03d] ", who, cpu);
	strcpy(buf, "-");
	if (f->dur)
		view_duration(record_number(f->dur, data), buf, sizeof(buf));
	fprintf(out, "%8s  ", buf);
	if (place)
		print_place(place, out);
	function_name(f, data, buf, sizeof(buf));
	fprintf(out, "%s(", buf);
	for (i = 0; i < f->def->nfields; i++) {
		if (!f->field[i] || f->def->frames)
			continue;
		print_field(f, i, data, buf, sizeof(buf));
		fprintf(out, "%s%s=%s", n++ ? ", " : "", f->def->field[i].name, buf);
	}
	if (f->def->frames)
		print_frame(f, data, out);
	fputc(')', out);
	ret = returned(f, data);
	if (ret.size) {
		view_print(ret.view, ret.val, ret.size, ret.is_signed, buf, sizeof(buf));
		fprintf(out, " = %s", buf);
	}
	fputc('\n', out);
	if (f->stack)
		print_stack(f, data, out);
}

static void add_number(struct json_object *o, const char *name, unsigned long long n)
{
	json_object_object_add(o, name, json_object_new_int64(n));
}

struct json_object *record_json(const struct record_format *f, const void *data,
				unsigned long long ts, long long clock, int cpu,
				const struct record_place *place)
{
	struct json_object *o = json_object_new_object(), *fields = json_object_new_object(),
			   *stack;
	struct returned ret;
	char buf[256];
	unsigned int len, i;
	const char *s;

	function_name(f, data, buf, sizeof(buf));
	json_object_object_add(o, "event", json_object_new_string(f->def->event));
	if (!f->def->emitted)
		json_object_object_add(o, "function", json_object_new_string(buf));
	json_object_object_add(o, "time_ns", json_object_new_int64((long long)ts + clock));
	json_object_object_add(o, "return_ns", json_object_new_int64(ts));
	if (f->comm) {
		s = text(f->comm, data, &len);
		json_object_object_add(o, "comm", text_json(s, len));
	}
	json_object_object_add(o, "pid", json_object_new_int64((int)record_number(f->pid, data)));
	json_object_object_add(o, "cpu", json_object_new_int(cpu));
	if (f->dur)
		json_object_object_add(o, "dur_ns", json_object_new_int64(record_number(f->dur, data)));
	if (place) {
		add_number(o, "self_ns", place->self);
		if (place->has_off && place->off_known)
			add_number(o, "off_cpu_ns", place->off);
		add_number(o, "id", record_number(f->span_id, data));
		add_number(o, "parent", record_number(f->parent, data));
		add_number(o, "depth", record_number(f->depth, data));
	}
	ret = returned(f, data);
	if (ret.size) {
		long long val = ret.val;
		const char *err = NULL;

		if ((ret.view->kind == VIEW_ERRNO || ret.view->kind == VIEW_POINTER) && val < 0 &&
		    val >= -4095)
			err = view_errno_name(-val);
		json_object_object_add(o, "ret",
				       view_json(ret.view, ret.val, ret.size, ret.is_signed));
		if (err)
			json_object_object_add(o, "error", json_object_new_string(err));
	}
	for (i = 0; i < (unsigned int)f->def->nfields; i++)
		if (f->field[i])
			json_object_object_add(fields, f->def->field[i].name,
					       json_field(f, i, data));
	json_object_object_add(o, "fields", fields);
	if (f->stack) {
		const unsigned long *ip = dynamic(f->stack, data, &len);

		stack = json_object_new_array();
		for (i = 0; i < len / sizeof(long); i++) {
			symbols_print_address(ip[i], true, buf, sizeof(buf));
			json_object_array_add(stack, json_object_new_string(buf));
		}
		if (len)
			json_object_object_add(o, "stack", stack);
		else
			json_object_put(stack);
	}
	return o;
}

void record_print_json(struct json_object *o, FILE *out)
{
	fprintf(out, "%s\n",
		json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN |
							  JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(o);
}
