// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "control.h"
#include "hist.h"

int hist_open(const char *event)
{
	char path[160];

	snprintf(path, sizeof(path), CONTROL_DEBUGFS "/hist/fspan.%s", event);
	return open(path, O_RDONLY | O_CLOEXEC);
}

static char *read_all(int fd)
{
	size_t len = 0, room = 1 << 16;
	char *buf = malloc(room);
	ssize_t n;

	if (lseek(fd, 0, SEEK_SET) < 0)
		goto fail;
	for (;;) {
		if (!buf)
			abort();
		n = read(fd, buf + len, room - len - 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			goto fail;
		if (!n)
			break;
		len += n;
		if (room - len < 4096) {
			room *= 2;
			buf = realloc(buf, room);
		}
	}
	buf[len] = '\0';
	return buf;
fail:
	free(buf);
	return NULL;
}

/* "KEY" in quotes with escapes, or a number, or a symbol: "func [module]" */
static char *take_key(const char **line)
{
	const char *p = *line;
	char *key = malloc(strlen(p) + 1), *k = key;

	if (!key)
		abort();
	if (*p != '"') {
		while (*p && strncmp(p, " calls=", 7))
			*k++ = *p++;
	} else {
		for (p++; *p && *p != '"'; p++) {
			if (p[0] == '\\' && p[1] >= '0' && p[1] <= '3' && p[2] && p[3]) {
				*k++ = (p[1] - '0') * 64 + (p[2] - '0') * 8 + (p[3] - '0');
				p += 3;
			} else {
				p += *p == '\\' && p[1];
				*k++ = *p;
			}
		}
		p += *p == '"';
	}
	*k = '\0';
	*line = p;
	return key;
}

/* KEY calls=N errors=N sum=N min=N max=N LOW:COUNT ... */
static void parse_row(const char *line, struct hist_row *row)
{
	size_t room = 0;
	int n = 0;

	memset(row, 0, sizeof(*row));
	row->key = take_key(&line);
	sscanf(line, " calls=%llu errors=%llu sum=%llu min=%llu max=%llu%n", &row->calls, &row->errors,
	       &row->sum, &row->min, &row->max, &n);
	line += n;
	while (*line == ' ') {
		struct hist_bucket b;
		char *end;

		b.low = strtoull(line + 1, &end, 10);
		if (*end != ':')
			break;
		b.count = strtoull(end + 1, &end, 10);
		line = end;
		if (row->nbuckets == room) {
			room = room ? room * 2 : 32;
			row->bucket = reallocarray(row->bucket, room, sizeof(*row->bucket));
			if (!row->bucket)
				abort();
		}
		row->bucket[row->nbuckets++] = b;
	}
}

int hist_read(int fd, struct hist *h)
{
	char *text = read_all(fd), *line, *next, *p;

	memset(h, 0, sizeof(*h));
	if (!text)
		return -1;
	p = strstr(text, "overflow=");
	if (p)
		h->overflow = strtoull(p + 9, NULL, 10);
	next = text + strcspn(text, "\n");
	for (line = next + (*next != '\0'); *line; line = next) {
		next = line + strcspn(line, "\n");
		if (*next)
			*next++ = '\0';
		h->row = reallocarray(h->row, h->n + 1, sizeof(*h->row));
		if (!h->row)
			abort();
		parse_row(line, &h->row[h->n++]);
	}
	free(text);
	return 0;
}

void hist_free(struct hist *h)
{
	size_t i;

	for (i = 0; i < h->n; i++) {
		free(h->row[i].key);
		free(h->row[i].bucket);
	}
	free(h->row);
	memset(h, 0, sizeof(*h));
}

void hist_copy(struct hist *to, const struct hist *from)
{
	size_t i;

	*to = *from;
	to->row = calloc(from->n + 1, sizeof(*to->row));
	if (!to->row)
		abort();
	for (i = 0; i < from->n; i++) {
		size_t size = from->row[i].nbuckets * sizeof(struct hist_bucket);

		to->row[i] = from->row[i];
		to->row[i].key = strdup(from->row[i].key);
		to->row[i].bucket = malloc(size + 1);
		if (!to->row[i].key || !to->row[i].bucket)
			abort();
		if (size)	/* of a row without calls there are none */
			memcpy(to->row[i].bucket, from->row[i].bucket, size);
	}
}

unsigned long long hist_high(unsigned long long low)
{
	return low < 32 ? low + 1 : low + (1ULL << (63 - __builtin_clzll(low) - 4));
}

static void subtract_row(struct hist_row *row, const struct hist_row *before)
{
	size_t i, k = 0, n = 0;

	row->calls -= before->calls;
	row->errors -= before->errors;
	row->sum -= before->sum;
	for (i = 0; i < row->nbuckets; i++) {
		struct hist_bucket b = row->bucket[i];

		while (k < before->nbuckets && before->bucket[k].low < b.low)
			k++;
		if (k < before->nbuckets && before->bucket[k].low == b.low)
			b.count -= before->bucket[k].count;
		if (b.count)
			row->bucket[n++] = b;
	}
	row->nbuckets = n;
	if (n) {
		/* those of all time are the only ones known: within them */
		if (row->bucket[0].low > row->min)
			row->min = row->bucket[0].low;
		if (hist_high(row->bucket[n - 1].low) - 1 < row->max)
			row->max = hist_high(row->bucket[n - 1].low) - 1;
	}
}

void hist_subtract(struct hist *h, const struct hist *before)
{
	size_t i, k;

	h->overflow -= before->overflow;
	for (i = 0; i < h->n; i++)
		for (k = 0; k < before->n; k++)
			if (!strcmp(h->row[i].key, before->row[k].key)) {
				subtract_row(&h->row[i], &before->row[k]);
				break;
			}
}

unsigned long long hist_percentile(const struct hist_row *row, double p)
{
	unsigned long long rank, seen = 0, all = 0, v;
	size_t i;

	/* the counts are read while others count: what the buckets have is what there is */
	for (i = 0; i < row->nbuckets; i++)
		all += row->bucket[i].count;
	rank = ceil(p / 100 * all - 1e-9);
	if (!rank)
		rank = 1;
	for (i = 0; i < row->nbuckets; i++) {
		seen += row->bucket[i].count;
		if (seen >= rank)
			break;
	}
	if (i == row->nbuckets)
		return row->max;
	v = (row->bucket[i].low + hist_high(row->bucket[i].low) - 1) / 2;
	return v < row->min ? row->min : v > row->max ? row->max : v;
}
