// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "child.h"

static volatile sig_atomic_t interrupted;

static void on_signal(int sig)
{
	if (sig != SIGCHLD)
		interrupted = 1;
}

void run_catch_signals(void)
{
	struct sigaction sa = { .sa_handler = on_signal };

	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGHUP, &sa, NULL);
	/* a sleep ends when the command does, but a write into a full pipe goes on */
	sa.sa_flags = SA_RESTART;
	sigaction(SIGCHLD, &sa, NULL);
	/* a reader that goes away, as head does, ends us by EPIPE */
	signal(SIGPIPE, SIG_IGN);
}

bool run_interrupted(void)
{
	return interrupted;
}

unsigned long long run_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ULL + t.tv_nsec;
}

long long run_clock_offset(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec - (long long)run_now();
}

int child_prepare(struct child *c, char **command)
{
	int fds[2];
	char go;

	memset(c, 0, sizeof(*c));
	c->go = -1;
	if (!command)
		return 0;
	if (pipe2(fds, O_CLOEXEC))
		return -1;
	c->pid = fork();
	if (c->pid < 0)
		return -1;
	if (c->pid) {
		close(fds[0]);
		c->go = fds[1];
		return 0;
	}
	close(fds[1]);
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	signal(SIGHUP, SIG_DFL);
	signal(SIGPIPE, SIG_DFL);
	/* libraries open files that would be inherited */
	close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
	if (read(fds[0], &go, 1) != 1)
		_exit(0);
	execvp(command[0], command);
	fprintf(stderr, "fspan: cannot run %s: %s\n", command[0], strerror(errno));
	_exit(127);
}

void child_begin(struct child *c)
{
	if (!c->pid)
		return;
	if (write(c->go, "", 1) != 1)
		perror("fspan: cannot start the command");
	close(c->go);
	c->go = -1;
}

static void note_end(struct child *c, int status)
{
	c->ended = true;
	c->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void look(struct child *c)
{
	int status;

	if (c->pid && !c->ended && waitpid(c->pid, &status, WNOHANG) == c->pid)
		note_end(c, status);
}

void child_finish(struct child *c)
{
	int status;

	if (!c->pid || c->ended)
		return;
	if (c->go >= 0)		/* it has not begun, and now never will */
		close(c->go);
	c->killed = true;
	kill(c->pid, SIGTERM);
	while (waitpid(c->pid, &status, 0) < 0 && errno == EINTR)
		;
	note_end(c, status);
}

bool run_sleep(struct child *c, unsigned long long ns, unsigned long long deadline)
{
	unsigned long long now = run_now();
	struct timespec t;

	look(c);
	if (interrupted || c->ended || (deadline && now >= deadline))
		return false;
	if (deadline && deadline - now < ns)
		ns = deadline - now;
	t.tv_sec = ns / 1000000000;
	t.tv_nsec = ns % 1000000000;
	nanosleep(&t, NULL);
	look(c);
	return !interrupted && !c->ended && !(deadline && run_now() >= deadline);
}
