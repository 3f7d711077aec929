// SPDX-License-Identifier: GPL-2.0
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "spec.h"

#define MAX_TEXT	16384
#define MAX_TARGETS	4096

struct parser {
	const char *text;
	const char *pos;
	struct diag *d;
	struct spec_field *field;	/* that is parsed */
	int depth;
};

static int col(const struct parser *p)
{
	return p->pos - p->text;
}

static void blanks(struct parser *p)
{
	while (*p->pos == ' ' || *p->pos == '\t' || *p->pos == '\n')
		p->pos++;
}

static bool at_ident(const char *s)
{
	return isalpha((unsigned char)*s) || *s == '_';
}

static size_t ident_len(const char *s)
{
	size_t n = 0;

	if (at_ident(s))
		while (isalnum((unsigned char)s[n]) || s[n] == '_')
			n++;
	return n;
}

static char *take(struct parser *p, size_t len)
{
	char *s = strndup(p->pos, len);

	if (!s)
		abort();
	p->pos += len;
	return s;
}

static struct expr *new_expr(enum expr_kind kind, int at, struct expr *sub)
{
	struct expr *e = calloc(1, sizeof(*e));

	if (!e)
		abort();
	e->kind = kind;
	e->col = at;
	e->sub = sub;
	return e;
}

static void expr_free(struct expr *e)
{
	while (e) {
		struct expr *sub = e->sub;

		free(e->name);
		free(e);
		e = sub;
	}
}

/* "@ret" may stand behind a name or the whole expression. */
static int take_at_ret(struct parser *p)
{
	if (*p->pos != '@')
		return 0;
	if (ident_len(p->pos + 1) != 3 || strncmp(p->pos + 1, "ret", 3))
		return diag_set(p->d, col(p), "only @ret may follow '@'");
	p->field->at_ret = true;
	p->field->ret_col = col(p);
	p->pos += 4;
	blanks(p);
	return 0;
}

static struct expr *parse_unary(struct parser *p);

/* A fetch argument as /dev/fspan takes it, up to what ends a field. */
static struct expr *parse_fetch(struct parser *p)
{
	struct expr *e = new_expr(EXPR_FETCH, col(p), NULL);
	const char *end = p->pos;
	int depth = 0;

	for (; *end; end++) {
		if (depth && strchr(" \t\n,", *end)) {
			diag_set(p->d, end - p->text, "a ')' is missing before this: a fetch argument has no blanks and no ','");
			expr_free(e);
			return NULL;
		}
		if (*end == '(')
			depth++;
		else if (*end == ')' && !depth--)
			break;
		else if (!depth && (*end == ',' || *end == ' ' || *end == '\t' || *end == '\n'))
			break;
		else if (!depth && (*end == ':' || (*end == '@' && end != p->pos)))
			break;
		/* of a symbol '.' is a letter; of a register it is C, which is refused */
		else if (!depth && ((end[0] == '-' && end[1] == '>') ||
				    (!strchr("@\\", *p->pos) && strchr(".[", *end))))
			break;
	}
	if (depth > 0) {
		diag_set(p->d, end - p->text, "a ')' is missing");
		expr_free(e);
		return NULL;
	}
	e->name = take(p, end - p->pos);
	blanks(p);
	return e;
}

/* (struct T *), (union T *), (enum T), (u32), (unsigned long *): true if it is a cast */
static bool at_cast(const struct parser *p)
{
	static const char * const words[] = {
		"struct", "union", "enum", "unsigned", "signed", "const", "int", "long",
		"short", "char", "bool", "u8", "u16", "u32", "u64", "s8", "s16", "s32", "s64",
		"__be16", "__be32", "size_t", "ssize_t", "pid_t", "void",
	};
	const char *s = p->pos + 1;
	size_t len, i;

	while (*s == ' ' || *s == '\t')
		s++;
	len = ident_len(s);
	for (i = 0; len && i < sizeof(words) / sizeof(words[0]); i++)
		if (strlen(words[i]) == len && !strncmp(words[i], s, len))
			return true;
	/* (T *)x: a star before the parenthesis is closed */
	s += len;
	while (*s == ' ' || *s == '\t')
		s++;
	return len && *s == '*';
}

static struct expr *parse_cast(struct parser *p)
{
	struct expr *e = new_expr(EXPR_CAST, col(p) + 1, NULL);
	char name[128] = "";

	p->pos++;
	blanks(p);
	e->col = col(p);
	for (;;) {
		size_t len = ident_len(p->pos);

		if (!len)
			break;
		if (strlen(name) + len + 2 > sizeof(name)) {
			diag_set(p->d, col(p), "this type's name is too long");
			goto fail;
		}
		/* const says nothing here */
		if (len != 5 || strncmp(p->pos, "const", 5)) {
			if (name[0])
				strcat(name, " ");
			strncat(name, p->pos, len);
		}
		p->pos += len;
		blanks(p);
	}
	while (*p->pos == '*') {
		e->stars++;
		p->pos++;
		blanks(p);
	}
	if (*p->pos != ')') {
		diag_set(p->d, col(p), "a cast is (TYPE), (struct T *): a ')' is missing");
		goto fail;
	}
	p->pos++;
	e->name = strdup(name);
	if (!e->name)
		abort();
	blanks(p);
	e->sub = parse_unary(p);
	if (e->sub)
		return e;
fail:
	expr_free(e);
	return NULL;
}

static struct expr *parse_primary(struct parser *p)
{
	struct expr *e;
	size_t len;

	if (strchr("$%+\\@", *p->pos) && *p->pos)
		return parse_fetch(p);
	/* -8(...): a fetch argument too */
	if (*p->pos == '-' && isdigit((unsigned char)p->pos[1]))
		return parse_fetch(p);
	if (*p->pos == '(') {
		if (at_cast(p))
			return parse_cast(p);
		p->pos++;
		blanks(p);
		e = parse_unary(p);
		if (!e)
			return NULL;
		if (*p->pos != ')') {
			diag_set(p->d, col(p), "a ')' is missing");
			expr_free(e);
			return NULL;
		}
		p->pos++;
		blanks(p);
		return e;
	}
	len = ident_len(p->pos);
	if (!len) {
		if (*p->pos == '&') {
			diag_set(p->d, col(p), "'&' is not needed: a pointer is shown as it is");
		} else if (isdigit((unsigned char)*p->pos)) {
			diag_set(p->d, col(p), "a number is no field");
			diag_hint(p->d, "a constant is written \\N");
		} else {
			diag_set(p->d, col(p), *p->pos ? "an expression begins with a parameter's name" :
				 "an expression is missing at the end");
		}
		return NULL;
	}
	e = new_expr(len == 3 && !strncmp(p->pos, "ret", 3) ? EXPR_RET : EXPR_NAME, col(p), NULL);
	e->name = take(p, len);
	blanks(p);
	if (take_at_ret(p)) {
		expr_free(e);
		return NULL;
	}
	return e;
}

static struct expr *parse_index(struct parser *p, struct expr *sub)
{
	struct expr *e = new_expr(EXPR_INDEX, col(p), sub);
	char *end;

	p->pos++;
	blanks(p);
	errno = 0;
	e->index = strtol(p->pos, &end, 0);
	if (end == p->pos || errno || e->index < 0 || e->index > INT_MAX) {
		diag_set(p->d, col(p), "an index is a number, as in [0]");
		goto fail;
	}
	p->pos = end;
	blanks(p);
	if (*p->pos != ']') {
		diag_set(p->d, col(p), "a ']' is missing");
		goto fail;
	}
	p->pos++;
	blanks(p);
	return e;
fail:
	expr_free(e);
	return NULL;
}

static struct expr *parse_postfix(struct parser *p)
{
	struct expr *e = parse_primary(p);
	int depth = 0;

	while (e) {
		bool arrow = p->pos[0] == '-' && p->pos[1] == '>';
		size_t len;

		if (++depth > SPEC_MAX_DEPTH) {
			diag_set(p->d, col(p), "this expression is too deep");
			break;
		}
		if (*p->pos == '[') {
			e = parse_index(p, e);
			continue;
		}
		if (!arrow && *p->pos != '.')
			return e;
		if (e->kind == EXPR_FETCH) {
			diag_set(p->d, col(p), "a fetch argument has no type to take a member of");
			diag_hint(p->d, "use the parameter's name, or +OFF(%s)", e->name);
			break;
		}
		p->pos += arrow ? 2 : 1;
		blanks(p);
		len = ident_len(p->pos);
		if (!len) {
			diag_set(p->d, col(p), "a member's name is missing");
			break;
		}
		e = new_expr(arrow ? EXPR_ARROW : EXPR_MEMBER, col(p), e);
		e->name = take(p, len);
		blanks(p);
		if (take_at_ret(p))
			break;
	}
	expr_free(e);
	return NULL;
}

static struct expr *parse_unary(struct parser *p)
{
	struct expr *e;

	if (++p->depth > SPEC_MAX_DEPTH) {
		diag_set(p->d, col(p), "this expression is too deep");
		return NULL;
	}
	if (*p->pos != '*') {
		e = parse_postfix(p);
	} else {
		e = new_expr(EXPR_DEREF, col(p), NULL);
		p->pos++;
		blanks(p);
		e->sub = parse_unary(p);
		if (!e->sub) {
			expr_free(e);
			e = NULL;
		}
	}
	p->depth--;
	return e;
}

/* TYPE: u32, string, ipv4, an enum's name, s32[4], b4@0/32 */
static int parse_type(struct parser *p)
{
	size_t len;

	p->pos++;
	blanks(p);
	p->field->type_col = col(p);
	len = strcspn(p->pos, ",) \t\n");
	if (!len)
		return diag_set(p->d, col(p), "a type is missing behind ':'");
	p->field->type = take(p, len);
	blanks(p);
	return 0;
}

static int parse_field(struct parser *p, struct spec_field *f)
{
	size_t len = ident_len(p->pos);
	const char *after = p->pos + len;

	p->field = f;
	p->depth = 0;
	while (*after == ' ' || *after == '\t')
		after++;
	if (len && *after == '=') {
		f->name_col = col(p);
		f->name = take(p, len);
		p->pos = after + 1;
		blanks(p);
	}
	f->col = col(p);
	f->expr = parse_unary(p);
	if (!f->expr)
		return -1;
	if (take_at_ret(p))
		return -1;
	if (*p->pos == ':' && parse_type(p))
		return -1;
	if (*p->pos == ',' || *p->pos == ')')
		return 0;
	if (!*p->pos)
		return diag_set(p->d, col(p), "a ')' is missing at the end of the fields");
	diag_set(p->d, col(p), "'%c' does not continue an expression", *p->pos);
	return diag_hint(p->d, "fields are separated by ',', operators are -> . [N] * and casts");
}

static int parse_fields(struct parser *p, struct spec *spec)
{
	p->pos++;
	blanks(p);
	if (*p->pos == ')') {
		p->pos++;
		return 0;
	}
	for (;;) {
		if (spec->nfields == SPEC_MAX_FIELDS)
			return diag_set(p->d, col(p), "more than %d fields", SPEC_MAX_FIELDS);
		if (parse_field(p, &spec->fields[spec->nfields++]))
			return -1;
		if (*p->pos++ == ')')
			return 0;
		blanks(p);
	}
}

static bool target_char(char c)
{
	return isalnum((unsigned char)c) || (c && strchr("_.*?[]-", c));
}

static int parse_target(struct parser *p, struct spec *spec)
{
	struct spec_target *t;
	size_t len = 0;

	t = reallocarray(spec->targets, spec->ntargets + 1, sizeof(*t));
	if (!t)
		abort();
	spec->targets = t;
	t += spec->ntargets++;
	memset(t, 0, sizeof(*t));
	t->col = col(p);
	while (target_char(p->pos[len]))
		len++;
	if (!len) {
		if (*p->pos)
			return diag_set(p->d, col(p), "'%c' does not begin a function's name", *p->pos);
		diag_set(p->d, col(p), "a function is missing");
		return diag_hint(p->d, "a spec is [NAME=]FUNCTION[(FIELD, ...)], as in vfs_read(count)");
	}
	if (p->pos[len] == ':') {
		t->syscall = len == 7 && !strncmp(p->pos, "syscall", 7);
		if (!t->syscall)
			t->module = take(p, len);
		else
			p->pos += len;
		p->pos++;
		for (len = 0; target_char(p->pos[len]);)
			len++;
		if (!len)
			return diag_set(p->d, col(p), "a function is missing behind ':'");
	}
	t->glob = strcspn(p->pos, "*?[") < len;
	t->name = take(p, len);
	blanks(p);
	return 0;
}

/* What one end of a pair has to have. */
static int check_end(struct parser *p, const struct spec *spec)
{
	int i;

	for (i = 0; i < spec->ntargets; i++) {
		const struct spec_target *t = &spec->targets[i];

		if (t->syscall)
			return diag_set(p->d, t->col, "a system call is no end of a pair: name a function or a tracepoint");
		if (t->glob)
			return diag_set(p->d, t->col, "an end of a pair is no glob: name the functions, with ',' between them");
	}
	if (!spec->ntargets)
		return diag_set(p->d, col(p), "a pair begins in a function or a tracepoint");
	if (spec->all || !spec->nfields) {
		diag_set(p->d, col(p), "a pair needs a key: what begin and end have in common");
		return diag_hint(p->d, "as in 'blk_mq_start_request(rq) ~ blk_mq_end_request(rq)'");
	}
	return 0;
}

static int parse_call(struct parser *p, struct spec *spec)
{
	while (!spec->name || *p->pos != '(') {
		if (spec->ntargets == MAX_TARGETS)
			return diag_set(p->d, col(p), "more than %d functions: use a glob", MAX_TARGETS);
		if (parse_target(p, spec))
			return -1;
		if (*p->pos != ',')
			break;
		p->pos++;
		blanks(p);
	}
	spec->all = *p->pos != '(';
	if (!spec->all && parse_fields(p, spec))
		return -1;
	blanks(p);
	return 0;
}

/* "~ END(KEY, ...)" */
static int parse_end(struct parser *p, struct spec *spec)
{
	if (check_end(p, spec))
		return -1;
	p->pos++;
	blanks(p);
	spec->end = calloc(1, sizeof(*spec->end));
	if (!spec->end)
		abort();
	if (parse_call(p, spec->end))
		return -1;
	return check_end(p, spec->end);
}

static int parse_spec(struct parser *p, struct spec *spec)
{
	size_t len;

	blanks(p);
	len = ident_len(p->pos);
	if (len && p->pos[len] == '=') {
		spec->name_col = col(p);
		if (len > 63)
			return diag_set(p->d, col(p), "an event's name has at most 63 letters");
		spec->name = take(p, len);
		p->pos++;
		blanks(p);
	}
	if (parse_call(p, spec))
		return -1;
	if (*p->pos == '~' && parse_end(p, spec))
		return -1;
	if (!*p->pos)
		return 0;
	diag_set(p->d, col(p), "text behind the end of the spec");
	if (*p->pos == '=')
		diag_hint(p->d, "an event's name is a C identifier of letters, digits and '_'");
	else if (*p->pos == '+')
		diag_hint(p->d, "a span covers a whole function: a point at an offset is defined in /dev/fspan");
	else
		diag_hint(p->d, "several specs are several arguments: quote each");
	return -1;
}

int spec_parse(const char *text, struct spec *spec, struct diag *d)
{
	struct parser p = { .text = text, .pos = text, .d = d };
	size_t i, len = strlen(text);

	memset(spec, 0, sizeof(*spec));
	d->text = text;
	if (len > MAX_TEXT)
		return diag_set(d, -1, "a spec has at most %d bytes", MAX_TEXT);
	for (i = 0; i < len; i++)
		if ((unsigned char)text[i] < ' ' && text[i] != '\t' && text[i] != '\n')
			return diag_set(d, i, "a control character is no part of a spec");
		else if ((unsigned char)text[i] > '~')
			return diag_set(d, i, "a spec is ASCII");
	spec->text = strdup(text);
	if (!spec->text)
		abort();
	d->text = p.text = p.pos = spec->text;
	return parse_spec(&p, spec);
}

void spec_free(struct spec *spec)
{
	int i;

	if (spec->end)
		spec_free(spec->end);
	free(spec->end);
	for (i = 0; i < spec->ntargets; i++) {
		free(spec->targets[i].module);
		free(spec->targets[i].name);
	}
	free(spec->targets);
	for (i = 0; i < spec->nfields; i++) {
		free(spec->fields[i].name);
		free(spec->fields[i].type);
		expr_free(spec->fields[i].expr);
	}
	free(spec->name);
	free(spec->text);
	memset(spec, 0, sizeof(*spec));
}
