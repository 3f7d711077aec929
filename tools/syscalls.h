/* SPDX-License-Identifier: GPL-2.0 */
/* System calls as the kernel's own metadata has them: events/syscalls/sys_enter_NAME. */
#ifndef FSPAN_SYSCALLS_H
#define FSPAN_SYSCALLS_H

#include "functions.h"

#define SYSCALL_ARGS 6

struct syscall {
	char name[64];
	char function[80];	/* __x64_sys_NAME */
	int nargs;
	struct {
		char name[40];
		char type[64];	/* as C writes it */
	} arg[SYSCALL_ARGS];
};

/* Those that @t names, whose .name may be a glob. 0, or -1 with @d. */
int syscalls_find(const struct spec_target *t, struct syscall **list, size_t *n, struct diag *d);
/* The one of @function, or NULL. */
const struct syscall *syscall_of(const char *function);
/* What the names of their functions begin with. */
const char *syscall_prefix(void);
/* Where argument @i, from 0, is in the struct pt_regs that the function is given. */
int syscall_offset(int i);

#endif
