// SPDX-License-Identifier: GPL-2.0
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <uapi/linux/fspan.h>

#include "debugfs.h"
#include "error.h"
#include "hist.h"
#include "inflight.h"
#include "span.h"

static struct dentry *dir;

/* Columns of profile, after the event; the documentation has the same. */
static const char * const columns[] = {
	"functions", "armed", "entered", "written", "dropped_dur", "dropped_failed",
	"missed_instance", "missed_recursion", "missed_rcu", "missed_disarmed",
	"missed_exited", "inflight", "refused",
};

static void profile_line(struct seq_file *m, struct fspan_span *span)
{
	struct fspan_hooks *hooks = &span->rec.hooks;
	struct fspan_counts sum;
	u64 core = fspan_engine_core_missed(hooks);
	const u64 *n = sum.n;
	u64 values[ARRAY_SIZE(columns)];
	int i;

	fspan_counts_sum(hooks->counts, &sum);
	values[0] = hooks->n;
	values[1] = hooks->armed;
	values[2] = n[FSPAN_COUNT_ENTERED] + core;
	values[3] = n[FSPAN_COUNT_WRITTEN];
	values[4] = n[FSPAN_COUNT_DROPPED_DUR];
	values[5] = n[FSPAN_COUNT_DROPPED_FAILED];
	values[6] = n[FSPAN_COUNT_MISSED_INSTANCE];
	values[7] = n[FSPAN_COUNT_MISSED_RECURSION] + core;
	values[8] = n[FSPAN_COUNT_MISSED_RCU];
	values[9] = n[FSPAN_COUNT_MISSED_DISARMED];
	values[10] = n[FSPAN_COUNT_MISSED_EXITED];
	values[11] = n[FSPAN_COUNT_HOOKED] - n[FSPAN_COUNT_RETURNED];
	values[12] = n[FSPAN_COUNT_REFUSED];
	seq_printf(m, "%s/%s", span->rec.event->group, span->rec.event->name);
	for (i = 0; i < ARRAY_SIZE(columns); i++)
		seq_printf(m, " %llu", values[i]);
	seq_putc(m, '\n');
}

static int profile_show(struct seq_file *m, void *v)
{
	struct fspan_span *span;
	int i;

	seq_puts(m, "event");
	for (i = 0; i < ARRAY_SIZE(columns); i++)
		seq_printf(m, " %s", columns[i]);
	seq_putc(m, '\n');
	mutex_lock(&fspan_span_mutex);
	mutex_lock(&fspan_arm_mutex);
	list_for_each_entry(span, &fspan_spans, node)
		profile_line(m, span);
	mutex_unlock(&fspan_arm_mutex);
	mutex_unlock(&fspan_span_mutex);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(profile);

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
	debugfs_create_file("inflight", 0400, dir, NULL, &inflight_fops);
	debugfs_create_file("error_log", 0400, dir, NULL, &error_log_fops);
	fspan_hist_dir_init(dir);
}

void fspan_debugfs_exit(void)
{
	debugfs_remove(dir);	/* waits for those who read */
	fspan_error_log_clear();
}
