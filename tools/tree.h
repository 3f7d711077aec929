/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Records of spans that say whose children they are, made to trees again. A record comes when
 * its call returns, so children before their parent; a tree is printed when its outermost came,
 * the children in the order in which they began.
 *
 * A parent may never come: it was dropped by a filter, lost, or its task ended in it. Then what
 * it had is the child of the next one further out that comes, or else a tree of its own, as soon
 * as it is sure, and in the end at the latest.
 */
#ifndef FSPAN_TREE_H
#define FSPAN_TREE_H

#include "record.h"

struct tree;

struct tree_print {
	FILE *out;
	long long clock;	/* as for record_print() */
	bool json;
	bool off_cpu;
};

struct tree *tree_create(const struct tree_print *print);
/* A record of @size bytes, in the order of time. */
void tree_add(struct tree *t, const struct record_format *f, const void *data, size_t size,
	      unsigned long long ts, int cpu);
/* The CPU went from one task to another. */
void tree_switch(struct tree *t, int prev, int next, unsigned long long ts);
/* Print what waits for a parent: there will be none. */
void tree_flush(struct tree *t);
/* How many spans were printed. */
unsigned long long tree_printed(const struct tree *t);
void tree_free(struct tree *t);

#endif
