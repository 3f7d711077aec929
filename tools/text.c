// SPDX-License-Identifier: GPL-2.0
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

/* How many bytes the character at @s has, 0: it is no UTF-8. */
static size_t character(const unsigned char *s, size_t n)
{
	static const unsigned int least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t len = *s >> 5 == 6 ? 2 : *s >> 4 == 14 ? 3 : *s >> 3 == 30 ? 4 : 0, i;
	unsigned int c = *s & (0x7f >> len);

	if (!len)
		return *s < 0x80;
	for (i = 1; i < len; i++) {
		if (i == n || s[i] >> 6 != 2)
			return 0;
		c = c << 6 | (s[i] & 0x3f);
	}
	/* longer than it must be, half of a pair, beyond the last */
	return c < least[len] || c >> 11 == 0x1b || c > 0x10ffff ? 0 : len;
}

/* Terminals take it for a command: C0, DEL and C1. */
static bool is_control(const unsigned char *s, size_t len)
{
	return *s < ' ' || *s == 127 || (len == 2 && *s == 0xc2 && s[1] < 0xa0);
}

/* @room: what is left of it is for what comes behind */
static size_t escape(const char *text, size_t n, bool quoted, char *buf, size_t room)
{
	const unsigned char *s = (const unsigned char *)text, *end = s + strnlen(text, n);
	size_t at = 0, len;

	for (; s < end && at + 4 < room; s += len) {
		len = character(s, end - s);
		if (quoted && (*s == '"' || *s == '\\')) {
			buf[at++] = '\\';
			buf[at++] = *s;
		} else if (*s == '\n' || *s == '\t') {
			buf[at++] = '\\';
			buf[at++] = *s == '\n' ? 'n' : 't';
		} else if (len && !is_control(s, len)) {
			memcpy(buf + at, s, len);
			at += len;
		} else {
			len = 1;
			at += sprintf(buf + at, "\\%03o", *s);
		}
	}
	return at;
}

void text_plain(const char *s, size_t n, char *buf, size_t len)
{
	buf[escape(s, n, false, buf, len)] = '\0';
}

void text_quote(const char *s, size_t n, char *buf, size_t len)
{
	size_t at;

	buf[0] = '"';
	at = 1 + escape(s, n, true, buf + 1, len - 2);
	buf[at++] = '"';
	buf[at] = '\0';
}

struct json_object *text_json(const char *s, size_t n)
{
	const unsigned char *from = (const unsigned char *)s, *end = from + n;
	char *buf = malloc(3 * n + 1);
	struct json_object *o;
	size_t at = 0, len;

	if (!buf)
		abort();
	for (; from < end; from += len ?: 1) {
		len = character(from, end - from);
		memcpy(buf + at, len ? (const char *)from : "\xef\xbf\xbd", len ?: 3);
		at += len ?: 3;
	}
	o = json_object_new_string_len(buf, at);
	free(buf);
	return o;
}
