// SPDX-License-Identifier: GPL-2.0
/*
 * A corpus is a file of text, an input a line, in which \n \t \\ and \xHH stand
 * for what is no letter. Without libFuzzer:
 *   replay FILE            feed each line; "N passed, 0 failed, 0 skipped"
 *   replay --split FILE DIR   a file for each line, for libFuzzer
 *   replay --join DIR         back, on stdout
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

static size_t unescape(char *s)
{
	char *from = s, *to = s;
	unsigned int byte;

	while (*from && *from != '\n') {
		if (*from != '\\') {
			*to++ = *from++;
		} else if (from[1] == 'x' && sscanf(from + 2, "%2x", &byte) == 1) {
			*to++ = byte;
			from += 4;
		} else {
			*to++ = from[1] == 'n' ? '\n' : from[1] == 't' ? '\t' : from[1];
			from += 2;
		}
	}
	return to - s;
}

static void print_escaped(const unsigned char *s, size_t n)
{
	for (; n--; s++) {
		if (*s == '\n' || *s == '\t' || *s == '\\')
			printf("\\%c", *s == '\n' ? 'n' : *s == '\t' ? 't' : '\\');
		else if (*s < ' ' || *s > '~')
			printf("\\x%02x", *s);
		else
			putchar(*s);
	}
	putchar('\n');
}

static int join(const char *dir)
{
	struct dirent **list;
	int i, n = scandir(dir, &list, NULL, alphasort);

	for (i = 0; i < n; i++) {
		unsigned char buf[1 << 16];
		char path[4096];
		FILE *f;

		snprintf(path, sizeof(path), "%s/%s", dir, list[i]->d_name);
		f = list[i]->d_name[0] == '.' ? NULL : fopen(path, "r");
		if (f) {
			print_escaped(buf, fread(buf, 1, sizeof(buf), f));
			fclose(f);
		}
		free(list[i]);
	}
	if (n >= 0)
		free(list);
	return n < 0;
}

static int each_line(const char *path, const char *dir)
{
	unsigned int n = 0;
	FILE *f = fopen(path, "r");
	char *line = NULL;
	size_t room = 0;

	if (!f) {
		perror(path);
		return 1;
	}
	while (getline(&line, &room, f) > 0) {
		size_t len = unescape(line);
		char name[4096];
		FILE *out;

		n++;
		if (!dir) {
			/* of its own size, so that one byte too far is seen */
			uint8_t *copy = malloc(len + !len);

			if (copy)
				memcpy(copy, line, len);
			LLVMFuzzerTestOneInput(copy, len);
			free(copy);
			continue;
		}
		snprintf(name, sizeof(name), "%s/%04u", dir, n);
		out = fopen(name, "w");
		if (!out || fwrite(line, 1, len, out) != len || fclose(out)) {
			perror(name);
			return 1;
		}
	}
	free(line);
	fclose(f);
	if (!dir)
		printf("%u passed, 0 failed, 0 skipped\n", n);
	return !n;
}

int main(int argc, char **argv)
{
	if (argc == 4 && !strcmp(argv[1], "--split"))
		return each_line(argv[2], argv[3]);
	if (argc == 3 && !strcmp(argv[1], "--join"))
		return join(argv[2]);
	if (argc == 2)
		return each_line(argv[1], NULL);
	fprintf(stderr, "usage: replay FILE | --split FILE DIR | --join DIR\n");
	return 2;
}
