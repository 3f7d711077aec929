// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "cgroup.h"

#define MOUNT "/sys/fs/cgroup/"

int cgroup_find(const char *path, char *full, size_t size, struct diag *d, int col)
{
	struct statfs fs;
	struct stat st;

	snprintf(full, size, MOUNT "%s", path);
	/* where there is version 1 too, 2 is mounted below */
	if (statfs(full, &fs) || fs.f_type != CGROUP2_SUPER_MAGIC)
		snprintf(full, size, "%s", path);
	if (stat(full, &st) || statfs(full, &fs)) {
		diag_set(d, col, "no cgroup '%s': %s", path, strerror(errno));
	} else if (fs.f_type != CGROUP2_SUPER_MAGIC || !S_ISDIR(st.st_mode)) {
		diag_set(d, col, "'%s' is no cgroup", path);
	} else {
		return 0;
	}
	return diag_hint(d, "a directory below /sys/fs/cgroup, of version 2, as /proc/PID/cgroup has it");
}

unsigned long long cgroup_id(const char *full)
{
	struct stat st;

	return stat(full, &st) ? 0 : st.st_ino;
}
