// SPDX-License-Identifier: GPL-2.0
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "selection.h"

#define SUFFIX ".specs"

/* Where presets are, the user's own first: a NULL behind the last. */
static const char * const *directories(void)
{
	static const char *dirs[4];
	int i = 0;

	if (dirs[0])
		return dirs;
	if (getenv("FSPAN_PRESETS"))
		dirs[i++] = getenv("FSPAN_PRESETS");
	dirs[i++] = "/etc/fspan/presets";
	dirs[i] = strdup(file_beside("presets"));
	if (!dirs[i])
		abort();
	return dirs;
}

void selection_presets(void (*fn)(const char *name, void *arg), void *arg)
{
	const char * const *dir;

	for (dir = directories(); *dir; dir++) {
		DIR *d = opendir(*dir);
		struct dirent *e;

		while (d && (e = readdir(d))) {
			size_t len = strlen(e->d_name), suffix = strlen(SUFFIX);
			char name[256];

			if (len <= suffix || strcmp(e->d_name + len - suffix, SUFFIX))
				continue;
			snprintf(name, sizeof(name), "%.*s", (int)(len - suffix), e->d_name);
			fn(name, arg);
		}
		if (d)
			closedir(d);
	}
}

static void add_near(const char *name, void *arg)
{
	struct diag_near *near = arg;

	diag_near_add(near, name);
}

static char *preset_text(const char *name)
{
	const char * const *dir;
	char *text = NULL;

	if (strchr(name, '/'))
		return NULL;
	for (dir = directories(); *dir && !text; dir++)
		text = file_readf("%s/%s" SUFFIX, *dir, name);
	return text;
}

static int one_spec(const char *text, const struct options *o, struct definitions *defs,
		    struct diag *d)
{
	size_t had = defs->n;
	struct spec spec;
	int ret;

	ret = spec_parse(text, &spec, d);
	if (!ret)
		ret = compile(&spec, o->each, o->failed, defs, d);
	if (!ret && spec.end && o->failed)
		ret = diag_set(d, 0, "a pair returns nothing that could fail: drop --failed");
	d->text = text;		/* the spec goes */
	spec_free(&spec);
	if (ret)		/* half of one is none */
		definitions_cut(defs, had);
	return ret;
}

/* "SPEC | SPEC": the first that this kernel has. */
static int alternatives(char *line, const struct options *o, struct definitions *defs,
			struct diag *d)
{
	char *bar, *next;
	int ret = -1;

	for (; line && ret; line = next) {
		bar = strchr(line, '|');
		next = bar ? bar + 1 : NULL;
		if (bar)
			*bar = '\0';
		line += strspn(line, " \t");
		ret = one_spec(line, o, defs, d);
	}
	return ret;
}

static int preset(const char *name, const struct options *o, struct definitions *defs,
		  struct diag *d)
{
	struct diag_near near = { .have = name };
	char *text = preset_text(name), *line, *next;
	size_t had = defs->n;

	if (!text) {
		diag_set(d, 0, "no preset '@%s'", name);
		selection_presets(add_near, &near);
		diag_near_hint(d, &near);
		return diag_hint(d, "presets are /etc/fspan/presets/*" SUFFIX " and those that came with fspan");
	}
	for (line = text; line; line = next) {
		char *shown;

		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		line += strspn(line, " \t");
		if (!*line || *line == '#')
			continue;
		shown = strdup(line);
		/* what this kernel has not is left out, and said */
		if (alternatives(line, o, defs, d))
			fprintf(stderr, "fspan: @%s: left out: %s: %s\n", name, shown, d->what);
		free(shown);
	}
	free(text);
	if (defs->n == had)
		return diag_set(d, 0, "nothing of preset '@%s' is in this kernel", name);
	return 0;
}

int selection_compile(const struct options *o, struct definitions *defs)
{
	struct diag d;
	int i, ret;

	memset(defs, 0, sizeof(*defs));
	for (i = 0; i < o->nspecs; i++) {
		const char *s = o->specs[i];

		d.text = s;
		ret = s[0] == '@' ? preset(s + 1, o, defs, &d) : one_spec(s, o, defs, &d);
		if (ret) {
			d.text = s;
			diag_print(&d, stderr);
			return 2;
		}
	}
	return 0;
}
