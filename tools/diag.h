/* SPDX-License-Identifier: GPL-2.0 */
/* What is wrong with what the user wrote: text, column and remedy. */
#ifndef FSPAN_DIAG_H
#define FSPAN_DIAG_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct diag {
	const char *text;	/* the spec that is talked about, NULL: none */
	int col;		/* in it, in bytes from 0; -1: no column */
	char what[512];		/* one line */
	char hint[2048];	/* what to write instead, lines with \n between; may be empty */
};

/* Note what is wrong at column @col. Gives -1, to be returned. */
int diag_set(struct diag *d, int col, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* One more line of advice. Gives -1. */
int diag_hint(struct diag *d, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void diag_print(const struct diag *d, FILE *f);

/* Names like @have: call diag_near_add() for each that there is, then diag_near_hint(). */
#define DIAG_NEAR 5
struct diag_near {
	const char *have;
	unsigned int n;
	struct {
		unsigned int distance;
		char name[128];
	} best[DIAG_NEAR];
};

void diag_near_add(struct diag_near *near, const char *name);
void diag_near_hint(struct diag *d, const struct diag_near *near);

#endif
