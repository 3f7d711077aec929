// SPDX-License-Identifier: GPL-2.0
/*
 * wr FILE: write what is on stdin in one write(2), and close. Says the name of
 * the errno of what failed, or SHORT and how much was taken; 0 if nothing did.
 * wr -l FILE: the same with each line, as it comes; "0" for what did not fail.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int failed(void)
{
	puts(strerrorname_np(errno));
	return 1;
}

static int write_at_once(const char *file, const char *buf, size_t len)
{
	int fd = open(file, O_WRONLY | O_APPEND);
	ssize_t n;

	if (fd < 0)
		return failed();
	n = write(fd, buf, len);
	if (n < 0 || (size_t)n != len) {
		if (n < 0)
			failed();
		else
			printf("SHORT %zd\n", n);
		close(fd);
		return 1;
	}
	return close(fd) ? failed() : 0;
}

static int each_line(const char *file)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t len;

	while ((len = getline(&line, &size, stdin)) > 0) {
		if (!write_at_once(file, line, len))
			puts("0");
		fflush(stdout);
	}
	free(line);
	return 0;
}

int main(int argc, char **argv)
{
	size_t len = 0, size = 1 << 21;
	char *buf = malloc(size);
	ssize_t n;

	if (argc == 3 && !strcmp(argv[1], "-l"))
		return each_line(argv[2]);
	if (argc != 2 || !buf) {
		fprintf(stderr, "usage: wr [-l] FILE\n");
		return 2;
	}
	while ((n = read(0, buf + len, size - len)) > 0)
		len += n;
	return write_at_once(argv[1], buf, len);
}
