// SPDX-License-Identifier: GPL-2.0
/*
 * The engine without kprobes: the function calls us, instead of ftrace, by a direct call of
 * the trampoline, and returns to it. Functions that something else has taken so, such as
 * a BPF program at their entry or exit, and those whose arguments are not known, are left
 * to kretprobes.
 *
 * Lifetime: a handler runs with preemption off and RCU watching, and finds the hook at its
 * entry by the place that it was called from, and at its return through its slot. Disarming
 * takes both away and waits for RCU; so nobody is in an ops callback after it. The slots of
 * calls that have not returned stay until they have, and as such a call returns to the
 * trampoline, so does the module.
 */
#include <linux/ftrace.h>
#include <linux/hashtable.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/sched/task_stack.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include <asm/unwind.h>

#include "batch.h"
#include "compat/compat.h"
#include "direct.h"
#include "endless.h"
#include "engines.h"
#include "prototype.h"
#include "symbol.h"
#include "trampoline.h"

/* What was registered in one go. */
struct registered {
	struct list_head node;
	struct ftrace_ops ops;
	bool patched;			/* one of the functions is, since */
};

/* Disarmed, those with calls that have not returned drain. */
struct direct {
	struct fspan_batch batch;
	struct list_head registered;
	unsigned long trampoline;	/* that its functions call */
};

DEFINE_HASHTABLE(fspan_direct_sites, FSPAN_DIRECT_SITES_BITS);

static bool used;

/* Disarmed, with calls that have not returned; each has a reference to the module. */
static LIST_HEAD(draining);
static void drain(struct work_struct *work);
static DECLARE_DELAYED_WORK(drain_work, drain);

/* Behind the call that a function begins with, or behind that and an endbr before it. */
static void add_sites(struct fspan_hook *hook)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(hook->place); i++) {
		hook->place[i].addr = hook->addr + MCOUNT_INSN_SIZE + i * FSPAN_ENDBR_SIZE;
		hook->place[i].hook = hook;
		hash_add_rcu(fspan_direct_sites, &hook->place[i].node, hook->place[i].addr);
	}
}

static void remove_sites(struct fspan_hook *hook)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(hook->place); i++)
		hash_del_rcu(&hook->place[i].node);
}

/*
 * Where in the stack the slot is, if a function returns from where @state stands to the
 * trampoline. It is NULL there if the task ends within.
 */
static struct fspan_slot **slot_in(struct unwind_state *state)
{
	unsigned long *sp = (unsigned long *)state->sp, ip = unwind_get_return_address(state);

	if (ip == (unsigned long)fspan_trampoline_plain)
		return (struct fspan_slot **)&sp[0];
	if (ip == (unsigned long)fspan_trampoline_copied)
		return (struct fspan_slot **)&sp[FSPAN_STACK_WORDS];
	return NULL;
}
NOKPROBE_SYMBOL(slot_in);

/* Any context, preemption off: the stacks are the current task's, and an interrupt's. */
struct fspan_call *fspan_direct_current(struct fspan_hook **hook)
{
	unsigned long here = (unsigned long)__builtin_frame_address(0);
	struct fspan_slot **place, *slot;
	struct unwind_state state;

	for (unwind_start(&state, current, NULL, NULL); !unwind_done(&state);
	     unwind_next_frame(&state)) {
		place = slot_in(&state);
		/* what looks may itself be traced */
		if (!place || state.sp <= here)
			continue;
		slot = READ_ONCE_NOCHECK(*place);
		if (slot && READ_ONCE(slot->batch->hooks)) {
			*hook = slot->hook;
			return &slot->call;
		}
	}
	return NULL;
}
NOKPROBE_SYMBOL(fspan_direct_current);

/* Where a task ends. */
static struct fspan_symbol do_exit_symbol;

/*
 * A task that ends never returns from do_exit(), nor from what that was called in. Called
 * by the task, in do_exit().
 */
static void task_exits(void *unused, struct task_struct *task)
{
	struct fspan_slot **place, *slot;
	struct unwind_state state;
	bool ends = false;

	preempt_disable_notrace();
	for (unwind_start(&state, current, NULL, NULL); !unwind_done(&state);
	     unwind_next_frame(&state)) {
		place = slot_in(&state);
		if (unwind_get_return_address(&state) - do_exit_symbol.start < do_exit_symbol.size)
			ends = true;
		/* what is nearer returns, and may itself be traced */
		if (!place || !ends)
			continue;
		slot = READ_ONCE_NOCHECK(*place);
		if (!slot)
			continue;
		/* the task goes on for a while: who looks must not find what is another's then */
		WRITE_ONCE(*place, NULL);
		fspan_batch_exited(READ_ONCE(slot->batch->hooks), slot);
	}
	preempt_enable_notrace();
}

/* Of sets that are armed or drain. */
static struct fspan_at_exit at_exit = { .probe = task_exits };

static void leave_patched(struct work_struct *work);
static DECLARE_WORK(patched_work, leave_patched);

/*
 * A live patch redirects a function: then we are called from what replaces it, which we do
 * not know. Such a function is kretprobes', but we do not come in the patch's way. Under
 * ftrace's locks.
 */
static int share(FSPAN_COMPAT_OPS_FUNC_ARGS)
{
	switch (cmd) {
	case FTRACE_OPS_CMD_ENABLE_SHARE_IPMODIFY_SELF:
		return -EBUSY;
	case FTRACE_OPS_CMD_ENABLE_SHARE_IPMODIFY_PEER:
		WRITE_ONCE(container_of(ops, struct registered, ops)->patched, true);
		schedule_work(&patched_work);
		return 0;
	default:
		return 0;
	}
}

static int register_all(struct direct *direct, struct fspan_hook **hook, unsigned long *ip,
			unsigned int n)
{
	struct registered *r = kzalloc(sizeof(*r), GFP_KERNEL);
	unsigned int i;
	int ret;

	if (!r)
		return -ENOMEM;
	for (i = 0; i < n; i++)
		ip[i] = hook[i]->addr;
	r->ops.ops_func = share;
	ret = ftrace_set_filter_ips(&r->ops, ip, n, 0, 0);
	if (!ret)
		ret = fspan_compat_direct_register(&r->ops, direct->trampoline);
	if (ret) {
		/* it may have been in ftrace's list for a moment, and ftrace did not wait */
		synchronize_rcu();
		ftrace_free_filter(&r->ops);
		kfree(r);
		return ret;
	}
	list_add_tail(&r->node, &direct->registered);
	return 0;
}

/* Those that cannot be are found by halves, and left to the other engine. */
static int register_some(struct direct *direct, struct fspan_hook **hook, unsigned long *ip,
			 unsigned int n)
{
	int ret;

	if (fatal_signal_pending(current))
		return -EINTR;
	ret = register_all(direct, hook, ip, n);
	if (ret == -ENOMEM || !ret)
		return ret;
	if (n == 1) {
		remove_sites(hook[0]);
		hook[0]->why = "taken";
		fspan_batch_unhook(hook[0]);
		return 0;
	}
	return register_some(direct, hook, ip, n / 2) ?:
	       register_some(direct, hook + n / 2, ip, n - n / 2);
}

/* Nobody will look at the hook any more. */
static void keep_func(struct fspan_slot *slot, void *arg)
{
	const struct fspan_hooks *hooks = arg;
	u64 age = fspan_clock_age(&hooks->clock, slot->call.start);

	slot->func = slot->hook->addr;
	slot->call.start = ktime_get_mono_fast_ns() - age;
}

/* Of what is not registered any more, or never was. May be called again. */
static bool release(struct direct *direct)
{
	if (!fspan_slots_release(&direct->batch.slots))
		return false;
	list_del(&direct->batch.node);
	kfree(direct);
	fspan_at_exit_put(&at_exit);
	return true;
}

static void disarm(struct fspan_batch *batch)
{
	struct direct *direct = container_of(batch, struct direct, batch);
	struct fspan_hooks *hooks = batch->hooks;
	struct registered *r, *next;
	struct fspan_hook *hook;

	list_for_each_entry(hook, &hooks->list, node)
		if (hook->batch == batch)
			remove_sites(hook);
	/* this waits for tasks that were preempted in the trampoline, and for idle ones */
	list_for_each_entry_safe(r, next, &direct->registered, node) {
		list_del(&r->node);
		/* what ftrace keeps in spite of us stays, and calls into the module */
		if (WARN_ON_ONCE(fspan_compat_direct_unregister(&r->ops, direct->trampoline)))
			__module_get(THIS_MODULE);
		else
			kfree(r);
	}
	fspan_batch_disarm(batch);
	fspan_count_unseen(hooks->counts, fspan_slots_unseen(&batch->slots));
	fspan_slots_each(&batch->slots, keep_func, hooks);
	fspan_batch_unhook_all(hooks, batch);
	if (release(direct))
		return;
	__module_get(THIS_MODULE);
	list_move_tail(&batch->node, &draining);
	schedule_delayed_work(&drain_work, HZ);
}

static void drain(struct work_struct *work)
{
	struct direct *direct, *next;

	mutex_lock(&fspan_arm_mutex);
	list_for_each_entry_safe(direct, next, &draining, batch.node)
		if (release(direct))
			module_put(THIS_MODULE);
	if (!list_empty(&draining))
		schedule_delayed_work(&drain_work, HZ);
	mutex_unlock(&fspan_arm_mutex);
}

static bool is_taken(unsigned long addr)
{
	struct fspan_place *place;

	hash_for_each_possible(fspan_direct_sites, place, node, addr)
		if (place->addr == addr)
			return true;
	return false;
}

/* Why this engine does not take @hook; NULL: it does. */
static const char *why_not(const struct fspan_hook *hook)
{
	const char *endless = fspan_endless(hook->name);

	if (endless)
		return endless;
	if (hook->prototype == FSPAN_PROTOTYPE_UNKNOWN || hook->prototype == FSPAN_PROTOTYPE_OTHER)
		return "arguments";
	/* another definition has it: one call is all that a function can make */
	return is_taken(hook->addr + MCOUNT_INSN_SIZE) ? "shared" : NULL;
}

/* The hooks of @module that can be armed, into @list. Gives how many. */
static unsigned int find_hooks(struct fspan_hooks *hooks, const char *module,
			       struct fspan_hook **list)
{
	struct fspan_hook *hook;
	unsigned int n = 0;

	fspan_prototypes_find(hooks, module);
	list_for_each_entry(hook, &hooks->list, node) {
		if (hook->armed || strcmp(hook->module, module))
			continue;
		hook->why = why_not(hook);
		if (!hook->why)
			list[n++] = hook;
	}
	return n;
}

static int arm(struct fspan_hooks *hooks, const char *module, struct fspan_hook **list,
	       unsigned long *ip)
{
	unsigned int i, n = find_hooks(hooks, module, list);
	struct direct *direct;
	int ret;

	if (!n)
		return 0;
	direct = kzalloc(sizeof(*direct), GFP_KERNEL);
	if (!direct)
		return -ENOMEM;
	INIT_LIST_HEAD(&direct->registered);
	direct->trampoline = (unsigned long)(hooks->registers ? fspan_trampoline_all :
								fspan_trampoline);
	direct->batch.engine = FSPAN_ENGINE_DIRECT;
	direct->batch.grows = true;
	ret = fspan_at_exit_get(&at_exit);
	if (!ret) {
		ret = fspan_batch_arm(&direct->batch, hooks, module, list, n);
		if (ret)
			fspan_at_exit_put(&at_exit);
	}
	if (ret) {
		kfree(direct);
		return ret;
	}
	used = true;
	for (i = 0; i < n; i++)
		add_sites(list[i]);
	ret = register_some(direct, list, ip, n);
	if (ret || list_empty(&direct->registered))
		disarm(&direct->batch);
	return ret;
}

static struct fspan_batch *find_patched(void)
{
	struct fspan_batch *batch;
	struct registered *r;

	list_for_each_entry(batch, &fspan_batches, armed) {
		if (batch->engine != FSPAN_ENGINE_DIRECT)
			continue;
		list_for_each_entry(r, &container_of(batch, struct direct, batch)->registered, node)
			if (READ_ONCE(r->patched))
				return batch;
	}
	return NULL;
}

/* Arm anew what has functions that were patched since. Till then their calls go unseen. */
static void leave_patched(struct work_struct *work)
{
	char module[MODULE_NAME_LEN];
	struct fspan_batch *batch;
	struct fspan_hooks *hooks;
	int ret;

	mutex_lock(&fspan_arm_mutex);
	while ((batch = find_patched())) {
		hooks = batch->hooks;
		strscpy(module, batch->module, sizeof(module));
		disarm(batch);
		ret = fspan_engine_arm_module(hooks, module);
		if (ret)
			pr_warn("fspan: functions that share an event with a patched one: error %d\n",
				ret);
	}
	mutex_unlock(&fspan_arm_mutex);
}

int fspan_direct_arm(struct fspan_hooks *hooks, const char *module)
{
	const char *why = hooks->point ? "point" : hooks->engine != FSPAN_ENGINE_DIRECT ? "asked" :
			  !do_exit_symbol.size ? "unsupported" : NULL;
	struct fspan_hook *hook;

	if (!why)
		return fspan_batches_arm(hooks, module, arm);
	list_for_each_entry(hook, &hooks->list, node)
		hook->why = why;
	return 0;
}

void fspan_direct_disarm(struct fspan_hooks *hooks, const char *module)
{
	fspan_batches_disarm(hooks, module, FSPAN_ENGINE_DIRECT, disarm);
}

struct each_left {
	fspan_left_fn fn;
	void *arg;
};

static void left_slot(struct fspan_slot *slot, void *arg)
{
	struct each_left *each = arg;

	each->fn(slot->func, &slot->call, each->arg);
}

void fspan_direct_each_left(fspan_left_fn fn, void *arg)
{
	struct each_left each = { fn, arg };
	struct fspan_batch *batch;

	list_for_each_entry(batch, &draining, node)
		fspan_slots_each(&batch->slots, left_slot, &each);
}

unsigned long fspan_direct_caller(void)
{
	return (unsigned long)fspan_trampoline_left;
}
NOKPROBE_SYMBOL(fspan_direct_caller);

void fspan_direct_init(void)
{
	unsigned long addr = fspan_symbol_address("do_exit");

	fspan_direct_call_init();

	/* without it the engine is not to be had */
	if (!addr || !fspan_at_exit_found() || !fspan_symbol_at(addr, &do_exit_symbol))
		do_exit_symbol.size = 0;
}

void fspan_direct_exit(void)
{
	cancel_work_sync(&patched_work);
	/* no call is in flight, as each would have a reference to the module */
	cancel_delayed_work_sync(&drain_work);
	tracepoint_synchronize_unregister();
	/* the last may still be on their way back through the trampoline */
	if (used)
		synchronize_rcu_tasks();
}
