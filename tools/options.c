// SPDX-License-Identifier: GPL-2.0
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "options.h"

enum {
	LONGER = 256, FAILED, STACK, EACH, MAX, PID, COMM, CGROUP, IF, FOR, BUFFER, JSON, DRY_RUN,
	BY, KEYS, SORT, HIST, INFLIGHT, ALL, MEMBERS, COMPLETE, OPENMETRICS, INTERVAL,
	GATE, COOKIE, NAME, HOLD, DEV, ENGINE, FUNCTIONS, TREE,
	OFF_CPU,
};

static const struct {
	const char *name;
	int key;		/* a letter is a short option too */
	const char *arg;	/* NULL: none; [=ARG]: it may be left out */
	unsigned int group;
	const char *help;	/* NULL: not shown */
} table[] = {
	{ "longer", LONGER, "TIME", OPTIONS_DEFINE, "only calls that take longer, as in 10ms" },
	{ "failed", FAILED, NULL, OPTIONS_DEFINE, "only calls that return a negative errno" },
	{ "stack", STACK, NULL, OPTIONS_STACK, "with the call stack: the function, its caller, and so on" },
	{ "each", EACH, NULL, OPTIONS_DEFINE, "an event for each function of a glob or a list" },
	{ "max", MAX, "N", OPTIONS_DEFINE, "room for so many calls in flight at once; more are missed" },
	{ "engine", ENGINE, "ENGINE", OPTIONS_DEFINE, "direct, fprobe or kretprobe: the first where that can be, see fspan(1)" },
	{ "gate", GATE, "[=FILE]", OPTIONS_DEFINE, "ask eBPF programs about each call; FILE[,VAR=VALUE...], but for add: this one, for the run" },
	{ "cookie", COOKIE, "N", OPTIONS_DEFINE, "a number by which an eBPF program knows the definitions" },
	{ "pid", PID, "PID", OPTIONS_FILTER, "only this process: its threads, and its children from now on" },
	{ "comm", COMM, "NAME", OPTIONS_FILTER, "only tasks of this name; * and ? are a glob" },
	{ "cgroup", CGROUP, "PATH", OPTIONS_FILTER, "only tasks in this cgroup, and those below it" },
	{ "if", IF, "FILTER", OPTIONS_FILTER, "only what this filter of tracefs takes, as in 'ret < 0 && count > 4096'" },
	{ "for", FOR, "TIME", OPTIONS_LENGTH, "end after this time, as in 10s" },
	{ "count", 'n', "COUNT", OPTIONS_COUNT, "end after so many spans" },
	{ "buffer", BUFFER, "KIB", OPTIONS_COUNT, "ring buffer of each CPU, 4096 by default" },
	{ "tree", TREE, NULL, OPTIONS_TREE, "calls within calls, when the outermost returned, with the time of each alone" },
	{ "off-cpu", OFF_CPU, NULL, OPTIONS_TREE, "with --tree: and how long its task was off the CPU in each" },
	{ "events", 'e', "EVENT", OPTIONS_RECORD, "record this event or group too, as in -e sched" },
	{ "output", 'o', "FILE", OPTIONS_RECORD, "write this file instead of trace.dat" },
	{ "by", BY, "KEY", OPTIONS_BY, "a line for each func, comm, pid, ret, cgroup, or value of this field" },
	{ "keys", KEYS, "N", OPTIONS_BY, "at most so many values of KEY, 256 by default" },
	{ "sort", SORT, "COLUMN", OPTIONS_BY, "calls, errors, avg, p50, p90, p99, max or total; total by default" },
	{ "hist", HIST, NULL, OPTIONS_STAT, "draw the distribution" },
	{ "interval", INTERVAL, "TIME", OPTIONS_TOP, "between two tables, 1s by default" },
	{ "inflight", INFLIGHT, NULL, OPTIONS_INFLIGHT, "list the calls that have not returned" },
	{ "functions", FUNCTIONS, NULL, OPTIONS_INFLIGHT, "list the functions of all events, and how each is hooked" },
	{ "all", ALL, NULL, OPTIONS_ALL, "remove all that have no owner" },
	{ "name", NAME, "NAME", OPTIONS_GATE, "load: by this name, instead of the file's" },
	{ "hold", HOLD, NULL, OPTIONS_GATE, "load: do not pin it, but keep it until interrupted, or for --for" },
	{ "all", ALL, NULL, OPTIONS_GATE, "rm: all that are pinned" },
	{ "verbose", 'v', NULL, OPTIONS_GATE, "all that the verifier says of a program that it refuses" },
	{ "dev", DEV, "INTERFACE", OPTIONS_DEV, "of an eBPF program for xdp: whose packets" },
	{ "members", MEMBERS, NULL, OPTIONS_SHOW, "the arguments are types, as in 'struct file': show their members" },
	{ "complete", COMPLETE, NULL, OPTIONS_SHOW, NULL },
	{ "json", JSON, NULL, OPTIONS_JSON, "for machines: JSON" },
	{ "openmetrics", OPENMETRICS, NULL, OPTIONS_METRICS, "for machines: OpenMetrics, as Prometheus reads it" },
	{ "dry-run", DRY_RUN, NULL, OPTIONS_DRY_RUN, "print what would be written where, and do nothing" },
	{ "help", 'h', NULL, ~0U, "this text" },
};

#define N (sizeof(table) / sizeof(table[0]))

static bool optional(size_t i)
{
	return table[i].arg && table[i].arg[0] == '[';
}

static void help(const struct verb *verb)
{
	size_t i;

	printf("usage: fspan %s %s\n%s\n\n", verb->name, verb->arguments, verb->help);
	for (i = 0; i < N; i++) {
		char left[64];

		if (!(table[i].group & (verb->options | (table[i].key == 'h'))) || !table[i].help)
			continue;
		if (table[i].key < 256)
			snprintf(left, sizeof(left), "-%c, --%s %s", table[i].key, table[i].name,
				 table[i].arg ?: "");
		else
			snprintf(left, sizeof(left), "    --%s%s%s", table[i].name, optional(i) ? "" : " ",
				 table[i].arg ?: "");
		printf("  %-22s  %s\n", left, table[i].help);
	}
	printf("\nman fspan-%s says more.\n", verb->name);
}

bool options_duration(const char *s, unsigned long long unit, unsigned long long *ns)
{
	static const struct {
		const char *name;
		double ns;
	} units[] = { { "ns", 1 }, { "us", 1e3 }, { "ms", 1e6 }, { "s", 1e9 }, { "m", 60e9 } };
	char *end;
	double v = strtod(s, &end);
	size_t i;

	if (end == s || !(v >= 0))
		return false;
	if (!*end && unit) {
		v *= unit;
	} else {
		for (i = 0; i < sizeof(units) / sizeof(units[0]); i++)
			if (!strcmp(units[i].name, end))
				break;
		if (i == sizeof(units) / sizeof(units[0]))
			return false;
		v *= units[i].ns;
	}
	if (v >= 1e18)
		return false;
	/* 0.29s is a little less in binary; and what is more than nothing is not nothing */
	*ns = v > 0 && v < 1 ? 1 : (unsigned long long)(v + 0.5);
	return true;
}

static int usage(const struct verb *verb, const char *what, const char *arg, const char *remedy)
{
	fprintf(stderr, "fspan %s: %s '%s': %s\n", verb->name, what, arg, remedy);
	return 2;
}

static bool number(const char *s, long min, long max, long *n)
{
	char *end;

	errno = 0;
	*n = strtol(s, &end, 0);
	return *s && !*end && !errno && *n >= min && *n <= max;
}

static int set(const struct verb *verb, int key, const char *arg, struct options *o)
{
	char *end;
	long n;

	switch (key) {
	case LONGER:
		if (!options_duration(arg, 0, &o->longer))
			return usage(verb, "--longer", arg, "a time is a number and ns, us, ms or s, as in 10ms");
		break;
	case FAILED: o->failed = true; break;
	case STACK: o->stack = true; break;
	case ENGINE:
		if (strcmp(arg, "direct") && strcmp(arg, "fprobe") && strcmp(arg, "kretprobe"))
			return usage(verb, "--engine", arg, "direct, fprobe or kretprobe");
		o->engine = arg;
		break;
	case EACH: o->each = true; break;
	case MAX:
		if (!number(arg, 1, 65536, &n))
			return usage(verb, "--max", arg, "a number from 1 to 65536");
		o->max = n;
		break;
	case GATE:
		o->gate = true;
		o->program = arg;
		break;
	case COOKIE:
		errno = 0;
		o->cookie = strtoull(arg, &end, 0);
		if (!isdigit((unsigned char)*arg) || *end || errno)
			return usage(verb, "--cookie", arg, "a number");
		break;
	case PID:
		if (!number(arg, 1, INT_MAX, &n))
			return usage(verb, "--pid", arg, "the number of a process");
		o->pid = n;
		break;
	case COMM:
		if (strchr(arg, '"') || !*arg)
			return usage(verb, "--comm", arg, "a task's name, without quotes");
		o->comm = arg;
		break;
	case CGROUP: o->cgroup = arg; break;
	case IF: o->filter = arg; break;
	case FOR:
		if (!options_duration(arg, 1000000000, &o->length) || !o->length)
			return usage(verb, "--for", arg, "a time, as in 10s or 500ms");
		break;
	case INTERVAL:
		if (!options_duration(arg, 1000000000, &o->interval) || o->interval < 10000000)
			return usage(verb, "--interval", arg, "a time of at least 10ms, as in 1s");
		break;
	case 'n':
		if (!number(arg, 1, LONG_MAX, &o->count))
			return usage(verb, "-n", arg, "a number of spans");
		break;
	case BUFFER:
		if (!number(arg, 8, 1 << 20, &n))
			return usage(verb, "--buffer", arg, "KiB for each CPU, from 8 to 1048576");
		o->buffer = n;
		break;
	case BY: o->by = arg; break;
	case KEYS:
		if (!number(arg, 1, 4096, &n))
			return usage(verb, "--keys", arg, "a number from 1 to 4096");
		o->keys = n;
		break;
	case SORT: o->sort = arg; break;
	case HIST: o->hist = true; break;
	case TREE: o->tree = true; break;
	case OFF_CPU: o->off_cpu = true; break;
	case INFLIGHT: o->inflight = true; break;
	case FUNCTIONS: o->functions = true; break;
	case ALL: o->all = true; break;
	case NAME: o->name = arg; break;
	case HOLD: o->hold = true; break;
	case DEV: o->dev = arg; break;
	case 'v': o->verbose = true; break;
	case MEMBERS: o->members = true; break;
	case COMPLETE: o->complete = true; break;
	case JSON: o->json = true; break;
	case OPENMETRICS: o->openmetrics = true; break;
	case DRY_RUN: o->dry_run = true; break;
	case 'o': o->output = arg; break;
	case 'e':
		o->events = reallocarray(o->events, o->nevents + 2, sizeof(*o->events));
		if (!o->events)
			abort();
		o->events[o->nevents++] = arg;
		o->events[o->nevents] = NULL;
		break;
	}
	return -1;
}

int options_parse(const struct verb *verb, int argc, char **argv, struct options *o)
{
	struct option longs[N + 1] = {};
	char shorts[32] = "+", name[32];
	size_t i, n = 0;
	int c, end;

	memset(o, 0, sizeof(*o));
	o->buffer = 4096;
	o->interval = 1000000000;
	for (i = 0; i < N; i++) {
		if (!(table[i].group & (verb->options | (table[i].key == 'h'))))
			continue;
		longs[n].name = table[i].name;
		longs[n].has_arg = optional(i) ? optional_argument :
				   table[i].arg ? required_argument : no_argument;
		longs[n++].val = table[i].key;
		if (table[i].key < 256) {
			size_t len = strlen(shorts);

			snprintf(shorts + len, sizeof(shorts) - len, "%c%s", table[i].key,
				 table[i].arg ? ":" : "");
		}
	}
	/* what is behind -- is a command with options of its own */
	for (end = 1; end < argc && strcmp(argv[end], "--"); end++)
		;
	if (end < argc) {
		o->command = argv + end + 1;
		if (!*o->command) {
			fprintf(stderr, "fspan %s: a command is missing behind --\n", verb->name);
			return 2;
		}
	}
	shorts[0] = '-';	/* specs come as option 1 */
	o->specs = calloc(end + 1, sizeof(*o->specs));
	if (!o->specs)
		abort();
	/* what getopt's messages begin with */
	snprintf(name, sizeof(name), "fspan %s", verb->name);
	argv[0] = name;
	optind = 1;
	opterr = 1;
	while ((c = getopt_long(end, argv, shorts, longs, NULL)) != -1) {
		int ret;

		if (c == '?') {
			fprintf(stderr, "fspan %s -h lists the options\n", verb->name);
			return 2;
		}
		if (c == 1) {
			o->specs[o->nspecs++] = optarg;
			continue;
		}
		if (c == 'h') {
			help(verb);
			return 0;
		}
		ret = set(verb, c, optarg, o);
		if (ret >= 0)
			return ret;
	}
	if (o->off_cpu && !o->tree) {
		fprintf(stderr, "fspan %s: --off-cpu is a column of a tree: add --tree\n", verb->name);
		return 2;
	}
	/* that a run's program leaves other definitions alone */
	if (o->program && !o->cookie)
		o->cookie = 1ULL << 32 | getpid();
	return -1;
}
