/* SPDX-License-Identifier: GPL-2.0 */
/* The hot path: from a call that returned to the records of all who listen. */
#ifndef FSPAN_RECORD_H
#define FSPAN_RECORD_H

#include "engine.h"
#include "event.h"
#include "fetch.h"
#include "hist.h"

/* All that the path needs of one definition; constant while it is armed, but for .hist. */
struct fspan_recorder {
	struct fspan_event *event;
	struct fspan_program *prog;
	struct fspan_hooks hooks;
	u64 min_dur;		/* ns */
	bool failed;		/* only calls that returned an error */
	bool stack;
	unsigned int dur, ret, func, stack_at;	/* offsets in the record, 0: none */
	unsigned int fixed_size;
	struct fspan_type ret_type;
	struct fspan_hist hist;
};

extern const struct fspan_hook_ops fspan_record_ops;

/* Fill in @rec from the layout of its event and from @spec. */
void fspan_recorder_init(struct fspan_recorder *rec, struct fspan_event *event,
			 struct fspan_program *prog, const struct fspan_spec *spec);

int fspan_record_init(void);
void fspan_record_exit(void);

#endif
