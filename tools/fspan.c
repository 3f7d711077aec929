// SPDX-License-Identifier: GPL-2.0
/* fspan VERB: the table of verbs. */
#include <json.h>
#include <stdio.h>
#include <string.h>

#include "cmd.h"

static const struct verb verbs[] = {
	{ "trace", cmd_trace, "[OPTION...] SPEC... [-- COMMAND]",
	  "Show calls of functions as they return.",
	  OPTIONS_DEFINE | OPTIONS_STACK | OPTIONS_FILTER | OPTIONS_LENGTH | OPTIONS_COUNT |
		  OPTIONS_TREE | OPTIONS_DEV | OPTIONS_JSON | OPTIONS_DRY_RUN },
	{ "record", cmd_record, "[OPTION...] SPEC... [-- COMMAND]",
	  "Record calls into trace.dat, by trace-cmd.",
	  OPTIONS_DEFINE | OPTIONS_STACK | OPTIONS_FILTER | OPTIONS_LENGTH | OPTIONS_RECORD |
		  OPTIONS_DEV | OPTIONS_DRY_RUN },
	{ "stat", cmd_stat, "[OPTION...] SPEC... [-- COMMAND]",
	  "Count calls, and the percentiles of their durations.",
	  OPTIONS_DEFINE | OPTIONS_LENGTH | OPTIONS_BY | OPTIONS_STAT | OPTIONS_JSON |
		  OPTIONS_METRICS | OPTIONS_DRY_RUN },
	{ "top", cmd_top, "[OPTION...] SPEC...",
	  "The table of stat, live: what came in each interval.",
	  OPTIONS_DEFINE | OPTIONS_LENGTH | OPTIONS_BY | OPTIONS_JSON | OPTIONS_METRICS |
		  OPTIONS_TOP },
	{ "add", cmd_add, "[OPTION...] SPEC...", "Define spans that stay.",
	  OPTIONS_DEFINE | OPTIONS_STACK | OPTIONS_DRY_RUN },
	{ "ls", cmd_ls, "[OPTION...]", "List what is defined, and what became of its calls.",
	  OPTIONS_INFLIGHT | OPTIONS_JSON },
	{ "rm", cmd_rm, "[--dry-run] EVENT...|--all", "Remove definitions.",
	  OPTIONS_ALL | OPTIONS_DRY_RUN },
	{ "save", cmd_save, "[--dry-run] [NAME|FILE]", "Save what is defined, for boot by default.",
	  OPTIONS_DRY_RUN },
	{ "show", cmd_show, "[OPTION...] FUNCTION|GLOB|TYPE...",
	  "Show prototypes, fields, and whether a function can be probed.",
	  OPTIONS_SHOW | OPTIONS_JSON },
	{ "gate", cmd_gate, "[OPTION...] load FILE [VAR=VALUE...] | ls | rm NAME...",
	  "Load, list and remove eBPF programs that decide about calls.",
	  OPTIONS_GATE | OPTIONS_DEV | OPTIONS_LENGTH | OPTIONS_JSON },
	{ "doctor", cmd_doctor, "[--json]",
	  "Say what this machine allows, and how to mend what it does not.", OPTIONS_JSON },
};

#define N (sizeof(verbs) / sizeof(verbs[0]))

static void help(FILE *f)
{
	size_t i;

	fprintf(f, "usage: fspan VERB [ARGUMENT...]\nSpans of kernel functions: which calls, how long, with what, on whose behalf.\n\n");
	for (i = 0; i < N; i++)
		fprintf(f, "  %-8s %s\n", verbs[i].name, verbs[i].help);
	fprintf(f, "\nfspan VERB -h lists a verb's options. For a start: fspan trace 'vfs_read(count)' --longer 1ms\n");
}

int cmd_usage(const struct verb *verb, const char *what)
{
	fprintf(stderr, "fspan %s: %s\nusage: fspan %s %s\n", verb->name, what, verb->name, verb->arguments);
	return 2;
}

void cmd_print_json(struct json_object *o)
{
	const int how = JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE;

	puts(json_object_to_json_string_ext(o, how));
	json_object_put(o);
}

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "";
	size_t i;

	for (i = 0; i < N; i++)
		if (!strcmp(verbs[i].name, name))
			return verbs[i].run(&verbs[i], argc - 1, argv + 1);
	if (!strcmp(name, "-h") || !strcmp(name, "--help") || !strcmp(name, "help")) {
		help(stdout);
		return 0;
	}
	if (!strcmp(name, "--version")) {
		puts("fspan " FSPAN_VERSION);
		return 0;
	}
	if (*name)
		fprintf(stderr, "fspan: no verb '%s'\n", name);
	help(stderr);
	return 2;
}
