// SPDX-License-Identifier: GPL-2.0
/*
 * hostile SECONDS SEED: write random and mutated definitions to /dev/fspan, arm what is
 * taken, and call it with pointers that lead nowhere. Fails if an errno is none of those
 * that a line may have, or if what is read cannot be written back. Prints what it did;
 * the same seed does the same.
 */
#define _GNU_SOURCE
#include <stdbool.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>

#include "fspan_test.h"
#include "util.h"

#define MAX 8192

static int bad;
static unsigned long taken, refused, calls, faulty;

#define PICK(list) ((list)[rnd(sizeof(list) / sizeof((list)[0]))])

static const char *const kinds[] = { "s", "s", "s", "s", "p", "b", "c", "x", "", "ss" };
static const char *const attrs[] = {
	"min_dur=1us", "min_dur=18446744073709551615", "min_dur=-1", "failed", "gate", "cookie=7",
	"cookie=0xffffffffffffffff", "hist", "hist=comm", "hist=a", "hist=ret", "keys=4096", "keys=9",
	"stack", "max=1", "max=17", "max=4294967296", "ret=void", "ret=s32", "ret=b3@4/8", "foo", "",
	"max=", "=", "hist=pid", "engine=direct", "engine=direct", "engine=kretprobe", "engine=",
};
static const char *const targets[] = {
	"fspan_test_add", "fspan_test_add", "fspan_test_add,fspan_test_inner", "fspan_test_*",
	"fspan_test:fspan_test_[aio]*", "fspan_test_add+1", "fspan_test_add+4", "fspan_test_add+0xffff",
	"nowhere:func", "no_such_function", "fspan_test_noprobe", "*[", "[", "?", "vmlinux:vfs_read",
	":", "a:b:c", ",", "fspan_test_add,,", "fspan_test_seven", "init_task", "_stext",
	"fspan:*", "fspan:fspan_write", "kprobe_ftrace_handler", "__x64_sys_getpid",
};
static const char *const bases[] = {
	"$arg1", "$arg2", "$arg2", "$arg3", "$arg16", "$arg17", "$arg0", "$retval", "$stack", "$stack0",
	"$stack511", "$stack512", "$comm", "$pid", "$cpu", "$cgroup", "$nvcsw", "$nivcsw", "$note0",
	"$id", "$parent", "$depth",
	"$note8", "@jiffies", "@init_task", "@no_such", "@0xffffffff81000000", "@0", "\\1", "\\-1",
	"\\0x8000000000000000", "%ax", "%sp", "%ip", "%x0", "%nosuch", "$", "@", "", "\\",
};
static const char *const types[] = {
	"", ":u8", ":u64", ":s32", ":x16", ":char", ":bool", ":symbol", ":string", ":ustring", ":u8[64]",
	":u64[3]", ":char[16]", ":string[2]", ":b3@5/16", ":b64@0/64", ":b1@63/64", ":b65@0/64", ":u7",
	":", ":u8[0]", ":u8[65]", ":u8[18446744073709551617]", ":b0@0/8", ":symbol[2]",
};
static const char *const names[] = {
	"a", "b", "c", "dur", "ret", "func", "stack", "faults", "common_pid", "9", "a@ret", "b@ret", "",
	"an_identifier_that_is_longer_than_31_letters", "_", "a-b",
};

static char line[MAX];
static size_t len;

static void add(const char *s)
{
	size_t n = strlen(s);

	if (len + n < MAX - 1) {
		memcpy(line + len, s, n);
		len += n;
	}
}

static void add_fetch(int depth)
{
	static const long offsets[] = {
		0, 0, 8, 1, 7, -8, 4095, 4096, 0x7fffffff, -2147483648L, 0x7fffffffffffffffL,
	};
	char text[48];

	if (depth < 10 && rnd(3)) {
		snprintf(text, sizeof(text), "+%s%ld(", rnd(4) ? "" : "u", PICK(offsets));
		add(text);
		add_fetch(depth + 1);
		if (rnd(60))
			add(")");
		return;
	}
	add(PICK(bases));
}

static void make_line(void)
{
	unsigned int i, n;
	char text[32];

	len = 0;
	add(PICK(kinds));
	if (!rnd(3)) {
		add("[");
		for (i = 0, n = 1 + rnd(3); i < n; i++) {
			if (i)
				add(",");
			add(PICK(attrs));
		}
		if (rnd(30))
			add("]");
	}
	if (rnd(40))
		add(":");
	if (!rnd(6))
		add(rnd(2) ? "grp/" : "fspan_core/");
	snprintf(text, sizeof(text), "h%u", rnd(30));
	add(text);
	add(" ");
	add(PICK(targets));
	for (i = 0, n = rnd(rnd(20) ? 4 : 40); i < n; i++) {
		add(" ");
		add(PICK(names));
		add("=");
		add_fetch(0);
		add(PICK(types));
	}
}

/* A line that is good, and then is not quite. */
static void good_line(void)
{
	static const char *const lines[] = {
		"s[stack,hist=a,keys=9]:h1 fspan_test_add a=$arg2:x64 b=+0($arg2):string c=+0($arg2):ustring",
		"s[gate]:h2 fspan_test_add,fspan_test_inner a=+u0(+8($arg2)):u64 b=$note1:u16 c@ret=+0($arg2):u8[9]",
		"p[stack]:h3 fspan_test_add a=+-8($arg2):x8[64] b=+0($arg2):string c=$comm",
		"s[max=20,failed]:h4 fspan_test_* a@ret=+0($arg2):ustring b=+1(+2(+3($arg2))):b3@5/16",
		"b[cookie=3]:h5 a=+0($note0):string b=$note1:symbol c=@jiffies",
		"-:h1", "-:grp/h2", "@own", "@own instance=h", "# a comment",
	};

	len = 0;
	add(PICK(lines));
}

static void mutate(void)
{
	unsigned int n = rnd(4), at, k;

	while (n-- && len) {
		at = rnd(len);
		switch (rnd(6)) {
		case 0:
			line[at] = rnd(256);
			break;
		case 1:
			line[at] ^= 1 << rnd(8);
			break;
		case 2:		/* cut */
			k = 1 + rnd(len - at);
			memmove(line + at, line + at + k, len - at - k);
			len -= k;
			break;
		case 3:		/* a piece twice */
			k = rnd(len - at);
			if (len + k < MAX) {
				memmove(line + at + k, line + at, len - at);
				len += k;
			}
			break;
		case 4:
			line[at] = "[]:,=()+-$@%\\ \n\t*?~/#0"[rnd(22)];
			break;
		default:	/* very much of one letter */
			k = rnd(MAX - len);
			memmove(line + at + k, line + at, len - at);
			memset(line + at, "1(a ,+"[rnd(6)], k);
			len += k;
		}
	}
}

static bool may(int err)
{
	static const int errnos[] = {
		EINVAL, ENOENT, EEXIST, E2BIG, ENOSPC, EBUSY, EPERM, ENOTSUP, EOPNOTSUPP,
	};
	unsigned int i;

	for (i = 0; i < sizeof(errnos) / sizeof(errnos[0]); i++)
		if (err == errnos[i])
			return true;
	return false;
}

/* The line, in one piece or several, as one file's or several writes. */
static void write_line(void)
{
	int fd = open(FSPAN, O_WRONLY | O_APPEND | O_CLOEXEC), err = 0;
	size_t at = 0, n;

	if (fd < 0) {
		printf("FAIL: open: %s\n", strerror(errno));
		bad = 1;
		return;
	}
	line[len++] = '\n';
	while (at < len && !err) {
		n = rnd(4) ? len - at : 1 + rnd(len - at);
		if (write(fd, line + at, n) < 0)
			err = errno;
		at += n;
	}
	if (close(fd) && !err)
		err = errno;
	if (!err)
		taken++;
	else
		refused++;
	if (err && !may(err)) {
		printf("FAIL: %s of '%.*s'\n", strerrorname_np(err), (int)len - 1, line);
		bad = 1;
	}
}

/* What is passed to system calls, and to functions that are traced. */
static uint64_t edge;	/* a page that ends in letters, with nothing behind it */
static uint64_t none;	/* a page that may not be read */

static uint64_t pointer(void)
{
	static const uint64_t fixed[] = {
		0, 1, 7, 4095, 0x7ffffffff000, 0x7fffffffffff, 0x800000000000, 0x00ff800000000000,
		0x8000000000000000, 0xdead000000000100, 0xffff7fffffffffff, 0xffff800000000000,
		0xffff888000000000, 0xffffc90000000000, 0xffffea0000000000, 0xfffffe0000000000,
		0xffffffff7fffffff, 0xffffffff81000000, 0xffffffffff600000, 0xffffffffff5fffff,
		0xffffffffffffffff, 0xfffffffffffffff8, 0xffffec0000000000, 0xfffffbfff0000000,
	};

	switch (rnd(5)) {
	case 0:
		return edge + 4096 - rnd(64);
	case 1:
		return none + rnd(4096);
	case 2:
		return ((uint64_t)rnd(~0U) << 32) | rnd(~0U);
	default:
		return PICK(fixed) + (rnd(3) ? 0 : rnd(16));
	}
}

static void call_all(void)
{
	static const unsigned long cmds[] = {
		FSPAN_TEST_ADD, FSPAN_TEST_SEVEN, FSPAN_TEST_USTR, FSPAN_TEST_TAKE,
		FSPAN_TEST_OUTER,
	};
	int fd = open("/dev/fspan_test", O_RDWR | O_CLOEXEC), i, k;

	for (i = 0; i < 8; i++) {
		struct fspan_test_call c;
		unsigned long cmd = PICK(cmds);

		for (k = 0; k < 7; k++)
			c.arg[k] = pointer();
		if (cmd == FSPAN_TEST_OUTER)
			c.arg[0] = 3;
		/* the function itself believes that this is the user's */
		if ((cmd == FSPAN_TEST_USTR || cmd == FSPAN_TEST_TAKE) && c.arg[0] >> 47)
			c.arg[0] = edge + 4096 - 9;
		ioctl(fd, cmd, &c);
		calls++;
	}
	close(fd);
}

/* Not with lines, but with what holds them. */
static void bad_calls(void)
{
	int fd = open(FSPAN, O_RDWR | O_APPEND | O_CLOEXEC);
	struct iovec iov[3] = {
		{ line, rnd(len + 1) }, { (void *)(uintptr_t)pointer(), rnd(9000) }, { line, len },
	};
	char buf[64];
	long ret;

	ret = write(fd, (void *)(uintptr_t)pointer(), 1 + rnd(rnd(2) ? 10000 : 2000000000));
	if (ret < 0 && errno != EFAULT && !may(errno) && errno != ENOMEM) {
		printf("FAIL: write of nothing: %s\n", strerror(errno));
		bad = 1;
	}
	ret = writev(fd, iov, 3);
	ret = read(fd, (void *)(uintptr_t)pointer(), rnd(100000));
	ret = pread(fd, buf, sizeof(buf), (long)pointer());
	ret = lseek(fd, (long)pointer(), rnd(6));
	ret = ioctl(fd, rnd(~0U), pointer());
	mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
	(void)ret;
	close(fd);
	faulty++;
}

static void arm(const char *to)
{
	char path[128], buf[65536];
	int i;

	if (to[0] == '0') {
		put(TRACING "/events/fspan/enable", to, 0);
		put(TRACING "/events/grp/enable", to, 0);
		return;
	}
	/* not all, which takes long: a few, of those that there may be */
	for (i = 0; i < 6; i++) {
		snprintf(path, sizeof(path), TRACING "/events/%s/h%u/enable",
			 rnd(6) ? "fspan" : "grp", rnd(30));
		put(path, to, 0);
	}
	call_all();
	snprintf(path, sizeof(path), DEBUGFS "/hist/fspan.h%u", rnd(30));
	get(path, buf, sizeof(buf));
	get(DEBUGFS "/profile", buf, sizeof(buf));
	get(DEBUGFS "/inflight", buf, sizeof(buf));
	get(DEBUGFS "/error_log", buf, sizeof(buf));
}

static void clear(void)
{
	int i, fd = -1;

	/* the dead are held for a moment by who lets go of them */
	for (i = 0; i < 1200 && fd < 0; i++) {
		fd = open(FSPAN, O_WRONLY | O_TRUNC | O_CLOEXEC);
		if (fd < 0)
			usleep(100000);
	}
	if (fd < 0) {
		printf("FAIL: cannot clear: %s\n", strerror(errno));
		bad = 1;
	}
	close(fd);
}

/* What is read defines the same again; what belongs to who is gone stands there as a comment. */
static void write_back(void)
{
	static char have[1 << 20], again[1 << 20];
	char *from = have, *to = have;

	arm("0");
	get(FSPAN, have, sizeof(have));
	while (*from) {
		size_t n = strcspn(from, "\n") + 1;

		if (*from != '#') {
			memmove(to, from, n);
			to += n;
		}
		from += n;
	}
	*to = '\0';
	clear();
	if (to != have && put(FSPAN, have, O_APPEND)) {
		printf("FAIL: %s of what was read:\n%s", strerror(errno), have);
		bad = 1;
	}
	get(FSPAN, again, sizeof(again));
	if (strcmp(have, again)) {
		printf("FAIL: read\n%sthen\n%s", have, again);
		bad = 1;
	}
	clear();
}

static bool enough(void)
{
	return taken && refused && calls && faulty;
}

int main(int argc, char **argv)
{
	time_t until = time(NULL) + (argc > 1 ? atoi(argv[1]) : 10);
	unsigned long round;
	char *page;

	rnd_seed(argc > 2 ? strtoull(argv[2], NULL, 0) : 1);
	page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	memset(page, 'x', 4096);
	munmap(page + 4096, 4096);
	edge = (uintptr_t)page;
	none = (uintptr_t)mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	/* longer where that is too short for some of each */
	for (round = 0; (time(NULL) < until || !enough()) && !bad; round++) {
		if (rnd(3))
			make_line();
		else
			good_line();
		if (!rnd(3))
			mutate();
		write_line();
		if (!rnd(30))
			bad_calls();
		if (!rnd(40)) {
			arm("1");
			call_all();
		} else if (!rnd(20)) {
			arm("0");
		}
		if (round % 200 == 199)
			write_back();
	}
	write_back();
	printf("%lu lines taken, %lu refused, %lu calls, %lu bad system calls\n", taken, refused, calls,
	       faulty);
	return bad;
}
