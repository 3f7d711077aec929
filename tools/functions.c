// SPDX-License-Identifier: GPL-2.0
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tracefs.h>

#include "file.h"
#include "functions.h"
#include "known.h"
#include "symbols.h"

static struct function *add(struct functions *list, const struct symbol *s)
{
	struct function *f;

	if (!(list->n & (list->n - 1)) || !list->n) {
		list->f = reallocarray(list->f, list->n ? list->n * 2 : 1, sizeof(*list->f));
		if (!list->f)
			abort();
	}
	f = &list->f[list->n++];
	memset(f, 0, sizeof(*f));
	f->name = strndup(s->name, s->len);
	f->module = s->module ? strndup(s->module, s->module_len) : NULL;
	return f;
}

static void free_function(struct function *f)
{
	free(f->name);
	free(f->module);
}

void functions_free(struct functions *list)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		free_function(&list->f[i]);
	free(list->f);
	memset(list, 0, sizeof(*list));
}

/* A set of words, each the first of a line of a file. */
struct words {
	const char **slot;
	size_t mask;
	bool loaded;
};

static size_t hash(const char *s, size_t len)
{
	size_t h = 5381;

	while (len--)
		h = h * 33 + (unsigned char)*s++;
	return h;
}

static size_t word_len(const char *s)
{
	return strcspn(s, " \t\n");
}

static void words_add(struct words *w, const char *word)
{
	size_t len = word_len(word), i = hash(word, len) & w->mask;

	while (w->slot[i])
		i = (i + 1) & w->mask;
	w->slot[i] = word;
}

static bool words_have(const struct words *w, const char *name)
{
	size_t len = strlen(name), i;

	if (!w->slot)
		return false;
	for (i = hash(name, len) & w->mask; w->slot[i]; i = (i + 1) & w->mask)
		if (word_len(w->slot[i]) == len && !strncmp(w->slot[i], name, len))
			return true;
	return false;
}

/* @skip: words of a line that come before the name */
static void words_load(struct words *w, char *text, int skip)
{
	size_t n = 0, size = 1024;
	char *p;
	int i;

	w->loaded = true;
	if (!text)
		return;
	for (p = text; (p = strchr(p, '\n')); p++)
		n++;
	while (size < n * 2)
		size *= 2;
	w->mask = size - 1;
	w->slot = calloc(size, sizeof(*w->slot));
	if (!w->slot)
		abort();
	for (p = text; *p; p++) {
		for (i = 0; i < skip; i++) {
			p += word_len(p);
			p += strspn(p, " \t");
		}
		words_add(w, p);
		p += strcspn(p, "\n");
		if (!*p)
			break;
	}
}

static const struct words *traceable(void)
{
	static struct words w;

	if (!w.loaded)
		words_load(&w, tracefs_instance_file_read(NULL, "available_filter_functions", NULL), 0);
	return &w;
}

static const struct words *blacklisted(void)
{
	static struct words w;

	if (!w.loaded)
		words_load(&w, file_read("/sys/kernel/debug/kprobes/blacklist"), 1);
	return &w;
}

bool functions_traceable(const char *name)
{
	/* a list that cannot be read, under lockdown or without ftrace, says nothing of anyone */
	return !traceable()->slot || words_have(traceable(), name);
}

const char *functions_refusal(const char *name)
{
	if (words_have(blacklisted(), name))
		return "it is on the kprobe blacklist";
	return NULL;
}

/* BTF of @f: the module's, if it is in one. */
static void find_prototype(struct function *f)
{
	const struct image *btf = f->module ? types_module(f->module) : types_kernel(NULL);

	if (types_prototype(btf, f->name, &f->proto))
		f->proto.btf = NULL;
}

struct lookup {
	const struct spec_target *t;
	struct functions *list;
	struct functions clones;	/* NAME.isra.0 and the like */
	struct diag_near near;
	unsigned long address;
	bool module_seen;
};

static bool is_clone(const struct symbol *s, const char *name)
{
	size_t len = strlen(name);

	return s->len > len + 1 && !strncmp(s->name, name, len) && s->name[len] == '.';
}

static int look(const struct symbol *s, void *arg)
{
	struct lookup *l = arg;
	const struct spec_target *t = l->t;

	if (t->module && !symbol_in(s, t->module))
		return 0;
	l->module_seen = true;
	if (!symbol_is_function(s))
		return 0;
	if (symbol_named(s, t->name)) {
		/* two names of one address are one function */
		if (!l->list->n || s->address != l->address || !s->address)
			add(l->list, s);
		l->address = s->address;
	} else if (is_clone(s, t->name)) {
		add(&l->clones, s);
	}
	return 0;
}

static int near(const struct symbol *s, void *arg)
{
	struct lookup *l = arg;
	char name[128];

	if (!symbol_is_function(s) || s->len >= sizeof(name) ||
	    (l->t->module && !symbol_in(s, l->t->module)))
		return 0;
	memcpy(name, s->name, s->len);
	name[s->len] = '\0';
	diag_near_add(&l->near, name);
	return 0;
}

static int no_function(struct lookup *l, struct diag *d)
{
	const struct spec_target *t = l->t;
	struct type proto;
	size_t i;

	if (l->clones.n) {
		diag_set(d, t->col, "'%s' exists only as a clone that the compiler changed: its arguments may not be where its prototype says",
			 t->name);
		for (i = 0; i < l->clones.n && i < 4; i++)
			diag_hint(d, "duration and return value without arguments: '%s()'", l->clones.f[i].name);
		return -1;
	}
	if (!t->module && !types_prototype(types_kernel(NULL), t->name, &proto)) {
		diag_set(d, t->col, "'%s' has no code of its own: it is inlined everywhere, or left out of this kernel",
			 t->name);
		return diag_hint(d, "trace one of its callers");
	}
	diag_set(d, t->col, t->module ? "no function '%s' in module %s" :
		 "no function '%s' in the kernel and the modules that are loaded", t->name, t->module);
	l->near.have = t->name;
	symbols_each(near, l);
	diag_near_hint(d, &l->near);
	if (!t->module)
		diag_hint(d, "one of a module that is not loaded: MODULE:%s; all that there are: fspan show '*'", t->name);
	return -1;
}

static bool is_refused(const char *name)
{
	return functions_refusal(name);
}

/* One that is known to be the only one of its name, and has a prototype: no more is asked. */
static bool find_known(struct lookup *l)
{
	const struct spec_target *t = l->t;
	struct symbol s = { .name = t->name, .len = strlen(t->name) };
	struct type proto;

	if (t->module || types_prototype(types_kernel(NULL), t->name, &proto) ||
	    !known_function(t->name))
		return false;
	add(l->list, &s)->proto = proto;
	return true;
}

/* Of the kernel and modules that have one name, kprobes take the kernel's. */
static void prefer_kernel(struct functions *list)
{
	size_t i, n = 0, own = 0;

	for (i = 0; i < list->n; i++) {
		if (list->f[i].module)
			continue;
		own = i;
		n++;
	}
	if (n != 1)
		return;
	for (i = 0; i < list->n; i++)
		if (i != own)
			free_function(&list->f[i]);
	list->f[0] = list->f[own];
	list->n = 1;
}

static int find_one(struct lookup *l, struct diag *d)
{
	const struct spec_target *t = l->t;
	const char *refusal;

	if (find_known(l))
		return 0;
	symbols_each(look, l);
	known_keep(is_refused);
	if (!t->module)
		prefer_kernel(l->list);
	if (!l->list->n && t->module && !l->module_seen) {
		struct symbol s = { .name = t->name, .len = strlen(t->name),
				    .module = t->module, .module_len = strlen(t->module) };

		l->list->waits = true;
		add(l->list, &s);
		return 0;
	}
	if (!l->list->n)
		return no_function(l, d);
	if (l->list->n > 1) {
		size_t i;

		diag_set(d, t->col, "%zu functions are called '%s': which is meant?", l->list->n, t->name);
		for (i = 0; i < l->list->n && i < 6; i++)
			if (l->list->f[i].module)
				diag_hint(d, "%s:%s", l->list->f[i].module, t->name);
		return diag_hint(d, "static functions of one name cannot be told apart: trace a caller");
	}
	refusal = functions_refusal(t->name);
	if (refusal)
		return diag_set(d, t->col, "'%s' cannot be probed: %s", t->name, refusal);
	find_prototype(&l->list->f[0]);
	return 0;
}

static int match(const struct symbol *s, void *arg)
{
	struct lookup *l = arg;
	char name[256];

	if (!symbol_is_function(s) || s->len >= sizeof(name) ||
	    (l->t->module && !symbol_in(s, l->t->module)))
		return 0;
	if (memchr(s->name, '.', s->len))
		return 0;
	memcpy(name, s->name, s->len);
	name[s->len] = '\0';
	/* what the compiler puts before a function is none */
	if (!strncmp(name, "__pfx_", 6) || !strncmp(name, "__cfi_", 6))
		return 0;
	/* where ftrace has a site, so that thousands stay cheap */
	if (fnmatch(l->t->name, name, 0) || !functions_traceable(name) || functions_refusal(name))
		return 0;
	add(l->list, s);
	return 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct function *)a)->name, ((const struct function *)b)->name);
}

static int find_glob(struct lookup *l, struct diag *d)
{
	struct functions *list = l->list;
	size_t i, end, n = 0;

	symbols_each(match, l);
	if (list->n)
		qsort(list->f, list->n, sizeof(*list->f), by_name);
	/* static functions of one name: none of them can be named */
	for (i = 0; i < list->n; i = end) {
		for (end = i + 1; end < list->n && !strcmp(list->f[end].name, list->f[i].name);)
			end++;
		if (end == i + 1)
			list->f[n++] = list->f[i];
		else
			for (; i < end; i++)
				free_function(&list->f[i]);
	}
	list->n = n;
	if (!n) {
		diag_set(d, l->t->col, "no function that can be probed matches '%s'", l->t->name);
		diag_hint(d, "a glob leaves out what ftrace does not know, and static functions of one name");
		return diag_hint(d, "fspan show NAME says what is the matter with one");
	}
	for (i = 0; i < n; i++)
		find_prototype(&list->f[i]);
	return 0;
}

/* The tracepoint of an event: what calls those who are on it has its prototype, and one more. */
static bool find_tracepoint(const struct spec_target *t, struct functions *list)
{
	struct symbol s = { .name = t->name, .len = strlen(t->name),
			    .module = t->module, .module_len = t->module ? strlen(t->module) : 0 };
	char path[256], iterator[160];
	struct function *f;
	char *format;

	if (!t->module)
		return false;
	snprintf(path, sizeof(path), "events/%s/%s/format", t->module, t->name);
	format = tracefs_instance_file_read(NULL, path, NULL);
	if (!format)
		return false;
	free(format);
	f = add(list, &s);
	f->tracepoint = true;
	snprintf(iterator, sizeof(iterator), "__traceiter_%s", t->name);
	if (!types_prototype(types_kernel(NULL), iterator, &f->proto))
		return true;
	if (!types_module(t->module) ||
	    types_prototype(types_module(t->module), iterator, &f->proto))
		f->proto.btf = NULL;
	return true;
}

int functions_find_end(const struct spec_target *t, struct functions *list, struct diag *d)
{
	struct diag_near near = { .have = t->name };
	char **events;
	int i;

	memset(list, 0, sizeof(*list));
	if (find_tracepoint(t, list))
		return 0;
	if (functions_find(t, list, d))
		return -1;
	if (!list->waits)
		return 0;
	diag_set(d, t->col, "no tracepoint '%s:%s', nor a function of a module that is loaded",
		 t->module, t->name);
	events = tracefs_system_events(NULL, t->module);
	for (i = 0; events && events[i]; i++)
		diag_near_add(&near, events[i]);
	diag_near_hint(d, &near);
	tracefs_list_free(events);
	return -1;
}

int functions_find(const struct spec_target *t, struct functions *list, struct diag *d)
{
	struct lookup l = { .t = t, .list = list };
	int ret;

	memset(list, 0, sizeof(*list));
	ret = t->glob ? find_glob(&l, d) : find_one(&l, d);
	functions_free(&l.clones);
	return ret;
}
