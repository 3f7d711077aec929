/* SPDX-License-Identifier: GPL-2.0 */
/* The hot path: from a call that returned to the records of all who listen. */
#ifndef FSPAN_RECORD_H
#define FSPAN_RECORD_H

#include <linux/ktime.h>
#include <linux/timekeeping.h>

#include "engine.h"
#include "event.h"
#include "fetch.h"
#include "gate.h"
#include "hist.h"

struct fspan_pair;
struct fspan_tree;

/* All that the path needs of one definition; constant while it is armed, but for .hist. */
struct fspan_recorder {
	struct fspan_event *event;
	struct fspan_program *prog;
	struct fspan_hooks hooks;
	u64 min_dur;		/* ns */
	u64 min_passed;		/* the same by the set's clock */
	bool failed;		/* only calls that returned an error */
	bool stack;
	bool plain;		/* a record is its image, but for what a gate says */
	bool simple;		/* and there is nothing but ret and dur to put into it */
	bool ret_word;		/* ret is the register as it is */
	u64 cookie;
	u32 id;			/* of the event */
	unsigned int args;	/* offset in the call's data, for the gate */
	unsigned int dur, ret, func, stack_at;	/* offsets in the record, 0: none */
	struct fspan_type ret_type;
	struct fspan_hist hist;
	struct fspan_pair *pair;	/* of kind c */
	struct fspan_tree *tree;	/* of a program with .tree, while it is armed */
	u32 arming;		/* its number, 0: it is being disarmed */
	unsigned int member;	/* offset in the call's data, for the tree */
};

extern const struct fspan_hook_ops fspan_record_ops;
/* These are: */
bool fspan_record_admit(struct fspan_hook *hook, struct fspan_hooks *hooks, struct pt_regs *regs);
void fspan_record_enter(struct fspan_hook *hook, struct fspan_call *call, struct pt_regs *regs);
void fspan_record_leave(struct fspan_hook *hook, struct fspan_call *call, struct pt_regs *regs,
			unsigned long retval);
void fspan_record_hit(struct fspan_hook *hook, struct pt_regs *regs);

/* Fill in @rec from the layout of its event and from @spec. */
void fspan_recorder_init(struct fspan_recorder *rec, struct fspan_event *event,
			 struct fspan_program *prog, const struct fspan_spec *spec);

/* It is about to be armed. */
void fspan_recorder_arm(struct fspan_recorder *rec);
/* When a call began that has lasted for @dur, in ns, CLOCK_MONOTONIC. */
static inline u64 fspan_call_began(const struct fspan_recorder *rec, const struct fspan_call *call,
				   u64 dur)
{
	return rec->hooks.clock.ticks ? ktime_get_mono_fast_ns() - dur : call->start;
}

/*
 * Make a record of kind b from @note[FSPAN_MAX_NOTES]. @ip: who emits it. 0, also if
 * nobody listens; -EBUSY if the recorder is running on this CPU. Preemption off.
 */
int fspan_record_emit(struct fspan_recorder *rec, const u64 *note, unsigned long ip);
/*
 * Say in the first @size bytes of @to what is known of a call that has not returned.
 * Preemption off, and busy.
 */
void fspan_record_describe(const struct fspan_hook *hook, const struct fspan_call *call,
			   struct fspan_gate *to, size_t size);

#endif
