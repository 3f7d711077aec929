// SPDX-License-Identifier: GPL-2.0
/*
 * bpfspan OBJECT empty|reject|polled|wakeup FUNCTION STATS COMMAND...
 * Attach span.bpf.c to a function while a command runs, and read its
 * records: every 50 ms, or when it wakes us up. Writes to STATS: records, their bytes in the
 * ring buffer, and how many were lost.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "span.h"

#define HEADER	8	/* of a record in a BPF ring buffer */

static unsigned long long records, bytes;
static volatile sig_atomic_t ended;

static void die(const char *what)
{
	fprintf(stderr, "bpfspan: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void on_child(int sig)
{
	(void)sig;
	ended = 1;
}

static int on_record(void *ctx, void *data, size_t size)
{
	(void)ctx;
	(void)data;
	records++;
	bytes += size + HEADER;
	return 0;
}

static int mode_of(const char *name)
{
	static const char *const names[] = {
		[MODE_EMPTY] = "empty", [MODE_REJECT] = "reject",
		[MODE_POLLED] = "polled", [MODE_WAKEUP] = "wakeup",
	};
	int i;

	for (i = 0; i < 4; i++)
		if (!strcmp(name, names[i]))
			return i;
	errno = EINVAL;
	die(name);
	return -1;
}

static unsigned long long lost(struct bpf_object *obj)
{
	struct bpf_map *map = bpf_object__find_map_by_name(obj, ".bss");
	unsigned long long n;
	int key = 0;

	if (!map || bpf_map_lookup_elem(bpf_map__fd(map), &key, &n))
		die(".bss");
	return n;
}

int main(int argc, char **argv)
{
	struct bpf_program *prog;
	struct ring_buffer *ring;
	struct bpf_map *map;
	struct bpf_object *obj;
	int mode, status;
	pid_t child;
	FILE *stats;

	if (argc < 6) {
		fprintf(stderr, "usage: bpfspan OBJECT MODE FUNCTION STATS COMMAND...\n");
		return 2;
	}
	mode = mode_of(argv[2]);
	obj = bpf_object__open_file(argv[1], NULL);
	if (!obj)
		die(argv[1]);
	map = bpf_object__find_map_by_name(obj, ".rodata");
	if (!map || bpf_map__set_initial_value(map, &mode, sizeof(mode)))
		die(".rodata");
	bpf_object__for_each_program(prog, obj)
		if (bpf_program__set_attach_target(prog, 0, argv[3]))
			die(argv[3]);
	if (bpf_object__load(obj))
		die("load");
	bpf_object__for_each_program(prog, obj)
		if (!bpf_program__attach(prog))
			die("attach");
	ring = ring_buffer__new(bpf_object__find_map_fd_by_name(obj, "spans"), on_record, NULL, NULL);
	if (!ring)
		die("ring buffer");

	signal(SIGCHLD, on_child);
	child = fork();
	if (child < 0)
		die("fork");
	if (!child) {
		execvp(argv[5], argv + 5);
		die(argv[5]);
	}
	while (!ended) {
		if (mode == MODE_WAKEUP) {
			ring_buffer__poll(ring, 50);
		} else {
			usleep(50000);
			ring_buffer__consume(ring);
		}
	}
	if (waitpid(child, &status, 0) < 0)
		die("wait");
	ring_buffer__consume(ring);

	stats = fopen(argv[4], "w");
	if (!stats)
		die(argv[4]);
	fprintf(stats, "%llu %llu %llu\n", records, bytes, lost(obj));
	if (fclose(stats))
		die(argv[4]);
	return status ? 1 : 0;
}
