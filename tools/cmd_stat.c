// SPDX-License-Identifier: GPL-2.0
/* fspan stat: histograms over a time or a command. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "child.h"
#include "cmd.h"
#include "measure.h"
#include "selection.h"

static void print_line(int number, const char *text, void *arg)
{
	(void)number;
	(void)arg;
	puts(text);
}

static void print(const struct measures *ms, const struct options *o, int sort)
{
	if (o->json) {
		table_json(ms->m, ms->defs->n, ms->by, sort, stdout);
	} else if (o->openmetrics) {
		table_openmetrics(ms->m, ms->defs->n, ms->by, stdout);
	} else {
		table_print(ms->m, ms->defs->n, ms->by, sort, print_line, NULL);
		if (o->hist)
			table_draw(ms->m, ms->defs->n, ms->by, stdout);
	}
}

int cmd_stat(const struct verb *verb, int argc, char **argv)
{
	struct definitions defs = {};
	struct measures ms = {};
	struct child child = {};
	struct options o;
	struct diag d;
	int sort = SORT_TOTAL, ret = options_parse(verb, argc, argv, &o);

	if (ret >= 0)
		return ret;
	if (!o.nspecs)
		return cmd_usage(verb, "what is to be counted? a function, as in fspan stat vfs_read --for 10s");
	if (o.sort && (sort = table_sort_of(o.sort)) < 0)
		return cmd_usage(verb, "--sort is total, calls, errors, avg, p50, p90, p99 or max");
	ret = selection_compile(&o, &defs);
	if (ret)
		goto out;
	run_catch_signals();
	ret = 1;
	if (!o.dry_run && child_prepare(&child, o.command)) {
		fprintf(stderr, "fspan: cannot fork: %s\n", strerror(errno));
		goto out;
	}
	if (measures_start(&ms, &o, &defs, &d))
		goto fail;
	if (!o.dry_run) {
		unsigned long long deadline = o.length ? run_now() + o.length : 0;

		child_begin(&child);
		while (run_sleep(&child, 1000000000, deadline))
			;
		if (measures_read(&ms, &d))
			goto fail;
		print(&ms, &o, sort);
	}
	ret = child.ended && !run_interrupted() ? child.status : 0;
	goto stop;
fail:
	diag_print(&d, stderr);
stop:
	child_finish(&child);
	measures_stop(&ms);
out:
	definitions_free(&defs);
	return ret;
}
