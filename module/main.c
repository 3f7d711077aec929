// SPDX-License-Identifier: GPL-2.0
/* Loading and unloading: the parts from the ground up, and back. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>

#include "ctl.h"
#include "debugfs.h"
#include "declared.h"
#include "engine.h"
#include "event.h"
#include "eventlock.h"
#include "kfunc.h"
#include "made.h"
#include "owner.h"
#include "site.h"
#include "span.h"
#include "tree.h"

module_param_named(max_events, fspan_max_events, uint, 0644);
MODULE_PARM_DESC(max_events, "How many definitions there may be at once (4096)");

static int set_engine(const char *val, const struct kernel_param *kp)
{
	int ret = sysfs_match_string(fspan_engine_names, val);

	if (ret >= 0)
		fspan_engine_default = ret;
	return ret < 0 ? ret : 0;
}

static int get_engine(char *buf, const struct kernel_param *kp)
{
	return sysfs_emit(buf, "%s\n", fspan_engine_names[fspan_engine_default]);
}

static const struct kernel_param_ops engine_ops = { .set = set_engine, .get = get_engine };
module_param_cb(engine, &engine_ops, NULL, 0644);
MODULE_PARM_DESC(engine, "Of definitions that do not say: direct or fprobe where that can be, or kretprobe (direct)");

static int __init fspan_init(void)
{
	int ret;

	ret = fspan_eventlock_init();
	if (ret) {
		pr_err("tracing core does not know the module's events: was it forced?\n");
		return ret;
	}
	ret = fspan_made_init();
	if (ret)
		return ret;
	fspan_engine_init();
	fspan_trees_init();
	ret = fspan_spans_init();
	if (ret)
		goto exit_engine;
	ret = fspan_sites_init();
	if (ret)
		goto exit_spans;
	/* before there can be definitions, whose files go there */
	fspan_debugfs_init();
	ret = fspan_ctl_init();
	if (ret)
		goto exit_debugfs;
	/* last: what it defines cannot be undone here, and pins the module */
	ret = fspan_declared_init();
	if (ret)
		goto exit_ctl;
	if (fspan_kfuncs_init())
		pr_info("without BTF of this module there are no functions for eBPF programs\n");
	pr_info("version " FSPAN_VERSION "\n");
	return 0;

exit_ctl:
	fspan_ctl_exit();
exit_debugfs:
	fspan_debugfs_exit();
	fspan_sites_exit();
exit_spans:
	fspan_spans_exit();
exit_engine:
	fspan_engine_exit();
	fspan_made_exit();
	return ret;
}

/*
 * Each definition, and each owner that is not done with, holds a reference: so
 * there are none, and nothing is armed. Files are closed.
 */
static void __exit fspan_exit(void)
{
	fspan_declared_exit();
	fspan_ctl_exit();
	fspan_debugfs_exit();
	fspan_owners_exit();
	fspan_sites_exit();
	fspan_spans_exit();
	fspan_engine_exit();
	fspan_events_exit();
	fspan_made_exit();
	rcu_barrier();		/* kfree_rcu() of ours, for tools that look for leaks */
}

module_init(fspan_init);
module_exit(fspan_exit);
MODULE_DESCRIPTION("Spans of kernel functions as trace events");
MODULE_AUTHOR("The fspan authors");
MODULE_VERSION(FSPAN_VERSION);
MODULE_LICENSE("GPL");
