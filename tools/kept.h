/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the kernel takes long to write out and does not change while it runs, kept
 * in /run/fspan for the next start. Only root's files of this boot are believed.
 */
#ifndef FSPAN_KEPT_H
#define FSPAN_KEPT_H

#include <stdbool.h>
#include <stddef.h>

/* What is kept as @name, mapped and aligned to 8, if it can be believed; else NULL. */
const void *kept_map(const char *name, size_t *size);
/* Keep @size bytes as @name, whole or not at all; only root does. */
void kept_write(const char *name, const void *data, size_t size);
/* Is it for us to make: are we root, and there is none that can be believed? */
bool kept_missing(const char *name);

#endif
