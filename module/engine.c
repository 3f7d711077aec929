// SPDX-License-Identifier: GPL-2.0
/* What is common to the engines, and which of them gets a function. */
#include "batch.h"
#include "engines.h"
#include "suspend.h"

#define MIN_CALLS	16U

DEFINE_MUTEX(fspan_arm_mutex);

DEFINE_PER_CPU(unsigned int, fspan_busy);

enum fspan_engine fspan_engine_default = FSPAN_ENGINE_DIRECT;

const char *const fspan_engine_names[3] = {
	[FSPAN_ENGINE_KRETPROBE] = "kretprobe",
	[FSPAN_ENGINE_DIRECT] = "direct",
	[FSPAN_ENGINE_FPROBE] = "fprobe",
};

unsigned int fspan_engine_max(const struct fspan_hooks *hooks)
{
	unsigned int min_calls = max(MIN_CALLS, 2 * num_possible_cpus());

	if (hooks->max)
		return hooks->max;
	return clamp(FSPAN_DEFAULT_CALLS / max(hooks->n, 1U), min_calls, FSPAN_DEFAULT_CALLS) <<
	       hooks->doubled;
}

unsigned int fspan_engine_direct(const struct fspan_hooks *hooks)
{
	struct fspan_hook *hook;
	unsigned int n = 0;

	lockdep_assert_held(&fspan_arm_mutex);
	list_for_each_entry(hook, &hooks->list, node)
		n += hook->batch && hook->batch->engine == FSPAN_ENGINE_DIRECT;
	return n;
}

const char *fspan_engine_of(const struct fspan_hook *hook, const char **why)
{
	lockdep_assert_held(&fspan_arm_mutex);
	*why = "-";
	if (hook->hooks->declared)
		return "mark";
	if (hook->batch && hook->batch->engine == FSPAN_ENGINE_DIRECT)
		return "direct";
	*why = hook->why ?: "unsupported";
	if (hook->batch)
		return fspan_engine_names[hook->batch->engine];
	return hook->hooks->point ? "kprobe" : "kretprobe";
}

static void disarm(struct fspan_hooks *hooks, const char *module)
{
	fspan_direct_disarm(hooks, module);
	fspan_fprobe_disarm(hooks, module);
	fspan_kretprobe_disarm(hooks, module);
}

void fspan_engine_count_left(struct fspan_hooks *hooks)
{
	struct fspan_counts sum;

	fspan_counts_sum(hooks->counts, &sum);
	fspan_count_unseen(hooks->counts,
			   sum.n[FSPAN_COUNT_HOOKED] - sum.n[FSPAN_COUNT_RETURNED]);
}

/* What the one engine does not take, the next has. */
static int arm(struct fspan_hooks *hooks, const char *module)
{
	int ret;

	ret = fspan_direct_arm(hooks, module);
	if (!ret)
		ret = fspan_fprobe_arm(hooks, module);
	if (!ret)
		ret = fspan_kretprobe_arm(hooks, module);
	if (ret)
		disarm(hooks, module);
	return ret;
}

int fspan_engine_arm(struct fspan_hooks *hooks)
{
	int ret;

	lockdep_assert_held(&fspan_arm_mutex);
	ret = arm(hooks, NULL);
	hooks->armed = !ret;
	/* some functions may have been hooked before one could not be */
	if (ret)
		fspan_engine_count_left(hooks);
	return ret;
}

void fspan_engine_disarm(struct fspan_hooks *hooks)
{
	bool grows = fspan_batches_grow(hooks);
	struct fspan_counts sum;
	u64 missed;

	lockdep_assert_held(&fspan_arm_mutex);
	disarm(hooks, NULL);
	hooks->armed = false;
	/* nobody counts any more: what has not returned will do so unseen */
	fspan_engine_count_left(hooks);

	/* some have but the room that they are made with: the next have more */
	fspan_counts_sum(hooks->counts, &sum);
	missed = sum.n[FSPAN_COUNT_MISSED_INSTANCE];
	if (!grows && !hooks->max && missed > hooks->missed && hooks->doubled < FSPAN_MAX_DOUBLED)
		hooks->doubled++;
	hooks->missed = missed;
}

int fspan_engine_arm_module(struct fspan_hooks *hooks, const char *module)
{
	lockdep_assert_held(&fspan_arm_mutex);
	return arm(hooks, module);
}

void fspan_engine_disarm_module(struct fspan_hooks *hooks, const char *module)
{
	lockdep_assert_held(&fspan_arm_mutex);
	disarm(hooks, module);
}

void fspan_engine_each_call(struct fspan_hook *hook, fspan_call_fn fn, void *arg)
{
	lockdep_assert_held(&fspan_arm_mutex);
	if (hook->batch)
		fspan_batch_each_call(hook, fn, arg);
	else if (hook->armed)
		fspan_kretprobe_each_call(hook, fn, arg);
}

void fspan_engine_each_left(fspan_left_fn fn, void *arg)
{
	lockdep_assert_held(&fspan_arm_mutex);
	fspan_direct_each_left(fn, arg);
}

unsigned long fspan_engine_caller(const struct fspan_hook *hook, const struct fspan_call *call)
{
	if (!hook->batch)
		return fspan_kretprobe_caller(call);
	if (hook->batch->engine == FSPAN_ENGINE_DIRECT)
		return fspan_direct_caller();
	return container_of(call, struct fspan_slot, call)->caller;
}
NOKPROBE_SYMBOL(fspan_engine_caller);

bool fspan_engine_is_own(unsigned long caller)
{
	return caller == fspan_direct_caller();
}
NOKPROBE_SYMBOL(fspan_engine_is_own);

/* Of the innermost of each, the one that began later. */
struct fspan_call *fspan_engine_current(struct fspan_hook **hook)
{
	struct fspan_hook *hooks[3] = {};
	struct fspan_call *calls[3], *found = NULL;
	u64 age, least = U64_MAX;
	int i;

	calls[FSPAN_ENGINE_KRETPROBE] = fspan_kretprobe_current(&hooks[FSPAN_ENGINE_KRETPROBE]);
	calls[FSPAN_ENGINE_DIRECT] = fspan_direct_current(&hooks[FSPAN_ENGINE_DIRECT]);
	calls[FSPAN_ENGINE_FPROBE] = fspan_fprobe_current(&hooks[FSPAN_ENGINE_FPROBE]);
	for (i = 0; i < ARRAY_SIZE(calls); i++) {
		if (!calls[i])
			continue;
		age = fspan_clock_age(&hooks[i]->hooks->clock, calls[i]->start);
		if (age >= least)
			continue;
		least = age;
		found = calls[i];
		*hook = hooks[i];
	}
	return found;
}
NOKPROBE_SYMBOL(fspan_engine_current);

u64 fspan_engine_core_missed(struct fspan_hooks *hooks)
{
	u64 missed = hooks->core_missed + fspan_fprobe_missed(hooks);
	struct fspan_hook *hook;

	lockdep_assert_held(&fspan_arm_mutex);
	list_for_each_entry(hook, &hooks->list, node)
		if (hook->armed && !hook->batch)
			missed += hook->rp.kp.nmissed;
	return missed;
}

void fspan_engine_init(void)
{
	fspan_batches_init();
	fspan_direct_init();
	fspan_fprobe_init();
	fspan_suspend_init();
}

void fspan_engine_exit(void)
{
	fspan_suspend_exit();
	fspan_direct_exit();
	fspan_batches_exit();
}
