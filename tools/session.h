/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Definitions that live as long as this process, enabled in a tracing instance
 * of their own, and its ring buffers read in time order. The kernel filters;
 * nobody is woken: the buffers are read every SESSION_PERIOD.
 */
#ifndef FSPAN_SESSION_H
#define FSPAN_SESSION_H

#include <tracefs.h>

#include "control.h"
#include "gate.h"
#include "record.h"

#define SESSION_PERIOD	50000000	/* ns */

struct session_record {
	unsigned long long ts;
	size_t offset, size;	/* in the session's data */
	size_t order;		/* of the reading */
	int cpu;
};

struct session {
	const struct options *o;
	struct definitions *defs;
	struct control ctl;
	struct gate gate;
	char instance_name[32];
	char filter[2048];
	struct tracefs_instance *instance;
	struct tep_handle *tep;
	struct kbuffer *kbuf;
	struct record_format *format;
	struct record_names names;
	/* of --off-cpu: switches of tasks, which are told of between the records */
	int switch_id;			/* -1: none */
	struct tep_format_field *prev_pid, *next_pid;
	int ncpus;
	struct tracefs_cpu **cpu;
	char *page;
	/* read, but not yet shown */
	struct session_record *record;
	size_t nrecords, room;
	char *data;
	size_t used, data_room;
};

/* Define and set up all but the enabling. 0, or -1 with @d. session_stop() is due in both cases. */
int session_start(struct session *s, const struct options *o, struct definitions *defs,
		  struct diag *d);
int session_enable(struct session *s, struct diag *d);
/* Only @pid, and what it forks from now on. */
int session_follow(struct session *s, int pid, struct diag *d);
/* Nothing is recorded any more; what was is still to be read. */
void session_disable(struct session *s);
/*
 * Read all buffers; ->record() for each record that is older than the reading, all of
 * them with @last, in time order. It returns non-zero to end. ->switched(): of --off-cpu.
 */
struct session_reader {
	int (*record)(const struct record_format *f, const void *data, size_t size,
		      unsigned long long ts, int cpu, void *arg);
	void (*switched)(int prev, int next, unsigned long long ts, void *arg);
	void *arg;
};

int session_read(struct session *s, bool last, const struct session_reader *reader);
/* What the ring buffers lost. */
unsigned long long session_lost(struct session *s);
void session_stop(struct session *s);

#endif
