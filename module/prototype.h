/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What BTF says of functions: which of them take few enough arguments on the stack that
 * these can be copied when the stack moves away from the caller's.
 */
#ifndef FSPAN_PROTOTYPE_H
#define FSPAN_PROTOTYPE_H

struct fspan_hooks;

/*
 * Fill in .prototype of the hooks of @module (empty: the kernel's own) that have none yet.
 * Reads the kernel's BTF, some megabytes: sleeps. Without BTF, or memory, they stay
 * unknown.
 */
void fspan_prototypes_find(struct fspan_hooks *hooks, const char *module);

#endif
