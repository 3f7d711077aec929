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
#include <linux/irq_work.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/sched/task_stack.h>
#include <linux/slab.h>
#include <linux/tracepoint.h>
#include <linux/workqueue.h>
#include <asm/unwind.h>

#include "compat/compat.h"
#include "endless.h"
#include "engines.h"
#include "prototype.h"
#include "slots.h"
#include "symbol.h"
#include "told.h"
#include "trampoline.h"

#define MIN_STACK	2048	/* bytes that must be left of it */
#define ENDBR_SIZE	4	/* whatever the kernel has made of it */

/* What was registered in one go. */
struct registered {
	struct list_head node;
	struct ftrace_ops ops;
	bool patched;			/* one of the functions is, since */
};

/* The functions of one module, or of the kernel, that a set has here. */
struct fspan_direct {
	struct list_head node;		/* of the set; then of those that drain */
	struct list_head armed;
	struct fspan_hooks *hooks;	/* NULL: disarmed */
	char module[MODULE_NAME_LEN];
	struct list_head registered;
	struct fspan_slots slots;
	bool wanting;			/* calls found no slot */
};

/* Hooks by where they call the trampoline from; changed under fspan_arm_mutex. */
static DEFINE_HASHTABLE(sites, 12);

/* Armed or draining: for so long, ends of tasks are looked at. */
static unsigned int nsets;
static bool used;

/* Those with hooks. */
static LIST_HEAD(armed);

/* Disarmed, with calls that have not returned; each has a reference to the module. */
static LIST_HEAD(draining);
static void drain(struct work_struct *work);
static DECLARE_DELAYED_WORK(drain_work, drain);

static void make_room(struct work_struct *work)
{
	struct fspan_direct *direct;

	mutex_lock(&fspan_arm_mutex);
	list_for_each_entry(direct, &armed, armed) {
		struct fspan_hooks *hooks = direct->hooks;

		if (!READ_ONCE(direct->wanting) || hooks->doubled >= FSPAN_MAX_DOUBLED ||
		    fspan_slots_double(&direct->slots, direct))
			continue;
		hooks->doubled++;
		WRITE_ONCE(direct->wanting, false);
	}
	mutex_unlock(&fspan_arm_mutex);
}

static DECLARE_WORK(room_work, make_room);

static void make_room_soon(struct irq_work *work)
{
	schedule_work(&room_work);
}

static DEFINE_IRQ_WORK(room_irq_work, make_room_soon);

/* In any context. Who said max= has what he said; and there is not always memory. */
static noinline notrace void want_room(struct fspan_direct *direct, struct fspan_hooks *hooks)
{
	if (hooks->max || READ_ONCE(direct->wanting))
		return;
	WRITE_ONCE(direct->wanting, true);
	irq_work_queue(&room_irq_work);
}
NOKPROBE_SYMBOL(want_room);

static __always_inline struct fspan_hook *hook_at(unsigned long addr)
{
	struct fspan_place *site;

	hash_for_each_possible_rcu_notrace(sites, site, node, addr)
		if (site->addr == addr)
			return site->hook;
	return NULL;
}

/* Behind the call that a function begins with, or behind that and an endbr before it. */
static void add_sites(struct fspan_hook *hook)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(hook->place); i++) {
		hook->place[i].addr = hook->addr + MCOUNT_INSN_SIZE + i * ENDBR_SIZE;
		hook->place[i].hook = hook;
		hash_add_rcu(sites, &hook->place[i].node, hook->place[i].addr);
	}
}

static void remove_sites(struct fspan_hook *hook)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(hook->place); i++)
		hash_del_rcu(&hook->place[i].node);
}

#define WORDS	((FSPAN_STACK_WORDS + 1) * sizeof(long))	/* with the return address */

enum room {
	NO_ROOM,	/* not to be followed */
	ROOM,
	ROOM_TO_COPY,	/* and there are words above the return address */
};

/*
 * An interrupt's stack may end above, with nothing behind: of what is called so near to its
 * end nothing takes arguments from there, and BTF has to agree.
 */
static __always_inline enum room room(const struct fspan_hook *hook, unsigned long sp)
{
	unsigned long in_task = sp - (unsigned long)task_stack_page(current);

	if (likely(in_task < THREAD_SIZE - WORDS))
		return likely(in_task >= MIN_STACK) ? ROOM_TO_COPY : NO_ROOM;
	if (offset_in_page(sp) <= PAGE_SIZE - WORDS)
		return ROOM_TO_COPY;
	return hook->prototype == FSPAN_PROTOTYPE_PLAIN ? ROOM : NO_ROOM;
}

/*
 * In any context in which a function may be called. Until the recorder is busy, nothing is
 * called that could itself be traced.
 */
notrace unsigned long fspan_direct_enter(struct pt_regs *regs, unsigned long site)
{
	struct fspan_counts __percpu *counts;
	struct fspan_hooks *hooks;
	struct fspan_hook *hook;
	struct fspan_slot *slot;
	unsigned long followed = 0;
	enum room where;

	preempt_disable_notrace();
	hook = hook_at(site);
	if (unlikely(!hook))
		goto out;
	hooks = hook->hooks;
	counts = hooks->counts;
	fspan_count(counts, FSPAN_COUNT_ENTERED);
	if (unlikely(!rcu_is_watching())) {
		fspan_count(counts, FSPAN_COUNT_MISSED_RCU);
		goto out;
	}
	if (unlikely(!fspan_busy_begin())) {
		fspan_missed(hooks, FSPAN_COUNT_MISSED_RECURSION);
		goto out;
	}
	if (fspan_declined(hook, regs))
		goto idle;
	where = room(hook, regs->sp);
	slot = likely(where) ? fspan_slot_take(&hook->direct->slots) : NULL;
	if (unlikely(!slot)) {
		fspan_missed(hooks, FSPAN_COUNT_MISSED_INSTANCE);
		if (where)
			want_room(hook->direct, hooks);
		goto idle;
	}
	fspan_count(counts, FSPAN_COUNT_HOOKED);
	slot->hook = hook;
	slot->caller = *(unsigned long *)regs->sp;
	slot->call.pid = current->pid;
	hooks->ops->enter(hook, &slot->call, regs);
	/* pairs with smp_load_acquire() in copy_call(): the call is whole */
	smp_store_release(&slot->call.seq, slot->call.seq + 1);
	followed = (unsigned long)slot;
	if (likely(where == ROOM_TO_COPY))
		followed |= FSPAN_STACK_COPIED;
idle:
	fspan_busy_end();
out:
	preempt_enable_notrace();
	return followed;
}
NOKPROBE_SYMBOL(fspan_direct_enter);

static __always_inline void end_call(struct fspan_slot *slot)
{
	WRITE_ONCE(slot->call.seq, slot->call.seq + 1);
	fspan_slot_give(slot);
}

notrace void fspan_direct_leave(struct pt_regs *regs, struct fspan_slot *slot)
{
	struct fspan_hooks *hooks;

	preempt_disable_notrace();
	/* where RCU does not watch, which it did at the entry, the set may just be freed */
	hooks = likely(rcu_is_watching()) ? READ_ONCE(slot->direct->hooks) : NULL;
	if (likely(hooks)) {
		fspan_count(hooks->counts, FSPAN_COUNT_RETURNED);
		if (likely(fspan_busy_begin())) {
			hooks->ops->leave(slot->hook, &slot->call, regs, regs->ax);
			fspan_busy_end();
		} else {
			fspan_missed(hooks, FSPAN_COUNT_MISSED_RECURSION);
		}
	}
	end_call(slot);
	preempt_enable_notrace();
}
NOKPROBE_SYMBOL(fspan_direct_leave);

/*
 * The slot that is in the stack where @state stands, if a function returns from there to
 * the trampoline.
 */
static struct fspan_slot *slot_in(struct unwind_state *state)
{
	unsigned long *sp = (unsigned long *)state->sp, ip = unwind_get_return_address(state);

	if (ip == (unsigned long)fspan_trampoline_plain)
		return (struct fspan_slot *)READ_ONCE_NOCHECK(sp[0]);
	if (ip == (unsigned long)fspan_trampoline_copied)
		return (struct fspan_slot *)READ_ONCE_NOCHECK(sp[FSPAN_STACK_WORDS]);
	return NULL;
}
NOKPROBE_SYMBOL(slot_in);

/* Any context, preemption off: the stacks are the current task's, and an interrupt's. */
struct fspan_call *fspan_direct_current(struct fspan_hook **hook)
{
	unsigned long here = (unsigned long)__builtin_frame_address(0);
	struct unwind_state state;
	struct fspan_slot *slot;

	for (unwind_start(&state, current, NULL, NULL); !unwind_done(&state);
	     unwind_next_frame(&state)) {
		slot = slot_in(&state);
		/* what looks may itself be traced */
		if (!slot || state.sp <= here)
			continue;
		if (READ_ONCE(slot->direct->hooks)) {
			*hook = slot->hook;
			return &slot->call;
		}
	}
	return NULL;
}
NOKPROBE_SYMBOL(fspan_direct_current);

unsigned long fspan_direct_caller(const struct fspan_call *call)
{
	return container_of(call, struct fspan_slot, call)->caller;
}
NOKPROBE_SYMBOL(fspan_direct_caller);

/* Where a task ends. */
static struct fspan_symbol do_exit_symbol;

/*
 * A task that ends never returns from do_exit(), nor from what that was called in. Called
 * by the task, in do_exit().
 */
static void task_exits(void *unused, struct task_struct *task)
{
	struct unwind_state state;
	struct fspan_hooks *hooks;
	struct fspan_slot *slot;
	bool ends = false;

	preempt_disable_notrace();
	for (unwind_start(&state, current, NULL, NULL); !unwind_done(&state);
	     unwind_next_frame(&state)) {
		slot = slot_in(&state);
		if (unwind_get_return_address(&state) - do_exit_symbol.start < do_exit_symbol.size)
			ends = true;
		/* what is nearer returns, and may itself be traced */
		if (!slot || !ends)
			continue;
		hooks = READ_ONCE(slot->direct->hooks);
		if (hooks) {
			fspan_missed(hooks, FSPAN_COUNT_MISSED_EXITED);
			fspan_count(hooks->counts, FSPAN_COUNT_RETURNED);
		}
		end_call(slot);
	}
	preempt_enable_notrace();
}

/* The tracepoint is not exported by its name. NULL: the engine is not to be had. */
static struct tracepoint *sched_process_exit;

static int get_set(void)
{
	int ret = 0;

	if (!nsets)
		ret = tracepoint_probe_register(sched_process_exit, task_exits, NULL);
	nsets += !ret;
	used |= !ret;
	return ret;
}

static void put_set(void)
{
	if (!--nsets)
		tracepoint_probe_unregister(sched_process_exit, task_exits, NULL);
}

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

static int register_all(struct fspan_direct *direct, struct fspan_hook **hook, unsigned long *ip,
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
		ret = fspan_compat_direct_register(&r->ops, (unsigned long)fspan_trampoline);
	if (ret) {
		ftrace_free_filter(&r->ops);
		kfree(r);
		return ret;
	}
	list_add_tail(&r->node, &direct->registered);
	return 0;
}

/* Those that cannot be are found by halves, and left to the other engine. */
static int register_some(struct fspan_direct *direct, struct fspan_hook **hook, unsigned long *ip,
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
		hook[0]->direct = NULL;
		hook[0]->armed = false;
		return 0;
	}
	return register_some(direct, hook, ip, n / 2) ?:
	       register_some(direct, hook + n / 2, ip, n - n / 2);
}

/* Nobody will look at the hook any more. */
static void keep_func(struct fspan_slot *slot, void *unused)
{
	slot->func = slot->hook->addr;
}

/* Of what is not registered any more, or never was. May be called again. */
static bool release(struct fspan_direct *direct)
{
	if (!fspan_slots_release(&direct->slots))
		return false;
	list_del(&direct->node);
	kfree(direct);
	put_set();
	return true;
}

static void disarm(struct fspan_direct *direct)
{
	struct fspan_hooks *hooks = direct->hooks;
	struct registered *r, *next;
	struct fspan_hook *hook;

	list_for_each_entry(hook, &hooks->list, node)
		if (hook->direct == direct)
			remove_sites(hook);
	/* this waits for tasks that were preempted in the trampoline, and for idle ones */
	list_for_each_entry_safe(r, next, &direct->registered, node) {
		list_del(&r->node);
		/* what ftrace keeps in spite of us stays, and calls into the module */
		if (WARN_ON_ONCE(fspan_compat_direct_unregister(&r->ops,
								(unsigned long)fspan_trampoline)))
			__module_get(THIS_MODULE);
		else
			kfree(r);
	}
	list_del(&direct->armed);
	WRITE_ONCE(direct->hooks, NULL);
	synchronize_rcu();
	fspan_slots_each(&direct->slots, keep_func, NULL);
	list_for_each_entry(hook, &hooks->list, node) {
		if (hook->direct != direct)
			continue;
		hook->direct = NULL;
		hook->armed = false;
	}
	if (release(direct))
		return;
	__module_get(THIS_MODULE);
	list_move_tail(&direct->node, &draining);
	schedule_delayed_work(&drain_work, HZ);
}

static void drain(struct work_struct *work)
{
	struct fspan_direct *direct, *next;

	mutex_lock(&fspan_arm_mutex);
	list_for_each_entry_safe(direct, next, &draining, node)
		if (release(direct))
			module_put(THIS_MODULE);
	if (!list_empty(&draining))
		schedule_delayed_work(&drain_work, HZ);
	mutex_unlock(&fspan_arm_mutex);
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
	return hook_at(hook->addr + MCOUNT_INSN_SIZE) ? "shared" : NULL;
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

/* Arm those of @module that are not armed and can be. @list and @ip: room for all. */
static int arm(struct fspan_hooks *hooks, const char *module, struct fspan_hook **list,
	       unsigned long *ip)
{
	unsigned int calls, i, n = find_hooks(hooks, module, list);
	struct fspan_direct *direct;
	int ret;

	if (!n)
		return 0;
	direct = kzalloc(sizeof(*direct), GFP_KERNEL);
	if (!direct)
		return -ENOMEM;
	INIT_LIST_HEAD(&direct->registered);
	strscpy(direct->module, module, sizeof(direct->module));
	calls = min(fspan_engine_max(hooks) * n,
		    max(FSPAN_DEFAULT_CALLS << hooks->doubled, hooks->max));
	ret = fspan_slots_init(&direct->slots, calls, hooks->call_size, direct);
	if (!ret) {
		ret = get_set();
		if (ret)
			fspan_slots_release(&direct->slots);
	}
	if (ret) {
		kfree(direct);
		return ret;
	}
	direct->hooks = hooks;
	list_add_tail(&direct->node, &hooks->direct);
	list_add_tail(&direct->armed, &armed);
	for (i = 0; i < n; i++) {
		list[i]->direct = direct;
		list[i]->armed = true;
		add_sites(list[i]);
	}
	ret = register_some(direct, list, ip, n);
	if (ret || list_empty(&direct->registered))
		disarm(direct);
	return ret;
}

static struct fspan_direct *find_patched(void)
{
	struct fspan_direct *direct;
	struct registered *r;

	list_for_each_entry(direct, &armed, armed)
		list_for_each_entry(r, &direct->registered, node)
			if (READ_ONCE(r->patched))
				return direct;
	return NULL;
}

/* Arm anew what has functions that were patched since. Till then their calls go unseen. */
static void leave_patched(struct work_struct *work)
{
	char module[MODULE_NAME_LEN];
	struct fspan_direct *direct;
	struct fspan_hooks *hooks;
	int ret;

	mutex_lock(&fspan_arm_mutex);
	while ((direct = find_patched())) {
		hooks = direct->hooks;
		strscpy(module, direct->module, sizeof(module));
		disarm(direct);
		ret = fspan_engine_arm_module(hooks, module);
		if (ret)
			pr_warn("fspan: functions that share an event with a patched one: error %d\n",
				ret);
	}
	mutex_unlock(&fspan_arm_mutex);
}

static bool first_of_module(const struct fspan_hooks *hooks, const struct fspan_hook *hook)
{
	const struct fspan_hook *first;

	list_for_each_entry(first, &hooks->list, node)
		if (!strcmp(first->module, hook->module))
			return first == hook;
	return false;
}

int fspan_direct_arm(struct fspan_hooks *hooks, const char *module)
{
	const char *why = hooks->point ? "point" : hooks->engine != FSPAN_ENGINE_DIRECT ? "asked" :
			  !sched_process_exit ? "unsupported" : NULL;
	struct fspan_hook **list, *hook;
	unsigned long *ip;
	int ret = 0;

	if (why) {
		list_for_each_entry(hook, &hooks->list, node)
			hook->why = why;
		return 0;
	}
	list = kvcalloc(hooks->n, sizeof(*list), GFP_KERNEL);
	ip = kvcalloc(hooks->n, sizeof(*ip), GFP_KERNEL);
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

void fspan_direct_disarm(struct fspan_hooks *hooks, const char *module)
{
	struct fspan_direct *direct, *next;

	list_for_each_entry_safe(direct, next, &hooks->direct, node)
		if (!module || !strcmp(direct->module, module))
			disarm(direct);
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

void fspan_direct_each_call(struct fspan_hook *hook, fspan_call_fn fn, void *arg)
{
	struct each each = { hook, fn, arg };

	fspan_slots_each(&hook->direct->slots, each_slot, &each);
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
	struct fspan_direct *direct;

	list_for_each_entry(direct, &draining, node)
		fspan_slots_each(&direct->slots, left_slot, &each);
}

static void is_exit(struct tracepoint *tp, void *found)
{
	if (!strcmp(tp->name, "sched_process_exit"))
		*(struct tracepoint **)found = tp;
}

void fspan_direct_init(void)
{
	unsigned long addr = fspan_symbol_address("do_exit");

	if (addr && fspan_symbol_at(addr, &do_exit_symbol))
		for_each_kernel_tracepoint(is_exit, &sched_process_exit);
}

void fspan_direct_exit(void)
{
	/* nothing is armed, so that nobody wants room */
	irq_work_sync(&room_irq_work);
	cancel_work_sync(&room_work);
	cancel_work_sync(&patched_work);
	/* no call is in flight, as each would have a reference to the module */
	cancel_delayed_work_sync(&drain_work);
	tracepoint_synchronize_unregister();
	/* the last may still be on their way back through the trampoline */
	if (used)
		synchronize_rcu_tasks();
}
