/* SPDX-License-Identifier: GPL-2.0 */
/* --if, --comm and --cgroup as a filter of tracefs: the kernel filters. */
#ifndef FSPAN_FILTER_H
#define FSPAN_FILTER_H

#include "compile.h"
#include "options.h"

/* The fields that it compares, if the user's have them not. */
void filter_add_fields(const struct options *o, struct definitions *defs);
/*
 * @comm: the field that has the task's name. @not_pid: a task that is left out, 0: none.
 * "" if all pass. 0, or -1 with @d.
 */
int filter_make(const struct options *o, const char *comm, int not_pid, char *buf, size_t size,
		struct diag *d);
/* The threads of process @pid, as text, to be freed. NULL with @d: there is none. */
char *filter_threads(int pid, char separator, struct diag *d);

#endif
