// SPDX-License-Identifier: GPL-2.0
#include <linux/irq_work.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/tracepoint.h>
#include <linux/workqueue.h>

#include "batch.h"

LIST_HEAD(fspan_batches);

static void make_room(struct work_struct *work)
{
	struct fspan_batch *batch;

	mutex_lock(&fspan_arm_mutex);
	list_for_each_entry(batch, &fspan_batches, armed) {
		struct fspan_hooks *hooks = batch->hooks;

		if (!READ_ONCE(batch->wanting) || hooks->doubled >= FSPAN_MAX_DOUBLED)
			continue;
		/* without memory the next that finds no slot asks again */
		hooks->doubled += !fspan_slots_double(&batch->slots, batch);
		WRITE_ONCE(batch->wanting, false);
	}
	mutex_unlock(&fspan_arm_mutex);
}

static DECLARE_WORK(room_work, make_room);

static void make_room_soon(struct irq_work *work)
{
	schedule_work(&room_work);
}

static DEFINE_IRQ_WORK(room_irq_work, make_room_soon);

noinline notrace void fspan_batch_want_room(struct fspan_batch *batch,
					    const struct fspan_hooks *hooks)
{
	if (!batch->grows || hooks->max || READ_ONCE(batch->wanting))
		return;
	WRITE_ONCE(batch->wanting, true);
	irq_work_queue(&room_irq_work);
}
NOKPROBE_SYMBOL(fspan_batch_want_room);

bool fspan_batches_grow(const struct fspan_hooks *hooks)
{
	struct fspan_batch *batch;

	list_for_each_entry(batch, &hooks->batches, node)
		if (batch->grows)
			return true;
	return false;
}

int fspan_batch_arm(struct fspan_batch *batch, struct fspan_hooks *hooks, const char *module,
		    struct fspan_hook **list, unsigned int n)
{
	unsigned int calls = min(fspan_engine_max(hooks) * n,
				 max(FSPAN_DEFAULT_CALLS << hooks->doubled, hooks->max));
	int ret = fspan_slots_init(&batch->slots, calls, hooks->call_size, batch);

	if (ret)
		return ret;
	batch->hooks = hooks;
	strscpy(batch->module, module, sizeof(batch->module));
	list_add_tail(&batch->node, &hooks->batches);
	list_add_tail_rcu(&batch->armed, &fspan_batches);
	while (n--) {
		list[n]->batch = batch;
		list[n]->armed = true;
	}
	return 0;
}

void fspan_batch_disarm(struct fspan_batch *batch)
{
	list_del_rcu(&batch->armed);
	WRITE_ONCE(batch->hooks, NULL);
	synchronize_rcu();
}

void fspan_batch_unhook(struct fspan_hook *hook)
{
	hook->batch = NULL;
	hook->armed = false;
}

void fspan_batch_unhook_all(struct fspan_hooks *hooks, struct fspan_batch *batch)
{
	struct fspan_hook *hook;

	list_for_each_entry(hook, &hooks->list, node)
		if (hook->batch == batch)
			fspan_batch_unhook(hook);
}

static bool first_of_module(const struct fspan_hooks *hooks, const struct fspan_hook *hook)
{
	const struct fspan_hook *first;

	list_for_each_entry(first, &hooks->list, node)
		if (!strcmp(first->module, hook->module))
			return first == hook;
	return false;
}

int fspan_batches_arm(struct fspan_hooks *hooks, const char *module, fspan_batch_arm_fn arm)
{
	struct fspan_hook **list = kvcalloc(hooks->n, sizeof(*list), GFP_KERNEL), *hook;
	unsigned long *ip = kvcalloc(hooks->n, sizeof(*ip), GFP_KERNEL);
	int ret = 0;

	if (!list || !ip) {
		ret = -ENOMEM;
	} else if (module) {
		ret = arm(hooks, module, list, ip);
	} else {
		/* a module after the other */
		list_for_each_entry(hook, &hooks->list, node) {
			if (first_of_module(hooks, hook))
				ret = arm(hooks, hook->module, list, ip);
			if (ret)
				break;
		}
	}
	kvfree(list);
	kvfree(ip);
	return ret;
}

void fspan_batches_disarm(struct fspan_hooks *hooks, const char *module, enum fspan_engine engine,
			  void (*disarm)(struct fspan_batch *batch))
{
	struct fspan_batch *batch, *next;

	list_for_each_entry_safe(batch, next, &hooks->batches, node)
		if (batch->engine == engine && (!module || !strcmp(batch->module, module)))
			disarm(batch);
}

struct each {
	struct fspan_hook *hook;
	fspan_call_fn fn;
	void *arg;
};

static void each_slot(struct fspan_slot *slot, void *arg)
{
	struct each *each = arg;

	if (READ_ONCE(slot->hook) == each->hook)
		each->fn(each->hook, &slot->call, each->arg);
}

void fspan_batch_each_call(struct fspan_hook *hook, fspan_call_fn fn, void *arg)
{
	struct each each = { hook, fn, arg };

	fspan_slots_each(&hook->batch->slots, each_slot, &each);
}

/* The tracepoint is not exported by its name. */
static struct tracepoint *sched_process_exit;

bool fspan_at_exit_found(void)
{
	return sched_process_exit;
}

int fspan_at_exit_get(struct fspan_at_exit *exit)
{
	int ret = 0;

	if (!exit->users)
		ret = tracepoint_probe_register(sched_process_exit, exit->probe, NULL);
	exit->users += !ret;
	return ret;
}

void fspan_at_exit_put(struct fspan_at_exit *exit)
{
	if (!--exit->users)
		tracepoint_probe_unregister(sched_process_exit, exit->probe, NULL);
}

static void is_exit(struct tracepoint *tp, void *found)
{
	if (!strcmp(tp->name, "sched_process_exit"))
		*(struct tracepoint **)found = tp;
}

void fspan_batches_init(void)
{
	for_each_kernel_tracepoint(is_exit, &sched_process_exit);
}

void fspan_batches_exit(void)
{
	/* nothing is armed, so that nobody wants room */
	irq_work_sync(&room_irq_work);
	cancel_work_sync(&room_work);
	tracepoint_synchronize_unregister();
}
