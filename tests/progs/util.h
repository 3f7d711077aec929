/* SPDX-License-Identifier: GPL-2.0 */
/* What the programs that ill-treat the module share; each is one file that includes this. */
#ifndef FSPAN_TEST_UTIL_H
#define FSPAN_TEST_UTIL_H

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define TRACING "/sys/kernel/tracing"
#define DEBUGFS "/sys/kernel/debug/fspan"
#define FSPAN	"/dev/fspan"

/* xorshift, so that a seed says all */
static uint64_t rnd_state = 1;

static inline uint32_t rnd(uint32_t below)
{
	rnd_state ^= rnd_state << 13;
	rnd_state ^= rnd_state >> 7;
	rnd_state ^= rnd_state << 17;
	return below ? (rnd_state >> 11) % below : 0;
}

static inline void rnd_seed(uint64_t seed)
{
	rnd_state = seed * 0x9e3779b97f4a7c15ULL + 1;
	rnd(0);
	rnd(0);
}

/* Write @text with one write(2). 0 or -errno. */
static inline int put_fd(int fd, const char *text)
{
	return write(fd, text, strlen(text)) < 0 ? -errno : 0;
}

static inline int put(const char *path, const char *text, int flags)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | flags), ret;

	if (fd < 0)
		return -errno;
	ret = put_fd(fd, text);
	if (close(fd) && !ret)
		ret = -errno;
	return ret;
}

/* What is in the file, at most @size - 1 bytes of it, as text. Length or -errno. */
static inline ssize_t get(const char *path, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	size_t n = 0;
	ssize_t got;

	buf[0] = '\0';
	if (fd < 0)
		return -errno;
	while (n < size - 1 && (got = read(fd, buf + n, size - 1 - n)) > 0)
		n += got;
	if (n < size - 1 && got < 0 && errno != EAGAIN && !n)
		n = -errno;
	else
		buf[n] = '\0';
	close(fd);
	return n;
}

/* perf on the trace event of @id: an fd or -errno */
static inline int perf_open(int id, int cpu)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_TRACEPOINT, .size = sizeof(attr), .config = id,
		.sample_type = PERF_SAMPLE_RAW, .sample_period = 1, .wakeup_events = 1000,
	};
	int fd = syscall(SYS_perf_event_open, &attr, cpu < 0 ? 0 : -1, cpu, -1,
			 PERF_FLAG_FD_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

/* A program that keeps all that it is asked about: its fd or -errno */
static inline int gate_program(void)
{
	static const struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_RAW_TRACEPOINT_WRITABLE,
		.insns = (uintptr_t)insns, .insn_cnt = 2, .license = (uintptr_t)"GPL",
	};
	int prog = syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));

	return prog < 0 ? -errno : prog;
}

/* It on the gate @name: the fd of the link or -errno */
static inline int gate_attach(int prog, const char *name)
{
	union bpf_attr attr = {
		.raw_tracepoint = { .name = (uintptr_t)name, .prog_fd = prog },
	};
	int link = syscall(SYS_bpf, BPF_RAW_TRACEPOINT_OPEN, &attr, sizeof(attr));

	return link < 0 ? -errno : link;
}

static inline int load_module(const char *path, const char *parameters)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), ret;

	if (fd < 0)
		return -errno;
	ret = syscall(SYS_finit_module, fd, parameters, 0) ? -errno : 0;
	close(fd);
	return ret;
}

/* fspan, with the parameters that the guest is for */
static inline int load_fspan(void)
{
	return load_module(getenv("FSPAN_KO"), getenv("FSPAN_MODPARAMS"));
}

#endif
