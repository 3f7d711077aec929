// SPDX-License-Identifier: GPL-2.0
/*
 * They are definitions as a user's: listed, removed and cleared with these. One that is in
 * use when its module goes stays, waits for the module to come back, and is removed when it
 * was not used for a while.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/slab.h>

#include "declared.h"
#include "error.h"
#include "owner.h"
#include "parse.h"
#include "site.h"
#include "span.h"

static int define(const char *line, struct fspan_error *err)
{
	struct fspan_spec *spec = kvzalloc(sizeof(*spec), GFP_KERNEL);
	int ret;

	if (!spec)
		return fspan_error_set(err, FSPAN_ERR_NO_MEMORY, 0);
	ret = fspan_parse(line, spec, err);
	spec->automatic = true;
	if (!ret)
		ret = fspan_span_define(spec, line, NULL, err);
	/* the same may be there: kept for its next coming, or read from a file */
	if (ret && err->code == FSPAN_ERR_EXISTS && fspan_span_is(spec, line))
		ret = 0;
	fspan_spec_release(spec);
	kvfree(spec);
	return ret;
}

static void define_all(const char *module)
{
	struct fspan_error err;
	char *line;
	int ret;

	/* each definition pins us, which is too late if we are about to go */
	if (!try_module_get(THIS_MODULE))
		return;
	mutex_lock(&fspan_span_mutex);
	while ((line = fspan_site_next(module))) {
		memset(&err, 0, sizeof(err));
		ret = define(line, &err);
		if (ret) {
			fspan_error_log(&err, line);
			pr_warn_ratelimited("error %d, see error_log: %s\n", ret, line);
		}
		kfree(line);
	}
	mutex_unlock(&fspan_span_mutex);
	module_put(THIS_MODULE);
}

/* After that of tracepoints, by which its declarations are known, and forgotten. */
static int module_notify(struct notifier_block *nb, unsigned long action, void *data)
{
	struct module *mod = data;

	if (mod == THIS_MODULE || !mod->num_tracepoints)
		return NOTIFY_DONE;
	if (action == MODULE_STATE_COMING) {
		define_all(mod->name);
	} else if (action == MODULE_STATE_GOING) {
		mutex_lock(&fspan_span_mutex);
		if (fspan_spans_undeclare())
			fspan_reap_later();
		mutex_unlock(&fspan_span_mutex);
	}
	return NOTIFY_DONE;
}

static struct notifier_block module_nb = {
	.notifier_call = module_notify,
	.priority = -1,
};

int fspan_declared_init(void)
{
	int ret = register_module_notifier(&module_nb);

	if (!ret)
		define_all(NULL);
	return ret;
}

void fspan_declared_exit(void)
{
	unregister_module_notifier(&module_nb);
}
