// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kept.h"
#include "known.h"
#include "symbols.h"

#define KEPT	"functions"	/* a line each, in the order of strcmp() */

bool known_function(const char *name)
{
	static const char *names;
	static size_t size;
	static bool tried;
	const char *from, *to, *line, *end;
	size_t len = strlen(name);
	long order;

	if (!tried) {
		tried = true;
		names = kept_map(KEPT, &size);
	}
	if (!names)
		return false;
	for (from = names, to = names + size; from < to;) {
		for (line = from + (to - from) / 2; line > from && line[-1] != '\n'; line--)
			;
		end = memchr(line, '\n', to - line);
		if (!end)
			break;
		order = strncmp(name, line, end - line) ?: (long)len - (end - line);
		if (!order)
			return true;
		if (order < 0)
			to = line;
		else
			from = end + 1;
	}
	return false;
}

struct names {
	char **name;
	size_t n, room;
};

static int collect(const struct symbol *s, void *arg)
{
	struct names *all = arg;

	if (s->module || !symbol_is_function(s) || memchr(s->name, '.', s->len))
		return 0;
	if (all->n == all->room) {
		all->room = all->room ? all->room * 2 : 65536;
		all->name = reallocarray(all->name, all->room, sizeof(*all->name));
		if (!all->name)
			abort();
	}
	all->name[all->n] = strndup(s->name, s->len);
	if (!all->name[all->n++])
		abort();
	return 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char * const *)a, *(char * const *)b);
}

void known_keep(bool (*refused)(const char *name))
{
	struct names all = {};
	size_t i, end, size;
	char *text = NULL;
	FILE *f;

	if (!kept_missing(KEPT))
		return;
	f = open_memstream(&text, &size);
	if (!f)
		return;
	symbols_each(collect, &all);
	if (all.n)
		qsort(all.name, all.n, sizeof(*all.name), by_name);
	for (i = 0; i < all.n; i = end) {
		for (end = i + 1; end < all.n && !strcmp(all.name[end], all.name[i]); end++)
			;
		if (end == i + 1 && !refused(all.name[i]))
			fprintf(f, "%s\n", all.name[i]);
	}
	if (!fclose(f))
		kept_write(KEPT, text, size);
	free(text);
	for (i = 0; i < all.n; i++)
		free(all.name[i]);
	free(all.name);
}
