/* SPDX-License-Identifier: GPL-2.0 */
/* Whole small files, those of proc and tracefs above all. */
#ifndef FSPAN_FILE_H
#define FSPAN_FILE_H

#include <stddef.h>

/* All of @path with a NUL behind, to be freed; NULL with errno. */
char *file_read(const char *path);
/* The same of what may have a NUL in it: @size without the one behind. */
char *file_read_data(const char *path, size_t *size);
char *file_readf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Write @text in one write(2), O_APPEND with @append. 0, or -1 with errno. */
int file_write(const char *path, const char *text, int append);
/* The directory @sub of what came with this program: ../share/fspan/@sub beside it. */
const char *file_beside(const char *sub);

#endif
