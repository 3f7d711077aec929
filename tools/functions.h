/* SPDX-License-Identifier: GPL-2.0 */
/* Which functions a target names, whether they can be probed, and their prototypes. */
#ifndef FSPAN_FUNCTIONS_H
#define FSPAN_FUNCTIONS_H

#include "spec.h"
#include "types.h"

struct function {
	char *name;
	char *module;		/* NULL: the kernel's own */
	struct type proto;	/* .btf NULL: no BTF of it */
	bool tracepoint;	/* and module is its group */
};

struct functions {
	struct function *f;
	size_t n;
	bool waits;		/* for a module that is not loaded */
	bool cut;		/* some of what the targets name were left out */
};

/*
 * Find what @t names. 0, or -1 with @d: no such function, several of that
 * name, only clones of it, inlined. functions_free() is due in both cases.
 */
int functions_find(const struct spec_target *t, struct functions *list, struct diag *d);
/* The same where a pair begins or ends: a tracepoint too, and of modules only what is loaded. */
int functions_find_end(const struct spec_target *t, struct functions *list, struct diag *d);
void functions_free(struct functions *list);

/* Why @name cannot be probed, or NULL if it can, for all that the kernel says. */
const char *functions_refusal(const char *name);
/* Is there an ftrace site in @name? So kprobes take it cheaply; unknown without tracefs. */
bool functions_traceable(const char *name);

#endif
