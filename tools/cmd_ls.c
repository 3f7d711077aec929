// SPDX-License-Identifier: GPL-2.0
/* fspan ls: definitions, their counters, and calls that have not returned. */
#include <errno.h>
#include <json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "control.h"
#include "file.h"
#include "text.h"

static int no_file(const char *path)
{
	int err = errno;

	fprintf(stderr, "fspan ls: %s: %s\n", path, strerror(err));
	if (err == ENOENT && !access(CONTROL_DEVICE, F_OK))
		fprintf(stderr, "  %s\n", control_no_debugfs());
	else
		fprintf(stderr, "  is the module loaded, and are you root? fspan doctor says\n");
	return 1;
}

/* "fspan/x" of a line "s[...]:x FUNCTION ..." */
static void event_of(const char *line, char *buf, size_t size)
{
	const char *p = strchr(line, ']') && line[1] == '[' ? strchr(line, ']') : line,
		   *colon = strchr(p, ':');
	int len;

	if (!colon) {
		*buf = '\0';
		return;
	}
	colon++;
	colon += strspn(colon, " \t");
	len = strcspn(colon, " \t\n");
	snprintf(buf, size, "%s%.*s", memchr(colon, '/', len) ? "" : "fspan/", len, colon);
}

struct row {
	char event[160];
	char owner[32];		/* "", "pid 7", "dead" */
	const char *line;
};

static void parse_row(const char *line, struct row *row)
{
	const char *def = line;

	memset(row, 0, sizeof(*row));
	if (!strncmp(line, "# ", 2)) {
		def = strstr(line, ": ");
		def = def ? def + 2 : line;
		snprintf(row->owner, sizeof(row->owner), "%.*s", (int)(def - line) - 4, line + 2);
	}
	row->line = def;
	event_of(def, row->event, sizeof(row->event));
}

/* What programs did to it, if they did. */
static void print_gate(const char *event)
{
	unsigned long long entry = control_profile(event, "dropped_entry"),
			   dropped = control_profile(event, "dropped_gate"),
			   skipped = control_profile(event, "gate_skipped");

	if (entry || dropped || skipped)
		printf("%-24s gate: %llu dropped at entry, %llu at return, %llu times a program was skipped\n",
		       "", entry, dropped, skipped);
}

static void print_row(const struct row *row)
{
	const char *owner = *row->owner ? row->owner : "-";
	char reasons[256] = "";
	unsigned long long n;

	if (!control_missed(row->event, &n, reasons, sizeof(reasons))) {
		printf("%-24s %-8s %-5s %10s %10s %8s %6s  %s\n", row->event, owner, "-", "-", "-",
		       "-", "-", row->line);
		return;
	}
	printf("%-24s %-8s %-5s %10llu %10llu %8llu %6llu  %s\n", row->event, owner,
	       control_profile(row->event, "armed") ? "yes" : "no", control_profile(row->event, "entered"),
	       control_profile(row->event, "written"), n, control_profile(row->event, "inflight"), row->line);
	if (n)
		printf("%-24s missed: %s\n", "", reasons);
	print_gate(row->event);
}

static void json_column(const char *column, unsigned long long value, void *arg)
{
	json_object_object_add(arg, column, json_object_new_int64(value));
}

static struct json_object *json_row(const struct row *row)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "event", json_object_new_string(row->event));
	json_object_object_add(o, "definition", json_object_new_string(row->line));
	if (*row->owner)
		json_object_object_add(o, "owner", json_object_new_string(row->owner));
	control_profile_each(row->event, json_column, o);
	return o;
}

static int list(const struct options *o)
{
	char *text = file_read(CONTROL_DEVICE), *line, *next;
	struct json_object *array;
	struct row row;

	if (!text)
		return no_file(CONTROL_DEVICE);
	array = json_object_new_array();
	if (!o->json && *text)
		printf("%-24s %-8s %-5s %10s %10s %8s %6s  %s\n", "EVENT", "OWNER", "ARMED", "ENTERED",
		       "WRITTEN", "MISSED", "INSIDE", "DEFINITION");
	for (line = text; *line; line = next) {
		next = line + strcspn(line, "\n");
		if (*next)
			*next++ = '\0';
		parse_row(line, &row);
		if (o->json)
			json_object_array_add(array, json_row(&row));
		else
			print_row(&row);
	}
	if (o->json)
		cmd_print_json(array);
	else
		json_object_put(array);
	free(text);
	return 0;
}

/* GROUP/EVENT TASK-PID AGEs FUNCTION FIELD=VALUE... */
static struct json_object *json_call(const char *line)
{
	struct json_object *o = json_object_new_object();
	char event[160] = "", function[256] = "";
	const char *dash;
	double age = 0;
	int pid = 0, used = 0;

	sscanf(line, "%159s", event);
	line += strcspn(line, " ");
	line += *line == ' ';
	json_object_object_add(o, "event", json_object_new_string(event));
	/* a task may name itself like what follows, in 15 bytes: there is no '-' as near in that */
	dash = memrchr(line, '-', strnlen(line, 16));
	if (!dash || sscanf(dash, "-%d %lfs %255s%n", &pid, &age, function, &used) != 3)
		return o;
	json_object_object_add(o, "comm", text_json(line, dash - line));
	json_object_object_add(o, "pid", json_object_new_int(pid));
	json_object_object_add(o, "age_s", json_object_new_double(age));
	json_object_object_add(o, "function", json_object_new_string(function));
	if (dash[used] == ' ')
		json_object_object_add(o, "fields", text_json(dash + used + 1, strlen(dash + used + 1)));
	return o;
}

static int inflight(const struct options *o)
{
	char *text = file_read(CONTROL_DEBUGFS "/inflight"), *line, *next;
	struct json_object *array;

	if (!text)
		return no_file(CONTROL_DEBUGFS "/inflight");
	if (!o->json) {
		fputs(text, stdout);
		free(text);
		return 0;
	}
	array = json_object_new_array();
	for (line = text; *line; line = next) {
		next = line + strcspn(line, "\n");
		if (*next)
			*next++ = '\0';
		json_object_array_add(array, json_call(line));
	}
	cmd_print_json(array);
	free(text);
	return 0;
}

/* EVENT FUNCTION ENGINE WHY, and a line with these names before */
static int functions(const struct options *o)
{
	char *text = file_read(CONTROL_DEBUGFS "/functions"), *line, *next, word[4][256];
	static const char * const names[] = { "event", "function", "engine", "why" };
	struct json_object *array, *object;
	size_t i;

	if (!text)
		return no_file(CONTROL_DEBUGFS "/functions");
	array = json_object_new_array();
	next = strchr(text, '\n');
	if (!o->json && next && next[1])
		printf("%-24s %-32s %-10s %s\n", "EVENT", "FUNCTION", "ENGINE", "WHY");
	for (line = next ? next + 1 : ""; *line; line += strcspn(line, "\n"), line += *line == '\n') {
		if (sscanf(line, "%255s %255s %255s %255s", word[0], word[1], word[2], word[3]) != 4)
			continue;
		if (!o->json) {
			printf("%-24s %-32s %-10s %s\n", word[0], word[1], word[2], word[3]);
			continue;
		}
		object = json_object_new_object();
		for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
			json_object_object_add(object, names[i], json_object_new_string(word[i]));
		json_object_array_add(array, object);
	}
	if (o->json)
		cmd_print_json(array);
	else
		json_object_put(array);
	free(text);
	return 0;
}

int cmd_ls(const struct verb *verb, int argc, char **argv)
{
	struct options o;
	int ret = options_parse(verb, argc, argv, &o);

	if (ret >= 0)
		return ret;
	if (o.nspecs || o.command)
		return cmd_usage(verb, "takes no arguments");
	if (o.functions)
		return functions(&o);
	return o.inflight ? inflight(&o) : list(&o);
}
