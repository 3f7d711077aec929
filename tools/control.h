/* SPDX-License-Identifier: GPL-2.0 */
/* /dev/fspan: definitions made, owned and removed; the module's errors made ours. */
#ifndef FSPAN_CONTROL_H
#define FSPAN_CONTROL_H

#include "compile.h"
#include "options.h"

struct control {
	int fd;		/* -1: a dry run, which prints what would be written */
};

/*
 * Open it; @own: what is defined goes with this process, the tracing instance
 * @instance too, if it is not NULL. 0, or -1 with @d.
 */
int control_open(struct control *c, bool own, const char *instance, bool dry_run, struct diag *d);
/* Removes nothing that has no owner. */
void control_close(struct control *c);
/*
 * Define @def with the attributes of @o and @attr ("" or one more). A name that
 * is taken gets a number behind it: def->event says what it is.
 */
int control_define(struct control *c, struct definition *def, const struct options *o,
		   const char *attr, struct diag *d);
/*
 * An event may be in use a moment longer than it seems: perf and BPF let go of it by RCU and
 * workers after their descriptors are closed. Waits before try @n + 1, 1.3 s in all of n = 0
 * to 6; false: waited long enough, it is in use.
 */
bool control_wait(int n);
/* "GROUP/EVENT" or "EVENT"; one that is in use is tried until control_wait() says no */
int control_remove(struct control *c, const char *event, struct diag *d);

/* The line of profile of @event, of group fspan without a group: each column. */
void control_profile_each(const char *event,
			  void (*fn)(const char *column, unsigned long long value, void *arg),
			  void *arg);
/* One column's value, or 0; so it is where debugfs cannot be read. */
unsigned long long control_profile(const char *event, const char *column);
/*
 * All that were missed, into @n, with the reasons in @reasons: "3 recursion, 1 instance". False:
 * it is not known, @n is 0.
 */
bool control_missed(const char *event, unsigned long long *n, char *reasons, size_t size);
/* Is what @path switches off? Then calls are not seen, and nobody counts them. */
bool control_is_off(const char *path);
/* How to have debugfs: what to do on this kernel. */
const char *control_no_debugfs(void);

#define CONTROL_DEVICE	"/dev/fspan"
#define CONTROL_DEBUGFS	"/sys/kernel/debug/fspan"
#define CONTROL_FTRACE	"/proc/sys/kernel/ftrace_enabled"
#define CONTROL_KPROBES	"/sys/kernel/debug/kprobes/enabled"

#endif
