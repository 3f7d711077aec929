// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "child.h"
#include "measure.h"

/* Is it a key of the module, or a field of all definitions? */
static int check_key(const struct options *o, struct definitions *defs, struct diag *d)
{
	static const char * const known[] = { "func", "comm", "pid", "ret" };
	size_t i;
	int k;

	for (i = 0; i < 4; i++)
		if (!strcmp(o->by, known[i]))
			return 0;
	for (i = 0; i < defs->n; i++) {
		struct definition *def = &defs->d[i];
		char fields[512] = "";

		if (definition_has_field(def, o->by))
			continue;
		if (!strcmp(o->by, "cgroup")) {
			definition_add_field(def, "cgroup", "$cgroup:u64");
			continue;
		}
		d->text = NULL;
		diag_set(d, -1, "'%s' has no field '%s' to count by", def->event, o->by);
		for (k = 0; k < def->nfields; k++)
			snprintf(fields + strlen(fields), sizeof(fields) - strlen(fields), ", %s",
				 def->field[k].name);
		return diag_hint(d, "--by func, comm, pid, ret, cgroup%s", fields);
	}
	return 0;
}

int measures_start(struct measures *ms, const struct options *o, struct definitions *defs,
		   struct diag *d)
{
	char attr[96] = "hist";
	size_t i;

	memset(ms, 0, sizeof(*ms));
	ms->ctl.fd = -1;
	ms->defs = defs;
	ms->by = o->by;
	d->text = NULL;
	ms->m = calloc(defs->n, sizeof(*ms->m));
	ms->fd = calloc(defs->n, sizeof(*ms->fd));
	ms->start = calloc(defs->n, sizeof(*ms->start));
	if (!ms->m || !ms->fd || !ms->start)
		abort();
	for (i = 0; i < defs->n; i++)
		ms->fd[i] = -1;
	if (o->by && check_key(o, defs, d))
		return -1;
	if (o->by)
		snprintf(attr, sizeof(attr), "hist=%.60s", o->by);
	if (o->by && o->keys)
		snprintf(attr + strlen(attr), sizeof(attr) - strlen(attr), ",keys=%d", o->keys);
	if (control_open(&ms->ctl, true, NULL, o->dry_run, d))
		return -1;
	for (i = 0; i < defs->n; i++) {
		ms->m[i].def = &defs->d[i];
		if (control_define(&ms->ctl, &defs->d[i], o, attr, d))
			return -1;
	}
	/* before the first call that it is to decide about */
	if (gate_run(&ms->gate, o, defs, d))
		return -1;
	for (i = 0; i < defs->n; i++) {
		if (o->dry_run) {
			printf("cat " CONTROL_DEBUGFS "/hist/fspan.%s\n", defs->d[i].event);
			continue;
		}
		ms->fd[i] = hist_open(defs->d[i].event);
		ms->start[i] = run_now();
		if (ms->fd[i] >= 0)
			continue;
		d->text = defs->d[i].spec;
		diag_set(d, -1, "cannot arm %s: %s", defs->d[i].event, strerror(errno));
		if (errno == ENOMEM)
			diag_hint(d, "fewer --keys, fewer functions, or a smaller --max");
		return -1;
	}
	return 0;
}

int measures_read(struct measures *ms, struct diag *d)
{
	size_t i;

	for (i = 0; i < ms->defs->n; i++) {
		struct measure *m = &ms->m[i];

		hist_free(&m->hist);
		m->seconds = (run_now() - ms->start[i]) / 1e9;
		if (hist_read(ms->fd[i], &m->hist))
			return diag_set(d, -1, "cannot read the histogram of %s: %s", m->def->event, strerror(errno));
		control_missed(m->def->event, &m->missed, m->reasons, sizeof(m->reasons));
	}
	return 0;
}

void measures_stop(struct measures *ms)
{
	struct diag d;
	size_t i;

	for (i = 0; ms->fd && i < ms->defs->n; i++) {
		if (ms->fd[i] < 0)
			continue;
		close(ms->fd[i]);
		control_remove(&ms->ctl, ms->defs->d[i].event, &d);
		hist_free(&ms->m[i].hist);
	}
	gate_close(&ms->gate);
	control_close(&ms->ctl);
	free(ms->m);
	free(ms->fd);
	free(ms->start);
}
