/* SPDX-License-Identifier: GPL-2.0 */
/* The module's grammar of definitions, without the kernel's headers. */
#ifndef FSPAN_GRAMMAR_H
#define FSPAN_GRAMMAR_H

/* Not 0 if the module refuses @line for how it is written; @why it does. */
int grammar_refuses(const char *line, char *why, int size);

#endif
