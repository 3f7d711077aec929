// SPDX-License-Identifier: GPL-2.0
#include <json.h>
#include <stdlib.h>
#include <string.h>

#include "syscalls.h"
#include "table.h"
#include "text.h"
#include "view.h"

#define WIDTH 40	/* of a bar */
#define KEY_TEXT TEXT_SIZE(256)	/* a key as it is shown: what is longer is cut */

static const char * const sorts[] = { "total", "calls", "errors", "avg", "p50", "p90", "p99", "max" };

int table_sort_of(const char *name)
{
	int i;

	for (i = 0; i < NR_SORTS; i++)
		if (!strcmp(sorts[i], name))
			return i;
	return -1;
}

const char *table_sort_name(int sort)
{
	return sorts[sort];
}

/* A row of any of the measures. */
struct line {
	const struct measure *m;
	const struct hist_row *row;
	unsigned long long weight;
};

static unsigned long long average(const struct hist_row *row)
{
	return row->calls ? row->sum / row->calls : 0;
}

static unsigned long long weight(const struct hist_row *row, int sort)
{
	switch (sort) {
	case SORT_CALLS: return row->calls;
	case SORT_ERRORS: return row->errors;
	case SORT_AVG: return average(row);
	case SORT_P50: return hist_percentile(row, 50);
	case SORT_P90: return hist_percentile(row, 90);
	case SORT_P99: return hist_percentile(row, 99);
	case SORT_MAX: return row->max;
	default: return row->sum;
	}
}

static int heavier(const void *a, const void *b)
{
	const struct line *x = a, *y = b;

	if (x->weight != y->weight)
		return x->weight > y->weight ? -1 : 1;
	return strcmp(x->row->key, y->row->key);
}

/* All rows that have calls, the heaviest first. To be freed. */
static struct line *sorted(const struct measure *m, size_t n, int sort, size_t *count)
{
	struct line *lines;
	size_t i, k, room = 1;

	for (i = 0; i < n; i++)
		room += m[i].hist.n;
	lines = calloc(room, sizeof(*lines));
	if (!lines)
		abort();
	*count = 0;
	for (i = 0; i < n; i++)
		for (k = 0; k < m[i].hist.n; k++)
			if (m[i].hist.row[k].calls)
				lines[(*count)++] =
					(struct line){ &m[i], &m[i].hist.row[k],
						       weight(&m[i].hist.row[k], sort) };
	qsort(lines, *count, sizeof(*lines), heavier);
	return lines;
}

/* @buf is for what is not said as it stands: a negative errno, a function in a module. */
static const char *key_text(const struct line *l, const char *by, char *buf, size_t size)
{
	const char *key = l->row->key, *name = NULL;

	if (!strcmp(key, "*"))
		return "(others)";
	if (by && !strcmp(by, "func")) {
		const char *prefix = syscall_prefix();

		if (!strncmp(key, prefix, strlen(prefix)))
			key += strlen(prefix);
		snprintf(buf, size, "%.*s", (int)strcspn(key, " "), key);
		return buf;
	}
	if (by && !strcmp(by, "ret") && key[0] == '-' && l->m->def->ret.kind == VIEW_ERRNO)
		name = view_errno_name(atoll(key + 1));
	if (!name)
		return key;
	snprintf(buf, size, "-%s", name);
	return buf;
}

/* The same as one line. */
static const char *key_line(const struct line *l, const char *by, char *buf, size_t size)
{
	char key[128];
	const char *text = key_text(l, by, key, sizeof(key));

	text_plain(text, strlen(text), buf, size);
	return buf;
}

/* As wide as the longest of each column, within limits. */
struct widths {
	int span, key;
};

static struct widths widths_of(const struct line *lines, size_t n, const char *by)
{
	struct widths w = { 20, by ? 20 : 0 };
	char key[KEY_TEXT];
	size_t i;

	for (i = 0; i < n; i++) {
		int span = strlen(lines[i].m->def->event);
		int len = by ? strlen(key_line(&lines[i], by, key, sizeof(key))) : 0;

		if (span > w.span)
			w.span = span < 32 ? span : 32;
		if (len > w.key)
			w.key = len < 48 ? len : 48;
	}
	return w;
}

static void print_row(const struct line *l, const char *by, struct widths w, char *buf,
		      size_t size)
{
	const struct hist_row *r = l->row;
	char d[7][24], missed[24] = "-", key[KEY_TEXT];

	view_duration(r->min, d[0], sizeof(d[0]));
	view_duration(average(r), d[1], sizeof(d[1]));
	view_duration(hist_percentile(r, 50), d[2], sizeof(d[2]));
	view_duration(hist_percentile(r, 90), d[3], sizeof(d[3]));
	view_duration(hist_percentile(r, 99), d[4], sizeof(d[4]));
	view_duration(hist_percentile(r, 99.9), d[5], sizeof(d[5]));
	view_duration(r->max, d[6], sizeof(d[6]));
	/* what was missed has no key */
	if (!by)
		snprintf(missed, sizeof(missed), "%llu", l->m->missed);
	snprintf(buf, size, "%-*.*s %-*.*s%10llu %10.1f %7llu %8s %8s %8s %8s %8s %8s %8s %7s",
		 w.span, w.span, l->m->def->event, w.key, w.key,
		 by ? key_line(l, by, key, sizeof(key)) : "", r->calls,
		 l->m->seconds > 0 ? r->calls / l->m->seconds : 0, r->errors, d[0], d[1], d[2],
		 d[3], d[4], d[5], d[6], missed);
}

void table_print(const struct measure *m, size_t n, const char *by, int sort,
		 void (*line)(int number, const char *text, void *arg), void *arg)
{
	size_t count, i;
	struct line *lines = sorted(m, n, sort, &count);
	struct widths w = widths_of(lines, count, by);
	int number = 0;
	char buf[512];

	snprintf(buf, sizeof(buf), "%-*s %-*.*s%10s %10s %7s %8s %8s %8s %8s %8s %8s %8s %7s", w.span,
		 "SPAN", w.key, w.key, by ?: "", "CALLS", "CALLS/S", "ERRORS", "MIN", "AVG", "P50",
		 "P90", "P99", "P99.9", "MAX", "MISSED");
	line(number++, buf, arg);
	for (i = 0; i < count; i++) {
		print_row(&lines[i], by, w, buf, sizeof(buf));
		line(number++, buf, arg);
	}
	for (i = 0; i < n; i++) {
		if (!m[i].hist.n) {
			snprintf(buf, sizeof(buf), "%-*.*s %-*s%10d", w.span, w.span,
				 m[i].def->event, w.key, "", 0);
			line(number++, buf, arg);
		}
		if (m[i].hist.overflow) {
			snprintf(buf, sizeof(buf), "%s: %llu calls of more %ss than there is room for: --keys",
				 m[i].def->event, m[i].hist.overflow, by ?: "key");
			line(number++, buf, arg);
		}
		if (m[i].missed) {
			snprintf(buf, sizeof(buf), "%s: %llu calls missed: %s", m[i].def->event,
				 m[i].missed, m[i].reasons);
			line(number++, buf, arg);
		}
	}
	free(lines);
}

static int octave(unsigned long long low)
{
	return low ? 63 - __builtin_clzll(low) : 0;
}

static void draw_row(const struct hist_row *row, FILE *f)
{
	unsigned long long sum[64] = {}, most = 0;
	int first = 64, last = 0, i;
	size_t k;

	for (k = 0; k < row->nbuckets; k++) {
		i = octave(row->bucket[k].low);
		sum[i] += row->bucket[k].count;
		if (sum[i] > most)
			most = sum[i];
		if (i < first)
			first = i;
		if (i > last)
			last = i;
	}
	for (i = first; i <= last; i++) {
		char low[24], high[24], bar[WIDTH + 1];
		int len = most ? (sum[i] * WIDTH + most - 1) / most : 0;

		view_duration(i ? 1ULL << i : 0, low, sizeof(low));
		view_duration(2ULL << i, high, sizeof(high));
		memset(bar, '#', len);
		bar[len] = '\0';
		fprintf(f, "  %8s - %-8s |%-*s| %llu\n", low, high, WIDTH, bar, sum[i]);
	}
}

void table_draw(const struct measure *m, size_t n, const char *by, FILE *f)
{
	size_t count, i;
	char key[KEY_TEXT];
	struct line *lines = sorted(m, n, SORT_TOTAL, &count);

	for (i = 0; i < count; i++) {
		fprintf(f, "\n%s%s%s\n", lines[i].m->def->event, by ? " " : "",
			by ? key_line(&lines[i], by, key, sizeof(key)) : "");
		draw_row(lines[i].row, f);
	}
	free(lines);
}

void table_json(const struct measure *m, size_t n, const char *by, int sort, FILE *f)
{
	static const struct {
		const char *name;
		double p;
	} percentiles[] = {
		{ "p50_ns", 50 }, { "p90_ns", 90 }, { "p99_ns", 99 }, { "p99_9_ns", 99.9 },
	};
	struct json_object *array = json_object_new_array();
	char key[128];
	size_t count, i, k;
	struct line *lines = sorted(m, n, sort, &count);

	for (i = 0; i < count; i++) {
		const struct hist_row *r = lines[i].row;
		struct json_object *o = json_object_new_object(),
				   *buckets = json_object_new_array();

		json_object_object_add(o, "event", json_object_new_string(lines[i].m->def->event));
		if (by) {
			const char *text = key_text(&lines[i], by, key, sizeof(key));

			json_object_object_add(o, by, text_json(text, strlen(text)));
		}
		json_object_object_add(o, "seconds", json_object_new_double(lines[i].m->seconds));
		json_object_object_add(o, "calls", json_object_new_int64(r->calls));
		json_object_object_add(o, "errors", json_object_new_int64(r->errors));
		json_object_object_add(o, "sum_ns", json_object_new_int64(r->sum));
		json_object_object_add(o, "min_ns", json_object_new_int64(r->min));
		json_object_object_add(o, "avg_ns", json_object_new_int64(average(r)));
		for (k = 0; k < sizeof(percentiles) / sizeof(percentiles[0]); k++)
			json_object_object_add(
				o, percentiles[k].name,
				json_object_new_int64(hist_percentile(r, percentiles[k].p)));
		json_object_object_add(o, "max_ns", json_object_new_int64(r->max));
		json_object_object_add(o, "missed", json_object_new_int64(lines[i].m->missed));
		for (k = 0; k < r->nbuckets; k++) {
			struct json_object *b = json_object_new_array();

			json_object_array_add(b, json_object_new_int64(r->bucket[k].low));
			json_object_array_add(b, json_object_new_int64(r->bucket[k].count));
			json_object_array_add(buckets, b);
		}
		json_object_object_add(o, "buckets", buckets);
		json_object_array_add(array, o);
	}
	fprintf(f, "%s\n",
		json_object_to_json_string_ext(array, JSON_C_TO_STRING_PLAIN |
							      JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(array);
	free(lines);
}

/* A label's value: of the line " and \ are escaped. */
static void put_label(const char *s, FILE *f)
{
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			fputc('\\', f);
		fputc(*s, f);
	}
}

static void labels(const struct line *l, const char *by, FILE *f)
{
	char key[KEY_TEXT];

	fprintf(f, "span=\"%s\"", l->m->def->event);
	if (!by)
		return;
	fprintf(f, ",%s=\"", by);
	put_label(key_line(l, by, key, sizeof(key)), f);
	fputc('"', f);
}

void table_openmetrics(const struct measure *m, size_t n, const char *by, FILE *f)
{
	size_t count, i, k;
	struct line *lines = sorted(m, n, SORT_TOTAL, &count);

	fputs("# HELP fspan_duration_seconds Duration of calls.\n# TYPE fspan_duration_seconds histogram\n", f);
	for (i = 0; i < count; i++) {
		const struct hist_row *r = lines[i].row;
		unsigned long long below = 0;
		int e;

		/* by powers of two: the last ns below each */
		for (e = 7, k = 0; e <= 40; e++) {
			for (; k < r->nbuckets && r->bucket[k].low < 1ULL << e; k++)
				below += r->bucket[k].count;
			fputs("fspan_duration_seconds_bucket{", f);
			labels(&lines[i], by, f);
			fprintf(f, ",le=\"%.12g\"} %llu\n", ((1ULL << e) - 1) / 1e9, below);
		}
		for (; k < r->nbuckets; k++)
			below += r->bucket[k].count;
		fputs("fspan_duration_seconds_bucket{", f);
		labels(&lines[i], by, f);
		fprintf(f, ",le=\"+Inf\"} %llu\nfspan_duration_seconds_sum{", below);
		labels(&lines[i], by, f);
		fprintf(f, "} %.9f\nfspan_duration_seconds_count{", r->sum / 1e9);
		labels(&lines[i], by, f);
		fprintf(f, "} %llu\n", below);
	}
	fputs("# HELP fspan_errors_total Calls that returned a negative errno.\n# TYPE fspan_errors_total counter\n", f);
	for (i = 0; i < count; i++) {
		fputs("fspan_errors_total{", f);
		labels(&lines[i], by, f);
		fprintf(f, "} %llu\n", lines[i].row->errors);
	}
	fputs("# HELP fspan_missed_total Calls that could not be followed.\n# TYPE fspan_missed_total counter\n", f);
	for (i = 0; i < n; i++)
		fprintf(f, "fspan_missed_total{span=\"%s\"} %llu\n", m[i].def->event, m[i].missed);
	fputs("# EOF\n", f);
	free(lines);
}
