/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What can be wrong with a line written to /dev/fspan: one table of name,
 * errno and text. A text says what is wrong and what to write instead.
 * The documentation and the tests are made from this table.
 */
#ifndef FSPAN_ERROR_H
#define FSPAN_ERROR_H

struct seq_file;

#define FSPAN_ERRORS(E) \
E(TOO_LONG,	E2BIG,	"Line is longer than 256 KiB: define in several lines") \
E(BAD_BYTE,	EINVAL,	"Byte is not printable ASCII") \
E(BAD_KIND,	EINVAL,	"Line starts with s (span), p (point), c (pair), b (by a program), -: (remove), @own or #") \
E(ATTR_UNKNOWN,	EINVAL,	"Unknown attribute: min_dur= failed ret= cookie= gate stack max= engine= age= hist keys=") \
E(ATTR_VALUE,	EINVAL,	"Attribute needs a value, as in min_dur=10ms, max=64, cookie=7, ret=s32, keys=256") \
E(ATTR_NO_VALUE, EINVAL, "Attribute takes no value") \
E(ATTR_TWICE,	EINVAL,	"Attribute is given twice") \
E(ATTR_CLOSE,	EINVAL,	"Attributes end with ']'") \
E(ATTR_POINT,	EINVAL,	"A point has no duration and no return: only cookie=, gate and stack") \
E(ATTR_SPAN,	EINVAL,	"Only a pair, and a span that is declared, has age=") \
E(ATTR_PAIR,	EINVAL,	"A pair returns nothing, and its ends are kprobes or tracepoints: no failed, ret= and engine=") \
E(ATTR_EMIT,	EINVAL,	"A record that a program emits has only cookie= and stack") \
E(ATTR_FAILED,	EINVAL,	"A void function cannot fail: drop failed or ret=void") \
E(HIST_KEY,	EINVAL,	"Key of a histogram is a field as in the event (NAME_ret), comm, pid, of a span func or ret, unless void") \
E(HIST_KEY_SIZE, E2BIG,	"Key of a histogram has at most 64 bytes: use a shorter array") \
E(HIST_KEYS,	EINVAL,	"keys= is 1 to 4096, and goes with hist=KEY") \
E(HIST_FILE,	EIO,	"The histogram's file cannot be made: it needs debugfs") \
E(NO_COLON,	EINVAL,	"Kind and attributes end with ':'") \
E(BAD_GROUP,	EINVAL,	"Group is a C identifier of at most 63 letters, and not fspan_core") \
E(BAD_EVENT,	EINVAL,	"Event is a C identifier of at most 63 letters") \
E(NO_TARGET,	EINVAL,	"A function is missing after the event") \
E(BAD_TARGET,	EINVAL,	"Not a function: NAME, MOD:NAME, a glob, or a list with commas") \
E(BAD_OFFSET,	EINVAL,	"A point is FUNCTION or FUNCTION+OFFS, OFFS a number") \
E(SPAN_OFFSET,	EINVAL,	"A span covers a whole function: drop the offset, or define a point (p:)") \
E(BAD_SITE,	EINVAL,	"A declared span or point is %MODULE:NAME, one only, without offset or glob") \
E(NO_SITE,	ENOENT,	"The module declares no such span or point: cat /dev/fspan lists them") \
E(SITE_SPAN,	EINVAL,	"It is declared as a span: s:, not p:") \
E(SITE_POINT,	EINVAL,	"It is declared as a point: p:, not s:") \
E(SITE_FETCH,	EINVAL,	"What is declared has its fields in $arg1 to $arg6, no registers and no stack") \
E(POINT_LIST,	EINVAL,	"A point is at one function: define one event each") \
E(PAIR_TARGET,	EINVAL,	"An end of a pair is FUNCTION, MOD:FUNCTION, a tracepoint GRP:NAME, or a list of these") \
E(PAIR_END,	EINVAL,	"A pair is BEGIN ~ END key=FETCHARG,FETCHARG") \
E(PAIR_KEY,	EINVAL,	"Key of a pair is a number at its begin and one at its end: key=FETCHARG[:TYPE],FETCHARG[:TYPE]") \
E(TARGET_TWICE,	EINVAL,	"Function is in the list twice") \
E(NO_FUNCTION,	ENOENT,	"No such function in the kernel or its modules: MOD:NAME waits for a module") \
E(NO_MATCH,	ENOENT,	"The glob matches no function that can be probed") \
E(NO_TRACEPOINT, ENOENT, "No such tracepoint GRP:NAME, nor a function of a module that is loaded") \
E(MANY_FUNCTIONS, E2BIG, "More functions than one definition may have: use a narrower glob") \
E(NO_PROBE,	EINVAL,	"Function cannot be probed: it is blacklisted for kprobes, or not at an instruction") \
E(BAD_FIELD,	EINVAL,	"Field is NAME=FETCHARG[:TYPE], NAME@ret=FETCHARG[:TYPE], or of a pair NAME@end=FETCHARG[:TYPE]") \
E(FIELD_NAME,	EINVAL,	"Field name is a C identifier of at most 31 letters") \
E(FIELD_RESERVED, EINVAL, "Field name is reserved: dur, ret, func, stack, faults, common_*") \
E(FIELD_TWICE,	EINVAL,	"Field name is used twice") \
E(MANY_FIELDS,	E2BIG,	"More than 32 fields") \
E(POINT_RET,	EINVAL,	"A point has no return: use a span (s:) for @ret, $retval, $nvcsw and $nivcsw") \
E(PAIR_RET,	EINVAL,	"A pair has no return: write NAME@end for its end; no $retval, $nvcsw and $nivcsw") \
E(TRACE_FETCH,	EINVAL,	"A tracepoint has its first five arguments, from $arg1 on, and no registers and no stack") \
E(EMIT_FETCH,	EINVAL,	"A program emits it, in no function: only $noteN, $comm, $pid, $cpu, $cgroup, @SYM and \\IMM") \
E(NO_FETCHARG,	EINVAL,	"A fetch argument is missing") \
E(BAD_FETCHARG,	EINVAL,	"Not a fetch argument: $argN, %REG, $stackN, @SYM, +OFF(), \\IMM, $retval, $comm, $pid, $noteN") \
E(BAD_VARIABLE,	EINVAL,	"Unknown variable: $argN $retval $stack $stackN $comm $pid $cpu $cgroup $nvcsw $nivcsw $id $parent $depth $noteN") \
E(BAD_ARGNUM,	EINVAL,	"Argument number is 1 to 16, stack entry 0 to 511") \
E(ARG_OFFSET,	EINVAL,	"$argN is only known at the start of a function: use %REG at an offset") \
E(BAD_REG,	EINVAL,	"No such register on this architecture") \
E(BAD_SYMBOL,	EINVAL,	"Symbol is @NAME, @NAME+OFFS or @0xADDRESS") \
E(NO_SYMBOL,	ENOENT,	"No such symbol in the kernel") \
E(BAD_IMM,	EINVAL,	"Immediate is \\ and a number") \
E(BAD_DEREF,	EINVAL,	"Dereference is +OFF(FETCHARG) or +uOFF(FETCHARG), OFF a number") \
E(DEEP_DEREF,	E2BIG,	"More than 8 dereferences in one field") \
E(NO_PAREN,	EINVAL,	"A ')' is missing") \
E(RETVAL_ENTRY,	EINVAL,	"$retval is known at return: write NAME@ret=$retval") \
E(TREE,		EINVAL,	"$id, $parent and $depth are of spans and points of functions, and known at entry: NAME=$id") \
E(BAD_NOTE,	EINVAL,	"Notes are $note0 to $note7") \
E(NOTE_GATE,	EINVAL,	"$noteN is written by a gate: add the attribute gate, as in s[gate]:") \
E(BAD_TYPE,	EINVAL,	"Type is u8-u64 s8-s64 x8-x64 char bool symbol string ustring bW@O/S, or one with [N]") \
E(BAD_ARRAY,	EINVAL,	"Array is TYPE[N], N 1 to 64, of a type of fixed size") \
E(ARRAY_DEREF,	EINVAL,	"An array needs memory to read from: +OFF(FETCHARG)") \
E(STRING_DEREF,	EINVAL,	"A string needs memory to read from: +0(FETCHARG):string") \
E(BAD_BITFIELD,	EINVAL,	"Bitfield is bWIDTH@OFFSET/SIZE, inside SIZE of 8, 16, 32 or 64") \
E(COMM_TYPE,	EINVAL,	"$comm is a string") \
E(TRAILING,	EINVAL,	"Text after the end of the line's last part") \
E(BIG_RECORD,	E2BIG,	"Record is too large for the ring buffer: use fewer fields") \
E(EXISTS,	EEXIST,	"An event of this name exists: remove it first, or use another name") \
E(NOT_FOUND,	ENOENT,	"No such definition: cat /dev/fspan lists them") \
E(NOT_OWNER,	EPERM,	"Definition belongs to another open /dev/fspan") \
E(BUSY,		EBUSY,	"Event is in use: disable it in every instance, detach its triggers, perf and BPF, close its histogram") \
E(MANY_EVENTS,	ENOSPC,	"No room for another definition: see the module parameter max_events") \
E(NO_TYPE_ID,	ENOSPC,	"The kernel has no event id left, or no memory for one") \
E(NO_MEMORY,	ENOMEM,	"Out of memory") \
E(INTERRUPTED,	EINTR,	"Interrupted by a signal") \
E(BAD_OWN,	EINVAL,	"Ownership is @own [instance=NAME] [others]") \
E(OWN_TWICE,	EBUSY,	"This open file already owns what it defines") \
E(BAD_INSTANCE,	EINVAL,	"Instance is a name of at most 63 letters, digits, '_', '-' and '.'") \
E(INSTANCE_EXISTS, EEXIST, "A tracing instance of this name exists already") \
E(NO_INSTANCE,	ENOMEM,	"The tracing instance could not be made") \
E(CORE,		EIO,	"The kernel's tracing core refused the event: see the kernel log")

enum fspan_errcode {
	FSPAN_OK,
#define FSPAN_ERROR_ENUM(name, errno, text) FSPAN_ERR_##name,
	FSPAN_ERRORS(FSPAN_ERROR_ENUM)
#undef FSPAN_ERROR_ENUM
	FSPAN_NR_ERRORS
};

/* Where a line went wrong: filled in by the first part that refuses it. */
struct fspan_error {
	enum fspan_errcode code;
	unsigned int col;	/* from 0, in bytes */
};

/* Note @code at @col and give its negative errno, to be returned. */
int fspan_error_set(struct fspan_error *err, enum fspan_errcode code, unsigned int col);
int fspan_error_errno(enum fspan_errcode code);

#ifdef __KERNEL__
void fspan_error_log(const struct fspan_error *err, const char *line);
void fspan_error_log_show(struct seq_file *m);
void fspan_error_log_clear(void);
#endif

#endif
