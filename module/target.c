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

static bool have_hook(struct fspan_hooks *hooks, unsigned long addr)
{
	struct fspan_hook *hook;

	list_for_each_entry(hook, &hooks->list, node)
		if (hook->addr == addr)
			return true;
	return false;
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

struct glob_walk {
	struct fspan_hooks *hooks;
	const char *glob;
};

static int add_match(const struct fspan_symbol *sym, void *arg)
{
	struct glob_walk *w = arg;
	int ret;

	if (!glob_match(w->glob, sym->name) || have_hook(w->hooks, sym->start))
		return 0;
	ret = may_try(sym, w->hooks->offset);
	if (ret <= 0)
		return ret;
	if (w->hooks->n >= FSPAN_MAX_FUNCTIONS)
		return -E2BIG;
	return add_hook(w->hooks, sym->start, sym->name, sym->module) ? 0 : -ENOMEM;
}

/*
 * Keep of the hooks behind @last those that can be probed, and of a glob's
 * those where ftrace has a site: not every symbol is a function.
 */
static int check_hooks(struct fspan_hooks *hooks, struct list_head *last, bool glob)
{
	unsigned int n = 0, i;
	struct fspan_hook **list, *hook;
	int kept = 0, site, ret;

	list = kvcalloc(hooks->n, sizeof(*list), GFP_KERNEL);
	if (!list)
		return -ENOMEM;
	for (hook = list_entry(last->next, struct fspan_hook, node); &hook->node != &hooks->list;
	     hook = list_next_entry(hook, node))
		list[n++] = hook;
	ret = fspan_engine_check(list, n, hooks->point, hooks->offset);
	for (i = 0; i < n && !ret; i++) {
		site = list[i]->addr && glob ? has_site(list[i]) : !!list[i]->addr;
		if (site < 0)
			ret = site;
		else if (!site)
			remove_hook(list[i]);
		else
			kept++;
	}
	kvfree(list);
	return ret ?: kept;
}

/* Hooks for one target, as far as its functions are there. Gives how many. */
static int resolve_glob(struct fspan_hooks *hooks, const struct fspan_target *t)
{
	struct glob_walk walk = { hooks, t->name };
	struct list_head *last = hooks->list.prev;
	int ret;

	ret = fspan_symbol_walk(t->module[0] ? t->module : NULL, add_match, &walk);
	return ret ?: check_hooks(hooks, last, true);
}

static int resolve_name(struct fspan_hooks *hooks, struct fspan_target *t)
{
	struct list_head *last = hooks->list.prev;
	struct fspan_symbol *sym;
	unsigned long addr;
	char *name = t->name;
	int ret = -ENOENT;

	if (t->module[0])
		name = kasprintf(GFP_KERNEL, "%s:%s", t->module, t->name);
	sym = kmalloc(sizeof(*sym), GFP_KERNEL);
	if (!name || !sym) {
		ret = -ENOMEM;
		goto out;
	}
	addr = fspan_symbol_address(name);
	if (!addr)
		goto out;
	ret = -EINVAL;
	/* the name is the user's: of two at one address kallsyms knows only one */
	if (!fspan_symbol_at(addr, sym) || hooks->offset >= sym->size)
		goto out;
	strscpy(t->module, sym->module, sizeof(t->module));
	ret = 0;
	if (have_hook(hooks, addr))
		goto out;
	ret = may_try(sym, hooks->offset);
	if (ret <= 0) {
		ret = ret ?: -EINVAL;
		goto out;
	}
	ret = -ENOMEM;
	if (!add_hook(hooks, addr, t->name, sym->module))
		goto out;
	ret = check_hooks(hooks, last, false);
	if (!ret)
		ret = -EINVAL;
out:
	kfree(sym);
	if (name != t->name)
		kfree(name);
	return ret;
}

static bool module_present(const char *module)
{
	char name[MODULE_NAME_LEN + sizeof(":__this_module")];

	snprintf(name, sizeof(name), "%s:__this_module", module);
	return fspan_symbol_address(name);
}

static int resolve(struct fspan_hooks *hooks, struct fspan_target *t, unsigned int col,
		   struct fspan_error *err)
{
	bool waits = t->module[0] && !module_present(t->module);
	struct list_head *last = hooks->list.prev;
	int ret;

	ret = t->glob ? resolve_glob(hooks, t) : resolve_name(hooks, t);
	/* nobody has looked whether they can be probed; a module's would be armed all the same */
	if (ret < 0)
		drop_hooks(hooks, last);
	switch (ret) {
	case 0:
		if (t->glob && !waits)
			return fspan_error_set(err, FSPAN_ERR_NO_MATCH, col);
		return 0;
	case -ENOENT:
		return waits ? 0 : fspan_error_set(err, FSPAN_ERR_NO_FUNCTION, col);
	case -E2BIG:
		return fspan_error_set(err, FSPAN_ERR_MANY_FUNCTIONS, col);
	case -ENOMEM:
		return fspan_error_set(err, FSPAN_ERR_NO_MEMORY, col);
	case -EINTR:
		return fspan_error_set(err, FSPAN_ERR_INTERRUPTED, col);
	default:
		return ret < 0 ? fspan_error_set(err, FSPAN_ERR_NO_PROBE, col) : 0;
	}
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
	return 0;
}

int fspan_targets_init(struct fspan_targets *targets, struct fspan_hooks *hooks,
		       const struct fspan_spec *spec, const char *line, struct fspan_error *err)
{
	unsigned int i;
	int ret;

	targets->target = kvcalloc(spec->ntargets, sizeof(*targets->target), GFP_KERNEL);
	if (!targets->target)
		return fspan_error_set(err, FSPAN_ERR_NO_MEMORY, 0);
	for (i = 0; i < spec->ntargets; i++) {
		struct fspan_target *t = &targets->target[i];
		unsigned int col = spec->targets[i].col;

		if (parse_target(t, &spec->targets[i]))
			return fspan_error_set(err, FSPAN_ERR_NO_FUNCTION, col);
		targets->n++;
		ret = resolve(hooks, t, col, err);
		if (ret)
			return ret;
	}
	return 0;
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
	struct fspan_error err;
	unsigned int i;
	int ret = 0;

	lockdep_assert_held(&fspan_arm_mutex);
	for (i = 0; i < targets->n && !ret; i++) {
		struct fspan_target *t = &targets->target[i];

		/* a module that has not what the user waits for is no error */
		if (!strcmp(t->module, module) && resolve(hooks, t, 0, &err))
			ret = err.code == FSPAN_ERR_NO_MEMORY ? -ENOMEM : 0;
	}
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
