// SPDX-License-Identifier: GPL-2.0
/* What may come next in an unfinished spec: functions, parameters, members. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tracefs.h>

#include "compile.h"
#include "parameters.h"
#include "symbols.h"

struct words {
	const char *before;	/* what is written already, and stays */
	const char *word;	/* what the word begins with */
	void (*fn)(const char *word, void *arg);
	void *arg;
};

static void offer(const struct words *w, const char *name)
{
	char text[1024];

	if (strncmp(name, w->word, strlen(w->word)))
		return;
	snprintf(text, sizeof(text), "%s%s", w->before, name);
	w->fn(text, w->arg);
}

static int offer_function(const struct symbol *s, void *arg)
{
	const struct words *w = arg;
	char name[128];

	if (!symbol_is_function(s) || s->len >= sizeof(name) || s->len < strlen(w->word) ||
	    strncmp(s->name, w->word, strlen(w->word)) || memchr(s->name, '.', s->len))
		return 0;
	memcpy(name, s->name, s->len);
	name[s->len] = '\0';
	if (strncmp(name, "__pfx_", 6) && strncmp(name, "__cfi_", 6))
		offer(w, name);
	return 0;
}

/* Events of the group before the word, if there is one: a pair may begin or end there. */
static void offer_tracepoints(const struct words *w, const char *text, const char *word)
{
	const char *from = word;
	char group[128], **events;
	int i;

	if (word == text || *--from != ':')
		return;
	while (from > text && !strchr(" ,=~", from[-1]))
		from--;
	snprintf(group, sizeof(group), "%.*s", (int)(word - 1 - from), from);
	events = *group ? tracefs_system_events(NULL, group) : NULL;
	for (i = 0; events && events[i]; i++)
		offer(w, events[i]);
	tracefs_list_free(events);
}

static int offer_member(const struct member *m, void *arg)
{
	offer(arg, m->name);
	return 0;
}

/* The expression that @text, up to @end, ends with: where it begins. */
static const char *expression_start(const char *text, const char *end)
{
	const char *p = end;
	int depth = 0;

	while (p > text) {
		char c = p[-1];

		if (c == ')' || c == ']')
			depth++;
		if ((c == '(' || c == '[') && !depth--)
			break;
		if (!depth && strchr(", =*\t", c) && !(c == ' ' && p[-2] == ')'))
			break;
		p--;
	}
	return p;
}

int compile_complete(const char *text, void (*fn)(const char *word, void *arg), void *arg)
{
	const char *end = text + strlen(text), *word = end, *tilde, *open, *from;
	char before[1024], target[512], expr[512];
	struct words w = { .fn = fn, .arg = arg };
	struct functions list = {};
	struct parameters p;
	struct spec spec = {};
	struct diag d;
	struct value v;
	int i, ret = -1;

	while (word > text && strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_",
				     word[-1]))
		word--;
	snprintf(before, sizeof(before), "%.*s", (int)(word - text), text);
	w.before = before;
	w.word = word;
	/* of a pair the end that is being written */
	tilde = strrchr(text, '~');
	if (tilde && tilde < word)
		text = tilde + 1 + strspn(tilde + 1, " ");
	open = strchr(text, '(');
	if (!open) {
		offer_tracepoints(&w, text, word);
		symbols_each(offer_function, &w);
		return 0;
	}
	snprintf(target, sizeof(target), "%.*s", (int)(open - text), text);
	if (spec_parse(target, &spec, &d))
		goto out;
	if (spec.targets[0].syscall) {
		list.f = calloc(1, sizeof(*list.f));
		if (!list.f ||
		    asprintf(&list.f[0].name, "%s%s", syscall_prefix(), spec.targets[0].name) < 0)
			abort();
		list.n = 1;
	} else if (functions_find_end(&spec.targets[0], &list, &d) || !list.n) {
		goto out;
	}
	parameters_init(&p, &list.f[0], spec.targets[0].syscall);
	from = expression_start(open + 1, word);
	if (from == word) {
		for (i = 0; i < parameters_count(&p); i++)
			offer(&w, parameters_name(&p, i));
		if (!p.syscall && !p.first && !tilde)
			offer(&w, "ret");
		ret = 0;
		goto out;
	}
	/* the expression so far, without its last operator: the members of what it is */
	i = word - from;
	if (i >= 2 && !strncmp(word - 2, "->", 2))
		i -= 2;
	else if (i >= 1 && word[-1] == '.')
		i -= 1;
	else
		goto out;
	snprintf(expr, sizeof(expr), "x(%.*s)", i, from);
	{
		struct spec sub;

		if (!spec_parse(expr, &sub, &d) && sub.nfields == 1 &&
		    !compile_evaluate(sub.fields[0].expr, &p, &v, &d) &&
		    (word[-1] == '.' || !value_deref(&v, &d, 0))) {
			type_members(v.type, offer_member, &w);
			ret = 0;
		}
		spec_free(&sub);
	}
out:
	functions_free(&list);
	spec_free(&spec);
	return ret;
}
