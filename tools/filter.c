// SPDX-License-Identifier: GPL-2.0
#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cgroup.h"
#include "filter.h"

#define MAX_CGROUPS 64

static struct {
	unsigned long long id[MAX_CGROUPS];
	int n;
} cgroups;

static int note_cgroup(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)ftw;
	if (type != FTW_D)
		return 0;
	if (cgroups.n < MAX_CGROUPS)
		cgroups.id[cgroups.n] = cgroup_id(path);
	cgroups.n++;
	return 0;
}

/* The cgroup and those below it, now. */
static int find_cgroups(const char *path, struct diag *d)
{
	char full[PATH_MAX];

	if (cgroup_find(path, full, sizeof(full), d, -1))
		return -1;
	cgroups.n = 0;
	if (nftw(full, note_cgroup, 16, FTW_PHYS | FTW_MOUNT) || !cgroups.n)
		return diag_set(d, -1, "cgroup '%s': %s", path, strerror(errno));
	if (cgroups.n > MAX_CGROUPS) {
		diag_set(d, -1, "'%s' has %d cgroups in it: a filter takes at most %d", path, cgroups.n,
			 MAX_CGROUPS);
		return diag_hint(d, "name one further down");
	}
	return 0;
}

void filter_add_fields(const struct options *o, struct definitions *defs)
{
	size_t i;

	for (i = 0; o->cgroup && i < defs->n; i++)
		if (!definition_has_field(&defs->d[i], "cgroup"))
			definition_add_field(&defs->d[i], "cgroup", "$cgroup:u64");
}

char *filter_threads(int pid, char separator, struct diag *d)
{
	char path[64], *list = NULL, *more;
	struct dirent *e;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	dir = opendir(path);
	if (!dir) {
		diag_set(d, -1, "no process %d", pid);
		return NULL;
	}
	while ((e = readdir(dir))) {
		if (e->d_name[0] == '.')
			continue;
		if (list && asprintf(&more, "%s%c%s", list, separator, e->d_name) < 0)
			abort();
		if (!list)
			more = strdup(e->d_name);
		free(list);
		list = more;
	}
	closedir(dir);
	return list;
}

int filter_make(const struct options *o, const char *comm, int not_pid, char *buf, size_t size,
		struct diag *d)
{
	FILE *f = fmemopen(buf, size, "w");
	int i;

	if (!f)
		abort();
	*buf = '\0';	/* where nothing is written nothing is ended either */
	if (o->filter)
		fprintf(f, "(%s)", o->filter);
	if (o->comm)
		fprintf(f, "%s%s %s \"%s\"", ftell(f) ? " && " : "", comm,
			strpbrk(o->comm, "*?[") ? "~" : "==", o->comm);
	if (o->cgroup) {
		if (find_cgroups(o->cgroup, d)) {
			fclose(f);
			return -1;
		}
		for (i = 0; i < cgroups.n; i++)
			fprintf(f, "%scgroup == %llu", i ? " || " : ftell(f) ? " && (" : "(",
				cgroups.id[i]);
		fputc(')', f);
	}
	if (not_pid && !o->pid)
		fprintf(f, "%scommon_pid != %d", ftell(f) ? " && " : "", not_pid);
	i = fflush(f);
	return fclose(f) || i ? diag_set(d, -1, "the filter is too long") : 0;
}
