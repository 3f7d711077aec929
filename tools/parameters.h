/* SPDX-License-Identifier: GPL-2.0 */
/* The parameters of one function, or of one system call, as values. */
#ifndef FSPAN_PARAMETERS_H
#define FSPAN_PARAMETERS_H

#include "field.h"
#include "functions.h"
#include "syscalls.h"

struct parameters {
	const char *function;
	const char *module;
	struct type proto;		/* .btf NULL: not known */
	bool syscall;
	int first;			/* in proto: of a tracepoint there is one before */
	struct syscall syscall_copy;
};

void parameters_init(struct parameters *p, const struct function *f, bool syscall);
int parameters_count(const struct parameters *p);
const char *parameters_name(const struct parameters *p, int i);
/* The parameter @name, with its type. */
int parameters_value(const struct parameters *p, const char *name, struct value *v,
		     struct diag *d, int col);
struct type parameters_return_type(const struct parameters *p);
int parameters_return(const struct parameters *p, struct value *v, struct diag *d, int col);
/* Parameter @i as a field of its own, and its name. */
int parameters_field(const struct parameters *p, int i, char *name, size_t size,
		     struct field_text *f, struct diag *d);
/* Argument @name of a system call, by the type that its metadata has. */
int parameters_syscall_field(const struct parameters *p, const char *name, struct field_text *f,
			     struct diag *d, int col);

#endif
