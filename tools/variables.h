/* SPDX-License-Identifier: GPL-2.0 */
/* Constants of an eBPF object, const volatile in C, which are set before it is loaded. */
#ifndef FSPAN_VARIABLES_H
#define FSPAN_VARIABLES_H

#include <stdbool.h>

#include "diag.h"

struct bpf_object;

/*
 * "NAME=VALUE": a number, a time (10ms, in ns), true, false, text for an array of
 * char, the path of a cgroup (its id), or [GROUP/]EVENT (its id). 0, or -1 with @d.
 */
int variables_set(struct bpf_object *obj, const char *assignment, struct diag *d);
bool variables_has(struct bpf_object *obj, const char *name);

#endif
