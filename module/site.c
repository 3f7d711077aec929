// SPDX-License-Identifier: GPL-2.0
/*
 * A mark is followed as a call of a function is: the values of its fields are put where
 * arguments are, so that the program of fetches, gates and records are the same.
 *
 * Lifetime: a probe is called from the code of the module that declares, which the core keeps
 * from being freed until its tracepoints are quiet. We hear of a module that goes just before
 * the core looks, by the notifier of tracepoints, after the module's exit: the probe is
 * removed, and who is in it waited for, before the table of open spans is freed, and the
 * declaration forgotten. Its code may run on, and come by marks that are branches again. A
 * definition that is removed, or killed, is disarmed in the same way; and since each pins us
 * nobody is in our text when that goes.
 *
 * Context: as an engine's, see engine.h. What is written per CPU is the one's who holds
 * fspan_busy.
 *
 * Locks: the core's mutex of modules with tracepoints (while it notifies), or event_mutex
 * (arming) -> fspan_arm_mutex -> the core's mutex of tracepoints.
 */
#include <linux/module.h>
#include <linux/perf_event.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/tracepoint.h>

#include <linux/fspan.h>

#include "compat/compat.h"
#include "error.h"
#include "gate.h"
#include "open.h"
#include "regs.h"
#include "site.h"
#include "symbol.h"
#include "told.h"

static_assert(FSPAN_SITE_FIELDS == FSPAN_MAX_SITE_ARGS);

/* A declaration that is there; under fspan_arm_mutex. */
struct known {
	struct list_head node;
	struct fspan_site *site;
	bool given;			/* by fspan_site_next() */
	char module[MODULE_NAME_LEN];
};

/* The hook of a set, for as long as that is. */
struct site_hook {
	struct list_head node;		/* in hooked */
	char module[MODULE_NAME_LEN];
	struct fspan_site *site;	/* NULL: its module is not there */
	struct fspan_table *open;	/* of a span, while it is armed */
	struct fspan_hook hook;		/* last: it ends with its name */
};

static LIST_HEAD(known_sites);
static LIST_HEAD(hooked);	/* under fspan_arm_mutex */

/* Of what is marked on this CPU: with preemption off, by who holds fspan_busy. */
static DEFINE_PER_CPU(struct pt_regs, mark_regs);

/* @mark: a begin or a point */
static struct pt_regs *regs_of(const struct fspan_mark *mark)
{
	struct pt_regs *regs = this_cpu_ptr(&mark_regs);
	unsigned int i;

	perf_arch_fetch_caller_regs(regs, mark->ip);
	for (i = 0; i < FSPAN_SITE_FIELDS; i++)
		*(unsigned long *)((void *)regs + fspan_reg_argument_offset(i)) = mark->arg[i];
	return regs;
}
NOKPROBE_SYMBOL(regs_of);

static void begin(struct site_hook *sh, const struct fspan_mark *mark)
{
	struct fspan_hooks *hooks = sh->hook.hooks;
	struct pt_regs *regs = regs_of(mark);
	struct fspan_entry *entry;
	struct fspan_call *call;

	if (hooks->gate && fspan_gate_entry_open() && !hooks->ops->admit(&sh->hook, hooks, regs)) {
		/* its end is not to be that of an older one */
		fspan_open_forget(hooks, sh->open, mark->key, FSPAN_COUNT_MISSED_REUSED, false);
		return;
	}
	entry = fspan_open_get(hooks, sh->open, mark->key);
	if (unlikely(!entry))
		return;
	call = fspan_open_call(entry);
	call->pid = current->pid;
	hooks->ops->enter(&sh->hook, call, regs);
	fspan_open_insert(hooks, sh->open, entry, mark->key);
}
NOKPROBE_SYMBOL(begin);

static void end(struct site_hook *sh, const struct fspan_mark *mark)
{
	struct fspan_entry *entry = fspan_table_take(sh->open, mark->key);

	/* it began when nobody listened, or was missed; -EBUSY: it stays open, see table.h */
	if (IS_ERR_OR_NULL(entry))
		return;
	fspan_count(sh->hook.hooks->counts, FSPAN_COUNT_RETURNED);
	instruction_pointer_set(this_cpu_ptr(&mark_regs), mark->ip);
	/* from registers that were made up nothing could be unwound */
	sh->hook.hooks->ops->leave(&sh->hook, fspan_open_call(entry), NULL, mark->ret);
	fspan_table_put(sh->open, entry);
}
NOKPROBE_SYMBOL(end);

/*
 * What the recorder itself, or an interrupt or NMI in the middle of it, marks. What is open
 * with the key is taken out, so that no later end is taken for its.
 */
static void nested(struct site_hook *sh, const struct fspan_mark *mark)
{
	struct fspan_hooks *hooks = sh->hook.hooks;

	if (mark->what == FSPAN_MARK_END) {
		fspan_open_forget(hooks, sh->open, mark->key, FSPAN_COUNT_MISSED_RECURSION, true);
		return;
	}
	if (mark->what == FSPAN_MARK_BEGIN)
		fspan_open_forget(hooks, sh->open, mark->key, FSPAN_COUNT_MISSED_REUSED, true);
	fspan_missed(hooks, FSPAN_COUNT_MISSED_RECURSION);
}
NOKPROBE_SYMBOL(nested);

static __always_inline void follow(struct site_hook *sh, const struct fspan_mark *mark)
{
	struct fspan_counts __percpu *counts = sh->hook.hooks->counts;

	if (mark->what != FSPAN_MARK_END)
		fspan_count(counts, FSPAN_COUNT_ENTERED);
	/* no place for a mark: an end leaves its span open, until the key begins again */
	if (unlikely(!rcu_is_watching())) {
		if (mark->what != FSPAN_MARK_END)
			fspan_count(counts, FSPAN_COUNT_MISSED_RCU);
		return;
	}
	if (unlikely(!fspan_busy_begin())) {
		nested(sh, mark);
		return;
	}
	if (mark->what == FSPAN_MARK_BEGIN)
		begin(sh, mark);
	else if (mark->what == FSPAN_MARK_END)
		end(sh, mark);
	else
		sh->hook.hooks->ops->hit(&sh->hook, regs_of(mark));
	fspan_busy_end();
}

/* From the tracepoint, in any context; newer kernels leave preemption on. */
static void notrace site_probe(void *data, const struct fspan_mark *mark)
{
	bool preemptible = fspan_compat_probe_preemptible();

	if (preemptible)
		preempt_disable_notrace();
	follow(data, mark);
	if (preemptible)
		preempt_enable_notrace();
}
NOKPROBE_SYMBOL(site_probe);

unsigned long fspan_site_caller(void)
{
	return instruction_pointer(this_cpu_ptr(&mark_regs));
}
NOKPROBE_SYMBOL(fspan_site_caller);

static void free_open(struct site_hook *sh)
{
	if (sh->open)
		fspan_table_destroy(sh->open);
	sh->open = NULL;
}

/* Of a hook whose module is there: what is open, and who is called. */
static int add_probe(struct site_hook *sh)
{
	struct fspan_hooks *hooks = sh->hook.hooks;
	int ret;

	if (!hooks->point) {
		sh->open = fspan_table_create(hooks->max ?: FSPAN_OPEN_MAX, hooks->call_size,
					      hooks->age ?: FSPAN_OPEN_AGE);
		if (!sh->open)
			return -ENOMEM;
	}
	ret = tracepoint_probe_register(sh->site->tp, (void *)site_probe, sh);
	sh->hook.armed = !ret;
	if (ret)
		free_open(sh);
	return ret;
}

static void remove_probe(struct site_hook *sh)
{
	/* for want of memory the core leaves a stub in our place */
	WARN_ON_ONCE(tracepoint_probe_unregister(sh->site->tp, (void *)site_probe, sh));
	/* whoever is called has preemption off: now he is out, and nobody comes */
	tracepoint_synchronize_unregister();
	sh->hook.armed = false;
	free_open(sh);
	fspan_engine_count_left(sh->hook.hooks);
}

static struct site_hook *hook_of(struct fspan_hooks *hooks)
{
	return container_of(list_first_entry(&hooks->list, struct fspan_hook, node),
			    struct site_hook, hook);
}

int fspan_site_arm(struct fspan_hooks *hooks)
{
	struct site_hook *sh = hook_of(hooks);
	int ret;

	lockdep_assert_held(&fspan_arm_mutex);
	ret = sh->site ? add_probe(sh) : 0;
	hooks->armed = !ret;
	return ret;
}

void fspan_site_disarm(struct fspan_hooks *hooks)
{
	struct site_hook *sh = hook_of(hooks);

	lockdep_assert_held(&fspan_arm_mutex);
	if (sh->hook.armed)
		remove_probe(sh);
	hooks->armed = false;
}

struct fspan_table *fspan_site_open(struct fspan_hooks *hooks)
{
	lockdep_assert_held(&fspan_arm_mutex);
	return hook_of(hooks)->open;
}

bool fspan_site_away(struct fspan_hooks *hooks)
{
	lockdep_assert_held(&fspan_arm_mutex);
	return !hook_of(hooks)->site;
}

static bool is_target(const struct site_hook *sh, const struct known *k)
{
	return !strcmp(sh->module, k->module) && !strcmp(sh->hook.name, k->site->name);
}

/* Find the declaration for @sh. Gives what is wrong with it. */
static enum fspan_errcode find_site(struct site_hook *sh, bool present)
{
	bool point = sh->hook.hooks->point;
	struct known *k;

	list_for_each_entry(k, &known_sites, node) {
		if (!is_target(sh, k))
			continue;
		if (k->site->point != point)
			return point ? FSPAN_ERR_SITE_SPAN : FSPAN_ERR_SITE_POINT;
		sh->site = k->site;
		sh->hook.addr = (unsigned long)k->site;
		return FSPAN_OK;
	}
	return present ? FSPAN_ERR_NO_SITE : FSPAN_OK;
}

int fspan_site_attach(struct fspan_hooks *hooks, const struct fspan_spec *spec,
		      struct fspan_error *err)
{
	const struct fspan_target_spec *t = &spec->targets[0];
	const char *name = memchr(t->text, ':', t->len) + 1;	/* the parser has seen to it */
	size_t len = t->text + t->len - name;
	enum fspan_errcode code;
	struct site_hook *sh;
	bool present;

	sh = kzalloc(struct_size(sh, hook.name, len + 1), GFP_KERNEL);
	if (!sh)
		return fspan_error_set(err, FSPAN_ERR_NO_MEMORY, 0);
	sh->hook.hooks = hooks;
	memcpy(sh->module, t->text, min(sizeof(sh->module), (size_t)(name - t->text)) - 1);
	memcpy(sh->hook.name, name, len);
	present = fspan_module_present(sh->module);
	mutex_lock(&fspan_arm_mutex);
	list_add_tail(&sh->hook.node, &hooks->list);
	hooks->n = 1;
	list_add_tail(&sh->node, &hooked);
	code = find_site(sh, present);
	mutex_unlock(&fspan_arm_mutex);
	return code ? fspan_error_set(err, code, t->col) : 0;
}

void fspan_site_detach(struct fspan_hooks *hooks)
{
	struct site_hook *sh;

	if (list_empty(&hooks->list))
		return;
	sh = hook_of(hooks);
	mutex_lock(&fspan_arm_mutex);
	list_del(&sh->node);
	mutex_unlock(&fspan_arm_mutex);
	list_del(&sh->hook.node);
	hooks->n = 0;
	kfree(sh);
}

static void site_comes(struct fspan_site *site, const char *module)
{
	struct site_hook *sh;
	struct known *k;
	int ret;

	list_for_each_entry(k, &known_sites, node)
		if (k->site == site)
			return;
	k = kzalloc(sizeof(*k), GFP_KERNEL);
	if (!k) {
		pr_warn_ratelimited("fspan: no memory for %s of %s\n", site->name, module);
		return;
	}
	k->site = site;
	strscpy(k->module, module, sizeof(k->module));
	list_add_tail(&k->node, &known_sites);
	list_for_each_entry(sh, &hooked, node) {
		if (sh->site || !is_target(sh, k) || find_site(sh, true) != FSPAN_OK)
			continue;
		ret = sh->hook.hooks->armed ? add_probe(sh) : 0;
		if (ret)
			pr_warn_ratelimited("fspan: %s of %s is not followed, error %d\n",
					    site->name, module, ret);
	}
}

static void site_goes(struct fspan_site *site)
{
	struct site_hook *sh;
	struct known *k, *next;

	list_for_each_entry(sh, &hooked, node) {
		if (sh->site != site)
			continue;
		if (sh->hook.armed)
			remove_probe(sh);
		sh->site = NULL;
		sh->hook.addr = 0;
	}
	list_for_each_entry_safe(k, next, &known_sites, node) {
		if (k->site != site)
			continue;
		list_del(&k->node);
		kfree(k);
	}
}

static struct fspan_site *site_at(struct tracepoint *tp)
{
	return strcmp(tp->name, FSPAN_SITE_NAME) ? NULL : container_of(tp, struct fspan_site, head);
}

static int sites_notify(struct notifier_block *nb, unsigned long action, void *data)
{
	struct module *mod = ((struct tp_module *)data)->mod;
	struct fspan_site *site;
	unsigned int i;

	mutex_lock(&fspan_arm_mutex);
	for (i = 0; i < mod->num_tracepoints; i++) {
		site = site_at(tracepoint_ptr_deref(&mod->tracepoints_ptrs[i]));
		if (!site)
			continue;
		if (action == MODULE_STATE_COMING)
			site_comes(site, mod->name);
		else
			site_goes(site);
	}
	mutex_unlock(&fspan_arm_mutex);
	return NOTIFY_OK;
}

static struct notifier_block sites_nb = { .notifier_call = sites_notify };

/* The kernel's own have no module: what they are compiled as is their group. */
static void builtin_comes(struct tracepoint *tp, void *arg)
{
	struct fspan_site *site = site_at(tp);

	if (site)
		site_comes(site, site->group);
}

char *fspan_site_next(const char *module)
{
	struct known *k;
	char *line = NULL;

	mutex_lock(&fspan_arm_mutex);
	list_for_each_entry(k, &known_sites, node) {
		if (k->given || (module && strcmp(module, k->module)))
			continue;
		line = kasprintf(GFP_KERNEL, "%c:%s/%s %%%s:%s%s", k->site->point ? 'p' : 's',
				 k->site->group, k->site->name, k->module, k->site->name,
				 k->site->fields);
		k->given = line;
		break;
	}
	mutex_unlock(&fspan_arm_mutex);
	return line;
}

int fspan_sites_init(void)
{
	mutex_lock(&fspan_arm_mutex);
	for_each_kernel_tracepoint(builtin_comes, NULL);
	mutex_unlock(&fspan_arm_mutex);
	return register_tracepoint_module_notifier(&sites_nb);	/* tells those that are there */
}

void fspan_sites_exit(void)
{
	struct known *k, *next;

	unregister_tracepoint_module_notifier(&sites_nb);
	list_for_each_entry_safe(k, next, &known_sites, node) {
		list_del(&k->node);
		kfree(k);
	}
}
