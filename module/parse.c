// SPDX-License-Identifier: GPL-2.0
/* Lines: kind, attributes, event, targets; fields are in parse_field.c. */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <uapi/linux/fspan.h>

#include "parse.h"

#define MAX_TARGETS	4096
#define MAX_INSTANCES	65536	/* max= */
#define DEFAULT_KEYS	256	/* of a histogram */

int fspan_parse_fail(struct fspan_cursor *c, enum fspan_errcode code, const char *at)
{
	return fspan_error_set(c->err, code, at - c->line);
}

/* ctype's isalpha() knows Latin-1; identifiers are ASCII. */
static bool ident_char(char ch, bool first)
{
	return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || ch == '_' ||
	       (!first && ch >= '0' && ch <= '9');
}

size_t fspan_ident_len(const char *s)
{
	size_t n = 0;

	while (ident_char(s[n], !n))
		n++;
	return n;
}

/* A module's name may begin with a digit: 9p, 8021q. */
static size_t module_len(const char *s)
{
	size_t n = 0;

	while (ident_char(s[n], false))
		n++;
	return n;
}

static unsigned int digit_value(char ch)
{
	if (ch >= '0' && ch <= '9')
		return ch - '0';
	ch |= 0x20;
	return ch >= 'a' && ch <= 'f' ? ch - 'a' + 10 : UINT_MAX;
}

/* Decimal, 0x or 0 for octal, as everywhere in tracefs. Moves past it. */
int fspan_parse_number(struct fspan_cursor *c, u64 *val)
{
	const char *p = c->pos;
	unsigned int base = 10;
	u64 v = 0;

	if (p[0] == '0' && (p[1] == 'x' || p[1] == 'X')) {
		base = 16;
		p += 2;
	} else if (p[0] == '0') {
		base = 8;
	}
	if (digit_value(*p) == UINT_MAX)
		return -EINVAL;
	for (; digit_value(*p) != UINT_MAX; p++) {
		unsigned int d = digit_value(*p);

		if (d >= base || v > (~0ULL - d) / base)
			return -EINVAL;
		v = v * base + d;
	}
	c->pos = p;
	*val = v;
	return 0;
}

static void skip_blanks(struct fspan_cursor *c)
{
	while (*c->pos == ' ' || *c->pos == '\t')
		c->pos++;
}

static bool at_blank(const char *p)
{
	return *p == ' ' || *p == '\t' || *p == '\0';
}

/* A C identifier into @name; @end says where it stopped. */
static bool take_name(struct fspan_cursor *c, char *name)
{
	size_t len = fspan_ident_len(c->pos);

	if (!len || len >= FSPAN_NAME_LEN)
		return false;
	memcpy(name, c->pos, len);
	name[len] = '\0';
	c->pos += len;
	return true;
}

static int parse_duration(struct fspan_cursor *c, u64 *ns)
{
	static const struct {
		const char *name;
		u32 ns;
	} units[] = { { "ns", 1 }, { "us", 1000 }, { "ms", 1000000 }, { "s", 1000000000 } };
	size_t len;
	u64 val;
	int i;

	if (fspan_parse_number(c, &val))
		return -EINVAL;
	len = fspan_ident_len(c->pos);
	if (!len) {
		*ns = val;	/* ns, as in dur */
		return 0;
	}
	for (i = 0; i < ARRAY_SIZE(units); i++) {
		if (strlen(units[i].name) != len || strncmp(c->pos, units[i].name, len))
			continue;
		if (val > ~0ULL / units[i].ns)
			return -EINVAL;
		*ns = val * units[i].ns;
		c->pos += len;
		return 0;
	}
	return -EINVAL;
}

enum attr {
	ATTR_MIN_DUR, ATTR_FAILED, ATTR_RET, ATTR_COOKIE, ATTR_STACK, ATTR_MAX,
	ATTR_GATE, ATTR_ENGINE, ATTR_HIST, ATTR_KEYS, ATTR_AGE,
	NR_ATTRS
};

static const struct {
	const char *name;
	enum { NO_VALUE, VALUE, MAYBE_VALUE } value;
	/* that may have it */
	enum { SPAN = 1, POINT = 2, EMIT = 4, PAIR = 8, ANY = 15 } kinds;
} attrs[NR_ATTRS] = {
	[ATTR_MIN_DUR]	= { "min_dur", VALUE, SPAN | PAIR },
	[ATTR_FAILED]	= { "failed", NO_VALUE, SPAN },
	[ATTR_RET]	= { "ret", VALUE, SPAN },
	[ATTR_COOKIE]	= { "cookie", VALUE, ANY },
	[ATTR_STACK]	= { "stack", NO_VALUE, ANY },
	[ATTR_MAX]	= { "max", VALUE, SPAN | PAIR },
	[ATTR_GATE]	= { "gate", NO_VALUE, SPAN | POINT | PAIR },
	[ATTR_ENGINE]	= { "engine", VALUE, SPAN },
	[ATTR_HIST]	= { "hist", MAYBE_VALUE, SPAN | PAIR },
	[ATTR_KEYS]	= { "keys", VALUE, SPAN | PAIR },
	[ATTR_AGE]	= { "age", VALUE, SPAN | PAIR },
};

static int parse_ret_type(struct fspan_cursor *c, struct fspan_spec *spec)
{
	const char *at = c->pos;
	int ret;

	if (!strncmp(at, "void", 4) && fspan_ident_len(at) == 4) {
		c->pos += 4;
		spec->ret_void = true;
		return 0;
	}
	ret = fspan_parse_type(c, &spec->ret_type);
	if (ret)
		return ret;
	if (spec->ret_type.count || spec->ret_type.format == FSPAN_FORMAT_STRING)
		return fspan_parse_fail(c, FSPAN_ERR_ATTR_VALUE, at);
	return 0;
}

static int parse_attr_value(struct fspan_cursor *c, struct fspan_spec *spec, enum attr attr)
{
	const char *at = c->pos;
	size_t len;
	u64 val;

	switch (attr) {
	case ATTR_MIN_DUR:
		if (!parse_duration(c, &spec->min_dur))
			return 0;
		break;
	case ATTR_AGE:
		if (!parse_duration(c, &spec->age) && spec->age && !(spec->age >> 63))
			return 0;
		break;
	case ATTR_RET:
		return parse_ret_type(c, spec);
	case ATTR_COOKIE:
		if (!fspan_parse_number(c, &spec->cookie))
			return 0;
		break;
	case ATTR_MAX:
		if (!fspan_parse_number(c, &val) && val && val <= MAX_INSTANCES) {
			spec->max = val;
			return 0;
		}
		break;
	case ATTR_ENGINE:
		len = fspan_ident_len(at);
		if (len == 9 && !strncmp(at, "kretprobe", len))
			spec->engine = FSPAN_ENGINE_SPEC_KRETPROBE;
		else if (len == 6 && !strncmp(at, "direct", len))
			spec->engine = FSPAN_ENGINE_SPEC_DIRECT;
		else if (len == 6 && !strncmp(at, "fprobe", len))
			spec->engine = FSPAN_ENGINE_SPEC_FPROBE;
		else
			break;
		c->pos += len;
		return 0;
	case ATTR_HIST:
		/* what it names is known when the fields are */
		spec->has_hist = true;
		spec->hist.key = at;
		spec->hist.key_len = fspan_ident_len(at);
		c->pos += spec->hist.key_len;
		return spec->hist.key_len ? 0 : fspan_parse_fail(c, FSPAN_ERR_HIST_KEY, at);
	case ATTR_KEYS:
		if (fspan_parse_number(c, &val) || !val || val > FSPAN_MAX_KEYS)
			return fspan_parse_fail(c, FSPAN_ERR_HIST_KEYS, at);
		spec->hist.keys = val;
		return 0;
	default:
		break;
	}
	return fspan_parse_fail(c, FSPAN_ERR_ATTR_VALUE, at);
}

/* @seen: where each attribute stands in the line. */
static int parse_attr(struct fspan_cursor *c, struct fspan_spec *spec, const char **seen)
{
	const char *at = c->pos;
	size_t len = fspan_ident_len(at);
	int i;

	for (i = 0; i < NR_ATTRS; i++)
		if (strlen(attrs[i].name) == len && !strncmp(at, attrs[i].name, len))
			break;
	if (i == NR_ATTRS)
		return fspan_parse_fail(c, FSPAN_ERR_ATTR_UNKNOWN, at);
	if (spec->kind == FSPAN_KIND_POINT && !(attrs[i].kinds & POINT))
		return fspan_parse_fail(c, FSPAN_ERR_ATTR_POINT, at);
	if (spec->kind == FSPAN_KIND_EMIT && !(attrs[i].kinds & EMIT))
		return fspan_parse_fail(c, FSPAN_ERR_ATTR_EMIT, at);
	if (spec->kind == FSPAN_KIND_PAIR && !(attrs[i].kinds & PAIR))
		return fspan_parse_fail(c, FSPAN_ERR_ATTR_PAIR, at);
	if (seen[i])
		return fspan_parse_fail(c, FSPAN_ERR_ATTR_TWICE, at);
	seen[i] = at;

	c->pos += len;
	if (*c->pos == '=') {
		if (attrs[i].value == NO_VALUE)
			return fspan_parse_fail(c, FSPAN_ERR_ATTR_NO_VALUE, c->pos);
		c->pos++;
		return parse_attr_value(c, spec, i);
	}
	if (attrs[i].value == VALUE)
		return fspan_parse_fail(c, FSPAN_ERR_ATTR_VALUE, c->pos);
	spec->failed |= i == ATTR_FAILED;
	spec->stack |= i == ATTR_STACK;
	spec->gate |= i == ATTR_GATE;
	spec->has_hist |= i == ATTR_HIST;
	return 0;
}

static int parse_attrs(struct fspan_cursor *c, struct fspan_spec *spec)
{
	const char *seen[NR_ATTRS] = {};
	int ret;

	if (*c->pos != '[')
		return 0;
	do {
		c->pos++;	/* over '[' or ',' */
		ret = parse_attr(c, spec, seen);
		if (ret)
			return ret;
	} while (*c->pos == ',');
	if (*c->pos != ']')
		return fspan_parse_fail(c, FSPAN_ERR_ATTR_CLOSE, c->pos);
	c->pos++;
	if (spec->failed && spec->ret_void)
		return fspan_parse_fail(c, FSPAN_ERR_ATTR_FAILED, seen[ATTR_FAILED]);
	if (spec->hist.keys && !spec->hist.key)
		return fspan_parse_fail(c, FSPAN_ERR_HIST_KEYS, seen[ATTR_KEYS]);
	c->age = seen[ATTR_AGE];
	if (!spec->hist.keys)
		spec->hist.keys = spec->hist.key ? DEFAULT_KEYS : 1;
	return 0;
}

/* [GRP/]EVENT */
static int parse_event(struct fspan_cursor *c, struct fspan_spec *spec)
{
	const char *at = c->pos;

	strscpy(spec->group, FSPAN_GROUP, sizeof(spec->group));
	spec->event_col = at - c->line;
	if (!take_name(c, spec->event) || (!at_blank(c->pos) && *c->pos != '/')) {
		const char *slash = strpbrk(at, "/ \t");
		bool group = slash && *slash == '/';

		return fspan_parse_fail(c, group ? FSPAN_ERR_BAD_GROUP : FSPAN_ERR_BAD_EVENT,
					at);
	}
	if (*c->pos != '/')
		return 0;
	strscpy(spec->group, spec->event, sizeof(spec->group));
	/* the module's own events are there, and no user's */
	if (!strcmp(spec->group, "fspan_core"))
		return fspan_parse_fail(c, FSPAN_ERR_BAD_GROUP, at);
	c->pos++;
	spec->event_col = c->pos - c->line;
	if (!take_name(c, spec->event) || !at_blank(c->pos))
		return fspan_parse_fail(c, FSPAN_ERR_BAD_EVENT, c->line + spec->event_col);
	return 0;
}

/* Letters of symbols ('.' and '$' of clones), of globs, and MOD: */
static bool target_char(char ch)
{
	return ident_char(ch, false) || (ch && strchr(".$*?[]!^-", ch));
}

static int parse_target(struct fspan_cursor *c, struct fspan_spec *spec,
			struct fspan_target_spec *list, unsigned int *n)
{
	struct fspan_target_spec *t = &list[*n];
	const char *at = c->pos, *name = at, *p;
	int i;

	for (p = at; target_char(*p) || (*p == ':' && name == at); p++)
		if (*p == ':')
			name = p + 1;
	/* a module's name has no glob letters */
	if (p == name || name == at + 1 || (name != at && module_len(at) != name - at - 1))
		return fspan_parse_fail(c, FSPAN_ERR_BAD_TARGET, at);
	if (*p == '+' && spec->kind == FSPAN_KIND_SPAN)
		return fspan_parse_fail(c, FSPAN_ERR_SPAN_OFFSET, p);
	t->text = at;
	t->len = p - at;
	t->col = at - c->line;
	for (i = 0; i < *n; i++)
		if (list[i].len == t->len && !memcmp(list[i].text, at, t->len))
			return fspan_parse_fail(c, FSPAN_ERR_TARGET_TWICE, at);
	(*n)++;
	c->pos = p;
	return 0;
}

/* %MOD:NAME */
static int parse_site(struct fspan_cursor *c, struct fspan_spec *spec)
{
	const char *at = c->pos;
	size_t module = module_len(at + 1), name = 0;

	if (module && at[1 + module] == ':')
		name = fspan_ident_len(at + 2 + module);
	if (!name || !at_blank(at + 2 + module + name))
		return fspan_parse_fail(c, FSPAN_ERR_BAD_SITE, at);
	spec->declared = true;
	spec->ntargets = 1;
	spec->targets[0].text = at + 1;
	spec->targets[0].len = module + 1 + name;
	spec->targets[0].col = at - c->line;
	c->pos += 2 + module + name;
	return 0;
}

/* One or more, with commas, into a new @list of @n. */
static int parse_list(struct fspan_cursor *c, struct fspan_spec *spec,
		      struct fspan_target_spec **list, unsigned int *n)
{
	unsigned int room = 1;
	const char *p;
	int ret;

	skip_blanks(c);
	if (!*c->pos)
		return fspan_parse_fail(c, FSPAN_ERR_NO_TARGET, c->pos);
	for (p = c->pos; !at_blank(p); p++)
		room += *p == ',';
	if (room > MAX_TARGETS)
		return fspan_parse_fail(c, FSPAN_ERR_MANY_FUNCTIONS, c->pos);
	*list = kcalloc(room, sizeof(**list), GFP_KERNEL);
	if (!*list)
		return fspan_parse_fail(c, FSPAN_ERR_NO_MEMORY, c->pos);
	if (*c->pos == '%' && spec->kind != FSPAN_KIND_PAIR)
		return parse_site(c, spec);

	for (;;) {
		ret = parse_target(c, spec, *list, n);
		if (ret)
			return ret;
		if (*c->pos != ',')
			return 0;
		if (spec->kind == FSPAN_KIND_POINT)
			return fspan_parse_fail(c, FSPAN_ERR_POINT_LIST, c->pos);
		c->pos++;
	}
}

static int parse_targets(struct fspan_cursor *c, struct fspan_spec *spec)
{
	const char *p;
	int ret;

	ret = parse_list(c, spec, &spec->targets, &spec->ntargets);
	if (ret || spec->declared)
		return ret;
	if (c->age && spec->kind == FSPAN_KIND_SPAN)
		return fspan_parse_fail(c, FSPAN_ERR_ATTR_SPAN, c->age);
	if (spec->kind == FSPAN_KIND_POINT) {
		if (strpbrk(spec->targets[0].text, "*?[") &&
		    strcspn(spec->targets[0].text, "*?[") < spec->targets[0].len)
			return fspan_parse_fail(c, FSPAN_ERR_POINT_LIST,
						spec->targets[0].text);
		if (*c->pos == '+') {
			p = ++c->pos;
			if (fspan_parse_number(c, &spec->offset) || spec->offset > INT_MAX)
				return fspan_parse_fail(c, FSPAN_ERR_BAD_OFFSET, p);
		}
		if (!at_blank(c->pos))
			return fspan_parse_fail(c, FSPAN_ERR_BAD_OFFSET, c->pos);
	}
	if (!at_blank(c->pos))
		return fspan_parse_fail(c, FSPAN_ERR_BAD_TARGET, c->pos);
	return 0;
}

/* One end of a pair: no globs, no offsets. */
static int parse_end(struct fspan_cursor *c, struct fspan_spec *spec,
		     struct fspan_target_spec **list, unsigned int *n)
{
	int ret = parse_list(c, spec, list, n);
	unsigned int i;

	if (ret)
		return ret;
	for (i = 0; i < *n; i++)
		if (strcspn((*list)[i].text, "*?[") < (*list)[i].len)
			return fspan_parse_fail(c, FSPAN_ERR_PAIR_TARGET, (*list)[i].text);
	if (!at_blank(c->pos))
		return fspan_parse_fail(c, FSPAN_ERR_PAIR_TARGET, c->pos);
	skip_blanks(c);
	return 0;
}

/* BEGIN ~ END key=FETCHARG,FETCHARG */
static int parse_pair(struct fspan_cursor *c, struct fspan_spec *spec)
{
	int ret;

	ret = parse_end(c, spec, &spec->targets, &spec->ntargets);
	if (ret)
		return ret;
	if (*c->pos != '~' || !at_blank(c->pos + 1))
		return fspan_parse_fail(c, FSPAN_ERR_PAIR_END, c->pos);
	c->pos++;
	ret = parse_end(c, spec, &spec->ends, &spec->nends);
	if (ret)
		return ret;
	if (strncmp(c->pos, "key=", 4))
		return fspan_parse_fail(c, FSPAN_ERR_PAIR_END, c->pos);
	c->pos += 4;
	ret = fspan_parse_key(c, &spec->key[0]);
	if (ret)
		return ret;
	if (*c->pos != ',')
		return fspan_parse_fail(c, FSPAN_ERR_PAIR_KEY, c->pos);
	c->pos++;
	ret = fspan_parse_key(c, &spec->key[1]);
	if (ret)
		return ret;
	return at_blank(c->pos) ? 0 : fspan_parse_fail(c, FSPAN_ERR_PAIR_KEY, c->pos);
}

static int parse_fields(struct fspan_cursor *c, struct fspan_spec *spec)
{
	int ret, i;

	for (;;) {
		struct fspan_field_spec *f = &spec->fields[spec->nfields];

		skip_blanks(c);
		if (!*c->pos)
			return 0;
		if (spec->nfields == FSPAN_MAX_FIELDS)
			return fspan_parse_fail(c, FSPAN_ERR_MANY_FIELDS, c->pos);
		ret = fspan_parse_field(c, f);
		if (ret)
			return ret;
		for (i = 0; i < spec->nfields; i++)
			if (!strcmp(spec->fields[i].name, f->name))
				return fspan_parse_fail(c, FSPAN_ERR_FIELD_TWICE,
							c->line + f->col);
		spec->nfields++;
	}
}

static bool is_key(const struct fspan_hist_spec *hist, const char *name)
{
	return strlen(name) == hist->key_len && !strncmp(hist->key, name, hist->key_len);
}

/* A field comes before what has its name without it. */
static int resolve_key(struct fspan_cursor *c, struct fspan_spec *spec)
{
	static const struct {
		const char *name;
		enum fspan_hist_by by;
	} keys[] = {
		{ "func", FSPAN_HIST_BY_FUNC }, { "comm", FSPAN_HIST_BY_COMM },
		{ "pid", FSPAN_HIST_BY_PID }, { "ret", FSPAN_HIST_BY_RET },
	};
	struct fspan_hist_spec *hist = &spec->hist;
	const struct fspan_type *type;
	int i;

	if (!hist->key)
		return 0;
	for (i = 0; i < spec->nfields; i++) {
		if (!is_key(hist, spec->fields[i].name))
			continue;
		type = &spec->fields[i].type;
		if (type->size * type->count > FSPAN_MAX_KEY)
			return fspan_parse_fail(c, FSPAN_ERR_HIST_KEY_SIZE, hist->key);
		hist->by = FSPAN_HIST_BY_FIELD;
		hist->field = i;
		return 0;
	}
	for (i = 0; i < ARRAY_SIZE(keys); i++) {
		if (!is_key(hist, keys[i].name) ||
		    (keys[i].by == FSPAN_HIST_BY_FUNC && spec->kind == FSPAN_KIND_PAIR) ||
		    (keys[i].by == FSPAN_HIST_BY_RET && spec->ret_void))
			continue;
		hist->by = keys[i].by;
		return 0;
	}
	return fspan_parse_fail(c, FSPAN_ERR_HIST_KEY, hist->key);
}

/* "@own [instance=NAME] [others]" */
static int parse_own(struct fspan_cursor *c, struct fspan_spec *spec)
{
	size_t len = 0;

	spec->kind = FSPAN_KIND_OWN;
	if (strncmp(c->pos, "@own", 4) || !at_blank(c->pos + 4))
		return fspan_parse_fail(c, FSPAN_ERR_BAD_OWN, c->pos);
	c->pos += 4;
	skip_blanks(c);
	if (!strncmp(c->pos, "instance=", 9)) {
		c->pos += 9;
		while (ident_char(c->pos[len], false) ||
		       (len && (c->pos[len] == '-' || c->pos[len] == '.')))
			len++;
		if (!len || len >= sizeof(spec->instance) || !at_blank(c->pos + len))
			return fspan_parse_fail(c, FSPAN_ERR_BAD_INSTANCE, c->pos);
		memcpy(spec->instance, c->pos, len);
		c->pos += len;
		skip_blanks(c);
	}
	if (!strncmp(c->pos, "others", 6) && at_blank(c->pos + 6)) {
		spec->others = true;
		c->pos += 6;
		skip_blanks(c);
	}
	if (!*c->pos)
		return 0;
	return fspan_parse_fail(c, len || spec->others ? FSPAN_ERR_TRAILING : FSPAN_ERR_BAD_OWN,
				c->pos);
}

static int parse_remove(struct fspan_cursor *c, struct fspan_spec *spec)
{
	int ret;

	spec->kind = FSPAN_KIND_REMOVE;
	if (c->pos[1] != ':')
		return fspan_parse_fail(c, FSPAN_ERR_NO_COLON, c->pos + 1);
	c->pos += 2;
	ret = parse_event(c, spec);
	if (ret)
		return ret;
	skip_blanks(c);
	return *c->pos ? fspan_parse_fail(c, FSPAN_ERR_TRAILING, c->pos) : 0;
}

static int parse_line(struct fspan_cursor *c, struct fspan_spec *spec)
{
	const char *p;
	int ret;

	for (p = c->line; *p; p++)
		if (*p != '\t' && (*p < ' ' || *p > '~'))
			return fspan_parse_fail(c, FSPAN_ERR_BAD_BYTE, p);

	skip_blanks(c);
	switch (*c->pos) {
	case '\0':
	case '#':
		spec->kind = FSPAN_KIND_NOTHING;
		return 0;
	case '@':
		return parse_own(c, spec);
	case '-':
		return parse_remove(c, spec);
	case 's':
		spec->kind = FSPAN_KIND_SPAN;
		break;
	case 'p':
		spec->kind = FSPAN_KIND_POINT;
		break;
	case 'b':
		spec->kind = FSPAN_KIND_EMIT;
		break;
	case 'c':
		spec->kind = FSPAN_KIND_PAIR;
		spec->ret_void = true;
		break;
	default:
		return fspan_parse_fail(c, FSPAN_ERR_BAD_KIND, c->pos);
	}
	if (fspan_ident_len(c->pos) != 1)
		return fspan_parse_fail(c, FSPAN_ERR_BAD_KIND, c->pos);
	c->pos++;
	ret = parse_attrs(c, spec);
	if (ret)
		return ret;
	if (*c->pos != ':')
		return fspan_parse_fail(c, FSPAN_ERR_NO_COLON, c->pos);
	c->pos++;
	ret = parse_event(c, spec);
	if (ret)
		return ret;
	c->kind = spec->kind;
	c->gate = spec->gate;
	if (spec->kind == FSPAN_KIND_PAIR)
		ret = parse_pair(c, spec);
	else if (spec->kind != FSPAN_KIND_EMIT)
		ret = parse_targets(c, spec);
	if (ret)
		return ret;
	c->point_offset = spec->offset;
	c->declared = spec->declared;
	return parse_fields(c, spec) ?: resolve_key(c, spec);
}

int fspan_parse(const char *line, struct fspan_spec *spec, struct fspan_error *err)
{
	struct fspan_cursor c = { .line = line, .pos = line, .err = err };

	memset(spec, 0, sizeof(*spec));
	return parse_line(&c, spec);
}

void fspan_spec_release(struct fspan_spec *spec)
{
	kfree(spec->targets);
	kfree(spec->ends);
	spec->targets = NULL;
	spec->ends = NULL;
}
