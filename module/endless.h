/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Functions whose calls are not expected to return: followed by the direct engine, such a
 * call would keep the module loaded, and by fprobes the room of others.
 */
#ifndef FSPAN_ENDLESS_H
#define FSPAN_ENDLESS_H

/* "waits" for what may never come, "noreturn", or NULL: neither, as far as its name tells. */
const char *fspan_endless(const char *function);

#endif
