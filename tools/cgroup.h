/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FSPAN_CGROUP_H
#define FSPAN_CGROUP_H

#include <stddef.h>

#include "diag.h"

/*
 * The directory of a cgroup of version 2, by its path, or by what is below the mount, as
 * /proc/PID/cgroup has it. 0, or -1 with @d at @col.
 */
int cgroup_find(const char *path, char *full, size_t size, struct diag *d, int col);
/* Of a directory: kernfs's inode is the cgroup's id. 0: there is none. */
unsigned long long cgroup_id(const char *full);

#endif
