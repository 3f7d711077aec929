// SPDX-License-Identifier: GPL-2.0
/*
 * failnth STEP...: do each step again and again, each time with the next of its
 * allocations failing (/proc/thread-self/fail-nth), until none is left to fail. Each time
 * it says so by the right errno and nothing came of it, or all of it did. Without a STEP
 * all are done, but those for minutes. Environment: FSPAN_KO, FSPAN_TEST_MODULES, FSPAN_LONG.
 */
#define _GNU_SOURCE
#include <stdbool.h>
#include <sys/stat.h>

#include "util.h"

#define EV	TRACING "/events/fspan/w"
#define INST	TRACING "/instances/faults"
#define FEW	150	/* allocations, of which each fifth is tried; FSPAN_LONG=1: all are */

static int fail_fd, prog, fd = -1;
static const char *step_name;
static int bad, at;

static void complain(const char *what, const char *detail)
{
	printf("FAIL: %s, allocation %d: %s: %s\n", step_name, at, what, detail);
	bad = 1;
}

static void must(int ret, const char *what)
{
	if (ret < 0) {
		complain(what, strerror(-ret));
		exit(1);
	}
}

static bool exists(const char *path)
{
	return !access(path, F_OK);
}

static int number(const char *path)
{
	char buf[64];

	return get(path, buf, sizeof(buf)) > 0 ? atoi(buf) : -1;
}

/* Columns of the profile: functions, armed. */
static void profile(int *functions, int *armed)
{
	static char buf[65536];
	char *p;

	get(DEBUGFS "/profile", buf, sizeof(buf));
	p = strstr(buf, "\nfspan/w ");
	*functions = *armed = -1;
	if (p)
		sscanf(p, "\nfspan/w %d %d", functions, armed);
}

/* The definition is there, and whole, or it is not at all. */
static void check_defined(const char *line, bool want, int want_functions)
{
	static char buf[65536];
	int functions, armed;
	char list[8192];

	get(FSPAN, list, sizeof(list));
	profile(&functions, &armed);
	if (!!strstr(list, line) != want)
		complain(want ? "not in the list" : "in the list", list);
	if (exists(EV) != want)
		complain(want ? "no event" : "an event", EV);
	if (exists(DEBUGFS "/hist/fspan.w") != (want && strstr(line, "hist")))
		complain("file of the histogram", want ? "none" : "left");
	if (!want)
		return;
	if (functions != want_functions)
		complain("functions", buf);
	if (get(EV "/format", buf, sizeof(buf)) <= 0 || !strstr(buf, "print fmt: ") ||
	    !strstr(buf, " stack;") || !exists(EV "/enable") || !exists(EV "/filter"))
		complain("format", buf);
}

static void check_armed(int want)
{
	int functions, armed;

	profile(&functions, &armed);
	if (armed != want)
		complain("armed", armed > 0 ? "yes" : "no");
}

static int define(const char *line)
{
	return put(FSPAN, line, O_APPEND);
}

static void remove_w(void)
{
	must(define("-:w\n"), "remove");
}

/* what a step is about */
static const char *line;
static int functions;

static int run_define(void)
{
	return define(line);
}

static void check_define(int ret)
{
	char text[256];

	snprintf(text, sizeof(text), "%.*s", (int)strlen(line) - 1, line);
	check_defined(text, !ret, functions);
}

static void undo_define(int ret)
{
	if (!ret)
		remove_w();
}

static void prepare_defined(void)
{
	must(define(line), "define");
}

static int run_remove(void)
{
	return define("-:w\n");
}

static void check_remove(int ret)
{
	char text[256];

	snprintf(text, sizeof(text), "%.*s", (int)strlen(line) - 1, line);
	check_defined(text, ret, functions);
}

static void undo_remove(int ret)
{
	if (ret)
		remove_w();
}

static int run_truncate(void)
{
	int f = open(FSPAN, O_WRONLY | O_TRUNC | O_CLOEXEC);

	if (f < 0)
		return -errno;
	close(f);
	return 0;
}

static int run_enable(void)
{
	return put(EV "/enable", "1", 0);
}

static void check_enable(int ret)
{
	check_armed(!ret);
	if (number(EV "/enable") != !ret)
		complain("enabled", ret ? "yes" : "no");
}

static void undo_enable(int ret)
{
	(void)ret;
	must(put(EV "/enable", "0", 0), "disable");
	check_armed(0);
	remove_w();
}

static void prepare_enabled(void)
{
	prepare_defined();
	must(run_enable(), "enable");
	/* open beforehand: what is tried is that disabling itself always works */
	fd = open(EV "/enable", O_WRONLY | O_CLOEXEC);
	must(fd < 0 ? -errno : 0, "open");
}

static int run_disable(void)
{
	return put_fd(fd, "0");
}

static void check_disable(int ret)
{
	check_armed(0);
	if (ret)
		complain("disable", strerror(-ret));
}

static void undo_disable(int ret)
{
	(void)ret;
	if (fd >= 0)
		close(fd);
	fd = -1;
	remove_w();
}

static void prepare_instance(void)
{
	prepare_defined();
	must(mkdir(INST, 0755) ? -errno : 0, "mkdir");
}

static int run_enable_there(void)
{
	return put(INST "/events/fspan/w/enable", "1", 0);
}

static void check_enable_there(int ret)
{
	check_armed(!ret);
}

static void undo_instance(int ret)
{
	(void)ret;
	if (exists(INST))
		must(rmdir(INST) ? -errno : 0, "rmdir");
	check_armed(0);
	remove_w();
}

static void prepare_instance_enabled(void)
{
	prepare_instance();
	must(run_enable_there(), "enable");
}

static int run_rmdir(void)
{
	return rmdir(INST) ? -errno : 0;
}

static void check_rmdir(int ret)
{
	check_armed(!!ret);
	if (exists(INST) != !!ret)
		complain("instance", "half removed");
}

static int run_open(void)
{
	fd = open(FSPAN, O_RDWR | O_APPEND | O_CLOEXEC);
	return fd < 0 ? -errno : 0;
}

static void prepare_open(void)
{
	must(run_open(), "open");
}

static void prepare_read(void)
{
	prepare_defined();
	prepare_open();
}

static int run_read(void)
{
	char buf[4096];

	return read(fd, buf, sizeof(buf)) < 0 ? -errno : 0;
}

static void check_nothing(int ret)
{
	(void)ret;
}

static void close_fd(void)
{
	if (fd >= 0)
		close(fd);
	fd = -1;
}

static void undo_open(int ret)
{
	(void)ret;
	close_fd();
}

static void undo_read(int ret)
{
	(void)ret;
	close_fd();
	remove_w();
}

static int run_own(void)
{
	return put_fd(fd, "@own instance=faults\n");
}

static void check_own(int ret)
{
	if (exists(INST) != !ret)
		complain("instance", ret ? "half made" : "none");
}

/* A work of the module's removes it. */
static void wait_gone(const char *path)
{
	int i;

	for (i = 0; i < 2400 && exists(path); i++)
		usleep(50000);
	if (exists(path))
		complain("not removed", path);
}

static void undo_own(int ret)
{
	(void)ret;
	close_fd();
	wait_gone(INST);
}

static void prepare_owned(void)
{
	prepare_open();
	must(run_own(), "own");
	must(put_fd(fd, line), "define");
	must(run_enable_there(), "enable");
}

static int run_close(void)
{
	close_fd();
	return 0;
}

static void check_close(int ret)
{
	int n, armed;

	(void)ret;
	profile(&n, &armed);
	if (armed > 0)
		complain("armed", "after its owner is gone");
}

static void undo_close(int ret)
{
	(void)ret;
	wait_gone(INST);
	must(run_truncate(), "clear");
	if (exists(EV))
		complain("left", EV);
}

static int run_hist(void)
{
	fd = open(DEBUGFS "/hist/fspan.w", O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : 0;
}

static int id;

static void prepare_id(void)
{
	prepare_defined();
	id = number(EV "/id");
}

static int run_perf(void)
{
	fd = perf_open(id, -1);
	return fd < 0 ? fd : 0;
}

static void prepare_hist(void)
{
	prepare_defined();
	must(run_hist(), "open");
}

static void prepare_perf(void)
{
	prepare_id();
	must(run_perf(), "perf");
}

static void check_listen(int ret)
{
	check_armed(!ret);
}

static void check_left(int ret)
{
	(void)ret;
	check_armed(0);
}

static void undo_listen(int ret)
{
	(void)ret;
	close_fd();
	check_armed(0);
	remove_w();
}

static int run_gate(void)
{
	fd = gate_attach(prog, "fspan_gate_tp");
	return fd < 0 ? fd : 0;
}

static void prepare_late(void)
{
	must(define("s[max=2]:w fspan_late:fspan_late_*\n"), "define");
	must(run_enable(), "enable");
}

static int run_late(void)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/fspan_late.ko", getenv("FSPAN_TEST_MODULES"));
	return load_module(path, "");
}

/* A module that comes while there is no memory is followed, or the log says that it is not. */
static void check_late(int ret)
{
	int n, armed;

	profile(&n, &armed);
	if (armed != 1 || (n != 0 && n != 2) || (ret && n))
		complain("functions of a module", strerror(-ret));
}

static void undo_late(int ret)
{
	if (!ret)
		must(syscall(SYS_delete_module, "fspan_late", 0) ? -errno : 0, "unload");
	undo_enable(0);
}

static void prepare_unloaded(void)
{
	must(syscall(SYS_delete_module, "fspan", 0) ? -errno : 0, "unload");
}

static int run_load(void)
{
	return load_fspan();
}

static void check_load(int ret)
{
	if (exists(FSPAN) != !ret)
		complain("device", ret ? "left" : "none");
}

static void undo_load(int ret)
{
	if (ret)
		must(run_load(), "load");
}

static const struct step {
	const char *name;
	void (*prepare)(void);
	int (*run)(void);
	void (*check)(int ret);
	void (*undo)(int ret);
	const char *line;
	int functions;
	bool slow;
} steps[] = {
	{ "open", NULL, run_open, check_nothing, undo_open, NULL, 0, 0 },
	{ "read", prepare_read, run_read, check_nothing, undo_read, "s:w fspan_test_add\n", 1, 0 },
	{ "span", NULL, run_define, check_define, undo_define,
	  "s[hist=comm,keys=8,stack]:w fspan_test_add a=$arg1:s32 s=+0($arg2):string j=@jiffies\n", 1, 0 },
	{ "list", NULL, run_define, check_define, undo_define,
	  "s:w fspan_test_inner,fspan_test:fspan_test_outer c=$comm\n", 2, 0 },
	{ "glob", NULL, run_define, check_define, undo_define, "s:w fspan_test:fspan_test_o*\n", 2, 0 },
	{ "point", NULL, run_define, check_define, undo_define, "p:w fspan_test_cheap x=$arg1\n", 1, 0 },
	{ "emit", NULL, run_define, check_define, undo_define, "b:w x=$note0:u32\n", 0, 0 },
	{ "later", NULL, run_define, check_define, undo_define, "s:w fspan_late:fspan_late_func\n", 0, 0 },
	{ "own", prepare_open, run_own, check_own, undo_own, NULL, 0, 1 },
	{ "enable", prepare_defined, run_enable, check_enable, undo_enable,
	  "s[max=2]:w fspan_test_inner,fspan_test_outer\n", 2, 0 },
	{ "direct", prepare_defined, run_enable, check_enable, undo_enable,
	  "s[engine=direct,max=2]:w fspan_test_inner,fspan_test_outer\n", 2, 0 },
	{ "enable_tree", prepare_defined, run_enable, check_enable, undo_enable,
	  "s[max=2]:w fspan_test_inner i=$id\n", 1, 0 },
	{ "enable_point", prepare_defined, run_enable, check_enable, undo_enable,
	  "p:w fspan_test_cheap\n", 1, 0 },
	{ "instance", prepare_instance, run_enable_there, check_enable_there, undo_instance,
	  "s[max=2]:w fspan_test_inner\n", 1, 1 },
	{ "hist", prepare_defined, run_hist, check_listen, undo_listen,
	  "s[max=2,hist=pid,keys=4]:w fspan_test_inner\n", 1, 0 },
	{ "perf", prepare_id, run_perf, check_listen, undo_listen,
	  "s[max=2]:w fspan_test_inner\n", 1, 0 },
	{ "gate", NULL, run_gate, check_nothing, undo_open, NULL, 0, 0 },
	{ "remove", prepare_defined, run_remove, check_remove, undo_remove,
	  "s[hist]:w fspan_test_inner a=$arg1\n", 1, 0 },
	{ "remove_emit", prepare_defined, run_remove, check_remove, undo_remove,
	  "b:w x=$note0:u32\n", 0, 0 },
	{ "clear", prepare_defined, run_truncate, check_remove, undo_remove,
	  "s[hist]:w fspan_test_inner a=$arg1\n", 1, 0 },
	{ "module", prepare_late, run_late, check_late, undo_late, NULL, 0, 1 },
	{ "load", prepare_unloaded, run_load, check_load, undo_load, NULL, 0, 1 },
	/* what takes a probe off last: kprobes lose count of themselves when that fails */
	{ "disable", prepare_enabled, run_disable, check_disable, undo_disable,
	  "s[max=2]:w fspan_test_inner,fspan_test_outer\n", 2, 0 },
	{ "disable_dir", prepare_enabled, run_disable, check_disable, undo_disable,
	  "s[engine=direct,max=2]:w fspan_test_inner,fspan_test_outer\n", 2, 0 },
	{ "rmdir", prepare_instance_enabled, run_rmdir, check_rmdir, undo_instance,
	  "s[max=2]:w fspan_test_inner\n", 1, 1 },
	{ "close", prepare_owned, run_close, check_close, undo_close,
	  "s[max=2]:w fspan_test_inner\n", 1, 1 },
	{ "close_hist", prepare_hist, run_close, check_left, undo_disable,
	  "s[max=2,hist]:w fspan_test_inner\n", 1, 0 },
	{ "close_perf", prepare_perf, run_close, check_left, undo_disable,
	  "s[max=2]:w fspan_test_inner\n", 1, 0 },
};

static void walk(const struct step *s)
{
	int refused = 0, coped = 0, refs = number("/sys/module/fspan/refcnt"), ret;
	bool fired = true, whole = getenv("FSPAN_LONG") && atoi(getenv("FSPAN_LONG"));
	char text[16];
	int tried = 0;

	step_name = s->name;
	line = s->line;
	functions = s->functions;
	/* of very many most are alike: an instance has a file for each event there is */
	for (at = whole ? 1 : 1 + getpid() % 5; fired; at += whole ? 1 : at < FEW ? 5 : at / 10) {
		if (s->prepare)
			s->prepare();
		snprintf(text, sizeof(text), "%d", at);
		must(pwrite(fail_fd, text, strlen(text), 0) < 0 ? -errno : 0, "fail-nth");
		ret = s->run();
		memset(text, 0, sizeof(text));
		must(pread(fail_fd, text, sizeof(text) - 1, 0) < 0 ? -errno : 0, "fail-nth");
		must(pwrite(fail_fd, "0", 1, 0) < 0 ? -errno : 0, "fail-nth");
		fired = atoi(text) == 0;
		tried = fired ? at : tried;
		/* of ids the core says only that there is none */
		if (ret && (!fired || (ret != -ENOMEM && ret != -ENOSPC)))
			complain("errno", strerrorname_np(-ret));
		refused += fired && ret;
		coped += fired && !ret;
		s->check(ret);
		s->undo(ret);
		/* what is counted by who is on the way out */
		for (ret = 0; ret < 1200 && number("/sys/module/fspan/refcnt") != refs; ret++)
			usleep(50000);
		if (number("/sys/module/fspan/refcnt") != refs)
			complain("references", "not given back");
		if (bad)
			return;
	}
	printf("%-12s %4d allocations%s: %4d refused, %4d made no difference\n", s->name, tried,
	       tried == refused + coped ? "" : ", not all of them tried", refused, coped);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	unsigned int i;
	int a;

	fail_fd = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	if (fail_fd < 0) {
		perror("/proc/thread-self/fail-nth");
		return 77;
	}
	prog = gate_program();
	must(prog, "program");
	for (i = 0; i < sizeof(steps) / sizeof(steps[0]) && !bad; i++) {
		bool wanted = argc == 1 && !steps[i].slow;

		for (a = 1; a < argc; a++)
			wanted |= !strcmp(argv[a], steps[i].name);
		if (wanted)
			walk(&steps[i]);
	}
	return bad;
}
