// SPDX-License-Identifier: GPL-2.0
#include <string.h>
#include <strings.h>

#include "diag.h"

int diag_set(struct diag *d, int col, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(d->what, sizeof(d->what), fmt, ap);
	va_end(ap);
	d->col = col;
	d->hint[0] = '\0';
	return -1;
}

int diag_hint(struct diag *d, const char *fmt, ...)
{
	size_t len = strlen(d->hint);
	va_list ap;

	if (len && len < sizeof(d->hint) - 1)
		d->hint[len++] = '\n';
	va_start(ap, fmt);
	vsnprintf(d->hint + len, sizeof(d->hint) - len, fmt, ap);
	va_end(ap);
	return -1;
}

/*
 * What the user wrote may hold anything, and a terminal would obey it: a byte
 * that is no letter is shown as one '?', so that columns stay what they are.
 */
static void print_line(const char *s, size_t len, FILE *f)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (s[i] == '\t' || (s[i] >= ' ' && s[i] <= '~'))
			fputc(s[i], f);
		else
			fputc(s[i] == '\n' ? ' ' : '?', f);
	fputc('\n', f);
}

void diag_print(const struct diag *d, FILE *f)
{
	const char *line = d->hint;
	int i;

	fputs("fspan: ", f);
	print_line(d->what, strlen(d->what), f);
	if (d->text) {
		fputs("  ", f);
		print_line(d->text, strlen(d->text), f);
		if (d->col >= 0) {
			fputs("  ", f);
			for (i = 0; i < d->col; i++)
				fputc(d->text[i] == '\t' ? '\t' : ' ', f);
			fputs("^\n", f);
		}
	}
	while (*line) {
		size_t len = strcspn(line, "\n");

		fputs("  ", f);
		print_line(line, len, f);
		line += len;
		line += *line == '\n';
	}
}

/* Levenshtein's distance, but a prefix is near. */
static unsigned int distance(const char *a, const char *b)
{
	size_t la = strlen(a), lb = strlen(b), i, j;
	unsigned int row[64];

	if (la >= 2 && !strncasecmp(a, b, la))
		return 1;
	if (la > 62 || lb > 62)
		return ~0U;
	for (j = 0; j <= lb; j++)
		row[j] = j;
	for (i = 1; i <= la; i++) {
		unsigned int diagonal = row[0];

		row[0] = i;
		for (j = 1; j <= lb; j++) {
			unsigned int best = diagonal + (a[i - 1] != b[j - 1]);

			diagonal = row[j];
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
		}
	}
	return row[lb];
}

void diag_near_add(struct diag_near *near, const char *name)
{
	unsigned int limit = strlen(near->have) / 3 + 1, d, i;

	/* most names are far: a look at the length spares the rest */
	if (strlen(name) + limit < strlen(near->have))
		return;
	d = distance(near->have, name);
	if (d > limit)
		return;
	for (i = near->n; i > 0 && near->best[i - 1].distance > d; i--)
		if (i < DIAG_NEAR)
			near->best[i] = near->best[i - 1];
	if (i == DIAG_NEAR)
		return;
	near->best[i].distance = d;
	snprintf(near->best[i].name, sizeof(near->best[i].name), "%s", name);
	if (near->n < DIAG_NEAR)
		near->n++;
}

void diag_near_hint(struct diag *d, const struct diag_near *near)
{
	char buf[DIAG_NEAR * 130] = "";
	unsigned int i;

	if (!near->n)
		return;
	for (i = 0; i < near->n; i++) {
		if (i)
			strcat(buf, ", ");
		strcat(buf, near->best[i].name);
	}
	diag_hint(d, "did you mean: %s", buf);
}
