// SPDX-License-Identifier: GPL-2.0
/* fspan trace: define, enable, print live, clean up. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "child.h"
#include "cmd.h"
#include "selection.h"
#include "session.h"
#include "tree.h"

struct output {
	const struct options *o;
	long long clock;
	unsigned long long shown;
	struct tree *tree;	/* NULL: a line for each, as they come */
};

static int show(const struct record_format *f, const void *data, size_t size,
		unsigned long long ts, int cpu, void *arg)
{
	struct output *out = arg;

	if (out->tree)
		tree_add(out->tree, f, data, size, ts, cpu);
	else if (out->o->json)
		record_print_json(record_json(f, data, ts, out->clock, cpu, NULL), stdout);
	else
		record_print(f, data, ts, out->clock, cpu, NULL, stdout);
	out->shown = out->tree ? tree_printed(out->tree) : out->shown + 1;
	return ferror(stdout) || (out->o->count && out->shown >= (unsigned long)out->o->count);
}

static void switched(int prev, int next, unsigned long long ts, void *arg)
{
	struct output *out = arg;

	tree_switch(out->tree, prev, next, ts);
}

/* What is asked for after so many spans is not those of which the rest is still to come. */
static void end_tree(struct output *out)
{
	if (!out->tree)
		return;
	if (!out->o->count || out->shown < (unsigned long)out->o->count)
		tree_flush(out->tree);
	out->shown = tree_printed(out->tree);
	tree_free(out->tree);
}

/* What came of it all, on stderr: what is shown is not all that happened. */
static void summary(struct session *s, unsigned long long shown)
{
	unsigned long long lost = session_lost(s), missed = 0, n;
	bool known = true;
	char reasons[256];
	size_t i;

	for (i = 0; i < s->defs->n; i++) {
		known &= control_missed(s->defs->d[i].event, &n, reasons, sizeof(reasons));
		missed += n;
		if (n)
			fprintf(stderr, "fspan: %s: %llu calls missed: %s\n", s->defs->d[i].event, n, reasons);
	}
	if (known)
		fprintf(stderr, "fspan: %llu spans, %llu lost, %llu missed\n", shown, lost, missed);
	else
		fprintf(stderr, "fspan: %llu spans, %llu lost, missed not known without debugfs: %s\n",
			shown, lost, control_no_debugfs());
	if (lost)
		fprintf(stderr, "fspan: the ring buffer was full: a larger --buffer, or fewer spans (--longer, --if)\n");
}

static int run(struct session *s, const struct options *o, struct child *child, struct diag *d)
{
	struct output out = { .o = o, .clock = run_clock_offset() };
	struct session_reader reader = { .record = show, .switched = switched, .arg = &out };
	unsigned long long deadline = o->length ? run_now() + o->length : 0;
	bool going = true;
	int ret = 0;

	if (child->pid && session_follow(s, child->pid, d))
		return -1;
	if (session_enable(s, d))
		return -1;
	if (o->tree) {
		struct tree_print print = { stdout, out.clock, o->json, o->off_cpu };

		out.tree = tree_create(&print);
	}
	child_begin(child);
	while (going && !ret) {
		going = run_sleep(child, SESSION_PERIOD, deadline);
		if (!going)
			session_disable(s);
		ret = session_read(s, !going, &reader);
		if (fflush(stdout))
			ret = 1;
	}
	session_disable(s);
	end_tree(&out);
	summary(s, out.shown);
	child_finish(child);
	return ferror(stdout) && errno != EPIPE ? diag_set(d, -1, "cannot write: %s", strerror(errno)) : 0;
}

/* What has no place in a tree. */
static int check_tree(const struct options *o, const struct definitions *defs)
{
	struct diag d;
	size_t i;

	for (i = 0; o->tree && i < defs->n; i++) {
		if (!defs->d[i].pair && !defs->d[i].emitted)
			continue;
		d.text = defs->d[i].spec;
		diag_set(&d, -1, defs->d[i].pair ?
			 "a pair is in no tree, as it begins in one task and ends in another: trace it by itself" :
			 "a record that a program emits is in no tree: trace it by itself");
		diag_print(&d, stderr);
		return 2;
	}
	return 0;
}

int cmd_trace(const struct verb *verb, int argc, char **argv)
{
	struct definitions defs = {};
	struct child child = {};
	struct session session;
	struct options o;
	struct diag d;
	int ret = options_parse(verb, argc, argv, &o);

	if (ret >= 0)
		return ret;
	if (!o.nspecs)
		return cmd_usage(verb, "what is to be traced? a function, as in fspan trace 'vfs_read(count)'");
	ret = selection_compile(&o, &defs) ?: check_tree(&o, &defs);
	if (ret)
		goto out;
	run_catch_signals();
	if (!o.dry_run && child_prepare(&child, o.command)) {
		fprintf(stderr, "fspan: cannot fork: %s\n", strerror(errno));
		ret = 1;
		goto out;
	}
	ret = session_start(&session, &o, &defs, &d);
	if (!ret && o.dry_run) {
		ret = session_enable(&session, &d);
		printf("cat /sys/kernel/tracing/instances/%s/trace_pipe\n", session.instance_name);
		goto out;
	}
	if (!ret)
		ret = run(&session, &o, &child, &d);
	if (ret) {
		diag_print(&d, stderr);
		child_finish(&child);
		ret = 1;
	} else if (child.pid && !run_interrupted() && !child.killed) {
		ret = child.status;
	}
	session_stop(&session);
out:
	definitions_free(&defs);
	return ret;
}
