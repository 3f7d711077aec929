/* SPDX-License-Identifier: GPL-2.0 */
/* The command behind "--", and what ends a run. */
#ifndef FSPAN_CHILD_H
#define FSPAN_CHILD_H

#include <stdbool.h>

#include "options.h"

struct child {
	int pid;	/* 0: none */
	int go;		/* written to when it may begin */
	bool ended;
	bool killed;	/* by us: how it ended is no result */
	int status;	/* as a shell has it, once it has ended */
};

/* Fork, but let it not begin yet. It inherits no file but 0, 1 and 2. */
int child_prepare(struct child *c, char **command);
void child_begin(struct child *c);
/* Wait for it if it has not ended; after an interrupt it is told to. */
void child_finish(struct child *c);

/* SIGINT and SIGTERM end the run, and nothing else. */
void run_catch_signals(void);
bool run_interrupted(void);
/*
 * Sleep for @ns, less if a signal comes or the child ends. False if the run is
 * over: interrupted, the child ended, or @deadline (CLOCK_MONOTONIC, 0: none) passed.
 */
bool run_sleep(struct child *c, unsigned long long ns, unsigned long long deadline);
unsigned long long run_now(void);
/* What makes CLOCK_MONOTONIC the time of day. */
long long run_clock_offset(void);

#endif
