/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The names of the kernel's own functions of which there is one each, and that may
 * be probed. /proc/kallsyms takes the kernel longer to write than all else that a
 * trace of one function begins with, so they are kept.
 */
#ifndef FSPAN_KNOWN_H
#define FSPAN_KNOWN_H

#include <stdbool.h>

/* Is @name one of them? False too if nobody has kept them yet. */
bool known_function(const char *name);
/* Keep them, if nobody has. @refused: may it not be probed? Reads kallsyms. */
void known_keep(bool (*refused)(const char *name));

#endif
