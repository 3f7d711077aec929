// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file.h"

char *file_read_data(const char *path, size_t *size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t len = 0, room = 65536;
	char *buf = NULL, *more;
	ssize_t n;

	if (fd < 0)
		return NULL;
	do {
		if (!buf || room - len < 32768) {
			room *= 2;
			more = realloc(buf, room);
			if (!more)
				abort();
			buf = more;
		}
		n = read(fd, buf + len, room - len - 1);
		if (n > 0)
			len += n;
	} while (n > 0 || (n < 0 && errno == EINTR));
	if (n < 0) {
		int err = errno;

		free(buf);
		close(fd);
		errno = err;
		return NULL;
	}
	close(fd);
	buf[len] = '\0';
	*size = len;
	return buf;
}

char *file_read(const char *path)
{
	size_t size;

	return file_read_data(path, &size);
}

char *file_readf(const char *fmt, ...)
{
	char path[4096];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(path, sizeof(path), fmt, ap);
	va_end(ap);
	return file_read(path);
}

int file_write(const char *path, const char *text, int append)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | (append ? O_APPEND : 0));
	ssize_t n;
	int err;

	if (fd < 0)
		return -1;
	n = write(fd, text, strlen(text));
	err = errno;
	if (close(fd) && n >= 0)
		return -1;
	errno = err;
	return n < 0 ? -1 : 0;
}

const char *file_beside(const char *sub)
{
	static char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 64);

	path[n < 0 ? 0 : n] = '\0';
	if (strrchr(path, '/'))
		*strrchr(path, '/') = '\0';
	snprintf(path + strlen(path), 64, "/../share/fspan/%.32s", sub);
	return path;
}
