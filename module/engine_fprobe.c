// SPDX-License-Identifier: GPL-2.0
/*
 * The engine for many functions at once: one fprobe for all that a set has in a module, or in
 * the kernel, where kretprobes would be registered one by one.
 *
 * Lifetime: handlers run with preemption off, in both shapes that fprobes have, as ftrace's lock
 * against recursion turns it off; and they find a hook by where it is, or a call by its mark.
 * Disarming takes both away, unregisters the fprobe and waits for RCU: so nobody is in a handler
 * after it.
 *
 * A call that has not returned by then does so without us. Where fprobes have rethooks, an
 * unregistered one's has no handler any more. On the shadow stack of its task, though, the call
 * still has the fprobe's address and our mark; and when that address is another fprobe's, the
 * core takes it for that one's call. So a mark holds no address, but the arming that it is of and
 * the slot's number; and the call there has to be one that this task is in.
 */
#include <linux/fprobe.h>
#include <linux/ftrace.h>
#include <linux/hashtable.h>
#include <linux/random.h>
#include <linux/rculist.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "batch.h"
#include "compat/fprobe.h"
#include "endless.h"

/*
 * So many functions of one module, or of the kernel, that would be kretprobes are an fprobe
 * instead, unless asked otherwise. To arm and disarm it costs as much as a dozen of them; and a
 * call a little more.
 */
#define MANY	16

/*
 * So many sets have one function by fprobes; the shadow stack takes 16 of a call, and if there
 * are more, it takes none.
 */
#define MAX_SHARED	8

struct probe {
	struct fspan_batch batch;
	struct fprobe fp;
	u32 arming;	/* 0: none any more */
};

/* What the core keeps of a call, and need not have kept well. */
struct mark {
	u32 arming;
	u32 number;	/* of the slot */
};

/* Hooks by where ftrace calls from; several sets may have one. Changed under fspan_arm_mutex. */
static DEFINE_HASHTABLE(places, 12);

/* From anywhere: marks may be older than this module, which may have been loaded before. */
static u32 last_arming;

static __always_inline struct fspan_hook *hook_at(unsigned long ip, struct fspan_batch *batch)
{
	struct fspan_place *place;

	hash_for_each_possible_rcu_notrace(places, place, node, ip)
		if (place->addr == ip && READ_ONCE(place->hook->batch) == batch)
			return place->hook;
	return NULL;
}

/* At the function, or behind an endbr that it begins with, whatever the kernel made of that. */
static void add_places(struct fspan_hook *hook)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(hook->place); i++) {
		hook->place[i].addr = hook->addr + i * FSPAN_ENDBR_SIZE;
		hook->place[i].hook = hook;
		hash_add_rcu(places, &hook->place[i].node, hook->place[i].addr);
	}
}

static void remove_places(struct fspan_hook *hook)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(hook->place); i++)
		hash_del_rcu(&hook->place[i].node);
}

static bool is_full(const struct fspan_hook *hook)
{
	struct fspan_place *place;
	unsigned int n = 0;

	hash_for_each_possible(places, place, node, hook->addr)
		n += place->addr == hook->addr;
	return n >= MAX_SHARED;
}

static __always_inline void by_ops(struct fspan_hook *hook, struct fspan_hooks *hooks,
				   struct fspan_call *call, struct pt_regs *regs)
{
	hooks->ops->enter(hook, call, regs);
}

/* 0: followed, it will be seen to return. */
static int enter(struct fprobe *fp, unsigned long ip, unsigned long caller,
		 FSPAN_COMPAT_FPROBE_REGS *fregs, void *data)
{
	struct probe *probe = container_of(fp, struct probe, fp);
	struct fspan_hook *hook = hook_at(ip, &probe->batch);
	struct pt_regs *regs = fspan_compat_fprobe_entry_regs(fregs);
	struct fspan_slot *slot;
	struct mark *mark = data;

	if (unlikely(!hook || !fspan_batch_begin(hook, hook->hooks, regs,
						 hook->hooks->ops->admit)))
		return 1;
	slot = fspan_slot_take(&probe->batch.slots);
	if (likely(slot)) {
		slot->task = current;
		fspan_batch_enter(hook, hook->hooks, slot, regs, by_ops);
		mark->arming = probe->arming;
		mark->number = slot->number;
	} else {
		fspan_missed(hook->hooks, FSPAN_COUNT_MISSED_INSTANCE);
		fspan_batch_want_room(&probe->batch, hook->hooks);
	}
	fspan_busy_end();
	return !slot;
}
NOKPROBE_SYMBOL(enter);

/* Is the call one that the current task is in? */
static __always_inline bool is_mine(struct fspan_slot *slot)
{
	/* if it is in flight, and only then, whose it is was written before */
	return (smp_load_acquire(&slot->call.seq) & 1) && slot->task == current;
}

static void leave(struct fprobe *fp, unsigned long ip, unsigned long caller,
		  FSPAN_COMPAT_FPROBE_REGS *fregs, void *data)
{
	struct probe *probe = container_of(fp, struct probe, fp);
	struct fspan_hooks *hooks;
	struct mark *mark = data;
	struct fspan_slot *slot;
	struct pt_regs *regs;
	bool twice;

	/* where RCU does not watch, which it did at the entry, all may just be freed */
	if (unlikely(!rcu_is_watching() || !mark || mark->arming != READ_ONCE(probe->arming)))
		return;
	slot = fspan_slot_find(&probe->batch.slots, mark->number);
	hooks = READ_ONCE(probe->batch.hooks);
	/* the end of its task may have been the end of the call */
	if (unlikely(!slot || !hooks || !is_mine(slot)))
		return;
	regs = fspan_compat_fprobe_exit_regs(fregs);
	slot->caller = fspan_kretprobe_original(regs->sp - sizeof(long), caller);
	/* it is off twice here, and a record is to tell of what it was in the function */
	twice = (preempt_count() & PREEMPT_MASK) > PREEMPT_OFFSET;
	if (likely(twice))
		__preempt_count_sub(PREEMPT_OFFSET);
	if (likely(fspan_batch_returned(hooks))) {
		hooks->ops->leave(slot->hook, &slot->call, regs, regs_return_value(regs));
		fspan_busy_end();
	}
	if (likely(twice))
		__preempt_count_add(PREEMPT_OFFSET);
	fspan_slot_end(slot);
}
NOKPROBE_SYMBOL(leave);

/* Call @fn for all slots of calls by fprobes; some of them may just be given back, or taken. */
static void each_slot(void (*fn)(struct fspan_slot *slot, void *arg), void *arg)
{
	struct fspan_batch *batch;

	list_for_each_entry_rcu(batch, &fspan_batches, armed)
		if (batch->engine == FSPAN_ENGINE_FPROBE)
			fspan_slots_each(&batch->slots, fn, arg);
}
NOKPROBE_SYMBOL(each_slot);

static u64 age(const struct fspan_slot *slot)
{
	return fspan_clock_age(&slot->hook->hooks->clock, slot->call.start);
}
NOKPROBE_SYMBOL(age);

/* Every call in flight is looked at: fprobes do not tell what a task is in. */
static void find_current(struct fspan_slot *slot, void *arg)
{
	struct fspan_slot **found = arg;

	if (is_mine(slot) && (!*found || age(slot) < age(*found)))
		*found = slot;
}
NOKPROBE_SYMBOL(find_current);

struct fspan_call *fspan_fprobe_current(struct fspan_hook **hook)
{
	struct fspan_slot *found = NULL;

	each_slot(find_current, &found);
	if (!found)
		return NULL;
	*hook = found->hook;
	return &found->call;
}
NOKPROBE_SYMBOL(fspan_fprobe_current);

static void end_mine(struct fspan_slot *slot, void *unused)
{
	if (is_mine(slot))
		fspan_batch_exited(READ_ONCE(slot->batch->hooks), slot);
}

/*
 * A task that ends returns from nothing that it is in. What this itself is called by does, but
 * the mark of such a call is not valid any more.
 */
static void task_exits(void *unused, struct task_struct *task)
{
	preempt_disable_notrace();
	each_slot(end_mine, NULL);
	preempt_enable_notrace();
}

static struct fspan_at_exit at_exit = { .probe = task_exits };

static int register_all(struct probe *probe, struct fspan_hook **list, unsigned long *ip,
			unsigned int n)
{
	struct fspan_slots *slots = &probe->batch.slots;
	unsigned int i;

	for (i = 0; i < n; i++)
		ip[i] = list[i]->addr;
	memset(&probe->fp, 0, sizeof(probe->fp));
	probe->fp.entry_handler = enter;
	probe->fp.exit_handler = leave;
	probe->fp.entry_data_size = sizeof(struct mark);
	fspan_compat_fprobe_room(&probe->fp, slots->npages * slots->per_page);
	return register_fprobe_ips(&probe->fp, ip, n);
}

/* Leave to kretprobes what ftrace does not know; gives how many of @list it does. */
static unsigned int leave_unknown(struct fspan_hook **list, unsigned int n)
{
	struct ftrace_ops *ops = kzalloc(sizeof(*ops), GFP_KERNEL);
	unsigned int i, left = 0;

	for (i = 0; i < n; i++) {
		if (ops && !ftrace_set_filter_ip(ops, list[i]->addr, 0, 1)) {
			list[left++] = list[i];
			continue;
		}
		list[i]->why = "untraceable";
		remove_places(list[i]);
		fspan_batch_unhook(list[i]);
	}
	if (ops)
		ftrace_free_filter(ops);
	kfree(ops);
	return left;
}

static void give_back(struct fspan_slot *slot, void *unused)
{
	fspan_slot_give(slot);
}

/* Its slots are no call's any more when nobody is in a handler. */
static void destroy(struct probe *probe)
{
	struct fspan_slots *slots = &probe->batch.slots;

	fspan_slots_each(slots, give_back, NULL);
	fspan_slots_release(slots);
	list_del(&probe->batch.node);
	fspan_at_exit_put(&at_exit);
	kfree(probe);
}

static void disarm(struct fspan_batch *batch)
{
	struct probe *probe = container_of(batch, struct probe, batch);
	struct fspan_hooks *hooks = batch->hooks;
	struct fspan_hook *hook;
	int ret;

	list_for_each_entry(hook, &hooks->list, node)
		if (hook->batch == batch)
			remove_places(hook);
	WRITE_ONCE(probe->arming, 0);
	/* ftrace may want memory for this */
	while ((ret = unregister_fprobe(&probe->fp)) == -ENOMEM)
		schedule_timeout_uninterruptible(1);
	hooks->core_missed += probe->fp.nmissed;
	fspan_batch_disarm(batch);
	fspan_batch_unhook_all(hooks, batch);
	/* what the core keeps in spite of us stays, and calls into the module */
	if (WARN_ON_ONCE(ret)) {
		list_del(&batch->node);
		__module_get(THIS_MODULE);
		return;
	}
	destroy(probe);
}

/* Why this engine does not take @hook; NULL: it does. */
static const char *why_not(const struct fspan_hook *hook)
{
	if (hook->hooks->registers && !FSPAN_COMPAT_FPROBE_ALL_REGS)
		return "registers";
	return is_full(hook) ? "shared" : fspan_endless(hook->name);
}

/* The hooks of @module that are left to this engine, into @list. Gives how many. */
static unsigned int find_hooks(struct fspan_hooks *hooks, const char *module,
			       struct fspan_hook **list)
{
	bool asked = hooks->engine == FSPAN_ENGINE_FPROBE;
	struct fspan_hook *hook;
	unsigned int n = 0;

	list_for_each_entry(hook, &hooks->list, node) {
		const char *why = why_not(hook);

		if (hook->armed || strcmp(hook->module, module))
			continue;
		if (!why)
			list[n++] = hook;
		else if (asked)
			hook->why = why;
	}
	return asked || n >= MANY ? n : 0;
}

static int arm(struct fspan_hooks *hooks, const char *module, struct fspan_hook **list,
	       unsigned long *ip)
{
	unsigned int i, n = find_hooks(hooks, module, list);
	struct probe *probe;
	int ret;

	if (!n)
		return 0;
	if (fatal_signal_pending(current))
		return -EINTR;
	probe = kzalloc(sizeof(*probe), GFP_KERNEL);
	if (!probe)
		return -ENOMEM;
	probe->batch.engine = FSPAN_ENGINE_FPROBE;
	probe->batch.grows = FSPAN_COMPAT_FPROBE_GROWS;
	while (!++last_arming)
		;
	probe->arming = last_arming;
	ret = fspan_at_exit_get(&at_exit);
	if (!ret) {
		ret = fspan_batch_arm(&probe->batch, hooks, module, list, n);
		if (ret)
			fspan_at_exit_put(&at_exit);
	}
	if (ret) {
		kfree(probe);
		return ret;
	}
	/* who looked for what the direct engine gave up may still be at its places */
	synchronize_rcu();
	for (i = 0; i < n; i++)
		add_places(list[i]);
	ret = register_all(probe, list, ip, n);
	if (ret && ret != -ENOMEM) {
		n = leave_unknown(list, n);
		ret = n ? register_all(probe, list, ip, n) : -ENOENT;
	}
	if (!ret)
		return 0;
	for (i = 0; i < n; i++)
		remove_places(list[i]);
	fspan_batch_disarm(&probe->batch);
	fspan_batch_unhook_all(hooks, &probe->batch);
	destroy(probe);
	/* whatever it does not like, kretprobes may be able to */
	return ret == -ENOMEM ? ret : 0;
}

int fspan_fprobe_arm(struct fspan_hooks *hooks, const char *module)
{
	if (hooks->point || hooks->engine == FSPAN_ENGINE_KRETPROBE || !fspan_at_exit_found())
		return 0;
	return fspan_batches_arm(hooks, module, arm);
}

void fspan_fprobe_disarm(struct fspan_hooks *hooks, const char *module)
{
	fspan_batches_disarm(hooks, module, FSPAN_ENGINE_FPROBE, disarm);
}

u64 fspan_fprobe_missed(const struct fspan_hooks *hooks)
{
	struct fspan_batch *batch;
	u64 missed = 0;

	list_for_each_entry(batch, &hooks->batches, node)
		if (batch->engine == FSPAN_ENGINE_FPROBE)
			missed += READ_ONCE(container_of(batch, struct probe, batch)->fp.nmissed);
	return missed;
}

void fspan_fprobe_init(void)
{
	last_arming = get_random_u32();
}
