// SPDX-License-Identifier: GPL-2.0
/* Records made to trees: order, parents that never come, bounds; and the time off the CPU. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "off_cpu.h"
#include "tree.h"

static unsigned int passed, failed;

static void text(const char *what, const char *have, const char *want)
{
	if (!strcmp(have, want)) {
		passed++;
		return;
	}
	failed++;
	printf("not ok - %s\n# have %s\n# want %s\n", what, have, want);
}

static void number(const char *what, unsigned long long have, unsigned long long want)
{
	char h[24], w[24];

	snprintf(h, sizeof(h), "%llu", have);
	snprintf(w, sizeof(w), "%llu", want);
	text(what, h, w);
}

/* A record is numbers, and a field the place of one. */
enum { ID = 1, PARENT, DEPTH, DUR, PID, FLAGS, NFIELDS };

static const struct record_format format = {
	.span_id = (void *)ID, .parent = (void *)PARENT, .depth = (void *)DEPTH, .dur = (void *)DUR,
	.pid = (void *)PID, .flags = (void *)FLAGS,
};

unsigned long long record_number(struct tep_format_field *field, const void *data)
{
	return ((const unsigned long long *)data)[(uintptr_t)field];
}

void record_print(const struct record_format *f, const void *data, unsigned long long ts,
		  long long clock, int cpu, const struct record_place *place, FILE *out)
{
	(void)ts;
	(void)clock;
	(void)cpu;
	fprintf(out, "%.*s%llu", place->indent, "........", record_number(f->span_id, data));
	if (place->self != record_number(f->dur, data))
		fprintf(out, "/%llu", place->self);
	if (place->has_off && place->off_known && place->off)
		fprintf(out, "-%llu", place->off);
	fputc(' ', out);
}

struct json_object *record_json(const struct record_format *f, const void *data,
				unsigned long long ts, long long clock, int cpu,
				const struct record_place *place)
{
	struct json_object *o = json_object_new_object();

	(void)ts;
	(void)clock;
	(void)cpu;
	(void)place;
	json_object_object_add(o, "id", json_object_new_int64(record_number(f->span_id, data)));
	return o;
}

void record_print_json(struct json_object *o, FILE *out)
{
	fputs(json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN), out);
	json_object_put(o);
}

static char *shown;
static size_t length;
static FILE *out;

static struct tree *begin(bool json, bool off_cpu)
{
	struct tree_print print = { .json = json, .off_cpu = off_cpu };

	out = open_memstream(&shown, &length);
	if (!out)
		abort();
	print.out = out;
	return tree_create(&print);
}

/* A span of a task from @from to @to. */
static void span(struct tree *t, unsigned long long id, unsigned long long parent,
		 unsigned int depth, unsigned long long from, unsigned long long to, int pid,
		 int flags)
{
	unsigned long long data[NFIELDS] = {
		[ID] = id, [PARENT] = parent, [DEPTH] = depth, [DUR] = to - from, [PID] = pid,
		[FLAGS] = flags,
	};

	tree_add(t, &format, data, sizeof(data), to, 0);
}

/* What was shown until now, without the head. */
static const char *now(void)
{
	const char *line;

	fflush(out);
	line = strchr(shown, '\n');
	return line ? line + 1 : shown;
}

static void end(struct tree *t, const char *what, const char *want)
{
	tree_flush(t);
	text(what, now(), want);
	tree_free(t);
	fclose(out);
	free(shown);
}

static void orders(void)
{
	struct tree *t = begin(false, false);

	span(t, 3, 2, 2, 120, 130, 7, 0);
	span(t, 2, 1, 1, 110, 140, 7, 0);
	span(t, 13, 11, 1, 100, 145, 8, 0);	/* another task, meanwhile */
	span(t, 4, 1, 1, 150, 160, 7, 0);
	text("not before the outermost", now(), "");
	span(t, 1, 0, 0, 100, 200, 7, 0);
	text("with it", now(), "1/60 .2/20 ..3 .4 ");
	span(t, 11, 0, 0, 90, 210, 8, 0);
	number("printed", tree_printed(t), 6);
	end(t, "two tasks", "1/60 .2/20 ..3 .4 11/75 .13 ");

	/* a child that began before its parent, as records are not written at once */
	t = begin(false, false);
	span(t, 2, 1, 1, 99, 120, 7, 0);
	span(t, 3, 1, 1, 120, 121, 7, 0);
	span(t, 1, 0, 0, 100, 130, 7, 0);
	end(t, "late records", "1/8 .2 .3 ");

	t = begin(true, false);
	span(t, 2, 1, 1, 110, 120, 7, 0);
	span(t, 1, 0, 0, 100, 130, 7, 0);
	end(t, "JSON", "{\"id\":1,\"children\":[{\"id\":2}]}");
}

static void orphans(void)
{
	struct tree *t = begin(false, false);

	/* 2 never comes: 3 is 1's, as is what was in it */
	span(t, 4, 3, 3, 122, 124, 7, 0);
	span(t, 3, 2, 2, 120, 130, 7, 0);
	span(t, 1, 0, 0, 100, 200, 7, 0);
	end(t, "the next one out", "1/90 .3/8 ..4 ");

	/* nor does 1: as soon as the task is in something else */
	t = begin(false, false);
	span(t, 3, 2, 2, 120, 130, 7, 0);
	span(t, 2, 1, 1, 110, 140, 7, 0);
	text("it may come", now(), "");
	span(t, 6, 5, 1, 310, 320, 7, 0);
	text("it will not", now(), "2/20 .3 ");
	span(t, 7, 0, 0, 400, 410, 7, 0);
	end(t, "nor this", "2/20 .3 6 7 ");

	/* on the way into an interrupt with interrupts off what seems the task's says nothing */
	t = begin(false, false);
	span(t, 2, 1, 1, 110, 120, 7, 0);
	span(t, 9, 0, 0, 150, 155, 7, 1);
	span(t, 1, 0, 0, 100, 200, 7, 0);
	end(t, "an interrupt's border", "9 1/90 .2 ");

	/* an interrupt's own, whose parent seems the task's */
	t = begin(false, false);
	span(t, 2, 1, 1, 110, 120, 7, 0);
	span(t, 21, 20, 1, 152, 154, 7, 0x10);
	span(t, 20, 0, 0, 150, 155, 7, 1);
	span(t, 1, 0, 0, 100, 200, 7, 0);
	end(t, "a softirq", "20/3 .21 1/90 .2 ");
}

static void bounds(void)
{
	struct tree *t = begin(false, false);
	unsigned long long i;

	for (i = 1; i <= 131072; i++)
		span(t, i + 1000000, 1, 1, 10 * i, 10 * i + 5, 7, 0);
	number("all wait", tree_printed(t), 0);
	span(t, 3, 1, 1, 10 * i, 10 * i + 5, 7, 0);
	number("the oldest goes", tree_printed(t), 1);
	text("by itself", now(), "1000001 ");
	span(t, 1, 0, 0, 5, 10 * i + 10, 7, 0);
	number("the rest is in it", tree_printed(t), 131074);
	tree_free(t);
	fclose(out);
	free(shown);
}

static unsigned long long off(const struct off_cpu *o, int pid, unsigned long long from,
			      unsigned long long to)
{
	bool least;

	return off_cpu_between(o, pid, from, to, &least) + (least ? 1000000 : 0);
}

static void off_cpu(void)
{
	struct off_cpu *o = off_cpu_create();
	struct tree *t = begin(false, true);
	unsigned long long i;

	off_cpu_switch(o, 1, 7, 100);	/* since when is not known */
	off_cpu_switch(o, 7, 8, 110);
	off_cpu_switch(o, 8, 7, 130);
	off_cpu_switch(o, 7, 0, 140);
	off_cpu_switch(o, 0, 7, 145);
	number("all", off(o, 7, 0, 200), 25);
	number("between", off(o, 7, 131, 139), 0);
	number("the second", off(o, 7, 135, 150), 5);
	number("a part", off(o, 7, 120, 135), 10);
	number("up to there", off(o, 7, 100, 130), 20);
	number("never seen", off(o, 9, 0, 200), 0);
	for (i = 0; i < 1 << 20; i++) {
		off_cpu_switch(o, 7, 8, 1000 + 10 * i);
		off_cpu_switch(o, 8, 7, 1005 + 10 * i);
	}
	number("what is forgotten", off(o, 7, 120, 10 * i) >= 1000000, 1);
	number("what is not", off(o, 7, 1000 + 10 * i - 50, 1000 + 10 * i), 25);
	off_cpu_free(o);

	tree_switch(t, 7, 8, 120);
	tree_switch(t, 8, 7, 150);
	span(t, 2, 1, 1, 110, 160, 7, 0);
	span(t, 5, 0, 0, 111, 112, 7, 0x08);
	span(t, 1, 0, 0, 100, 200, 7, 0);
	end(t, "off the CPU", "5 1/50-30 .2-30 ");
}

int main(void)
{
	orders();
	orphans();
	bounds();
	off_cpu();
	printf("%u passed, %u failed, 0 skipped\n", passed, failed);
	return failed > 0;
}
