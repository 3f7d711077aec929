// SPDX-License-Identifier: GPL-2.0
/* fspan save: what is defined now, as a file that is loaded at boot. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "cmd.h"
#include "control.h"
#include "file.h"

#define DIRECTORY "/etc/fspan.d"

/* Owned ones are comments in the listing: they will be gone. */
static size_t write_definitions(const char *text, FILE *f)
{
	size_t n = 0;

	while (*text) {
		size_t len = strcspn(text, "\n");

		if (*text != '#') {
			fprintf(f, "%.*s\n", (int)len, text);
			n++;
		}
		text += len + (text[len] == '\n');
	}
	return n;
}

static int save(const char *path, const char *text, const struct options *o)
{
	struct utsname un;
	char temporary[4128];
	size_t n;
	FILE *f;

	uname(&un);
	snprintf(temporary, sizeof(temporary), "%s.new", path);
	f = o->dry_run ? stdout : fopen(temporary, "we");
	if (!f)
		goto fail;
	if (o->dry_run)
		printf("cat > %s << 'END'\n", path);
	/* offsets in them are those of this kernel: load-spans leaves the file out on another */
	fprintf(f, "# kernel: %s\n", un.release);
	n = write_definitions(text, f);
	if (o->dry_run) {
		puts("END");
		return 0;
	}
	if (fclose(f) || rename(temporary, path))
		goto fail;
	printf("%zu definitions in %s\n", n, path);
	return 0;
fail:
	fprintf(stderr, "fspan save: %s: %s\n", path, strerror(errno));
	return 1;
}

int cmd_save(const struct verb *verb, int argc, char **argv)
{
	char path[4096], *text;
	struct options o;
	int ret = options_parse(verb, argc, argv, &o);

	if (ret >= 0)
		return ret;
	if (o.nspecs > 1 || o.command)
		return cmd_usage(verb, "at most one file, or a name for " DIRECTORY);
	text = file_read(CONTROL_DEVICE);
	if (!text) {
		fprintf(stderr, "fspan save: %s: %s\n", CONTROL_DEVICE, strerror(errno));
		fprintf(stderr, "  is the module loaded, and are you root? fspan doctor says\n");
		return 1;
	}
	if (!o.nspecs)
		snprintf(path, sizeof(path), DIRECTORY "/saved.spans");
	else if (strchr(o.specs[0], '/'))
		snprintf(path, sizeof(path), "%s", o.specs[0]);
	else
		snprintf(path, sizeof(path), DIRECTORY "/%s%s", o.specs[0],
			 strstr(o.specs[0], ".spans") ? "" : ".spans");
	if (!o.dry_run && !strncmp(path, DIRECTORY "/", sizeof(DIRECTORY)))
		mkdir(DIRECTORY, 0755);
	ret = save(path, text, &o);
	free(text);
	return ret;
}
