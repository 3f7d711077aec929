// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "control.h"
#include "file.h"

const char *control_no_debugfs(void)
{
	char *text = file_read("/proc/filesystems");
	bool has = text && strstr(text, "\tdebugfs\n");

	free(text);
	return has ? "mount -t debugfs debugfs /sys/kernel/debug, as root" :
		     "boot with debugfs=on: this kernel was told to have none, or is built without";
}

/* What the module said of the last line, from its error_log. */
static int refused(const char *line, int err, struct diag *d)
{
	char *log = file_read(CONTROL_DEBUGFS "/error_log"), *text, *last = NULL, *caret;
	static char shown[4096];
	size_t len;

	errno = err;
	diag_set(d, -1, "%s refuses this line: %s", CONTROL_DEVICE, strerror(err));
	snprintf(shown, sizeof(shown), "%s", line);
	shown[strcspn(shown, "\n")] = '\0';
	d->text = shown;
	for (text = log; text && (text = strstr(text, "fspan: error: ")); text++)
		last = text + 14;
	if (!last) {
		free(log);
		diag_hint(d, "%s/error_log would say why: %s", CONTROL_DEBUGFS, control_no_debugfs());
		errno = err;
		return -1;
	}
	/* the text, the command, and the caret below it */
	len = strcspn(last, "\n");
	diag_hint(d, "%.*s", (int)len, last);
	caret = strchr(last, '^');
	text = strstr(last, "  Command: ");
	if (caret && text && !strncmp(text + 11, shown, 40)) {
		while (caret > last && caret[-1] != '\n')
			caret--;
		d->col = strcspn(caret, "^") - 11;
	}
	free(log);
	errno = err;
	return -1;
}

static int write_line(struct control *c, const char *line, struct diag *d)
{
	if (c->fd < 0) {
		const char *q;

		/* in single quotes, for a shell */
		printf("echo '");
		for (q = line; *q && *q != '\n'; q++)
			if (*q == '\'')
				printf("'\\''");
			else
				putchar(*q);
		printf("' >> %s\n", CONTROL_DEVICE);
		return 0;
	}
	if (write(c->fd, line, strlen(line)) == (ssize_t)strlen(line))
		return 0;
	return refused(line, errno, d);
}

int control_open(struct control *c, bool own, const char *instance, bool dry_run, struct diag *d)
{
	char line[128];

	c->fd = -1;
	d->text = NULL;
	if (!dry_run)
		c->fd = open(CONTROL_DEVICE, O_WRONLY | O_APPEND | O_CLOEXEC);
	if (c->fd < 0 && !dry_run) {
		int err = errno;

		diag_set(d, -1, "%s: %s", CONTROL_DEVICE, strerror(err));
		if (err == ENOENT)
			diag_hint(d, "load the module: modprobe fspan");
		else if (err == EACCES)
			diag_hint(d, "run as root: the device is root's");
		else if (err == EPERM)
			diag_hint(d, "it takes CAP_PERFMON, and no lockdown of mode confidentiality: fspan doctor");
		return -1;
	}
	if (!own)
		return 0;
	/* who reads would be a caller of many a function himself */
	snprintf(line, sizeof(line), "@own%s%s others\n", instance ? " instance=" : "", instance ?: "");
	return dry_run ? 0 : write_line(c, line, d);
}

void control_close(struct control *c)
{
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
}

static void attributes(const struct definition *def, const struct options *o, const char *attr,
		       char *buf, size_t size)
{
	char part[9][64];
	int n = 0, i;

	if (def->ret_type[0])
		snprintf(part[n++], sizeof(part[0]), "ret=%s", def->ret_type);
	/* what a program emits is no call */
	if (o->longer && !def->emitted)
		snprintf(part[n++], sizeof(part[0]), "min_dur=%llu", o->longer);
	if (o->failed && !def->emitted)
		snprintf(part[n++], sizeof(part[0]), "failed");
	if (o->stack)
		snprintf(part[n++], sizeof(part[0]), "stack");
	if (o->max && !def->emitted)
		snprintf(part[n++], sizeof(part[0]), "max=%d", o->max);
	if (o->engine && !def->emitted)
		snprintf(part[n++], sizeof(part[0]), "engine=%s", o->engine);
	/* who wants a note wants a program to write it */
	if ((o->gate || strstr(def->fields, "$note")) && !def->emitted)
		snprintf(part[n++], sizeof(part[0]), "gate");
	if (o->cookie && !def->emitted)
		snprintf(part[n++], sizeof(part[0]), "cookie=%llu", o->cookie);
	if (*attr)
		snprintf(part[n++], sizeof(part[0]), "%s", attr);
	*buf = '\0';
	for (i = 0; i < n; i++)
		snprintf(buf + strlen(buf), size - strlen(buf), "%s%s", i ? "," : "[", part[i]);
	if (n)
		strcat(buf, "]");
}

bool control_is_off(const char *path)
{
	char *text = file_read(path);
	bool off = text && *text == '0';

	free(text);
	return off;
}

/* Who then sees no call is not to think that there was none. */
static void warn_of_switches(const struct control *c)
{
	static bool done;

	if (done || c->fd < 0)
		return;
	done = true;
	if (control_is_off(CONTROL_FTRACE))
		fprintf(stderr, "fspan: no function is seen: ftrace is off: sysctl kernel.ftrace_enabled=1\n");
	if (control_is_off(CONTROL_KPROBES))
		fprintf(stderr, "fspan: what kprobes are for is not seen: they are off: echo 1 > %s\n",
			CONTROL_KPROBES);
}

int control_define(struct control *c, struct definition *def, const struct options *o,
		   const char *attr, struct diag *d)
{
	char attrs[512], base[sizeof(def->event)], *line;
	int n = 1, ret;

	warn_of_switches(c);
	attributes(def, o, attr, attrs, sizeof(attrs));
	strcpy(base, def->event);
	for (;;) {
		if (asprintf(&line, "%c%s:%s%s%s%s\n",
			     def->emitted ? 'b' : def->pair ? 'c' : 's', attrs,
			     def->event, def->emitted ? "" : " ", def->target, def->fields) < 0)
			abort();
		ret = write_line(c, line, d);
		free(line);
		if (!ret || errno != EEXIST || n == 99)
			return ret;
		snprintf(def->event, sizeof(def->event), "%.58s_%d", base, ++n);
	}
}

bool control_wait(int n)
{
	if (n >= 7)
		return false;
	usleep(10000 << n);
	return true;
}

int control_remove(struct control *c, const char *event, struct diag *d)
{
	char line[160];
	int n = 0, ret;

	snprintf(line, sizeof(line), "-:%s\n", event);
	do {
		ret = write_line(c, line, d);
	} while (ret && errno == EBUSY && control_wait(n++));
	return ret;
}

/* The line of @event in @text, behind the name. */
static const char *profile_line(const char *text, const char *event)
{
	char want[160];
	const char *p;

	snprintf(want, sizeof(want), "\n%s%s ", strchr(event, '/') ? "" : "fspan/", event);
	p = text ? strstr(text, want) : NULL;
	return p ? p + strlen(want) : NULL;
}

void control_profile_each(const char *event,
			  void (*fn)(const char *column, unsigned long long value, void *arg),
			  void *arg)
{
	char *text = file_read(CONTROL_DEBUGFS "/profile"), column[64];
	const char *line = profile_line(text, event), *head;
	size_t len;

	/* the head's first word is "event" */
	for (head = text; line && *(head += strcspn(head, " \n")) == ' ';) {
		len = strcspn(++head, " \n");
		snprintf(column, sizeof(column), "%.*s", (int)len, head);
		fn(column, strtoull(line, NULL, 10), arg);
		line += strcspn(line, " \n");
		line += *line == ' ';
	}
	free(text);
}

struct wanted {
	const char *column;
	unsigned long long value;
};

static void look_for(const char *column, unsigned long long value, void *arg)
{
	struct wanted *w = arg;

	if (!strcmp(column, w->column))
		w->value = value;
}

unsigned long long control_profile(const char *event, const char *column)
{
	struct wanted w = { .column = column };

	control_profile_each(event, look_for, &w);
	return w.value;
}

struct missed {
	char *reasons;
	size_t size, at;
	unsigned long long *all;
	bool known;
};

static void add_missed(const char *column, unsigned long long value, void *arg)
{
	struct missed *m = arg;

	m->known = true;
	/* what is inside when the last listener leaves is no fault */
	if (!value || strncmp(column, "missed_", 7) || !strcmp(column, "missed_disarmed"))
		return;
	*m->all += value;
	m->at += snprintf(m->reasons + m->at, m->at < m->size ? m->size - m->at : 0, "%s%llu %s",
			  m->at ? ", " : "", value, column + 7);
}

bool control_missed(const char *event, unsigned long long *n, char *reasons, size_t size)
{
	struct missed m = { .reasons = reasons, .size = size, .all = n };

	*n = 0;
	*reasons = '\0';
	control_profile_each(event, add_missed, &m);
	return m.known;
}
