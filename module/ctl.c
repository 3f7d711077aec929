// SPDX-License-Identifier: GPL-2.0
#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/security.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <uapi/linux/fspan.h>

#include "ctl.h"
#include "error.h"
#include "owner.h"
#include "parse.h"
#include "span.h"

#define MAX_LINE	(256 * 1024)

/* An open /dev/fspan; all of it under fspan_span_mutex. */
struct ctl {
	struct fspan_owner *owner;
	char *tail;		/* of a write that did not end with a line */
	size_t tail_len;
};

/* What perf would ask for, and what kprobes are forbidden by. */
static int may_use(void)
{
	int ret;

	if (!perfmon_capable())
		return -EPERM;
	ret = security_locked_down(LOCKDOWN_KPROBES);
	return ret ?: security_locked_down(LOCKDOWN_TRACEFS);
}

static int own(struct ctl *ctl, const struct fspan_spec *spec, const char *line,
	       struct fspan_error *err)
{
	struct fspan_owner *owner;
	unsigned int col = strchr(line, '@') - line;

	if (ctl->owner)
		return fspan_error_set(err, FSPAN_ERR_OWN_TWICE, col);
	if (spec->instance[0])
		col = strchr(line, '=') + 1 - line;
	owner = fspan_owner_create(spec->instance, spec->others, col, err);
	if (IS_ERR(owner))
		return PTR_ERR(owner);
	ctl->owner = owner;
	return 0;
}

static int run_spec(struct ctl *ctl, const struct fspan_spec *spec, const char *line,
		    struct fspan_error *err)
{
	switch (spec->kind) {
	case FSPAN_KIND_OWN:
		return own(ctl, spec, line, err);
	case FSPAN_KIND_REMOVE:
		return fspan_span_remove(spec, ctl->owner, err);
	case FSPAN_KIND_SPAN:
	case FSPAN_KIND_POINT:
	case FSPAN_KIND_PAIR:
	case FSPAN_KIND_EMIT:
		return fspan_span_define(spec, line, ctl->owner, err);
	case FSPAN_KIND_NOTHING:
		break;
	}
	return 0;
}

/* @line of @len bytes, with a NUL behind them. */
static int run_line(struct ctl *ctl, char *line, size_t len)
{
	struct fspan_error err = {};
	struct fspan_spec *spec;
	int ret;

	lockdep_assert_held(&fspan_span_mutex);
	spec = kvmalloc(sizeof(*spec), GFP_KERNEL);
	if (!spec)
		return -ENOMEM;
	spec->targets = NULL;
	spec->ends = NULL;
	if (len > MAX_LINE)
		ret = fspan_error_set(&err, FSPAN_ERR_TOO_LONG, MAX_LINE);
	else if (strlen(line) != len)	/* a NUL within */
		ret = fspan_error_set(&err, FSPAN_ERR_BAD_BYTE, strlen(line));
	else
		ret = fspan_parse(line, spec, &err) ?: run_spec(ctl, spec, line, &err);
	if (ret)
		fspan_error_log(&err, line);
	fspan_spec_release(spec);
	kvfree(spec);
	return ret;
}

static int run_tail(struct ctl *ctl)
{
	char *tail = ctl->tail;
	int ret;

	if (!tail)
		return 0;
	ctl->tail = NULL;
	ret = run_line(ctl, tail, ctl->tail_len);
	kvfree(tail);
	return ret;
}

/* The lines of @buf; a rest without newline is kept if @more may follow, else a line too. */
static int run_lines(struct ctl *ctl, char *buf, size_t len, bool more)
{
	char *p = buf, *end = buf + len, *nl;
	int ret;

	while (p < end) {
		nl = memchr(p, '\n', end - p);
		if (!nl && more && end - p <= MAX_LINE) {
			ctl->tail = kvmalloc(end - p + 1, GFP_KERNEL);
			if (!ctl->tail)
				return -ENOMEM;
			memcpy(ctl->tail, p, end - p + 1);
			ctl->tail_len = end - p;
			return 0;
		}
		if (!nl)
			nl = end;
		*nl = '\0';
		ret = run_line(ctl, p, nl - p);
		if (ret)
			return ret;
		p = nl + 1;
	}
	return 0;
}

/*
 * A line may come in pieces: programs that write through a buffer cut at a
 * multiple of its size, and we cut what is too long. A write of any other size
 * is whole, so that its last line gets its error without a newline too.
 */
static ssize_t ctl_write(struct file *file, const char __user *ubuf, size_t count, loff_t *ppos)
{
	struct ctl *ctl = ((struct seq_file *)file->private_data)->private;
	size_t len = min_t(size_t, count, MAX_LINE);
	bool more = len < count || !(count % 4096);
	size_t before;
	char *buf;
	int ret;

	ret = may_use();
	if (ret || !count)
		return ret;
	mutex_lock(&fspan_span_mutex);
	before = ctl->tail ? ctl->tail_len : 0;
	buf = kvmalloc(before + len + 1, GFP_KERNEL);
	ret = -ENOMEM;
	if (!buf)
		goto unlock;
	ret = -EFAULT;
	if (copy_from_user(buf + before, ubuf, len))
		goto free_buf;
	if (before) {
		memcpy(buf, ctl->tail, before);
		kvfree(ctl->tail);
		ctl->tail = NULL;
	}
	buf[before + len] = '\0';
	ret = run_lines(ctl, buf, before + len, more);
free_buf:
	kvfree(buf);
unlock:
	mutex_unlock(&fspan_span_mutex);
	return ret ?: len;
}

/* Of each descriptor that is closed: a child that ends has one of its own, and writes no more. */
static int ctl_flush(struct file *file, fl_owner_t id)
{
	struct ctl *ctl = ((struct seq_file *)file->private_data)->private;
	int ret;

	if (file_count(file) > 1)
		return 0;
	mutex_lock(&fspan_span_mutex);
	ret = run_tail(ctl);
	mutex_unlock(&fspan_span_mutex);
	return ret;
}

/* What can be written back; what has an owner as a comment, since it will be gone. */
static int ctl_show(struct seq_file *m, void *v)
{
	struct fspan_span *span;

	mutex_lock(&fspan_span_mutex);
	list_for_each_entry(span, &fspan_spans, node) {
		if (span->dead)
			seq_printf(m, "# dead: %s\n", span->line);
		else if (span->owner)
			seq_printf(m, "# pid %d: %s\n", fspan_owner_pid(span->owner), span->line);
		else
			seq_printf(m, "%s\n", span->line);
	}
	mutex_unlock(&fspan_span_mutex);
	return 0;
}

static int ctl_open(struct inode *inode, struct file *file)
{
	struct ctl *ctl;
	int ret;

	ret = may_use();
	if (ret)
		return ret;
	ctl = kzalloc(sizeof(*ctl), GFP_KERNEL);
	if (!ctl)
		return -ENOMEM;
	file->private_data = NULL;	/* misc put its device there, seq_file wants it */
	ret = single_open(file, ctl_show, ctl);
	if (ret)
		goto free_ctl;
	/* the last step: who is told that it failed has lost nothing */
	if ((file->f_mode & FMODE_WRITE) && (file->f_flags & O_TRUNC)) {
		mutex_lock(&fspan_span_mutex);
		ret = fspan_spans_clear();
		mutex_unlock(&fspan_span_mutex);
	}
	if (!ret)
		return 0;
	single_release(inode, file);
free_ctl:
	kfree(ctl);
	return ret;
}

static int ctl_release(struct inode *inode, struct file *file)
{
	struct ctl *ctl = ((struct seq_file *)file->private_data)->private;

	mutex_lock(&fspan_span_mutex);
	/* when the last two were closed at once */
	run_tail(ctl);
	if (ctl->owner)
		fspan_owner_destroy(ctl->owner);
	mutex_unlock(&fspan_span_mutex);
	kfree(ctl);
	return single_release(inode, file);
}

/* fopen(..., "a") seeks to the end */
static loff_t ctl_llseek(struct file *file, loff_t offset, int whence)
{
	if (file->f_mode & FMODE_READ)
		return seq_lseek(file, offset, whence);
	return noop_llseek(file, offset, whence);
}

static const struct file_operations ctl_fops = {
	.owner		= THIS_MODULE,
	.open		= ctl_open,
	.release	= ctl_release,
	.read		= seq_read,
	.llseek		= ctl_llseek,
	.write		= ctl_write,
	.flush		= ctl_flush,
};

static struct miscdevice ctl_dev = {
	.minor	= MISC_DYNAMIC_MINOR,
	.name	= FSPAN_DEVICE,
	.fops	= &ctl_fops,
	.mode	= 0600,
};

int fspan_ctl_init(void)
{
	return misc_register(&ctl_dev);
}

void fspan_ctl_exit(void)
{
	misc_deregister(&ctl_dev);
}
