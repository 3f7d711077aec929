// SPDX-License-Identifier: GPL-2.0
/*
 * The engine for all kernels: a kretprobe for each function, a kprobe for a point.
 *
 * Kprobes' own handler is wrapped, so that every call that reaches us is
 * counted, whether it gets an instance or not: their nmissed is not exact.
 *
 * Lifetime: handlers run with preemption off, and unregister_kretprobes()
 * waits for them. A call in flight keeps its instance, which is the core's,
 * and returns through the core's trampoline without us. So after disarm
 * nothing of a hook is reachable any more.
 */
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "engines.h"
#include "told.h"

static kprobe_pre_handler_t core_pre_handler;
#ifdef CONFIG_KRETPROBE_ON_RETHOOK
static rethook_handler_t core_return_handler;
#endif

static int pre_handler(struct kprobe *kp, struct pt_regs *regs)
{
	struct fspan_hook *hook = container_of(kp, struct fspan_hook, rp.kp);
	struct fspan_hooks *hooks = hook->hooks;
	struct fspan_counts __percpu *counts = hooks->counts;
	u64 hooked;

	fspan_count(counts, FSPAN_COUNT_ENTERED);
	if (unlikely(!rcu_is_watching())) {
		fspan_count(counts, FSPAN_COUNT_MISSED_RCU);
		return 0;
	}
	if (!fspan_busy_begin()) {
		fspan_missed(hooks, FSPAN_COUNT_MISSED_RECURSION);
		return 0;
	}
	if (fspan_declined(hook, hooks, regs, hooks->ops->admit)) {
		fspan_busy_end();
		return 0;
	}
	hooked = __this_cpu_read(counts->n[FSPAN_COUNT_HOOKED]);
	core_pre_handler(kp, regs);	/* comes back to us if there is an instance */
	if (hooked == __this_cpu_read(counts->n[FSPAN_COUNT_HOOKED]))
		fspan_missed(hooks, FSPAN_COUNT_MISSED_INSTANCE);
	fspan_busy_end();
	return 0;
}
NOKPROBE_SYMBOL(pre_handler);

/* The first call to get this instance: who looks for calls in flight looks there. */
static noinline void list_call(struct fspan_hook *hook, struct fspan_call *call)
{
	int i = atomic_inc_return(&hook->ncalls) - 1;

	call->listed = true;
	if (i < hook->rp.maxactive)
		WRITE_ONCE(hook->calls[i], call);
}
NOKPROBE_SYMBOL(list_call);

/* The core took the instance from a task that ended in the function. */
static noinline void exited(struct fspan_hooks *hooks, struct fspan_call *call)
{
	fspan_missed(hooks, FSPAN_COUNT_MISSED_EXITED);
	fspan_count(hooks->counts, FSPAN_COUNT_RETURNED);
	WRITE_ONCE(call->seq, call->seq + 1);
	/* pairs with smp_rmb() in copy_call(): before anything is written, it is no call */
	smp_wmb();
}
NOKPROBE_SYMBOL(exited);

static int entry_handler(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	struct kretprobe *rp = get_kretprobe(ri);
	struct fspan_call *call = (void *)ri->data;
	struct fspan_hook *hook;
	struct fspan_hooks *hooks;

	/*
	 * It was unregistered since pre_handler() began. The core has the instance back, and
	 * pre_handler() takes it that there was none.
	 */
	if (unlikely(!rp))
		return 1;
	hook = container_of(rp, struct fspan_hook, rp);
	hooks = hook->hooks;
	fspan_count(hooks->counts, FSPAN_COUNT_HOOKED);
	if (unlikely(!call->listed))
		list_call(hook, call);
	if (unlikely(call->seq & 1))
		exited(hooks, call);
	call->pid = current->pid;
	hooks->ops->enter(hook, call, regs);
	/* pairs with smp_load_acquire() in copy_call(): the call is whole */
	smp_store_release(&call->seq, call->seq + 1);
	return 0;
}
NOKPROBE_SYMBOL(entry_handler);

static int return_handler(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	struct kretprobe *rp = get_kretprobe(ri);
	struct fspan_call *call = (void *)ri->data;
	struct fspan_hook *hook;
	struct fspan_hooks *hooks;

	if (unlikely(!rp))	/* disarmed meanwhile */
		return 0;
	hook = container_of(rp, struct fspan_hook, rp);
	hooks = hook->hooks;
	fspan_count(hooks->counts, FSPAN_COUNT_RETURNED);
	/* where the entry is an exception, which makes RCU watch, the return may be none */
	if (!IS_ENABLED(CONFIG_KPROBES_ON_FTRACE) && !rcu_is_watching()) {
		fspan_count(hooks->counts, FSPAN_COUNT_MISSED_RCU);
	} else if (likely(fspan_busy_begin())) {
		hooks->ops->leave(hook, call, regs, regs_return_value(regs));
		fspan_busy_end();
	} else {
		fspan_missed(hooks, FSPAN_COUNT_MISSED_RECURSION);
	}
	WRITE_ONCE(call->seq, call->seq + 1);
	return 0;
}
NOKPROBE_SYMBOL(return_handler);

static int point_handler(struct kprobe *kp, struct pt_regs *regs)
{
	struct fspan_hook *hook = container_of(kp, struct fspan_hook, rp.kp);
	struct fspan_hooks *hooks = hook->hooks;

	fspan_count(hooks->counts, FSPAN_COUNT_ENTERED);
	if (unlikely(!rcu_is_watching())) {
		fspan_count(hooks->counts, FSPAN_COUNT_MISSED_RCU);
	} else if (!fspan_busy_begin()) {
		fspan_missed(hooks, FSPAN_COUNT_MISSED_RECURSION);
	} else {
		if (unlikely(hooks->choosy) && current->tgid == hooks->left_out)
			fspan_count(hooks->counts, FSPAN_COUNT_DROPPED_ENTRY);
		else
			hooks->ops->hit(hook, regs);
		fspan_busy_end();
	}
	return 0;
}
NOKPROBE_SYMBOL(point_handler);

int fspan_engine_check(struct fspan_hook **hook, unsigned int n, bool point, unsigned int offset)
{
	struct kretprobe **rps = kvcalloc(n, sizeof(*rps), GFP_KERNEL);
	struct kprobe **kps = kvcalloc(n, sizeof(*kps), GFP_KERNEL);
	unsigned int i, found = 0;
	int ret = rps && kps ? 0 : -ENOMEM;

	for (i = 0; i < n && ret != -ENOMEM; i++) {
		struct kretprobe *rp = &hook[i]->rp;

		memset(rp, 0, sizeof(*rp));
		rp->kp.addr = (void *)hook[i]->addr;
		rp->kp.flags = KPROBE_FLAG_DISABLED;
		rp->maxactive = 1;
		rp->kp.offset = offset;
		ret = point ? register_kprobe(&rp->kp) : register_kretprobe(rp);
		if (ret) {
			hook[i]->addr = 0;
		} else {
			kps[found] = &rp->kp;
			rps[found++] = rp;
		}
		cond_resched();
	}
	if (point)
		unregister_kprobes(kps, found);
	else
		unregister_kretprobes(rps, found);
	kvfree(kps);
	kvfree(rps);
	return ret == -ENOMEM ? ret : 0;
}

static int arm_hook(struct fspan_hooks *hooks, struct fspan_hook *hook)
{
	struct kretprobe *rp = &hook->rp;
	int ret;

	memset(rp, 0, sizeof(*rp));
	rp->kp.addr = (void *)hook->addr;
	if (hooks->point) {
		rp->kp.offset = hooks->offset;
		rp->kp.pre_handler = point_handler;
		ret = register_kprobe(&rp->kp);
		hook->armed = !ret;
		return ret;
	}

	rp->maxactive = fspan_engine_max(hooks);
	rp->data_size = hooks->call_size;
	rp->entry_handler = entry_handler;
	rp->handler = return_handler;
	rp->kp.flags = KPROBE_FLAG_DISABLED;
	atomic_set(&hook->ncalls, 0);
	hook->calls = kvcalloc(rp->maxactive, sizeof(*hook->calls), GFP_KERNEL);
	if (!hook->calls)
		return -ENOMEM;
	ret = register_kretprobe(rp);
	if (ret)
		goto free_calls;
	/* both always the same */
	core_pre_handler = rp->kp.pre_handler;
#ifdef CONFIG_KRETPROBE_ON_RETHOOK
	core_return_handler = (rethook_handler_t)rcu_access_pointer(rp->rh->handler);
#endif
	rp->kp.pre_handler = pre_handler;
	ret = enable_kprobe(&rp->kp);
	if (ret)
		goto unregister;
	hook->armed = true;
	return 0;

unregister:
	unregister_kretprobe(rp);
free_calls:
	kvfree(hook->calls);
	hook->calls = NULL;
	return ret;
}

/* What is left of a hook whose probe is unregistered. */
static void forget_probe(struct fspan_hooks *hooks, struct fspan_hook *hook)
{
	hooks->core_missed += hook->rp.kp.nmissed;
	hook->rp.kp.nmissed = 0;
	hook->armed = false;
	kvfree(hook->calls);
	hook->calls = NULL;
}

/*
 * What unregisters a probe takes it off its function, for which ftrace wants memory. If there
 * is none the core leaves it there, tells nobody, and frees what it returns by: so first
 * this, which can be tried again.
 */
static void disable_probe(struct kprobe *kp)
{
	while (disable_kprobe(kp) == -ENOMEM)
		schedule_timeout_uninterruptible(1);
}

/* Armed, here, and of @module? */
static bool is_mine(const struct fspan_hook *hook, const char *module)
{
	return hook->armed && !hook->batch && (!module || !strcmp(hook->module, module));
}

/* One wait for all, if there is memory for the list. */
void fspan_kretprobe_disarm(struct fspan_hooks *hooks, const char *module)
{
	struct kretprobe **rps = kvcalloc(hooks->n, sizeof(*rps), GFP_KERNEL | __GFP_NOWARN);
	struct kprobe **kps = kvcalloc(hooks->n, sizeof(*kps), GFP_KERNEL | __GFP_NOWARN);
	bool one_by_one = !rps || !kps;
	struct fspan_hook *hook;
	unsigned int n = 0;

	list_for_each_entry(hook, &hooks->list, node) {
		if (!is_mine(hook, module))
			continue;
		disable_probe(&hook->rp.kp);
		if (one_by_one && hooks->point) {
			unregister_kprobe(&hook->rp.kp);
		} else if (one_by_one) {
			unregister_kretprobe(&hook->rp);
		} else {
			kps[n] = &hook->rp.kp;
			rps[n++] = &hook->rp;
		}
	}
	if (hooks->point)
		unregister_kprobes(kps, n);
	else
		unregister_kretprobes(rps, n);
	list_for_each_entry(hook, &hooks->list, node)
		if (is_mine(hook, module))
			forget_probe(hooks, hook);
	kvfree(kps);
	kvfree(rps);
}

int fspan_kretprobe_arm(struct fspan_hooks *hooks, const char *module)
{
	struct fspan_hook *hook;
	int ret;

	list_for_each_entry(hook, &hooks->list, node) {
		if (hook->armed || (module && strcmp(hook->module, module)))
			continue;
		if (fatal_signal_pending(current))
			return -EINTR;
		ret = arm_hook(hooks, hook);
		if (ret)
			return ret;
		cond_resched();
	}
	return 0;
}

/* Each gets its place in the table when it first is in flight. */
void fspan_kretprobe_each_call(struct fspan_hook *hook, fspan_call_fn fn, void *arg)
{
	int i, n = hook->calls ? min(atomic_read(&hook->ncalls), hook->rp.maxactive) : 0;

	for (i = 0; i < n; i++) {
		struct fspan_call *call = READ_ONCE(hook->calls[i]);

		if (call)
			fn(hook, call, arg);
	}
}

/*
 * What returns through the core's trampoline hangs on the task, the innermost first. On
 * the current task's list there are only changes by interrupts, which undo theirs.
 */
#ifdef CONFIG_KRETPROBE_ON_RETHOOK
static struct llist_node *first_return(void)
{
	return READ_ONCE(current->rethooks.first);
}

static struct kretprobe_instance *instance(struct llist_node *node)
{
	struct rethook_node *rn = container_of(node, struct rethook_node, llist);

	rethook_handler_t handler = (rethook_handler_t)rcu_access_pointer(rn->rethook->handler);

	/*
	 * Others, such as fprobe, use it too. None: it was unregistered, and what it belonged
	 * to may be gone; nor have we one before our first.
	 */
	if (!handler || handler != core_return_handler)
		return NULL;
	return container_of(rn, struct kretprobe_instance, node);
}

static struct llist_node *return_node(struct kretprobe_instance *ri)
{
	return &ri->node.llist;
}

/* Of the node, whoever it belongs to: the place on the stack from which it took its address. */
static unsigned long frame(struct llist_node *node, unsigned long *address)
{
	struct rethook_node *rn = container_of(node, struct rethook_node, llist);

	*address = rn->ret_addr;
	return rn->frame;
}
#else
static struct llist_node *first_return(void)
{
	return READ_ONCE(current->kretprobe_instances.first);
}

static struct kretprobe_instance *instance(struct llist_node *node)
{
	return container_of(node, struct kretprobe_instance, llist);
}

static struct llist_node *return_node(struct kretprobe_instance *ri)
{
	return &ri->llist;
}

static unsigned long frame(struct llist_node *node, unsigned long *address)
{
	*address = (unsigned long)instance(node)->ret_addr;
	return (unsigned long)instance(node)->fp;
}
#endif

unsigned long fspan_kretprobe_original(unsigned long place, unsigned long address)
{
	struct llist_node *node;
	unsigned long next;

	for (node = first_return(); node; node = node->next)
		if (frame(node, &next) == place)
			address = next;
	return address;
}
NOKPROBE_SYMBOL(fspan_kretprobe_original);

/* With several hooks on the function all but the first of them found the trampoline. */
unsigned long fspan_kretprobe_caller(const struct fspan_call *call)
{
	struct kretprobe_instance *ri = container_of((void *)call, struct kretprobe_instance, data);
	struct llist_node *node = return_node(ri);
	unsigned long mine, address, next;

	mine = frame(node, &address);
	while ((node = node->next) && frame(node, &next) == mine)
		address = next;
	return address;
}
NOKPROBE_SYMBOL(fspan_kretprobe_caller);

struct fspan_call *fspan_kretprobe_current(struct fspan_hook **hook)
{
	struct llist_node *node;

	for (node = first_return(); node; node = node->next) {
		struct kretprobe_instance *ri = instance(node);
		struct kretprobe *rp = ri ? get_kretprobe(ri) : NULL;
		struct fspan_call *call;

		if (!rp || rp->handler != return_handler)
			continue;
		call = (void *)ri->data;
		/* its handler may be what we are called from */
		if (!(smp_load_acquire(&call->seq) & 1))
			continue;
		*hook = container_of(rp, struct fspan_hook, rp);
		return call;
	}
	return NULL;
}
NOKPROBE_SYMBOL(fspan_kretprobe_current);
