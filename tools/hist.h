/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The module's histograms of durations, debugfs fspan/hist/GROUP.EVENT: open, it
 * is armed; read, it is what was counted so far. Percentiles by nearest rank,
 * within 1/32 of the value: a bucket is a sixteenth of its power of two wide.
 */
#ifndef FSPAN_HIST_H
#define FSPAN_HIST_H

#include <stdbool.h>
#include <stddef.h>

struct hist_bucket {
	unsigned long long low, count;	/* ns */
};

struct hist_row {
	char *key;		/* "-": not by anything; "*": those that found no room */
	unsigned long long calls, errors, sum, min, max;	/* ns */
	struct hist_bucket *bucket;	/* the not empty ones, upwards */
	size_t nbuckets;
};

struct hist {
	struct hist_row *row;
	size_t n;
	unsigned long long overflow;
};

/* Open fspan/@event's, and so arm it. A file descriptor, or -1 with errno. */
int hist_open(const char *event);
/* Read what is counted now. 0, or -1 with errno. */
int hist_read(int fd, struct hist *h);
void hist_free(struct hist *h);
void hist_copy(struct hist *to, const struct hist *from);
/* What came since @before: min and max are of the buckets. */
void hist_subtract(struct hist *h, const struct hist *before);
/* @p per cent of the calls took at most this, in ns. */
unsigned long long hist_percentile(const struct hist_row *row, double p);
/* Upper edge of the bucket at @low, not in it. */
unsigned long long hist_high(unsigned long long low);

#endif
