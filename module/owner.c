// SPDX-License-Identifier: GPL-2.0
#include <linux/err.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/trace.h>
#include <linux/workqueue.h>

#include "compat/compat.h"
#include "error.h"
#include "owner.h"
#include "span.h"
#include "told.h"

struct fspan_owner {
	struct list_head node;		/* of the dead, whose instance is in use */
	pid_t pid;
	bool others;
	struct trace_array *instance;	/* we hold a reference, or NULL */
	char instance_name[FSPAN_NAME_LEN];
};

/* under fspan_span_mutex */
static LIST_HEAD(dead_owners);

static void reap(struct work_struct *work);
static DECLARE_DELAYED_WORK(reap_work, reap);

static bool instance_exists(const char *name)
{
	struct trace_event_file *file = trace_get_event_file(name, "fspan_core", "control");

	if (!IS_ERR(file))
		trace_put_event_file(file);
	return PTR_ERR_OR_ZERO(file) != -ENOENT;
}

/* 0, or -EBUSY while somebody reads or writes a file of it: then we still have it. */
static int remove_instance(struct fspan_owner *owner)
{
	int ret;

	if (!owner->instance)
		return 0;
	/* it cannot be removed while there is any reference, ours too */
	trace_array_put(owner->instance);
	ret = trace_array_destroy(owner->instance);
	owner->instance = ret == -EBUSY ? fspan_compat_instance_get(owner->instance_name) : NULL;
	return owner->instance ? -EBUSY : 0;
}

static void owner_free(struct fspan_owner *owner)
{
	kfree(owner);
	module_put(THIS_MODULE);
}

/* What is dead and was in use: look again until it is not. */
static void reap(struct work_struct *work)
{
	struct fspan_owner *owner, *next;
	unsigned long wait;

	mutex_lock(&fspan_span_mutex);
	list_for_each_entry_safe(owner, next, &dead_owners, node) {
		if (remove_instance(owner))
			continue;
		list_del(&owner->node);
		owner_free(owner);
	}
	wait = fspan_spans_reap();
	if (!list_empty(&dead_owners))
		wait = HZ;
	mutex_unlock(&fspan_span_mutex);
	if (wait)
		schedule_delayed_work(&reap_work, wait);
}

struct making {
	struct work_struct work;
	const char *name;
	struct trace_array *instance;
};

static void make_instance_work(struct work_struct *work)
{
	struct making *making = container_of(work, struct making, work);

	making->instance = fspan_compat_instance_get(making->name);
}

/*
 * Who is killed while the core makes an instance for him gets it to warn that a ring buffer
 * cannot be allocated: so a worker has it made, whom nobody kills. He takes event_mutex, and
 * never fspan_span_mutex, which is held here.
 */
static struct trace_array *make_instance(const char *name)
{
	struct making making = { .name = name };

	INIT_WORK_ONSTACK(&making.work, make_instance_work);
	schedule_work(&making.work);
	flush_work(&making.work);
	destroy_work_on_stack(&making.work);
	return making.instance;
}

struct fspan_owner *fspan_owner_create(const char *instance, bool others, unsigned int col,
				       struct fspan_error *err)
{
	struct fspan_owner *owner;

	if (instance[0] && instance_exists(instance))
		return ERR_PTR(fspan_error_set(err, FSPAN_ERR_INSTANCE_EXISTS, col));
	owner = kzalloc(sizeof(*owner), GFP_KERNEL);
	if (!owner)
		return ERR_PTR(fspan_error_set(err, FSPAN_ERR_NO_MEMORY, col));
	owner->pid = current->tgid;
	owner->others = others;
	strscpy(owner->instance_name, instance, sizeof(owner->instance_name));
	if (instance[0]) {
		owner->instance = make_instance(instance);
		if (!owner->instance) {
			kfree(owner);
			return ERR_PTR(fspan_error_set(err, FSPAN_ERR_NO_INSTANCE, col));
		}
	}
	/* it may outlive the open file */
	__module_get(THIS_MODULE);
	return owner;
}

void fspan_owner_destroy(struct fspan_owner *owner)
{
	unsigned int n = fspan_spans_kill(owner);

	trace_fspan_owner_gone(owner->pid, n);
	if (remove_instance(owner))
		list_add_tail(&owner->node, &dead_owners);
	else
		owner_free(owner);
	mod_delayed_work(system_long_wq, &reap_work, 0);	/* system_wq is deprecated in 7 */
}

pid_t fspan_owner_pid(const struct fspan_owner *owner)
{
	return owner->pid;
}

pid_t fspan_owner_left_out(const struct fspan_owner *owner)
{
	return owner && owner->others ? owner->pid : FSPAN_NO_PID;
}

void fspan_reap_later(void)
{
	schedule_delayed_work(&reap_work, HZ);
}

void fspan_owners_exit(void)
{
	cancel_delayed_work_sync(&reap_work);
}
