/* SPDX-License-Identifier: GPL-2.0 */
/* Histograms of definitions that live as long as this process: what stat and top stand on. */
#ifndef FSPAN_MEASURE_H
#define FSPAN_MEASURE_H

#include "control.h"
#include "gate.h"
#include "table.h"

struct measures {
	struct gate gate;
	struct definitions *defs;
	struct control ctl;
	struct measure *m;
	int *fd;
	unsigned long long *start;	/* ns, when it was armed */
	const char *by;			/* NULL: no key */
};

/* Define all with a histogram, and open them. 0, or -1 with @d. measures_stop() in both cases. */
int measures_start(struct measures *ms, const struct options *o, struct definitions *defs,
		   struct diag *d);
/* Read all: since they were opened. 0, or -1 with @d. */
int measures_read(struct measures *ms, struct diag *d);
void measures_stop(struct measures *ms);

#endif
