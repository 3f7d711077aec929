// SPDX-License-Identifier: GPL-2.0
/* fspan record: spans that are owned for the length of a trace-cmd recording. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <tracefs.h>

#include "child.h"
#include "cmd.h"
#include "control.h"
#include "filter.h"
#include "gate.h"
#include "selection.h"

struct arguments {
	char **v;
	size_t n;
};

static void add(struct arguments *a, const char *fmt, const char *value)
{
	a->v = reallocarray(a->v, a->n + 2, sizeof(*a->v));
	if (!a->v || asprintf(&a->v[a->n], fmt, value) < 0)
		abort();
	a->v[++a->n] = NULL;
}

/* trace-cmd record -e fspan:x [-f FILTER] ... -e sched ... [COMMAND...] */
static void trace_cmd(struct arguments *a, const struct options *o, const struct definitions *defs,
		      const char *filter, const char *threads)
{
	size_t i;
	int k;

	add(a, "%s", "trace-cmd");
	add(a, "%s", "record");
	add(a, "%s", "-q");
	add(a, "%s", "-o");
	add(a, "%s", o->output ?: "trace.dat");
	for (i = 0; i < defs->n; i++) {
		add(a, "%s", "-e");
		add(a, "fspan:%s", defs->d[i].event);
		if (*filter) {
			add(a, "%s", "-f");
			add(a, "%s", filter);
		}
	}
	for (k = 0; k < o->nevents; k++) {
		add(a, "%s", "-e");
		add(a, "%s", o->events[k]);
	}
	if (threads) {
		add(a, "%s", "-P");
		add(a, "%s", threads);
		add(a, "%s", "-c");
	} else if (o->command && !definitions_cross(defs)) {
		/* the command and its children */
		add(a, "%s", "-F");
		add(a, "%s", "-c");
	}
	for (k = 0; o->command && o->command[k]; k++)
		add(a, "%s", o->command[k]);
}

static void print_command(const struct arguments *a)
{
	size_t i;

	for (i = 0; i < a->n; i++)
		if (a->v[i][strcspn(a->v[i], " '\"$&|;()<>*?[]\\!=")])
			printf("%s'%s'", i ? " " : "", a->v[i]);
		else
			printf("%s%s", i ? " " : "", a->v[i]);
	putchar('\n');
}

/* Run it until it ends; an interrupt or --for makes it stop and write its file. */
static int run(const struct arguments *a, const struct options *o, const char *event)
{
	unsigned long long deadline = 0;
	struct child child;

	if (child_prepare(&child, a->v)) {
		fprintf(stderr, "fspan record: cannot fork: %s\n", strerror(errno));
		return 1;
	}
	child_begin(&child);
	/* the time begins when trace-cmd has armed the spans, which takes it a while */
	while (o->length && tracefs_event_is_enabled(NULL, "fspan", event) != TRACEFS_ALL_ENABLED &&
	       run_sleep(&child, 20000000, 0))
		;
	if (o->length)
		deadline = run_now() + o->length;
	while (run_sleep(&child, 200000000, deadline))
		;
	if (!child.ended) {
		int status;

		/* a terminal's reaches it too, which does no harm; others are for us alone */
		kill(child.pid, SIGINT);
		while (waitpid(child.pid, &status, 0) < 0 && errno == EINTR)
			;
		child.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	}
	if (child.status == 127)
		fprintf(stderr, "  install the package trace-cmd\n");
	return child.status;
}

int cmd_record(const struct verb *verb, int argc, char **argv)
{
	struct arguments arguments = {};
	struct definitions defs = {};
	struct control ctl = { .fd = -1 };
	struct gate gate = {};
	struct options o;
	struct diag d;
	char reasons[256], filter[2048], *threads = NULL;
	size_t i;
	int ret = options_parse(verb, argc, argv, &o);

	if (ret >= 0)
		return ret;
	if (!o.nspecs)
		return cmd_usage(verb, "what is to be recorded? a function, as in fspan record 'vfs_read(count)'");
	ret = selection_compile(&o, &defs);
	if (ret)
		goto out;
	run_catch_signals();
	ret = 1;
	d.text = NULL;
	filter_add_fields(&o, &defs);
	if (filter_make(&o, "comm", 0, filter, sizeof(filter), &d))
		goto fail;
	if (o.pid) {
		threads = filter_threads(o.pid, ',', &d);
		if (!threads)
			goto fail;
	}
	if (control_open(&ctl, true, NULL, o.dry_run, &d))
		goto fail;
	for (i = 0; i < defs.n; i++)
		if (control_define(&ctl, &defs.d[i], &o, "", &d))
			goto fail;
	if (gate_run(&gate, &o, &defs, &d))
		goto fail;
	trace_cmd(&arguments, &o, &defs, filter, threads);
	if (o.dry_run) {
		print_command(&arguments);
		ret = 0;
		goto out;
	}
	ret = run(&arguments, &o, defs.d[0].event);
	for (i = 0; i < defs.n; i++) {
		unsigned long long n;

		if (!control_missed(defs.d[i].event, &n, reasons, sizeof(reasons)))
			fprintf(stderr, "fspan: %s: missed calls are not known without debugfs: %s\n",
				defs.d[i].event, control_no_debugfs());
		if (n)
			fprintf(stderr, "fspan: %s: %llu calls missed: %s\n", defs.d[i].event, n, reasons);
		/* trace-cmd has written the formats: they may go at once */
		control_remove(&ctl, defs.d[i].event, &d);
	}
	goto out;
fail:
	diag_print(&d, stderr);
out:
	for (i = 0; i < arguments.n; i++)
		free(arguments.v[i]);
	free(arguments.v);
	gate_close(&gate);
	control_close(&ctl);
	definitions_free(&defs);
	return ret;
}
