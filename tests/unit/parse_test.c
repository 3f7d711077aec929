// SPDX-License-Identifier: GPL-2.0
/*
 * The parser against the table of errors, and against cuts and single changed
 * bytes of all its lines: it may refuse them, but never read or write astray.
 */
#include <stdio.h>

#include "parse.h"

static const char * const names[] = {
	"OK",
#define NAME(name, errno, text) #name,
	FSPAN_ERRORS(NAME)
#undef NAME
};

static unsigned int passed, failed;

static void check(const char *name, const char *line, unsigned int col)
{
	struct fspan_error err = {};
	struct fspan_spec spec;
	int ret = fspan_parse(line, &spec, &err);

	fspan_spec_release(&spec);
	/* what only the kernel can find out parses */
	if (!ret)
		return;
	if (!strcmp(names[err.code], name) && err.col == col &&
	    ret == fspan_error_errno(err.code)) {
		passed++;
		return;
	}
	failed++;
	printf("not ok - %s\n# %s\n# %*s^ %s\n", name, line, err.col, "", names[err.code]);
}

/* A copy of its own size, so that the sanitizer sees one byte too far. */
static void feed(const char *line, size_t len)
{
	struct fspan_error err = {};
	struct fspan_spec spec;
	char *copy = malloc(len + 1);

	memcpy(copy, line, len);
	copy[len] = '\0';
	if (fspan_parse(copy, &spec, &err) && err.col > len) {
		printf("not ok - column %u of %zu: %s\n", err.col, len, copy);
		failed++;
	}
	fspan_spec_release(&spec);
	free(copy);
}

static void mangle(const char *line)
{
	size_t len = strlen(line), i;
	char *copy;
	int c;

	for (i = 0; i <= len; i++)
		feed(line, i);
	copy = strdup(line);
	for (i = 0; i < len; i++) {
		for (c = 1; c < 256; c += c < 32 || c >= 127 ? 16 : 1) {
			copy[i] = c;
			feed(copy, len);
		}
		copy[i] = line[i];
	}
	free(copy);
}

int main(int argc, char **argv)
{
	char name[64], line[8192], caret[8192];
	FILE *f = fopen(argv[argc - 1], "r");

	if (!f) {
		perror(argv[argc - 1]);
		return 1;
	}
	while (fgets(name, sizeof(name), f)) {
		if (name[0] == '#' || name[0] == '\n')
			continue;
		if (!fgets(line, sizeof(line), f) || !fgets(caret, sizeof(caret), f))
			break;
		name[strcspn(name, "\n")] = '\0';
		line[strcspn(line, "\n")] = '\0';
		check(name, line, strcspn(caret, "^"));
		mangle(line);
	}
	fclose(f);
	printf("%u passed, %u failed, 0 skipped\n", passed, failed);
	return failed || !passed;
}
