// SPDX-License-Identifier: GPL-2.0
#include <linux/ftrace.h>
#include <linux/glob.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "error.h"
#include "symbol.h"
#include "target.h"

static bool is_glob(const char *s, size_t len)
{
	return strcspn(s, "*?[") < len;
}

bool fspan_targets_many(const struct fspan_spec *spec)
{
	/* the places of a pair are no choice of functions */
	if (spec->kind == FSPAN_KIND_PAIR)
		return false;
	return spec->ntargets > 1 || (spec->ntargets &&
				      is_glob(spec->targets[0].text, spec->targets[0].len));
}

static struct fspan_hook *add_hook(struct fspan_hooks *hooks, unsigned long addr,
				   const char *name, const char *module)
{
	struct fspan_hook *hook;

	hook = kzalloc(struct_size(hook, name, strlen(name) + 1), GFP_KERNEL);
	if (!hook)
		return NULL;
	hook->hooks = hooks;
	hook->addr = addr;
	strscpy(hook->module, module, sizeof(hook->module));
	strcpy(hook->name, name);
	list_add_tail(&hook->node, &hooks->list);
	hooks->n++;
	return hook;
}

static void remove_hook(struct fspan_hook *hook)
{
	hook->hooks->n--;
	list_del(&hook->node);
	kfree(hook);
}

/* Those behind @last. */
static void drop_hooks(struct fspan_hooks *hooks, const struct list_head *last)
{
	while (hooks->list.prev != last)
		remove_hook(list_last_entry(&hooks->list, struct fspan_hook, node));
}

static struct fspan_hook *find_hook(struct fspan_hooks *hooks, unsigned long addr)
{
	struct fspan_hook *hook;

	list_for_each_entry(hook, &hooks->list, node)
		if (hook->addr == addr)
			return hook;
	return NULL;
}

/* Is there a site of ftrace's? -ENOMEM: not known. */
static int site_at(unsigned long addr)
{
	/* only asked: it is never registered */
	struct ftrace_ops *ops = kzalloc(sizeof(*ops), GFP_KERNEL);
	int ret;

	if (!ops)
		return -ENOMEM;
	ret = ftrace_set_filter_ip(ops, addr, 0, 0);
	ftrace_free_filter(ops);
	kfree(ops);
	return ret == -ENOMEM ? ret : !ret;
}

/* The same of a @hook that was a probe just now. */
static int has_site(struct fspan_hook *hook)
{
	if (IS_ENABLED(CONFIG_KPROBES_ON_FTRACE))
		return kprobe_ftrace(&hook->rp.kp);
	return site_at(hook->addr);
}

/*
 * Where there is no site, kprobes decode the whole function to see whether a jump can take
 * the probe's place. The last one of a module ends, for all that kallsyms knows, with the
 * page: with zeroes, of which the last may be half an instruction, and then they read on
 * behind the module, where nothing need be. 0: so it is not tried. -ENOMEM: not known.
 */
static int may_try(const struct fspan_symbol *sym, unsigned int offset)
{
	if (!sym->module[0] || !PAGE_ALIGNED(sym->start + sym->size))
		return 1;
	return offset ? 0 : site_at(sym->start);
}

static bool matches(const struct fspan_target *t, const char *module, const char *name)
{
	return t->glob && !strcmp(t->module, module) && glob_match(t->name, name);
}

struct glob_walk {
	const struct fspan_targets *targets;
	struct fspan_hooks *hooks;
};

static int add_match(const struct fspan_symbol *sym, void *arg)
{
	struct glob_walk *w = arg;
	struct fspan_hook *hook;
	unsigned int i;
	int ret;

	for (i = 0; i < w->targets->n; i++)
		if (matches(&w->targets->target[i], sym->module, sym->name))
			break;
	if (i == w->targets->n || find_hook(w->hooks, sym->start))
		return 0;
	ret = may_try(sym, w->hooks->offset);
	if (ret <= 0)
		return ret;
	if (w->hooks->n >= FSPAN_MAX_FUNCTIONS)
		return -E2BIG;
	hook = add_hook(w->hooks, sym->start, sym->name, sym->module);
	if (!hook)
		return -ENOMEM;
	hook->by_glob = true;
	return 0;
}

/* What all globs of the module of @t match: a walk over symbols is what costs here. */
static int find_globs(const struct fspan_targets *targets, struct fspan_hooks *hooks,
		      const struct fspan_target *t)
{
	struct glob_walk walk = { targets, hooks };
	const struct fspan_target *first = targets->target;

	while (!first->glob || strcmp(first->module, t->module))
		first++;
	if (first != t)
		return 0;
	return fspan_symbol_walk(t->module[0] ? t->module : NULL, add_match, &walk);
}

static int find_name(struct fspan_hooks *hooks, struct fspan_target *t)
{
	struct fspan_symbol *sym;
	struct fspan_hook *hook;
	char *name = t->name;
	int ret = -ENOENT;

	if (t->module[0])
		name = kasprintf(GFP_KERNEL, "%s:%s", t->module, t->name);
	sym = kmalloc(sizeof(*sym), GFP_KERNEL);
	if (!name || !sym) {
		ret = -ENOMEM;
		goto out;
	}
	t->addr = fspan_symbol_address(name);
	if (!t->addr)
		goto out;
	ret = -EINVAL;
	/* the name is the user's: of two at one address kallsyms knows only one */
	if (!fspan_symbol_at(t->addr, sym) || hooks->offset >= sym->size)
		goto out;
	strscpy(t->module, sym->module, sizeof(t->module));
	hook = find_hook(hooks, t->addr);
	if (hook) {
		hook->by_glob = false;
		ret = 0;
		goto out;
	}
	ret = may_try(sym, hooks->offset);
	if (ret <= 0) {
		ret = ret ?: -EINVAL;
		goto out;
	}
	ret = add_hook(hooks, t->addr, t->name, sym->module) ? 0 : -ENOMEM;
out:
	kfree(sym);
	if (name != t->name)
		kfree(name);
	return ret;
}

/*
 * Keep of the hooks behind @last those that can be probed, and of a glob's
 * those where ftrace has a site: not every symbol is a function.
 */
static int check_hooks(struct fspan_hooks *hooks, struct list_head *last)
{
	unsigned int n = 0, i;
	struct fspan_hook **list, *hook;
	int ret, site;

	if (hooks->list.prev == last)
		return 0;
	list = kvcalloc(hooks->n, sizeof(*list), GFP_KERNEL);
	if (!list)
		return -ENOMEM;
	for (hook = list_entry(last->next, struct fspan_hook, node); &hook->node != &hooks->list;
	     hook = list_next_entry(hook, node))
		list[n++] = hook;
	ret = fspan_engine_check(list, n, hooks->point, hooks->offset);
	for (i = 0; i < n && !ret; i++) {
		site = !!list[i]->addr;
		if (site && list[i]->by_glob)
			site = has_site(list[i]);
		if (site < 0)
			ret = site;
		else if (!site)
			remove_hook(list[i]);
	}
	kvfree(list);
	return ret;
}

/* What @ret says of @t. */
static int target_error(struct fspan_error *err, int ret, const struct fspan_target *t)
{
	switch (ret) {
	case -ENOENT:
		return fspan_error_set(err, FSPAN_ERR_NO_FUNCTION, t->col);
	case -E2BIG:
		return fspan_error_set(err, FSPAN_ERR_MANY_FUNCTIONS, t->col);
	case -ENOMEM:
		return fspan_error_set(err, FSPAN_ERR_NO_MEMORY, t->col);
	case -EINTR:
		return fspan_error_set(err, FSPAN_ERR_INTERRUPTED, t->col);
	case -ESRCH:
		return fspan_error_set(err, FSPAN_ERR_NO_MATCH, t->col);
	default:
		return fspan_error_set(err, FSPAN_ERR_NO_PROBE, t->col);
	}
}

/* Has @t functions, or is none of its module's there yet? */
static int check_target(struct fspan_hooks *hooks, const struct fspan_target *t)
{
	struct fspan_hook *hook;

	if (!t->glob)
		return !t->addr || find_hook(hooks, t->addr) ? 0 : -EINVAL;
	list_for_each_entry(hook, &hooks->list, node)
		if (matches(t, hook->module, hook->name))
			return 0;
	return t->module[0] && !fspan_module_present(t->module) ? 0 : -ESRCH;
}

/*
 * Find the functions of all targets, each of which must have one. All are checked in one go,
 * since that waits for RCU.
 */
static int find_all(struct fspan_targets *targets, struct fspan_hooks *hooks,
		    struct fspan_error *err)
{
	struct fspan_target *t, *end = targets->target + targets->n;
	int ret = 0;

	for (t = targets->target; t < end; t++) {
		ret = t->glob ? find_globs(targets, hooks, t) : find_name(hooks, t);
		if (ret == -ENOENT && t->module[0] && !fspan_module_present(t->module))
			ret = 0;
		if (ret)
			return target_error(err, ret, t);
	}
	ret = check_hooks(hooks, &hooks->list);
	if (ret)
		return target_error(err, ret, targets->target);
	for (t = targets->target; t < end; t++) {
		ret = check_target(hooks, t);
		if (ret)
			return target_error(err, ret, t);
	}
	return 0;
}

/*
 * Those of @module, which has just come: what it has not is no error, nor that there is no
 * room for all. 0 or -ENOMEM.
 */
static int find_coming(struct fspan_targets *targets, struct fspan_hooks *hooks,
		       const char *module)
{
	struct fspan_target *t, *end = targets->target + targets->n;
	struct list_head *last = hooks->list.prev;
	int ret = 0;

	for (t = targets->target; t < end; t++) {
		if (strcmp(t->module, module))
			continue;
		ret = t->glob ? find_globs(targets, hooks, t) : find_name(hooks, t);
		if (ret == -ENOMEM || ret == -EINTR)
			break;
		ret = 0;
	}
	if (!ret)
		ret = check_hooks(hooks, last);
	/* nobody has looked whether they can be probed, and they would be armed all the same */
	if (ret)
		drop_hooks(hooks, last);
	return ret == -ENOMEM ? ret : 0;
}

/* "[MOD:]NAME" */
static int parse_target(struct fspan_target *t, const struct fspan_target_spec *spec)
{
	const char *colon = memchr(spec->text, ':', spec->len);
	const char *name = colon ? colon + 1 : spec->text;
	size_t len = spec->text + spec->len - name;

	if ((colon && colon - spec->text >= sizeof(t->module)) || len >= sizeof(t->name))
		return -ENOENT;
	if (colon)
		memcpy(t->module, spec->text, colon - spec->text);
	memcpy(t->name, name, len);
	t->glob = is_glob(name, len);
	t->col = spec->col;
	return 0;
}

int fspan_targets_init(struct fspan_targets *targets, struct fspan_hooks *hooks,
		       const struct fspan_target_spec *spec, unsigned int n,
		       struct fspan_error *err)
{
	unsigned int i;

	targets->target = kvcalloc(n, sizeof(*targets->target), GFP_KERNEL);
	if (!targets->target)
		return fspan_error_set(err, FSPAN_ERR_NO_MEMORY, 0);
	for (i = 0; i < n; i++) {
		if (parse_target(&targets->target[i], &spec[i]))
			return fspan_error_set(err, FSPAN_ERR_NO_FUNCTION, spec[i].col);
		targets->n++;
	}
	return find_all(targets, hooks, err);
}

void fspan_targets_release(struct fspan_targets *targets, struct fspan_hooks *hooks)
{
	struct fspan_hook *hook, *next;

	list_for_each_entry_safe(hook, next, &hooks->list, node)
		remove_hook(hook);
	kvfree(targets->target);
	targets->target = NULL;
	targets->n = 0;
}

int fspan_targets_coming(struct fspan_targets *targets, struct fspan_hooks *hooks,
			 const char *module)
{
	int ret;

	lockdep_assert_held(&fspan_arm_mutex);
	ret = find_coming(targets, hooks, module);
	if (!ret && hooks->armed)
		ret = fspan_engine_arm_module(hooks, module);
	return ret;
}

void fspan_targets_going(struct fspan_hooks *hooks, const char *module)
{
	struct fspan_hook *hook, *next;

	lockdep_assert_held(&fspan_arm_mutex);
	if (hooks->armed)
		fspan_engine_disarm_module(hooks, module);
	list_for_each_entry_safe(hook, next, &hooks->list, node)
		if (!strcmp(hook->module, module))
			remove_hook(hook);
}
