// SPDX-License-Identifier: GPL-2.0
#include <linux/seq_buf.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "error.h"
#include "layout.h"

#define PRINT_FMT_SIZE	16384

/*
 * Names that BTF knows, so that bpftrace and BPF programs find their types.
 * The core keeps the pointer: they are in the layout, or constants.
 */
static void name_type(char *buf, size_t size, const struct fspan_type *t)
{
	const char *name;
	char scalar[12];

	switch (t->format) {
	case FSPAN_FORMAT_STRING:
		strscpy(buf, "__data_loc char[]", size);
		return;
	case FSPAN_FORMAT_COMM:
		snprintf(buf, size, "char[%d]", TASK_COMM_LEN);
		return;
	case FSPAN_FORMAT_CHAR:
		name = "char";
		break;
	case FSPAN_FORMAT_BOOL:
		name = "bool";
		break;
	case FSPAN_FORMAT_SYMBOL:
		name = "unsigned long";
		break;
	default:
		snprintf(scalar, sizeof(scalar), "%c%u",
			 t->format == FSPAN_FORMAT_SIGNED ? 's' : 'u', t->size * 8);
		name = scalar;
	}
	if (t->count)
		snprintf(buf, size, "%s[%u]", name, t->count);
	else
		strscpy(buf, name, size);
}

static unsigned int record_size(const struct fspan_type *t)
{
	if (t->format == FSPAN_FORMAT_STRING)
		return sizeof(u32);	/* __data_loc */
	if (t->format == FSPAN_FORMAT_COMM)
		return TASK_COMM_LEN;
	return t->size * max(t->count, 1U);
}

static unsigned int record_align(const struct fspan_type *t)
{
	return t->format == FSPAN_FORMAT_STRING ? sizeof(u32) : t->size;
}

/* One more entry of the array that the core makes the format from. */
static unsigned int add_field(struct fspan_layout *l, unsigned int *n, const char *type,
			      const char *name, unsigned int size, unsigned int align,
			      bool is_signed, unsigned int count)
{
	/* its members are const */
	struct trace_event_fields field = {
		.type = type, .name = name, .size = size, .align = align,
		.is_signed = is_signed, .filter_type = FILTER_OTHER, .len = count,
	};
	unsigned int offset = ALIGN(l->fixed_size, align);	/* as the core does */

	memcpy(&l->class_fields[(*n)++], &field, sizeof(field));
	l->fixed_size = offset + size;
	return offset;
}

static bool type_signed(const struct fspan_type *t)
{
	return t->format == FSPAN_FORMAT_SIGNED ||
	       (t->format == FSPAN_FORMAT_CHAR && (char)-1 < 0);
}

/* seq_buf_puts() is not exported everywhere */
static void put(struct seq_buf *s, const char *text)
{
	seq_buf_printf(s, "%s", text);
}

static void put_format(struct seq_buf *s, const struct fspan_type *t)
{
	bool wide = t->size == 8;

	if (t->count && t->format != FSPAN_FORMAT_CHAR) {
		put(s, "%s");
		return;
	}
	switch (t->format) {
	case FSPAN_FORMAT_UNSIGNED:
		put(s, wide ? "%llu" : "%u");
		break;
	case FSPAN_FORMAT_SIGNED:
		/* libtraceevent does not extend the sign by itself */
		put(s, wide ? "%lld" : t->size == 4 ? "%d" : t->size == 2 ? "%hd" : "%hhd");
		break;
	case FSPAN_FORMAT_HEX:
		put(s, wide ? "0x%llx" : "0x%x");
		break;
	case FSPAN_FORMAT_CHAR:
		/* libtraceevent has no %c */
		put(s, t->count ? "\\\"%s\\\"" : "%hhd");
		break;
	case FSPAN_FORMAT_BOOL:
		put(s, "%d");
		break;
	case FSPAN_FORMAT_SYMBOL:
		put(s, "%pS");
		break;
	case FSPAN_FORMAT_STRING:
	case FSPAN_FORMAT_COMM:
		put(s, "\\\"%s\\\"");
		break;
	}
}

static void put_value(struct seq_buf *s, const struct fspan_type *t, const char *name)
{
	if (t->count && t->format != FSPAN_FORMAT_CHAR)
		seq_buf_printf(s, ", __print_array(REC->%s, %u, %u)", name, t->count, t->size);
	else if (t->format == FSPAN_FORMAT_STRING)
		seq_buf_printf(s, ", __get_str(%s)", name);
	else if (t->format == FSPAN_FORMAT_SYMBOL)
		seq_buf_printf(s, ", (void *)REC->%s", name);
	else
		seq_buf_printf(s, ", REC->%s", name);
}

/* What libtraceevent prints by; print.c prints the same in the kernel. */
static void put_print_fmt(struct fspan_layout *l, struct seq_buf *s)
{
	const char *sep = "";
	unsigned int i;

	put(s, "\"");
	if (l->func) {
		put(s, "%ps");
		sep = " ";
	}
	if (l->dur) {
		seq_buf_printf(s, "%sdur=%%llu.%%03lluus", sep);
		sep = " ";
	}
	if (l->ret) {
		put(s, " ret=");
		put_format(s, &l->ret_type);
	}
	for (i = 0; i < l->nfields; i++) {
		seq_buf_printf(s, "%s%s=", sep, l->fields[i].name);
		put_format(s, &l->fields[i].type);
		sep = " ";
	}
	if (l->faults)
		put(s, "%s");
	if (l->print_stack)
		seq_buf_printf(s, "%sstack=%%s", sep);
	put(s, "\"");

	if (l->func)
		put(s, ", (void *)REC->func");
	if (l->dur)
		put(s, ", REC->dur / 1000, REC->dur % 1000");
	if (l->ret)
		put_value(s, &l->ret_type, "ret");
	for (i = 0; i < l->nfields; i++)
		put_value(s, &l->fields[i].type, l->fields[i].name);
	if (l->faults) {
		put(s, ", __print_flags(REC->faults, \"\"");
		for (i = 0; i < l->nfields; i++)
			if (l->fields[i].faults)
				seq_buf_printf(s, ", { 0x%x, \" fault:%s\" }", 1U << i,
					       l->fields[i].name);
		put(s, ")");
	}
	/*
	 * libtraceevent computes a length only in parentheses, and cannot index a dynamic
	 * array of longs, so that there are no symbols.
	 */
	if (l->print_stack)
		seq_buf_printf(s, ", __print_array(__get_dynamic_array(stack), "
			       "(__get_dynamic_array_len(stack) / %zu), %zu)",
			       sizeof(long), sizeof(long));
}

static int make_print_fmt(struct fspan_layout *l)
{
	struct seq_buf s;
	char *buf = kmalloc(PRINT_FMT_SIZE, GFP_KERNEL);
	int ret = -ENOMEM;

	if (!buf)
		return -ENOMEM;
	seq_buf_init(&s, buf, PRINT_FMT_SIZE - 1);
	put_print_fmt(l, &s);
	if (WARN_ON_ONCE(seq_buf_has_overflowed(&s)))
		goto free_buf;
	buf[s.len] = '\0';
	l->print_fmt = kstrdup(buf, GFP_KERNEL);
	if (l->print_fmt)
		ret = 0;
free_buf:
	kfree(buf);
	return ret;
}

static int lay_out(struct fspan_layout *l, const struct fspan_spec *spec, bool func,
		   struct fspan_error *err)
{
	bool span = spec->kind == FSPAN_KIND_SPAN, faults = false;
	bool timed = span || spec->kind == FSPAN_KIND_PAIR;
	unsigned int i, n = 0, nstrings = 0, room;
	struct fspan_field *ret = &l->fields[spec->nfields];

	l->ret_type_name = ret->type_name;
	l->fixed_size = sizeof(struct trace_entry);
	if (timed)
		l->dur = add_field(l, &n, "u64", "dur", 8, 8, false, 0);
	if (span && !spec->ret_void) {
		const struct fspan_type by_default = {
			.format = FSPAN_FORMAT_SIGNED, .size = sizeof(long)
		};

		l->ret_type = spec->ret_type.size ? spec->ret_type : by_default;
		name_type(ret->type_name, sizeof(ret->type_name), &l->ret_type);
		l->ret = add_field(l, &n, ret->type_name, "ret", l->ret_type.size,
				   l->ret_type.size, type_signed(&l->ret_type), 0);
	}
	if (func)
		l->func = add_field(l, &n, "unsigned long", "func", sizeof(long), sizeof(long),
				    false, 0);
	for (i = 0; i < spec->nfields; i++) {
		const struct fspan_field_spec *fs = &spec->fields[i];
		struct fspan_field *f = &l->fields[i];

		strscpy(f->name, fs->name, sizeof(f->name));
		f->type = fs->type;
		f->faults = fs->fetch.nderef;
		faults |= f->faults;
		nstrings += f->type.format == FSPAN_FORMAT_STRING;
		name_type(f->type_name, sizeof(f->type_name), &f->type);
		f->size = record_size(&f->type);
		f->offset = add_field(l, &n, f->type_name, f->name, f->size,
				      record_align(&f->type), type_signed(&f->type),
				      f->type.format == FSPAN_FORMAT_COMM ? TASK_COMM_LEN :
				      f->type.count);
	}
	l->nfields = spec->nfields;
	if (faults)
		l->faults = add_field(l, &n, "u32", "faults", 4, 4, false, 0);
	l->stack = add_field(l, &n, "__data_loc unsigned long[]", "stack", 4, 4, false, 0);
	l->print_stack = spec->stack || spec->gate;

	/* the stack with the function itself, and what aligns it */
	room = l->fixed_size + (FSPAN_MAX_STACK + 2) * sizeof(long);
	room = room < FSPAN_MAX_RECORD ? FSPAN_MAX_RECORD - room : 0;
	if (nstrings)
		l->string_size = min(room / nstrings, (unsigned int)FSPAN_MAX_STRING) & ~7U;
	if (!room || (nstrings && l->string_size < FSPAN_MIN_STRING))
		return fspan_error_set(err, FSPAN_ERR_BIG_RECORD, spec->fields[0].col);
	return 0;
}

int fspan_layout_init(struct fspan_layout *l, const struct fspan_spec *spec, bool func,
		      struct fspan_error *err)
{
	int ret;

	memset(l, 0, sizeof(*l));
	l->fields = kcalloc(spec->nfields + 1, sizeof(*l->fields), GFP_KERNEL);
	/* dur ret func faults stack, and the terminator */
	l->class_fields = kcalloc(spec->nfields + 6, sizeof(*l->class_fields), GFP_KERNEL);
	if (!l->fields || !l->class_fields)
		return fspan_error_set(err, FSPAN_ERR_NO_MEMORY, 0);
	ret = lay_out(l, spec, func, err);
	if (ret)
		return ret;
	if (make_print_fmt(l))
		return fspan_error_set(err, FSPAN_ERR_NO_MEMORY, 0);
	return 0;
}

void fspan_layout_release(struct fspan_layout *l)
{
	kfree(l->print_fmt);
	kfree(l->class_fields);
	kfree(l->fields);
	memset(l, 0, sizeof(*l));
}

bool fspan_layout_same(const struct fspan_layout *a, const struct fspan_layout *b)
{
	unsigned int i;

	/*
	 * the print format has the names in order, and which of the fixed fields there are, but
	 * not how an array's elements are printed
	 */
	if (strcmp(a->print_fmt, b->print_fmt) || a->nfields != b->nfields ||
	    a->fixed_size != b->fixed_size || strcmp(a->ret_type_name, b->ret_type_name))
		return false;
	for (i = 0; i < a->nfields; i++)
		if (a->fields[i].offset != b->fields[i].offset ||
		    a->fields[i].type.format != b->fields[i].type.format ||
		    strcmp(a->fields[i].type_name, b->fields[i].type_name))
			return false;
	return true;
}
