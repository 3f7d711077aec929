// SPDX-License-Identifier: GPL-2.0
/*
 * torture SECONDS SEED: tasks that define, enable, trace, filter, read, remove and are
 * killed, while modules, fspan itself, CPUs and instances come and go. Now and then all
 * pause: then the counts must add up, all must go, and the module be loaded anew. Prints
 * how often each thing was done. Fails if one was never done, or said what it may not.
 * Environment: FSPAN_KO, FSPAN_TEST_MODULES.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "fspan_test.h"
#include "util.h"

#define NAMES	12
#define SLOTS	6
#define ROUND	8	/* seconds between two pauses */

enum { CALM_NO, CALM_YES, CALM_END };

static struct shared {
	volatile int calm, resting;
	volatile int wrong;
	struct { volatile unsigned long done, refused; } op[32];
} *shared;

static int workers;
static int slot[SLOTS];		/* what is held open */

static void complain(const char *fmt, ...)
{
	va_list ap;

	shared->wrong = 1;
	printf("FAIL: ");
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
	fflush(stdout);
}

static const char *pick(const char *const *list, int n)
{
	return list[rnd(n)];
}
#define PICK(list) pick(list, sizeof(list) / sizeof((list)[0]))

static const char *event(void)
{
	static char name[16];

	snprintf(name, sizeof(name), "t%u", rnd(NAMES));
	return name;
}

/* A file of an event, in the top instance or another. */
static const char *event_file(const char *event, const char *file)
{
	static const char *const where[] = { "", "/instances/x", "/instances/y", "/instances/z" };
	static char path[256];

	snprintf(path, sizeof(path), TRACING "%s/events/fspan/%s/%s", PICK(where), event, file);
	return path;
}

/* one line, and whether it names only functions that are always there */
static char line[512];
static bool in_kernel;

static void make_line(const char *name)
{
	static const char *const attrs[] = {
		"", "", "", "[max=16]", "[stack]", "[gate]", "[gate,stack,max=20]", "[hist]",
		"[hist=comm,keys=20]", "[hist=pid,max=17]", "[failed]", "[min_dur=1us,hist=func]",
		"[engine=kretprobe]", "[engine=kretprobe,stack]", "[engine=kretprobe,max=16,hist=pid]",
		"[engine=kretprobe,gate]",
	};
	static const char *const targets[] = {
		"fspan_test_add", "fspan_test_inner", "fspan_test_outer", "fspan_test_kstr",
		"fspan_test_ustr", "fspan_test_sleep", "fspan_test_hang", "fspan_test_exit",
		"fspan_test:fspan_test_[aio]*", "fspan_test_inner,fspan_test_outer", "vfs_read",
		"fspan_test_recurse", "do_sys_openat2", "try_to_wake_up", "fspan_late:fspan_late_func",
		"fspan_late:fspan_late_*",
	};
	static const char *const points[] = { "fspan_test_add", "fspan_test_cheap", "vfs_read" };
	static const char *const fields[] = {
		"", "a=$arg1:s32", "s=+0($arg1):string", "s=+0($arg1):ustring c=$comm",
		"q=+8($arg1):x16 n=$nvcsw", "t=+0($arg1):u8[3]", "r@ret=+0($arg2):u32",
		"s@ret=+0($arg1):string x=$arg2", "d=@jiffies g=$cgroup", "p=+0(+8(+16($arg1))):u64",
		"i=$id u=$parent n=$depth", "n=$depth:u8",
	};
	if (!rnd(12))
		snprintf(line, sizeof(line), "b:%s x=$note0:u32 c=$comm\n", name);
	else if (!rnd(8))
		snprintf(line, sizeof(line), "p:%s %s a=$arg1 s=+0($arg1):string\n", name, PICK(points));
	else
		snprintf(line, sizeof(line), "s%s:%s %s %s\n", PICK(attrs), name, PICK(targets),
			 PICK(fields));
	in_kernel = !strstr(line, " fspan_");
}

/* What is always there can be refused for its name only. */
static int define(int fd)
{
	int ret;

	make_line(event());
	ret = put_fd(fd, line);
	if (ret && ret != -EEXIST && (in_kernel || (ret != -ENOENT && ret != -EINVAL)))
		complain("%s of %s", strerrorname_np(-ret), line);
	return ret;
}

static int op_define(void)
{
	int fd = open(FSPAN, O_WRONLY | O_APPEND | O_CLOEXEC), ret;

	if (fd < 0)
		return -errno;
	ret = define(fd);
	close(fd);
	return ret;
}

/* The instance is there, or going. */
static void own(int fd, const char *instance)
{
	char text[64];
	int ret;

	snprintf(text, sizeof(text), "@own%s\n", instance);
	ret = put_fd(fd, text);
	if (ret && (ret != -EEXIST || !instance[0]))
		complain("%s of %s", strerrorname_np(-ret), text);
}

static int op_remove(void)
{
	char line[32];

	snprintf(line, sizeof(line), "-:%s\n", event());
	return put(FSPAN, line, O_APPEND);
}

static int op_clear(void)
{
	int fd = rnd(8) ? -1 : open(FSPAN, O_WRONLY | O_TRUNC | O_CLOEXEC);

	if (fd < 0)
		return -EBUSY;
	close(fd);
	return 0;
}

static int op_enable(void)
{
	return put(event_file(event(), "enable"), "1", 0);
}

static int op_disable(void)
{
	return put(event_file(event(), "enable"), "0", 0);
}

static int op_all(void)
{
	return put(TRACING "/events/fspan/enable", rnd(2) ? "1" : "0", 0);
}

static int op_filter(void)
{
	static const char *const filters[] = { "0", "dur > 1000", "ret == 0 || a > 3", "s ~ \"x*\"" };

	return put(event_file(event(), "filter"), PICK(filters), 0);
}

static const char *const triggers[] = { "stacktrace", "hist:keys=common_pid", "traceoff:1" };

static int op_trigger(void)
{
	char text[64];

	snprintf(text, sizeof(text), "%s%s", rnd(2) ? "!" : "", PICK(triggers));
	return put(event_file(event(), "trigger"), text, O_APPEND);
}

static int op_read(void)
{
	static const char *const files[] = {
		FSPAN, DEBUGFS "/profile", DEBUGFS "/inflight", DEBUGFS "/error_log",
		TRACING "/trace", TRACING "/instances/x/trace", TRACING "/instances/y/trace_pipe",
		TRACING "/set_event",
	};
	static char buf[32768];
	int n = get(rnd(3) ? PICK(files) : event_file(event(), rnd(2) ? "format" : "hist"), buf,
		    sizeof(buf));

	if (n > 0 && (strstr(buf, "record is too short") || strstr(buf, "Unknown type")))
		complain("read: %s", buf);
	return n < 0 ? n : 0;
}

static int op_instance(void)
{
	static const char *const names[] = { "x", "y", "z" };
	char path[64];

	snprintf(path, sizeof(path), TRACING "/instances/%s", PICK(names));
	return (rnd(4) ? mkdir(path, 0755) : rmdir(path)) ? -errno : 0;
}

static int event_id(void)
{
	char buf[32];
	int n = get(event_file(event(), "id"), buf, sizeof(buf));

	return n < 0 ? n : atoi(buf);
}

static int perf_on(void)
{
	int id = event_id();

	return id < 0 ? id : perf_open(id, rnd(2) ? (int)rnd(2) : -1);
}

/* Hold something open for a while. */
static int op_hold(void)
{
	int *s = &slot[rnd(SLOTS)], fd, prog;
	char path[64], text[64];

	if (*s > 0)
		close(*s);
	*s = 0;
	switch (rnd(7)) {
	case 0:
	case 1:
		snprintf(path, sizeof(path), DEBUGFS "/hist/fspan.%s", event());
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd >= 0 && read(fd, text, sizeof(text)) < 0)
			complain("histogram: %s", strerror(errno));
		break;
	case 2:
	case 3:
		fd = perf_on();
		break;
	case 4:
		prog = gate_program();
		fd = gate_attach(prog, rnd(2) ? "fspan_gate_tp" : "fspan_gate_entry_tp");
		close(prog);
		break;
	case 5:
		fd = open(event_file(event(), rnd(2) ? "format" : "filter"), O_RDONLY | O_CLOEXEC);
		break;
	default:
		fd = open(FSPAN, O_RDWR | O_APPEND | O_CLOEXEC);
		if (fd >= 0) {
			own(fd, rnd(2) ? "" : " instance=z");
			define(fd);
		}
	}
	if (fd < 0)
		return fd == -1 ? -errno : fd;
	*s = fd;
	return 0;
}

static int call(unsigned long cmd, uint64_t a, uint64_t b)
{
	struct fspan_test_call c = { .arg = { a, b } };
	int fd = open("/dev/fspan_test", O_RDWR | O_CLOEXEC), ret;

	if (fd < 0)
		return -errno;
	ret = ioctl(fd, cmd, &c) ? -errno : 0;
	close(fd);
	return ret;
}

static int op_call(void)
{
	static const unsigned long cmds[] = {
		FSPAN_TEST_ADD, FSPAN_TEST_OUTER, FSPAN_TEST_RECURSE, FSPAN_TEST_FAIL,
		FSPAN_TEST_SLEEP, FSPAN_TEST_EXIT, FSPAN_TEST_LOOP, FSPAN_TEST_PTR,
	};
	unsigned int n = rnd(10);

	if (n >= sizeof(cmds) / sizeof(cmds[0]))
		return call(n & 1 ? FSPAN_TEST_USTR : FSPAN_TEST_KSTR, (uintptr_t)"a string", 0);
	return call(cmds[n], rnd(30), rnd(30));
}

static int op_calls(void)
{
	usleep(1000);
	return op_call();
}

/* A child that owns, enables and calls, or hangs in a function, and is killed anywhere. */
static int op_kill(void)
{
	pid_t pid = fork();
	int fd, i;

	if (pid < 0)
		return -errno;
	if (!pid) {
		fd = open(FSPAN, O_RDWR | O_APPEND | O_CLOEXEC);
		if (fd >= 0) {
			own(fd, rnd(2) ? "" : " instance=y");
			for (i = 0; i < 3; i++) {
				define(fd);
				op_enable();
				op_call();
			}
		}
		call(FSPAN_TEST_HANG, 1, 0);
		_exit(0);
	}
	usleep(rnd(2) ? rnd(3000) : rnd(200000));
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return 0;
}

static int op_module(void)
{
	static const char *const names[] = { "fspan_test", "fspan_late" };
	const char *name = PICK(names);
	char path[256];

	usleep(rnd(500000));
	if (!syscall(SYS_delete_module, name, O_NONBLOCK))
		usleep(rnd(500000));
	snprintf(path, sizeof(path), "%s/%s.ko", getenv("FSPAN_TEST_MODULES"), name);
	return load_module(path, "");
}

/* Mostly there are definitions, and it is refused. */
static int op_unload(void)
{
	int ret;

	usleep(rnd(500000));
	if (syscall(SYS_delete_module, "fspan", O_NONBLOCK))
		return -errno;
	/* somebody may hold what its file system or gate is made of for a moment */
	ret = load_fspan();
	if (ret)
		complain("fspan is not loaded again: %s", strerror(-ret));
	return ret;
}

static int op_cpu(void)
{
	char path[64];

	usleep(rnd(2000000));
	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%u/online",
		 1 + rnd(sysconf(_SC_NPROCESSORS_CONF) - 1));
	return put(path, rnd(3) ? "1" : "0", 0);
}

/*
 * What may be said: GONE where the device, the event or the instance is not there, or is on
 * its way; MODULE where a function's module is. What is not here is wrong.
 */
#define GONE	ENOENT, ENODEV
#define MODULE	ENOENT, EINVAL

struct op {
	const char *name;
	int (*fn)(void);
	int weight;
	int may[8];
};

static const struct op ops[] = {
	/* the name is taken */
	{ "define", op_define, 20, { GONE, MODULE, EEXIST } },
	/* in use, or somebody else's */
	{ "remove", op_remove, 8, { GONE, EBUSY, EPERM } },
	{ "clear", op_clear, 4, { GONE, EBUSY } },
	/* ENODEV: its owner is dead, too */
	{ "enable", op_enable, 16, { GONE, MODULE } },
	{ "disable", op_disable, 12, { GONE } },
	/* EINVAL: there is no event */
	{ "all", op_all, 2, { GONE, MODULE } },
	/* the event has not the field */
	{ "filter", op_filter, 6, { GONE, EINVAL } },
	/* it has it already; ENOENT: not yet; EPERM: the core's -1, if hist cannot enable it */
	{ "trigger", op_trigger, 4, { GONE, MODULE, EEXIST, EPERM } },
	/* another reads the pipe, or there is nothing in it */
	{ "read", op_read, 10, { GONE, EBUSY, EAGAIN } },
	{ "instance", op_instance, 4, { GONE, EEXIST, EBUSY } },
	{ "hold", op_hold, 10, { GONE, MODULE } },
	{ "call", op_call, 30, { GONE } },
	{ "kill", op_kill, 6, { 0 } },
};
#define NOPS ((int)(sizeof(ops) / sizeof(ops[0])))

/* tasks that do one thing */
static const struct op alone[] = {
	/* used, there already, or not yet gone */
	{ "module", op_module, 1, { EEXIST, EBUSY } },
	{ "unload", op_unload, 1, { EAGAIN } },
	/* the last one stays */
	{ "cpu", op_cpu, 1, { EBUSY } },
	{ "caller", op_calls, 1, { GONE } },
};
#define NALONE ((int)(sizeof(alone) / sizeof(alone[0])))

static bool may(const struct op *op, int err)
{
	unsigned int i;

	for (i = 0; i < sizeof(op->may) / sizeof(op->may[0]); i++)
		if (op->may[i] == err)
			return true;
	return false;
}

static void rest(void)
{
	int i;

	for (i = 0; i < SLOTS; i++) {
		if (slot[i] > 0)
			close(slot[i]);
		slot[i] = 0;
	}
	if (shared->calm == CALM_END)
		_exit(0);
	__atomic_add_fetch(&shared->resting, 1, __ATOMIC_SEQ_CST);
	while (shared->calm == CALM_YES)
		usleep(10000);
	__atomic_sub_fetch(&shared->resting, 1, __ATOMIC_SEQ_CST);
}

static void work(const struct op *op, int at)
{
	int i, n, sum = 0, ret;

	for (i = 0; i < NOPS; i++)
		sum += ops[i].weight;
	for (;;) {
		if (shared->calm)
			rest();
		if (at < NOPS) {
			for (i = 0, n = rnd(sum); n >= ops[i].weight; i++)
				n -= ops[i].weight;
			op = &ops[i];
			at = i;
		}
		ret = op->fn();
		if (!ret)
			shared->op[at].done++;
		else
			shared->op[at].refused++;
		if (ret && !may(op, -ret))
			complain("%s: %s", op->name, strerrorname_np(-ret));
	}
}

static void start(const struct op *op, int at, uint64_t seed)
{
	pid_t pid = fork();

	if (pid < 0)
		exit(2);
	if (!pid) {
		rnd_seed(seed);
		work(op, at);
	}
	workers++;
}

/* Nobody works: all counts add up, and nothing is in flight when nothing is armed. */
static void check_counts(void)
{
	static char buf[262144];
	char *line, *save, *word, *more;
	unsigned long long n[16], sum;
	int i, k;

	get(DEBUGFS "/profile", buf, sizeof(buf));
	line = strtok_r(buf, "\n", &save);
	while ((line = strtok_r(NULL, "\n", &save))) {
		char copy[512];

		snprintf(copy, sizeof(copy), "%s", line);
		for (k = 0, word = strtok_r(copy, " ", &more); word && k < 17;
		     word = strtok_r(NULL, " ", &more), k++)
			if (k)
				n[k - 1] = strtoull(word, NULL, 10);
		/* functions armed entered written dropped*4 missed*5 inflight */
		for (sum = 0, i = 3; i <= 13; i++)
			sum += n[i];
		if (k < 15 || n[2] != sum || n[1] || n[13])
			complain("counts do not add up: %s", line);
	}
}

static void each_instance(void (*fn)(const char *))
{
	DIR *dir = opendir(TRACING "/instances");
	struct dirent *d;
	char path[320];

	fn(TRACING);
	while (dir && (d = readdir(dir))) {
		if (d->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), TRACING "/instances/%s", d->d_name);
		fn(path);
	}
	if (dir)
		closedir(dir);
}

static void quiet(const char *instance)
{
	char path[512], text[64];
	unsigned int i, t;

	snprintf(path, sizeof(path), "%s/events/enable", instance);
	put(path, "0", 0);
	for (i = 0; i < NAMES; i++) {
		for (t = 0; t < sizeof(triggers) / sizeof(triggers[0]); t++) {
			snprintf(path, sizeof(path), "%s/events/fspan/t%u/trigger", instance, i);
			snprintf(text, sizeof(text), "!%s", triggers[t]);
			put(path, text, O_APPEND);
		}
	}
	snprintf(path, sizeof(path), "%s/tracing_on", instance);
	put(path, "1", 0);
	if (strcmp(instance, TRACING))
		rmdir(instance);
}

static void pause_all(int end)
{
	char buf[4096];
	int i, fd, ret = 0;

	shared->calm = end ? CALM_END : CALM_YES;
	if (end)
		while (wait(NULL) > 0 || errno == EINTR)
			;
	else
		while (shared->resting < workers)
			usleep(10000);
	for (i = 1; i < sysconf(_SC_NPROCESSORS_CONF); i++) {
		snprintf(buf, sizeof(buf), "/sys/devices/system/cpu/cpu%d/online", i);
		put(buf, "1", 0);
	}
	each_instance(quiet);
	check_counts();
	/* what the dead had is let go of by a work of the module's */
	for (i = 0; i < 1200; i++) {
		fd = open(FSPAN, O_WRONLY | O_TRUNC | O_CLOEXEC);
		if (fd >= 0) {
			close(fd);
			ret = syscall(SYS_delete_module, "fspan", O_NONBLOCK) ? -errno : 0;
		} else {
			ret = -errno;
		}
		if (!ret)
			break;
		usleep(100000);
	}
	if (ret) {
		get(FSPAN, buf, sizeof(buf));
		complain("not unloaded: %s: %s", strerrorname_np(-ret), buf);
		get(DEBUGFS "/profile", buf, sizeof(buf));
		printf("%s\n", buf);
	} else {
		ret = load_fspan();
		if (ret)
			complain("not loaded again: %s", strerror(-ret));
	}
	if (!end) {
		shared->calm = CALM_NO;
		while (shared->resting)
			usleep(10000);
	}
}

/* That there is nothing in use, or nothing defined, is luck. */
static bool needs_luck(const struct op *op)
{
	return op->fn == op_unload || op->fn == op_clear;
}

static const struct op *nth(int i)
{
	return i < NOPS ? &ops[i] : &alone[i - NOPS];
}

static bool all_done(void)
{
	int i;

	for (i = 0; i < NOPS + NALONE; i++)
		if (!shared->op[i].done && !needs_luck(nth(i)))
			return false;
	return true;
}

int main(int argc, char **argv)
{
	uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 1;
	time_t until = time(NULL) + (argc > 1 ? atoi(argv[1]) : 30), round;
	int i;

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		      -1, 0);
	if (shared == MAP_FAILED)
		return 2;
	for (i = 0; i < NALONE; i++)
		start(&alone[i], NOPS + i, seed * 1000 + i);
	for (i = 0; i < 6; i++)
		start(NULL, 0, seed * 1000 + 100 + i);
	/* on a loaded machine until each has been done, or the case has no time left */
	while ((time(NULL) < until || !all_done()) && !shared->wrong) {
		for (round = time(NULL) + ROUND; time(NULL) < round && !shared->wrong;)
			usleep(100000);
		pause_all(0);
	}
	pause_all(1);
	for (i = 0; i < NOPS + NALONE; i++)
		printf("%-9s %7lu done %7lu refused\n", nth(i)->name, shared->op[i].done,
		       shared->op[i].refused);
	return shared->wrong;
}
