// SPDX-License-Identifier: GPL-2.0
/*
 * The file of a histogram. Who has it open is a listener, and shares the table.
 *
 * Who opens the file takes event_mutex and what nests in it, and never
 * fspan_span_mutex: the remover of a definition holds that while debugfs_remove()
 * waits for those inside open and read. An opener that comes after the event was
 * unpublished is told so under event_mutex; one that came before is a listener,
 * and there is no removal. So the definition is there in open and read. In release
 * it is there until leave() is done, and not to be touched after it.
 */
#include <linux/bitmap.h>
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/trace_seq.h>

#include "error.h"
#include "event.h"
#include "eventlock.h"
#include "hist.h"
#include "print.h"

static struct dentry *dir;

/* An open file; what it reads is under the lock of its seq_file. */
struct reader {
	struct fspan_hist *hist;
	struct fspan_hist_table *table;
	/* since it was last read from the start: */
	DECLARE_BITMAP(ready, FSPAN_MAX_KEYS);	/* slots that had a key */
	struct fspan_hist_cell rest;		/* calls whose key had no room */
	/* of one line: */
	loff_t pos;
	struct fspan_hist_cell sum;
	struct trace_seq text;
};

/* Positions: the head, the slots, and those without room. */
static void *seek(struct reader *r, loff_t *pos)
{
	unsigned int keys = r->hist->keys;

	if (*pos > 0 && *pos <= keys)
		*pos = 1 + find_next_bit(r->ready, keys, *pos - 1);
	r->pos = *pos;
	return *pos <= keys + 1 ? r : NULL;
}

static void *seq_start(struct seq_file *m, loff_t *pos)
{
	struct reader *r = m->private;

	if (!*pos) {
		fspan_hist_ready(r->table, r->ready);
		fspan_hist_rest(r->table, &r->rest);
	}
	return seek(r, pos);
}

static void *seq_next(struct seq_file *m, void *v, loff_t *pos)
{
	++*pos;
	return seek(m->private, pos);
}

static void seq_stop(struct seq_file *m, void *v)
{
}

static void show_cell(struct seq_file *m, const char *key, const struct fspan_hist_cell *c)
{
	u64 calls = fspan_hist_calls(c);
	unsigned int i;

	/* a key that is just coming has no call as yet */
	if (!calls)
		return;
	seq_printf(m, "%s calls=%llu errors=%llu sum=%llu min=%llu max=%llu", key, calls,
		   c->errors, c->sum, ~c->not_min, c->max);
	for (i = 0; i < FSPAN_HIST_BUCKETS; i++)
		if (c->bucket[i])
			seq_printf(m, " %llu:%llu", fspan_hist_bucket_low(i), c->bucket[i]);
	seq_putc(m, '\n');
}

static void show_key(struct seq_file *m, struct reader *r, unsigned int at)
{
	const struct fspan_hist *hist = r->hist;
	unsigned int len;
	const void *key;

	key = fspan_hist_key(r->table, r->ready, at, &len, &r->sum);
	if (!key)
		return;
	trace_seq_init(&r->text);
	if (hist->by == FSPAN_HIST_BY_NOTHING)
		trace_seq_putc(&r->text, '-');
	else
		fspan_print_key(&r->text, &hist->type, key, len);
	trace_seq_putc(&r->text, '\0');
	show_cell(m, r->text.buffer, &r->sum);
}

static int seq_show(struct seq_file *m, void *v)
{
	struct reader *r = m->private;

	if (!r->pos)
		seq_printf(m, "key=%s keys=%u overflow=%llu\n", r->hist->name, r->hist->keys,
			   fspan_hist_calls(&r->rest));
	else if (r->pos <= r->hist->keys)
		show_key(m, r, r->pos - 1);
	else
		show_cell(m, "*", &r->rest);
	return 0;
}

static const struct seq_operations hist_seq_ops = {
	.start	= seq_start,
	.next	= seq_next,
	.stop	= seq_stop,
	.show	= seq_show,
};

/* What open and release do under event_mutex. */
struct change {
	struct fspan_hist *hist;
	struct fspan_hist_table *table;	/* for the first who opens; from the last who closes */
	struct fspan_hist_table *shared;
};

static int join(void *arg)
{
	struct change *c = arg;
	struct fspan_hist *hist = c->hist;
	bool first = !hist->opens;
	int ret;

	if (first && !c->table)
		return -EAGAIN;
	/* before the functions are hooked, so that every call that is seen is counted */
	if (first)
		rcu_assign_pointer(hist->table, c->table);
	ret = fspan_event_listen(hist->event);
	if (ret) {
		if (first)
			RCU_INIT_POINTER(hist->table, NULL);
		return ret;
	}
	hist->opens++;
	c->shared = rcu_dereference_protected(hist->table, true);
	if (first)
		c->table = NULL;
	return 0;
}

static int leave(void *arg)
{
	struct change *c = arg;
	struct fspan_hist *hist = c->hist;

	fspan_event_unlisten(hist->event);
	if (!--hist->opens) {
		c->table = rcu_dereference_protected(hist->table, true);
		RCU_INIT_POINTER(hist->table, NULL);
	}
	return 0;
}

static int hist_open(struct inode *inode, struct file *file)
{
	struct change c = { .hist = inode->i_private };
	struct reader *r = kvzalloc(sizeof(*r), GFP_KERNEL);
	int ret;

	if (!r)
		return -ENOMEM;
	ret = seq_open(file, &hist_seq_ops);
	if (ret)
		goto free_reader;
	ret = fspan_eventlock_run(join, &c);
	if (ret == -EAGAIN) {
		/* the memory may be much: not while event_mutex is held */
		c.table = fspan_hist_table_create(c.hist);
		ret = c.table ? fspan_eventlock_run(join, &c) : -ENOMEM;
		fspan_hist_table_free(c.table);	/* refused, or another was first */
	}
	if (ret)
		goto release_seq;
	r->hist = c.hist;
	r->table = c.shared;
	((struct seq_file *)file->private_data)->private = r;
	return 0;

release_seq:
	seq_release(inode, file);
free_reader:
	kvfree(r);
	return ret;
}

static int hist_release(struct inode *inode, struct file *file)
{
	struct reader *r = ((struct seq_file *)file->private_data)->private;
	struct change c = { .hist = r->hist };

	fspan_eventlock_run_surely(leave, &c);
	/* the definition may be gone by now */
	fspan_hist_table_free(c.table);
	kvfree(r);
	return seq_release(inode, file);
}

static const struct file_operations hist_fops = {
	.owner		= THIS_MODULE,
	.open		= hist_open,
	.read		= seq_read,
	.llseek		= seq_lseek,
	.release	= hist_release,
};

static void init_key(struct fspan_hist *hist, const struct fspan_layout *layout,
		     const struct fspan_hist_spec *spec)
{
	const struct fspan_field *field;

	hist->by = spec->by;
	hist->keys = spec->keys;
	memcpy(hist->name, spec->key ?: "-", spec->key ? spec->key_len : 1);
	switch (spec->by) {
	case FSPAN_HIST_BY_NOTHING:
		break;
	case FSPAN_HIST_BY_FUNC:
		hist->type.format = FSPAN_FORMAT_SYMBOL;
		hist->type.size = sizeof(long);
		break;
	case FSPAN_HIST_BY_COMM:
		hist->type.format = FSPAN_FORMAT_COMM;
		hist->type.size = 1;
		break;
	case FSPAN_HIST_BY_PID:
		hist->type.format = FSPAN_FORMAT_SIGNED;
		hist->type.size = sizeof(pid_t);
		break;
	case FSPAN_HIST_BY_RET:
		hist->type = layout->ret_type;
		hist->offset = layout->ret;
		break;
	case FSPAN_HIST_BY_FIELD:
		field = &layout->fields[spec->field];
		hist->type = field->type;
		hist->offset = field->offset;
		hist->fields = 1U << spec->field;
		break;
	}
}

int fspan_hist_init(struct fspan_hist *hist, struct fspan_event *event,
		    const struct fspan_spec *spec, struct fspan_error *err)
{
	char name[2 * FSPAN_NAME_LEN];

	if (!spec->has_hist)
		return 0;
	hist->event = event;
	init_key(hist, &event->layout, &spec->hist);
	/* both are identifiers, without a dot */
	snprintf(name, sizeof(name), "%s.%s", event->group, event->name);
	hist->file = debugfs_create_file(name, 0400, dir, hist, &hist_fops);
	if (!IS_ERR(hist->file))
		return 0;
	return fspan_error_set(err, PTR_ERR(hist->file) == -ENOMEM ? FSPAN_ERR_NO_MEMORY :
			       FSPAN_ERR_HIST_FILE, 0);
}

void fspan_hist_release(struct fspan_hist *hist)
{
	debugfs_remove(hist->file);	/* waits for those in open and read */
}

void fspan_hist_dir_init(struct dentry *parent)
{
	dir = debugfs_create_dir("hist", parent);
}
