// SPDX-License-Identifier: GPL-2.0
#include <linux/math64.h>
#include <linux/string_helpers.h>
#include <linux/trace_seq.h>

#include "layout.h"
#include "print.h"

static u64 load(const void *p, unsigned int size)
{
	switch (size) {
	case 1: return *(const u8 *)p;
	case 2: return *(const u16 *)p;
	case 4: return *(const u32 *)p;
	default: return *(const u64 *)p;
	}
}

static s64 load_signed(const void *p, unsigned int size)
{
	switch (size) {
	case 1: return *(const s8 *)p;
	case 2: return *(const s16 *)p;
	case 4: return *(const s32 *)p;
	default: return *(const s64 *)p;
	}
}

/* The bytes that a __data_loc word names, or NULL if they are not in the record. */
static const void *data_loc(const void *entry, unsigned int size, unsigned int offset,
			    unsigned int *len)
{
	u32 loc = *(const u32 *)(entry + offset);

	*len = loc >> 16;
	loc &= 0xffff;
	return loc + *len <= size ? entry + loc : NULL;
}

static void print_scalar(struct trace_seq *s, const struct fspan_type *t, const void *p)
{
	switch (t->format) {
	case FSPAN_FORMAT_UNSIGNED:
		trace_seq_printf(s, "%llu", load(p, t->size));
		break;
	case FSPAN_FORMAT_SIGNED:
		trace_seq_printf(s, "%lld", load_signed(p, t->size));
		break;
	case FSPAN_FORMAT_HEX:
		trace_seq_printf(s, "0x%llx", load(p, t->size));
		break;
	case FSPAN_FORMAT_BOOL:
		trace_seq_printf(s, "%d", *(const u8 *)p);
		break;
	case FSPAN_FORMAT_CHAR:
		trace_seq_printf(s, "%d", *(const char *)p);
		break;
	case FSPAN_FORMAT_SYMBOL:
		trace_seq_printf(s, "%pS", (void *)(unsigned long)load(p, t->size));
		break;
	default:
		break;
	}
}

static void print_array(struct trace_seq *s, const struct fspan_type *t, const void *p)
{
	unsigned int i;

	for (i = 0; i < t->count; i++) {
		trace_seq_putc(s, i ? ',' : '{');
		print_scalar(s, t, p + i * t->size);
	}
	trace_seq_putc(s, '}');
}

static void print_value(struct trace_seq *s, const struct fspan_field *f, const void *entry,
			unsigned int size)
{
	const void *p = entry + f->offset;
	unsigned int len;

	if (f->type.format == FSPAN_FORMAT_COMM ||
	    (f->type.format == FSPAN_FORMAT_CHAR && f->type.count)) {
		trace_seq_printf(s, "\"%.*s\"", f->size, (const char *)p);
	} else if (f->type.format == FSPAN_FORMAT_STRING) {
		p = data_loc(entry, size, f->offset, &len);
		if (p)
			trace_seq_printf(s, "\"%.*s\"", len, (const char *)p);
	} else if (f->type.count) {
		print_array(s, &f->type, p);
	} else {
		print_scalar(s, &f->type, p);
	}
}

void fspan_print_fields(struct trace_seq *s, const struct fspan_layout *l, const void *entry,
			unsigned int size, u32 only)
{
	u32 faults = l->faults ? *(const u32 *)(entry + l->faults) : 0;
	unsigned int i;

	for (i = 0; i < l->nfields; i++) {
		if (!(only & (1U << i)))
			continue;
		trace_seq_printf(s, " %s=", l->fields[i].name);
		print_value(s, &l->fields[i], entry, size);
	}
	for (i = 0; i < l->nfields; i++)
		if (faults & only & (1U << i))
			trace_seq_printf(s, " fault:%s", l->fields[i].name);
}

void fspan_print_key(struct trace_seq *s, const struct fspan_type *t, const void *key,
		     unsigned int len)
{
	char text[4 * FSPAN_MAX_KEY];	/* \ooo each */

	if (fspan_type_is_text(t)) {
		len = string_escape_mem(key, len, text, sizeof(text),
					ESCAPE_OCTAL | ESCAPE_NAP | ESCAPE_APPEND, "\"\\");
		trace_seq_printf(s, "\"%.*s\"", len, text);
	} else if (t->count) {
		print_array(s, t, key);
	} else if (t->format == FSPAN_FORMAT_SYMBOL) {
		trace_seq_printf(s, "%ps", (void *)(unsigned long)load(key, t->size));
	} else {
		print_scalar(s, t, key);
	}
}

static void print_stack(struct trace_seq *s, const struct fspan_layout *l, const void *entry,
			unsigned int size)
{
	const unsigned long *ip;
	unsigned int len, i;

	ip = data_loc(entry, size, l->stack, &len);
	if (!ip || !len)
		return;
	trace_seq_puts(s, " stack=");
	for (i = 0; i < len / sizeof(long); i++)
		trace_seq_printf(s, "%s%pS", i ? " <- " : "", (void *)ip[i]);
}

void fspan_print_record(struct trace_seq *s, const struct fspan_layout *l, const void *entry,
			unsigned int size)
{
	if (size < l->fixed_size) {
		trace_seq_puts(s, " (record is too short)");
		return;
	}
	if (l->func)
		trace_seq_printf(s, " %ps", (void *)*(const unsigned long *)(entry + l->func));
	if (l->dur) {
		u32 ns;
		u64 us = div_u64_rem(*(const u64 *)(entry + l->dur), 1000, &ns);

		trace_seq_printf(s, " dur=%llu.%03uus", us, ns);
	}
	if (l->ret) {
		trace_seq_puts(s, " ret=");
		print_scalar(s, &l->ret_type, entry + l->ret);
	}
	fspan_print_fields(s, l, entry, size, ~0U);
	print_stack(s, l, entry, size);
}
