// SPDX-License-Identifier: GPL-2.0
#include <dirent.h>
#include <fnmatch.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tracefs.h>

#include "file.h"
#include "syscalls.h"

#if defined(__x86_64__)
#define PREFIX "__x64_sys_"
/* of di si dx r10 r8 r9 in struct pt_regs: r15 r14 r13 r12 bp bx r11 r10 r9 r8 ax cx dx si di */
static const int offsets[SYSCALL_ARGS] = { 14 * 8, 13 * 8, 12 * 8, 7 * 8, 9 * 8, 8 * 8 };
#elif defined(__aarch64__)
#define PREFIX "__arm64_sys_"
static const int offsets[SYSCALL_ARGS] = { 0, 8, 16, 24, 32, 40 };
#else
#error "where are the arguments of a system call?"
#endif

const char *syscall_prefix(void)
{
	return PREFIX;
}

int syscall_offset(int i)
{
	return offsets[i];
}

/* Lines "\tfield:TYPE NAME;\toffset:..." behind that of __syscall_nr. */
static int parse_format(const char *text, struct syscall *sc)
{
	const char *p = strstr(text, "__syscall_nr;");

	if (!p)
		return -1;
	sc->nargs = 0;
	while (sc->nargs < SYSCALL_ARGS && (p = strstr(p, "field:"))) {
		const char *end = strchr(p, ';'), *name;

		p += 6;
		if (!end)
			return -1;
		/* since 6.19 copies of strings follow the arguments */
		if (!strncmp(p, "__data_loc ", 11))
			break;
		for (name = end; name > p && name[-1] != ' ' && name[-1] != '*'; name--)
			;
		snprintf(sc->arg[sc->nargs].name, sizeof(sc->arg[0].name), "%.*s",
			 (int)(end - name), name);
		while (name > p && name[-1] == ' ')
			name--;
		snprintf(sc->arg[sc->nargs].type, sizeof(sc->arg[0].type), "%.*s",
			 (int)(name - p), p);
		sc->nargs++;
		p = end;
	}
	return 0;
}

static int load(const char *name, struct syscall *sc)
{
	char event[96], *text;
	int ret;

	snprintf(event, sizeof(event), "events/syscalls/sys_enter_%s/format", name);
	text = tracefs_instance_file_read(NULL, event, NULL);
	if (!text)
		return -1;
	snprintf(sc->name, sizeof(sc->name), "%s", name);
	snprintf(sc->function, sizeof(sc->function), PREFIX "%s", name);
	ret = parse_format(text, sc);
	free(text);
	return ret;
}

/* Each name that has metadata. @fn returns non-zero to end. */
static int each_name(int (*fn)(const char *name, void *arg), void *arg)
{
	char **events = tracefs_system_events(NULL, "syscalls");
	int i, ret = 0;

	if (!events)
		return -1;
	for (i = 0; events[i] && !ret; i++)
		if (!strncmp(events[i], "sys_enter_", 10))
			ret = fn(events[i] + 10, arg);
	tracefs_list_free(events);
	return ret;
}

struct find {
	const char *pattern;
	bool glob;
	struct syscall *list;
	size_t n;
	struct diag_near near;
};

static int add_match(const char *name, void *arg)
{
	struct find *f = arg;
	struct syscall sc;

	diag_near_add(&f->near, name);
	if (fnmatch(f->pattern, name, 0) || load(name, &sc) ||
	    (f->glob && !functions_traceable(sc.function)))
		return 0;
	f->list = reallocarray(f->list, f->n + 1, sizeof(*f->list));
	if (!f->list)
		abort();
	f->list[f->n++] = sc;
	return 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct syscall *)a)->name, ((const struct syscall *)b)->name);
}

int syscalls_find(const struct spec_target *t, struct syscall **list, size_t *n, struct diag *d)
{
	struct find f = { .pattern = t->name, .glob = t->glob, .near = { .have = t->name } };

	*list = NULL;
	*n = 0;
	if (each_name(add_match, &f) < 0) {
		diag_set(d, t->col, "the kernel has no metadata of system calls");
		return diag_hint(d, "it needs CONFIG_FTRACE_SYSCALLS; without it: '" PREFIX "%s(fd=+%d($arg1):s32)'",
				 t->glob ? "close" : t->name, offsets[0]);
	}
	if (!f.n) {
		diag_set(d, t->col, t->glob ? "no system call matches '%s'" : "no system call '%s'", t->name);
		diag_near_hint(d, &f.near);
		return -1;
	}
	qsort(f.list, f.n, sizeof(*f.list), by_name);
	*list = f.list;
	*n = f.n;
	return 0;
}

const struct syscall *syscall_of(const char *function)
{
	static struct syscall *known;
	static size_t n;
	size_t i;

	if (strncmp(function, PREFIX, sizeof(PREFIX) - 1))
		return NULL;
	for (i = 0; i < n; i++)
		if (!strcmp(known[i].function, function))
			return known[i].nargs < 0 ? NULL : &known[i];
	known = reallocarray(known, n + 1, sizeof(*known));
	if (!known)
		abort();
	memset(&known[n], 0, sizeof(*known));
	if (load(function + sizeof(PREFIX) - 1, &known[n])) {
		snprintf(known[n].function, sizeof(known[n].function), "%s", function);
		known[n].nargs = -1;
	}
	n++;
	return known[n - 1].nargs < 0 ? NULL : &known[n - 1];
}
