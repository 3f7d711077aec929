/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How entry and return of functions are caught. The parts above know this
 * interface only: a set of functions, armed and disarmed in one call, and
 * what is called when one of them is entered and returns.
 */
#ifndef FSPAN_ENGINE_H
#define FSPAN_ENGINE_H

#include <linux/kprobes.h>
#include <linux/list.h>
#include <linux/module.h>

#include "clock.h"
#include "counts.h"

struct fspan_batch;
struct fspan_event;
struct fspan_hooks;

enum fspan_engine {
	FSPAN_ENGINE_KRETPROBE,
	FSPAN_ENGINE_DIRECT,	/* for the functions that it can have; fprobe if many are left */
	FSPAN_ENGINE_FPROBE,	/* for the functions that it can have */
};

extern const char *const fspan_engine_names[3];

/* Of a definition that does not say. */
extern enum fspan_engine fspan_engine_default;

/* What is known of a function's arguments. */
enum fspan_prototype {
	FSPAN_PROTOTYPE_UNKNOWN,	/* not looked for yet */
	FSPAN_PROTOTYPE_PLAIN,		/* all are in registers */
	FSPAN_PROTOTYPE_STACK,		/* a few on the stack */
	FSPAN_PROTOTYPE_OTHER,		/* too many, or not known */
};

/* One call in flight. In memory of the engine, zeroed before its first use. */
struct fspan_call {
	u64 start;		/* by the clock of its set */
	u32 seq;		/* odd: in flight */
	u32 faults;		/* fields that faulted at entry */
	u32 fields;		/* those that were taken there at all */
	pid_t pid;
	bool listed;		/* in the hook's table */
	bool gated;		/* the gate is asked when it returns */
	u64 data[];		/* of the fetch program */
};

/* One function of a set. */
struct fspan_hook {
	struct list_head node;
	struct fspan_hooks *hooks;
	unsigned long addr;		/* of the function, or the declaration */
	char module[MODULE_NAME_LEN];	/* empty: the kernel's own */
	bool armed;
	bool by_glob;			/* no name says it */
	enum fspan_prototype prototype;
	const char *why;		/* it is not direct, see fspan_engine_of() */
	struct fspan_hook *same;	/* while prototypes are found */
	/* where the direct or the fprobe engine has it: */
	struct fspan_batch *batch;	/* NULL: it has not */
	struct fspan_place {
		struct hlist_node node;
		unsigned long addr;
		struct fspan_hook *hook;
	} place[2];			/* either of which may be where it calls the engine from */
	/* where kprobes have it: */
	struct kretprobe rp;		/* of a point, only .kp */
	/* every call that ever got an instance: for fspan_engine_each_call() */
	struct fspan_call **calls;
	atomic_t ncalls;
	char name[];
};

/*
 * One level for each CPU: what the recorder itself calls, or an interrupt or NMI calls
 * meanwhile, is missed. Held in all callbacks, and by who else makes a record, with
 * preemption off. Who comes in between look and claim is done, and has left it as it was,
 * before we go on: so they need not be atomic.
 */
DECLARE_PER_CPU(unsigned int, fspan_busy);

static __always_inline bool fspan_busy_begin(void)
{
	if (unlikely(__this_cpu_read(fspan_busy)))
		return false;
	__this_cpu_write(fspan_busy, 1);
	return true;
}

static __always_inline void fspan_busy_end(void)
{
	__this_cpu_write(fspan_busy, 0);
}

/*
 * Called with preemption off, in any context, NMI included, never nested on
 * one CPU. May not sleep, allocate, print or take a lock.
 */
struct fspan_hook_ops {
	/* of a set with .gate, if there is an entry gate: is the call to be followed? */
	bool (*admit)(struct fspan_hook *hook, struct fspan_hooks *hooks, struct pt_regs *regs);
	/* entered: fill @call */
	void (*enter)(struct fspan_hook *hook, struct fspan_call *call, struct pt_regs *regs);
	/* returned with @retval */
	void (*leave)(struct fspan_hook *hook, struct fspan_call *call, struct pt_regs *regs,
		      unsigned long retval);
	/* of a point: reached */
	void (*hit)(struct fspan_hook *hook, struct pt_regs *regs);
};

#define FSPAN_NO_PID	((pid_t)-1)

struct fspan_hooks {
	const struct fspan_hook_ops *ops;
	const struct fspan_event *event;	/* whose they are; its names */
	struct fspan_counts __percpu *counts;
	struct list_head list;		/* of struct fspan_hook */
	struct list_head batches;	/* of struct fspan_batch */
	unsigned int n;
	enum fspan_engine engine;
	bool point;
	bool choosy;			/* not all calls are wanted, because of one of these: */
	bool gate;
	bool registers;			/* fields take such as are not of the call: see regs.h */
	pid_t left_out;			/* the process whose calls are not wanted */
	bool declared;			/* not of the engine's: see site.h */
	bool tree;			/* the ops are fspan_tree_ops */
	bool armed;
	struct fspan_clock clock;	/* that calls are timed by */
	unsigned int offset;		/* of a point, in its function */
	unsigned int call_size;		/* of struct fspan_call with its data */
	unsigned int max;		/* calls at once in each function, 0: by default */
	unsigned int doubled;		/* the default, so many times, */
	u64 missed;			/* since more were missed than these */
	u64 age;			/* ns, of what is declared; 0: by default */
	u64 core_missed;		/* by hooks that are gone or disarmed */
};

/* Guards the lists and states of all sets; taken under event_mutex. */
extern struct mutex fspan_arm_mutex;

#define FSPAN_DEFAULT_CALLS	1024U	/* in flight, for all functions of a set together */
#define FSPAN_MAX_DOUBLED	4	/* times, of a set whose calls are missed */

/*
 * Can the @n functions be probed? Clears .addr of those that cannot. All in
 * one go, since each removal of a probe waits for RCU. 0 or -ENOMEM: not known.
 */
int fspan_engine_check(struct fspan_hook **hook, unsigned int n, bool point,
		       unsigned int offset);
/*
 * Arm all of @hooks: all or nothing. -ENOMEM, -EINTR at a fatal signal, or
 * what kprobes say. After disarm nobody is in an ops callback any more; calls
 * in flight are counted as missed.
 */
int fspan_engine_arm(struct fspan_hooks *hooks);
void fspan_engine_disarm(struct fspan_hooks *hooks);
/* Nobody counts for @hooks any more: what has not returned is missed. */
void fspan_engine_count_left(struct fspan_hooks *hooks);
/* The same for those of @module only (coming and going) of an armed set. */
int fspan_engine_arm_module(struct fspan_hooks *hooks, const char *module);
void fspan_engine_disarm_module(struct fspan_hooks *hooks, const char *module);
/* Calls that kprobes or fprobes kept from us, over the life of @hooks. */
u64 fspan_engine_core_missed(struct fspan_hooks *hooks);
/* Call @fn for all calls of the armed @hook that may be in flight. */
typedef void (*fspan_call_fn)(struct fspan_hook *hook, struct fspan_call *call, void *arg);
void fspan_engine_each_call(struct fspan_hook *hook, fspan_call_fn fn, void *arg);
/* Call @fn for each call that is inside a direct function though that is disarmed. */
typedef void (*fspan_left_fn)(unsigned long func, const struct fspan_call *call, void *arg);
void fspan_engine_each_left(fspan_left_fn fn, void *arg);
/*
 * Within the callback leave: what a stack trace has where the function returns to; or, if that
 * fspan_engine_is_own(), right below, as others may have changed where it returns to.
 */
unsigned long fspan_engine_caller(const struct fspan_hook *hook, const struct fspan_call *call);
bool fspan_engine_is_own(unsigned long caller);
/*
 * The innermost call that the current task is in, and its hook; NULL: it is in none.
 * Preemption off; both stay until it is on again, and the call's data is complete.
 */
struct fspan_call *fspan_engine_current(struct fspan_hook **hook);
unsigned int fspan_engine_max(const struct fspan_hooks *hooks);
/* How many of the armed functions the direct engine has. */
unsigned int fspan_engine_direct(const struct fspan_hooks *hooks);
/*
 * By what the armed @hook is: "direct", "fprobe", "kretprobe", "kprobe" or "mark". @why it is not
 * direct: "asked" for another, a "point", it "waits" or is a "noreturn", its "arguments" are too
 * many or not known, another definition has it ("shared"), or eBPF or a live patch ("taken"), or
 * there is no such engine ("unsupported"); or, if fprobe was asked for, ftrace has it not
 * ("untraceable"), or a field wants "registers" that it does not keep. Else "-".
 */
const char *fspan_engine_of(const struct fspan_hook *hook, const char **why);

void fspan_engine_init(void);
/* Nothing is armed. */
void fspan_engine_exit(void);

#endif
