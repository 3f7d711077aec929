// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "kept.h"
#include "known.h"
#include "symbols.h"

#define KEPT "functions"	/* each name between two newlines */

bool known_function(const char *name)
{
	static char *names;
	static bool tried;
	char line[256];

	if (!tried) {
		tried = true;
		if (kept_path(KEPT))
			names = file_read(kept_path(KEPT));
	}
	if (!names || snprintf(line, sizeof(line), "\n%s\n", name) >= (int)sizeof(line))
		return false;
	return strstr(names, line);
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
	fputc('\n', f);
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
