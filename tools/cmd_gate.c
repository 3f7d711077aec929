// SPDX-License-Identifier: GPL-2.0
/* fspan gate: load, list and remove eBPF programs. */
#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "child.h"
#include "cmd.h"
#include "control.h"
#include "file.h"
#include "gate.h"
#include "pins.h"
#include "variables.h"
#include "view.h"

static int fail(const struct diag *d, const struct options *o)
{
	diag_print(d, stderr);
	if (o->verbose)
		gate_print_log();
	return 1;
}

static bool is_name(const char *s)
{
	return *s && strlen(s) < GATE_NAME &&
	       !s[strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")];
}

/* A gate that nobody passes is likely a mistake. */
static void note_definitions(void)
{
	char *text = file_read(CONTROL_DEVICE), *p;
	bool found = false;

	for (p = text; p && *p; p += strcspn(p, "\n"), p += *p == '\n') {
		size_t len = strcspn(p, "\n"), attributes = strcspn(p, "]\n");
		const char *gate = memmem(p, attributes, "gate", 4);

		found |= attributes < len && gate && strchr("[,", gate[-1]) && strchr("],", gate[4]);
	}
	if (text && !found)
		fprintf(stderr, "fspan: no definition has the attribute gate: fspan add --gate SPEC makes one\n");
	free(text);
}

static int hold(const char *name, const struct options *o)
{
	unsigned long long deadline = o->length ? run_now() + o->length : 0;
	struct child none = {};

	run_catch_signals();
	printf("%s: attached%s\n", name, o->length ? "" : " until it is interrupted");
	fflush(stdout);
	while (run_sleep(&none, 1000000000, deadline))
		;
	return 0;
}

static int load(const struct verb *verb, const struct options *o)
{
	const char *name;
	struct gate g;
	struct diag d;
	int i, ret;

	if (o->nspecs < 2)
		return cmd_usage(verb, "which program? a file, or one that came with fspan, as in fspan gate load every every=100");
	if (o->name && !is_name(o->name))
		return cmd_usage(verb, "--name is of letters, digits, '_' and '-'");
	ret = gate_open(&g, o->specs[1], &d);
	for (i = 2; i < o->nspecs && !ret; i++)
		ret = variables_set(g.obj, o->specs[i], &d);
	if (ret) {
		ret = fail(&d, o);
		goto out;
	}
	name = o->name ?: g.name;
	ret = gate_attach(&g, o->dev, &d);
	if (!ret && !o->hold && !o->length)
		ret = gate_pin(&g, name, &d);
	if (ret) {
		ret = fail(&d, o);
		goto out;
	}
	if (g.gates)
		note_definitions();
	if (o->hold || o->length)
		ret = hold(name, o);
	else
		printf("%s: %zu program%s, in " PINS "/%s\n", name, g.n, g.n > 1 ? "s" : "", name);
out:
	gate_close(&g);
	return ret;
}

static bool counting(void)
{
	char *s = file_read("/proc/sys/kernel/bpf_stats_enabled");
	bool on = s && *s == '1';

	free(s);
	return on;
}

/* What came since @before. */
static void subtract(struct pins *now, const struct pins *before)
{
	size_t i, k;

	for (i = 0; i < now->n; i++)
		for (k = 0; k < before->n; k++) {
			const struct pin *was = &before->p[k];
			struct pin *is = &now->p[i];

			if (is->id != was->id || is->link != was->link)
				continue;
			is->runs -= was->runs;
			is->ns -= was->ns;
			is->skipped -= was->skipped;
		}
}

static void print_pins(const struct pins *pins)
{
	char maps[512], each[32];
	size_t i;

	if (pins->n)
		printf("%-16s %-16s %-25s %-20s %10s %9s %8s  %s\n", "NAME", "PROGRAM", "TYPE", "AT", "RUNS",
		       "TIME/RUN", "SKIPPED", "MAPS");
	for (i = 0; i < pins->n; i++) {
		const struct pin *p = &pins->p[i];

		strcpy(each, "-");
		if (p->runs)
			view_duration(p->ns / p->runs, each, sizeof(each));
		*maps = '\0';
		if (*p->name)
			pins_maps(p->name, maps, sizeof(maps));
		printf("%-16s %-16s %-25s %-20s %10llu %9s %8llu  %s\n", *p->name ? p->name : "(not pinned)",
		       p->program, p->type, *p->at ? p->at : "-", p->runs, each, p->skipped,
		       *maps ? maps : "-");
	}
}

static void json_pins(const struct pins *pins)
{
	struct json_object *array = json_object_new_array();
	size_t i;

	for (i = 0; i < pins->n; i++) {
		struct json_object *o = json_object_new_object();
		const struct pin *p = &pins->p[i];
		char maps[512], path[600];

		if (*p->name)
			json_object_object_add(o, "name", json_object_new_string(p->name));
		json_object_object_add(o, "program", json_object_new_string(p->program));
		json_object_object_add(o, "id", json_object_new_int64(p->id));
		json_object_object_add(o, "type", json_object_new_string(p->type));
		if (*p->at)
			json_object_object_add(o, "at", json_object_new_string(p->at));
		json_object_object_add(o, "runs", json_object_new_int64(p->runs));
		json_object_object_add(o, "time_ns", json_object_new_int64(p->ns));
		json_object_object_add(o, "skipped", json_object_new_int64(p->skipped));
		json_object_object_add(o, "jited_bytes", json_object_new_int64(p->jited));
		if (*p->name) {
			struct json_object *list = json_object_new_array();
			char *map, *rest = maps;

			pins_maps(p->name, maps, sizeof(maps));
			while ((map = strsep(&rest, " ")) && *map) {
				snprintf(path, sizeof(path), PINS "/%s/maps/%s", p->name, map);
				json_object_array_add(list, json_object_new_string(path));
			}
			json_object_object_add(o, "maps", list);
		}
		json_object_array_add(array, o);
	}
	cmd_print_json(array);
}

static int no_list(int err)
{
	fprintf(stderr, "fspan gate: cannot list programs: %s\n", strerror(err));
	if (err == EPERM || err == EACCES)
		fprintf(stderr, "  run as root: it takes CAP_SYS_ADMIN\n");
	return 1;
}

static int list(const struct verb *verb, const struct options *o)
{
	struct pins before = {}, now;
	struct child none = {};
	int fd = -1;

	if (o->nspecs > 1)
		return cmd_usage(verb, "ls takes no names");
	if (o->length) {
		unsigned long long deadline;

		/* the kernel counts as long as this is open */
		fd = bpf_enable_stats(BPF_STATS_RUN_TIME);
		if (fd < 0) {
			fprintf(stderr, "fspan gate: the kernel does not count: %s\n", strerror(errno));
			return 1;
		}
		if (pins_list(&before))
			return no_list(errno);
		deadline = run_now() + o->length;
		run_catch_signals();
		while (run_sleep(&none, 1000000000, deadline))
			;
	}
	if (pins_list(&now))
		return no_list(errno);
	subtract(&now, &before);
	if (o->json)
		json_pins(&now);
	else
		print_pins(&now);
	if (!o->json && !o->length && now.n && !counting())
		fprintf(stderr, "fspan: runs and time are counted while kernel.bpf_stats_enabled is 1, or by fspan gate ls --for 5s\n");
	if (fd >= 0)
		close(fd);
	pins_free(&before);
	pins_free(&now);
	return 0;
}

static int remove_one(const char *name)
{
	if (!pins_remove(name))
		return 0;
	fprintf(stderr, "fspan gate: %s: %s\n", name, errno == ENOENT ? "no program is pinned by this name" :
		strerror(errno));
	if (errno == ENOENT)
		fprintf(stderr, "  fspan gate ls lists them; one that is not pinned goes with its process\n");
	else if (errno == EACCES || errno == EPERM)
		fprintf(stderr, "  run as root\n");
	return 1;
}

static int remove_all(void)
{
	struct pins pins;
	size_t i;
	int ret = 0;

	if (pins_list(&pins))
		return no_list(errno);
	for (i = 0; i < pins.n; i++)
		if (*pins.p[i].name && (!i || strcmp(pins.p[i].name, pins.p[i - 1].name)))
			ret |= remove_one(pins.p[i].name);
	pins_free(&pins);
	return ret;
}

static int remove_named(const struct verb *verb, const struct options *o)
{
	int i, ret = 0;

	if (o->all == (o->nspecs > 1))
		return cmd_usage(verb, "rm takes names, as fspan gate ls lists them, or --all");
	if (o->all)
		return remove_all();
	for (i = 1; i < o->nspecs; i++)
		ret |= remove_one(o->specs[i]);
	return ret;
}

int cmd_gate(const struct verb *verb, int argc, char **argv)
{
	struct options o;
	int ret = options_parse(verb, argc, argv, &o);

	if (ret >= 0)
		return ret;
	if (o.command)
		return cmd_usage(verb, "takes no command: fspan trace --gate=FILE does");
	if (o.nspecs && !strcmp(o.specs[0], "load"))
		return load(verb, &o);
	if (o.nspecs && !strcmp(o.specs[0], "ls"))
		return list(verb, &o);
	if (o.nspecs && !strcmp(o.specs[0], "rm"))
		return remove_named(verb, &o);
	return cmd_usage(verb, "load, ls or rm?");
}
