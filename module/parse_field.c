// SPDX-License-Identifier: GPL-2.0
/* Fields: fetch arguments and types, as kprobe_events writes them. */
#include <linux/ctype.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "parse.h"
#include "regs.h"

#define MAX_ARGS	16
#define MAX_STACK	512
#define MAX_ARRAY	64

static const struct {
	const char *name;
	enum fspan_format format;
	unsigned int size;
} types[] = {
	{ "u8", FSPAN_FORMAT_UNSIGNED, 1 }, { "u16", FSPAN_FORMAT_UNSIGNED, 2 },
	{ "u32", FSPAN_FORMAT_UNSIGNED, 4 }, { "u64", FSPAN_FORMAT_UNSIGNED, 8 },
	{ "s8", FSPAN_FORMAT_SIGNED, 1 }, { "s16", FSPAN_FORMAT_SIGNED, 2 },
	{ "s32", FSPAN_FORMAT_SIGNED, 4 }, { "s64", FSPAN_FORMAT_SIGNED, 8 },
	{ "x8", FSPAN_FORMAT_HEX, 1 }, { "x16", FSPAN_FORMAT_HEX, 2 },
	{ "x32", FSPAN_FORMAT_HEX, 4 }, { "x64", FSPAN_FORMAT_HEX, 8 },
	{ "char", FSPAN_FORMAT_CHAR, 1 }, { "bool", FSPAN_FORMAT_BOOL, 1 },
	{ "symbol", FSPAN_FORMAT_SYMBOL, sizeof(long) },
	{ "string", FSPAN_FORMAT_STRING, 1 }, { "ustring", FSPAN_FORMAT_STRING, 1 },
};

/* bWIDTH@OFFSET/SIZE, of a container of SIZE bits */
static int parse_bitfield(struct fspan_cursor *c, struct fspan_type *type)
{
	const char *at = c->pos;
	u64 width, offset, size;

	c->pos++;
	if (fspan_parse_number(c, &width) || *c->pos++ != '@' ||
	    fspan_parse_number(c, &offset) || *c->pos++ != '/' ||
	    fspan_parse_number(c, &size))
		return fspan_parse_fail(c, FSPAN_ERR_BAD_BITFIELD, at);
	if ((size != 8 && size != 16 && size != 32 && size != 64) ||
	    !width || width > size || offset > size - width)
		return fspan_parse_fail(c, FSPAN_ERR_BAD_BITFIELD, at);
	type->format = FSPAN_FORMAT_UNSIGNED;
	type->size = size / 8;
	type->bit_width = width;
	type->bit_shift = offset;
	return 0;
}

int fspan_parse_type(struct fspan_cursor *c, struct fspan_type *type)
{
	const char *at = c->pos;
	size_t len = fspan_ident_len(at);
	u64 count;
	int i;

	if (at[0] == 'b' && isdigit(at[1]))
		return parse_bitfield(c, type);
	for (i = 0; i < ARRAY_SIZE(types); i++)
		if (strlen(types[i].name) == len && !strncmp(types[i].name, at, len))
			break;
	if (i == ARRAY_SIZE(types))
		return fspan_parse_fail(c, FSPAN_ERR_BAD_TYPE, at);
	type->format = types[i].format;
	type->size = types[i].size;
	type->user = at[0] == 'u' && type->format == FSPAN_FORMAT_STRING;
	c->pos += len;
	if (*c->pos != '[')
		return 0;
	at = c->pos++;
	if (fspan_parse_number(c, &count) || *c->pos++ != ']' || !count || count > MAX_ARRAY ||
	    type->format == FSPAN_FORMAT_STRING)
		return fspan_parse_fail(c, FSPAN_ERR_BAD_ARRAY, at);
	type->count = count;
	return 0;
}

/* Does the fetch argument's name @name stand at @at, and nothing longer? */
static bool is_word(const char *at, const char *name)
{
	return fspan_ident_len(at) == strlen(name) && !strncmp(at, name, strlen(name));
}

/* $noteN */
static int parse_note(struct fspan_cursor *c, struct fspan_field_spec *f)
{
	const char *at = c->pos - 1;
	u64 n;

	if (!c->gate && c->kind != FSPAN_KIND_EMIT)
		return fspan_parse_fail(c, FSPAN_ERR_NOTE_GATE, at);
	c->pos += 4;
	if (fspan_parse_number(c, &n) || n >= FSPAN_MAX_NOTES)
		return fspan_parse_fail(c, FSPAN_ERR_BAD_NOTE, at);
	f->fetch.base = FSPAN_BASE_NOTE;
	f->fetch.num = n;
	f->at_ret = true;
	return 0;
}

static int parse_variable(struct fspan_cursor *c, struct fspan_field_spec *f)
{
	static const struct {
		const char *name;
		enum fspan_base base;
		bool span;		/* needs a return */
	} vars[] = {
		{ "stack", FSPAN_BASE_STACK_ADDR }, { "comm", FSPAN_BASE_COMM },
		{ "pid", FSPAN_BASE_PID }, { "cpu", FSPAN_BASE_CPU },
		{ "cgroup", FSPAN_BASE_CGROUP }, { "retval", FSPAN_BASE_RETVAL, true },
		{ "nvcsw", FSPAN_BASE_NVCSW, true }, { "nivcsw", FSPAN_BASE_NIVCSW, true },
		{ "id", FSPAN_BASE_ID }, { "parent", FSPAN_BASE_PARENT },
		{ "depth", FSPAN_BASE_DEPTH },
	};
	const char *at = c->pos;
	bool stack, tree;
	int i;
	u64 n;

	c->pos++;
	for (i = 0; i < ARRAY_SIZE(vars); i++) {
		if (!is_word(c->pos, vars[i].name))
			continue;
		tree = fspan_base_in_tree(vars[i].base);
		if (tree && (f->at_ret || c->declared || (c->kind != FSPAN_KIND_SPAN &&
							  c->kind != FSPAN_KIND_POINT)))
			return fspan_parse_fail(c, FSPAN_ERR_TREE, at);
		if (vars[i].span && c->kind == FSPAN_KIND_POINT)
			return fspan_parse_fail(c, FSPAN_ERR_POINT_RET, at);
		if (vars[i].span && c->kind == FSPAN_KIND_PAIR)
			return fspan_parse_fail(c, FSPAN_ERR_PAIR_RET, at);
		if ((vars[i].span || vars[i].base == FSPAN_BASE_STACK_ADDR) &&
		    c->kind == FSPAN_KIND_EMIT)
			return fspan_parse_fail(c, FSPAN_ERR_EMIT_FETCH, at);
		if (vars[i].base == FSPAN_BASE_STACK_ADDR && c->declared)
			return fspan_parse_fail(c, FSPAN_ERR_SITE_FETCH, at);
		if (vars[i].base == FSPAN_BASE_RETVAL && !f->at_ret)
			return fspan_parse_fail(c, FSPAN_ERR_RETVAL_ENTRY, at);
		f->fetch.base = vars[i].base;
		c->pos += strlen(vars[i].name);
		return 0;
	}
	stack = !strncmp(c->pos, "stack", 5);
	if (!strncmp(c->pos, "note", 4) && isdigit(c->pos[4]))
		return parse_note(c, f);
	if (!stack && strncmp(c->pos, "arg", 3))
		return fspan_parse_fail(c, FSPAN_ERR_BAD_VARIABLE, at);
	c->pos += stack ? 5 : 3;
	if (!isdigit(*c->pos))
		return fspan_parse_fail(c, FSPAN_ERR_BAD_VARIABLE, at);
	if (fspan_parse_number(c, &n) || (stack ? n >= MAX_STACK : !n || n > MAX_ARGS))
		return fspan_parse_fail(c, FSPAN_ERR_BAD_ARGNUM, at);
	if (c->kind == FSPAN_KIND_EMIT)
		return fspan_parse_fail(c, FSPAN_ERR_EMIT_FETCH, at);
	if (c->declared && (stack || n > FSPAN_MAX_SITE_ARGS))
		return fspan_parse_fail(c, FSPAN_ERR_SITE_FETCH, at);
	if (!stack && c->point_offset)
		return fspan_parse_fail(c, FSPAN_ERR_ARG_OFFSET, at);
	f->fetch.base = stack ? FSPAN_BASE_STACK : FSPAN_BASE_ARG;
	f->fetch.num = stack ? n : n - 1;
	return 0;
}

/* @NAME, @NAME+OFFS, @NAME-OFFS, @ADDRESS */
static int parse_symbol(struct fspan_cursor *c, struct fspan_fetch *fetch)
{
	const char *at = c->pos++;
	bool minus;
	u64 n;

	if (isdigit(*c->pos)) {
		fetch->base = FSPAN_BASE_IMM;
		if (fspan_parse_number(c, &fetch->imm))
			return fspan_parse_fail(c, FSPAN_ERR_BAD_SYMBOL, at);
	} else {
		fetch->base = FSPAN_BASE_SYMBOL;
		fetch->symbol = c->pos;
		while (fspan_ident_len(c->pos) || isdigit(*c->pos) || *c->pos == '.' ||
		       *c->pos == '$')
			c->pos++;
		fetch->symbol_len = c->pos - fetch->symbol;
		if (!fetch->symbol_len)
			return fspan_parse_fail(c, FSPAN_ERR_BAD_SYMBOL, at);
		minus = *c->pos == '-';
		if (minus || *c->pos == '+') {
			c->pos++;
			if (fspan_parse_number(c, &n) || n > INT_MAX)
				return fspan_parse_fail(c, FSPAN_ERR_BAD_SYMBOL, at);
			fetch->imm = minus ? -n : n;
		}
	}
	/* as in kprobe_events: @X is the memory at X, not its address */
	fetch->nderef = 1;
	return 0;
}

static int parse_base(struct fspan_cursor *c, struct fspan_field_spec *f)
{
	const char *at = c->pos;
	bool minus;
	size_t len;
	int off;

	switch (*at) {
	case '$':
		return parse_variable(c, f);
	case '%':
		len = fspan_ident_len(at + 1);
		off = fspan_reg_offset(at + 1, len);
		if (off < 0)
			return fspan_parse_fail(c, FSPAN_ERR_BAD_REG, at);
		if (c->kind == FSPAN_KIND_EMIT)
			return fspan_parse_fail(c, FSPAN_ERR_EMIT_FETCH, at);
		if (c->declared)
			return fspan_parse_fail(c, FSPAN_ERR_SITE_FETCH, at);
		f->fetch.base = FSPAN_BASE_REG;
		f->fetch.num = off;
		c->pos += 1 + len;
		return 0;
	case '@':
		return parse_symbol(c, &f->fetch);
	case '\\':
		minus = at[1] == '-';
		c->pos += 1 + minus;
		f->fetch.base = FSPAN_BASE_IMM;
		if (fspan_parse_number(c, &f->fetch.imm))
			return fspan_parse_fail(c, FSPAN_ERR_BAD_IMM, at);
		if (minus)
			f->fetch.imm = -f->fetch.imm;
		return 0;
	case '\0':
	case ' ':
	case '\t':
	case ':':
	case ')':
	case ',':
		return fspan_parse_fail(c, FSPAN_ERR_NO_FETCHARG, at);
	default:
		return fspan_parse_fail(c, FSPAN_ERR_BAD_FETCHARG, at);
	}
}

/* {+|-}[u]OFF( ... ) around a base: outermost is written first and done last. */
static int parse_fetch(struct fspan_cursor *c, struct fspan_field_spec *f)
{
	struct {
		s32 offset;
		bool user;
	} wraps[FSPAN_MAX_DEREF];
	struct fspan_fetch *fetch = &f->fetch;
	unsigned int depth = 0;
	int ret;

	while (*c->pos == '+' || *c->pos == '-') {
		const char *at = c->pos;
		bool minus = *c->pos++ == '-';
		u64 n;

		if (depth == FSPAN_MAX_DEREF)
			return fspan_parse_fail(c, FSPAN_ERR_DEEP_DEREF, at);
		wraps[depth].user = *c->pos == 'u';
		c->pos += wraps[depth].user;
		if (fspan_parse_number(c, &n) || n > INT_MAX || *c->pos != '(')
			return fspan_parse_fail(c, FSPAN_ERR_BAD_DEREF, at);
		c->pos++;
		wraps[depth++].offset = minus ? -(s32)n : n;
	}
	ret = parse_base(c, f);
	if (ret)
		return ret;
	if (fetch->nderef + depth > FSPAN_MAX_DEREF)
		return fspan_parse_fail(c, FSPAN_ERR_DEEP_DEREF, c->line + f->fetch_col);
	while (depth) {
		if (*c->pos != ')')
			return fspan_parse_fail(c, FSPAN_ERR_NO_PAREN, c->pos);
		c->pos++;
		depth--;
		fetch->deref[fetch->nderef].offset = wraps[depth].offset;
		fetch->deref[fetch->nderef].user = wraps[depth].user;
		fetch->nderef++;
	}
	return 0;
}

/* What a field is without a type, and what its fetch argument does not allow. */
static int check_type(struct fspan_cursor *c, struct fspan_field_spec *f, const char *type_at)
{
	struct fspan_type *t = &f->type;

	if (f->fetch.base == FSPAN_BASE_COMM) {
		if (t->size && (t->format != FSPAN_FORMAT_STRING || t->user))
			return fspan_parse_fail(c, FSPAN_ERR_COMM_TYPE, type_at);
		if (f->fetch.nderef)
			return fspan_parse_fail(c, FSPAN_ERR_BAD_DEREF, c->line + f->fetch_col);
		t->format = FSPAN_FORMAT_COMM;
		t->size = 1;
		return 0;
	}
	if (fspan_base_in_tree(f->fetch.base) && f->fetch.nderef)
		return fspan_parse_fail(c, FSPAN_ERR_BAD_DEREF, c->line + f->fetch_col);
	if (!t->size) {
		bool s32_value = f->fetch.base == FSPAN_BASE_PID && !f->fetch.nderef;
		bool u32_value = (f->fetch.base == FSPAN_BASE_CPU ||
				  f->fetch.base == FSPAN_BASE_DEPTH) && !f->fetch.nderef;

		/* a word in hexadecimal, as in kprobe_events; what we know, better */
		t->format = s32_value ? FSPAN_FORMAT_SIGNED : FSPAN_FORMAT_HEX;
		t->size = s32_value || u32_value ? 4 : sizeof(long);
		if (u32_value || fspan_base_in_tree(f->fetch.base) ||
		    (!f->fetch.nderef && (f->fetch.base == FSPAN_BASE_CGROUP ||
					  f->fetch.base == FSPAN_BASE_NVCSW ||
					  f->fetch.base == FSPAN_BASE_NIVCSW)))
			t->format = FSPAN_FORMAT_UNSIGNED;
		return 0;
	}
	if (t->format == FSPAN_FORMAT_STRING && !f->fetch.nderef)
		return fspan_parse_fail(c, FSPAN_ERR_STRING_DEREF, type_at);
	if (t->count && !f->fetch.nderef)
		return fspan_parse_fail(c, FSPAN_ERR_ARRAY_DEREF, type_at);
	/* +u0(...):string reads user memory too */
	if (t->format == FSPAN_FORMAT_STRING && f->fetch.deref[f->fetch.nderef - 1].user)
		t->user = true;
	return 0;
}

static bool reserved(const char *name)
{
	static const char * const names[] = { "dur", "ret", "func", "stack", "faults" };
	int i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(name, names[i]))
			return true;
	return !strncmp(name, "common_", 7);
}

/* FETCHARG[:TYPE] */
static int parse_value(struct fspan_cursor *c, struct fspan_field_spec *f, const char **type_at)
{
	int ret;

	f->fetch_col = c->pos - c->line;
	ret = parse_fetch(c, f);
	if (ret)
		return ret;
	*type_at = c->pos;
	if (*c->pos != ':')
		return 0;
	*type_at = ++c->pos;
	return fspan_parse_type(c, &f->type);
}

int fspan_parse_key(struct fspan_cursor *c, struct fspan_field_spec *f)
{
	const char *at = c->pos, *type_at;
	int ret;

	ret = parse_value(c, f, &type_at) ?: check_type(c, f, type_at);
	if (ret)
		return ret;
	if (f->fetch.base == FSPAN_BASE_NOTE || fspan_type_is_text(&f->type) || f->type.count)
		return fspan_parse_fail(c, FSPAN_ERR_PAIR_KEY, at);
	return 0;
}

/* "@ret", of a pair "@end" */
static int parse_at(struct fspan_cursor *c, struct fspan_field_spec *f, size_t len)
{
	bool end = is_word(c->pos + 1, "end") && c->kind == FSPAN_KIND_PAIR;

	if (!end && !is_word(c->pos + 1, "ret"))
		return fspan_parse_fail(c, FSPAN_ERR_BAD_FIELD, c->pos);
	if (c->kind == FSPAN_KIND_POINT)
		return fspan_parse_fail(c, FSPAN_ERR_POINT_RET, c->pos);
	if (c->kind == FSPAN_KIND_EMIT)
		return fspan_parse_fail(c, FSPAN_ERR_EMIT_FETCH, c->pos);
	if (c->kind == FSPAN_KIND_PAIR && !end)
		return fspan_parse_fail(c, FSPAN_ERR_PAIR_RET, c->pos);
	f->at_ret = true;
	strscpy(f->name + len, end ? "_end" : "_ret", sizeof(f->name) - len);
	c->pos += 4;
	return 0;
}

/* NAME=FETCHARG[:TYPE], NAME@ret=FETCHARG[:TYPE], NAME@end=FETCHARG[:TYPE] */
int fspan_parse_field(struct fspan_cursor *c, struct fspan_field_spec *f)
{
	const char *at = c->pos;
	size_t len = fspan_ident_len(at);
	const char *type_at;
	int ret;

	f->col = at - c->line;
	if (!len)
		return fspan_parse_fail(c, FSPAN_ERR_BAD_FIELD, at);
	if (len > 31)
		return fspan_parse_fail(c, FSPAN_ERR_FIELD_NAME, at);
	memcpy(f->name, at, len);
	f->name[len] = '\0';
	c->pos += len;
	if (*c->pos == '@') {
		ret = parse_at(c, f, len);
		if (ret)
			return ret;
	}
	if (*c->pos != '=')
		return fspan_parse_fail(c, FSPAN_ERR_BAD_FIELD, c->pos);
	if (reserved(f->name))
		return fspan_parse_fail(c, FSPAN_ERR_FIELD_RESERVED, at);
	c->pos++;
	ret = parse_value(c, f, &type_at);
	if (ret)
		return ret;
	if (*c->pos != ' ' && *c->pos != '\t' && *c->pos != '\0')
		return fspan_parse_fail(c, FSPAN_ERR_TRAILING, c->pos);
	return check_type(c, f, type_at);
}
