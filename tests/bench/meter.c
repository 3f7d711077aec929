// SPDX-License-Identifier: GPL-2.0
/*
 * meter [-t THREADS] [-b BATCHES] [-n CALLS] read|seek FILE OUT
 * What a call costs: batches of pread(2) of one byte, or of lseek(2), each timed as a whole.
 * Writes to OUT: calls made, warm-up included; of a call, the median of the batches, and the
 * best of them, in cycles of the time stamp counter, which counts instructions under QEMU's
 * -icount; what it cost its task altogether, in ns of CPU time.
 * Threads have a CPU each and start each batch together; a batch costs what it did on average,
 * so that the best is one in which all of them ran.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static unsigned int nthreads = 1, batches = 41, calls = 100;
static int fd, seek;
static atomic_uint ready;
static double *cost;		/* of a call, for each batch of each thread */
static double task_ns;		/* of the first thread */

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void batch(void)
{
	unsigned int i;
	char c;

	for (i = 0; i < calls; i++)
		if (seek ? lseek(fd, 0, SEEK_SET) < 0 : pread(fd, &c, 1, 0) != 1)
			die("the call");
}

static double cpu_time(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

static void *run(void *arg)
{
	unsigned int i, me = (double *)arg - cost;
	unsigned long long start;
	double ns = 0, from;
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(me / batches, &cpus);
	if (sched_setaffinity(0, sizeof(cpus), &cpus))
		die("no CPU for each thread");
	batch();
	for (i = 0; i < batches; i++) {
		/* no futex: who is woken up comes late */
		atomic_fetch_add(&ready, 1);
		while (atomic_load(&ready) < (i + 1) * nthreads)
			;
		from = cpu_time();
		start = __builtin_ia32_rdtsc();
		batch();
		cost[me + i] = (double)(__builtin_ia32_rdtsc() - start) / calls;
		ns += cpu_time() - from;
	}
	if (!me)
		task_ns = ns / batches / calls;
	return NULL;
}

static int by_value(const void *a, const void *b)
{
	return *(double *)a < *(double *)b ? -1 : *(double *)a > *(double *)b;
}

int main(int argc, char **argv)
{
	pthread_t id[64];
	unsigned int i, n;
	FILE *out;
	int opt;

	while ((opt = getopt(argc, argv, "t:b:n:")) != -1) {
		if (opt == 't')
			nthreads = atoi(optarg);
		else if (opt == 'b')
			batches = atoi(optarg);
		else if (opt == 'n')
			calls = atoi(optarg);
		else
			return 2;
	}
	n = nthreads * batches;
	if (argc - optind != 3 || !n || !calls || nthreads > 64) {
		fprintf(stderr, "usage: meter [-t THREADS] [-b BATCHES] [-n CALLS] read|seek FILE OUT\n");
		return 2;
	}
	seek = !strcmp(argv[optind], "seek");
	fd = open(argv[optind + 1], O_RDONLY);
	if (fd < 0)
		die(argv[optind + 1]);
	cost = calloc(n, sizeof(*cost));
	for (i = 0; i < nthreads; i++) {
		errno = pthread_create(&id[i], NULL, run, &cost[i * batches]);
		if (errno)
			die("pthread_create");
	}
	for (i = 0; i < nthreads; i++)
		pthread_join(id[i], NULL);
	for (i = batches; i < n; i++)
		cost[i % batches] += cost[i];
	qsort(cost, batches, sizeof(*cost), by_value);
	out = fopen(argv[optind + 2], "w");
	if (!out)
		die(argv[optind + 2]);
	fprintf(out, "%u %.1f %.1f %.1f\n", (n + nthreads) * calls,
		cost[batches / 2] / nthreads, cost[0] / nthreads, task_ns);
	return fclose(out) ? 1 : 0;
}
