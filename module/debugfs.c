// SPDX-License-Identifier: GPL-2.0
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <uapi/linux/fspan.h>

#include "debugfs.h"
#include "error.h"
#include "hist.h"
#include "inflight.h"
#include "pair.h"
#include "span.h"

static struct dentry *dir;

/*
 * Columns of profile, between the event, its functions and armed, and those of the functions
 * that the direct engine has; the documentation has the same.
 */
static const struct {
	const char *name;
	enum fspan_count count;
} columns[] = {
	{ "entered", FSPAN_COUNT_ENTERED },
	{ "written", FSPAN_COUNT_WRITTEN },
	{ "dropped_dur", FSPAN_COUNT_DROPPED_DUR },
	{ "dropped_failed", FSPAN_COUNT_DROPPED_FAILED },
	{ "dropped_entry", FSPAN_COUNT_DROPPED_ENTRY },
	{ "dropped_gate", FSPAN_COUNT_DROPPED_GATE },
	{ "missed_instance", FSPAN_COUNT_MISSED_INSTANCE },
	{ "missed_recursion", FSPAN_COUNT_MISSED_RECURSION },
	{ "missed_rcu", FSPAN_COUNT_MISSED_RCU },
	{ "missed_disarmed", FSPAN_COUNT_MISSED_DISARMED },
	{ "missed_exited", FSPAN_COUNT_MISSED_EXITED },
	{ "inflight", FSPAN_COUNT_HOOKED },	/* less those that returned */
	{ "refused", FSPAN_COUNT_REFUSED },
	{ "gate_skipped", FSPAN_COUNT_GATE_SKIPPED },
	{ "missed_key", FSPAN_COUNT_MISSED_KEY },
	{ "missed_reused", FSPAN_COUNT_MISSED_REUSED },
	{ "missed_stale", FSPAN_COUNT_MISSED_STALE },
	{ "tree_full", FSPAN_COUNT_TREE_FULL },
};

/* Of a pair's ends: those of nothing that began, and those that could not be followed. */
static void profile_ends(struct seq_file *m, struct fspan_pair *pair)
{
	u64 core = fspan_engine_core_missed(&pair->end_hooks);
	struct fspan_counts sum;

	fspan_counts_sum(pair->end_hooks.counts, &sum);
	seq_printf(m, " %llu %llu", sum.n[FSPAN_COUNT_END_ALONE],
		   core + sum.n[FSPAN_COUNT_MISSED_RECURSION] + sum.n[FSPAN_COUNT_MISSED_RCU] +
		   sum.n[FSPAN_COUNT_MISSED_KEY]);
}

static void profile_line(struct seq_file *m, struct fspan_span *span)
{
	struct fspan_hooks *hooks = &span->rec.hooks;
	struct fspan_counts sum;
	u64 core = fspan_engine_core_missed(hooks);
	u64 *n = sum.n;
	int i;

	fspan_counts_sum(hooks->counts, &sum);
	n[FSPAN_COUNT_ENTERED] += core;
	n[FSPAN_COUNT_MISSED_RECURSION] += core;
	seq_printf(m, "%s/%s %u %d", span->rec.event->group, span->rec.event->name, hooks->n,
		   hooks->armed);
	for (i = 0; i < ARRAY_SIZE(columns); i++)
		seq_printf(m, " %llu", columns[i].count == FSPAN_COUNT_HOOKED ?
			   n[FSPAN_COUNT_HOOKED] - n[FSPAN_COUNT_RETURNED] :
			   n[columns[i].count]);
	if (span->rec.pair)
		profile_ends(m, span->rec.pair);
	else
		seq_puts(m, " 0 0");
	seq_printf(m, " %u\n", fspan_engine_direct(hooks));
}

static int profile_show(struct seq_file *m, void *v)
{
	struct fspan_span *span;
	int i;

	seq_puts(m, "event functions armed");
	for (i = 0; i < ARRAY_SIZE(columns); i++)
		seq_printf(m, " %s", columns[i].name);
	seq_puts(m, " end_alone end_missed direct\n");
	mutex_lock(&fspan_span_mutex);
	mutex_lock(&fspan_arm_mutex);
	list_for_each_entry(span, &fspan_spans, node)
		profile_line(m, span);
	mutex_unlock(&fspan_arm_mutex);
	mutex_unlock(&fspan_span_mutex);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(profile);

/* Functions of modules that are not there have no line. */
static int functions_show(struct seq_file *m, void *v)
{
	const char *engine, *why;
	struct fspan_span *span;
	struct fspan_hook *hook;

	seq_puts(m, "event function engine why\n");
	mutex_lock(&fspan_span_mutex);
	mutex_lock(&fspan_arm_mutex);
	list_for_each_entry(span, &fspan_spans, node) {
		list_for_each_entry(hook, &span->rec.hooks.list, node) {
			engine = why = "-";
			if (hook->armed)
				engine = fspan_engine_of(hook, &why);
			seq_printf(m, "%s/%s %s%s%s %s %s\n", span->rec.event->group,
				   span->rec.event->name, hook->module, hook->module[0] ? ":" : "",
				   hook->name, engine, why);
		}
		cond_resched();
	}
	mutex_unlock(&fspan_arm_mutex);
	mutex_unlock(&fspan_span_mutex);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(functions);

static int inflight_show(struct seq_file *m, void *v)
{
	struct fspan_span *span;
	int ret = 0;

	mutex_lock(&fspan_span_mutex);
	mutex_lock(&fspan_arm_mutex);
	list_for_each_entry(span, &fspan_spans, node) {
		if (span->rec.hooks.armed)
			ret = fspan_inflight_show(m, &span->rec);
		if (ret)
			break;
	}
	fspan_inflight_show_left(m);
	mutex_unlock(&fspan_arm_mutex);
	mutex_unlock(&fspan_span_mutex);
	return ret;
}
DEFINE_SHOW_ATTRIBUTE(inflight);

static int error_log_show(struct seq_file *m, void *v)
{
	fspan_error_log_show(m);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(error_log);

/* debugfs is a convenience: a kernel without it has all of fspan but the histograms */
void fspan_debugfs_init(void)
{
	dir = debugfs_create_dir(FSPAN_DEVICE, NULL);
	debugfs_create_file("profile", 0400, dir, NULL, &profile_fops);
	debugfs_create_file("functions", 0400, dir, NULL, &functions_fops);
	debugfs_create_file("inflight", 0400, dir, NULL, &inflight_fops);
	debugfs_create_file("error_log", 0400, dir, NULL, &error_log_fops);
	fspan_hist_dir_init(dir);
}

void fspan_debugfs_exit(void)
{
	debugfs_remove(dir);	/* waits for those who read */
	fspan_error_log_clear();
}
