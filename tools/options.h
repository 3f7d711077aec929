/* SPDX-License-Identifier: GPL-2.0 */
/* The options that several verbs have, from one table, which their help is made from too. */
#ifndef FSPAN_OPTIONS_H
#define FSPAN_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

/* groups of options that a verb takes */
enum {
	OPTIONS_DEFINE	= 1 << 0,	/* --longer --failed --each --max --gate --cookie */
	OPTIONS_FILTER	= 1 << 1,	/* --pid --comm --cgroup --if */
	OPTIONS_LENGTH	= 1 << 2,	/* --for */
	OPTIONS_COUNT	= 1 << 3,	/* -n --buffer */
	OPTIONS_JSON	= 1 << 4,
	OPTIONS_DRY_RUN	= 1 << 5,
	OPTIONS_BY	= 1 << 6,	/* --by --keys --sort */
	OPTIONS_STAT	= 1 << 7,	/* --hist */
	OPTIONS_RECORD	= 1 << 8,	/* -e -o */
	OPTIONS_INFLIGHT = 1 << 9,	/* --functions too */
	OPTIONS_ALL	= 1 << 10,
	OPTIONS_SHOW	= 1 << 11,	/* --members --complete */
	OPTIONS_METRICS	= 1 << 12,	/* --openmetrics */
	OPTIONS_TOP	= 1 << 13,	/* --interval */
	OPTIONS_STACK	= 1 << 14,
	OPTIONS_GATE	= 1 << 15,	/* --name --hold --all --verbose */
	OPTIONS_DEV	= 1 << 16,
	OPTIONS_TREE	= 1 << 17,	/* --tree --off-cpu */
};

struct options {
	/* of the definition */
	unsigned long long longer;	/* ns, 0: all */
	bool failed, stack, each, gate;
	const char *engine;
	unsigned long long cookie;
	int max;
	const char *program;		/* of --gate=, NULL: none */
	/* of what is let through */
	int pid;			/* 0: all */
	const char *comm, *cgroup, *filter;
	/* of the run */
	unsigned long long length;	/* ns, 0: until interrupted */
	unsigned long long interval;	/* ns */
	long count;			/* spans, 0: no limit */
	int buffer;			/* KiB for each CPU */
	bool json, openmetrics, dry_run, hist, inflight, functions, all;
	bool tree, off_cpu;
	const char *by, *sort;
	int keys;
	const char *output;		/* -o */
	const char **events;		/* -e, NULL behind the last */
	int nevents;
	bool members, complete;
	/* of gates */
	const char *name, *dev;
	bool hold, verbose;
	/* what is left */
	char **specs;
	int nspecs;
	char **command;			/* behind --, NULL: none */
};

struct verb {
	const char *name;
	int (*run)(const struct verb *verb, int argc, char **argv);
	const char *arguments;		/* as the help shows them */
	const char *help;		/* one line */
	unsigned int options;		/* groups */
};

/*
 * Parse what follows the verb. Returns -1 to go on, else the exit status: 0
 * behind -h, 2 for wrong usage, which is said on stderr.
 */
int options_parse(const struct verb *verb, int argc, char **argv, struct options *o);

/* "10ms" to ns; false if it is none. @unit: what a number alone means, 0: it needs a unit. */
bool options_duration(const char *s, unsigned long long unit, unsigned long long *ns);

#endif
