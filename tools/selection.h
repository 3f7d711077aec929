/* SPDX-License-Identifier: GPL-2.0 */
/* What a command line asks for: specs and presets, made definitions. */
#ifndef FSPAN_SELECTION_H
#define FSPAN_SELECTION_H

#include "compile.h"
#include "options.h"

/*
 * All specs of @o, @PRESET among them. 0, or the exit status of the verb, 2 for
 * what is wrong in a spec, which is said on stderr.
 */
int selection_compile(const struct options *o, struct definitions *defs);
/* Each preset that there is, by name. */
void selection_presets(void (*fn)(const char *name, void *arg), void *arg);

#endif
