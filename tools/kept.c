// SPDX-License-Identifier: GPL-2.0
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "kept.h"

#define DIRECTORY "/run/fspan"
#define BOOT	  40	/* the boot's id and newlines, before what is kept */

static void path_of(const char *name, char *path, size_t size)
{
	snprintf(path, size, DIRECTORY "/%s", name);
}

/* Not every /run is empty after a boot. */
static const char *boot(void)
{
	static char id[BOOT + 1];

	if (!*id) {
		char *text = file_read("/proc/sys/kernel/random/boot_id");

		memset(id, '\n', BOOT);
		if (text && strlen(text) < BOOT)
			memcpy(id, text, strlen(text));
		free(text);
	}
	return id;
}

const void *kept_map(const char *name, size_t *size)
{
	char path[64], *p = MAP_FAILED;
	struct stat st;
	int fd;

	path_of(name, path, sizeof(path));
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return NULL;
	if (!fstat(fd, &st) && S_ISREG(st.st_mode) && !st.st_uid && st.st_size > BOOT)
		p = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	if (p == MAP_FAILED)
		return NULL;
	if (memcmp(p, boot(), BOOT)) {
		munmap(p, st.st_size);
		return NULL;
	}
	*size = st.st_size - BOOT;
	return p + BOOT;
}

bool kept_missing(const char *name)
{
	size_t size;

	return !geteuid() && !kept_map(name, &size);
}

static bool write_all(int fd, const char *data, size_t size)
{
	ssize_t n = 1;

	for (; size && n > 0; data += n, size -= n)
		n = write(fd, data, size);
	return n > 0;
}

void kept_write(const char *name, const void *data, size_t size)
{
	char path[64], temporary[96];
	bool whole;
	int fd;

	if (geteuid())
		return;
	path_of(name, path, sizeof(path));
	snprintf(temporary, sizeof(temporary), "%s.%d", path, getpid());
	mkdir(DIRECTORY, 0755);
	fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0)
		return;
	/* half a file would be worse than none */
	whole = write_all(fd, boot(), BOOT) && write_all(fd, data, size);
	if (close(fd) || !whole || rename(temporary, path))
		unlink(temporary);
}
