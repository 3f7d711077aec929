// SPDX-License-Identifier: GPL-2.0
/* Calls of known number and arguments, through the module fspan_test or read(2). */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "fspan_test.h"

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static int device(void)
{
	int fd = open("/dev/fspan_test", O_RDWR | O_CLOEXEC);

	if (fd < 0)
		die("/dev/fspan_test");
	return fd;
}

static long long call_fd(int fd, unsigned long cmd, struct fspan_test_call *c)
{
	if (ioctl(fd, cmd, c))
		die("ioctl");
	return c->ret;
}

/* One call with the arguments of the command line. */
static long long call(unsigned long cmd, int argc, char **argv)
{
	struct fspan_test_call c = {};
	int i;

	for (i = 0; i < argc && i < 7; i++)
		c.arg[i] = strtoull(argv[i], NULL, 0);
	return call_fd(device(), cmd, &c);
}

static long long call_string(unsigned long cmd, const char *s)
{
	struct fspan_test_call c = { .arg[0] = (unsigned long)s };

	return call_fd(device(), cmd, &c);
}

/* Data in a page of a file that this process has never touched. */
static long long paged_out(unsigned long cmd, const void *data, size_t size)
{
	char path[] = "/tmp/paged.XXXXXX";
	int fd = mkstemp(path);
	char *p;

	if (fd < 0 || write(fd, data, size) < 0)
		die(path);
	p = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		die("mmap");
	unlink(path);
	return call_string(cmd, p);
}

static long long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

struct job {
	int fd;
	unsigned long cmd;
	long n;
};

static void *run_job(void *arg)
{
	struct job *job = arg;
	struct fspan_test_call c = { .arg[0] = job->n };

	call_fd(job->fd, job->cmd, &c);
	return NULL;
}

/* Sizes that say which thread it was and which call: 1000 * thread + call. */
static void *run_reads(void *arg)
{
	struct job *job = arg;
	static char buf[100000];
	long i;

	for (i = 0; i < job->n; i++)
		if (read(job->fd, buf, 1000 * job->cmd + i) < 0)
			die("read");
	return NULL;
}

static void threads(int n, void *(*fn)(void *), int fd, long cmd, long count)
{
	pthread_t *t = calloc(n, sizeof(*t));
	struct job *jobs = calloc(n, sizeof(*jobs));
	pthread_attr_t attr;
	int i;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 32768);
	for (i = 0; i < n; i++) {
		jobs[i] = (struct job){ fd, cmd < 0 ? i + 1 : cmd, count };
		errno = pthread_create(&t[i], &attr, fn, &jobs[i]);
		if (errno)
			die("pthread_create");
	}
	for (i = 0; i < n; i++)
		pthread_join(t[i], NULL);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		unsigned long cmd;
	} calls[] = {
		{ "add", FSPAN_TEST_ADD }, { "seven", FSPAN_TEST_SEVEN },
		{ "recurse", FSPAN_TEST_RECURSE }, { "outer", FSPAN_TEST_OUTER },
		{ "out", FSPAN_TEST_OUT }, { "sleep", FSPAN_TEST_SLEEP },
		{ "hang", FSPAN_TEST_HANG }, { "release", FSPAN_TEST_RELEASE },
		{ "fail", FSPAN_TEST_FAIL }, { "ptr", FSPAN_TEST_PTR },
		{ "exit", FSPAN_TEST_EXIT }, { "take", FSPAN_TEST_TAKE },
		{ "unwatched", FSPAN_TEST_UNWATCHED },
		{ "contexts", FSPAN_TEST_CONTEXTS },
	};
	const char *verb = argc > 1 ? argv[1] : "";
	long a = argc > 2 ? atol(argv[2]) : 0, b = argc > 3 ? atol(argv[3]) : 1;
	size_t i;

	for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		if (!strcmp(verb, calls[i].name)) {
			printf("%lld\n", call(calls[i].cmd, argc - 2, argv + 2));
			return 0;
		}
	}
	if (!strcmp(verb, "kstr") && argc > 2) {
		printf("%lld\n", call_string(FSPAN_TEST_KSTR, argv[2]));
	} else if (!strcmp(verb, "ustr") && argc > 2) {
		printf("%lld\n", call_string(FSPAN_TEST_USTR, argv[2]));
	} else if (!strcmp(verb, "upaged") && argc > 2) {
		printf("%lld\n", paged_out(FSPAN_TEST_USTR, argv[2], strlen(argv[2]) + 1));
	} else if (!strcmp(verb, "tpaged") && argc > 2) {
		printf("%lld\n", paged_out(FSPAN_TEST_TAKE, argv[2], strlen(argv[2]) + 1));
	} else if (!strcmp(verb, "ppaged") && argc > 2) {	/* the pointer is paged out */
		printf("%lld\n", paged_out(FSPAN_TEST_USTR, &argv[2], sizeof(argv[2])));
	} else if (!strcmp(verb, "badptr")) {
		printf("%lld\n", call_string(FSPAN_TEST_USTR, (char *)16));
	} else if (!strcmp(verb, "loop")) {		/* loop CALLS [THREADS] */
		threads(b, run_job, device(), FSPAN_TEST_LOOP, a);
	} else if (!strcmp(verb, "sleepers")) {		/* sleepers N US */
		threads(a, run_job, device(), FSPAN_TEST_SLEEP, b);
	} else if (!strcmp(verb, "hangs")) {		/* hangs N: until release */
		threads(a, run_job, device(), FSPAN_TEST_HANG, b);
	} else if (!strcmp(verb, "reads")) {		/* reads THREADS CALLS */
		threads(a, run_reads, open("/dev/zero", O_RDONLY), -1, b);
	} else if (!strcmp(verb, "timed")) {		/* timed US: what it measures itself */
		struct fspan_test_call c = { .arg[0] = a };
		int fd = device();
		long long t = now();

		call_fd(fd, FSPAN_TEST_SLEEP, &c);
		printf("%lld\n", now() - t);
	} else {
		fprintf(stderr, "usage: workload VERB [ARGUMENT...]\n");
		return 2;
	}
	return 0;
}
