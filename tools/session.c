// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <kbuffer.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "file.h"
#include "filter.h"
#include "session.h"

#define PAGES 1024	/* of one CPU, before it is the next one's turn */

static int instance_write(struct session *s, const char *file, const char *text, struct diag *d)
{
	if (s->o->dry_run) {
		printf("echo '%s' > /sys/kernel/tracing/instances/%s/%s\n", text, s->instance_name, file);
		return 0;
	}
	if (tracefs_instance_file_write(s->instance, file, text) >= 0)
		return 0;
	return diag_set(d, -1, "cannot write '%s' to %s of the tracing instance: %s", text, file, strerror(errno));
}

static bool have_field(const struct definitions *defs, const char *name)
{
	size_t i;

	for (i = 0; i < defs->n; i++)
		if (definition_has_field(&defs->d[i], name))
			return true;
	return false;
}

/* The task's name, which nobody knows any more when its record is read. */
static void add_comm(struct session *s)
{
	size_t i;

	s->names.comm = have_field(s->defs, "comm") ? "task_comm" : "comm";
	for (i = 0; i < s->defs->n; i++) {
		char name[32];

		snprintf(name, sizeof(name), "%s", s->names.comm);
		definition_add_field(&s->defs->d[i], name, "$comm");
	}
}

/* A span's place among others. */
static void add_tree(struct session *s)
{
	static const char * const names[] = { "id", "parent", "depth" };
	size_t i, k;

	s->names.tree = "";
	for (k = 0; k < 3; k++)
		if (have_field(s->defs, names[k]))
			s->names.tree = "tree_";
	for (i = 0; i < s->defs->n; i++)
		for (k = 0; k < 3; k++) {
			char name[32], fetch[32];

			snprintf(name, sizeof(name), "%s%s", s->names.tree, names[k]);
			snprintf(fetch, sizeof(fetch), "$%s", names[k]);
			definition_add_field(&s->defs->d[i], name, fetch);
		}
}

/* What tracefs said of a filter: its text, and the caret in the user's part of it. */
static int filter_refused(struct session *s, const char *event, struct diag *d)
{
	char *log = tracefs_instance_file_read(s->instance, "error_log", NULL), *p, *last = NULL;
	char fields[512] = "";
	char *format, *f;
	int col;

	diag_set(d, -1, "the filter is refused for %s", event);
	d->text = s->o->filter ?: s->filter;
	for (p = log; p && (p = strstr(p, " error: ")); p++)
		last = p + 8;
	if (last) {
		diag_hint(d, "%.*s", (int)strcspn(last, "\n"), last);
		p = strchr(last, '^');
		if (p) {
			while (p > last && p[-1] != '\n')
				p--;
			col = strcspn(p, "^") - 11 - (s->o->filter ? 1 : 0);
			if (col >= 0 && col <= (int)strlen(d->text))
				d->col = col;
		}
	}
	free(log);
	format = file_readf("%s/events/fspan/%s/format", tracefs_tracing_dir(), event);
	for (f = format; f && (f = strstr(f, "field:")); f++) {
		const char *end = strchr(f, ';'), *name;

		for (name = end; name && name > f && name[-1] != ' '; name--)
			;
		if (name && strncmp(name, "common_", 7) &&
		    strlen(fields) + (end - name) + 3 < sizeof(fields))
			sprintf(fields + strlen(fields), "%s%.*s", *fields ? ", " : "",
				(int)strcspn(name, "[;"), name);
	}
	free(format);
	return diag_hint(d, "fields of this event: %s", fields);
}

static int set_filter(struct session *s, const struct definition *def, struct diag *d)
{
	char file[128];

	if (!*s->filter)
		return 0;
	snprintf(file, sizeof(file), "events/fspan/%s/filter", def->event);
	if (!instance_write(s, file, s->filter, d))
		return 0;
	return filter_refused(s, def->event, d);
}

/* --pid: all threads; what they fork comes by the option event-fork. */
static int follow_process(struct session *s, int pid, struct diag *d)
{
	char *list = filter_threads(pid, ' ', d);
	int ret;

	if (!list)
		return -1;
	ret = instance_write(s, "options/event-fork", "1", d) ||
	      instance_write(s, "set_event_pid", list, d);
	free(list);
	return ret ? -1 : 0;
}

int session_follow(struct session *s, int pid, struct diag *d)
{
	char text[16];

	/* what the command begins ends where an interrupt happens to come */
	if (definitions_cross(s->defs)) {
		fprintf(stderr, "fspan: a pair may end in any task: what is shown is of all, while the command runs\n");
		return 0;
	}
	snprintf(text, sizeof(text), "%d", pid);
	return instance_write(s, "options/event-fork", "1", d) ||
	       instance_write(s, "set_event_pid", text, d) ? -1 : 0;
}

/* Those of our events alone: what libtracefs loads beside them takes longer than all the rest. */
static int load_formats(struct session *s)
{
	char file[128], *text;
	size_t i;
	int size;

	s->tep = tep_alloc();
	if (!s->tep)
		abort();
	text = tracefs_instance_file_read(s->instance, "events/header_page", &size);
	if (!text)
		return -1;
	tep_set_long_size(s->tep, sizeof(long));
	tep_parse_header_page(s->tep, text, size, sizeof(long));
	free(text);
	for (i = 0; i < s->defs->n; i++) {
		snprintf(file, sizeof(file), "events/fspan/%s/format", s->defs->d[i].event);
		text = tracefs_instance_file_read(s->instance, file, &size);
		if (!text)
			return -1;
		tep_parse_event(s->tep, text, size, "fspan");
		free(text);
	}
	return 0;
}

/* To see switches between the records. */
static int load_switch(struct session *s)
{
	struct tep_event *event;
	char *text;
	int size;

	s->switch_id = -1;
	if (!s->o->off_cpu)
		return 0;
	text = tracefs_instance_file_read(s->instance, "events/sched/sched_switch/format", &size);
	if (!text)
		return -1;
	tep_parse_event(s->tep, text, size, "sched");
	free(text);
	event = tep_find_event_by_name(s->tep, "sched", "sched_switch");
	s->prev_pid = event ? tep_find_field(event, "prev_pid") : NULL;
	s->next_pid = event ? tep_find_field(event, "next_pid") : NULL;
	if (!s->prev_pid || !s->next_pid)
		return -1;
	s->switch_id = event->id;
	return 0;
}

static int open_buffers(struct session *s, struct diag *d)
{
	size_t i;
	int cpu;

	if (load_formats(s) || load_switch(s))
		return diag_set(d, -1, "cannot read the events' formats: %s", strerror(errno));
	s->format = calloc(s->defs->n, sizeof(*s->format));
	s->ncpus = sysconf(_SC_NPROCESSORS_CONF);
	s->cpu = calloc(s->ncpus, sizeof(*s->cpu));
	s->kbuf = kbuffer_alloc(tep_get_long_size(s->tep) == 8 ? KBUFFER_LSIZE_8 : KBUFFER_LSIZE_4,
				tep_is_bigendian() ? KBUFFER_ENDIAN_BIG : KBUFFER_ENDIAN_LITTLE);
	if (!s->format || !s->cpu || !s->kbuf)
		abort();
	for (i = 0; i < s->defs->n; i++)
		if (record_format_init(&s->format[i], &s->defs->d[i], s->tep, &s->names))
			return diag_set(d, -1, "cannot read the format of fspan/%s", s->defs->d[i].event);
	for (cpu = 0; cpu < s->ncpus; cpu++) {
		s->cpu[cpu] = tracefs_cpu_open(s->instance, cpu, true);
		if (s->cpu[cpu] && !s->page)
			s->page = malloc(tracefs_cpu_read_size(s->cpu[cpu]));
	}
	return s->page ? 0 : diag_set(d, -1, "cannot read the ring buffers: %s", strerror(errno));
}

static int set_up_instance(struct session *s, struct diag *d)
{
	char text[16];

	if (s->o->dry_run) {
		printf("mkdir /sys/kernel/tracing/instances/%s\n", s->instance_name);
	} else {
		/* it was made by the module, and goes when we do */
		s->instance = tracefs_instance_alloc(NULL, s->instance_name);
		if (!s->instance)
			return diag_set(d, -1, "no tracing instance %s: is tracefs mounted?", s->instance_name);
	}
	/* what is lost are the newest: what is shown has no holes but at its end */
	snprintf(text, sizeof(text), "%d", s->o->buffer);
	if (instance_write(s, "options/overwrite", "0", d) ||
	    instance_write(s, "trace_clock", "mono", d) ||
	    instance_write(s, "buffer_size_kb", text, d))
		return -1;
	return s->o->pid ? follow_process(s, s->o->pid, d) : 0;
}

int session_start(struct session *s, const struct options *o, struct definitions *defs,
		  struct diag *d)
{
	struct options whose = *o;
	bool cross = definitions_cross(defs);
	size_t i;

	memset(s, 0, sizeof(*s));
	s->ctl.fd = -1;
	s->o = o;
	s->defs = defs;
	d->text = NULL;
	snprintf(s->instance_name, sizeof(s->instance_name), "fspan-%d", getpid());
	add_comm(s);
	if (o->tree)
		add_tree(s);
	filter_add_fields(o, defs);
	/* of calls the module leaves out ours; what crosses tasks is the task's in which it ends */
	if (cross)
		whose.command = NULL;
	if (filter_make(&whose, s->names.comm, cross ? getpid() : 0, s->filter, sizeof(s->filter),
			d) ||
	    control_open(&s->ctl, true, s->instance_name, o->dry_run, d))
		return -1;
	for (i = 0; i < defs->n; i++)
		if (control_define(&s->ctl, &defs->d[i], o, "", d))
			return -1;
	if (set_up_instance(s, d))
		return -1;
	for (i = 0; i < defs->n; i++)
		if (set_filter(s, &defs->d[i], d))
			return -1;
	/* before the first call that it is to decide about */
	if (gate_run(&s->gate, o, defs, d))
		return -1;
	return o->dry_run ? 0 : open_buffers(s, d);
}

int session_enable(struct session *s, struct diag *d)
{
	char file[128];
	size_t i;

	/* before there can be a span, all of whose switches are to be seen */
	if (s->o->off_cpu && instance_write(s, "events/sched/sched_switch/enable", "1", d))
		return -1;
	for (i = 0; i < s->defs->n; i++) {
		snprintf(file, sizeof(file), "events/fspan/%s/enable", s->defs->d[i].event);
		if (!instance_write(s, file, "1", d))
			continue;
		d->text = s->defs->d[i].spec;
		diag_set(d, -1, "cannot arm %s: %s", s->defs->d[i].event, strerror(errno));
		if (errno == ENOMEM)
			diag_hint(d, "fewer functions, or --max with a smaller number of calls in flight");
		return -1;
	}
	return 0;
}

void session_disable(struct session *s)
{
	struct diag d;
	char file[128];
	size_t i;

	for (i = 0; s->instance && i < s->defs->n; i++) {
		snprintf(file, sizeof(file), "events/fspan/%s/enable", s->defs->d[i].event);
		instance_write(s, file, "0", &d);
	}
	if (s->instance && s->o->off_cpu)
		instance_write(s, "events/sched/sched_switch/enable", "0", &d);
}

/* Keep the record; the page that it is in is read over. */
static void keep(struct session *s, const void *data, size_t size, unsigned long long ts, int cpu)
{
	size_t room;

	if (s->nrecords == s->room) {
		s->room = s->room ? s->room * 2 : 1024;
		s->record = reallocarray(s->record, s->room, sizeof(*s->record));
		if (!s->record)
			abort();
	}
	room = (size + 7) & ~7UL;	/* so that the next one is aligned, too */
	while (s->used + room > s->data_room) {
		s->data_room = s->data_room ? s->data_room * 2 : 1 << 18;
		s->data = realloc(s->data, s->data_room);
		if (!s->data)
			abort();
	}
	memcpy(s->data + s->used, data, size);
	s->record[s->nrecords] = (struct session_record){ ts, s->used, room, s->nrecords, cpu };
	s->nrecords++;
	s->used += room;
}

/*
 * @limit pages at most, so that a busy CPU does not keep the others waiting:
 * then there is more, behind @reached.
 */
static bool read_cpu(struct session *s, int cpu, int limit, unsigned long long *reached)
{
	unsigned long long ts;
	void *data;

	while (limit--) {
		if (tracefs_cpu_read(s->cpu[cpu], s->page, true) <= 0)
			return false;
		if (kbuffer_load_subbuffer(s->kbuf, s->page))
			continue;
		while ((data = kbuffer_read_event(s->kbuf, &ts))) {
			keep(s, data, kbuffer_event_size(s->kbuf), ts, cpu);
			*reached = ts;
			kbuffer_next_event(s->kbuf, NULL);
		}
	}
	return true;
}

static int by_time(const void *a, const void *b)
{
	const struct session_record *x = a, *y = b;

	if (x->ts != y->ts)
		return x->ts < y->ts ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

static struct record_format *format_of(struct session *s, int id)
{
	size_t i;

	for (i = 0; i < s->defs->n; i++)
		if (s->format[i].id == id)
			return &s->format[i];
	return NULL;
}

static int tell(struct session *s, const struct session_record *r,
		const struct session_reader *reader)
{
	void *data = s->data + r->offset;
	int id = tep_data_type(s->tep, &(struct tep_record){ .data = data });
	struct record_format *f = format_of(s, id);

	if (f)
		return reader->record(f, data, r->size, r->ts, r->cpu, reader->arg);
	if (id == s->switch_id && s->o->off_cpu)
		reader->switched(record_number(s->prev_pid, data),
				 record_number(s->next_pid, data), r->ts, reader->arg);
	return 0;
}

/* Drop the first @n, which were shown. */
static void forget(struct session *s, size_t n)
{
	size_t i, at = 0;
	char *data;

	if (n == s->nrecords) {
		s->nrecords = s->used = 0;
		return;
	}
	data = malloc(s->data_room);
	if (!data)
		abort();
	for (i = n; i < s->nrecords; i++) {
		struct session_record *r = &s->record[i - n];

		*r = s->record[i];
		memcpy(data + at, s->data + r->offset, r->size);
		r->offset = at;
		r->order = i - n;
		at += r->size;
	}
	free(s->data);
	s->data = data;
	s->nrecords -= n;
	s->used = at;
}

int session_read(struct session *s, bool last, const struct session_reader *reader)
{
	unsigned long long horizon, reached;
	struct timespec now;
	int cpu, ret = 0;
	bool more;
	size_t i;

	do {
		/* what is written from now on may not be seen on every CPU */
		clock_gettime(CLOCK_MONOTONIC, &now);
		horizon = now.tv_sec * 1000000000ULL + now.tv_nsec;
		more = false;
		for (cpu = 0; cpu < s->ncpus; cpu++) {
			reached = 0;
			if (!s->cpu[cpu] || !read_cpu(s, cpu, PAGES, &reached))
				continue;
			more = true;
			if (reached < horizon)
				horizon = reached;
		}
	} while (last && more);
	if (s->nrecords)
		qsort(s->record, s->nrecords, sizeof(*s->record), by_time);
	for (i = 0; i < s->nrecords && !ret; i++) {
		if (!last && s->record[i].ts >= horizon)
			break;
		ret = tell(s, &s->record[i], reader);
	}
	forget(s, i);
	return ret;
}

unsigned long long session_lost(struct session *s)
{
	static const char * const kinds[] = { "overrun: ", "dropped events: " };
	unsigned long long lost = 0;
	char file[64];
	size_t k;
	int cpu;

	for (cpu = 0; s->instance && cpu < s->ncpus; cpu++) {
		char *text, *p;

		snprintf(file, sizeof(file), "per_cpu/cpu%d/stats", cpu);
		text = tracefs_instance_file_read(s->instance, file, NULL);
		for (k = 0; text && k < 2; k++) {
			p = strstr(text, kinds[k]);
			/* "commit overrun" is another */
			while (p && p != text && p[-1] != '\n')
				p = strstr(p + 1, kinds[k]);
			if (p)
				lost += strtoull(p + strlen(kinds[k]), NULL, 10);
		}
		free(text);
	}
	return lost;
}

void session_stop(struct session *s)
{
	struct diag d;
	size_t i;
	int cpu;

	session_disable(s);
	gate_close(&s->gate);
	for (cpu = 0; s->cpu && cpu < s->ncpus; cpu++)
		if (s->cpu[cpu])
			tracefs_cpu_close(s->cpu[cpu]);
	/* removed by name they go at once, and not after the grace of what an owner leaves */
	for (i = 0; s->ctl.fd >= 0 && i < s->defs->n; i++)
		if (s->format)
			control_remove(&s->ctl, s->defs->d[i].event, &d);
	control_close(&s->ctl);
	free(s->cpu);
	free(s->format);
	free(s->page);
	free(s->record);
	free(s->data);
	if (s->kbuf)
		kbuffer_free(s->kbuf);
	if (s->tep)
		tep_free(s->tep);
	if (s->instance)
		tracefs_instance_free(s->instance);
}
