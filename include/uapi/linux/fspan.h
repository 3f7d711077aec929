/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * fspan: spans of kernel functions as trace events.
 *
 * A span is one call of a kernel function. It becomes one trace event, written
 * when the function returns, with the arguments as they were at entry, the
 * return value and the duration. Each definition is an event of its own in
 * tracefs, events/GROUP/EVENT, and is used there as any other.
 *
 * /dev/fspan (mode 0600; CAP_PERFMON or CAP_SYS_ADMIN; EPERM while the kernel
 * is locked down for kprobes or tracefs) takes text, one definition a line:
 *
 *   KIND[ATTR,...]:[GRP/]EVENT [TARGET] [FIELD...]
 *   -:[GRP/]EVENT			remove
 *   @own [instance=NAME] [others]	own what is defined from here on
 *   # comment
 *
 *   KIND    s	span, of whole functions
 *           p	point, a record at one place, without return
 *           c	pair: begins in one place and ends in another, see below
 *           b	a record that an eBPF program emits: no TARGET, see below
 *   ATTR    min_dur=N[ns|us|ms|s]	drop shorter spans; ns without a unit
 *           failed			keep only those that return a negative errno
 *           ret=TYPE|void		type of the field ret; s64 without it
 *           max=N			room for N calls in flight of each function; more are
 *					missed. Those that are not kretprobes share it, and
 *					have not more than 1024, or N if that is more. Of a
 *					pair, and of what is declared: begun and not ended;
 *					1024 without it
 *           age=N[ns|us|ms|s]	of these two: older ones give way where there is no
 *					room; 10s without it
 *           engine=direct|fprobe|kretprobe	how the functions are hooked. Direct is
 *					cheapest; if 16 or more of a module, or of the
 *					kernel, cannot be, they are one fprobe, where the
 *					kernel has fprobes; all others are kretprobes.
 *					With fprobe, all are fprobes that can be. Direct
 *					without it, or what the module's parameter
 *					engine says
 *           stack			fill the field stack
 *           cookie=N			a number of the user's own, which a gate sees
 *           gate			ask eBPF programs before a record is written, see below
 *           hist[=KEY]			count durations in a histogram, see below; for each KEY:
 *					func comm pid ret, or a field by its name in the
 *					event, which comes first if it has one of these
 *           keys=N			room for N keys, 1 to 4096; 256 without it
 *   TARGET  s: FUNCTION, MOD:FUNCTION, a glob of them (* ? [abc]), or a list with
 *	      commas; a module that is not there is waited for
 *           p: FUNCTION[+OFFS], MOD:FUNCTION[+OFFS]
 *           c: BEGIN ~ END key=FETCHARG[:TYPE],FETCHARG[:TYPE]
 *	      each a list of FUNCTION, MOD:FUNCTION, and tracepoints by their event, GRP:NAME
 *           s, p: %MOD:NAME, what a module declares in its own code, see below
 *   FIELD   NAME=FETCHARG[:TYPE]	captured at entry
 *           NAME@ret=FETCHARG[:TYPE]	the memory read at return; the field is NAME_ret
 *           NAME@end=FETCHARG[:TYPE]	of a pair: read at its end; the field is NAME_end
 *           NAME=$noteN[:TYPE]		what a gate, or who emits, put into note[N], N 0 to 7;
 *					FETCHARG may dereference it too
 *
 *   FETCHARG  $argN %REG $stackN $stack @SYM[+OFFS] @ADDR \IMM $retval $comm, and
 *             +OFFS(FETCHARG) the memory there, +uOFFS(FETCHARG) user memory, as in
 *             kprobe_events: on x86 and arm64 a user address needs no u, and no
 *             ustring; and $pid $cpu $cgroup, $nvcsw $nivcsw (voluntary and
 *             involuntary context switches during the call); and of spans and points
 *             $id $parent $depth, see below
 *   TYPE      u8-u64 s8-s64 x8-x64 char bool symbol string ustring, TYPE[N], and
 *             bWIDTH@OFFSET/SIZE; without one x64
 *
 * A span has the fields dur (u64, ns; on x86 by the time stamp counter, if the
 * kernel trusts that when the event is armed, else by CLOCK_MONOTONIC) and ret;
 * an event of several functions has func (address of the function); every event has stack
 * (__data_loc unsigned long[], the function first, then its callers). If memory
 * is read, faults (u32) has the bit N set when that of the Nth field, from 0,
 * could not be read: the field is then 0, or the string "(fault)". A string
 * that faults at entry at a user address is read again at return, from there
 * on: pointers that could be read stay those of the entry. Strings are cut at
 * 511 bytes, at less if there are more than six of them.
 *
 * A pair is one record of a request that begins at the entry of one function, or at a
 * tracepoint, and ends at that of another, in whatever task or interrupt. dur is the time
 * between. The key is two numbers, the first taken at the begin, the second at the end: an
 * end belongs to what began with the same. A begin whose key is under way replaces that
 * one, which is missed_reused; an end of no key that is under way is end_alone. All that
 * is under way has room for max=N, taken when the event is armed. If there is no room, a
 * begin takes that of one that is older than age= (missed_stale), or is missed_instance;
 * as it is where 64 are under way whose keys are alike to the hash. At a place that is
 * both, what is under way ends before the next begins. A user string that faults at the
 * begin is not read again: the end may be in another task's memory. At a tracepoint $argN
 * are the arguments of its TP_PROTO, the first five, and there are no registers and no
 * stack. There is no ret, $retval, $nvcsw and $nivcsw; $pid, $comm and the like are those
 * of the begin, NAME@end=$pid that of the end; the record's own, the stack and a
 * histogram's comm and pid are of the end.
 *
 * A tree. $id (u64) is a number that no other record of this boot has, $parent (u64) that of
 * the innermost span that the task was in at the entry, 0: in none, and $depth (u32) in how many,
 * 0: it is outermost. Only definitions with one of these take part, those of one owner among
 * themselves, and those that have none; a point has a parent, and is none. A softirq, a hard
 * interrupt and an NMI are not in the spans of what they interrupt, and have their own on
 * their CPU (on PREEMPT_RT a softirq has them in its task). A call that is missed is not there:
 * what it calls has its parent; so is one that is dropped at its entry. One that is dropped at its
 * return, or that was not recorded because its task ended in it, is there: its number is then
 * the parent of others, and in no record. When a
 * definition is disarmed its calls are there no more. Below 64 spans all others have the
 * innermost of those as their parent. There is room for 1,024 tasks that are within spans, for each
 * owner; what another one calls has no parent and is none (tree_full).
 *
 * A write is applied line by line; the first bad line stops it, those before
 * it stand. Its errno says what is wrong, error_log in which column. The last
 * line needs no newline, except in a write of a multiple of 4,096 bytes: it
 * may go on in the next, and is applied at close at the latest.
 * Opening with O_TRUNC removes all that has no owner: all, or EBUSY and none.
 * Reading gives what can be written back; what has an owner is a comment.
 *
 * An owner is an open file that wrote @own. When it is closed, by the end of
 * its process too, what it defined is disarmed at once and removed when nobody
 * has used it for 30 s; its tracing instance when nobody has it open. With others the
 * calls of the process that wrote it are dropped at entry: all its threads, and what
 * interrupts call while one of them runs; of pairs and of what is declared none.
 *
 * An event is armed while it is enabled in an instance, perf or BPF is on it, or
 * its histogram is open.
 *
 * Spans and points that a module declares in its own code (include/linux/fspan.h). While it
 * is loaded each is a definition, s:MOD/NAME %MOD:NAME FIELD..., or p:, which is listed, removed
 * and cleared as others are; one that is in use when the module goes stays, and is removed
 * when it was not used for 30 s. More can be defined on the same target, with attributes and
 * fields of their own; a module that is not there is waited for. Fields are $arg1 to $arg6, in
 * the order of the declaration; there are no registers and no stack entries. $pid, $comm, $cpu,
 * $cgroup are of who begins it, and a string that faults then is not read again. A span that
 * has begun is found by its key, by whoever ends it: room, age and reuse are as for pairs.
 * What begins or ends while the recorder runs on that CPU is missed_recursion.
 *
 * Group fspan_core has the module's own events: fspan_defined, fspan_removed, fspan_armed,
 * fspan_disarmed (with the sums so far), fspan_missed (a call, and why; not those while RCU does
 * not watch, those that are inside when it is disarmed, those that kprobes or fprobes leave out,
 * nor, as a rule, those within the ring buffer) and fspan_owner_gone. The tracepoint
 * fspan_span_tp, which has no event, carries each span, and pair, that is written or in a
 * histogram:
 *   const char *name, u64 dur, s64 ret, const struct fspan_gate *span
 *
 * debugfs fspan/, for root to read:
 *   profile    a line for each event, the columns named in the first:
 *              entered = written + dropped_dur + dropped_failed + dropped_entry
 *              + dropped_gate + missed_instance + missed_recursion + missed_rcu
 *              + missed_disarmed + missed_exited + inflight, of pairs and of what is
 *              declared + missed_reused + missed_stale, and of pairs + missed_key (the key
 *              could not be read). Of a pair what began is entered, and beside it end_alone
 *              and end_missed (ends that could not be followed) are counted; dropped_entry is
 *              what a program at the entry gate declined or @own others left out;
 *              missed_recursion is also what is called on the way to sleep, and back;
 *              missed_instance found no room, or too little was left of the task's stack
 *              to follow it directly; refused counts what
 *              instances did not take (tracing off, or no space: the core does not say
 *              which; what set_event_pid leaves out is not counted), gate_skipped the
 *              programs that did not run on a call, at either gate, those that were just
 *              coming or going included, tree_full what found no room in its tree. functions
 *              is how many it has just now, of a pair those of its begin; armed is 1 while
 *              they are hooked; direct is how many of them call fspan directly
 *   inflight   a line for each call that has not returned:
 *              GROUP/EVENT TASK-PID AGEs FUNCTION FIELD=VALUE...
 *              of a pair with the task in which it began, and for the function its key; of
 *              what is declared with its name. A task's name may have blanks: PID is behind the
 *              last - of TASK-PID's first 16 bytes;
 *              GROUP/EVENT is - if it was disarmed meanwhile and returns by the module all
 *              the same, which cannot be unloaded before (engine=direct)
 *   functions  a line for each function of an event, of a pair each in which it begins:
 *              GROUP/EVENT [MOD:]FUNCTION ENGINE WHY.
 *              ENGINE is direct, fprobe, kretprobe, kprobe (of a point), mark (of what is
 *              declared), or - (not armed). WHY it is not direct: asked (for another), point,
 *              waits (for what may never come), noreturn, arguments (too many, variadic, or BTF
 *              does not know them), shared (with a definition that has it), taken (by eBPF, or
 *              a live patch), unsupported (here); or not the fprobe that was asked for:
 *              untraceable (ftrace does not have it), registers (a field is of one that newer
 *              fprobes do not tell), shared (with eight fprobes); else -
 *   error_log  the last eight errors, in the form of tracefs' error_log
 *   hist/GROUP.EVENT   of each definition with the attribute. It begins when the file is
 *              opened (ENODEV if the owner is gone), is shared by all who have it open,
 *              and ends with the last; until then the definition cannot be removed.
 *              It has the calls that passed min_dur and failed, whether there is
 *              anybody for their records or not; without, profile has them as written.
 *              Whoever reads from the start gets it as it stands:
 *                key=KEY keys=N overflow=N
 *                KEYVALUE calls=N errors=N sum=N min=N max=N LOW:COUNT...
 *              KEY is - without one. There is a line for each key that has calls, in no
 *              order; its KEYVALUE is -, a number, 0x and hexadecimal digits (x8-x64),
 *              {a,b,...} of an array, a symbol, of a module with " [MODULE]" behind it,
 *              or a string in '"' of which '"', '\' and what is not printable ASCII is
 *              written as three octal digits behind a '\'. Strings are cut at 64 bytes.
 *              A last line with KEYVALUE * has the calls, overflow of them, whose key
 *              found no room, if there are any: up to 128 keys there is room for all N,
 *              but for what two CPUs put in at the same moment; beyond, for nearly all.
 *              errors are the negative errnos, as for failed; sum, min, max and LOW are
 *              in ns. LOW is the lower edge of a bucket that has COUNT calls: below 32
 *              each value has its own; above, each power of two has 16 of equal width.
 *              All from 2^43 on are in the last. 5 KiB of memory for each key and CPU.
 *
 * The gate. A definition with the attribute gate asks the eBPF programs that are
 * attached to two raw tracepoints. They are writable and need no BTF:
 *
 *   raw_tp.w/fspan_gate_tp		a span that has returned and passed min_dur and failed,
 *					a pair that has ended, or a point, before anything of
 *					it is written
 *   raw_tp.w/fspan_gate_entry_tp	a call that was entered, before its return is hooked
 *
 * The only argument is struct fspan_gate. With several programs what any of them
 * asks for is done: each adds its bits to .verdict, and FSPAN_GATE_DROP outweighs
 * all others. All see the same struct one after the other, in the order in which
 * they were attached, so that a note written last stands. Each adds one to .ran: a
 * program that the kernel did not run, because it was running on this CPU already,
 * is counted in gate_skipped, and the call goes on without it. What is written to
 * anything but .verdict, .ran and .note is seen by later programs, and by nobody else;
 * at entry also by those of later calls, and notes are of no use there.
 *
 * A call that was entered while no program was attached to fspan_gate_tp does not pass
 * it. Of a pair args are those of the begin, and func is where it ended, 0 at a
 * tracepoint. Without a program a gate costs nothing. The module cannot be unloaded while
 * one is attached. Calls that a gate drops are not in the histogram.
 *
 * Where the module has BTF, eBPF programs (fentry, fexit, tp_btf, tc, xdp) may call
 *
 *   int fspan_emit(__u32 id, const __u64 *note, __u32 note__sz)
 *	Write a record of the event with this id (events/GROUP/EVENT/id), of kind b, whose
 *	$noteN are note[N]; note__sz in bytes, at most 64, notes beyond it are 0. 0, also
 *	if nobody listens; -ENOENT: there is no such event of kind b; -EBUSY: fspan
 *	runs on this CPU just now (counted as missed_recursion); -EINVAL: note__sz.
 *   int fspan_current(struct fspan_gate *span, __u32 span__sz)
 *	The innermost traced call that the current task is in, as far as it is known at
 *	entry: cookie, id, func, start, dur so far, faults and fields. Fills the first
 *	span__sz bytes. 0; -ENOENT: it is in none; -EBUSY as above; -EINVAL: span__sz.
 *
 * Both in any context in which such a program runs.
 */
#ifndef _UAPI_LINUX_FSPAN_H
#define _UAPI_LINUX_FSPAN_H

#define FSPAN_DEVICE	"fspan"		/* in /dev, and the directory in debugfs */
#define FSPAN_GROUP	"fspan"		/* of events that name no other */

/* bits of struct fspan_gate .verdict; none: keep the call */
#define FSPAN_GATE_KEEP		0
#define FSPAN_GATE_DROP		1	/* at entry too: do not follow the call */
#define FSPAN_GATE_STACK	2	/* keep it, with the stack in its field stack */

#define FSPAN_GATE_NOTES	8
#define FSPAN_GATE_FIELDS	32
#define FSPAN_GATE_ARGS		6

/* vmlinux.h has these types, and would clash */
#ifndef __VMLINUX_H__
#include <linux/types.h>
#endif

/* What a gate program sees. Grows at its end only. */
struct fspan_gate {
	/* for the program to write: */
	__u32 verdict;		/* FSPAN_GATE_* */
	__u32 ran;		/* add one */
	__u64 note[FSPAN_GATE_NOTES];	/* for the fields that are $noteN; 0 at first */
	/* to read; at entry only these */
	__u64 cookie;		/* of the definition, as cookie= says */
	__u32 id;		/* of its event: events/GROUP/EVENT/id */
	__u32 nfields;		/* in .field; at entry 0 */
	__u64 func;		/* address of the function; of a point, of the place; of a span
				 * that is declared, of the declaration */
	__u64 args[FSPAN_GATE_ARGS];	/* registers of the arguments, at entry or at the point */
	/* at entry 0 */
	__u64 start;		/* ns, CLOCK_MONOTONIC; of a point the time */
	__u64 end;		/* of a point the time */
	__u64 dur;		/* ns; of a point 0 */
	__s64 ret;		/* sign-extended by its type; of a point 0 */
	__u32 faults;		/* a bit for each field whose memory could not be read */
	__u32 reserved;
	__u64 field[FSPAN_GATE_FIELDS];	/* in the order of the definition; sign-extended
					 * by type; 0: arrays, strings, $comm, notes */
};

#endif /* _UAPI_LINUX_FSPAN_H */
