// SPDX-License-Identifier: GPL-2.0
/*
 * wr FILE: write what is on stdin in one write(2), and close. Says the name of
 * the errno of what failed, or SHORT and how much was taken; 0 if nothing did.
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

int main(int argc, char **argv)
{
	size_t len = 0, size = 1 << 21;
	char *buf = malloc(size);
	ssize_t n;
	int fd;

	if (argc != 2 || !buf) {
		fprintf(stderr, "usage: wr FILE\n");
		return 2;
	}
	while ((n = read(0, buf + len, size - len)) > 0)
		len += n;
	fd = open(argv[1], O_WRONLY | O_APPEND);
	if (fd < 0)
		return failed();
	n = write(fd, buf, len);
	if (n < 0)
		return failed();
	if ((size_t)n != len) {
		printf("SHORT %zd\n", n);
		return 1;
	}
	return close(fd) ? failed() : 0;
}
