/* SPDX-License-Identifier: GPL-2.0 */
/* eBPF objects: found, loaded, attached and pinned; the verifier's errors made ours. */
#ifndef FSPAN_GATE_H
#define FSPAN_GATE_H

#include "diag.h"
#include "options.h"

struct bpf_link;
struct bpf_object;
struct definitions;

#define GATE_NAME	64

struct gate {
	char name[GATE_NAME];		/* of the file, without .bpf.o */
	struct bpf_object *obj;
	struct bpf_link **links;
	size_t n;
	bool gates;			/* it has a program for a gate, and not only others */
};

/* Find @file, by its path or among those that came with fspan. All give 0, or -1 with @d. */
int gate_open(struct gate *g, const char *file, struct diag *d);
/* Load and attach all its programs; xdp to the interface @dev, NULL: none. */
int gate_attach(struct gate *g, const char *dev, struct diag *d);
/* Keep them when this process ends. */
int gate_pin(struct gate *g, const char *name, struct diag *d);
/* What is not pinned is detached. */
void gate_close(struct gate *g);

/*
 * The program of --gate=FILE[,VAR=VALUE...], if there is one, for as long as a run
 * lasts. Its constants cookie and event, if it has them, are those of the run, unless
 * they are given: the cookie of its definitions, and the id of the event that is emitted.
 */
int gate_run(struct gate *g, const struct options *o, const struct definitions *defs,
	     struct diag *d);

/* All that the verifier said of the program that was refused, to stderr. */
void gate_print_log(void);

#endif
