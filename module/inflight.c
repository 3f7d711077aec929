// SPDX-License-Identifier: GPL-2.0
#include <linux/ctype.h>
#include <linux/pid.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/trace_seq.h>

#include "inflight.h"
#include "open.h"
#include "pair.h"
#include "print.h"
#include "record.h"
#include "site.h"

struct show {
	struct seq_file *m;
	struct fspan_recorder *rec;
	struct trace_seq text;
	u8 record[FSPAN_MAX_RECORD];
	struct fspan_call *call;	/* a copy, with its data */
};

/*
 * A copy of @call if it is in flight, and was all the while. The memory is the
 * engine's and stays while the hook is armed.
 */
static bool copy_call(struct fspan_call *copy, const struct fspan_call *call, size_t size)
{
	/* pairs with smp_store_release() at the end of the entry */
	u32 seq = smp_load_acquire(&call->seq);

	if (!(seq & 1))
		return false;
	memcpy(copy, call, size);
	/* pairs with the writes of .seq: if it is another call's now, the copy is nothing */
	smp_rmb();
	return READ_ONCE(call->seq) == seq;
}

/*
 * false: it is not there any more, as if it ended inside. Tasks name themselves: it is to be
 * one line, and to drive no terminal.
 */
static bool task_name(pid_t pid, char *comm)
{
	struct task_struct *task;
	char *p;

	strscpy(comm, pid ? "-" : "swapper", TASK_COMM_LEN);
	if (!pid)
		return true;
	rcu_read_lock();
	task = pid_task(find_pid_ns(pid, &init_pid_ns), PIDTYPE_PID);
	if (task)
		strscpy(comm, task->comm, TASK_COMM_LEN);
	rcu_read_unlock();
	for (p = comm; *p; p++)
		if (!isascii(*p) || !isprint(*p))
			*p = '?';
	return task;
}

/* @function: where it is, or a pair's key */
static void show_copy(struct show *show, const char *function, struct fspan_call *call)
{
	struct fspan_recorder *rec = show->rec;
	const struct fspan_layout *layout = &rec->event->layout;
	u64 age = fspan_clock_age(&rec->hooks.clock, call->start);
	char comm[TASK_COMM_LEN];
	const struct fspan_values values = { .returned = false };
	unsigned int size;
	u32 us;

	/* a call would not return; but what has a key may end elsewhere */
	if (!task_name(call->pid, comm) && !rec->pair && !rec->hooks.declared)
		return;
	us = do_div(age, NSEC_PER_SEC) / 1000;
	memcpy(show->record, call->data, rec->prog->image_size);
	size = fspan_program_fill(rec->prog, call->fields, call->data, &call->faults, &values,
				  show->record, rec->prog->image_size);
	trace_seq_init(&show->text);
	fspan_print_fields(&show->text, layout, show->record, size,
			   rec->prog->entry_fields & call->fields);
	/* what does not fit is cut, and then there is no NUL behind it */
	seq_printf(show->m, "%s/%s %s-%d %llu.%06us %s%.*s\n", rec->event->group, rec->event->name,
		   comm, call->pid, age, us, function, trace_seq_used(&show->text),
		   show->text.buffer);
}

/* @name: of a declaration; NULL: the keys say which it is */
static int show_open(struct show *show, struct fspan_table *table, const char *name)
{
	struct fspan_entry *copy = kvmalloc(fspan_table_entry_size(table), GFP_KERNEL);
	char key[24];
	unsigned int i;
	int ret;

	if (!copy)
		return -ENOMEM;
	for (i = 0; (ret = fspan_table_copy(table, i, copy)) >= 0; i++) {
		if (!ret)
			continue;
		snprintf(key, sizeof(key), "0x%llx", copy->key);
		show_copy(show, name ?: key, fspan_open_call(copy));
		cond_resched();
	}
	kvfree(copy);
	return 0;
}

static void show_call(struct fspan_hook *hook, struct fspan_call *call, void *arg)
{
	struct show *show = arg;

	if (copy_call(show->call, call, show->rec->hooks.call_size))
		show_copy(show, hook->name, show->call);
}

static int show_calls(struct show *show)
{
	struct fspan_hooks *hooks = &show->rec->hooks;
	struct fspan_hook *hook;

	show->call = kvmalloc(hooks->call_size, GFP_KERNEL);
	if (!show->call)
		return -ENOMEM;
	list_for_each_entry(hook, &hooks->list, node)
		fspan_engine_each_call(hook, show_call, show);
	kvfree(show->call);
	return 0;
}

static int show_declared(struct show *show)
{
	struct fspan_hooks *hooks = &show->rec->hooks;
	struct fspan_table *table = fspan_site_open(hooks);
	struct fspan_hook *hook = list_first_entry(&hooks->list, struct fspan_hook, node);

	return table ? show_open(show, table, hook->name) : 0;
}

int fspan_inflight_show(struct seq_file *m, struct fspan_recorder *rec)
{
	struct show *show;
	int ret;

	lockdep_assert_held(&fspan_arm_mutex);
	show = kvmalloc(sizeof(*show), GFP_KERNEL);
	if (!show)
		return -ENOMEM;
	show->m = m;
	show->rec = rec;
	if (rec->pair)
		ret = show_open(show, rec->pair->table, NULL);
	else
		ret = rec->hooks.declared ? show_declared(show) : show_calls(show);
	kvfree(show);
	return ret;
}

static void show_left(unsigned long func, const struct fspan_call *call, void *arg)
{
	struct fspan_call copy;
	char comm[TASK_COMM_LEN];
	u64 age;
	u32 us;

	if (!copy_call(&copy, call, sizeof(copy)))
		return;
	task_name(copy.pid, comm);
	age = ktime_get_mono_fast_ns() - copy.start;
	us = do_div(age, NSEC_PER_SEC) / 1000;
	seq_printf(arg, "- %s-%d %llu.%06us %ps\n", comm, copy.pid, age, us, (void *)func);
}

void fspan_inflight_show_left(struct seq_file *m)
{
	fspan_engine_each_left(show_left, m);
}
