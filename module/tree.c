// SPDX-License-Identifier: GPL-2.0
/*
 * Paths are written and read without a lock: by the context whose they are, busy, so that
 * nothing on its CPU comes between. Only the table in which a task finds its own has locks.
 * An entry goes with the task's outermost span; with the task, if that ended inside one.
 *
 * Lifetime: a handler is in a tree while its definition is armed, and each of these holds
 * the tree. The probe finds it in the list, under RCU.
 *
 * A span whose definition was disarmed returns unseen. It has the number of that arming, and
 * a path that has not been looked at since is gone through for such as are dead.
 */
#include <linux/err.h>
#include <linux/kprobes.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/rculist.h>
#include <linux/sched.h>
#include <linux/sched/task_stack.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <linux/tracepoint.h>
#include <linux/xarray.h>

#include "table.h"
#include "tree.h"

#define MAX_LEVELS	64	/* deeper ones are children of the last of these */
#define MAX_TASKS	1024	/* within spans at once, for each tree */

struct fspan_path {
	u32 generation;		/* of the tree, when it was last gone through */
	u32 n;
	struct {
		u64 id;
		u32 arming;
		u32 depth;
	} in[MAX_LEVELS];
};

enum level { TASK, SOFTIRQ, HARDIRQ, NMI, OTHER };

struct of_cpu {
	struct fspan_path path[OTHER - SOFTIRQ];
	struct fspan_entry *spare;	/* for the next task here, or NULL */
};

struct fspan_tree {
	struct list_head node;
	const struct fspan_owner *owner;
	unsigned int users;
	u32 generation;
	struct xarray live;		/* by the number of an arming */
	struct fspan_table *tasks;
	struct of_cpu __percpu *cpus;
};

/* What a call has of it, behind its other data. */
struct member {
	struct fspan_path *path;	/* NULL: it is in none */
	u64 key;			/* of the task that has it, 0: it is a CPU's */
	u64 id;
};

/* Changed under fspan_arm_mutex; walked under RCU. */
static LIST_HEAD(trees);
static u32 narmings;
static struct tracepoint *sched_process_free;

/* Without the CPU, so that no two make the same; from the time of loading, so that none returns. */
static DEFINE_PER_CPU(u64, next_id);

static __always_inline u64 new_id(void)
{
	return __this_cpu_inc_return(next_id) * nr_cpu_ids + raw_smp_processor_id();
}

static struct member *member_of(const struct fspan_recorder *rec, struct fspan_call *call)
{
	return (void *)call->data + rec->member;
}
NOKPROBE_SYMBOL(member_of);

/*
 * On x86 a breakpoint's handler looks as if it were an NMI's. And on the way into an interrupt,
 * and from there to softirqs, the counts are the task's, but not the stack.
 */
static enum level level_of(struct fspan_hook *hook, struct pt_regs *regs)
{
	unsigned long count = preempt_count(), sp = kernel_stack_pointer(regs);

	if (unlikely(count & NMI_MASK) && IS_ENABLED(CONFIG_X86) && !hook->batch &&
	    !kprobe_ftrace(&hook->rp.kp))
		count -= NMI_OFFSET + HARDIRQ_OFFSET;
	if (unlikely(count & NMI_MASK))
		return (count & NMI_MASK) == NMI_OFFSET ? NMI : OTHER;
	if (count & HARDIRQ_MASK)
		return (count & HARDIRQ_MASK) == HARDIRQ_OFFSET ? HARDIRQ : OTHER;
	if (in_serving_softirq())
		return SOFTIRQ;
	if (sp - (unsigned long)task_stack_page(current) >= THREAD_SIZE)
		return IS_ENABLED(CONFIG_PREEMPT_RT) ? OTHER : SOFTIRQ;
	return TASK;
}
NOKPROBE_SYMBOL(level_of);

static u64 task_key(const struct task_struct *task, bool softirq)
{
	return (unsigned long)task | softirq;
}
NOKPROBE_SYMBOL(task_key);

static struct fspan_path *path_in(struct fspan_entry *entry)
{
	return IS_ERR_OR_NULL(entry) ? NULL : (void *)entry->data;
}
NOKPROBE_SYMBOL(path_in);

static struct fspan_entry *get_entry(struct fspan_tree *tree)
{
	struct of_cpu *cpu = this_cpu_ptr(tree->cpus);
	struct fspan_entry *spare = cpu->spare;
	bool stale;

	cpu->spare = NULL;
	return likely(spare) ? spare : fspan_table_get(tree->tasks, 0, &stale);
}
NOKPROBE_SYMBOL(get_entry);

static void put_entry(struct fspan_tree *tree, struct fspan_entry *entry)
{
	struct of_cpu *cpu = this_cpu_ptr(tree->cpus);

	if (unlikely(cpu->spare))
		fspan_table_put(tree->tasks, entry);
	else
		cpu->spare = entry;
}
NOKPROBE_SYMBOL(put_entry);

/* A path for a task that is in nothing yet. NULL: there is no room. */
static struct fspan_path *add_task(struct fspan_tree *tree, u64 key)
{
	struct fspan_entry *entry = get_entry(tree), *old;
	struct fspan_path *path;

	if (!entry)
		return NULL;
	path = path_in(entry);
	path->n = 0;
	path->generation = READ_ONCE(tree->generation);
	old = fspan_table_insert(tree->tasks, entry, key);
	if (likely(!old))
		return path;
	put_entry(tree, IS_ERR(old) ? entry : old);
	return IS_ERR(old) ? NULL : path;
}
NOKPROBE_SYMBOL(add_task);

static void remove_task(struct fspan_tree *tree, u64 key)
{
	struct fspan_entry *entry = fspan_table_take(tree->tasks, key);

	if (!IS_ERR_OR_NULL(entry))
		put_entry(tree, entry);
}
NOKPROBE_SYMBOL(remove_task);

/*
 * Of the context we are in; NULL: it has none; -EBUSY: in an NMI, or what looks like one, it
 * cannot be looked for now. @key: of a task.
 */
static struct fspan_path *find_path(struct fspan_tree *tree, enum level level, u64 *key)
{
	struct fspan_entry *entry;

	*key = 0;
	if (unlikely(level == OTHER))
		return NULL;
	if (level >= HARDIRQ || (level == SOFTIRQ && !IS_ENABLED(CONFIG_PREEMPT_RT)))
		return &this_cpu_ptr(tree->cpus)->path[level - SOFTIRQ];
	*key = task_key(current, level == SOFTIRQ);
	entry = fspan_table_find(tree->tasks, *key);
	return IS_ERR(entry) ? ERR_CAST(entry) : path_in(entry);
}
NOKPROBE_SYMBOL(find_path);

static noinline void go_through(struct fspan_tree *tree, struct fspan_path *path, u32 generation)
{
	u32 i, n = 0;

	for (i = 0; i < path->n; i++)
		if (xa_load(&tree->live, path->in[i].arming))
			path->in[n++] = path->in[i];
	path->n = n;
	path->generation = generation;
}
NOKPROBE_SYMBOL(go_through);

/* Say for the fields where we are. */
static void look(struct fspan_tree *tree, struct fspan_path *path, struct fspan_in_tree *in)
{
	/* pairs with smp_store_release() in retire(): of what died the arming is no more */
	u32 generation = smp_load_acquire(&tree->generation);

	in->id = new_id();
	in->parent = 0;
	in->depth = 0;
	if (!path)
		return;
	if (unlikely(path->generation != generation))
		go_through(tree, path, generation);
	if (!path->n)
		return;
	in->parent = path->in[path->n - 1].id;
	in->depth = path->in[path->n - 1].depth + 1;
}
NOKPROBE_SYMBOL(look);

/* After look(): so what is retired meanwhile is not put into a path that will not be looked at. */
static bool push(const struct fspan_recorder *rec, struct fspan_path *path,
		 const struct fspan_in_tree *in)
{
	u32 arming = READ_ONCE(rec->arming);

	if (unlikely(!arming || path->n == MAX_LEVELS))
		return false;
	path->in[path->n].id = in->id;
	path->in[path->n].arming = arming;
	path->in[path->n].depth = in->depth;
	path->n++;
	return true;
}
NOKPROBE_SYMBOL(push);

/* After the others, which are put there as words. */
static void put_fields(const struct fspan_program *prog, struct fspan_call *call,
		       const struct fspan_in_tree *in)
{
	u32 ops = prog->tree & call->fields;

	for (; ops; ops &= ops - 1) {
		const struct fspan_op *op = &prog->ops[__ffs(ops)];

		fspan_type_store(&op->type, in->n[op->fetch.base - FSPAN_BASE_ID],
				 (void *)call->data + op->record);
	}
}
NOKPROBE_SYMBOL(put_fields);

static void tree_enter(struct fspan_hook *hook, struct fspan_call *call, struct pt_regs *regs)
{
	struct fspan_recorder *rec = container_of(hook->hooks, struct fspan_recorder, hooks);
	struct fspan_in_tree *in = this_cpu_ptr(&fspan_in_tree);
	struct member *m = member_of(rec, call);
	struct fspan_tree *tree = rec->tree;
	enum level level = level_of(hook, regs);
	struct fspan_path *path = find_path(tree, level, &m->key);

	if (!path && m->key)
		path = add_task(tree, m->key) ?: ERR_PTR(-ENOSPC);
	if (IS_ERR(path)) {
		fspan_count(rec->hooks.counts, FSPAN_COUNT_TREE_FULL);
		path = NULL;
	}
	look(tree, path, in);
	m->id = in->id;
	m->path = path && push(rec, path, in) ? path : NULL;
	if (unlikely(path && !path->n && m->key))
		remove_task(tree, m->key);
	fspan_record_enter(hook, call, regs);
	put_fields(rec->prog, call, in);
}
NOKPROBE_SYMBOL(tree_enter);

/* What is above us in the path has returned, seen or not. */
static void pop(struct fspan_tree *tree, const struct member *m)
{
	struct fspan_path *path = m->path;
	u32 n = path->n;

	while (n && path->in[n - 1].id != m->id)
		n--;
	if (likely(n))
		path->n = n - 1;
	if (!path->n && m->key)
		remove_task(tree, m->key);
}
NOKPROBE_SYMBOL(pop);

static void tree_leave(struct fspan_hook *hook, struct fspan_call *call, struct pt_regs *regs,
		       unsigned long retval)
{
	struct fspan_recorder *rec = container_of(hook->hooks, struct fspan_recorder, hooks);
	struct member *m = member_of(rec, call);

	/* if it is being disarmed the path may be without us, and so another task's by now */
	if (likely(m->path && READ_ONCE(rec->arming)))
		pop(rec->tree, m);
	fspan_record_leave(hook, call, regs, retval);
}
NOKPROBE_SYMBOL(tree_leave);

static void tree_hit(struct fspan_hook *hook, struct pt_regs *regs)
{
	struct fspan_recorder *rec = container_of(hook->hooks, struct fspan_recorder, hooks);
	struct fspan_path *path;
	u64 key;

	path = find_path(rec->tree, level_of(hook, regs), &key);
	look(rec->tree, IS_ERR(path) ? NULL : path, this_cpu_ptr(&fspan_in_tree));
	fspan_record_hit(hook, regs);
}
NOKPROBE_SYMBOL(tree_hit);

const struct fspan_hook_ops fspan_tree_ops = {
	.admit	= fspan_record_admit,
	.enter	= tree_enter,
	.leave	= tree_leave,
	.hit	= tree_hit,
};

void fspan_tree_prepare(struct fspan_recorder *rec)
{
	if (!rec->prog->tree)
		return;
	rec->hooks.ops = &fspan_tree_ops;
	rec->hooks.tree = true;
	rec->member = rec->hooks.call_size - sizeof(struct fspan_call);
	rec->hooks.call_size += sizeof(struct member);
}

static void forget_task(struct fspan_tree *tree, u64 key)
{
	struct fspan_entry *entry = fspan_table_take(tree->tasks, key);

	if (!IS_ERR_OR_NULL(entry))
		fspan_table_put(tree->tasks, entry);
}
NOKPROBE_SYMBOL(forget_task);

/*
 * A task is no more, and has run nothing for a while: it ended within a span. Its memory may be
 * the next one's.
 */
static void notrace task_is_gone(void *unused, struct task_struct *task)
{
	struct fspan_tree *tree;

	preempt_disable_notrace();
	/* we may have interrupted a handler, but none that holds a lock; the spare is its */
	__this_cpu_inc(fspan_busy);
	list_for_each_entry_rcu(tree, &trees, node, true) {
		forget_task(tree, task_key(task, false));
		if (IS_ENABLED(CONFIG_PREEMPT_RT))
			forget_task(tree, task_key(task, true));
	}
	__this_cpu_dec(fspan_busy);
	preempt_enable_notrace();
}
NOKPROBE_SYMBOL(task_is_gone);

/* Nobody is, or comes, in it any more. */
static void destroy(struct fspan_tree *tree)
{
	if (tree->tasks)
		fspan_table_destroy(tree->tasks);
	free_percpu(tree->cpus);
	xa_destroy(&tree->live);
	kfree(tree);
}

static struct fspan_tree *create(const struct fspan_owner *owner)
{
	struct fspan_tree *tree = kzalloc(sizeof(*tree), GFP_KERNEL);
	int ret;

	if (!tree)
		return ERR_PTR(-ENOMEM);
	tree->owner = owner;
	xa_init(&tree->live);
	/* each CPU may keep one */
	tree->tasks = fspan_table_create(MAX_TASKS + num_possible_cpus(),
					 sizeof(struct fspan_path), 0);
	tree->cpus = alloc_percpu(struct of_cpu);
	ret = tree->tasks && tree->cpus ? 0 : -ENOMEM;
	if (!ret && list_empty(&trees))
		ret = tracepoint_probe_register(sched_process_free, task_is_gone, NULL);
	if (ret) {
		destroy(tree);
		return ERR_PTR(ret);
	}
	list_add_rcu(&tree->node, &trees);
	return tree;
}

/* The tree of @owner, with one user more. */
static struct fspan_tree *get(const struct fspan_owner *owner)
{
	struct fspan_tree *tree;

	list_for_each_entry(tree, &trees, node)
		if (tree->owner == owner) {
			tree->users++;
			return tree;
		}
	tree = create(owner);
	if (!IS_ERR(tree))
		tree->users = 1;
	return tree;
}

static void put(struct fspan_tree *tree)
{
	if (--tree->users)
		return;
	list_del_rcu(&tree->node);
	if (list_empty(&trees))
		tracepoint_probe_unregister(sched_process_free, task_is_gone, NULL);
	/* the probe, which may see it still; and at unloading may be in our text */
	tracepoint_synchronize_unregister();
	destroy(tree);
}

int fspan_tree_join(struct fspan_recorder *rec, const struct fspan_owner *owner)
{
	struct fspan_tree *tree;
	int ret;

	lockdep_assert_held(&fspan_arm_mutex);
	if (!rec->prog->tree)
		return 0;
	if (!sched_process_free)
		return -EOPNOTSUPP;
	tree = get(owner);
	if (IS_ERR(tree))
		return PTR_ERR(tree);
	do
		narmings++;
	while (!narmings || xa_load(&tree->live, narmings));
	ret = xa_err(xa_store(&tree->live, narmings, rec, GFP_KERNEL));
	if (ret) {
		put(tree);
		return ret;
	}
	rec->tree = tree;
	rec->arming = narmings;
	return 0;
}

void fspan_tree_retire(struct fspan_recorder *rec)
{
	struct fspan_tree *tree = rec->tree;
	u32 arming = rec->arming;

	lockdep_assert_held(&fspan_arm_mutex);
	if (!tree)
		return;
	WRITE_ONCE(rec->arming, 0);
	xa_erase(&tree->live, arming);
	/* pairs with smp_load_acquire() in look() */
	smp_store_release(&tree->generation, tree->generation + 1);
}

void fspan_tree_part(struct fspan_recorder *rec)
{
	lockdep_assert_held(&fspan_arm_mutex);
	if (!rec->tree)
		return;
	put(rec->tree);
	rec->tree = NULL;
}

static void is_free(struct tracepoint *tp, void *found)
{
	if (!strcmp(tp->name, "sched_process_free"))
		*(struct tracepoint **)found = tp;
}

void fspan_trees_init(void)
{
	u64 first = ktime_get_ns() >> 7;	/* faster than this nobody makes spans */
	int cpu;

	for_each_possible_cpu(cpu)
		per_cpu(next_id, cpu) = first;
	for_each_kernel_tracepoint(is_free, &sched_process_free);
}
