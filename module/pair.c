// SPDX-License-Identifier: GPL-2.0
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "error.h"
#include "open.h"
#include "pair.h"
#include "tracepoint.h"

static void init_hooks(struct fspan_hooks *hooks, const struct fspan_hook_ops *ops)
{
	hooks->ops = ops;
	hooks->point = true;
	INIT_LIST_HEAD(&hooks->list);
	INIT_LIST_HEAD(&hooks->batches);
}

struct fspan_pair *fspan_pair_create(struct fspan_recorder *rec, const struct fspan_spec *spec,
				     const char *line, struct fspan_error *err)
{
	struct fspan_pair *pair = kzalloc(sizeof(*pair), GFP_KERNEL);
	int ret;

	if (!pair)
		return ERR_PTR(fspan_error_set(err, FSPAN_ERR_NO_MEMORY, 0));
	pair->rec = rec;
	pair->max = spec->max ?: FSPAN_OPEN_MAX;
	pair->age = spec->age ?: FSPAN_OPEN_AGE;
	INIT_LIST_HEAD(&pair->begins);
	INIT_LIST_HEAD(&pair->ends);
	init_hooks(&rec->hooks, &fspan_pair_begin_ops);
	init_hooks(&pair->end_hooks, &fspan_pair_end_ops);
	ret = fspan_op_init(&pair->key[0], &spec->key[0], line, err) ?:
	      fspan_op_init(&pair->key[1], &spec->key[1], line, err);
	if (ret)
		goto free_pair;
	pair->end_hooks.counts = alloc_percpu(struct fspan_counts);
	if (!pair->end_hooks.counts) {
		ret = fspan_error_set(err, FSPAN_ERR_NO_MEMORY, 0);
		goto free_pair;
	}
	return pair;

free_pair:
	kfree(pair);
	return ERR_PTR(ret);
}

void fspan_pair_free(struct fspan_pair *pair)
{
	free_percpu(pair->end_hooks.counts);
	kfree(pair);
}

/* Is it there at a tracepoint? */
static bool at_tracepoint(const struct fspan_fetch *f)
{
	switch (f->base) {
	case FSPAN_BASE_ARG:
		return f->num < FSPAN_TRACEPOINT_ARGS;
	case FSPAN_BASE_REG:
	case FSPAN_BASE_STACK:
	case FSPAN_BASE_STACK_ADDR:
		return false;
	default:
		return true;
	}
}

/* The key and the fields of one end, where there is a tracepoint. */
static int check_fields(const struct fspan_spec *spec, bool end, struct fspan_error *err)
{
	const struct fspan_field_spec *f = &spec->key[end];
	unsigned int i;

	if (!at_tracepoint(&f->fetch))
		return fspan_error_set(err, FSPAN_ERR_TRACE_FETCH, f->fetch_col);
	for (i = 0; i < spec->nfields; i++) {
		f = &spec->fields[i];
		if (f->at_ret == end && !at_tracepoint(&f->fetch))
			return fspan_error_set(err, FSPAN_ERR_TRACE_FETCH, f->fetch_col);
	}
	return 0;
}

/* A module that is not there is not waited for: its name may be a tracepoint's group. */
static bool found(const struct fspan_hooks *hooks, const struct fspan_target *t)
{
	struct fspan_hook *hook;

	list_for_each_entry(hook, &hooks->list, node)
		if (!strcmp(hook->name, t->name))
			return true;
	return !t->module[0];
}

/* The @n targets @spec of one end: tracepoints to @points, functions to @hooks. */
static int find_end(struct list_head *points, struct fspan_targets *targets,
		    struct fspan_hooks *hooks, const struct fspan_target_spec *spec,
		    unsigned int n, struct fspan_error *err)
{
	struct fspan_target_spec *functions;
	unsigned int i, nfunctions = 0;
	int ret = 0;

	functions = kvcalloc(n, sizeof(*functions), GFP_KERNEL);
	if (!functions)
		return fspan_error_set(err, FSPAN_ERR_NO_MEMORY, 0);
	for (i = 0; i < n; i++) {
		ret = fspan_tracepoint_add(points, hooks, spec[i].text, spec[i].len);
		if (ret == -ENOENT) {
			functions[nfunctions++] = spec[i];
			continue;
		}
		if (ret) {
			fspan_error_set(err, ret == -ENOMEM ? FSPAN_ERR_NO_MEMORY :
					FSPAN_ERR_NO_PROBE, spec[i].col);
			goto free_functions;
		}
	}
	ret = fspan_targets_init(targets, hooks, functions, nfunctions, err);
	for (i = 0; i < targets->n; i++) {
		if (!ret && !found(hooks, &targets->target[i]))
			ret = fspan_error_set(err, FSPAN_ERR_NO_TRACEPOINT, functions[i].col);
		else if (ret && err->code == FSPAN_ERR_NO_FUNCTION &&
			 err->col == functions[i].col && targets->target[i].module[0])
			fspan_error_set(err, FSPAN_ERR_NO_TRACEPOINT, functions[i].col);
	}
free_functions:
	kvfree(functions);
	return ret;
}

/* Is a function both, begin and end? */
static bool meet(const struct fspan_pair *pair)
{
	struct fspan_hook *begin, *end;

	list_for_each_entry(begin, &pair->rec->hooks.list, node)
		list_for_each_entry(end, &pair->end_hooks.list, node)
			if (begin->addr == end->addr)
				return true;
	return false;
}

int fspan_pair_find(struct fspan_pair *pair, struct fspan_targets *begins,
		    const struct fspan_spec *spec, struct fspan_error *err)
{
	int ret;

	ret = find_end(&pair->begins, begins, &pair->rec->hooks, spec->targets, spec->ntargets,
		       err);
	if (!ret && !list_empty(&pair->begins))
		ret = check_fields(spec, false, err);
	if (!ret)
		ret = find_end(&pair->ends, &pair->end_targets, &pair->end_hooks, spec->ends,
			       spec->nends, err);
	if (!ret && !list_empty(&pair->ends))
		ret = check_fields(spec, true, err);
	pair->meet = meet(pair);
	return ret;
}

void fspan_pair_release(struct fspan_pair *pair, struct fspan_targets *begins)
{
	fspan_tracepoints_free(&pair->begins);
	fspan_tracepoints_free(&pair->ends);
	fspan_targets_release(begins, &pair->rec->hooks);
	fspan_targets_release(&pair->end_targets, &pair->end_hooks);
}

/*
 * Ends first: so there is no begin whose end is not seen. Where a place is both, it is an end
 * before it begins again: of a tracepoint's probes the one that came first is the first to
 * run, but of a function's the last.
 */
int fspan_pair_arm(struct fspan_pair *pair)
{
	struct fspan_hooks *begin = &pair->rec->hooks, *end = &pair->end_hooks;
	int ret;

	lockdep_assert_held(&fspan_arm_mutex);
	end->event = begin->event;	/* which was made later than they */
	pair->table = fspan_table_create(pair->max, begin->call_size, pair->age);
	if (!pair->table)
		return -ENOMEM;
	ret = pair->meet ? fspan_engine_arm(begin) : 0;
	if (!ret)
		ret = fspan_engine_arm(end) ?: fspan_tracepoints_arm(&pair->ends) ?:
		      fspan_engine_arm(begin) ?: fspan_tracepoints_arm(&pair->begins);
	if (ret)
		fspan_pair_disarm(pair);
	return ret;
}

/*
 * The engine counts what is left when it has disarmed the begins, and by then there are
 * neither ends any more, nor tracepoints.
 */
void fspan_pair_disarm(struct fspan_pair *pair)
{
	struct fspan_table *table = pair->table;

	lockdep_assert_held(&fspan_arm_mutex);
	fspan_tracepoints_disarm(&pair->begins);
	fspan_tracepoints_disarm(&pair->ends);
	fspan_tracepoints_wait();
	fspan_engine_disarm(&pair->end_hooks);
	fspan_engine_disarm(&pair->rec->hooks);
	pair->table = NULL;
	fspan_table_destroy(table);
}

/* In the order in which they are armed; what was done is not done again. */
int fspan_pair_coming(struct fspan_pair *pair, struct fspan_targets *begins, struct module *mod)
{
	struct fspan_hooks *begin = &pair->rec->hooks, *end = &pair->end_hooks;
	int ret = pair->meet ? fspan_targets_coming(begins, begin, mod->name) : 0;

	fspan_tracepoints_coming(&pair->ends, mod, begin->armed);
	if (!ret)
		ret = fspan_targets_coming(&pair->end_targets, end, mod->name);
	fspan_tracepoints_coming(&pair->begins, mod, begin->armed);
	return ret ?: fspan_targets_coming(begins, begin, mod->name);
}

void fspan_pair_going(struct fspan_pair *pair, const char *module)
{
	fspan_tracepoints_going(&pair->begins, module);
	fspan_tracepoints_going(&pair->ends, module);
	fspan_targets_going(&pair->rec->hooks, module);
	fspan_targets_going(&pair->end_hooks, module);
}
