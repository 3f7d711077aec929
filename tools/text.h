/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Text that comes from the kernel, and to it from anybody: names of tasks and files. It may drive
 * a terminal, end a line, or be no UTF-8, none of which is to reach who reads it.
 */
#ifndef FSPAN_TEXT_H
#define FSPAN_TEXT_H

#include <json.h>
#include <stddef.h>

/* Enough for any byte, escaped, and the end. */
#define TEXT_SIZE(n) (4 * (n) + 3)

/*
 * The @n bytes of @s, or fewer if it ends, as one line: \n, \t, and \ooo for what is no text. Cut
 * to @len.
 */
void text_plain(const char *s, size_t n, char *buf, size_t len);
/* The same in double quotes, " and \ escaped */
void text_quote(const char *s, size_t n, char *buf, size_t len);
/* A JSON string, U+FFFD for what is no UTF-8 */
struct json_object *text_json(const char *s, size_t n);

#endif
