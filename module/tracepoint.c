// SPDX-License-Identifier: GPL-2.0
/*
 * Lifetime: a callback runs with preemption off, and after it was unregistered is waited
 * for. A module's tracepoint is left when the module goes, before the core looks for who
 * has not.
 */
#include <linux/kprobes.h>
#include <linux/ptrace.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/trace_events.h>
#include <linux/tracepoint.h>
#include <uapi/linux/fspan.h>

#include "compat/compat.h"
#include "regs.h"
#include "told.h"
#include "tracepoint.h"

#define ARGS	(FSPAN_TRACEPOINT_ARGS + 1)	/* one more is read for the gate: 0 */
static_assert(FSPAN_GATE_ARGS <= ARGS);

/* @arg: as registers are, whatever the prototype: of narrower ones the rest is anything. */
static __always_inline void hit(struct fspan_tracepoint *t, const unsigned long *arg,
				unsigned long caller)
{
	struct fspan_hooks *hooks = t->hook.hooks;
	struct pt_regs regs;	/* nothing is read but arguments, and who calls */
	unsigned int i;

	fspan_count(hooks->counts, FSPAN_COUNT_ENTERED);
	if (unlikely(!rcu_is_watching())) {
		fspan_count(hooks->counts, FSPAN_COUNT_MISSED_RCU);
		return;
	}
	if (!fspan_busy_begin()) {
		fspan_missed(hooks, FSPAN_COUNT_MISSED_RECURSION);
		return;
	}
	for (i = 0; i < ARGS; i++)
		*(unsigned long *)((void *)&regs + fspan_reg_argument_offset(i)) = arg[i];
	instruction_pointer_set(&regs, caller);
	hooks->ops->hit(&t->hook, &regs);
	fspan_busy_end();
}

/* Called as if it had the tracepoint's prototype, by which arguments are in registers. */
static void notrace probe(void *data, unsigned long a, unsigned long b, unsigned long c,
			  unsigned long d, unsigned long e)
{
	const unsigned long arg[ARGS] = { a, b, c, d, e };
	bool preemptible = fspan_compat_probe_preemptible();

	if (preemptible)
		preempt_disable_notrace();
	hit(data, arg, _RET_IP_);
	if (preemptible)
		preempt_enable_notrace();
}
NOKPROBE_SYMBOL(probe);

/*
 * The tracepoint of an event that the kernel or a module was built with; it pins the module.
 * A custom event may be another module's than its tracepoint, whose going we would not see.
 */
static struct trace_event_file *find_event(const char *group, const char *name)
{
	struct trace_event_file *file = trace_get_event_file(NULL, group, name);
	int flags = TRACE_EVENT_FL_TRACEPOINT | TRACE_EVENT_FL_DYNAMIC | TRACE_EVENT_FL_CUSTOM;

	if (IS_ERR(file))
		return NULL;
	flags &= file->event_call->flags;
	if (flags == TRACE_EVENT_FL_TRACEPOINT && file->event_call->tp)
		return file;
	trace_put_event_file(file);
	return NULL;
}

static struct fspan_tracepoint *create(struct trace_event_file *file, struct fspan_hooks *hooks)
{
	struct trace_event_call *call = file->event_call;
	size_t len = strlen(call->tp->name) + 1;
	struct module *mod = call->module;
	struct fspan_tracepoint *t;

	t = kzalloc(sizeof(*t) + len, GFP_KERNEL);
	if (!t)
		return NULL;
	t->tp = call->tp;
	t->hook.hooks = hooks;
	memcpy(t->hook.name, call->tp->name, len);
	t->name = t->hook.name;
	if (mod)
		strscpy(t->module, mod->name, sizeof(t->module));
	return t;
}

int fspan_tracepoint_add(struct list_head *list, struct fspan_hooks *hooks, const char *text,
			 size_t len)
{
	char *group = kstrndup(text, len, GFP_KERNEL), *name;
	struct trace_event_file *file;
	struct fspan_tracepoint *t;
	int ret = -ENOENT;

	if (!group)
		return -ENOMEM;
	name = strchr(group, ':');
	if (!name)
		goto out;
	*name++ = '\0';
	file = find_event(group, name);
	if (!file)
		goto out;
	/* where calls check the prototype of what they call, ours is not that */
	ret = -EOPNOTSUPP;
	if (!IS_ENABLED(CONFIG_CFI_CLANG) && !IS_ENABLED(CONFIG_CFI)) {
		t = create(file, hooks);
		ret = t ? 0 : -ENOMEM;
		if (t)
			list_add_tail(&t->node, list);
	}
	trace_put_event_file(file);
out:
	kfree(group);
	return ret;
}

void fspan_tracepoints_free(struct list_head *list)
{
	struct fspan_tracepoint *t, *next;

	list_for_each_entry_safe(t, next, list, node) {
		list_del(&t->node);
		kfree(t);
	}
}

static int arm(struct fspan_tracepoint *t)
{
	int ret;

	if (t->armed || !t->tp)
		return 0;
	ret = tracepoint_probe_register(t->tp, probe, t);
	t->armed = !ret;
	return ret;
}

static void disarm(struct fspan_tracepoint *t)
{
	if (!t->armed)
		return;
	/* for want of memory the core leaves a stub in our place */
	WARN_ON_ONCE(tracepoint_probe_unregister(t->tp, probe, t));
	t->armed = false;
}

int fspan_tracepoints_arm(struct list_head *list)
{
	struct fspan_tracepoint *t;
	int ret;

	lockdep_assert_held(&fspan_arm_mutex);
	list_for_each_entry(t, list, node) {
		ret = arm(t);
		if (ret)
			return ret;
	}
	return 0;
}

void fspan_tracepoints_disarm(struct list_head *list)
{
	struct fspan_tracepoint *t;

	lockdep_assert_held(&fspan_arm_mutex);
	list_for_each_entry(t, list, node)
		disarm(t);
}

void fspan_tracepoints_wait(void)
{
	tracepoint_synchronize_unregister();
}

void fspan_tracepoints_coming(struct list_head *list, struct module *mod, bool armed)
{
	struct fspan_tracepoint *t;
	unsigned int i;

	lockdep_assert_held(&fspan_arm_mutex);
	list_for_each_entry(t, list, node) {
		if (t->tp || strcmp(t->module, mod->name))
			continue;
		for (i = 0; i < mod->num_tracepoints; i++) {
			struct tracepoint *tp = tracepoint_ptr_deref(&mod->tracepoints_ptrs[i]);

			if (!strcmp(tp->name, t->name))
				t->tp = tp;
		}
		if (t->tp && armed && arm(t))
			pr_warn_ratelimited("tracepoint %s is not followed\n", t->name);
	}
}

void fspan_tracepoints_going(struct list_head *list, const char *module)
{
	struct fspan_tracepoint *t;
	bool was = false;

	lockdep_assert_held(&fspan_arm_mutex);
	list_for_each_entry(t, list, node) {
		if (strcmp(t->module, module))
			continue;
		was |= t->armed;
		disarm(t);
		t->tp = NULL;
	}
	if (was)
		fspan_tracepoints_wait();
}
