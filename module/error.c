// SPDX-License-Identifier: GPL-2.0
/* The table of errors, and the log of the last ones in tracefs' form. */
#include <linux/errno.h>
#ifdef __KERNEL__
#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/math64.h>
#include <linux/mutex.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#endif

#include "error.h"

static const struct {
	int errno_;
	const char *text;
} errors[FSPAN_NR_ERRORS] = {
#define FSPAN_ERROR_ROW(name, errno, text) [FSPAN_ERR_##name] = { errno, text },
	FSPAN_ERRORS(FSPAN_ERROR_ROW)
#undef FSPAN_ERROR_ROW
};

int fspan_error_errno(enum fspan_errcode code)
{
	return -errors[code].errno_;
}

int fspan_error_set(struct fspan_error *err, enum fspan_errcode code, unsigned int col)
{
	err->code = code;
	err->col = col;
	return fspan_error_errno(code);
}

#ifdef __KERNEL__

#define LOG_ENTRIES	8	/* as many as tracefs' error_log keeps */
#define LOG_WINDOW	256	/* of a long line, what is shown around the column */

struct log_entry {
	struct list_head node;
	u64 ns;			/* boot clock */
	enum fspan_errcode code;
	unsigned int caret;	/* column within line */
	char line[];
};

static LIST_HEAD(log_list);
static unsigned int log_count;
static DEFINE_MUTEX(log_lock);

/* A log that cannot be written for want of memory loses the entry, not the errno. */
void fspan_error_log(const struct fspan_error *err, const char *line)
{
	size_t len = strlen(line), from = 0;
	struct log_entry *e;

	if (len > LOG_WINDOW) {
		if (err->col > LOG_WINDOW / 2)
			from = min_t(size_t, err->col - LOG_WINDOW / 2, len - LOG_WINDOW);
		len = LOG_WINDOW;
	}
	e = kmalloc(sizeof(*e) + len + 1, GFP_KERNEL);
	if (!e)
		return;
	e->ns = ktime_get_boottime_ns();
	e->code = err->code;
	e->caret = min_t(size_t, err->col - from, len);
	memcpy(e->line, line + from, len);
	e->line[len] = '\0';

	mutex_lock(&log_lock);
	list_add_tail(&e->node, &log_list);
	if (++log_count > LOG_ENTRIES) {
		e = list_first_entry(&log_list, struct log_entry, node);
		list_del(&e->node);
		kfree(e);
		log_count--;
	}
	mutex_unlock(&log_lock);
}

void fspan_error_log_show(struct seq_file *m)
{
	struct log_entry *e;
	char *p;

	mutex_lock(&log_lock);
	list_for_each_entry(e, &log_list, node) {
		u64 sec = e->ns;
		u32 us = do_div(sec, NSEC_PER_SEC) / 1000;

		seq_printf(m, "[%5llu.%06u] fspan: error: %s\n", sec, us, errors[e->code].text);
		seq_puts(m, "  Command: ");
		/* what is not text must not reach a terminal, nor move the caret */
		for (p = e->line; *p; p++)
			seq_putc(m, *p >= ' ' && *p < 0x7f ? *p : *p == '\t' ? ' ' : '?');
		seq_printf(m, "\n           %*s^\n", e->caret, "");
	}
	mutex_unlock(&log_lock);
}

void fspan_error_log_clear(void)
{
	struct log_entry *e, *next;

	mutex_lock(&log_lock);
	list_for_each_entry_safe(e, next, &log_list, node) {
		list_del(&e->node);
		kfree(e);
	}
	log_count = 0;
	mutex_unlock(&log_lock);
}

#endif
