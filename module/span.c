// SPDX-License-Identifier: GPL-2.0
/*
 * Locks, in this order: fspan_span_mutex (the list, definitions), the core's
 * event_mutex, fspan_arm_mutex (hooks). Removal: take the event from the core,
 * which nobody uses, so that it is disarmed and no handler is in it; then off
 * the list; then free.
 */
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "error.h"
#include "event.h"
#include "kfunc.h"
#include "owner.h"
#include "pair.h"
#include "site.h"
#include "span.h"
#include "told.h"
#include "tree.h"

#define GRACE	(30 * HZ)	/* after the last listener of a dead event left */

DEFINE_MUTEX(fspan_span_mutex);
LIST_HEAD(fspan_spans);
unsigned int fspan_max_events = 4096;
static unsigned int nspans;

static int arm_hooks(struct fspan_span *span)
{
	struct fspan_hooks *hooks = &span->rec.hooks;
	int ret = fspan_tree_join(&span->rec, span->owner);

	if (ret)
		return ret;
	fspan_recorder_arm(&span->rec);
	if (span->rec.pair)
		ret = fspan_pair_arm(span->rec.pair);
	else
		ret = hooks->declared ? fspan_site_arm(hooks) : fspan_engine_arm(hooks);
	if (ret) {
		fspan_tree_retire(&span->rec);
		fspan_tree_part(&span->rec);
	} else {
		fspan_tell_armed(hooks);
	}
	return ret;
}

static void disarm_hooks(struct fspan_span *span)
{
	struct fspan_hooks *hooks = &span->rec.hooks;

	if (!hooks->armed)
		return;
	fspan_tree_retire(&span->rec);
	if (span->rec.pair)
		fspan_pair_disarm(span->rec.pair);
	else if (hooks->declared)
		fspan_site_disarm(hooks);
	else
		fspan_engine_disarm(hooks);
	/* who emits has seen it armed, and may not have looked for the event's files yet */
	if (span->emitter)
		synchronize_rcu();
	fspan_tree_part(&span->rec);
	fspan_tell_disarmed(hooks);
}

static int span_arm(void *priv)
{
	struct fspan_span *span = priv;
	int ret;

	mutex_lock(&fspan_arm_mutex);
	if (span->dead)
		ret = -ENODEV;
	else
		ret = span->rec.hooks.armed ? 0 : arm_hooks(span);
	mutex_unlock(&fspan_arm_mutex);
	return ret;
}

static void span_disarm(void *priv)
{
	struct fspan_span *span = priv;

	mutex_lock(&fspan_arm_mutex);
	disarm_hooks(span);
	mutex_unlock(&fspan_arm_mutex);
}

static const struct fspan_event_ops span_event_ops = {
	.arm	= span_arm,
	.disarm	= span_disarm,
};

static struct fspan_span *find_span(const char *group, const char *name)
{
	struct fspan_span *span;

	list_for_each_entry(span, &fspan_spans, node)
		if (!strcmp(span->rec.event->name, name) && !strcmp(span->rec.event->group, group))
			return span;
	return NULL;
}

static int find_functions(struct fspan_span *span, const struct fspan_spec *spec,
			  struct fspan_error *err)
{
	switch (spec->kind) {
	case FSPAN_KIND_EMIT:
		return 0;	/* what a program emits is in no function */
	case FSPAN_KIND_PAIR:
		return fspan_pair_find(span->rec.pair, &span->targets, spec, err);
	default:
		if (spec->declared)
			return 0;	/* it has its own way */
		return fspan_targets_init(&span->targets, &span->rec.hooks, spec->targets,
					  spec->ntargets, err);
	}
}

static void release_functions(struct fspan_span *span)
{
	if (span->rec.pair)
		fspan_pair_release(span->rec.pair, &span->targets);
	else if (span->rec.hooks.declared)
		fspan_site_detach(&span->rec.hooks);
	else
		fspan_targets_release(&span->targets, &span->rec.hooks);
}

/* Of a definition whose event is not, or no longer, the core's. */
static void span_free(struct fspan_span *span)
{
	mutex_lock(&fspan_arm_mutex);
	list_del(&span->node);
	mutex_unlock(&fspan_arm_mutex);
	fspan_hist_release(&span->rec.hist);
	if (span->rec.event)
		fspan_event_put(span->rec.event);
	if (!IS_ERR_OR_NULL(span->rec.prog))
		fspan_program_free(span->rec.prog);
	release_functions(span);
	if (span->rec.pair)
		fspan_pair_free(span->rec.pair);
	free_percpu(span->rec.hooks.counts);
	kvfree(span);
	module_put(THIS_MODULE);
}

/* Counts modules that came and went; under fspan_arm_mutex. */
static unsigned int modules_changed;

/*
 * Find the functions, and from then on hear of modules. What came or went
 * while we looked is seen by looking again.
 */
static int span_find_functions(struct fspan_span *span, const struct fspan_spec *spec,
			       struct fspan_error *err)
{
	unsigned int changed;
	int ret;

	for (;;) {
		changed = READ_ONCE(modules_changed);
		ret = find_functions(span, spec, err);
		if (ret)
			return ret;
		mutex_lock(&fspan_arm_mutex);
		if (changed == modules_changed)
			break;
		mutex_unlock(&fspan_arm_mutex);
		release_functions(span);
	}
	list_add_tail(&span->node, &fspan_spans);
	mutex_unlock(&fspan_arm_mutex);
	return 0;
}

/* Let programs find it; the last step, so that there is nothing to wait for if it fails. */
static int span_offer(struct fspan_span *span, struct fspan_error *err)
{
	if (!fspan_emitter_add(&span->rec)) {
		span->emitter = true;
		return 0;
	}
	fspan_event_withdraw(span->rec.event);
	return fspan_error_set(err, FSPAN_ERR_NO_MEMORY, 0);
}

/* Till it is whole nobody may listen: he could not be got rid of if it fails. */
static void let_arm(struct fspan_span *span, bool may)
{
	mutex_lock(&fspan_arm_mutex);
	span->dead = !may;
	mutex_unlock(&fspan_arm_mutex);
}

static enum fspan_engine engine_of(enum fspan_engine_spec spec)
{
	switch (spec) {
	case FSPAN_ENGINE_SPEC_KRETPROBE:
		return FSPAN_ENGINE_KRETPROBE;
	case FSPAN_ENGINE_SPEC_DIRECT:
		return FSPAN_ENGINE_DIRECT;
	case FSPAN_ENGINE_SPEC_FPROBE:
		return FSPAN_ENGINE_FPROBE;
	default:
		return fspan_engine_default;
	}
}

static int span_make(struct fspan_span *span, const struct fspan_spec *spec, const char *line,
		     struct fspan_error *err)
{
	struct fspan_layout layout;
	struct fspan_event *event;
	struct fspan_pair *pair;
	int ret;

	if (spec->kind == FSPAN_KIND_PAIR) {
		pair = fspan_pair_create(&span->rec, spec, line, err);
		if (IS_ERR(pair))
			return PTR_ERR(pair);
		span->rec.pair = pair;
	}
	ret = fspan_layout_init(&layout, spec, fspan_targets_many(spec), err);
	if (ret)
		goto release_layout;
	span->rec.prog = fspan_program_create(spec, &layout, line, err);
	if (IS_ERR(span->rec.prog)) {
		ret = PTR_ERR(span->rec.prog);
		goto release_layout;
	}
	ret = span_find_functions(span, spec, err);
	if (!ret && spec->declared)
		ret = fspan_site_attach(&span->rec.hooks, spec, err);
	if (ret)
		goto release_layout;
	event = fspan_event_create(spec->group, spec->event, &layout, &span_event_ops, span, err);
	if (IS_ERR(event)) {
		err->col = spec->event_col;
		ret = PTR_ERR(event);
		goto release_layout;
	}
	fspan_recorder_init(&span->rec, event, span->rec.prog, spec);
	fspan_tree_prepare(&span->rec);
	let_arm(span, false);
	ret = fspan_hist_init(&span->rec.hist, event, spec, err);
	if (!ret)
		ret = fspan_event_publish(event, err);
	if (ret)
		err->col = spec->event_col;
	else if (spec->kind == FSPAN_KIND_EMIT)
		ret = span_offer(span, err);
	let_arm(span, true);
release_layout:
	fspan_layout_release(&layout);
	return ret;
}

static bool in_grace(struct fspan_span *span)
{
	struct fspan_event *event = span->rec.event;

	return event->listened && time_before(jiffies, event->left + GRACE);
}

/* Never armed again, or not until its module comes back. */
static bool is_gone(struct fspan_span *span)
{
	bool away;

	if (!span->automatic)
		return span->dead;
	mutex_lock(&fspan_arm_mutex);
	away = fspan_site_away(&span->rec.hooks);
	mutex_unlock(&fspan_arm_mutex);
	return away;
}

static bool may_reap(struct fspan_span *span)
{
	return is_gone(span) && !READ_ONCE(span->rec.event->listeners);
}

static void remove_batch(struct list_head *events)
{
	struct fspan_event *event, *next;
	bool emitters = false;

	list_for_each_entry(event, events, node) {
		struct fspan_span *span = event->priv;

		if (!span->emitter)
			continue;
		fspan_emitter_remove(&span->rec);
		emitters = true;
	}
	if (emitters)
		synchronize_rcu();
	list_for_each_entry_safe(event, next, events, node) {
		struct fspan_span *span = event->priv;

		list_del(&event->node);
		fspan_tell_removed(&span->rec.hooks);
		nspans--;
		span_free(span);
	}
}

static int remove_one(struct fspan_span *span)
{
	LIST_HEAD(events);
	int ret;

	list_add(&span->rec.event->node, &events);
	ret = fspan_events_unpublish(&events);
	if (!ret)
		remove_batch(&events);
	return ret;
}

int fspan_span_define(const struct fspan_spec *spec, const char *line,
		      const struct fspan_owner *owner, struct fspan_error *err)
{
	size_t size = sizeof(struct fspan_span) + strlen(line) + 1;
	struct fspan_span *span = find_span(spec->group, spec->event);
	int ret;

	lockdep_assert_held(&fspan_span_mutex);
	/* a dead event that nobody uses does not stand in the way of a new one */
	if (span && may_reap(span) && !remove_one(span))
		span = NULL;
	if (span)
		return fspan_error_set(err, FSPAN_ERR_EXISTS, spec->event_col);
	if (nspans >= fspan_max_events)
		return fspan_error_set(err, FSPAN_ERR_MANY_EVENTS, spec->event_col);

	span = kvzalloc(size, GFP_KERNEL);
	if (!span)
		return fspan_error_set(err, FSPAN_ERR_NO_MEMORY, 0);
	strcpy(span->line, line);
	span->owner = owner;
	span->rec.hooks.ops = &fspan_record_ops;
	span->rec.hooks.point = spec->kind == FSPAN_KIND_POINT;
	span->rec.hooks.gate = spec->gate;
	/* a pair's ends are anybody's, and a declaration's too */
	span->rec.hooks.left_out = spec->kind == FSPAN_KIND_PAIR || spec->declared ?
				   FSPAN_NO_PID : fspan_owner_left_out(owner);
	span->rec.hooks.choosy = spec->gate || span->rec.hooks.left_out != FSPAN_NO_PID;
	span->rec.hooks.declared = spec->declared;
	span->automatic = spec->automatic;
	span->rec.hooks.offset = spec->offset;
	span->rec.hooks.max = spec->max;
	span->rec.hooks.age = spec->age;
	span->rec.hooks.engine = engine_of(spec->engine);
	INIT_LIST_HEAD(&span->node);
	INIT_LIST_HEAD(&span->rec.hooks.list);
	INIT_LIST_HEAD(&span->rec.hooks.batches);
	/* the event's callbacks are this module's text, and do not pin it themselves */
	__module_get(THIS_MODULE);
	span->rec.hooks.counts = alloc_percpu(struct fspan_counts);
	if (!span->rec.hooks.counts)
		ret = fspan_error_set(err, FSPAN_ERR_NO_MEMORY, 0);
	else
		ret = span_make(span, spec, line, err);
	if (ret) {
		span_free(span);
		return ret;
	}
	nspans++;
	fspan_tell_defined(&span->rec.hooks, line);
	return 0;
}

bool fspan_span_is(const struct fspan_spec *spec, const char *line)
{
	struct fspan_span *span = find_span(spec->group, spec->event);

	lockdep_assert_held(&fspan_span_mutex);
	return span && !strcmp(span->line, line);
}

int fspan_span_remove(const struct fspan_spec *spec, const struct fspan_owner *owner,
		      struct fspan_error *err)
{
	struct fspan_span *span = find_span(spec->group, spec->event);
	int ret;

	lockdep_assert_held(&fspan_span_mutex);
	if (!span)
		return fspan_error_set(err, FSPAN_ERR_NOT_FOUND, spec->event_col);
	if (span->owner && span->owner != owner && !span->dead)
		return fspan_error_set(err, FSPAN_ERR_NOT_OWNER, spec->event_col);
	ret = remove_one(span);
	if (ret == -EBUSY)
		return fspan_error_set(err, FSPAN_ERR_BUSY, spec->event_col);
	return ret ? fspan_error_set(err, FSPAN_ERR_NO_MEMORY, spec->event_col) : 0;
}

int fspan_spans_clear(void)
{
	struct fspan_span *span;
	LIST_HEAD(events);
	int ret;

	lockdep_assert_held(&fspan_span_mutex);
	list_for_each_entry(span, &fspan_spans, node)
		if ((!span->owner && !span->dead) || may_reap(span))
			list_add_tail(&span->rec.event->node, &events);
	ret = fspan_events_unpublish(&events);
	if (!ret)
		remove_batch(&events);
	return ret;
}

unsigned int fspan_spans_kill(const struct fspan_owner *owner)
{
	struct fspan_span *span;
	unsigned int n = 0;

	lockdep_assert_held(&fspan_span_mutex);
	mutex_lock(&fspan_arm_mutex);
	list_for_each_entry(span, &fspan_spans, node) {
		if (span->owner != owner)
			continue;
		span->dead = true;
		span->owner = NULL;
		disarm_hooks(span);
		n++;
	}
	mutex_unlock(&fspan_arm_mutex);
	return n;
}

bool fspan_spans_undeclare(void)
{
	struct fspan_span *span, *next;
	bool busy = false;

	lockdep_assert_held(&fspan_span_mutex);
	list_for_each_entry_safe(span, next, &fspan_spans, node)
		if (span->automatic && is_gone(span) && (in_grace(span) || remove_one(span)))
			busy = true;
	return busy;
}

unsigned long fspan_spans_reap(void)
{
	struct fspan_span *span, *next;
	unsigned long wait = 0;

	lockdep_assert_held(&fspan_span_mutex);
	list_for_each_entry_safe(span, next, &fspan_spans, node) {
		if (!is_gone(span))
			continue;
		/* still in use: look again; whoever leaves does not tell */
		if (!may_reap(span) || in_grace(span) || remove_one(span))
			wait = HZ;
	}
	return wait;
}

static int module_coming(struct fspan_span *span, struct module *mod)
{
	if (span->rec.pair)
		return fspan_pair_coming(span->rec.pair, &span->targets, mod);
	return fspan_targets_coming(&span->targets, &span->rec.hooks, mod->name);
}

static void module_going(struct fspan_span *span, struct module *mod)
{
	if (span->rec.pair)
		fspan_pair_going(span->rec.pair, mod->name);
	else
		fspan_targets_going(&span->rec.hooks, mod->name);
}

/* Hooks in a module come and go with it. */
static int module_notify(struct notifier_block *nb, unsigned long action, void *data)
{
	struct module *mod = data;
	struct fspan_span *span;
	int ret;

	if (mod == THIS_MODULE)
		return NOTIFY_DONE;
	if (action != MODULE_STATE_COMING && action != MODULE_STATE_GOING)
		return NOTIFY_DONE;
	mutex_lock(&fspan_arm_mutex);
	modules_changed++;
	list_for_each_entry(span, &fspan_spans, node) {
		if (action == MODULE_STATE_GOING) {
			module_going(span, mod);
			continue;
		}
		ret = module_coming(span, mod);
		if (ret)
			pr_warn_ratelimited("functions of %s are not followed, error %d: %s\n",
					    mod->name, ret, span->line);
	}
	mutex_unlock(&fspan_arm_mutex);
	return NOTIFY_DONE;
}

static struct notifier_block module_nb = {
	.notifier_call = module_notify,
	.priority = 1,		/* when a module goes: before kprobes kill its probes */
};

int fspan_spans_init(void)
{
	return register_module_notifier(&module_nb);
}

void fspan_spans_exit(void)
{
	unregister_module_notifier(&module_nb);
}
